#version 460
#extension GL_GOOGLE_include_directive : require
#extension GL_EXT_buffer_reference : require
#include "lib/frame.glsl"

layout(buffer_reference, scalar, buffer_reference_align = 4) readonly buffer AreaRef { GpuAreaVertex at[]; };
layout(push_constant, scalar) uniform Push { AreaRef vertices; vec4 values; } push;
layout(location = 0) flat out uint outColor;
layout(location = 1) flat out float outHidden;

void main() {
    outColor = push.vertices.at[gl_VertexIndex].color;
    outHidden = push.vertices.at[gl_VertexIndex].hiddenFactor;
    gl_Position = view.clipFromEye * vec4(push.vertices.at[gl_VertexIndex].position, 1);
}
