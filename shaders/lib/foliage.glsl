// Plants: leaves over a coarse crown. Needs light and shadow. `local` is the place in the plant's own frame, so that the
// leaves move with the wind. The mesh says where light reaches (vertex colour) and which parts are leaves.

struct Leaf {
    vec3 tilt;    // of the nearest leaf
    float tone;   // lighter and darker leaves
    float gap;    // 0 on a leaf, towards 1 between leaves
};

// The nearest of the jittered points about `q` (cells): one leaf each. Eight cells are searched, not 27: the errors are
// other leaves' edges, which nobody can tell.
Leaf leafAt(vec3 q, uint salt) {
    vec3 from = floor(q - 0.5);
    float nearest = 9;
    uint id = 0u;
    for (int i = 0; i < 8; ++i) {
        vec3 c = from + vec3(i & 1, (i >> 1) & 1, i >> 2);
        uint h = mixBits(uint(int(c.x) + 512) * 73856093u ^ uint(int(c.y) + 512) * 19349663u ^ uint(int(c.z) + 512) * 83492791u ^ salt);
        vec3 d = c + 0.2 + 0.6 * vec3(h & 1023u, (h >> 10) & 1023u, (h >> 20) & 1023u) * (1.0 / 1023.0) - q;
        float distance = dot(d, d);
        if (distance < nearest) {
            nearest = distance;
            id = h;
        }
    }
    uint more = mixBits(id);
    Leaf leaf;
    leaf.tilt = vec3(more & 255u, (more >> 8) & 255u, (more >> 16) & 255u) * (2.0 / 255.0) - 1;
    leaf.tone = float(more >> 24) * (1.0 / 255.0);
    leaf.gap = smoothstep(0.16, 0.62, nearest);
    return leaf;
}

// Every plant has its own green; a few are dusty or yellowish.
vec3 plantTone(uint seed) {
    float r = unitFrom(mixBits(seed + 11u)), s = unitFrom(mixBits(seed + 12u)), t = unitFrom(mixBits(seed + 13u));
    vec3 tone = mix(vec3(0.86, 0.98, 0.90), vec3(1.22, 1.06, 0.82), r * r);
    return tone * (0.78 + 0.44 * s) * (t > 0.94 ? vec3(1.2, 1.0, 0.8) : vec3(1));
}

vec3 leafRadiance(vec3 p, vec3 n, vec3 toEye, vec3 base, float gap, uint taps) {
    vec3 l = view.sun.xyz;
    float nl = dot(n, l);
    float lit = sunlitByMaps(p, 0u, n, max(nl, 0.0), taps);
    // Light wraps round a crown; against the sun, thin leaves shine through, yellower.
    float wrapped = max((nl + 0.30) / 1.30, 0.0);
    float against = max(-dot(toEye, l), 0.0), glint = max(dot(n, normalize(l + toEye)), 0.0);
    float through = (fromAfar ? against * against * (against * against) : pow(against, 4.0)) * 0.16 + 0.10 * max(-nl, 0.0);
    vec3 sun = view.sunRadiance.rgb / kPi * lit;
    float gloss = 0;
    if (!fromAfar) gloss = pow(glint, 12.0);
    vec3 sheen = vec3(0.035) * gloss * view.sunRadiance.rgb * lit;
    vec3 radiance = base * (environmentDiffuse(n) + sun * wrapped) + base * vec3(1.15, 1.10, 0.60) * sun * through + sheen * (1 - gap);
    if (view.skyAmbient.w > 0) // street lamps under the crowns
        radiance += base * vec3(1.0, 0.74, 0.46) * view.skyAmbient.w * 0.50 * (0.6 - 0.4 * n.z);
    return radiance;
}

