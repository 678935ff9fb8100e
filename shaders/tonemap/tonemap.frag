#version 460
#extension GL_GOOGLE_include_directive : require
#include "lib/frame.glsl"

layout(constant_id = 0) const uint kLook = 0;
layout(constant_id = 1) const int kSamples = 1;
layout(constant_id = 2) const uint kDetail = 1; // Tier::detail
#ifdef MULTISAMPLED
layout(set = 0, binding = 3) uniform sampler2DMS hdr;
#else
layout(set = 0, binding = 3) uniform sampler2D hdr;
#endif
#ifdef LAYER
// The image holds chosen things alone: drawn over the ghosted scene where the layer has depth, a little fainter where the
// scene stands in front of them.
#ifdef MULTISAMPLED
layout(set = 0, binding = 4) uniform sampler2DMS layerDepth;
#else
layout(set = 0, binding = 4) uniform sampler2D layerDepth;
#endif
layout(set = 0, binding = 13) uniform sampler2D maskImage;
#endif
layout(set = 0, binding = 12) uniform sampler2D bloom; // half the picture's size, the sum of all levels
layout(location = 0) in vec2 ndc;
layout(location = 0) out vec4 outColor;

// Filmic curve: the rational fit of Narkowicz (2015) to the ACES reference, on colours drawn a little together so that strong
// lights turn white instead of garish.
vec3 toned(vec3 c) {
    float l = luminance(c);
    c = mix(vec3(l), c, 0.94 - 0.25 * smoothstep(1.0, 8.0, l));
    c *= 0.68;
    return clamp(c * (2.51 * c + 0.03) / (c * (2.43 * c + 0.59) + 0.14), 0.0, 1.0);
}
vec3 displayLinear(vec3 c) {
    if (kLook == kLookPlan) return c / (1 + max(c - 0.8, 0.0)); // whites stay white
    return toned(c);
}

// To the bytes of the screen. At `low` by square roots instead of powers (a fit by I. Taylor): within a third of a byte's step.
vec3 encoded(vec3 c) {
    if (kDetail != 0u) return srgbFromLinear(c);
    vec3 a = sqrt(max(c, vec3(0))), b = sqrt(a), d = sqrt(b);
    return mix(0.662002687 * a + 0.684122060 * b - 0.323583601 * d - 0.0225411470 * c, c * 12.92, lessThanEqual(c, vec3(0.0031308)));
}

void main() {
    ivec2 p = ivec2(gl_FragCoord.xy);
#ifdef LAYER
    float coverage = 0;
#endif
#ifdef MULTISAMPLED
    // Strong lights are held back before the mean, so that edges against the sky stay smooth.
    vec3 sum = vec3(0);
    float weights = 0;
    for (int i = 0; i < kSamples; ++i) {
        vec3 c = texelFetch(hdr, p, i).rgb;
        float w = 1 / (1 + luminance(c));
#ifdef LAYER
        float there = texelFetch(layerDepth, p, i).r > 0 ? 1.0 : 0.0;
        coverage += there / float(kSamples);
        w *= there;
#endif
        sum += c * w;
        weights += w;
    }
    vec3 c = sum / max(weights, 1e-6);
#else
    vec3 c = texelFetch(hdr, p, 0).rgb;
#ifdef LAYER
    coverage = texelFetch(layerDepth, p, 0).r > 0 ? 1.0 : 0.0;
#endif
#endif
#ifdef LAYER
    if (coverage <= 0) discard;
    vec2 mask = texelFetch(maskImage, p, 0).xy;
    bool hidden = max(mask.x, 0.0) == 0.0 ? (int(mask.y * 16 + 0.5) & 1) == 0 && mask.y > 0 : mask.x < 0.75;
    outColor = vec4(encoded(displayLinear(c)), coverage * (hidden ? 0.80 : 1.0));
    return;
#endif
    if (view.effects.x > 0) {
        // Light that the eye scatters is missing where it came from.
        vec3 glow = textureLod(bloom, gl_FragCoord.xy * 0.5 / vec2(textureSize(bloom, 0)), 0).rgb;
        c = c * (1 - view.effects.y) + glow * view.effects.x;
    }
    c = encoded(displayLinear(c));
    if (view.aids.z > 0) { // what is not chosen steps back into the paper
        // By weights: drivers were seen to mix up the components of a vector that a constant of the pipeline selects.
        float dark = kLook == kLookMonitor || kLook == kLookNight ? 1.0 : 0.0;
        c = mix(c, mix(vec3(luminance(c)), mix(vec3(0.90, 0.91, 0.92), vec3(0.10, 0.13, 0.16), dark), 0.62), view.aids.z);
    }
    // A fixed half-step of noise hides the bands of 8 bits in the sky.
    float noise = unitFrom(mixBits(uint(p.x) * 1973u + uint(p.y) * 9277u)) - 0.5;
    outColor = vec4(c + noise / 255, 1);
}
