#pragma once
// Exact sun visibility for stills and studies: rays against the triangles that are drawn. The judge of the shadow maps.

#include <cstdint>
#include <memory>
#include <vector>

#include "scene/frame_snapshot.h"
#include "spatial/spatial_index.h"

namespace matou {

/// One byte per pixel of `view.target`, rows from the top: how much of the sun's disc (0.533 degrees across) the place sees that
/// the pixel's centre shows, 0 to 255; 255 where there is only sky. A surface that looks away from the middle of the disc sees
/// none. `towardsLight`: unit, in the anchor's east-north-up axes. What `filter` leaves out neither shows nor shades;
/// of what is left, `shades` are the layers that throw shadows.
/// Four rays to the disc, and 32 where they differ; the same places of the disc for every pixel, so the same picture every time.
/// Cost: some 10 µs a pixel and core; uses all cores and waits for them.
std::shared_ptr<const std::vector<std::uint8_t>> traceSun(const scene::View& view, const geo::Ecef& anchor, const glm::dvec3& towardsLight,
                                                          const spatial::SpatialIndex& geometry, const spatial::Filter& filter,
                                                          spatial::LayerMask shades);

} // namespace matou
