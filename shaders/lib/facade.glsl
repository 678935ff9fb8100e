// Walls from their metres: floors, bays, windows. Every pattern is integrated over the pixel's footprint, so nothing aliases
// at any distance.

// Mean over [x - w/2, x + w/2] of a pulse that is 1 where fract(x) lies in [a, b].
float pulse(float x, float w, float a, float b) {
    w = max(w, 1e-4);
    float high = x + 0.5 * w, low = x - 0.5 * w;
    float ih = floor(high) * (b - a) + clamp(high - floor(high), a, b);
    float il = floor(low) * (b - a) + clamp(low - floor(low), a, b);
    return clamp((ih - il) / w, 0.0, 1.0);
}

struct Facade {
    vec3 color;     // of what diffuses
    float glass;    // share of glass
    float curtain;  // 1: curtain wall of coated glass
    vec3 glow;      // of lit windows, before exposure
};

Facade facadeAt(vec2 uv, uint seed, vec3 base, float night) {
    uint h = mixBits(seed);
    // A bluish base says curtain wall; everything else is masonry with separate windows.
    float curtain = smoothstep(0.02, 0.10, base.b - base.r);
    float floorHeight = mix(2.9, 3.9, curtain);
    float bay = mix(2.7 + 1.5 * unitFrom(mixBits(h + 1u)), 1.6, curtain);
    vec2 cell = uv / vec2(bay, floorHeight);
    vec2 w = vec2(length(vec2(dFdx(cell.x), dFdy(cell.x))), length(vec2(dFdx(cell.y), dFdy(cell.y))));
    float left = mix(0.20 + 0.10 * unitFrom(mixBits(h + 2u)), 0.04, curtain);
    float top = mix(0.78, 0.86, curtain), sill = mix(0.34, 0.10, curtain);
    float window = pulse(cell.x, w.x, left, 1 - left) * pulse(cell.y, w.y, sill, top);
    // Two sashes.
    float mullion = (1 - curtain) * pulse(cell.x, w.x, 0.485, 0.515);
    float glass = window * (1 - 0.8 * mullion);
    float slab = pulse(cell.y, w.y, 0.0, 0.05);
    // Every third bay or so of a residential wall is a balcony: a lighter band below its window.
    float column = floor(cell.x);
    float balconyKind = step(0.55, unitFrom(mixBits(h + 3u))) * (1 - curtain);
    float balcony = balconyKind * pulse(cell.x * (1.0 / 3.0), w.x * (1.0 / 3.0), 0.0, 0.3333) * pulse(cell.y, w.y, 0.06, 0.32);
    // Ground floor: taller openings, a darker plinth.
    float ground = 1 - smoothstep(3.2, 3.4, uv.y);
    float plinth = 1 - smoothstep(0.45, 0.65, uv.y);

    float near = 1 - smoothstep(0.35, 1.1, max(w.x, w.y));
    uint id = mixBits(h ^ uint(int(column) * 7919 + int(floor(cell.y)) * 104729));
    float r0 = unitFrom(id), r1 = unitFrom(mixBits(id));

    Facade f;
    vec3 wall = mix(base, vec3(dot(base, vec3(0.3, 0.5, 0.2))) * 0.75, 0.6 * curtain) * (1 + 0.10 * slab + 0.10 * balcony);
    wall = mix(wall, base * vec3(0.62, 0.60, 0.58), plinth * (1 - curtain));
    // Stains below sills and streaks make plaster look built rather than printed.
    float grime = 0.94 + 0.06 * unitFrom(mixBits(h + uint(int(floor(uv.x * 0.7)) + 4096)));
    wall *= mix(1.0, grime, near);
    // Curtains and blinds: some windows are lighter.
    vec3 pane = mix(vec3(0.055, 0.065, 0.075), vec3(0.30, 0.29, 0.26), near * step(0.72, r0) * (0.4 + 0.6 * r1) * (1 - curtain));
    pane = mix(pane, base * (0.10 + 0.08 * near * r1), curtain);
    f.color = mix(wall, pane, glass);
    f.color *= 1 - 0.25 * (1 - curtain) * window * (1 - pulse(cell.y, w.y, 0.0, top - 0.06)); // lintel's shade
    f.glass = glass;
    f.curtain = curtain;
    float ratio = mix(0.34, 0.30, curtain) * (0.6 + 0.8 * unitFrom(mixBits(h + 5u)));
    float lit = step(r0, ratio);
    vec3 lamp = mix(vec3(1.0, 0.70, 0.38), vec3(1.0, 0.88, 0.70), r1);
    lamp = mix(lamp, vec3(0.80, 0.92, 1.0), curtain * step(0.6, r1));
    vec3 each = lamp * lit * (0.35 + 0.65 * unitFrom(mixBits(id + 9u)));
    vec3 mean = vec3(1.0, 0.80, 0.56) * ratio * 0.62;
    f.glow = glass * mix(mean, each, near) * night;
    f.glow += ground * (1 - plinth) * vec3(1.0, 0.72, 0.42) * 0.10 * night;
    return f;
}

// Light warm greys, beiges and the brick of the 1980s; multiplies what the model says.
vec3 masonryTone(uint seed) {
    float r = unitFrom(mixBits(seed + 77u)), s = unitFrom(mixBits(seed + 78u));
    vec3 tone = mix(vec3(1.0, 0.975, 0.94), vec3(0.97, 0.98, 1.0), r);
    if (s > 0.88) tone = vec3(0.92, 0.74, 0.62);
    else if (s > 0.70) tone = vec3(1.0, 0.93, 0.82);
    return tone * (0.90 + 0.10 * unitFrom(mixBits(seed + 79u)));
}
