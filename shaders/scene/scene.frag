#version 460
#extension GL_GOOGLE_include_directive : require
#include "lib/frame.glsl"
#include "lib/records.glsl"
#include "lib/light.glsl"
#include "lib/shadow.glsl"
#include "lib/brdf.glsl"
#include "lib/material.glsl"
#include "lib/water.glsl"
#include "lib/facade.glsl"
#include "lib/look.glsl"
#include "lib/occlusion.glsl"
#include "lib/antialias.glsl"

layout(constant_id = 1) const uint kSurface = 0; // 0 plain, 1 building, 2 water, 3 road, 4 green
layout(constant_id = 2) const uint kMask = 0;
layout(constant_id = 3) const uint kLook = 0;
layout(constant_id = 4) const uint kShadowTaps = 4;
layout(constant_id = 5) const uint kStyled = 0; // some feature is ghosted or selected
layout(constant_id = 6) const uint kUnlit = 0;

layout(location = 0) out vec4 outColor;

float bayer(vec2 pixel) {
    uvec2 p = uvec2(pixel) & 3u;
    uint v = ((p.x ^ p.y) & 1u) * 8u + (p.y & 1u) * 4u + (((p.x ^ p.y) >> 1) & 1u) * 2u + ((p.y >> 1) & 1u);
    return (float(v) + 0.5) / 16;
}

// Street light at night: on what lies flat, more on roads.
vec3 lampRadiance(Surface s) {
    float flatness = max(s.normal.z, 0.0) * 0.8 + 0.2;
    vec3 lamp = vec3(1.0, 0.66, 0.36) * view.skyAmbient.w;
    if (kSurface == 3u) return s.base * lamp * 0.42 * flatness;
    if (kSurface != 1u) return s.base * lamp * 0.03 * flatness;
    if (uv == vec2(0) && abs(s.normal.z) < 0.5) // landmarks are floodlit
        return (0.06 + 0.5 * s.base) * vec3(0.95, 0.80, 0.58) * 0.16 * view.skyAmbient.w;
    return s.base * lamp * 0.10 * (uv != vec2(0) ? 1 - smoothstep(0.0, 14.0, uv.y) : 0.0);
}

vec3 litRadiance(Surface s, vec3 toEye) {
    Shading k = shadingOf(s, toEye);
    vec3 l = view.sun.xyz;
    float facing = dot(s.normal, l);
    if (uses(MATOU_USES_CLEARCOAT)) facing = max(facing, dot(s.coatNormal, l));
    float lit = facing > 0 ? sunlit(position, s.geometric, max(dot(s.geometric, l), 0.0), kShadowTaps) : 0.0;
    vec3 radiance = fromEverywhere(s, k, toEye);
    if (lit > 0) radiance += view.sunRadiance.rgb * lit * returned(s, k, l, toEye);
    if (uses(MATOU_USES_LIGHTS)) radiance += fromPunctualLights(s, k, toEye);
    if (uses(MATOU_USES_TRANSMISSION) && push.opaqueTexture != 0u && s.transmission > 0)
        radiance += throughSurface(s, toEye) * s.transmission * (1 - s.metallic) * (1 - largest(k.mirror.single + k.mirror.multiple)) * k.underCoat;
    radiance += s.emissive * view.anchor.w;
    radiance += s.glow;
    if (view.skyAmbient.w > 0) radiance += lampRadiance(s);
    return radiance;
}

// Walls and roofs without textures get what their use and seed say.
void dressBuilding(inout Surface s) {
    bool wall = uv != vec2(0) && abs(s.normal.z) < 0.5;
    vec3 tone = kLook == kLookPlan ? vec3(1) : masonryTone(ids.x);
    if (kLook == kLookPlan) s.base = vec3(0.86, 0.86, 0.85);
    else s.base *= tone;
    if (wall) {
        s.contact = 0.72 + 0.28 * smoothstep(0.0, 6.0, uv.y);
        if (kLook == kLookPlan) {
            vec2 cell = uv / vec2(1e4, 3.0);
            s.base *= 1 - 0.05 * pulse(cell.y, fwidth(cell.y), 0.0, 0.06);
        } else {
            Facade f = facadeAt(uv, ids.x, s.base, view.skyAmbient.w);
            s.base = f.color;
            s.glass = f.glass;
            s.curtain = f.curtain * f.glass;
            s.glow = f.glow;
        }
        s.roughness = mix(0.85, 0.12, s.glass);
        s.metallic = 0;
    } else {
        s.roughness = 0.9;
        s.metallic = 0;
        if (kLook != kLookPlan) s.base *= 0.86;
    }
}

void main() {
    uint flags = ids.w >> 24;
    vec3 toEye = normalize(-position);
    vec3 n = shadingNormal(toEye);
    if (!(dot(n, n) > 0.5)) n = toEye; // no normal, and no face to take one from
    vec4 base = colorIn;
    if (usesSlot(MATOU_SLOT_BASE)) base *= sampled(MATOU_SLOT_BASE, ids.y & 0xffffu);
    Surface s = surfaceOf(n, base.rgb);
    if (kMaterial != 0u) readMaterial(s, kSurface == 0u);
    // Only now: derivatives need their neighbours.
    if (kMask == 1u && base.a < surface.z) discard;
    if (kStyled == 1u && (flags & 4u) != 0u && bayer(gl_FragCoord.xy) > 0.28) discard;
    if (kSurface == 1u && (kMaterial & 31u) == 0u) dressBuilding(s);
    s.base = colorInLook(s.base, kLook, kSurface);
    s.base = mix(s.base, tint.rgb * (0.55 + 0.45 * smoothstep(0.0, 0.5, luminance(s.base))), tint.a);
    if (kStyled == 1u && (flags & 2u) != 0u) s.base = mix(s.base, view.accent.rgb, 0.55);

    s.roughness = roughnessOverPixel(s.roughness, s.normal);
    s.occlusion *= ambientVisible(position);

    if (kUnlit == 1u) {
        outColor = vec4(s.base * view.anchor.w, base.a);
        return;
    }
    vec3 radiance = kSurface == 2u && kLook != kLookPlan ? waterRadiance(position, toEye, s.base, kLook, kShadowTaps)
                                                         : litRadiance(s, toEye);
    if (kStyled == 1u && (flags & 2u) != 0u)
        radiance += view.accent.rgb * (0.10 + 0.5 * pow(1 - abs(dot(n, toEye)), 2.0));
    radiance = throughAir(radiance, position);
    // Where there is no copy of the opaque scene to look through, what transmits lets it shine through.
    if (uses(MATOU_USES_TRANSMISSION) && push.opaqueTexture == 0u) base.a *= 1 - 0.85 * s.transmission * (1 - s.metallic);
    // Absurd input must not spread: what is not a number is drawn in the colour of what is broken.
    if (any(isnan(radiance))) radiance = vec3(1, 0, 1);
    outColor = vec4(clamp(radiance, vec3(0), vec3(6e4)), base.a);
}
