// A glTF material at a pixel, and the light that it returns. Needs frame, records, light, clouds, shadow, brdf, the look.

// MATOU_USES_* and one bit per texture slot; what is not asked for is not compiled in.
layout(constant_id = 0) const uint kMaterial = 0;
const bool kLobes = (kMaterial & (MATOU_USES_SPECULAR | MATOU_USES_TRANSMISSION | MATOU_USES_CLEARCOAT | MATOU_USES_SHEEN | MATOU_USES_ANISOTROPY |
                                  MATOU_USES_IRIDESCENCE)) != 0u;
bool uses(uint bits) { return (kMaterial & bits) != 0u; }
bool usesSlot(uint slot) { return (kMaterial & (1u << slot)) != 0u; }

#define MATOU_CARRIES in
#include "lib/carried.glsl"
// The same by their names; main begins with readCarried().
vec3 position, normalIn, emissiveIn;
vec2 uv, uv1;
vec4 colorIn, surface, tint, tangentIn;
uvec4 ids;
uvec3 refs;
uint dress;
void readCarried() {
    position = carriedPlace.xyz;
    normalIn = carriedNormal.xyz;
    colorIn = carriedColor;
    surface = carriedSurface;
    emissiveIn = carriedEmissive;
#ifdef MATOU_BARE
    uv = uv1 = vec2(carriedPlace.w, carriedNormal.w);
    ids = uvec4(carriedIds.x, 0u, 0u, carriedIds.w);
    dress = carriedIds.y;
    tint = vec4(0);
    if (carriedIds.z != 0u) tint = tintFrom(carriedIds.z);
    tangentIn = vec4(0);
    refs = uvec3(0);
#else
    uv = carriedUv;
    uv1 = carriedUv1;
    ids = carriedIds;
    dress = carriedDress;
    tint = carriedTint;
    tangentIn = carriedTangent;
    refs = carriedRefs;
#endif
}

// What light meets at a pixel.
struct Surface {
    vec3 normal, base, emissive, glow;
    float metallic, roughness, occlusion;
    float contact;        // streets see less sky near the foot of walls
    float sunHeldBack;    // share that contact shadows keep out
    float glass, curtain; // panes, and those of curtain walls
    float lamps;          // share of the street lamps' light at night
    vec3 f0, f90;         // of the dielectric part
    vec3 geometric;       // normal without bumps
    vec3 tangent;         // along the anisotropy; zero: none
    float anisotropy;
    vec3 coatNormal;
    float coat, coatRoughness;
    vec3 sheen;
    float sheenRoughness;
    float iridescence, filmIor, filmNanometers;
    float transmission, thickness, ior, dispersion;
    vec3 extinction; // per metre inside
};
Surface surfaceOf(vec3 n, vec3 base) {
    return Surface(n, base, emissiveIn, vec3(0), surface.x, surface.y, 1, 1, 0, 0, 0, 0.03, vec3(0.04), vec3(1), n, vec3(0), 0, n, 0, 0, vec3(0), 0, 0, 1.3, 0,
                   0, 0, 1.5, 0, vec3(0));
}

// ---- Textures.
vec2 slotUv(uint slot) {
    if (!uses(MATOU_USES_PLACES)) return uv;
    MaterialRef m = MaterialRef(refs.xy);
    vec4 k = m.at.textureMatrix[slot];
    return mat2(k.xy, k.zw) * ((m.at.texture[slot] & 0x80000000u) != 0u ? uv1 : uv) + m.at.textureOffset[slot];
}
vec4 sampled(uint slot, uint number) { return texture(textures[nonuniformEXT(number)], slotUv(slot)); }

vec2 lobeUv(uint slot) {
    LobesRef m = LobesRef(MaterialRef(refs.xy).at.lobes);
    vec4 k = m.at.textureMatrix[slot];
    return mat2(k.xy, k.zw) * ((m.at.texture[slot] & 0x80000000u) != 0u ? uv1 : uv) + m.at.textureOffset[slot];
}
vec4 lobeSampled(uint slot) {
    uint number = LobesRef(MaterialRef(refs.xy).at.lobes).at.texture[slot] & 0x7fffffffu;
    return texture(textures[nonuniformEXT(number)], lobeUv(slot));
}

