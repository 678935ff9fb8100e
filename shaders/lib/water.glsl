// The river: waves and what they mirror. Needs noise, light, shadow and brdf.

// Slope of the surface, and the mean square of slopes that are smaller than a pixel. Noise in several scales that drifts with
// the stream and across it: no period is seen. `stream`: direction of the flow, in plan.
vec2 waterSlope(vec2 x, float w, float t, vec2 stream, out float hidden) {
    vec2 slope = vec2(0);
    hidden = 0.00012;
    // Squalls and slicks: patches of rough and of smooth water.
    float gust = 0.65 + 0.55 * valueNoise((x + stream * t * 0.6) / 64, 15u, 71u) + 0.30 * valueNoise((x - stream.yx * t * 0.3) / 16, 63u, 72u);
    gust = clamp(gust, 0.15, 1.5);
    const float kCells[7] = float[](32.0, 16.0, 8.0, 4.0, 2.0, 1.0, 0.5);
    const float kSlopes[7] = float[](0.010, 0.016, 0.024, 0.034, 0.044, 0.050, 0.052);
    for (int i = 0; i < 7; ++i) {
        float cell = kCells[i], keep = 1 - smoothstep(0.25, 0.8, w / cell), size = kSlopes[i] * (i < 2 ? 1.0 : gust);
        hidden += (1 - keep * keep) * size * size * 0.5;
        if (keep <= 0) continue;
        // Each scale in its own direction, at the speed of its waves, in two layers that cross: crests come and go.
        float turn = 0.9 * float(i) + 0.4, speed = 0.45 * sqrt(cell);
        vec2 along = vec2(cos(turn), sin(turn)) * speed + stream * 0.45;
        uint mask = uint(1024.0 / cell) - 1u;
        slope += keep * size * (valueSlope((x - along * t) / cell, mask, 73u + uint(i)) +
                                valueSlope((x.yx + vec2(along.y, -along.x) * t * 0.8) / cell, mask, 89u + uint(i)).yx);
    }
    return slope;
}

// The bank as the water mirrors it: houses behind a wall and trees, by place along the river. `s` metres along it, `height`
// above the water, `w` the blur. Returns colour and share of the sky that it hides.
vec4 bankMirrored(float s, float height, float blur, uint side, vec3 facing) {
    vec3 colors = vec3(0), light = environmentDiffuse(facing) + view.sunRadiance.rgb * max(dot(facing, view.sun.xyz), 0.0) / kPi;
    float cover = 0;
    // Near row: trees and the quay; rows behind, taller and paler.
    for (int row = 0; row < 3; ++row) {
        float pitch = row == 0 ? 14.0 : row == 1 ? 46.0 : 64.0;
        float at = s / pitch + float(row) * 0.37;
        uint h = mixBits(uint(int(floor(at)) + 4096) * 2654435761u + side * 7u + uint(row) * 131u);
        float r = unitFrom(h), tall = row == 0 ? 7.0 + 5.0 * r : row == 1 ? 14.0 + 40.0 * r * r : (r > 0.55 ? 50.0 + 80.0 * (r - 0.55) : 8.0);
        float gap = row == 0 ? 0.0 : pulse(at, blur / pitch, 0.70, 1.0);
        float here = (1 - smoothstep(tall - 0.35 * blur - 1, tall + 0.35 * blur + 1, height)) * (1 - gap);
        vec3 c = row == 0 ? vec3(0.060, 0.072, 0.045) : mix(vec3(0.30, 0.28, 0.26), vec3(0.34, 0.30, 0.26), unitFrom(mixBits(h)));
        if (row == 0 && height < 3.5) c = vec3(0.24, 0.235, 0.225);
        float share = here * (1 - cover);
        vec3 lamps = view.skyAmbient.w * (row == 0 ? vec3(0.16, 0.10, 0.05) * smoothstep(0.6, 0.9, unitFrom(mixBits(h + 1u)))
                                                   : mix(vec3(0.30, 0.22, 0.12), vec3(0.20, 0.24, 0.30), step(0.7, r)) * unitFrom(mixBits(h + 2u)));
        colors += share * (c * light + lamps);
        cover += share;
    }
    return vec4(colors, cover);
}

