#include "render/sky_model.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace matou::render {
namespace {

using glm::vec3;

constexpr float kPi = std::numbers::pi_v<float>;
constexpr double kEyeMeters = 100.0;
// Above the atmosphere, lux, balanced so that daylight of a sun at 45 degrees (sun and sky together) is white.
const vec3 kSunlight{120e3f, 126e3f, 136e3f};
constexpr float kGroundAlbedo = 0.17f;

float brightness(const vec3& c) { return glm::dot(c, vec3(0.2126f, 0.7152f, 0.0722f)); }
vec3 greyer(const vec3& c, float saturation) { return glm::mix(vec3(brightness(c)), c, saturation); }

bool covered(scene::Weather weather) { return weather == scene::Weather::overcast || weather == scene::Weather::rain; }

float elevationOfRow(std::uint32_t row) {
    constexpr float kBelow = SkyModel::kRowsBelow, kAbove = SkyModel::kHeight - 1 - SkyModel::kRowsBelow;
    const float x = static_cast<float>(row) - kBelow, v = x < 0 ? x / kBelow : x / kAbove;
    return v * std::abs(v) * 0.5f * kPi;
}
float azimuthOfColumn(std::uint32_t column) { return 2 * std::asin(static_cast<float>(column) / (SkyModel::kWidth - 1)); }

/// Lamps of a city of 25 million, thrown back by the air: some 2 cd/m² at the rim, warm; a fifth of it above, bluish. Cloud and
/// haze throw back more.
vec3 cityGlow(float elevation, scene::Weather weather) {
    const float up = std::sqrt(std::max(0.0f, std::sin(elevation)));
    if (covered(weather)) return glm::mix(vec3(3.4f, 2.8f, 2.5f), vec3(1.9f, 1.6f, 1.65f), up);
    if (weather == scene::Weather::haze) return glm::mix(vec3(2.5f, 2.1f, 1.9f), vec3(0.70f, 0.72f, 0.95f), up);
    return glm::mix(vec3(2.3f, 1.98f, 2.05f), vec3(0.25f, 0.38f, 0.80f), std::sqrt(up));
}

/// Three wavelengths make twilight too purple: ozone's deep band lies between them. Hue after Hulburt's (1953) blue zenith.
vec3 twilightHue(float elevation, float sunElevation) {
    const float dusk = glm::smoothstep(0.05f, -0.05f, sunElevation), high = glm::smoothstep(0.0f, 0.45f, elevation);
    return glm::mix(vec3(1.0f), glm::mix(vec3(1.0f, 1.24f, 0.80f), vec3(0.58f, 1.08f, 1.16f), high), dusk);
}

/// CIE overcast sky: three times as bright at the zenith as at the horizon.
vec3 overcastAt(float elevation, float zenith) {
    return zenith * (1 + 2 * std::sin(std::max(elevation, 0.0f))) / 3.0f * vec3(0.97f, 1.0f, 1.05f);
}

void fill(SkyModel& sky, const Atmosphere& air, double sunElevation) {
    for (std::uint32_t y = 0; y < SkyModel::kHeight; ++y)
        for (std::uint32_t x = 0; x < SkyModel::kWidth; ++x) {
            double elevation = elevationOfRow(y);
            if (y == SkyModel::kRowsBelow) elevation = 0.0005; // the horizon's row must not end on the ground
            sky.table[y * SkyModel::kWidth + x] = air.radiance(kEyeMeters, elevation, azimuthOfColumn(x), sunElevation) * kSunlight;
        }
    std::vector<double> meters;
    for (std::uint32_t row = 1; row < SkyModel::kAirRows; ++row) {
        const double share = static_cast<double>(row) / (SkyModel::kAirRows - 1);
        meters.push_back(row == SkyModel::kAirRows - 1 ? 6e5 : SkyModel::kAirScaleMeters * share / (1 - share));
    }
    std::vector<vec3> added;
    for (std::uint32_t x = 0; x < SkyModel::kWidth; ++x) {
        air.scatteredOver(kEyeMeters, azimuthOfColumn(x), sunElevation, meters, added);
        for (std::uint32_t row = 0; row < SkyModel::kAirRows; ++row)
            sky.table[(SkyModel::kHeight + row) * SkyModel::kWidth + x] = row == 0 ? vec3(0.0f) : added[row - 1] * kSunlight;
        // What is infinitely far is the horizon itself.
        sky.table[(SkyModel::kHeight + SkyModel::kAirRows - 1) * SkyModel::kWidth + x] = sky.table[SkyModel::kRowsBelow * SkyModel::kWidth + x];
    }
}

/// Light of the sky that falls on level ground, / π.
vec3 gathered(const SkyModel& sky) {
    constexpr int kRings = 20, kSectors = 12;
    vec3 sum(0.0f);
    for (int ring = 0; ring < kRings; ++ring)
        for (int sector = 0; sector < kSectors; ++sector) {
            const float elevation = (static_cast<float>(ring) + 0.5f) / kRings * 0.5f * kPi, azimuth = (static_cast<float>(sector) + 0.5f) / kSectors * kPi;
            sum += sky.radiance(elevation, std::cos(azimuth)) * (std::cos(elevation) * std::sin(elevation) * (0.5f * kPi / kRings) * (2 * kPi / kSectors));
        }
    return sum / kPi;
}

template <class Of> void everySkyTexel(SkyModel& sky, const Of& of) {
    for (std::uint32_t y = 0; y < SkyModel::kHeight; ++y)
        for (std::uint32_t x = 0; x < SkyModel::kWidth; ++x) {
            vec3& texel = sky.table[y * SkyModel::kWidth + x];
            texel = of(texel, elevationOfRow(y));
        }
}
/// `of` also gets how opaque the air is over that distance.
template <class Of> void everyAirTexel(SkyModel& sky, const Of& of) {
    for (std::uint32_t row = 0; row < SkyModel::kAirRows; ++row)
        for (std::uint32_t x = 0; x < SkyModel::kWidth; ++x) {
            const float share = static_cast<float>(row) / (SkyModel::kAirRows - 1);
            const float meters = static_cast<float>(SkyModel::kAirScaleMeters) * share / std::max(1e-4f, 1 - share);
            vec3& texel = sky.table[(SkyModel::kHeight + row) * SkyModel::kWidth + x];
            texel = of(texel, 1.0f - glm::exp(-sky.extinction * meters));
        }
}

} // namespace

