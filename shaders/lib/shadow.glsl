// How much of the sun reaches a place: cascades of shadow maps, soft with the distance of what throws the shadow.
layout(set = 0, binding = 1) uniform sampler2DArrayShadow shadowMap;
layout(set = 0, binding = 8) uniform sampler2DArray shadowDepth;
layout(set = 0, binding = 15) uniform sampler2D sunMask; // traced, one texel per pixel of the view; the array then has maps of plants alone behind the whole ones

const float kSunTangent = 0.00465; // of the disc's radius

// Points of a disc, evenly spread (Vogel's spiral); fixed, so that the same place has the same shadow in every picture.
vec2 discPoint(uint i, uint count) {
    float angle = 2.39996323 * float(i) + 0.7;
    return sqrt((float(i) + 0.5) / float(count)) * vec2(cos(angle), sin(angle));
}

vec3 placeInMap(vec3 p, uint c) {
    vec3 at = (view.shadowFromEye[c] * vec4(p, 1)).xyz;
    return vec3(at.xy * 0.5 + 0.5, at.z);
}

// Percentage-closer soft shadows (Fernando 2005). The comparison follows the plane of what is lit: no offset along the
// normal moves an edge, so all cascades draw it at the same place.
float litInCascade(vec3 at, uint c, uint firstMap, vec3 n, float cosine, uint taps, float reach) {
    float texel = 1 / view.options.w, layer = float(firstMap + c);
    float width = view.cascadeTexelMeters[c] * view.options.w, depth = view.cascadeDepthMeters[c];
    mat4 m = view.shadowFromEye[c];
    vec2 lean = vec2(n.x * m[0].x + n.y * m[1].x + n.z * m[2].x, n.x * m[0].y + n.y * m[1].y + n.z * m[2].y);
    vec2 slope = lean * (0.5 * width * width / depth) / max(cosine, 0.12); // depth per step across the map
    float z = at.z - (abs(slope.x) + abs(slope.y)) * texel * 0.75 - 0.03 / depth;
    uint looks = taps <= 6u ? 4u : taps / 2u;
    float gap = 0, found = 0;
    for (uint i = 0; i < looks; ++i) {
        vec2 o = discPoint(i, looks) * reach * texel;
        float d = textureLod(shadowDepth, vec3(at.xy + o, layer), 0).r, here = z + dot(slope, o);
        if (d < here) {
            gap += here - d;
            found += 1;
        }
    }
    float penumbra = found > 0 ? gap / found * depth * kSunTangent / view.cascadeTexelMeters[c] : 0;
    float radius = clamp(penumbra, 1.0, reach) * texel;
    float lit = 0;
    for (uint i = 0; i < taps; ++i) {
        vec2 o = discPoint(i, taps) * radius;
        lit += texture(shadowMap, vec4(at.xy + o, layer, z + dot(slope, o)));
    }
    return lit / float(taps);
}

// The same with one tap, for quality `low`: the maps lie along the same axes, so one lean does for all, and no matrix is looked up
// by an index that differs from pixel to pixel.
float litByOneTap(vec3 p, uint firstMap, vec3 n, float cosine) {
    const float inside = 1 - 5 / view.options.w;
    vec3 at = vec3(0);
    vec2 texelDepth = vec2(0); // metres of a texel, metres of the depth
    float layer = -1;
    for (int c = MATOU_CASCADES - 1; c >= 0; --c) {
        vec3 here = (view.shadowFromEye[c] * vec4(p, 1)).xyz;
        if (max(abs(here.x), abs(here.y)) < inside && here.z < 1) {
            at = here;
            texelDepth = vec2(view.cascadeTexelMeters[c], view.cascadeDepthMeters[c]);
            layer = float(c);
        }
    }
    if (layer < 0) return 1;
    mat4 m = view.shadowFromEye[0];
    float width = 0.5 * view.cascadeTexelMeters[0] * view.options.w;
    float lean = (abs(n.x * m[0].x + n.y * m[1].x + n.z * m[2].x) + abs(n.x * m[0].y + n.y * m[1].y + n.z * m[2].y)) * width;
    float back = (lean * texelDepth.x * 0.75 / max(cosine, 0.12) + 0.03) / texelDepth.y;
    return texture(shadowMap, vec4(at.xy * 0.5 + 0.5, float(firstMap) + layer, at.z - back));
}

// 1: lit, by the maps from `firstMap` on. `taps` 0: none.
float sunlitByMaps(vec3 p, uint firstMap, vec3 n, float cosine, uint taps) {
    if (taps == 0u || view.sun.w == 0) return 1;
    float last = view.cascadeFarMeters[MATOU_CASCADES - 1], along = dot(p, view.forward.xyz);
    if (along > last) return 1;
    if (taps == 1u) return mix(litByOneTap(p, firstMap, n, cosine), 1, smoothstep(0.85 * last, last, along));
    float reach = taps <= 6u ? 3.0 : taps <= 16u ? 8.0 : 14.0; // texels
    float inside = 1 - 2 * (reach + 1.5) / view.options.w, edge = 2;
    // The finest map that holds the place.
    uint c = 0;
    vec3 at;
    for (; c < MATOU_CASCADES; ++c) {
        at = placeInMap(p, c);
        vec2 from = abs(at.xy * 2 - 1);
        edge = max(from.x, from.y);
        if (edge < inside && at.z < 1) break;
    }
    if (c == MATOU_CASCADES) return 1;
    float lit = litInCascade(at, c, firstMap, n, cosine, taps, reach);
    float over = smoothstep(inside - 0.1, inside, edge);
    if (over > 0 && c + 1 < MATOU_CASCADES)
        lit = mix(lit, litInCascade(placeInMap(p, c + 1), c + 1, firstMap, n, cosine, taps, reach), over);
    return mix(lit, 1, smoothstep(0.85 * last, last, along));
}

float sunlit(vec3 p, vec3 n, float cosine, uint taps) {
    if (view.effects.z == 0) return sunlitByMaps(p, 0u, n, cosine, taps);
    return texelFetch(sunMask, ivec2(gl_FragCoord.xy - view.target.xy), 0).r * sunlitByMaps(p, MATOU_CASCADES, n, cosine, taps);
}
