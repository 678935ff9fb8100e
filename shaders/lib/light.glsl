// Light of a view: sun with shadows, sky from above, side and below, haze.
layout(set = 0, binding = 1) uniform sampler2DArrayShadow shadowMap;
layout(set = 0, binding = 2) uniform sampler2D skyTable;

// Radiance of the sky (exposed). Rows: elevation, square-root spaced about the horizon; columns: azimuth from the sun.
vec3 skyRadiance(vec3 direction) {
    float elevation = asin(clamp(direction.z, -1.0, 1.0)) / (0.5 * kPi);
    vec2 flatDirection = direction.xy + vec2(1e-5, 0);
    vec2 flatSun = view.sunDisc.xy + vec2(1e-5, 0);
    float cosine = dot(flatDirection, flatSun) * inversesqrt(dot(flatDirection, flatDirection) * dot(flatSun, flatSun));
    vec2 uv = vec2(acos(clamp(cosine, -1.0, 1.0)) / kPi, 0.5 + 0.5 * sign(elevation) * sqrt(abs(elevation)));
    vec2 size = vec2(textureSize(skyTable, 0));
    uv = (uv * (size - 1) + 0.5) / size; // first and last texels are the ends
    // At night the city's own glow: warm at the rim, blue above.
    vec3 glow = mix(view.clearColor.rgb, vec3(0.010, 0.016, 0.034) * view.clearColor.w, sqrt(clamp(direction.z * 1.3, 0.0, 1.0)));
    return textureLod(skyTable, uv, 0).rgb * view.sunDisc.w + glow;
}

vec3 ambientFrom(vec3 n) {
    vec3 side = view.horizonAmbient.rgb;
    return n.z >= 0 ? mix(side, view.skyAmbient.rgb, n.z) : mix(side, view.groundAmbient.rgb, -n.z);
}

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

// Share of light that reaches the eye through an atmosphere that thins out with height.
float clearness(vec3 p) {
    float distance = length(p);
    float k = view.hazeToward.w;
    float rise = k * p.z;
    float mean = abs(rise) < 1e-3 ? 1 : (1 - exp(-clamp(rise, -20.0, 20.0))) / clamp(rise, -20.0, 20.0);
    float density = exp(-clamp(k * view.anchor.z, -1.0, 20.0)) * mean;
    return exp(-view.hazeAway.w * distance * density);
}
vec3 hazeRadiance(vec3 direction) {
    vec2 s = normalize(view.sunDisc.xy + vec2(1e-5, 0));
    float toward = 0.5 + 0.5 * dot(normalize(direction.xy + vec2(1e-5, 0)), s);
    return mix(view.hazeAway.rgb, view.hazeToward.rgb, toward * toward * toward);
}
