#pragma once
// The light of one view: from the sun's place, the weather and the look to the numbers that shaders use, exposed.

#include <glm/glm.hpp>

#include "render/sky_model.h"
#include "scene/frame_snapshot.h"
#include "shared/host.h"

namespace matou::render {

/// Elevation that the sky table is computed for: steps of 0.05 degrees, so that it is a function of the clock alone.
double skyElevation(const scene::View& view);

/// Where the light that throws shadows comes from: the sun, or at night the moon's stand-in. Unit, shading frame.
glm::dvec3 lightDirection(const scene::View& view, bool neutral);

/// Fills all that has to do with light in `out`.
void lightView(const scene::View& view, const SkyModel& sky, bool neutral, shared::GpuView& out);

} // namespace matou::render
