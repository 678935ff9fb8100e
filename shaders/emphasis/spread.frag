#version 460
#extension GL_GOOGLE_include_directive : require
#include "lib/frame.glsl"
#include "lib/emphasis.glsl"

// Along the row: how far it is to the nearest pixel of the mask, and which value that has. With outline.frag, which does the
// same along the column, it is the exact distance (Felzenszwalb and Huttenlocher 2012: it separates).
layout(location = 0) out vec4 outSpread; // x: 1 - pixels / 16 to the selected, 0: none; y: its value; zw: the same of the marked

void main() {
    ivec2 p = ivec2(gl_FragCoord.xy);
    int reach = reachPixels();
    vec4 found = vec4(0);
    for (int dx = -reach; dx <= reach; ++dx) {
        vec2 m = maskAt(p + ivec2(dx, 0));
        float near = 1 - abs(float(dx)) / 16;
        if (m.x > 0 && (near > found.x || (near == found.x && m.x > found.y))) found.xy = vec2(near, m.x);
        if (m.y > 0 && (near > found.z || (near == found.z && m.y > found.w))) found.zw = vec2(near, m.y);
    }
    outSpread = found;
}
