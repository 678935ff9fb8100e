#version 460
#extension GL_GOOGLE_include_directive : require
#include "lib/frame.glsl"
#define MATOU_POSITIONS_ONLY
#include "lib/geometry.glsl"

// The same places in both, to the bit: depth drawn ahead hides nothing that is seen (hidden_pass.h).
invariant gl_Position;

// What stands and lies, for its depth alone. Ghosts shade nothing.
void main() {
    GpuDraw draw = push.draws.at[gl_BaseInstance];
    GpuInstance instance = InstanceRef(draw.instances).at[gl_InstanceIndex - gl_BaseInstance];
    GpuStyle style = styleOf(featureOf(draw, instance).number);
    if ((style.flags & (kStyleHidden | kStyleGhosted)) != 0u) {
        gl_Position = kOutside;
        return;
    }
    vec4 clip = view.clipFromEye * vec4(eyePosition(draw, instance), 1);
    clip.z *= 1 + min(draw.depthPull, draw.pullLimitMeters / max(clip.w, 1e-3));
    gl_Position = clip;
}
