// Structs that the host writes and shaders read. Included by C++ and by GLSL (scalar block layout); sizes are asserted for
// the host in shaders/shared/host.h. Only 4-byte scalars, vectors, mat4 and 64-bit addresses.
#ifndef MATOU_SHARED_GPU_TYPES_H
#define MATOU_SHARED_GPU_TYPES_H

#define MATOU_CASCADES 4
#define MATOU_HEIGHT_STOPS 8
// Rays to the sun's disc: at its rim, and over all of it where those differ.
#define MATOU_DISC_RIM 4
#define MATOU_DISC_ALL 32

// One placed primitive: rows of contentFromMesh.
struct GpuInstance {
    vec4 row0, row1, row2;
    uint feature; // row, wins over the vertices' own where not kNoFeature
    uint color, topColor; // RGBA8, linear factors; the second on what looks up in the mesh's frame
    uint uvFollowsScale;  // 1: uv is in lengths of the mesh, which the instance scales
};

// Texture slots of a material; one bit each, in this order, says in GpuMaterial::uses which are there.
#define MATOU_SLOT_BASE 0
#define MATOU_SLOT_METALLIC_ROUGHNESS 1
#define MATOU_SLOT_NORMAL 2
#define MATOU_SLOT_OCCLUSION 3
#define MATOU_SLOT_EMISSIVE 4
#define MATOU_BASE_SLOTS 5
// What else a material asks of the shader, as further bits.
#define MATOU_USES_PLACES 32u        // some slot has a transform or the second texture coordinates
#define MATOU_USES_TANGENTS 64u      // the vertices have them
#define MATOU_USES_EXTRAS 128u       // GpuVertexExtra is there
#define MATOU_USES_SPECULAR 256u     // GpuMaterialLobes is there, and these of it:
#define MATOU_USES_TRANSMISSION 512u
#define MATOU_USES_CLEARCOAT 1024u
#define MATOU_USES_SHEEN 2048u
#define MATOU_USES_ANISOTROPY 4096u
#define MATOU_USES_IRIDESCENCE 8192u
#define MATOU_USES_LIGHTS 16384u     // the content brings its own lights

struct GpuMaterial {
    vec4 baseColor;
    vec3 emissive;
    float alphaCutoff;
    float metallic, roughness;
    float normalScale, occlusionStrength;
    vec4 textureMatrix[MATOU_BASE_SLOTS]; // KHR_texture_transform: columns of the 2x2 part
    vec2 textureOffset[MATOU_BASE_SLOTS];
    uint texture[MATOU_BASE_SLOTS];       // slot of the bindless table; the highest bit says: second coordinates
    uint uses;
    uint64_t lobes; // GpuMaterialLobes, 0: none
};

#define MATOU_LOBE_SPECULAR 0
#define MATOU_LOBE_SPECULAR_COLOR 1
#define MATOU_LOBE_TRANSMISSION 2
#define MATOU_LOBE_THICKNESS 3
#define MATOU_LOBE_CLEARCOAT 4
#define MATOU_LOBE_CLEARCOAT_ROUGHNESS 5
#define MATOU_LOBE_CLEARCOAT_NORMAL 6
#define MATOU_LOBE_SHEEN_COLOR 7
#define MATOU_LOBE_SHEEN_ROUGHNESS 8
#define MATOU_LOBE_ANISOTROPY 9
#define MATOU_LOBE_IRIDESCENCE 10
#define MATOU_LOBE_IRIDESCENCE_THICKNESS 11
#define MATOU_LOBE_SLOTS 12
// What the material extensions of glTF add; names and units are theirs.
struct GpuMaterialLobes {
    vec3 specularColor;
    float specular;
    vec3 attenuationColor;
    float attenuationDistance; // 0: does not attenuate
    float ior, transmission, thickness, dispersion;
    float clearcoat, clearcoatRoughness, clearcoatNormalScale, sheenRoughness;
    vec3 sheenColor;
    float anisotropy;
    float anisotropyRotation, iridescence, iridescenceIor, iridescenceThicknessMinimum;
    float iridescenceThicknessMaximum;
    uint reserved;
    vec4 textureMatrix[MATOU_LOBE_SLOTS];
    vec2 textureOffset[MATOU_LOBE_SLOTS];
    uint texture[MATOU_LOBE_SLOTS];
};

// What some vertices have beside the common layout. Directions: octahedral, 16 bits each; the lowest bit of the tangent is set
// where the bitangent is turned.
struct GpuVertexExtra {
    vec2 uv;
    uint normal, tangent;
};

// Four joints that move a vertex.
struct GpuJoints {
    uint joints01, joints23; // 16 bits each
    vec4 weights;
};

