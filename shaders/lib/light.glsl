// Light of a view: the sky, the air between, and what falls on surfaces from all around. Everything is exposed.
layout(set = 0, binding = 2) uniform sampler2D skyTable;   // SkyModel::table, or Backdrop
layout(set = 0, binding = 7) uniform sampler2D probeMap;   // LightProbe::texels

const float kSkyRows = 64, kSkyRowsBelow = 16, kAirRows = 16, kAirScaleMeters = 8000; // as SkyModel

// Column of the sky's table: sine of half the azimuth from the sun.
float columnToward(vec2 flatDirection) {
    vec2 a = flatDirection + vec2(1e-5, 0);
    float cosine = dot(a, view.probe.xy) * inversesqrt(dot(a, a));
    return sqrt(clamp(0.5 - 0.5 * cosine, 0.0, 1.0));
}
vec3 skyTexel(float column, float row) {
    vec2 size = vec2(textureSize(skyTable, 0));
    return textureLod(skyTable, vec2(column * (size.x - 1) + 0.5, row + 0.5) / size, 0).rgb;
}

// Radiance of the sky without sun, moon and clouds.
vec3 skyRadiance(vec3 direction) {
    if (view.options.z > 1.5) // a picture in its place: equirectangular, its middle column looks north
        return textureLod(skyTable, vec2(0.5 + atan(direction.x, direction.y) / (2 * kPi), acos(clamp(direction.z, -1.0, 1.0)) / kPi), 0).rgb;
    float e = asin(clamp(direction.z, -1.0, 1.0)) / (0.5 * kPi);
    float row = e < 0 ? kSkyRowsBelow * (1 - sqrt(-e)) : kSkyRowsBelow + (kSkyRows - 1 - kSkyRowsBelow) * sqrt(e);
    return skyTexel(columnToward(direction.xy), row);
}

// Light of the surroundings on a surface. Diffuse: irradiance / pi on a plane with normal `n`.
vec3 environmentDiffuse(vec3 n) {
    vec3 d = vec3(dot(n.xy, view.probe.xy), dot(n.xy, vec2(-view.probe.y, view.probe.x)), n.z);
    vec3 sum = view.irradiance[0].rgb + view.irradiance[1].rgb * d.x + view.irradiance[2].rgb * d.y + view.irradiance[3].rgb * d.z;
    sum += view.irradiance[4].rgb * (d.x * d.y) + view.irradiance[5].rgb * (d.y * d.z) + view.irradiance[6].rgb * (d.z * d.x);
    sum += view.irradiance[7].rgb * (d.z * d.z - 1.0 / 3.0) + view.irradiance[8].rgb * (d.x * d.x - d.y * d.y);
    return max(sum, vec3(0));
}

vec3 probeLevel(vec2 square, float level) {
    float size = view.probe.z * exp2(-level);
    float top = 2 * (view.probe.z - size) + 2 * level;
    return textureLod(probeMap, (vec2(1, 1 + top) + (square * 0.5 + 0.5) * size) / vec2(textureSize(probeMap, 0)), 0).rgb;
}
// Specular: radiance from around `direction` as a lobe of that (perceptual) roughness gathers it; 0 mirrors, 1 is nearly diffuse.
vec3 environmentSpecular(vec3 direction, float roughness) {
    vec3 d = vec3(dot(direction.xy, view.probe.xy), dot(direction.xy, vec2(-view.probe.y, view.probe.x)), direction.z);
    d /= abs(d.x) + abs(d.y) + abs(d.z);
    vec2 square = d.z >= 0 ? d.xy : (1 - abs(d.yx)) * mix(vec2(-1), vec2(1), greaterThanEqual(d.xy, vec2(0)));
    float level = clamp(roughness, 0.0, 1.0) * 4;
    float low = min(floor(level), 3.0);
    return mix(probeLevel(square, low), probeLevel(square, low + 1), level - low);
}

// What of `radiance` at a place (about the eye) reaches the eye, and what the air on the way adds: aerial perspective. The
// way through haze that thins out with height counts as a level way of the same depth.
vec3 throughAir(vec3 radiance, vec3 p) {
    if (view.air.g <= 0) return radiance;
    float distance = length(p);
    float rise = clamp(view.air.w * p.z, -20.0, 20.0);
    float mean = abs(rise) < 1e-3 ? 1 : (1 - exp(-rise)) / rise;
    float density = exp(-clamp(view.air.w * view.anchor.z, -1.0, 20.0)) * mean;
    vec3 depth = (view.air.rgb + view.airMie.rgb * (density - 1)) * distance;
    float level = depth.g / view.air.g;
    vec3 added = skyTexel(columnToward(p.xy), kSkyRows + (kAirRows - 1) * level / (level + kAirScaleMeters));
    return radiance * exp(-depth) + added;
}