// `base`: the vertex colour. `eats`: false keeps silhouettes whole (ghosted, plan).
vec3 plantRadiance(vec3 p, vec3 local, vec3 n, vec3 geometric, vec3 toEye, vec3 base, bool leaves, uint seed, uint look, uint taps) {
    float w = max(length(dFdx(local)), length(dFdy(local)));
    if (!leaves && look == kLookPlan) return leafRadiance(p, n, toEye, base, 1, taps);
    if (!leaves && !fromAfar) {
        // Bark: long ridges; plane trees shed theirs in flakes.
        vec2 q = vec2(atan(local.y, local.x) * 1.6, local.z);
        float ridge = valueNoise(q * vec2(9, 1.6), 0xffffu, 3u) * (1 - smoothstep(0.05, 0.2, w));
        float flake = smoothstep(0.1, 0.3, valueNoise(q * vec2(3.1, 4.3), 0xffffu, 4u)) * (1 - smoothstep(0.08, 0.3, w));
        base *= 1 + 0.25 * ridge;
        if (luminance(base) > 0.11) base = mix(base, base * vec3(0.55, 0.58, 0.48), flake);
        return leafRadiance(p, n, toEye, base, 1, taps);
    }
    if (fromAfar) { // light and dark sprays, no leaves
        float spray = leaves ? valueNoise(vec2(local.x + 0.6 * local.z, local.y - 0.8 * local.z) * 1.7, 0xffffu, seed) * (1 - smoothstep(0.25, 0.6, w)) : 0.0;
        return leafRadiance(p, normalize(n + 0.35 * spray * vec3(1, -1, 0.5)), toEye, base * (1 + 0.26 * spray), leaves ? 0.5 : 1.0, taps);
    }
    float facing = abs(dot(geometric, toEye));
    // Leaves the size of a hand; farther away whole sprays of them stand for one.
    float cell = clamp(exp2(ceil(log2(max(w * 3.0, 0.0625)))), 0.0625, 1.0);
    float fine = 1 - smoothstep(0.25, 0.6, w / 1.0);
    if (fine > 0) {
        Leaf leaf = leafAt(local / (cell * 1.25), seed);
        Leaf spray = leafAt(local / 0.48, seed + 1u);
        // Rims are ragged, and between sprays one sees through.
        float hole = smoothstep(0.45, 0.0, facing) * 0.75 + 0.35 * spray.gap;
        if (look != kLookPlan && leaf.gap * 0.8 + 0.35 * spray.tone * spray.gap + hole * fine > 0.96) discard;
        n = normalize(n + fine * (0.55 * leaf.tilt + 0.25 * spray.tilt));
        base *= mix(1.0, (0.74 + 0.54 * leaf.tone) * (1 - 0.45 * leaf.gap) * (0.84 + 0.30 * spray.tone) * (1 - 0.22 * spray.gap), fine) * (1 + 0.12 * fine);
        base = mix(base, base * vec3(1.15, 1.02, 0.75), fine * step(0.86, leaf.tone));
        return leafRadiance(p, n, toEye, base, leaf.gap, taps);
    }
    return leafRadiance(p, n, toEye, base, 0.5, taps);
}

// A quad of the nearest level: what it lets see of its spray. `inside`: how much of the pixel is leaf; less than
// `least` is cut. `coloured`: leaves and twigs have tones of their own (not in a white model, nor on a calm stage).
vec3 sprayRadiance(vec3 p, vec3 n, vec3 geometric, vec3 toEye, vec3 base, uint mark, float least, out float inside, bool coloured, uint taps) {
    float w = pixelOn(dFdx(uv1), dFdy(uv1));
    SprayPoint s = sprayAt(uv1, w, mark);
    // Quads seen along their plane are lines: they go before they are.
    inside = clamp(s.inside / max(w, 1e-5) + 0.5, 0.0, 1.0) * smoothstep(0.02, 0.12, abs(dot(geometric, toEye)));
    if (inside < least) discard;
    float fine = 1 - smoothstep(0.03, 0.12, w);
    vec3 l = view.sun.xyz;
    float tone = unitFrom(s.leaf), other = unitFrom(mixBits(s.leaf));
    base *= mix(1.0, 0.82 + 0.22 * s.ribbed, fine);
    if (coloured) {
        base *= 1 + fine * (0.55 * tone - 0.28) * (1 - s.wood);
        base = mix(base, base * vec3(1.2, 1.03, 0.72), fine * step(0.88, other));
        base = mix(base, vec3(0.055, 0.045, 0.035), s.wood * fine);
    }
    // Leaves lie about as their quad does, each a little different.
    vec3 own = normalize(geometric + fine * 0.7 * (vec3(tone, other, fract(tone * 7 + other)) - 0.5));
    vec3 crown = dot(n, geometric) < -0.2 ? normalize(n + 0.6 * geometric) : n;
    float lit = sunlitByMaps(p, 0u, n, max(dot(n, l), 0.0), min(taps, 6u));
    float wrapped = max((dot(n, l) + 0.30) / 1.30, 0.0), faced = max(dot(own, l), 0.0), behind = max(-dot(own, l), 0.0);
    vec3 sun = view.sunRadiance.rgb / kPi * lit;
    vec3 sheen = vec3(0.04) * pow(max(dot(own, normalize(l + toEye)), 0.0), 16.0) * sun * kPi * (1 - s.wood);
    vec3 radiance = base * (environmentDiffuse(normalize(crown + 0.4 * own)) + sun * (0.45 * wrapped + 0.65 * faced)) + sheen;
    // Against the sun, thin leaves shine through, yellower.
    radiance += base * (coloured ? vec3(1.35, 1.25, 0.45) : vec3(1)) * sun * (0.75 * behind + 0.5 * pow(max(-dot(toEye, l), 0.0), 6.0)) * (1 - s.wood);
    if (view.skyAmbient.w > 0) // street lamps under the crowns
        radiance += base * vec3(1.0, 0.74, 0.46) * view.skyAmbient.w * 0.50 * (0.6 - 0.4 * n.z);
    return radiance;
}
