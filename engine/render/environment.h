#pragma once
// The light of one view: from the sun's place, the weather and the look to the numbers and tables that shaders use.
// Models speak lux and cd/m²; shaders see everything exposed: 1 is white before the tone curve.

#include <functional>
#include <vector>

#include <glm/glm.hpp>

#include "render/light_probe.h"
#include "render/sky_model.h"
#include "scene/frame_snapshot.h"
#include "shared/host.h"

namespace matou::render {

/// Elevation that the sky is computed for: steps of 0.05 degrees, so that it is a function of the clock alone.
double skyElevation(const scene::View& view);

/// Where the light that throws shadows comes from: the sun, or at night the moon or its stand-in. Unit, shading frame.
glm::dvec3 lightDirection(const scene::View& view, bool neutral);

/// True where the light is a fixed one that knows no sun: --environment neutral and the look `plan`.
bool lightIsFixed(const scene::View& view, bool neutral);

/// EV at ISO 100: as given, or of the light that sun, sky and lamps throw on the ground. The eye adapts but not all the
/// way: dusk stays darker than noon. 14.5 at noon, 4 in a lit street at night.
double exposureEv100(const scene::View& view, const SkyModel& sky);
/// What luminance in cd/m² is multiplied with (Lagarde and de Rousiers 2014, "Moving Frostbite to PBR", 5.1).
float exposureFactor(double ev100);

/// Light from all sides in the frame whose x axis points to the sun's azimuth, cd/m².
LightProbe probeOf(const SkyModel& sky);
/// Of the fixed lights, exposed.
LightProbe fixedProbe(bool neutral);

/// Fills all that has to do with light in `out`.
void lightView(const scene::View& view, const SkyModel& sky, const LightProbe& probe, bool neutral,
               shared::GpuView& out);

/// The probe's coefficients, each through `of`, and what comes from straight above and below.
void setDiffuse(shared::GpuView& out, const LightProbe& probe, const std::function<glm::vec3(const glm::vec3&)>& of);

/// The tables as halves, exposed and in the view's look: the sky with its air rows, the probe's picture.
std::vector<glm::u16vec4> skyTexels(const scene::View& view, const SkyModel& sky, bool neutral);
std::vector<glm::u16vec4> probeTexels(const LightProbe& probe, float exposure, scene::Look look);
/// Of the sky's or a fixed light's probe.
float probeExposure(const scene::View& view, const SkyModel& sky, bool neutral);

/// What one lux or candela per square metre is in the view's exposed light. Under the neutral light, which has no
/// exposure, one.
float photometricExposure(const shared::GpuView& view);

/// Local apparent time in hours, 0 to 24, from where the sun stands: what windows and shops are lit by. The look
/// `night` is an evening whatever the clock says.
float solarHour(const scene::View& view, const geo::Ecef& anchor);

} // namespace matou::render
