#version 460
#extension GL_GOOGLE_include_directive : require
#ifdef MATOU_MASKED
#include "lib/mask.glsl"
#endif
layout(location = 0) flat in uvec2 ids;
layout(location = 1) in float distance;
layout(location = 0) out uvec4 outHit; // feature, draw, distance along the axis, 1

void main() {
#ifdef MATOU_MASKED
    cutMask();
#endif
    outHit = uvec4(ids, floatBitsToUint(distance), 1u);
}
