#pragma once
// The sky as a table, by single scattering of sunlight in a spherical atmosphere (Nishita et al. 1993, with ozone and a
// simple share of multiple scattering), and what it throws onto the ground. Pure; the same input gives the same table.

#include <cstdint>
#include <vector>

#include <glm/glm.hpp>

#include "scene/frame_snapshot.h"

namespace matou::render {

struct SkyModel {
    static constexpr std::uint32_t kWidth = 64, kHeight = 64;
    /// Radiance in kcd/m² per channel; columns: azimuth from the sun 0..180°, rows: elevation -90..90°, square-root
    /// spaced about the horizon.
    std::vector<glm::vec3> table;
    /// Illuminance of the sun on a plane facing it, klx per channel.
    glm::vec3 sun{0.0f};
    /// Irradiance / π on planes facing up, sideways, down.
    glm::vec3 up{0.0f}, side{0.0f}, down{0.0f};
    /// Light of the haze towards and away from the sun.
    glm::vec3 hazeToward{0.0f}, hazeAway{0.0f};
    /// Of all light on the ground, klx.
    float illuminance = 0.0f;
};

/// `elevationRadians` of the sun may be negative. Cost: some 10 ms; keep the result.
SkyModel computeSky(double elevationRadians, scene::Weather weather);

} // namespace matou::render
