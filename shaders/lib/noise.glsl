// Noise on lattices. Anchored to the ground: cells are powers of two of a metre, so that the pattern joins where the anchor
// wraps (1024 m). A cell that falls under a pixel fades to its mean, 0, so nothing aliases.

float latticeValue(ivec2 at, uint mask, uint salt) {
    uvec2 k = uvec2(at) & mask;
    return unitFrom(mixBits((k.x | k.y << 16) ^ salt * 0x9e3779b9u));
}

// In [-1, 1]; `x` in cells.
float valueNoise(vec2 x, uint mask, uint salt) {
    ivec2 low = ivec2(floor(x));
    vec2 f = x - vec2(low), t = f * f * (3 - 2 * f);
    float a = latticeValue(low, mask, salt), b = latticeValue(low + ivec2(1, 0), mask, salt);
    float c = latticeValue(low + ivec2(0, 1), mask, salt), d = latticeValue(low + ivec2(1, 1), mask, salt);
    return mix(mix(a, b, t.x), mix(c, d, t.x), t.y) * 2 - 1;
}

// Slope of the same, per cell.
vec2 valueSlope(vec2 x, uint mask, uint salt) {
    ivec2 low = ivec2(floor(x));
    vec2 f = x - vec2(low), t = f * f * (3 - 2 * f), dt = 6 * f * (1 - f);
    float a = latticeValue(low, mask, salt), b = latticeValue(low + ivec2(1, 0), mask, salt);
    float c = latticeValue(low + ivec2(0, 1), mask, salt), d = latticeValue(low + ivec2(1, 1), mask, salt);
    return 2 * dt * vec2(mix(b - a, d - c, t.y), mix(c - a, d - b, t.x));
}

// `x` metres on the ground, `w` the pixel's size there.
float grain(vec2 x, float cell, float w, uint salt) {
    float keep = 1 - smoothstep(0.3, 0.9, w / cell);
    return keep > 0 ? keep * valueNoise(x / cell, uint(1024.0 / cell) - 1u, salt) : 0.0;
}
