// One level of detail gives way to another: which samples of a pixel are a draw's whose part of [0, 1) is `keep`. The samples of
// a pixel have thresholds in equal steps, shifted by an 8 x 8 ordered pattern: half way, of four samples two are always the
// one level's and two the other's, so that no pattern shows; with one sample it is the pattern alone. Parts that lie side by
// side share out all samples, and none twice.
layout(constant_id = 9) const uint kSamples = 1;

float ordered8(uvec2 p) {
    uint x = p.x ^ p.y, y = p.y;
    uint v = (x & 1u) << 5 | (y & 1u) << 4 | (x & 2u) << 2 | (y & 2u) << 1 | (x & 4u) >> 1 | (y & 4u) >> 2;
    return (float(v) + 0.5) / 64;
}

int keptSamples(vec2 keep, uvec2 pixel) {
    float within = ordered8(pixel);
    uint turn = pixel.x + 2u * pixel.y; // else edges would lean the same way everywhere
    int kept = 0;
    for (uint s = 0u; s < kSamples; ++s) {
        float threshold = (float((s + turn) % kSamples) + within) / float(kSamples);
        if (threshold >= keep.x && threshold < keep.y) kept |= 1 << s;
    }
    return kept;
}
