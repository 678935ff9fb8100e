#pragma once
// A small generated district for drawing tests: box buildings on a plane, roads, a river, trees; every building a
// feature.

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "gpu/device.h"
#include "model/content.h"
#include "render/renderer.h"
#include "resident/content_table.h"
#include "scene/frame_snapshot.h"

namespace matou::testing {

/// A box from `low` to `high` (metres, content frame), walls with façade metres, as row `feature`.
void addBox(model::Primitive& primitive, const glm::vec3& low, const glm::vec3& high, std::uint32_t feature,
            const glm::u8vec4& color);
/// A flat quad at height z, facing up.
void addGround(model::Primitive& primitive, const glm::vec2& low, const glm::vec2& high, float z,
               const glm::u8vec4& color);

/// One content with one primitive and an opaque white rough material; bounds, instance and feature ids filled in.
model::Content contentOf(model::Primitive primitive, std::uint32_t features, const std::string& idPrefix);

/// About `tiles`² contents of buildings, each building in that many slices, plus ground layers.
struct BoxCity {
    geo::Ecef anchor;
    glm::dmat4 ecefFromEnu{1.0};
    std::vector<scene::DrawContent> contents;
    std::uint32_t featureCount = 0; // numbers 1 … featureCount
    /// Feature 1: a lone tower, 40 × 40 × 90 m about (0, 0), and its footprint's centre in metres about the anchor.
    glm::dvec3 point(double east, double north, double up) const;
};
BoxCity buildCity(resident::ContentTable& table, int tiles, int slices = 1);

/// A view from eye to target, metres about the anchor.
scene::View viewOf(const BoxCity& city, const glm::dvec3& eye, const glm::dvec3& target, glm::ivec4 rectangle);
/// Unit vector to the sun: azimuth clockwise from north, elevation.
glm::dvec3 sunAt(double azimuthDegrees, double elevationDegrees);

/// Writes build/pictures/<name>.png and returns its path.
std::string writePicture(const render::Pixels& pixels, const std::string& name);

} // namespace matou::testing
