#version 460
#extension GL_GOOGLE_include_directive : require
#ifdef MATOU_MASKED
#include "lib/mask.glsl"
#else
#include "lib/frame.glsl"
#endif
#include "lib/overlay.glsl"

// Which pixels belong to what is selected (x) and to what is marked (y), and whether the scene shows it there. The larger
// value wins: seen before hidden, and of two marks the higher.
layout(location = 0) flat in uint flags;
layout(location = 0) out vec2 outMask;

void main() {
#ifdef MATOU_MASKED
    cutMask();
#endif
    float own = view.clipFromEye[3].z / max(gl_FragCoord.z, 1e-9);
    // The scene's depth is that of its first sample: what a slope gains within the pixel is no reason to be hidden.
    bool hidden = own - 0.05 - 0.001 * own - 2 * fwidth(own) > sceneDistance(ivec2(gl_FragCoord.xy));
    float mark = float((flags >> 3) & 7u);
    outMask = vec2((flags & 2u) != 0u ? (hidden ? 0.5 : 1.0) : 0.0, mark > 0 ? (2 * mark + (hidden ? 0 : 1)) / 16 : 0.0);
}