// `course`: metres along the river and from its middle (0, 0 where the model does not say); `halfWidth` of the river, metres.
vec3 waterRadiance(vec3 p, vec2 course, float halfWidth, vec3 toEye, vec3 base, uint look, uint taps) {
    vec2 x = p.xy + view.anchor.xy;
    vec3 l = view.sun.xyz;
    // Footprints on the water are long: the wave that fades is the one that fits across, and the rest widens the glitter.
    vec2 dx = dFdx(p.xy), dy = dFdy(p.xy);
    float wide = max(length(dx), length(dy)), narrow = min(length(dx), length(dy)), w = sqrt(wide * narrow);
    bool known = course != vec2(0) && halfWidth > 0;
    // The way downstream in plan, from how the coordinates change over the pixel.
    vec2 stream = vec2(0.5, 0.866);
    float det = dx.x * dy.y - dx.y * dy.x;
    if (known && abs(det) > 1e-12) {
        vec2 c = vec2(dFdx(course.x), dFdy(course.x));
        vec2 g = vec2(c.x * dy.y - c.y * dx.y, c.y * dx.x - c.x * dy.x) / det;
        stream = normalize(g + vec2(1e-6, 0));
    }
    float hidden;
    vec2 slope = waterSlope(x, w, view.forward.w, stream, hidden);
    float shore = known ? halfWidth - abs(course.y) : 100.0;
    slope *= 0.55 + 0.45 * smoothstep(0.0, 14.0, shore);
    vec3 n = normalize(vec3(-slope, 1));
    float nv = max(dot(n, toEye), 0.02);
    // Rough water never mirrors at a full slant: crests hide troughs.
    float fresnel = 0.02 + 0.98 * pow(1 - nv, 5.0) / (1 + 22 * hidden / max(nv, 0.05));
    vec3 r = reflect(-toEye, n);
    r.z = max(abs(r.z), 0.015) + 1.5 * hidden;
    r = normalize(r);
    float lit = sunlit(p, vec3(0, 0, 1), max(l.z, 0.0), taps);
    // Silt: a tidal river is brown-green, browner in the shallows; streaks follow the stream.
    vec2 flow = known ? course : x;
    float streak = valueNoise(vec2(flow.x / 90, flow.y / 9), 0xffffu, 97u) * (1 - smoothstep(3.0, 12.0, wide));
    float deep = smoothstep(0.0, 38.0, shore);
    vec3 body = mix(base * vec3(1.75, 1.45, 1.05), base, deep) * (1 + 0.10 * streak);
    body *= view.skyAmbient.rgb + view.sunRadiance.rgb * max(l.z, 0.0) * lit / kPi;
    vec3 mirror = view.options.z > 0.5 ? view.skyAmbient.rgb : skyRadiance(r);
    if (known && halfWidth > 60 && view.options.z < 0.5) {
        // Where the mirrored ray meets a bank; blurred by how far that is and by the waves. Steep faces of waves lean away from
        // a flat view, so what mirrors is flatter than the surface.
        vec2 across = vec2(-stream.y, stream.x);
        vec3 rb = reflect(-toEye, normalize(vec3(-0.55 * slope, 1)));
        rb.z = max(rb.z, 0.004);
        float side = dot(rb.xy, across), ahead = dot(rb.xy, stream);
        float toBank = (side > 0 ? halfWidth - course.y : halfWidth + course.y) + 30.0;
        float distance = toBank / max(abs(side), 0.02);
        float height = rb.z * distance;
        float blur = 1.0 + distance * (0.008 + 0.7 * sqrt(hidden));
        vec4 bank = bankMirrored(course.x + ahead * distance, height, blur, side > 0 ? 1u : 2u, vec3(side > 0 ? -across : across, 0));
        mirror = mix(mirror, throughAir(bank.rgb / max(bank.a, 1e-3), rb * distance), bank.a);
    }
    if (look == kLookMonitor) mirror *= 0.35;
    vec3 h = normalize(l + toEye);
    float rough = clamp(sqrt(sqrt(2 * hidden + 0.0006)), 0.10, 0.5);
    float glint = ggx(max(dot(n, l), 0.0), nv, max(dot(n, h), 0.0), rough) * max(dot(n, l), 0.0);
    float sunFresnel = 0.02 + 0.98 * pow(1 - max(dot(h, toEye), 0.0), 5.0);
    vec3 radiance = mix(body, mirror, fresnel) + view.sunRadiance.rgb * lit * min(glint * sunFresnel, 6.0);
    // Foam and flotsam along the quay.
    float foam = smoothstep(2.6, 0.2, shore) * smoothstep(0.1, 0.7, valueNoise(x / 0.8 + vec2(0, view.forward.w * 0.1), 0xffffu, 99u)) * (1 - smoothstep(0.3, 1.2, w));
    radiance = mix(radiance, vec3(0.30, 0.29, 0.26) * (view.skyAmbient.rgb + view.sunRadiance.rgb * max(l.z, 0.0) * lit / kPi), 0.45 * foam);
    if (view.skyAmbient.w > 0) radiance += vec3(0.010, 0.011, 0.014) * view.skyAmbient.w;
    return radiance;
}