// ---- Normals.
// Towards the eye, and on the side that the triangle shows: back faces are turned as glTF asks, and stray normals do no harm.
vec3 shadingNormal(vec3 toEye) {
    vec3 geometric = cross(dFdx(position), dFdy(position));
    geometric = dot(geometric, geometric) > 1e-30 ? normalize(geometric) : toEye;
    if (dot(geometric, toEye) < 0) geometric = -geometric;
    if (surface.w > 0.5 || !(dot(normalIn, normalIn) > 1e-12)) return geometric;
    vec3 n = normalize(normalIn);
    return dot(n, geometric) < 0 ? -n : n;
}
// Along growing u, and across it towards growing v, from the derivatives of place and coordinates: what MikkTSpace gives but
// for its averaging over corners. Both are of length one however the coordinates are stretched, as MikkTSpace has it.
void derivedFrame(vec3 n, vec2 at, out vec3 t, out vec3 b) {
    vec3 dpx = dFdx(position), dpy = dFdy(position);
    vec2 dux = dFdx(at), duy = dFdy(at);
    vec3 x = cross(dpy, n), y = cross(n, dpx);
    float sign = dot(cross(dpx, dpy), n) < 0 ? -1 : 1; // dFdx and dFdy run about the normal either way
    t = (x * dux.x + y * duy.x) * sign;
    t *= inversesqrt(max(dot(t, t), 1e-30));
    b = cross(n, t);
    if (dot(b, x * dux.y + y * duy.y) * sign < 0) b = -b;
}
void tangentFrame(vec3 n, vec2 at, out vec3 t, out vec3 b) {
    if (uses(MATOU_USES_TANGENTS)) {
        t = tangentIn.xyz - n * dot(n, tangentIn.xyz);
        if (dot(t, t) > 1e-12) {
            t = normalize(t);
            b = cross(normalize(normalIn), t) * tangentIn.w;
            return;
        }
    }
    derivedFrame(n, at, t, b);
    b = -b; // glTF: v grows downwards in the picture, green upwards
}
vec3 bumped(vec3 n, vec2 at, vec3 texel, float scale) {
    vec3 m = texel * 2 - 1;
    m.xy *= scale;
    vec3 t, b;
    tangentFrame(n, at, t, b);
    // From behind, the whole bump is turned and not only its middle: what stood out lies in.
    float side = surface.w < 0.5 && dot(n, normalIn) < 0 ? -1 : 1;
    vec3 bump = (t * m.x + b * m.y) * side + n * m.z;
    return dot(bump, bump) > 1e-12 ? normalize(bump) : n;
}

// ---- Reading the material.
void readLobes(inout Surface s) {
    LobesRef m = LobesRef(MaterialRef(refs.xy).at.lobes);
    s.ior = m.at.ior;
    float r = (s.ior - 1) / (s.ior + 1);
    float weight = m.at.specular * lobeSampled(MATOU_LOBE_SPECULAR).a;
    s.f0 = min(r * r * m.at.specularColor * lobeSampled(MATOU_LOBE_SPECULAR_COLOR).rgb, vec3(1)) * weight;
    s.f90 = vec3(weight);
    if (uses(MATOU_USES_TRANSMISSION)) {
        s.transmission = m.at.transmission * lobeSampled(MATOU_LOBE_TRANSMISSION).r;
        s.thickness = m.at.thickness * lobeSampled(MATOU_LOBE_THICKNESS).g;
        s.dispersion = m.at.dispersion;
        if (m.at.attenuationDistance > 0) s.extinction = -log(max(m.at.attenuationColor, vec3(1e-4))) / m.at.attenuationDistance;
    }
    if (uses(MATOU_USES_CLEARCOAT)) {
        s.coat = m.at.clearcoat * lobeSampled(MATOU_LOBE_CLEARCOAT).r;
        s.coatRoughness = m.at.clearcoatRoughness * lobeSampled(MATOU_LOBE_CLEARCOAT_ROUGHNESS).g;
        uint bump = m.at.texture[MATOU_LOBE_CLEARCOAT_NORMAL] & 0x7fffffffu;
        if (bump != kFlatNormalTexture)
            s.coatNormal = bumped(s.geometric, lobeUv(MATOU_LOBE_CLEARCOAT_NORMAL), lobeSampled(MATOU_LOBE_CLEARCOAT_NORMAL).xyz,
                                  m.at.clearcoatNormalScale);
    }
    if (uses(MATOU_USES_SHEEN)) {
        s.sheen = m.at.sheenColor * lobeSampled(MATOU_LOBE_SHEEN_COLOR).rgb;
        s.sheenRoughness = clamp(m.at.sheenRoughness * lobeSampled(MATOU_LOBE_SHEEN_ROUGHNESS).a, 0.07, 1.0);
    }
    if (uses(MATOU_USES_ANISOTROPY)) {
        vec3 texel = lobeSampled(MATOU_LOBE_ANISOTROPY).rgb;
        vec2 along = texel.rg * 2 - 1;
        float c = cos(m.at.anisotropyRotation), sn = sin(m.at.anisotropyRotation);
        along = dot(along, along) > 1e-3 ? normalize(mat2(c, sn, -sn, c) * along) : vec2(c, sn);
        vec3 t, b;
        tangentFrame(s.normal, lobeUv(MATOU_LOBE_ANISOTROPY), t, b);
        s.tangent = t * along.x + b * along.y;
        s.anisotropy = clamp(m.at.anisotropy * texel.b, 0.0, 1.0);
    }
    if (uses(MATOU_USES_IRIDESCENCE)) {
        s.iridescence = m.at.iridescence * lobeSampled(MATOU_LOBE_IRIDESCENCE).r;
        s.filmIor = m.at.iridescenceIor;
        s.filmNanometers = mix(m.at.iridescenceThicknessMinimum, m.at.iridescenceThicknessMaximum, lobeSampled(MATOU_LOBE_IRIDESCENCE_THICKNESS).g);
    }
}

