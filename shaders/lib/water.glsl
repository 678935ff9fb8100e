// The river: waves and what they mirror. Needs light, shadow and brdf.

// Gradient of some long and some short waves, anchored to the ground; short ones fade with distance.
vec3 waterNormal(vec3 p) {
    vec2 x = p.xy + view.anchor.xy;
    float t = view.forward.w;
    vec2 dx = dFdx(p.xy), dy = dFdy(p.xy);
    vec2 slope = vec2(0);
    // Wave vectors are multiples of 2 pi / 1024 m, so that the pattern joins where the anchor wraps.
    const vec2 kDirections[9] = vec2[](vec2(21, 9), vec2(-13, 27), vec2(58, -31), vec2(71, 99), vec2(-190, 80), vec2(160, 217),
                                       vec2(-371, 303), vec2(508, 141), vec2(97, -622));
    const float kSlopes[9] = float[](0.006, 0.008, 0.012, 0.014, 0.018, 0.020, 0.022, 0.024, 0.024);
    for (int i = 0; i < 9; ++i) {
        vec2 k = kDirections[i] * (2 * kPi / 1024);
        float size = length(k);
        float turn = abs(dot(k, dx)) + abs(dot(k, dy)); // phase over one pixel
        float fade = exp(-0.5 * turn * turn);
        slope += normalize(k) * kSlopes[i] * fade * cos(dot(k, x) + t * sqrt(9.81 * size));
    }
    return normalize(vec3(-slope, 1));
}

vec3 waterRadiance(vec3 p, vec3 toEye, vec3 base, uint look, uint taps) {
    vec3 l = view.sun.xyz, n = waterNormal(p);
    float nv = max(dot(n, toEye), 0.02);
    float fresnel = 0.02 + 0.98 * pow(1 - nv, 5.0);
    vec3 r = reflect(-toEye, n);
    r.z = abs(r.z) + 0.01;
    r = normalize(r);
    float lit = sunlit(p, vec3(0, 0, 1), max(l.z, 0.0), taps);
    vec3 body = base * (view.skyAmbient.rgb + view.sunRadiance.rgb * max(l.z, 0.0) * lit / kPi);
    vec3 mirror = view.options.z > 0.5 ? view.skyAmbient.rgb : skyRadiance(r);
    if (look == kLookMonitor) mirror *= 0.35;
    vec3 h = normalize(l + toEye);
    float glint = ggx(max(dot(n, l), 0.0), nv, max(dot(n, h), 0.0), 0.16) * max(dot(n, l), 0.0);
    vec3 radiance = mix(body, mirror, fresnel) + view.sunRadiance.rgb * lit * min(glint * fresnel, 4.0);
    if (view.skyAmbient.w > 0) radiance += vec3(0.018, 0.019, 0.024) * view.skyAmbient.w;
    return radiance;
}
