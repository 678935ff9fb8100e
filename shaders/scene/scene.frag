#version 460
#extension GL_GOOGLE_include_directive : require
#extension GL_EXT_nonuniform_qualifier : require
#include "lib/frame.glsl"
#include "lib/light.glsl"
#include "lib/facade.glsl"

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

// Smith-GGX with Schlick's Fresnel: the common form of glTF 2.0, appendix B.
float ggx(float nl, float nv, float nh, float roughness) {
    float a = max(roughness * roughness, 0.003), a2 = a * a;
    float d = nh * nh * (a2 - 1) + 1;
    float visibility = 0.5 / max(nl * sqrt(nv * nv * (1 - a2) + a2) + nv * sqrt(nl * nl * (1 - a2) + a2), 1e-4);
    return a2 / (kPi * d * d) * visibility;
}

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

// Gradient of some long and some short waves, anchored to the ground; short ones fade with distance.
vec3 waterNormal(vec3 p) {
    vec2 x = p.xy + view.anchor.xy;
    float t = view.forward.w;
    vec2 dx = dFdx(p.xy), dy = dFdy(p.xy);
    vec2 slope = vec2(0);
    // Wave vectors are multiples of 2 pi / 1024 m, so that the pattern joins where the anchor wraps.
    const vec2 kDirections[9] = vec2[](vec2(21, 9), vec2(-13, 27), vec2(58, -31), vec2(71, 99), vec2(-190, 80), vec2(160, 217),
                                       vec2(-371, 303), vec2(508, 141), vec2(97, -622));
    const float kSlopes[9] = float[](0.006, 0.008, 0.012, 0.014, 0.018, 0.020, 0.022, 0.024, 0.024);
    for (int i = 0; i < 9; ++i) {
        vec2 k = kDirections[i] * (2 * kPi / 1024);
        float size = length(k);
        float turn = abs(dot(k, dx)) + abs(dot(k, dy)); // phase over one pixel
        float fade = exp(-0.5 * turn * turn);
        slope += normalize(k) * kSlopes[i] * fade * cos(dot(k, x) + t * sqrt(9.81 * size));
    }
    return normalize(vec3(-slope, 1));
}

float bayer(vec2 pixel) {
    uvec2 p = uvec2(pixel) & 3u;
    uint v = ((p.x ^ p.y) & 1u) * 8u + (p.y & 1u) * 4u + (((p.x ^ p.y) >> 1) & 1u) * 2u + ((p.y >> 1) & 1u);
    return (float(v) + 0.5) / 16;
}

