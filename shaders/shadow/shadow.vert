#version 460
#extension GL_GOOGLE_include_directive : require
#include "lib/frame.glsl"
#define MATOU_POSITIONS_ONLY
#include "lib/geometry.glsl"

void main() {
    GpuDraw draw = push.draws.at[gl_BaseInstance];
    GpuInstance instance = InstanceRef(draw.instances).at[gl_InstanceIndex - gl_BaseInstance];
    GpuStyle style = styleOf(featureOf(draw, instance).number);
    if ((style.flags & (kStyleHidden | kStyleGhosted)) != 0u) {
        gl_Position = kOutside;
        return;
    }
#ifdef MATOU_MASKED
    maskFrom(draw);
#endif
    gl_Position = view.shadowFromEye[push.cascade] * vec4(eyePosition(draw, instance), 1);
}
