#pragma once
// The light of a picture of the surroundings (--environment FILE.hdr): what comes from all around, and a sun where the picture
// has one that dominates. Pure.

#include <vector>

#include <glm/glm.hpp>

#include "model/environment_image.h"
#include "render/light_probe.h"
#include "scene/frame_snapshot.h"
#include "shared/host.h"

namespace matou::render {

/// In the picture's own units; directions as EnvironmentImage has them, z up.
struct PictureLight {
    LightProbe probe;               // without the sun
    glm::vec3 sun{0.0f};            // of the sun on a plane that faces it; zero: no light dominates, nothing throws a shadow
    glm::dvec3 towardsSun{0, 0, 1}; // unit
    float mean = 0.0f;              // luminance over all directions, the sun's share in it
};

/// Takes the sun out as Stumpfel and others (2004), "Direct HDR capture of the sun and sky", part the two: the radiance within
/// six degrees of the brightest place that exceeds the mean of the ring around it. It is the sun only where it stands over the
/// horizon and throws at least as much light on a plane facing it as all the rest of the picture does (a clear sky's throws nine
/// times as much, a lamp of a hall 0.7); else it stays in the probe. Cost: a second, most of it blurring; keep the result.
PictureLight lightOf(const model::EnvironmentImage& image);

/// What the picture's values are multiplied with: the mean picture makes white 0.6, or 2^-EV.
float pictureExposure(const scene::View& view, const PictureLight& light);

/// After lightView with neutral light: the picture's light in its place.
void lightByPicture(const scene::View& view, const PictureLight& light, shared::GpuView& out);

/// The picture as halves, exposed, for what is seen behind everything; at most 4096 wide.
struct Backdrop {
    std::uint32_t width = 0, height = 0;
    std::vector<glm::u16vec4> texels;
};
Backdrop backdropOf(const model::EnvironmentImage& image, float exposure);

} // namespace matou::render
