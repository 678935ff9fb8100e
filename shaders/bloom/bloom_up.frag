#version 460
#extension GL_GOOGLE_include_directive : require
#include "lib/frame.glsl"

// The level below, spread by a 3 x 3 tent, is added to this one (Jimenez 2014, "Next generation post processing in Call of
// Duty"): no threshold, every light scatters its share.
layout(set = 0, binding = 12) uniform sampler2D below;
layout(push_constant) uniform Push { ivec4 source; ivec4 target; } push;
layout(location = 0) in vec2 ndc;
layout(location = 0) out vec4 outColor;

void main() {
    vec2 size = vec2(textureSize(below, 0)), low = vec2(push.source.xy) + 0.5, high = vec2(push.source.xy + push.source.zw) - 0.5;
    vec2 at = vec2(push.source.xy) + (gl_FragCoord.xy - vec2(push.target.xy)) * 0.5;
    vec3 sum = vec3(0);
    for (int y = -1; y <= 1; ++y)
        for (int x = -1; x <= 1; ++x)
            sum += textureLod(below, clamp(at + vec2(x, y), low, high) / size, 0).rgb * float((2 - abs(x)) * (2 - abs(y)));
    outColor = vec4(sum / 16, 1);
}
