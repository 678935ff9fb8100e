#version 460
#extension GL_GOOGLE_include_directive : require
layout(constant_id = 8) const uint kDetail = 1; // Tier::detail
layout(constant_id = 3) const uint kLook = 0;
bool fromAfar = false; // this pixel is drawn by plain.glsl; set by main
#include "lib/frame.glsl"
#include "lib/records.glsl"
#include "lib/light.glsl"
#include "lib/clouds.glsl"
#include "lib/shadow.glsl"
#include "lib/brdf.glsl"
#include "lib/material.glsl"
#include "lib/noise.glsl"
#include "lib/facade.glsl"
#include "lib/ground.glsl"
#include "lib/spray.glsl"
#include "lib/foliage.glsl"
#include "lib/water.glsl"
#include "lib/plain.glsl"
#include "lib/look.glsl"
#include "lib/occlusion.glsl"
#include "lib/antialias.glsl"
#include "lib/height.glsl"
#ifdef FADES
#include "lib/fade.glsl"
#endif

layout(constant_id = 1) const uint kSurface = 0; // 0 plain, 1 building, 2 water, 3 road, 4 green, 5 ground, 6 foliage, 7 paint
layout(constant_id = 2) const uint kMask = 0;
layout(constant_id = 4) const uint kShadowTaps = 4;
layout(constant_id = 5) const uint kStyled = 0; // some feature is ghosted or selected
layout(constant_id = 6) const uint kUnlit = 0;
layout(constant_id = 7) const bool kMultisampled = false; // what is cut becomes coverage

// Dressed matter without textures, drawn as from afar where a pixel is wider than this across the view: from some 70 m on.
const float kPlainMeters = 0.10;
const bool kPlain = kDetail == 0u && kMaterial == 0u && kSurface != 0u;

layout(location = 0) out vec4 outColor;

float bayer(vec2 pixel) {
    uvec2 p = uvec2(pixel) & 3u;
    uint v = ((p.x ^ p.y) & 1u) * 8u + (p.y & 1u) * 4u + (((p.x ^ p.y) >> 1) & 1u) * 2u + ((p.y >> 1) & 1u);
    return (float(v) + 0.5) / 16;
}

// Illuminance of a row of lanterns at `along` and `aside` of them, in shares of that at their foot: a lantern shines down and
// less to the sides (the cosine at the lantern and at the ground, and the square of the distance).
float lampRow(float along, float aside, float height) {
    float d = along * along + aside * aside + height * height;
    return pow(height * height / d, 2.0);
}
// Street light at night: on what lies flat, more on roads.
vec3 lampRadiance(Surface s) {
    float flatness = max(s.normal.z, 0.0) * 0.8 + 0.2;
    vec3 lamp = vec3(1.0, 0.74, 0.46) * view.skyAmbient.w;
    if (kSurface == 0u && (dress & 31u) == MATOU_DRESS_FLOODLIT)
        return (0.05 + s.base) * vec3(1.0, 0.86, 0.64) * view.skyAmbient.w * (0.62 - 0.30 * abs(s.normal.z));
    if (kSurface != 1u) {
        // Pools under the lamps of plants.cpp: every 34 m on both sides of arterials, else every 30 m on one and the other. From
        // afar their mean.
        float pool = 1;
        if (kSurface == 3u && uv != vec2(0)) {
            bool carriageway = (dress & 31u) == MATOU_DRESS_CARRIAGEWAY;
            float halfWidth = float((dress >> 5) & 127u) * (0.5 * MATOU_DRESS_ROAD_UNIT);
            bool tall = carriageway ? halfWidth > 9 : halfWidth > 14;
            float apart = tall ? 34.0 : 30.0, height = tall ? 10.0 : 6.2, reach = tall ? 1.6 : 0.6;
            float k = floor(uv.x / apart + 0.5), along = uv.x - k * apart;
            float left = carriageway ? uv.y - (halfWidth - reach) : uv.y + reach, right = carriageway ? uv.y + (halfWidth - reach) : left;
            float a = lampRow(along, left, height), b = lampRow(along, right, height);
            float sum = tall ? a + b : carriageway ? (mod(k, 2.0) < 0.5 ? a : b) : 0.6 * a;
            float beside = lampRow(apart - abs(along), tall ? min(abs(left), abs(right)) : 0.5 * (abs(left) + abs(right)), height);
            pool = mix(0.30 + (tall ? 3.8 : 3.2) * (sum + beside), 1.0, smoothstep(6.0, 20.0, fwidth(uv.x)));
        }
        return s.base * lamp * s.lamps * flatness * 2.9 * pool;
    }
    if (uv == vec2(0) && abs(s.normal.z) < 0.5) // landmarks are floodlit
        return (0.06 + 0.5 * s.base) * vec3(0.95, 0.80, 0.58) * 0.34 * view.skyAmbient.w;
    // Walls along streets take what the lamps and the pavement throw up, least under the roof.
    return s.base * lamp * (uv != vec2(0) ? 0.22 * exp(-0.16 * uv.y) + 0.02 : 0.03);
}

