#version 460
#extension GL_GOOGLE_include_directive : require
#extension GL_EXT_buffer_reference : require
#include "lib/frame.glsl"
#include "lib/overlay.glsl"

layout(buffer_reference, scalar, buffer_reference_align = 16) readonly buffer SegmentRef { GpuLineSegment at[]; };
layout(push_constant, scalar) uniform Push { SegmentRef segments; vec4 values; } push;

layout(location = 0) noperspective out vec2 outPixel;
layout(location = 1) flat out vec4 outEnds;   // pixels of both ends
layout(location = 2) flat out uvec2 outStyle; // color, dashed
layout(location = 3) flat out vec4 outShape;  // half width, strength where hidden, metres along at a and b
layout(location = 4) flat out vec2 outDistances;

void main() {
    vec4 a = push.segments.at[gl_InstanceIndex].a, b = push.segments.at[gl_InstanceIndex].b;
    float width = push.segments.at[gl_InstanceIndex].widthPixels;
    outStyle = uvec2(push.segments.at[gl_InstanceIndex].color, push.segments.at[gl_InstanceIndex].dashed);
    vec4 ca = view.clipFromEye * vec4(a.xyz, 1), cb = view.clipFromEye * vec4(b.xyz, 1);
    float near = view.accent.w * 1.01;
    if (ca.w < near && cb.w < near) {
        gl_Position = vec4(2, 2, 2, 1);
        return;
    }
    // Cut at the near plane.
    if (ca.w < near) {
        float t = (near - ca.w) / (cb.w - ca.w);
        ca = mix(ca, cb, t);
        a.w = mix(a.w, b.w, t);
    } else if (cb.w < near) {
        float t = (near - cb.w) / (ca.w - cb.w);
        cb = mix(cb, ca, t);
        b.w = mix(b.w, a.w, t);
    }
    vec2 pa = pixelFromClip(ca), pb = pixelFromClip(cb);
    vec2 along = pb - pa;
    along = dot(along, along) > 1e-6 ? normalize(along) : vec2(1, 0);
    vec2 across = vec2(-along.y, along.x);
    float reach = 0.5 * width + 1;
    bool atEnd = gl_VertexIndex == 1 || gl_VertexIndex == 2 || gl_VertexIndex == 4;
    bool right = gl_VertexIndex == 2 || gl_VertexIndex == 4 || gl_VertexIndex == 5;
    outPixel = (atEnd ? pb + along * reach : pa - along * reach) + across * (right ? reach : -reach);
    outEnds = vec4(pa, pb);
    outShape = vec4(0.5 * width, push.segments.at[gl_InstanceIndex].hiddenFactor, a.w, b.w);
    outDistances = vec2(ca.w, cb.w);
    gl_Position = clipFromPixel(outPixel, 0, 1);
}
