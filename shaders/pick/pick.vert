#version 460
#extension GL_GOOGLE_include_directive : require
#define MATOU_POSITIONS_ONLY
#include "lib/frame.glsl"
#include "lib/geometry.glsl"

layout(location = 0) flat out uvec2 outIds; // feature, draw
layout(location = 1) out float outDistance;

void main() {
    GpuDraw draw = push.draws.at[gl_BaseInstance];
    GpuInstance instance = InstanceRef(draw.instances).at[gl_InstanceIndex - gl_BaseInstance];
    GpuFeatureRow feature = featureOf(draw, instance);
    if ((styleOf(feature.number).flags & kStyleHidden) != 0u) {
        gl_Position = kOutside;
        return;
    }
#ifdef MATOU_MASKED
    maskFrom(draw);
#endif
    outIds = uvec2(feature.number, uint(gl_BaseInstance));
    vec4 clip = view.clipFromEye * vec4(eyePosition(draw, instance), 1);
    outDistance = clip.w;
    clip.z *= 1 + min(draw.depthPull, draw.pullLimitMeters / max(clip.w, 1e-3));
    gl_Position = clip;
    gl_PointSize = 5;
}
