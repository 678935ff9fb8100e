#version 460
#extension GL_GOOGLE_include_directive : require
#extension GL_EXT_nonuniform_qualifier : require
#include "lib/frame.glsl"
#include "lib/light.glsl"
#include "lib/shadow.glsl"
#include "lib/brdf.glsl"
#include "lib/water.glsl"
#include "lib/facade.glsl"
#include "lib/look.glsl"

layout(constant_id = 0) const uint kTextured = 0;
layout(constant_id = 1) const uint kSurface = 0; // 0 plain, 1 building, 2 water, 3 road, 4 green
layout(constant_id = 2) const uint kMask = 0;
layout(constant_id = 3) const uint kLook = 0;
layout(constant_id = 4) const uint kShadowTaps = 4;
layout(constant_id = 5) const uint kStyled = 0; // some feature is ghosted or selected
layout(constant_id = 6) const uint kUnlit = 0;

layout(set = 1, binding = 0) uniform sampler2D textures[];

layout(location = 0) in vec3 position;
layout(location = 1) in vec3 normalIn;
layout(location = 2) in vec2 uv;
layout(location = 3) in vec4 colorIn;
layout(location = 4) flat in vec4 surface;
layout(location = 5) flat in vec3 emissiveIn;
layout(location = 6) flat in uvec4 ids;
layout(location = 7) flat in vec4 tint;

layout(location = 0) out vec4 outColor;

vec4 sampled(uint slot) { return texture(textures[nonuniformEXT(slot)], uv); }

// Bump from the derivatives of position and texture coordinates; no tangents are stored.
vec3 bumped(vec3 n, vec3 texel) {
    vec3 dpx = dFdx(position), dpy = dFdy(position);
    vec2 dux = dFdx(uv), duy = dFdy(uv);
    vec3 a = cross(dpy, n), b = cross(n, dpx);
    vec3 t = a * dux.x + b * duy.x, s = a * dux.y + b * duy.y;
    float scale = inversesqrt(max(max(dot(t, t), dot(s, s)), 1e-20));
    vec3 m = texel * 2 - 1;
    return normalize(t * scale * m.x - s * scale * m.y + n * m.z);
}

float bayer(vec2 pixel) {
    uvec2 p = uvec2(pixel) & 3u;
    uint v = ((p.x ^ p.y) & 1u) * 8u + (p.y & 1u) * 4u + (((p.x ^ p.y) >> 1) & 1u) * 2u + ((p.y >> 1) & 1u);
    return (float(v) + 0.5) / 16;
}

// What light meets at a pixel.
struct Surface {
    vec3 normal, base, emissive, glow;
    float metallic, roughness, occlusion;
    float contact;        // streets see less sky near the foot of walls
    float glass, curtain; // panes, and those of curtain walls
};

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
    vec3 l = view.sun.xyz;
    float nl = dot(s.normal, l), nv = max(dot(s.normal, toEye), 0.02);
    float lit = nl > 0 ? sunlit(position, s.normal, nl, kShadowTaps) : 0.0;
    nl = max(nl, 0.0);
    vec3 f0 = mix(vec3(0.04 + 0.16 * s.curtain), s.base, s.metallic);
    vec3 diffuse = s.base * (1 - s.metallic);
    vec3 ambient = environmentDiffuse(s.normal) * s.occlusion * s.contact;
    vec3 r = reflect(-toEye, s.normal);
    vec3 h = normalize(l + toEye);
    vec3 fresnel = f0 + (1 - f0) * pow(1 - max(dot(h, toEye), 0.0), 5.0);
    vec3 mirror = environmentMirror(f0, s.roughness, nv);
    vec3 radiance = diffuse * (ambient + view.sunRadiance.rgb * nl * lit / kPi);
    radiance += view.sunRadiance.rgb * nl * lit * min(fresnel * ggx(nl, nv, max(dot(s.normal, h), 0.0), s.roughness), vec3(8));
    vec3 mirrored = environmentSpecular(r, s.roughness) * mix(1.0, s.occlusion * s.contact, s.roughness);
    // Sky in the panes, brighter at a slant; streets below the horizon.
    radiance += mirrored * mirror * (1 + 1.5 * s.glass);
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
    vec3 toEye = normalize(-position);
    vec3 n = surface.w > 0.5 ? normalize(cross(dFdx(position), dFdy(position))) : normalize(normalIn);
    if (dot(n, toEye) < 0) n = -n;
    vec4 base = colorIn;
    Surface s = Surface(n, base.rgb, emissiveIn, vec3(0), surface.x, surface.y, 1, 1, 0, 0);
    uint flags = ids.w >> 24;
    if (kTextured == 1u) {
        base *= sampled(ids.y & 0xffffu);
        vec4 mr = sampled(ids.y >> 16);
        s.metallic *= mr.b;
        s.roughness *= mr.g;
        s.emissive *= sampled(ids.z >> 16).rgb;
        s.occlusion = sampled(ids.w & 0xffffffu).r;
        vec3 bump = sampled(ids.z & 0xffffu).xyz;
        if (kSurface == 0u) s.normal = bumped(n, bump);
    }
    if (kMask == 1u && base.a < surface.z) discard;
    if (kStyled == 1u && (flags & 4u) != 0u && bayer(gl_FragCoord.xy) > 0.28) discard;

    s.base = base.rgb;
    if (kSurface == 1u && kTextured == 0u) dressBuilding(s);
    s.base = colorInLook(s.base, kLook, kSurface);
    s.base = mix(s.base, tint.rgb * (0.55 + 0.45 * smoothstep(0.0, 0.5, luminance(s.base))), tint.a);
    if (kStyled == 1u && (flags & 2u) != 0u) s.base = mix(s.base, view.accent.rgb, 0.55);

    if (kUnlit == 1u) {
        outColor = vec4(s.base * view.anchor.w, base.a);
        return;
    }
    vec3 radiance = kSurface == 2u && kLook != kLookPlan ? waterRadiance(position, toEye, s.base, kLook, kShadowTaps)
                                                         : litRadiance(s, toEye);
    if (kStyled == 1u && (flags & 2u) != 0u)
        radiance += view.accent.rgb * (0.10 + 0.5 * pow(1 - abs(dot(n, toEye)), 2.0));
    radiance = throughAir(radiance, position);
    outColor = vec4(min(radiance, vec3(6e4)), base.a);
}
