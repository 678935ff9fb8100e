// Light of a view: sky from above, side and below, haze.
layout(set = 0, binding = 2) uniform sampler2D skyTable;

// Radiance of the sky (exposed). Rows: elevation, square-root spaced about the horizon; columns: azimuth from the sun.
vec3 skyRadiance(vec3 direction) {
    float elevation = asin(clamp(direction.z, -1.0, 1.0)) / (0.5 * kPi);
    vec2 flatDirection = direction.xy + vec2(1e-5, 0);
    vec2 flatSun = view.sunDisc.xy + vec2(1e-5, 0);
    float cosine = dot(flatDirection, flatSun) * inversesqrt(dot(flatDirection, flatDirection) * dot(flatSun, flatSun));
    vec2 uv = vec2(acos(clamp(cosine, -1.0, 1.0)) / kPi, 0.5 + 0.5 * sign(elevation) * sqrt(abs(elevation)));
    vec2 size = vec2(textureSize(skyTable, 0));
    uv = (uv * (size - 1) + 0.5) / size; // first and last texels are the ends
    // At night the city's own glow: warm at the rim, blue above.
    vec3 glow = mix(view.clearColor.rgb, vec3(0.010, 0.016, 0.034) * view.clearColor.w, sqrt(clamp(direction.z * 1.3, 0.0, 1.0)));
    return textureLod(skyTable, uv, 0).rgb * view.sunDisc.w + glow;
}

vec3 ambientFrom(vec3 n) {
    vec3 side = view.horizonAmbient.rgb;
    return n.z >= 0 ? mix(side, view.skyAmbient.rgb, n.z) : mix(side, view.groundAmbient.rgb, -n.z);
}

// Light of the surroundings on a surface, exposed. Diffuse: irradiance / pi on a plane with normal `n`.
vec3 environmentDiffuse(vec3 n) { return ambientFrom(n); }
// Specular: radiance from around `direction` as a lobe of that (perceptual) roughness gathers it; 0 mirrors, 1 is nearly diffuse.
vec3 environmentSpecular(vec3 direction, float roughness) {
    vec3 wide = ambientFrom(direction);
    if (view.options.z > 0.5) return wide; // neutral: no sky
    vec3 sharp = direction.z > 0 ? skyRadiance(direction) : view.groundAmbient.rgb;
    return mix(sharp, wide, smoothstep(0.0, 0.6, roughness));
}

// Share of light that reaches the eye through an atmosphere that thins out with height.
float clearness(vec3 p) {
    float distance = length(p);
    float k = view.hazeToward.w;
    float rise = k * p.z;
    float mean = abs(rise) < 1e-3 ? 1 : (1 - exp(-clamp(rise, -20.0, 20.0))) / clamp(rise, -20.0, 20.0);
    float density = exp(-clamp(k * view.anchor.z, -1.0, 20.0)) * mean;
    return exp(-view.hazeAway.w * distance * density);
}
vec3 hazeRadiance(vec3 direction) {
    vec2 s = normalize(view.sunDisc.xy + vec2(1e-5, 0));
    float toward = 0.5 + 0.5 * dot(normalize(direction.xy + vec2(1e-5, 0)), s);
    return mix(view.hazeAway.rgb, view.hazeToward.rgb, toward * toward * toward);
}
