// How surfaces answer light.

// Smith-GGX with Schlick's Fresnel: the common form of glTF 2.0, appendix B.
float ggx(float nl, float nv, float nh, float roughness) {
    float a = max(roughness * roughness, 0.003), a2 = a * a;
    float d = nh * nh * (a2 - 1) + 1;
    float visibility = 0.5 / max(nl * sqrt(nv * nv * (1 - a2) + a2) + nv * sqrt(nl * nl * (1 - a2) + a2), 1e-4);
    return a2 / (kPi * d * d) * visibility;
}

// Share of an even environment that a surface mirrors: Karis (2014), "Physically based shading on mobile".
vec3 environmentMirror(vec3 f0, float roughness, float nv) {
    vec4 c = roughness * vec4(-1, -0.0275, -0.572, 0.022) + vec4(1, 0.0425, 1.04, -0.04);
    float a = min(c.x * c.x, exp2(-9.28 * nv)) * c.x + c.y;
    return f0 * (-1.04 * a + c.z) + (1.04 * a + c.w);
}
