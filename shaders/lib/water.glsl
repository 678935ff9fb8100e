// The river: waves and what they mirror. Needs noise, light, clouds, shadow and brdf.

// Waves of a river in a breeze: whole turns over 1024 m east and north (so that they join where the anchor wraps), amplitude of
// their slope, and whole turns an hour (so that they join where the clock wraps) by the dispersion of deep water, w^2 = g k.
const vec4 kWaves[32] = vec4[](
    vec4(2, 39, 0.0135, 878), vec4(-32, 32, 0.0147, 946), vec4(-16, 48, 0.0159, 1000), vec4(-51, 25, 0.0171, 1059),
    vec4(-35, 54, 0.0184, 1128), vec4(-1, 73, 0.0196, 1201), vec4(-63, 54, 0.0208, 1280), vec4(-31, 89, 0.0220, 1365),
    vec4(-104, 22, 0.0232, 1449), vec4(-85, 86, 0.0244, 1546), vec4(3, 137, 0.0256, 1646), vec4(-137, 71, 0.0268, 1746),
    vec4(-64, 163, 0.0281, 1860), vec4(34, 195, 0.0293, 1978), vec4(-181, 133, 0.0305, 2107), vec4(-20, 254, 0.0317, 2244),
    vec4(-287, 30, 0.0329, 2388), vec4(-215, 245, 0.0341, 2538), vec4(42, 367, 0.0353, 2702), vec4(-379, 177, 0.0365, 2875),
    vec4(-116, 459, 0.0370, 3059), vec4(-536, 22, 0.0370, 3256), vec4(-447, 412, 0.0370, 3466), vec4(76, 684, 0.0370, 3688),
    vec4(-750, 214, 0.0370, 3926), vec4(-380, 797, 0.0370, 4177), vec4(469, 883, 0.0370, 4445), vec4(-979, 569, 0.0370, 4730),
    vec4(-167, 1271, 0.0370, 5033), vec4(-1437, -206, 0.0370, 5356), vec4(-1080, 1240, 0.0370, 5700), vec4(400, 1818, 0.0370, 6065));

// Mean square slope of what is shorter than those: a third of a breeze's all (Cox, Munk 1954), enough to leave no hard edge of a cloud.
const float kRipples = 0.006;

// Slope of the surface at `x` metres, and the mean square of the slopes that a pixel swallows. `dx`, `dy`: the pixel's sides on
// the water: a wave fades by how far it turns along either, so that far water is calm along the view and still rippled across.
vec2 waterSlope(vec2 x, vec2 dx, vec2 dy, float w, float t, out float hidden) {
    vec2 slope = vec2(0);
    hidden = 0.0002;
    // Squalls and slicks: patches of rough and of smooth water.
    float gust = 0.80 + 0.50 * grain(x + vec2(-0.35, 0.5) * t, 64.0, w, 71u) + 0.30 * grain(x + vec2(-0.5, 0.25) * t, 16.0, w, 72u);
    gust = clamp(gust, 0.2, 1.4);
    const int kEvery = kDetail == 0u ? 4 : 1; // fewer, each for its neighbours too
    for (int i = 0; i < 32; i += kEvery) {
        vec2 k = kWaves[i].xy / 1024, across = vec2(dot(k, dx), dot(k, dy));
        float keep = exp(-10 * dot(across, across)), size = kWaves[i].z * (i < 8 ? 1.0 : gust) * sqrt(float(kEvery));
        hidden += 0.25 * (1 - keep * keep) * size * size;
        if (keep < 0.02) continue;
        slope += keep * size * normalize(k) * cos(2 * kPi * fract(dot(k, x) - kWaves[i].w * (t / 3600)));
    }
    return slope;
}

uint lotOf(float at, uint side, int row) { return mixBits(uint(int(at) + 4096) * 2654435761u + side * 7u + uint(row) * 131u); }
float lotHeight(float r, int row) {
    return row == 0 ? 7.0 + 5.0 * r : row == 1 ? 14.0 + 40.0 * r * r : (r > 0.55 ? 50.0 + 80.0 * (r - 0.55) : 8.0);
}
vec3 lotLamps(uint lot, int row) {
    if (row == 0) return vec3(0.16, 0.10, 0.05) * smoothstep(0.6, 0.9, unitFrom(mixBits(lot + 1u)));
    return mix(vec3(0.30, 0.22, 0.12), vec3(0.20, 0.24, 0.30), step(0.7, unitFrom(lot))) * unitFrom(mixBits(lot + 2u));
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
        // Two lots and how far the blur has gone from one to the next, so that no edge between lots is sharper than what mirrors it.
        float edge = floor(at + 0.5), soft = clamp(0.5 * blur / pitch, 0.02, 0.5);
        uint h = lotOf(edge - 1, side, row), next = lotOf(edge, side, row);
        float passed = smoothstep(edge - soft, edge + soft, at);
        float tall = mix(lotHeight(unitFrom(h), row), lotHeight(unitFrom(next), row), passed);
        vec3 stone = mix(vec3(0.30, 0.28, 0.26), vec3(0.34, 0.30, 0.26), mix(unitFrom(mixBits(h)), unitFrom(mixBits(next)), passed));
        float gap = row == 0 ? 0.0 : pulse(at, blur / pitch, 0.70, 1.0);
        float here = (1 - smoothstep(tall - 0.35 * blur - 1, tall + 0.35 * blur + 1, height)) * (1 - gap);
        vec3 c = row == 0 ? vec3(0.060, 0.072, 0.045) : stone;
        if (row == 0 && height < 3.5) c = vec3(0.24, 0.235, 0.225);
        float share = here * (1 - cover);
        vec3 lamps = view.skyAmbient.w * mix(lotLamps(h, row), lotLamps(next, row), passed);
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
    // The way downstream in plan, across the way in which the distance from the middle grows over the pixel: metres along the
    // river are thousands, and differences of thousands are noise beside a pixel of millimetres.
    vec2 stream = vec2(0.5, 0.866);
    float det = dx.x * dy.y - dx.y * dy.x;
    if (known && abs(det) > 1e-12) {
        vec2 c = vec2(dFdx(course.y), dFdy(course.y));
        vec2 g = vec2(c.x * dy.y - c.y * dx.y, c.y * dx.x - c.x * dy.x) / det;
        stream = normalize(vec2(g.y, -g.x) + vec2(1e-6, 0));
    }
    float hidden;
    vec2 slope = waterSlope(x, dx, dy, w, view.forward.w, hidden);
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
    if (look != kLookMonitor) mirror = withCloudsMirrored(mirror, r, 2 * sqrt(hidden + kRipples));
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
        float along = course.x + ahead * distance;
        // What one pixel sees is as wide as the mirrored place moves from pixel to pixel.
        float blur = 1.0 + distance * (0.030 + 0.7 * sqrt(hidden)) + min(0.6 * max(fwidth(height), fwidth(along)), 0.1 * distance);
        vec4 bank = bankMirrored(along, height, blur, side > 0 ? 1u : 2u, vec3(-normalize(rb.xy), 0)); // of all walls those are seen that face the ray
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
