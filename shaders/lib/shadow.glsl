// How much of the sun reaches a place: cascades of shadow maps.
layout(set = 0, binding = 1) uniform sampler2DArrayShadow shadowMap;

float shadowTap(vec3 at, float layer, vec2 offset) {
    return texture(shadowMap, vec4(at.xy + offset / view.options.w, layer, at.z));
}

// 1: lit. `taps` 0: none.
float sunlit(vec3 p, vec3 n, float cosine, uint taps) {
    if (taps == 0u || view.sun.w == 0) return 1;
    float along = dot(p, view.forward.xyz);
    uint c = 0;
    for (uint i = 0; i < MATOU_CASCADES - 1; ++i) c += along > view.cascadeFarMeters[i] ? 1 : 0;
    if (along > view.cascadeFarMeters[MATOU_CASCADES - 1]) return 1;
    float texel = view.cascadeTexelMeters[c];
    vec3 at = (view.shadowFromEye[c] * vec4(p + n * texel * (1.0 + 1.5 * (1 - cosine)), 1)).xyz;
    at.xy = at.xy * 0.5 + 0.5;
    float layer = float(c);
    float lit;
    if (taps == 1u) {
        lit = shadowTap(at, layer, vec2(0));
    } else if (taps == 4u) {
        lit = 0.25 * (shadowTap(at, layer, vec2(-0.75, -0.25)) + shadowTap(at, layer, vec2(0.25, -0.75)) +
                      shadowTap(at, layer, vec2(0.75, 0.25)) + shadowTap(at, layer, vec2(-0.25, 0.75)));
    } else {
        lit = 0;
        for (int y = -1; y <= 1; ++y)
            for (int x = -1; x <= 1; ++x) lit += shadowTap(at, layer, vec2(x, y) * 1.1);
        lit /= 9;
    }
    float last = view.cascadeFarMeters[MATOU_CASCADES - 1];
    return mix(lit, 1, smoothstep(0.85 * last, last, along));
}
