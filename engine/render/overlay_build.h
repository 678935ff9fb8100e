#pragma once
// Overlay primitives of the snapshot -> what the overlay shaders read, in drawing order. Pure.

#include <cstdint>
#include <vector>

#include <glm/glm.hpp>

#include "scene/frame_snapshot.h"
#include "shared/host.h"

namespace matou::render {

struct OverlayBatch {
    std::vector<shared::GpuAreaVertex> areas;
    std::vector<shared::GpuLineSegment> lines;
    std::vector<shared::GpuOverlayQuad> quads;
};

/// Strength of what the city hides and that is not always visible.
inline constexpr float kHiddenStrength = 0.25f;

/// Areas, then lines, in the order given; then icons and labels by priority (at equal priority icons before labels,
/// each in the order given).
OverlayBatch buildOverlay(const scene::Overlay& overlay, const glm::dmat3& axes, const geo::Ecef& eye);

/// The item with a pick number that covers the pixel (centre at +0.5), the one drawn last if several do.
struct OverlayHit {
    scene::FeatureNumber feature = 0;
    geo::Ecef position;
};
OverlayHit pickOverlay(const scene::Overlay& overlay, const glm::dmat3& axes, const geo::Ecef& eye,
                       const glm::mat4& clipFromEye, glm::vec4 target, glm::vec2 pixel);

} // namespace matou::render
