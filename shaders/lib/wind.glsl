// Wind in plants: a function of the clock alone.

// Metres that a vertex `height` above the plant's foot is moved by. Gusts travel over the ground; off in `monitor`, where only
// what is abnormal moves.
vec3 windSway(vec3 p, float height, uint seed) {
    if (view.options.x == float(kLookMonitor) || height < 1.0) return vec3(0);
    float t = view.forward.w, phase = unitFrom(mixBits(seed)) * 6.28;
    vec2 x = p.xy + view.anchor.xy;
    float gust = 0.55 + 0.45 * sin(0.07 * x.x + 0.05 * x.y - 0.9 * t);
    float bend = gust * 0.0022 * height * height;
    return vec3(sin(1.1 * t + phase) + 0.5 * sin(2.7 * t + 1.7 * phase), 0.6 * cos(0.9 * t + phase), 0) * min(bend, 0.25);
}
