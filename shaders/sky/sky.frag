#version 460
#extension GL_GOOGLE_include_directive : require
#include "lib/frame.glsl"
#include "lib/light.glsl"

layout(constant_id = 0) const uint kLook = 0;
layout(location = 0) in vec2 ndc;
layout(location = 0) out vec4 outColor;

void main() {
    vec3 d = normalize((view.eyeFromClipFar * vec4(ndc, 1, 0)).xyz);
    if (view.options.z > 0.5 || kLook == kLookPlan) {
        float up = smoothstep(-0.1, 0.6, d.z);
        outColor = vec4(view.clearColor.rgb * mix(1.0, 0.86, up), 1);
        return;
    }
    vec3 c = skyRadiance(d);
    float cosine = dot(d, view.sunDisc.xyz);
    if (view.sunRadiance.w <= 1.0) { // by day; moonlight has no disc
        float edge = smoothstep(view.sunRadiance.w, mix(view.sunRadiance.w, 1.0, 0.25), cosine);
        c += view.sunRadiance.rgb * (edge * 60 * smoothstep(-0.01, 0.01, d.z) + 0.03 * pow(max(cosine, 0.0), 900.0));
    }
    if (kLook == kLookMonitor) c = mix(vec3(luminance(c)), c, 0.45) * vec3(0.13, 0.15, 0.19);
    outColor = vec4(min(c, vec3(6e4)), 1);
}
