#include "render/sky_model.h"

#include <algorithm>
#include <cmath>

namespace matou::render {
namespace {

using glm::vec3;

constexpr float kPi = 3.14159265f;
constexpr float kGround = 6360e3f, kTop = 6420e3f; // radii, metres
constexpr float kRayleighHeight = 8000.0f, kMieHeight = 1200.0f;
const vec3 kRayleigh{5.8e-6f, 13.5e-6f, 33.1e-6f};
const vec3 kOzone{0.65e-6f, 1.88e-6f, 0.085e-6f};
const vec3 kSunlight{128.0f, 124.0f, 118.0f}; // klx above the atmosphere

struct Air {
    float mie = 9e-6f; // scattering per metre at the ground
    float g = 0.78f;
};

Air airOf(scene::Weather weather) {
    switch (weather) {
    case scene::Weather::haze:
        return {45e-6f, 0.72f};
    case scene::Weather::overcast:
    case scene::Weather::rain:
        return {30e-6f, 0.70f};
    default:
        return {};
    }
}

/// Distance along the ray to a sphere about the origin; negative where it misses.
float reach(const vec3& origin, const vec3& direction, float radius, bool leaving) {
    const float b = glm::dot(origin, direction), c = glm::dot(origin, origin) - radius * radius;
    const float d = b * b - c;
    if (d < 0) return -1;
    return leaving ? -b + std::sqrt(d) : -b - std::sqrt(d);
}

float ozoneDensity(float height) {
    return std::max(0.0f, 1.0f - std::abs(height - 25000.0f) / 15000.0f);
}

/// Optical depth of each constituent along a ray: x Rayleigh, y Mie, z ozone, in metres of ground density.
vec3 depthAlong(const vec3& origin, const vec3& direction, float length, int steps) {
    vec3 sum(0.0f);
    float before = 0;
    for (int i = 0; i < steps; ++i) {
        const float t = length * static_cast<float>((i + 1) * (i + 1)) / static_cast<float>(steps * steps);
        const float middle = 0.5f * (before + t), step = t - before;
        const float height = std::max(glm::length(origin + direction * middle) - kGround, 0.0f);
        sum += vec3(std::exp(-height / kRayleighHeight), std::exp(-height / kMieHeight), ozoneDensity(height)) * step;
        before = t;
    }
    return sum;
}

vec3 extinction(const vec3& depth, const Air& air) {
    return kRayleigh * depth.x + vec3(air.mie * 1.11f) * depth.y + kOzone * depth.z;
}

/// What of the sun reaches a point; 0 in the Earth's shadow (softened by the disc's size).
vec3 sunThrough(const vec3& point, const vec3& sun, const Air& air) {
    const float radius = glm::length(point);
    const float cosine = glm::dot(point, sun) / radius;
    const float horizon = -std::sqrt(std::max(0.0f, 1.0f - (kGround / radius) * (kGround / radius)));
    const float open = glm::clamp((cosine - horizon) / 0.009f + 0.5f, 0.0f, 1.0f);
    if (open <= 0) return vec3(0.0f);
    const vec3 depth = depthAlong(point, sun, reach(point, sun, kTop, true), 10);
    return glm::exp(-extinction(depth, air)) * open;
}

vec3 radianceAlong(const vec3& direction, const vec3& sun, const Air& air) {
    const vec3 eye(0.0f, 0.0f, kGround + 60.0f);
    float length = reach(eye, direction, kTop, true);
    if (const float ground = reach(eye, direction, kGround, false); ground > 0) length = ground;
    const float cosine = glm::dot(direction, sun);
    const float rayleighPhase = 3.0f / (16.0f * kPi) * (1 + cosine * cosine);
    const float g = air.g;
    const float miePhase = 3.0f / (8.0f * kPi) * (1 - g * g) * (1 + cosine * cosine) /
                           ((2 + g * g) * std::pow(1 + g * g - 2 * g * cosine, 1.5f));
    constexpr int kSteps = 22;
    vec3 sum(0.0f), depth(0.0f);
    float before = 0;
    for (int i = 0; i < kSteps; ++i) {
        const float t = length * static_cast<float>((i + 1) * (i + 1)) / static_cast<float>(kSteps * kSteps);
        const float step = t - before;
        const vec3 point = eye + direction * (0.5f * (before + t));
        before = t;
        const float height = std::max(glm::length(point) - kGround, 0.0f);
        const float r = std::exp(-height / kRayleighHeight), m = std::exp(-height / kMieHeight);
        depth += vec3(r, m, ozoneDensity(height)) * step;
        const vec3 here = glm::exp(-extinction(depth, air));
        const vec3 direct = sunThrough(point, sun, air);
        // Light scattered more than once: as of a sun a little higher, from everywhere alike, and dimmed less on its
        // way.
        const vec3 higher = sunThrough(point, glm::normalize(sun + vec3(0.0f, 0.0f, 0.10f)), air);
        const vec3 scatter = kRayleigh * r, haze = vec3(air.mie) * m;
        sum += step * (here * direct * (scatter * rayleighPhase + haze * miePhase) +
                       glm::sqrt(here) * higher * (scatter + haze * 0.8f) * (0.85f / (4 * kPi)));
    }
    return sum * kSunlight;
}

float elevationOfRow(std::uint32_t row) {
    const float v = static_cast<float>(row) / (SkyModel::kHeight - 1) * 2 - 1;
    return v * std::abs(v) * 0.5f * kPi;
}

vec3 lookUp(const SkyModel& sky, float azimuth, float elevation) {
    const float e = elevation / (0.5f * kPi);
    const float v = 0.5f + 0.5f * (e < 0 ? -1.0f : 1.0f) * std::sqrt(std::abs(e));
    const auto x = static_cast<std::uint32_t>(std::lround(azimuth / kPi * (SkyModel::kWidth - 1)));
    const auto y = static_cast<std::uint32_t>(std::lround(v * (SkyModel::kHeight - 1)));
    return sky.table[y * SkyModel::kWidth + x];
}

/// Diffuse illuminance of a clear sky on flat ground, klx: Krochmann's 0.3 + 21 sin h by day, and the measured fall of
/// twilight below (IES tables: some 700 lx at 0°, 3.4 lx at -6°, 0.008 lx at -12°).
float clearSkyIlluminance(double elevationRadians) {
    const double degrees = elevationRadians * 180 / kPi;
    if (degrees >= 0) return static_cast<float>(0.7 + 20.6 * std::sin(elevationRadians));
    const double log10Lux = degrees > -6 ? 2.85 + (2.85 - 0.53) / 6 * degrees : 0.53 + (0.53 + 2.1) / 6 * (degrees + 6);
    return static_cast<float>(std::pow(10.0, std::max(log10Lux, -3.0)) * 1e-3);
}

void integrate(SkyModel& sky, double elevationRadians) {
    constexpr int kRings = 16, kSectors = 16;
    vec3 up(0.0f), side(0.0f);
    for (int ring = 0; ring < kRings; ++ring)
        for (int sector = 0; sector < kSectors; ++sector) {
            const float elevation = (static_cast<float>(ring) + 0.5f) / kRings * 0.5f * kPi;
            const float azimuth = (static_cast<float>(sector) + 0.5f) / kSectors * kPi;
            const float solid = std::cos(elevation) * (0.5f * kPi / kRings) * (2 * kPi / kSectors);
            const vec3 radiance = lookUp(sky, azimuth, elevation);
            up += radiance * (solid * std::sin(elevation));
            side += radiance * (solid * std::cos(elevation) / kPi); // mean over all headings
        }
    const vec3 ground = (up + sky.sun * static_cast<float>(std::max(0.0, std::sin(elevationRadians)))) * (0.20f / kPi);
    const vec3 groundTone = ground * vec3(1.0f, 0.97f, 0.92f);
    sky.up = up / kPi;
    sky.down = groundTone;
    sky.side = side / kPi + groundTone * 0.5f;
    sky.illuminance = glm::dot(up + sky.sun * static_cast<float>(std::max(0.0, std::sin(elevationRadians))),
                               vec3(0.2126f, 0.7152f, 0.0722f));
    sky.hazeToward = (lookUp(sky, 0.12f, 0.05f) + lookUp(sky, 0.5f, 0.05f) + lookUp(sky, 0.25f, 0.12f)) / 3.0f;
    sky.hazeAway = (lookUp(sky, 2.2f, 0.05f) + lookUp(sky, 2.9f, 0.05f) + lookUp(sky, 2.6f, 0.12f)) / 3.0f;
}

} // namespace

SkyModel computeSky(double elevationRadians, scene::Weather weather) {
    const Air air = airOf(weather);
    // Deep twilight keeps the spread of a sun 5.5° below: past that, single scattering lights the zenith alone.
    const double placed = std::max(elevationRadians, -0.096);
    const vec3 sun(static_cast<float>(std::cos(placed)), 0.0f, static_cast<float>(std::sin(placed)));
    SkyModel sky;
    sky.sun = sunThrough(vec3(0.0f, 0.0f, kGround + 60.0f), sun, air) * kSunlight;
    sky.table.resize(SkyModel::kWidth * SkyModel::kHeight);
    for (std::uint32_t y = SkyModel::kHeight / 2; y < SkyModel::kHeight; ++y)
        for (std::uint32_t x = 0; x < SkyModel::kWidth; ++x) {
            const float elevation = std::max(elevationOfRow(y), 0.002f);
            const float azimuth = static_cast<float>(x) / (SkyModel::kWidth - 1) * kPi;
            const vec3 direction(std::cos(elevation) * std::cos(azimuth), std::cos(elevation) * std::sin(azimuth),
                                 std::sin(elevation));
            sky.table[y * SkyModel::kWidth + x] = radianceAlong(direction, sun, air);
        }
    // Absolute brightness comes from measurements; the scattering gives its spread and colour.
    integrate(sky, elevationRadians);
    const float diffuse = glm::dot(sky.up, vec3(0.2126f, 0.7152f, 0.0722f)) * kPi;
    const float scale = clearSkyIlluminance(elevationRadians) * (weather == scene::Weather::haze ? 1.25f : 1.0f) /
                        std::max(diffuse, 1e-9f);
    for (vec3& texel : sky.table) {
        texel *= scale;
        texel = glm::mix(vec3(glm::dot(texel, vec3(0.2126f, 0.7152f, 0.0722f))), texel, 0.82f);
    }
    // The blue hour: light that ozone filtered on a long way through the stratosphere, more of it the higher one looks.
    const float dusk = glm::smoothstep(0.06f, -0.07f, static_cast<float>(elevationRadians));
    for (std::uint32_t i = 0; i < sky.table.size(); ++i) {
        const float up = glm::smoothstep(0.02f, 0.5f, elevationOfRow(i / SkyModel::kWidth));
        sky.table[i] *= glm::mix(vec3(1.0f), vec3(0.62f, 0.90f, 1.60f), dusk * (0.15f + 0.85f * up));
    }
    if (weather == scene::Weather::overcast || weather == scene::Weather::rain) {
        // CIE overcast sky: three times as bright at the zenith as at the horizon; the sun is gone.
        integrate(sky, elevationRadians);
        const float dim = weather == scene::Weather::rain ? 0.16f : 0.28f;
        const float zenith = sky.illuminance * dim * 9.0f / (7.0f * kPi);
        for (std::uint32_t y = SkyModel::kHeight / 2; y < SkyModel::kHeight; ++y)
            for (std::uint32_t x = 0; x < SkyModel::kWidth; ++x) {
                const float l = zenith * (1 + 2 * std::sin(elevationOfRow(y))) / 3;
                vec3& texel = sky.table[y * SkyModel::kWidth + x];
                texel = glm::mix(texel * 0.2f, l * vec3(0.97f, 1.0f, 1.05f), 0.94f);
            }
        sky.sun *= weather == scene::Weather::rain ? 0.01f : 0.04f;
    }
    // Below the horizon: haze that darkens into ground, for what looks past the world's edge.
    for (std::uint32_t y = 0; y < SkyModel::kHeight / 2; ++y)
        for (std::uint32_t x = 0; x < SkyModel::kWidth; ++x) {
            const float depth = glm::clamp(-elevationOfRow(y) / 0.5f, 0.0f, 1.0f);
            sky.table[y * SkyModel::kWidth + x] =
                sky.table[(SkyModel::kHeight / 2) * SkyModel::kWidth + x] * glm::mix(1.0f, 0.45f, depth);
        }
    integrate(sky, elevationRadians);
    return sky;
}

} // namespace matou::render
