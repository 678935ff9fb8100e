// Clouds, moon and stars: what the sky's table does not hold. Functions of direction alone, so the same in every frame. Needs light.

float cloudCorner(ivec2 c) { return unitFrom(mixBits(uint(c.x) * 0x9e3779b9u ^ mixBits(uint(c.y) + 0x7f4a7c15u))); }
float cloudNoise(vec2 p) {
    vec2 f = floor(p), u = p - f;
    ivec2 c = ivec2(f);
    u = u * u * u * (u * (u * 6 - 15) + 10);
    return mix(mix(cloudCorner(c), cloudCorner(c + ivec2(1, 0)), u.x), mix(cloudCorner(c + ivec2(0, 1)), cloudCorner(c + ivec2(1, 1)), u.x), u.y);
}
// `width`: of the pixel in the noise's units; octaves finer than it are left out, so nothing flickers at the horizon.
float cloudSum(vec2 p, float width, int octaves) {
    float sum = 0, weight = 0.5, rest = 0;
    for (int i = 0; i < octaves; ++i) {
        float keep = 1 - smoothstep(0.35, 1.0, width);
        if (keep <= 0) { // nor is there anything of the finer ones
            float left = weight * (1 - exp2(float(i - octaves)));
            return (sum + left) / (rest + 2 * left);
        }
        sum += weight * mix(0.5, cloudNoise(p), keep);
        rest += weight;
        p = mat2(1.6, 1.2, -1.2, 1.6) * p + 17.3; // turned and doubled
        width *= 2;
        weight *= 0.5;
    }
    return sum / rest;
}

// Puts fair-weather clouds some 2 km up before the sky; under a closed cover only its unevenness.
vec3 withClouds(vec3 sky, vec3 d, float pixelAngle) {
    if (d.z < 0.015) return sky;
    const float kHeightMeters = 2200;
    // A layer about a round Earth: far clouds sink towards the horizon.
    float along = 2 * kHeightMeters / (d.z + sqrt(d.z * d.z + 2 * kHeightMeters / 6.36e6));
    vec2 p = d.xy * along / 1900;
    float width = along * pixelAngle / 1900 / max(d.z, 0.05);
    uint weather = uint(view.options.y);
    if (weather >= 2u) return sky * (0.86 + 0.28 * cloudSum(p * 0.8, width * 0.8, 4));
    // Heaps within drifts: where the large noise is high, the fine one may rise over the threshold.
    float drift = cloudSum(p * 0.13 + 5.1, width * 0.13, 2);
    float puff = cloudSum(p + 1.7 * drift, width, kDetail == 0u ? 3 : 6);
    float threshold = (weather == 1u ? 0.55 : 0.50) - 0.50 * (drift - 0.5);
    float depth = max(puff - threshold, 0.0);
    if (depth <= 0) return sky;
    depth *= depth * 42; // thin rims
    float opaque = 1 - exp(-depth * (weather == 1u ? 0.8 : 1.6));
    // Towards the sun the same heap stands in its own light.
    vec2 toSun = view.probe.xy * 0.16 * sqrt(max(0.0, 1 - view.sun.z * view.sun.z));
    float before = max(cloudSum(p + toSun + 1.7 * drift, width, kDetail == 0u ? 2 : 4) - threshold, 0.0);
    float c = dot(d, view.sun.xyz);
    float lit = exp(-14 * before * before) * (0.80 + 0.20 * exp(-depth)) + 1.2 * pow(max(c, 0.0), 8.0) * exp(-1.2 * depth);
    vec3 cloud = view.sunRadiance.rgb / kPi * lit * 0.95 + mix(view.skyAmbient.rgb, view.groundAmbient.rgb, 0.3) * 1.0;
    cloud = throughAir(cloud, d * along);
    return mix(sky, cloud, 0.9 * opaque * smoothstep(0.015, 0.12, d.z));
}

// What a surface mirrors of the sky, `blurAngle` wide, with the clouds in it. The blur leaves few of their octaves to be summed.
vec3 withCloudsMirrored(vec3 mirrored, vec3 d, float blurAngle) {
    if (kDetail == 0u || view.options.z > 0.5 || view.options.y > 1.5) return mirrored;
    return withClouds(mirrored, d, blurAngle);
}

vec3 moonRadiance(vec3 d, float pixelAngle) {
    vec3 m = view.moon.xyz;
    float off = length(cross(d, m)) / 0.00452; // in radii
    float edge = pixelAngle / 0.00452;
    if (dot(d, m) < 0 || off > 1 + edge || m.z < -0.01) return vec3(0);
    vec3 out_ = (d - m * dot(d, m)) / 0.00452;
    vec3 n = normalize(out_ - m * sqrt(max(0.0, 1 - dot(out_, out_)))); // of the ball's near side
    float seas = 0.82 + 0.36 * cloudSum(vec2(dot(out_, vec3(0.4, -0.9, 0.1)), out_.z) * 1.8 + 3.0, edge, 3);
    float sunlit = smoothstep(-0.06, 0.25, dot(n, view.sunDisc.xyz));
    float luminance = min(2500 * view.sunDisc.w, 5.0); // cd/m² of the full moon; films clip it too
    return vec3(1.0, 0.97, 0.90) * luminance * sunlit * seas * (1 - smoothstep(1 - edge, 1 + edge, off)) * smoothstep(-0.01, 0.12, m.z);
}

// The few that a city's sky leaves.
vec3 starRadiance(vec3 d, float pixelAngle) {
    vec3 cell = floor(d * 70);
    uint h = mixBits(uint(int(cell.x) + 512) + 1024u * uint(int(cell.y) + 512) + 1048576u * uint(int(cell.z) + 512));
    float chance = unitFrom(h);
    if (chance < 0.985) return vec3(0);
    vec3 at = normalize((cell + 0.25 + 0.5 * vec3(unitFrom(mixBits(h + 1u)), unitFrom(mixBits(h + 2u)), unitFrom(mixBits(h + 3u)))) / 70);
    float reach = max(0.7 * pixelAngle, 0.0004);
    float shape = 1 - smoothstep(0.3, 1.4, length(d - at) / reach);
    float bright = pow(unitFrom(mixBits(h + 4u)), 4.0);
    vec3 tone = mix(vec3(1.0, 0.86, 0.72), vec3(0.78, 0.88, 1.0), unitFrom(mixBits(h + 5u)));
    return tone * shape * (0.03 + 0.30 * bright) * smoothstep(0.10, 0.5, d.z) * view.clearColor.w;
}
