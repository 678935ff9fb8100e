#version 460
#extension GL_GOOGLE_include_directive : require
#include "lib/frame.glsl"
#include "lib/overlay.glsl"

layout(location = 0) flat in uint colorIn;
layout(location = 1) flat in float hidden;
layout(location = 0) out vec4 outColor;

void main() {
    vec4 color = unpackUnorm4x8(colorIn);
    float distance = view.clipFromEye[3].z / max(gl_FragCoord.z, 1e-9);
    if (hidden < 1 && hiddenAt(distance, ivec2(gl_FragCoord.xy))) color.a *= hidden;
    outColor = color;
}