// What moves the vertices of a draw this frame.
struct GpuDeform {
    uint64_t joints;   // GpuJoints per vertex, 0: none
    uint64_t matrices; // three rows per joint: contentFromMesh
    uint64_t morph;    // per target, per vertex: position and normal, three floats each; 0: none
    uint64_t weights;  // per target
    uint targets, vertices;
};

// KHR_lights_punctual, in the shading frame; intensities are exposed.
struct GpuPunctualLight {
    vec4 position;  // w: 1 / range^2, 0: unlimited
    vec4 direction; // the way it shines; w: kind 0 directional, 1 point, 2 spot
    vec4 intensity; // candela or lux times colour
    vec2 spot;      // attenuation = saturate(cosine * x + y)
    vec2 reserved;
};

// Kinds that façades and ground are drawn by: bits 0-4 of GpuFeatureRow::dress. Bits 5-11: floors of a building, or the
// width of a road or river in steps of MATOU_DRESS_*_UNIT; bits 12-17: storey height in decimetres.
#define MATOU_DRESS_NONE 0u
#define MATOU_DRESS_DWELLING 1u
#define MATOU_DRESS_OFFICE 2u
#define MATOU_DRESS_PUBLIC 3u
#define MATOU_DRESS_SHOP 4u
#define MATOU_DRESS_SCHOOL 5u
#define MATOU_DRESS_WORKS 6u
#define MATOU_DRESS_FLOODLIT 7u // bridges and the like at night
#define MATOU_DRESS_CARRIAGEWAY 8u
#define MATOU_DRESS_PAVEMENT 9u
#define MATOU_DRESS_LANE 10u
#define MATOU_DRESS_WALK 11u
#define MATOU_DRESS_PAVING 12u
#define MATOU_DRESS_PITCH 13u
#define MATOU_DRESS_TRACK 14u
#define MATOU_DRESS_LAWN 15u
#define MATOU_DRESS_YARD 16u
#define MATOU_DRESS_FAR 17u
#define MATOU_DRESS_CROSSING 18u
#define MATOU_DRESS_WATER 19u
#define MATOU_DRESS_ROAD_UNIT 0.5  // metres of width per step
#define MATOU_DRESS_WATER_UNIT 4.0

// `seed` is a hash of the feature's own id, the same in every run; `number` differs from run to run.
struct GpuFeatureRow {
    uint number;
    uint seed;
    uint dress; // what the feature's properties say of its looks, as above; 0: nothing
};

struct GpuStyle {
    uint tint; // RGBA8 sRGB, alpha is strength
    uint flags;
};

#define MATOU_ROLE_PROP 6u // scene::LayerRole in GpuDraw::role
#define MATOU_ROLE_MODEL 8u
#define MATOU_ROLE_VEGETATION 9u
struct GpuDraw {
    mat4 eyeFromContent; // east-north-up metres about the eye
    uint64_t instances, material, features;
    uint64_t extras; // GpuVertexExtra per vertex, 0: none
    uint64_t deform; // GpuDeform, 0: none
    uint64_t lights; // GpuPunctualLight[lightCount]
    uint featureRows;
    uint role;
    float depthPull;       // clip.z is scaled by 1 + depthPull, but the pull never exceeds pullLimit metres
    float pullLimitMeters;
    uint firstVertex;      // of the draw, in its arena: where its extras and joints begin
    uint lightCount;
    vec2 keep;             // of a level of detail that fades: lib/fade.glsl
};

// One draw of a herd: what stands still of it, kept with its content. Draws of one pipeline, so many that the GPU makes their
// commands (shaders/herd).
struct GpuObject {
    vec3 minimum; // of all its instances, content frame
    uint indexCount;
    vec3 maximum;
    uint firstIndex;
    uint vertexOffset, instanceCount;
    uint64_t instances, material, extras; // as in GpuDraw
};

// One herd in one pass.
struct GpuHerd {
    uint64_t pattern;  // GpuDraw that each of its own is made from
    uint64_t objects;  // GpuObject[count]
    uint64_t draws;    // GpuDraw[count]
    uint64_t commands; // five words each, as vkCmdDrawIndexedIndirect reads them
    uint count;
    uint firstGroup; // of the work groups of all herds
    uint firstDraw;  // number of draws[0] in the pass's table
    uint unused;
};

#define MATOU_HERD_GROUP 64 // objects a work group
#define MATOU_DRAW_WORDS 36 // of a GpuDraw
#define MATOU_CULL_PLANES 6
#define MATOU_HIDDEN_TILE 8 // pixels
struct GpuCull {
    vec4 planes[MATOU_CULL_PLANES]; // eye's frame; inside where dot(xyz, p) + w >= 0
    mat4 clipFromEye;
    uint64_t herds;
    uint64_t tiles;    // the farthest depth of each tile of the picture; 0: nothing is left out for being hidden
    vec2 pixels;       // of the picture
    uint herdCount, planeCount;
    float leastPixels; // smaller objects are left out
    uint unused;
};

