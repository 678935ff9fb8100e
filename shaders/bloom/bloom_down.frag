#version 460
#extension GL_GOOGLE_include_directive : require
#include "lib/frame.glsl"

// One step of the chain: half the size by a box over 4 x 4 of the level above. The first step reads the scene and holds
// strong lights back in the mean (Karis 2013), so that one bright sample does not flicker through the chain.
#ifdef FIRST
layout(constant_id = 1) const int kSamples = 1;
#ifdef MULTISAMPLED
layout(set = 0, binding = 3) uniform sampler2DMS hdr;
#else
layout(set = 0, binding = 3) uniform sampler2D hdr;
#endif
#else
layout(set = 0, binding = 12) uniform sampler2D above;
#endif
// The sun and absurd lights glow like a lamp near by, they do not fill the picture.
const float kBrightest = 24;
layout(push_constant) uniform Push { ivec4 source; ivec4 target; } push; // x, y, width, height used of each
layout(location = 0) in vec2 ndc;
layout(location = 0) out vec4 outColor;

void main() {
    ivec2 p = ivec2(gl_FragCoord.xy) - push.target.xy;
#ifdef FIRST
    vec3 sum = vec3(0);
    float weights = 0;
    for (int i = 0; i < 4; ++i) {
        ivec2 q = push.source.xy + min(p * 2 + ivec2(i & 1, i >> 1), push.source.zw - 1);
        for (int s = 0; s < kSamples; ++s) {
            vec3 c = texelFetch(hdr, q, s).rgb;
            c *= min(1.0, kBrightest / max(luminance(c), 1e-3));
            float w = 1 / (1 + luminance(c));
            sum += c * w;
            weights += w;
        }
    }
    outColor = vec4(sum / weights, 1);
#else
    vec2 size = vec2(textureSize(above, 0)), low = vec2(push.source.xy) + 0.5, high = vec2(push.source.xy + push.source.zw) - 0.5;
    vec2 at = vec2(push.source.xy) + vec2(p) * 2 + 1;
    vec3 sum = vec3(0);
    for (int i = 0; i < 4; ++i)
        sum += textureLod(above, clamp(at + vec2(i & 1, i >> 1) * 2 - 1, low, high) / size, 0).rgb;
    outColor = vec4(sum * 0.25, 1);
#endif
}
