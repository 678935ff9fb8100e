// How surfaces answer light: glTF 2.0, appendix B, with the energy that several bounces between microfacets return.
#include "lib/textures.glsl"

// Smith-GGX without Fresnel. `roughness` is perceptual.
float ggx(float nl, float nv, float nh, float roughness) {
    float a = max(roughness * roughness, 0.003), a2 = a * a;
    float d = nh * nh * (a2 - 1) + 1;
    float visibility = 0.5 / max(nl * sqrt(nv * nv * (1 - a2) + a2) + nv * sqrt(nl * nl * (1 - a2) + a2), 1e-4);
    return a2 / (kPi * d * d) * visibility;
}

// Scale and bias of F0 in the light that an even environment returns by one bounce (resident/split_sum.h).
vec3 splitSum(float nv, float roughness) {
    vec2 size = vec2(textureSize(textures[kSplitSumTexture], 0));
    vec2 at = (vec2(sqrt(nv), roughness) * (size - 1) + 0.5) / size; // the first and last texels are the ends
    return textureLod(textures[kSplitSumTexture], at, 0).rgb;
}

// The mirror of a surface under an environment and under single lights.
struct Mirror {
    vec3 single;   // share returned by one bounce
    vec3 multiple; // by several: diffuse in direction
    vec3 gain;     // what makes one bounce of a single light as strong as all of them: Turquin (2019)
};
// Several bounces: Fdez-Agüera (2019), "A multiple-scattering microfacet model for real-time image based lighting".
Mirror mirrorOf(vec3 f0, vec3 f90, float roughness, float nv) {
    vec2 s = splitSum(nv, roughness).xy;
    float one = s.x + s.y;
    Mirror m;
    m.single = f0 * s.x + f90 * s.y;
    vec3 mean = f0 + (f90 - f0) / 21;
    m.multiple = m.single * mean / (1 - mean * (1 - one)) * (1 - one);
    m.gain = 1 + f0 * (1 / max(one, 1e-3) - 1);
    return m;
}
// Share of an even environment that a surface mirrors.
vec3 environmentMirror(vec3 f0, float roughness, float nv) {
    Mirror m = mirrorOf(f0, vec3(1), roughness, nv);
    return m.single + m.multiple;
}
vec3 schlick(vec3 f0, vec3 f90, float cosine) { return f0 + (f90 - f0) * pow(clamp(1 - cosine, 0.0, 1.0), 5.0); }
