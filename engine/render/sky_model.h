#pragma once
// The sky of one moment as tables, in cd/m², and what it throws onto the ground, in lux. Pure; the same input gives the
// same tables.

#include <cstdint>
#include <vector>

#include <glm/glm.hpp>

#include "render/atmosphere.h"
#include "scene/frame_snapshot.h"

namespace matou::render {

/// Aerosol of a weather: what Shanghai has on a clear day, in haze, under cloud.
Aerosol aerosolOf(scene::Weather weather);

struct SkyModel {
    static constexpr std::uint32_t kWidth = 64, kHeight = 64, kRowsBelow = 16, kAirRows = 16;
    /// Columns: sin(azimuth from the sun / 2), 0..1. Rows 0..kHeight: elevation -90..90 degrees, square-root spaced about the
    /// horizon, kRowsBelow of them below; then kAirRows: light that the air adds over a level distance d, at
    /// d / (d + kAirScaleMeters) = 0..1.
    std::vector<glm::vec3> table;
    static constexpr double kAirScaleMeters = 8000.0;
    /// Of the sun on a plane facing it, lux per channel.
    glm::vec3 sun{0.0f};
    /// Irradiance / π on the level ground from the sky, and what the ground gives back.
    glm::vec3 up{0.0f}, down{0.0f};
    /// Extinction of the air at the ground per metre, and 1 / its scale height.
    glm::vec3 extinction{0.0f};
    float perHeight = 0.0f;
    /// Of sun and sky on level ground, lux.
    float illuminance = 0.0f;
    /// The same of a ground that leans to the sun by a fifth, as streets with walls do: what exposure goes by.
    float seenIlluminance = 0.0f;

    /// Bilinear, as the shader reads it. `toward`: cosine of the azimuth from the sun.
    glm::vec3 radiance(float elevationRadians, float toward) const;
};

/// `elevationRadians` of the sun may be negative; the glow of a great city's lamps is in it. Cost: some 7 ms; keep the result.
SkyModel computeSky(const Atmosphere& air, double elevationRadians, scene::Weather weather);

} // namespace matou::render