// The textures of the base material. `bumps`: normal maps are wanted.
void readMaterial(inout Surface s, bool bumps) {
    if (usesSlot(MATOU_SLOT_METALLIC_ROUGHNESS)) {
        vec4 mr = sampled(MATOU_SLOT_METALLIC_ROUGHNESS, ids.y >> 16);
        s.metallic *= mr.b;
        s.roughness *= mr.g;
    }
    if (usesSlot(MATOU_SLOT_EMISSIVE)) s.emissive *= sampled(MATOU_SLOT_EMISSIVE, ids.z >> 16).rgb;
    if (usesSlot(MATOU_SLOT_OCCLUSION)) {
        float strength = MaterialRef(refs.xy).at.occlusionStrength;
        s.occlusion = 1 + strength * (sampled(MATOU_SLOT_OCCLUSION, ids.w & 0xffffffu).r - 1);
    }
    if (bumps && usesSlot(MATOU_SLOT_NORMAL)) {
        float scale = MaterialRef(refs.xy).at.normalScale;
        s.normal = bumped(s.normal, slotUv(MATOU_SLOT_NORMAL), sampled(MATOU_SLOT_NORMAL, ids.z & 0xffffu).xyz, scale);
    }
    if (kLobes) readLobes(s);
}

// ---- Light.
float largest(vec3 c) { return max(c.r, max(c.g, c.b)); }

// Reflectance of a thin film on a base, for the wavelengths of red, green and blue: Airy's sum of the two borders.
vec3 filmReflectance(float cosine, float filmIor, float nanometers, vec3 baseF0) {
    float sine2 = (1 - cosine * cosine) / (filmIor * filmIor);
    if (sine2 >= 1) return vec3(1);
    float inside = sqrt(1 - sine2);
    float outer = (filmIor - 1) / (filmIor + 1);
    vec3 r1 = schlick(vec3(outer * outer), vec3(1), cosine);
    vec3 baseIor = (1 + sqrt(clamp(baseF0, vec3(0), vec3(0.9999)))) / (1 - sqrt(clamp(baseF0, vec3(0), vec3(0.9999))));
    vec3 lower = (baseIor - filmIor) / (baseIor + filmIor);
    vec3 r2 = schlick(lower * lower, vec3(1), inside);
    // A wave turns by half where the far side is denser: both borders do for a dense base, so the turns cancel.
    vec3 phase = 4 * kPi * filmIor * nanometers * inside / vec3(650, 532, 450);
    phase += mix(vec3(kPi), vec3(0), greaterThan(baseIor, vec3(filmIor)));
    vec3 cross2 = 2 * sqrt(r1 * r2) * cos(phase);
    return clamp((r1 + r2 + cross2) / (1 + r1 * r2 + cross2), vec3(0), vec3(1));
}

