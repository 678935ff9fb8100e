#version 460
#extension GL_GOOGLE_include_directive : require
#define MATOU_POSITIONS_ONLY
#include "lib/frame.glsl"
#include "lib/geometry.glsl"

layout(location = 0) flat out uint outFlags;

void main() {
    GpuDraw draw = push.draws.at[gl_BaseInstance];
    GpuInstance instance = InstanceRef(draw.instances).at[gl_InstanceIndex - gl_BaseInstance];
    outFlags = styleOf(featureOf(draw, instance).number).flags;
    if (leftOut(outFlags)) {
        gl_Position = kOutside;
        return;
    }
#ifdef MATOU_MASKED
    maskFrom(draw);
#endif
    vec4 clip = view.clipFromEye * vec4(eyePosition(draw, instance), 1);
    clip.z *= 1 + min(draw.depthPull, draw.pullLimitMeters / max(clip.w, 1e-3));
    gl_Position = clip;
    gl_PointSize = 2;
}
