// What a look makes of a surface's own colour. `surface`: kSurface of scene.frag.

vec3 colorInLook(vec3 base, uint look, uint surface) {
    if (look == kLookPlan) {
        if (surface == 0u || surface >= 5u) return mix(base, vec3(luminance(base)), 0.6) * 0.5 + 0.45;
        if (surface == 2u) return vec3(0.62, 0.72, 0.80);
        if (surface == 3u) return vec3(0.58);
        if (surface == 4u) return vec3(0.74, 0.80, 0.70);
    } else if (look == kLookMonitor) {
        if (surface == 2u) return vec3(0.035, 0.060, 0.085);
        return mix(vec3(luminance(base)), base, 0.30) * vec3(0.30, 0.335, 0.385);
    }
    return base;
}