// All radiances are exposed already.
struct GpuView {
    mat4 clipFromEye;
    mat4 eyeFromClipFar; // direction of a pixel: xyz of eyeFromClipFar * (ndc.x, ndc.y, 1, 0), not normalized
    mat4 shadowFromEye[MATOU_CASCADES];
    vec4 cascadeTexelMeters; // per cascade
    vec4 cascadeFarMeters;   // distance along the view where each ends
    vec4 sun;                // xyz towards the light, w: 1 with shadows
    vec4 sunRadiance;        // xyz, w: cosine of the disc's radius
    vec4 skyAmbient;         // irradiance / pi from above; w: night 0..1 (windows, street light)
    vec4 groundAmbient;      // from below; w: local solar hour
    vec4 irradiance[9];      // of the surroundings / pi: lib/light.glsl's environmentDiffuse
    vec4 probe;              // xy: x axis of the probe's frame in the shading frame, z: texels of its first level
    vec4 air;                // extinction per metre at the ground, w: 1 / scale height of haze
    vec4 airMie;             // the part of it that thins out with height
    vec4 moon;               // xyz towards the moon, w: lit fraction
    vec4 forward;            // xyz view axis, w: seconds for waves
    vec4 anchor;             // xy: eye east, north relative to the anchor, modulo 1024 m; z: eye height over the anchor; w: exposure
    vec4 sunDisc;            // xyz towards the true sun (sky), w: sky table's exposure
    vec4 target;             // x, y, width, height of the view in pixels
    vec4 options;            // x: look, y: weather, z: neutral, w: shadow map size in texels
    vec4 accent;             // selection colour, linear; w: near distance for marks
    vec4 clearColor;         // sky of plan and neutral looks, display-linear; w: stars 0..1 in the others
    vec4 cascadeDepthMeters; // per cascade: what depth 0..1 of its map spans
    vec4 occlusion;          // xy: pixels to add, w: then texels per pixel (0: none); z: how far it looks, in texels
    vec4 aids;               // x: metres between contours (0: none), y: 1 with height tint, z: ghosted context 0..1, w: outline in pixels
    vec4 heights;            // xy: eye about the anchor, z: eye's height in the datum, w: 1 / (2 earth radii)
    vec4 heightRamp[MATOU_HEIGHT_STOPS]; // rgb linear, w: metres in the datum
    vec4 effects;            // x: weight of the bloom image, y: share of light that goes into it, z: 1 where the sun is traced (sunMask), w: 1 with contact shadows
};

// One overlay quad: an icon, a plate or a glyph, in drawing order.
#define MATOU_QUAD_PLATE 100
#define MATOU_QUAD_GLYPH 101
#define MATOU_QUAD_HALO 102
struct GpuOverlayQuad {
    vec4 anchor; // xyz relative to the eye, w: strength where hidden (1: always visible)
    vec4 rect;   // pixels relative to the anchor, y down
    vec4 texels; // glyphs: place in the atlas
    // anchor.w < 0: always visible, but broken while what lies at `place` is hidden
    uint kind;   // IconShape, or one of the above
    uint fill, outline; // RGBA8 sRGB
    float edgePixels;   // outline or halo
    uint hollow;
    vec3 place; // relative to the eye
};

struct GpuLineSegment {
    vec4 a, b; // xyz relative to the eye, w: metres along the line
    uint color;
    float widthPixels;
    uint dashed;
    float hiddenFactor; // strength where hidden; < 0: full, but dashed
};

struct GpuAreaVertex {
    vec3 position;
    uint color;
    float hiddenFactor;
};

// ---- The sun traced for each pixel (shaders/trace).

// A tree of boxes. Leaf where count > 0: first .. first + count. Else children are first and first + 1.
struct GpuTraceNode {
    vec3 minimum;
    uint first;
    vec3 maximum;
    uint count;
};

#define MATOU_TRACE_SHOWS 1u  // what the eye sees
#define MATOU_TRACE_SHADES 2u // what throws shadows

// One content as it is placed.
struct GpuTraceContent {
    vec4 eyeFromLocal[3];    // rows
    vec4 localFromEye[3];    // rows of the inverse's linear part
    uint64_t nodes, corners; // three places a triangle
    uint64_t hidden;         // a bit a triangle: neither seen nor shading; 0: none is
    uint kinds, unused;
};

struct GpuTrace {
    vec4 firstPixel, right, down; // directions from the eye through the first pixel's middle, and what the next ones add
    vec4 light;                   // to the middle of the sun's disc
    vec4 disc[MATOU_DISC_RIM + MATOU_DISC_ALL];
    uint64_t top, contents, scene, mask; // the tree over the contents; a byte a pixel, four in a word
    uint width, height, wordsPerRow;
    float seenMeters, shadeMeters, liftMeters;
};

#endif
