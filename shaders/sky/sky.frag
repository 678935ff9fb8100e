#version 460
#extension GL_GOOGLE_include_directive : require
layout(constant_id = 2) const uint kDetail = 1; // Tier::detail
#include "lib/frame.glsl"
#include "lib/light.glsl"
#include "lib/clouds.glsl"

layout(constant_id = 0) const uint kLook = 0;
layout(constant_id = 3) const uint kPlain = 0; // neutral light, no picture: no sky at all
layout(location = 0) in vec2 ndc;
layout(location = 0) out vec4 outColor;

// The disc's radiance is its illuminance over 6.8e-5 sr; more than this is white on any screen and only feeds glare.
vec3 sunDisc(float cosine, float z) {
    float edge = smoothstep(view.sunRadiance.w, mix(view.sunRadiance.w, 1.0, 0.25), cosine);
    vec3 disc = view.sunRadiance.rgb * 14700;
    return disc * min(1.0, 90 / max(luminance(disc), 1e-6)) * edge * smoothstep(-0.01, 0.01, z);
}

// Metres to the round ground, or to where the air over it is thickest, for an eye `height` over it that looks down by that sine.
float wayToGround(float down, float height) {
    const float radius = 6.371e6;
    float over = down * down - 2 * height / radius;
    return over > 0 ? radius * (down - sqrt(over)) : sqrt(2 * height * radius);
}

void main() {
    vec3 d = normalize((view.eyeFromClipFar * vec4(ndc, 1, 0)).xyz);
    float pixelAngle = max(length(dFdx(d)), length(dFdy(d)));
    if (kPlain == 0 && view.options.z > 1.5) { // lit by a picture
        outColor = vec4(skyRadiance(d), 1);
        return;
    }
    if (kPlain != 0 || kLook == kLookPlan) {
        float up = smoothstep(-0.1, 0.6, d.z);
        outColor = vec4(view.clearColor.rgb * mix(1.0, 0.86, up), 1);
        return;
    }
    // The muted city ends where its layers end: behind them stands the horizon, not the unlit ground.
    vec3 c = skyRadiance(kLook == kLookMonitor ? normalize(vec3(d.xy, max(d.z, 0.0)) + vec3(0, 0, 1e-4)) : d);
    if (d.z < 0 && kLook != kLookMonitor) c = throughAir(c, d * wayToGround(-d.z, max(view.anchor.z, 2.0)));
    if (kLook == kLookMonitor) {
        outColor = vec4(min(mix(vec3(luminance(c)), c, 0.45) * vec3(0.13, 0.15, 0.19), vec3(6e4)), 1);
        return;
    }
    if (view.options.y < 1.5) c += moonRadiance(d, pixelAngle);
    if (view.clearColor.w > 0) c += starRadiance(d, pixelAngle);
    if (view.sunRadiance.w <= 1.0 && view.options.y < 1.5) // by day; moonlight has no disc
        c += sunDisc(dot(d, view.sunDisc.xyz), d.z);
    outColor = vec4(min(withClouds(c, d, pixelAngle), vec3(6e4)), 1);
}
