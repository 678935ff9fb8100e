#version 460
#extension GL_GOOGLE_include_directive : require
#extension GL_EXT_buffer_reference : require
#include "lib/frame.glsl"
#include "lib/overlay.glsl"

layout(buffer_reference, scalar, buffer_reference_align = 16) readonly buffer QuadRef { GpuOverlayQuad at[]; };
layout(push_constant, scalar) uniform Push { QuadRef quads; vec4 values; } push;

layout(location = 0) out vec2 outPixel;        // within the quad, from its upper left corner
layout(location = 1) flat out uvec4 outStyle;  // kind, fill, outline, 1 hollow, 2 broken
layout(location = 2) flat out vec4 outShape;   // width, height, edge, strength
layout(location = 3) flat out vec4 outTexels;

// Of five places around one, so that a mark fades rather than blinks.
float hiddenShare(float distance, ivec2 pixel) {
    float hidden = 0;
    const ivec2 kTaps[5] = ivec2[](ivec2(0), ivec2(-3, 0), ivec2(3, 0), ivec2(0, -3), ivec2(0, 2));
    for (int i = 0; i < 5; ++i) hidden += hiddenAt(distance, pixel + kTaps[i]) ? 0.2 : 0;
    return hidden;
}

void main() {
    GpuOverlayQuad quad;
    quad.anchor = push.quads.at[gl_InstanceIndex].anchor;
    quad.rect = push.quads.at[gl_InstanceIndex].rect;
    quad.edgePixels = push.quads.at[gl_InstanceIndex].edgePixels;
    outTexels = push.quads.at[gl_InstanceIndex].texels;
    outStyle = uvec4(push.quads.at[gl_InstanceIndex].kind, push.quads.at[gl_InstanceIndex].fill,
                     push.quads.at[gl_InstanceIndex].outline, push.quads.at[gl_InstanceIndex].hollow);
    vec4 clip = view.clipFromEye * vec4(quad.anchor.xyz, 1);
    if (clip.w < view.accent.w) {
        gl_Position = vec4(2, 2, 2, 1);
        return;
    }
    vec2 anchor = floor(pixelFromClip(clip) + 0.5); // whole pixels keep text and edges crisp
    float strength = 1;
    if (quad.anchor.w < 0) {
        vec4 place = view.clipFromEye * vec4(push.quads.at[gl_InstanceIndex].place, 1);
        if (place.w >= view.accent.w && hiddenShare(place.w, ivec2(floor(pixelFromClip(place) + 0.5))) > 0.5) outStyle.w = 2u;
    } else if (quad.anchor.w < 1) {
        strength = mix(1, quad.anchor.w, hiddenShare(clip.w, ivec2(anchor)));
    }
    vec2 corner = vec2(gl_VertexIndex == 1 || gl_VertexIndex == 2 || gl_VertexIndex == 4, gl_VertexIndex == 2 || gl_VertexIndex == 4 || gl_VertexIndex == 5);
    float margin = outStyle.x < MATOU_QUAD_PLATE ? 1.0 : outStyle.x == MATOU_QUAD_PLATE ? 1.0 : 0.0;
    outPixel = corner * (quad.rect.zw + 2 * margin) - margin;
    outShape = vec4(quad.rect.zw, quad.edgePixels, strength);
    gl_Position = clipFromPixel(anchor + quad.rect.xy + outPixel, 0, 1);
}