// Share of the light from everywhere that reaches a mirror at the foot of things: Lagarde (2014), "Moving Frostbite to PBR".
float mirrorOcclusion(float nv, float occlusion, float roughness) {
    return clamp(pow(nv + occlusion, exp2(-16 * roughness - 1)) - 1 + occlusion, 0.0, 1.0);
}
// Charlie sheen: Estevez and Kulla (2017), with Neubelt's visibility as glTF has it.
float charlie(float nl, float nv, float nh, float roughness) {
    float inverse = 1 / (roughness * roughness);
    float sine = sqrt(max(1 - nh * nh, 0.0));
    return (2 + inverse) * pow(sine, inverse) / (2 * kPi) / (4 * max(nl + nv - nl * nv, 1e-3));
}
float ggxAlong(Surface s, vec3 l, vec3 toEye, vec3 h) {
    vec3 t = normalize(s.tangent - s.normal * dot(s.tangent, s.normal)), b = cross(s.normal, t);
    float a = max(s.roughness * s.roughness, 0.003);
    float at = mix(a, 1.0, s.anisotropy * s.anisotropy), ab = a;
    float nl = max(dot(s.normal, l), 1e-3), nv = max(dot(s.normal, toEye), 1e-3);
    vec3 f = vec3(ab * dot(t, h), at * dot(b, h), at * ab * max(dot(s.normal, h), 0.0));
    float w = at * ab / max(dot(f, f), 1e-12);
    float d = at * ab * w * w / kPi;
    float gv = nl * length(vec3(at * dot(t, toEye), ab * dot(b, toEye), nv)), gl = nv * length(vec3(at * dot(t, l), ab * dot(b, l), nl));
    return d * 0.5 / max(gv + gl, 1e-4);
}

// What all lights share at a pixel.
struct Shading {
    vec3 f0, f90;
    Mirror mirror;
    vec3 diffuse;   // colour left for diffusion
    float nv;
    float underCoat; // share of light that comes through coat and sheen
};
Shading shadingOf(Surface s, vec3 toEye) {
    Shading k;
    k.nv = max(dot(s.normal, toEye), 0.02);
    k.f0 = mix(s.f0 + 0.16 * s.curtain, s.base, s.metallic);
    k.f90 = mix(s.f90, vec3(1), s.metallic);
    if (uses(MATOU_USES_IRIDESCENCE) && s.iridescence > 0 && s.filmNanometers > 0)
        k.f0 = mix(k.f0, filmReflectance(k.nv, s.filmIor, s.filmNanometers, k.f0), s.iridescence);
    k.mirror = mirrorOf(k.f0, k.f90, s.roughness, k.nv);
    k.diffuse = s.base * (1 - s.metallic) * (1 - largest(k.mirror.single + k.mirror.multiple));
    k.underCoat = 1;
    if (uses(MATOU_USES_SHEEN)) k.underCoat *= 1 - largest(s.sheen) * splitSum(k.nv, s.sheenRoughness).z;
    if (uses(MATOU_USES_CLEARCOAT))
        k.underCoat *= 1 - s.coat * schlick(vec3(0.04), vec3(1), max(dot(s.coatNormal, toEye), 0.02)).r;
    return k;
}

// Light of one direction, per irradiance on a plane across it.
vec3 returned(Surface s, Shading k, vec3 l, vec3 toEye) {
    float nl = dot(s.normal, l);
    vec3 sum = vec3(0);
    vec3 h = normalize(l + toEye);
    float vh = max(dot(toEye, h), 0.0);
    if (nl > 0) {
        float nh = max(dot(s.normal, h), 0.0);
        float lobe = uses(MATOU_USES_ANISOTROPY) && s.anisotropy > 0 ? ggxAlong(s, l, toEye, h) : ggx(nl, k.nv, nh, s.roughness);
        sum = k.diffuse * (1 - s.transmission) / kPi + min(schlick(k.f0, k.f90, vh) * k.mirror.gain * lobe, vec3(8));
        sum *= nl * k.underCoat;
        if (uses(MATOU_USES_SHEEN)) sum += s.sheen * charlie(nl, k.nv, nh, s.sheenRoughness) * nl;
    }
    if (uses(MATOU_USES_CLEARCOAT)) {
        float cl = max(dot(s.coatNormal, l), 0.0);
        float lobe = ggx(cl, max(dot(s.coatNormal, toEye), 0.02), max(dot(s.coatNormal, h), 0.0), s.coatRoughness);
        sum += min(s.coat * schlick(vec3(0.04), vec3(1), vh) * lobe, vec3(8)) * cl;
    }
    return sum;
}

