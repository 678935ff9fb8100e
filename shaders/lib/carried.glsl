// What the scene's vertices carry to its pixels. Where a material is bare (no textures, no lobes: all that the district is built
// of) nothing is carried that only those need: on a software driver half of what a small triangle costs is its interpolants.
// MATOU_CARRIES says which side this is: `out` or `in`.
#ifdef MATOU_BARE
layout(location = 0) MATOU_CARRIES vec4 carriedPlace;  // w: u
layout(location = 1) MATOU_CARRIES vec4 carriedNormal; // w: v
layout(location = 2) MATOU_CARRIES vec4 carriedColor;
layout(location = 3) flat MATOU_CARRIES uvec4 carriedIds; // seed, GpuFeatureRow::dress, GpuStyle::tint, role | flags << 24
layout(location = 4) flat MATOU_CARRIES vec4 carriedSurface;
layout(location = 5) flat MATOU_CARRIES vec3 carriedEmissive;
#else
layout(location = 0) MATOU_CARRIES vec3 carriedPlace;
layout(location = 1) MATOU_CARRIES vec3 carriedNormal;
layout(location = 2) MATOU_CARRIES vec2 carriedUv;
layout(location = 3) MATOU_CARRIES vec4 carriedColor;
layout(location = 4) flat MATOU_CARRIES vec4 carriedSurface;
layout(location = 5) flat MATOU_CARRIES vec3 carriedEmissive;
layout(location = 6) flat MATOU_CARRIES uvec4 carriedIds; // seed, base | metallic-roughness, normal | emissive, occlusion | flags << 24
layout(location = 7) flat MATOU_CARRIES vec4 carriedTint; // linear; w: strength
layout(location = 8) MATOU_CARRIES vec2 carriedUv1;
layout(location = 9) MATOU_CARRIES vec4 carriedTangent;
layout(location = 10) flat MATOU_CARRIES uvec3 carriedRefs; // material's address, draw
layout(location = 11) flat MATOU_CARRIES uint carriedDress; // GpuFeatureRow::dress
#endif

// `surface`: metallic, roughness, alpha cutoff, 1 where the mesh has no normals.