void main() {
    vec3 toEye = normalize(-position);
    vec3 n = surface.w > 0.5 ? normalize(cross(dFdx(position), dFdy(position))) : normalize(normalIn);
    if (dot(n, toEye) < 0) n = -n;
    vec4 base = colorIn;
    float metallic = surface.x, roughness = surface.y, occlusion = 1;
    vec3 emissive = emissiveIn;
    uint flags = ids.w >> 24;
    if (kTextured == 1u) {
        base *= sampled(ids.y & 0xffffu);
        vec4 mr = sampled(ids.y >> 16);
        metallic *= mr.b;
        roughness *= mr.g;
        emissive *= sampled(ids.z >> 16).rgb;
        occlusion = sampled(ids.w & 0xffffffu).r;
        vec3 bump = sampled(ids.z & 0xffffu).xyz;
        if (kSurface == 0u) n = bumped(n, bump);
    }
    if (kMask == 1u && base.a < surface.z) discard;
    if (kStyled == 1u && (flags & 4u) != 0u && bayer(gl_FragCoord.xy) > 0.28) discard;

    float glass = 0, curtain = 0;
    vec3 glow = vec3(0);
    float contact = 1; // streets see less sky near the foot of walls
    if (kSurface == 1u && kTextured == 0u) {
        bool wall = uv != vec2(0) && abs(n.z) < 0.5;
        vec3 tone = kLook == kLookPlan ? vec3(1) : masonryTone(ids.x);
        if (kLook == kLookPlan) base.rgb = vec3(0.86, 0.86, 0.85);
        else base.rgb *= tone;
        if (wall) {
            contact = 0.72 + 0.28 * smoothstep(0.0, 6.0, uv.y);
            if (kLook == kLookPlan) {
                vec2 cell = uv / vec2(1e4, 3.0);
                base.rgb *= 1 - 0.05 * pulse(cell.y, fwidth(cell.y), 0.0, 0.06);
            } else {
                Facade f = facadeAt(uv, ids.x, base.rgb, view.skyAmbient.w);
                base.rgb = f.color;
                glass = f.glass;
                curtain = f.curtain * f.glass;
                glow = f.glow;
            }
            roughness = mix(0.85, 0.12, glass);
            metallic = 0;
        } else {
            roughness = 0.9;
            metallic = 0;
            if (kLook != kLookPlan) base.rgb *= 0.86;
        }
    }
    if (kLook == kLookPlan) {
        if (kSurface == 0u) base.rgb = mix(base.rgb, vec3(luminance(base.rgb)), 0.6) * 0.5 + 0.45;
        if (kSurface == 2u) base.rgb = vec3(0.62, 0.72, 0.80);
        if (kSurface == 3u) base.rgb = vec3(0.58);
        if (kSurface == 4u) base.rgb = vec3(0.74, 0.80, 0.70);
    } else if (kLook == kLookMonitor) {
        base.rgb = mix(vec3(luminance(base.rgb)), base.rgb, 0.30) * vec3(0.30, 0.335, 0.385);
        if (kSurface == 2u) base.rgb = vec3(0.035, 0.060, 0.085);
    }
    base.rgb = mix(base.rgb, tint.rgb * (0.55 + 0.45 * smoothstep(0.0, 0.5, luminance(base.rgb))), tint.a);
    if (kStyled == 1u && (flags & 2u) != 0u) base.rgb = mix(base.rgb, view.accent.rgb, 0.55);

    if (kUnlit == 1u) {
        outColor = vec4(base.rgb * view.anchor.w, base.a);
        return;
    }
    vec3 radiance;
    vec3 l = view.sun.xyz;
    if (kSurface == 2u && kLook != kLookPlan) {
        n = waterNormal(position);
        float nv = max(dot(n, toEye), 0.02);
        float fresnel = 0.02 + 0.98 * pow(1 - nv, 5.0);
        vec3 r = reflect(-toEye, n);
        r.z = abs(r.z) + 0.01;
        r = normalize(r);
        float lit = sunlit(position, vec3(0, 0, 1), max(l.z, 0.0), kShadowTaps);
        vec3 body = base.rgb * (view.skyAmbient.rgb + view.sunRadiance.rgb * max(l.z, 0.0) * lit / kPi);
        vec3 mirror = view.options.z > 0.5 ? view.skyAmbient.rgb : skyRadiance(r);
        if (kLook == kLookMonitor) mirror *= 0.35;
        vec3 h = normalize(l + toEye);
        float glint = ggx(max(dot(n, l), 0.0), nv, max(dot(n, h), 0.0), 0.16) * max(dot(n, l), 0.0);
        radiance = mix(body, mirror, fresnel) + view.sunRadiance.rgb * lit * min(glint * fresnel, 4.0);
        if (view.skyAmbient.w > 0) radiance += vec3(0.018, 0.019, 0.024) * view.skyAmbient.w;
    } else {
        float nl = dot(n, l), nv = max(dot(n, toEye), 0.02);
        float lit = nl > 0 ? sunlit(position, n, nl, kShadowTaps) : 0.0;
        nl = max(nl, 0.0);
        vec3 f0 = mix(vec3(0.04 + 0.16 * curtain), base.rgb, metallic);
        vec3 diffuse = base.rgb * (1 - metallic);
        vec3 ambient = ambientFrom(n) * occlusion * contact;
        vec3 r = reflect(-toEye, n);
        vec3 h = normalize(l + toEye);
        vec3 fresnel = f0 + (1 - f0) * pow(1 - max(dot(h, toEye), 0.0), 5.0);
        // Environment part after Karis (2014), "Physically based shading on mobile".
        vec4 c = roughness * vec4(-1, -0.0275, -0.572, 0.022) + vec4(1, 0.0425, 1.04, -0.04);
        float a = min(c.x * c.x, exp2(-9.28 * nv)) * c.x + c.y;
        vec3 mirror = f0 * (-1.04 * a + c.z) + (1.04 * a + c.w);
        radiance = diffuse * (ambient + view.sunRadiance.rgb * nl * lit / kPi);
        radiance += view.sunRadiance.rgb * nl * lit * min(fresnel * ggx(nl, nv, max(dot(n, h), 0.0), roughness), vec3(8));
        vec3 mirrored = mix(ambientFrom(r), ambient, roughness);
        // Sky in the panes, brighter at a slant; streets below the horizon.
        radiance += mirrored * mirror * (1 + 1.5 * glass);
        radiance += emissive * view.anchor.w;
        radiance += glow;
        // Street light at night: on what lies flat, more on roads.
        if (view.skyAmbient.w > 0) {
            float flatness = max(n.z, 0.0) * 0.8 + 0.2;
            vec3 lamp = vec3(1.0, 0.66, 0.36) * view.skyAmbient.w;
            if (kSurface == 3u) radiance += base.rgb * lamp * 0.42 * flatness;
            else if (kSurface == 1u && uv == vec2(0) && abs(n.z) < 0.5) // landmarks are floodlit
                radiance += (0.06 + 0.5 * base.rgb) * vec3(0.95, 0.80, 0.58) * 0.16 * view.skyAmbient.w;
            else if (kSurface == 1u) radiance += base.rgb * lamp * 0.10 * (uv != vec2(0) ? 1 - smoothstep(0.0, 14.0, uv.y) : 0.0);
            else radiance += base.rgb * lamp * 0.03 * flatness;
        }
    }
    if (kStyled == 1u && (flags & 2u) != 0u)
        radiance += view.accent.rgb * (0.10 + 0.5 * pow(1 - abs(dot(n, toEye)), 2.0));
    float clear = clearness(position);
    radiance = mix(hazeRadiance(-toEye), radiance, clear);
    outColor = vec4(min(radiance, vec3(6e4)), base.a);
}
