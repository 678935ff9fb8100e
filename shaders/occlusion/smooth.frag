#version 460
#extension GL_GOOGLE_include_directive : require
#include "lib/frame.glsl"

// Draws the 4 x 4 directions of the pass before together, on the same surface only.
layout(set = 0, binding = 10) uniform sampler2D occlusion;
layout(location = 0) in vec2 ndc;
layout(location = 0) out vec4 outOcclusion;

void main() {
    ivec2 p = ivec2(gl_FragCoord.xy), last = ivec2(view.target.zw) - 1;
    float along = texelFetch(occlusion, p, 0).y;
    vec2 sum = vec2(0), weights = vec2(0);
    // Planes that are seen at a slant change fast: the slope across the pixel widens what counts as the same surface.
    float l = texelFetch(occlusion, max(p - ivec2(1, 0), ivec2(0)), 0).y, r = texelFetch(occlusion, min(p + ivec2(1, 0), last), 0).y;
    float u = texelFetch(occlusion, max(p - ivec2(0, 1), ivec2(0)), 0).y, d = texelFetch(occlusion, min(p + ivec2(0, 1), last), 0).y;
    float slope = min(abs(r - along), abs(along - l)) + min(abs(d - along), abs(along - u));
    float slack = 1 / (0.01 * along + 2 * slope + 0.02);
    for (int y = -2; y < 2; ++y)
        for (int x = -2; x < 2; ++x) {
            vec3 there = texelFetch(occlusion, clamp(p + ivec2(x, y), ivec2(0), last), 0).xyz;
            vec2 w = vec2(1, x >= -1 && x < 1 && y >= -1 && y < 1) * max(1 - abs(there.y - along) * slack, 0.0) + 1e-4;
            sum += there.xz * w;
            weights += w;
        }
    outOcclusion = vec4(sum.x / weights.x, along, sum.y / weights.y, 0);
}
