#pragma once
// Where the shadow maps lie: spheres about slices of the view, snapped to a coarse grid of the world, so that edges do
// not swim when the camera moves and a map can be kept while its cell and its casters stay the same.

#include <array>
#include <cstdint>

#include <glm/glm.hpp>

#include "render/view_math.h"
#include "shared/host.h"

namespace matou::render {

struct Cascade {
    glm::mat4 shadowFromEye{1.0f};
    float texelMeters = 1.0f, farMeters = 0.0f;
    float depthMeters = 1.0f; // what depth 0..1 of the map spans
    /// Centre relative to the anchor and radius: with the light's direction, all that the map depends on.
    glm::dvec3 center{0.0};
    double radius = 0.0;
    /// False only where the box cannot throw a shadow into the cascade. However far towards the sun it stands: what is
    /// nearer to the sun than the map is drawn at its near side (depth clamp).
    bool touches(const glm::mat4& eyeFromContent, const glm::vec3& minimum, const glm::vec3& maximum) const;
};

/// The light's direction in steps of 0.01 degrees: a sun that moves with the clock redraws the maps every few seconds,
/// not every frame. Unit in, unit out.
glm::dvec3 steppedLight(const glm::dvec3& towardsSun);

/// How far along the view shadows are drawn, for an eye at this height over the anchor.
double shadowReachMeters(double eyeHeightMeters);

/// `eyeFromAnchor`: the eye relative to the anchor, shading frame. `towardsSun`: unit. `mapTexels`: width of a map.
std::array<Cascade, MATOU_CASCADES> placeCascades(const ViewPlane& plane, const glm::dmat3& eyeAxes,
                                                  const glm::dvec3& eyeFromAnchor, const glm::dvec3& towardsSun,
                                                  std::uint32_t mapTexels);

} // namespace matou::render