vec3 litRadiance(Surface s, vec3 toEye) {
    vec3 l = view.sun.xyz;
    float facing = dot(s.normal, l);
    if (uses(MATOU_USES_CLEARCOAT)) facing = max(facing, dot(s.coatNormal, l));
    float lit = facing > 0 ? sunlit(position, s.geometric, max(dot(s.geometric, l), 0.0), kShadowTaps) * (1 - s.sunHeldBack) : 0.0;
    vec3 radiance;
    if (kPlain) {
        radiance = plainRadiance(s, toEye, lit);
    } else {
        Shading k = shadingOf(s, toEye);
        radiance = fromEverywhere(s, k, toEye);
        if (lit > 0) radiance += view.sunRadiance.rgb * lit * returned(s, k, l, toEye);
        if (uses(MATOU_USES_LIGHTS)) radiance += fromPunctualLights(s, k, toEye);
        if (uses(MATOU_USES_TRANSMISSION) && push.opaqueTexture != 0u && s.transmission > 0)
            radiance += throughSurface(s, toEye) * s.transmission * (1 - s.metallic) * (1 - largest(k.mirror.single + k.mirror.multiple)) * k.underCoat;
    }
    radiance += s.emissive * view.anchor.w;
    radiance += s.glow;
    if (view.skyAmbient.w > 0) radiance += lampRadiance(s);
    return radiance;
}

// Walls and roofs without textures get what their use and seed say.
void dressBuilding(inout Surface s, vec3 toEye) {
    bool wall = uv != vec2(0) && abs(s.normal.z) < 0.5;
    if (kLook == kLookPlan) s.base = vec3(0.86, 0.86, 0.85);
    else s.base *= masonryTone(ids.x);
    s.roughness = 0.9;
    s.metallic = 0;
    if (!wall) {
        float w = max(length(dFdx(position)), length(dFdy(position)));
        if (kLook != kLookPlan && s.normal.z > 0.3) s.base = (fromAfar ? plainRoof(s.base, position.xy + view.anchor.xy, w) : roofColor(s.base, s.normal, position.xy + view.anchor.xy, w, ids.x)) * 0.86;
        else if (kLook != kLookPlan) s.base *= 0.90;
        return;
    }
    s.contact = 0.72 + 0.28 * smoothstep(0.0, 6.0, uv.y);
    if (kLook == kLookPlan) {
        vec2 cell = uv / vec2(1e4, 3.0);
        s.base *= 1 - 0.05 * pulse(cell.y, fwidth(cell.y), 0.0, 0.06);
        return;
    }
    // The generator puts a wall's length, in half metres, into the alpha that opaque surfaces do not use.
    // Rounded: what is interpolated differs by a hair from pixel to pixel, and choices hang on it.
    float wide = colorIn.w < 0.998 ? round(colorIn.w * 255) * 0.5 : 0.0;
    Wall front = Wall(uv, wide, ids.x, dress & 31u, float((dress >> 5) & 127u), float((dress >> 12) & 63u) * 0.1, s.normal, view.skyAmbient.w,
                      view.groundAmbient.w);
    Facade f;
    if (fromAfar) f = plainFacade(front, s.base);
    else f = facadeAt(front, s.base, toEye);
    s.base = f.color;
    s.glass = f.glass;
    s.curtain = f.curtain * f.glass;
    s.glow = f.glow;
    s.roughness = mix(0.85, 0.12, s.glass);
}

// Ground of every kind.
void dressGround(inout Surface s) {
    vec2 x = position.xy + view.anchor.xy;
    vec2 dx = dFdx(position.xy), dy = dFdy(position.xy);
    float w = max(length(dx), length(dy));
    vec2 ux = dFdx(uv), uy = dFdy(uv);
    vec2 uw = vec2(length(vec2(ux.x, uy.x)), length(vec2(ux.y, uy.y)));
    Finish f;
    if (fromAfar) f = plainGround(dress & 31u, s.base, x, w, uv, uw);
    else f = groundFinish(dress & 31u, s.base, float((dress >> 5) & 127u) * (0.5 * MATOU_DRESS_ROAD_UNIT), x, w, uv, uw);
    s.base = f.color;
    s.roughness = f.roughness;
    s.lamps = kSurface == 7u ? 0.34 : f.lamps; // markings lie on carriageways
}

// Buildings keep a hint of their windows; plants and things step back.
#ifdef MATOU_BARE
uint role() { return ids.w & 0xffu; }
#else
uint role() { return push.draws.at[refs.z].role; }
#endif
bool tellsHeights() { return (kSurface >= 3u && kSurface <= 5u) || (kSurface == 0u && role() == MATOU_ROLE_MODEL); }
void tintByHeight(inout Surface s, float meters) {
    float detail = clamp(luminance(s.base) * 1.6, 0.0, 1.0);
    if (kSurface == 1u || kSurface == 7u || tellsHeights()) {
        s.base = colorOfHeight(meters) * mix(0.80, 1.0, detail) * (kLook == kLookMonitor ? 0.55 : kLook == kLookPlan ? 1.0 : 0.85);
        s.glass = s.curtain = 0;
        s.glow = vec3(0);
        s.roughness = 0.9;
    } else if (kSurface == 6u) {
        s.base = vec3(0.10, 0.13, 0.11) + 0.4 * luminance(s.base);
    }
}