Aerosol aerosolOf(scene::Weather weather) {
    // Small particles scatter more blue: Angstrom's exponent 1 between 680, 550 and 440 nm; in haze they have grown.
    switch (weather) {
    case scene::Weather::haze: // visibility 11 km, what forecasts call light haze
        return {vec3(0.88f, 1.0f, 1.14f) * 3.4e-4f, 0.90f, 1000.0f, 0.72f};
    case scene::Weather::overcast:
        return {vec3(0.88f, 1.0f, 1.14f) * 1.3e-4f, 0.92f, 1500.0f, 0.70f};
    case scene::Weather::rain:
        return {vec3(1.0f) * 3.2e-4f, 0.95f, 2000.0f, 0.70f};
    default: // 48 km: a day after rain or behind a front
        return {vec3(0.84f, 1.0f, 1.20f) * 0.68e-4f, 0.92f, 1300.0f, 0.74f};
    }
}

vec3 SkyModel::radiance(float elevation, float toward) const {
    constexpr float kBelow = kRowsBelow, kAbove = kHeight - 1 - kRowsBelow;
    const float e = elevation / (0.5f * kPi);
    const float y = e < 0 ? kBelow * (1 - std::sqrt(-e)) : kBelow + kAbove * std::sqrt(e);
    const float x = std::sqrt(std::max(0.0f, 0.5f - 0.5f * toward)) * (kWidth - 1);
    const auto x0 = std::min(static_cast<std::uint32_t>(x), kWidth - 1), y0 = std::min(static_cast<std::uint32_t>(std::max(y, 0.0f)), kHeight - 1);
    const std::uint32_t x1 = std::min(x0 + 1, kWidth - 1), y1 = std::min(y0 + 1, kHeight - 1);
    const float u = x - static_cast<float>(x0), v = y - static_cast<float>(y0);
    const auto at = [&](std::uint32_t cx, std::uint32_t cy) { return table[cy * kWidth + cx]; };
    return glm::mix(glm::mix(at(x0, y0), at(x1, y0), u), glm::mix(at(x0, y1), at(x1, y1), u), v);
}

SkyModel computeSky(const Atmosphere& air, double elevationRadians, scene::Weather weather) {
    SkyModel sky;
    sky.table.resize(SkyModel::kWidth * (SkyModel::kHeight + SkyModel::kAirRows));
    sky.extinction = Atmosphere::rayleigh() + air.aerosol().extinction;
    sky.perHeight = 1.0f / air.aerosol().heightMeters;
    sky.sun = air.sunlight(kEyeMeters, elevationRadians) * kSunlight;
    const float height = std::max(0.0f, static_cast<float>(std::sin(elevationRadians)));
    fill(sky, air, elevationRadians);
    everySkyTexel(sky, [&](const vec3& c, float elevation) { return greyer(c, 0.92f) * twilightHue(elevation, static_cast<float>(elevationRadians)); });
    everyAirTexel(sky, [&](const vec3& c, const vec3&) { return greyer(c, 0.85f) * twilightHue(0.1f, static_cast<float>(elevationRadians)); });
    if (covered(weather)) {
        // What comes through the cloud, of all that falls on it.
        const vec3 above = gathered(sky) * kPi + sky.sun * height;
        const float through = brightness(above) * (weather == scene::Weather::rain ? 0.16f : 0.28f);
        const float zenith = through * 9.0f / (7.0f * kPi);
        everySkyTexel(sky, [&](const vec3& c, float elevation) {
            return glm::mix(greyer(c, 0.3f) * 0.02f, overcastAt(elevation, zenith) * (elevation < 0 ? 1.0f + std::max(elevation, -0.9f) * 0.8f : 1.0f), 0.96f);
        });
        everyAirTexel(sky, [&](const vec3&, const vec3& opaque) { return overcastAt(0.05f, zenith) * opaque; });
        sky.sun *= weather == scene::Weather::rain ? 0.004f : 0.02f;
    }
    const float lampsOn = glm::smoothstep(0.02f, -0.10f, static_cast<float>(elevationRadians));
    if (lampsOn > 0) {
        everySkyTexel(sky, [&](const vec3& c, float elevation) { return c + cityGlow(elevation, weather) * lampsOn; });
        everyAirTexel(sky, [&](const vec3& c, const vec3& opaque) { return c + cityGlow(0.03f, weather) * opaque * lampsOn; });
    }
    sky.up = gathered(sky);
    sky.down = (sky.up + sky.sun * (height / kPi)) * kGroundAlbedo * vec3(1.0f, 0.97f, 0.92f);
    sky.illuminance = brightness(sky.up * kPi + sky.sun * height);
    sky.seenIlluminance = brightness(sky.up * kPi + sky.sun * glm::mix(height, height > 0 ? 1.0f : 0.0f, 0.22f));
    return sky;
}

} // namespace matou::render
