#version 460
#extension GL_GOOGLE_include_directive : require
#include "lib/frame.glsl"
#include "lib/overlay.glsl"

layout(location = 0) noperspective in vec2 pixel;
layout(location = 1) flat in vec4 ends;
layout(location = 2) flat in uvec2 style;
layout(location = 3) flat in vec4 shape;
layout(location = 4) flat in vec2 distances;
layout(location = 0) out vec4 outColor;

void main() {
    vec2 ab = ends.zw - ends.xy;
    float lengthPixels = max(length(ab), 1e-3);
    float t = clamp(dot(pixel - ends.xy, ab) / (lengthPixels * lengthPixels), 0.0, 1.0);
    float d = length(pixel - ends.xy - ab * t) - shape.x;
    vec4 color = unpackUnorm4x8(style.x);
    color.a *= clamp(0.5 - d, 0.0, 1.0);
    float inverse = mix(1 / distances.x, 1 / distances.y, t); // linear on the screen
    float distance = 1 / inverse;
    if (style.y != 0u) {
        // Metres along, perspective-correct; the period is a power of two near 16 pixels, so dashes stand still.
        float meters = mix(shape.z / distances.x, shape.w / distances.y, t) / inverse;
        float perPixel = max(abs(shape.w - shape.z) / lengthPixels, 1e-4);
        float period = exp2(round(log2(perPixel * 16)));
        float phase = abs(fract(meters / period) - 0.5) * period / perPixel; // pixels from a dash's middle gap
        color.a *= clamp(phase - period / perPixel * 0.21 + 0.5, 0.0, 1.0);
    }
    if (shape.y < 1 && hiddenAt(distance, ivec2(gl_FragCoord.xy)))
        color.a *= shape.y >= 0 ? shape.y : clamp((0.29 - abs(fract(t * lengthPixels / 9) - 0.5)) * 9 + 0.5, 0.0, 1.0); // broken
    if (color.a <= 0) discard;
    outColor = color;
}