void main() {
    readCarried();
    uint flags = ids.w >> 24;
    vec3 toEye = normalize(-position);
    if (kPlain) fromAfar = length(dFdx(toEye)) * length(position) > kPlainMeters;
    vec3 n = shadingNormal(toEye);
    if (!(dot(n, n) > 0.5)) n = toEye; // no normal, and no face to take one from
    vec4 base = colorIn;
    if (usesSlot(MATOU_SLOT_BASE)) base *= sampled(MATOU_SLOT_BASE, ids.y & 0xffffu);
    Surface s = surfaceOf(n, base.rgb);
    if (kMaterial != 0u) readMaterial(s, kSurface == 0u);
    // Only now: derivatives need their neighbours.
    const bool cut = kMask == 1u && (kSurface != 6u || (kMaterial & 31u) != 0u); // sprays of leaves cut themselves
    if ((cut || uses(MATOU_USES_TRANSMISSION)) && base.a < surface.z) discard;
    if (kStyled == 1u && (flags & 4u) != 0u && bayer(gl_FragCoord.xy) > 0.28) discard;
    const bool bare = (kMaterial & 31u) == 0u; // no textures: the shader may dress it
    if (kSurface == 0u) s.lamps = 0.10;
    if (kSurface == 1u && bare) dressBuilding(s, toEye);
    if (kSurface >= 3u && kSurface != 6u && bare && kLook != kLookPlan) dressGround(s);
    if (kSurface == 6u && bare) s.base *= plantTone(ids.x);
    s.base = colorInLook(s.base, kLook, kSurface);
    s.base = mix(s.base, tint.rgb * (0.55 + 0.45 * smoothstep(0.0, 0.5, luminance(s.base))), tint.a);
    const float meters = heightAt(position);
    if (view.aids.y > 0) tintByHeight(s, meters);
    if (kStyled == 1u && (flags & 2u) != 0u) s.base = mix(s.base, view.accent.rgb, 0.12); // its outline says the rest

    if (!kPlain) s.roughness = roughnessOverPixel(s.roughness, s.normal);
    if (uses(MATOU_USES_CLEARCOAT)) s.coatRoughness = roughnessOverPixel(s.coatRoughness, s.coatNormal);
    vec2 occluded = occlusionAt(position);
    s.occlusion *= occluded.x;
    if (view.effects.w > 0) s.sunHeldBack = occluded.y;

#ifdef FADES
    gl_SampleMask[0] = keptSamples(push.draws.at[refs.z].keep, uvec2(gl_FragCoord.xy));
#endif
    if (kUnlit == 1u) {
        outColor = vec4(s.base * view.anchor.w, base.a);
        return;
    }
    vec3 radiance;
    vec3 facet = cross(dFdx(position), dFdy(position));
    facet = dot(facet, facet) > 1e-30 ? normalize(facet) : toEye;
    if (kSurface == 2u && kLook != kLookPlan)
        radiance = waterRadiance(position, uv, float((dress >> 5) & 127u) * (0.5 * MATOU_DRESS_WATER_UNIT), toEye, s.base, kLook, kShadowTaps);
    else if (kSurface == 6u && kMask == 1u && bare) // quads, from which the leaves are cut here
        radiance = sprayRadiance(position, normalize(normalIn), facet, toEye, s.base, uint(surface.x + 0.5), kMultisampled ? 0.1 : 0.5, base.a, kLook != kLookPlan && kLook != kLookMonitor, kShadowTaps);
    else if (kSurface == 6u && bare) // with the mesh's own normals, which are bent on purpose
        radiance = plantRadiance(position, vec3(uv, colorIn.w), dot(normalIn, normalIn) > 1e-12 ? normalize(normalIn) : n, facet, toEye, s.base, surface.x > 0.5, ids.x, kLook, kShadowTaps);
    else
        radiance = litRadiance(s, toEye);
    radiance = throughAir(radiance, position);
    if (view.aids.x > 0 && tellsHeights()) {
        float line = contourAt(meters, view.aids.x, position);
        float dark = kLook == kLookMonitor || kLook == kLookNight ? 1.0 : 0.0;
        radiance = mix(radiance, mix(vec3(0.16, 0.10, 0.05), vec3(0.30, 0.36, 0.38), dark), line);
    }
    // Where there is no copy of the opaque scene to look through, what transmits lets it shine through.
    if (uses(MATOU_USES_TRANSMISSION) && push.opaqueTexture == 0u)
        base.a = (surface.z == 0 ? base.a : 1) * (1 - 0.85 * s.transmission * (1 - s.metallic)); // only blended materials have an alpha of their own
    // Absurd input must not spread: what is not a number is drawn in the colour of what is broken.
    if (any(isnan(radiance))) radiance = vec3(1, 0, 1);
    outColor = vec4(clamp(radiance, vec3(0), vec3(6e4)), base.a);
}