vec3 fromEverywhere(Surface s, Shading k, vec3 toEye) {
    vec3 n = s.normal;
    float occlusion = s.occlusion * s.contact;
    vec3 around = environmentDiffuse(n) * occlusion;
    vec3 r = reflect(-toEye, n);
    if (uses(MATOU_USES_ANISOTROPY) && s.anisotropy > 0) { // the lobe is wide across the tangent: bend towards what it sees
        vec3 across = cross(n, normalize(s.tangent));
        vec3 bent = normalize(mix(n, cross(across, cross(toEye, across)), s.anisotropy * (1 - s.roughness)));
        r = reflect(-toEye, bent);
    }
    vec3 mirrored = environmentSpecular(r, s.roughness);
    if (kDetail != 0u && (kLook == kLookNatural || kLook == kLookNight)) {
        float blur = max(max(length(dFdx(r)), length(dFdy(r))), s.roughness * s.roughness + 0.005);
        if (s.roughness < 0.3) mirrored = mix(withCloudsMirrored(mirrored, r, blur), mirrored, smoothstep(0.15, 0.3, s.roughness));
    }
    mirrored *= mirrorOcclusion(k.nv, occlusion, s.roughness);
    // Sky in the panes, brighter at a slant; streets below the horizon.
    vec3 sum = k.diffuse * (1 - s.transmission) * around + (k.mirror.single * mirrored + k.mirror.multiple * around) * (1 + 1.5 * s.glass);
    sum *= k.underCoat;
    if (uses(MATOU_USES_SHEEN)) sum += s.sheen * splitSum(k.nv, s.sheenRoughness).z * around;
    if (uses(MATOU_USES_CLEARCOAT)) {
        float cv = max(dot(s.coatNormal, toEye), 0.02);
        vec2 coat = splitSum(cv, s.coatRoughness).xy;
        sum += environmentSpecular(reflect(-toEye, s.coatNormal), s.coatRoughness) * s.coat * (0.04 * coat.x + coat.y) * occlusion;
    }
    return sum;
}

// Lights that the content brings (KHR_lights_punctual), without shadows.
vec3 fromPunctualLights(Surface s, Shading k, vec3 toEye) {
    vec3 sum = vec3(0);
    uint count = push.draws.at[refs.z].lightCount;
    LightRef lights = LightRef(push.draws.at[refs.z].lights);
    for (uint i = 0; i < count; ++i) {
        vec3 toLight = lights.at[i].position.xyz - position;
        float kind = lights.at[i].direction.w, share = 1;
        if (kind == 0) {
            toLight = -lights.at[i].direction.xyz;
        } else {
            float d2 = max(dot(toLight, toLight), 1e-4);
            float edge = d2 * lights.at[i].position.w; // (d / range)^2
            share = clamp(1 - edge * edge, 0.0, 1.0) / d2;
            toLight *= inversesqrt(d2);
            if (kind == 2) {
                float cone = clamp(-dot(toLight, lights.at[i].direction.xyz) * lights.at[i].spot.x + lights.at[i].spot.y, 0.0, 1.0);
                share *= cone * cone;
            }
        }
        sum += lights.at[i].intensity.rgb * share * returned(s, k, toLight, toEye);
    }
    return sum;
}

// What comes through: the opaque scene at where the refracted ray leaves the body.
vec3 throughSurface(Surface s, vec3 toEye) {
    vec3 sum = vec3(0);
    float spread = s.dispersion * 0.025 * (s.ior - 1); // half of the way from red to blue
    vec3 iors = max(s.ior + vec3(-spread, 0, spread), vec3(1));
    vec2 size = vec2(textureSize(textures[nonuniformEXT(push.opaqueTexture)], 0));
    float level = log2(max(size.x, 1.0)) * s.roughness * clamp(s.ior * 2 - 2, 0.0, 1.0);
    for (int c = 0; c < 3; ++c) {
        if (c > 0 && s.dispersion == 0) break;
        vec3 inside = s.thickness > 0 ? refract(-toEye, s.normal, 1 / iors[c]) * s.thickness : vec3(0);
        vec4 clip = view.clipFromEye * vec4(position + inside, 1);
        vec2 pixel = view.target.xy + (clip.xy / max(clip.w, 1e-4) * 0.5 + 0.5) * view.target.zw;
        pixel = clamp(pixel, view.target.xy + 0.5, view.target.xy + view.target.zw - 0.5);
        vec3 seen = textureLod(textures[nonuniformEXT(push.opaqueTexture)], pixel / size, level).rgb;
        if (s.dispersion == 0) sum = seen;
        else sum[c] = seen[c];
    }
    return sum * s.base * exp(-s.extinction * s.thickness);
}
