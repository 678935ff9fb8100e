#include "render/picture_light.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <numbers>

#include <glm/gtc/packing.hpp>

#include "render/environment.h"

namespace matou::render {
namespace {

using glm::dvec3;
using glm::vec2;
using glm::vec3;
using glm::vec4;

constexpr double kPi = std::numbers::pi;
constexpr double kSunRadius = 6 * kPi / 180; // what lenses and haze spread of it lies within
constexpr double kDominates = 1.0; // of the light of all else
constexpr double kLowestSun = 0.02; // grazing light would draw shadows without end

double luminance(const dvec3& c) { return glm::dot(c, dvec3(0.2126, 0.7152, 0.0722)); }

vec3 texelOf(const model::EnvironmentImage& image, std::uint32_t x, std::uint32_t y) {
    const float* p = &image.rgb[(std::size_t{y} * image.width + x) * 3];
    return {p[0], p[1], p[2]};
}

dvec3 directionOf(const model::EnvironmentImage& image, std::uint32_t x, std::uint32_t y) {
    const double a = ((x + 0.5) / image.width - 0.5) * 2 * kPi, t = (y + 0.5) / image.height * kPi;
    return {std::sin(a) * std::sin(t), std::cos(a) * std::sin(t), std::cos(t)};
}

/// `use(direction, radiance, steradians)` of every texel.
void overAll(const model::EnvironmentImage& image, const auto& use) {
    for (std::uint32_t y = 0; y < image.height; ++y) {
        const double t0 = y * kPi / image.height, t1 = (y + 1) * kPi / image.height;
        const double solid = (std::cos(t0) - std::cos(t1)) * 2 * kPi / image.width;
        for (std::uint32_t x = 0; x < image.width; ++x)
            use(directionOf(image, x, y), dvec3(texelOf(image, x, y)), solid);
    }
}

/// A disc that outshines the ring around it.
struct Sun {
    dvec3 towards{0, 0, 1}, light{0}; // light on a plane facing it
    dvec3 around{0};                  // mean radiance of the ring
};

Sun brightestDisc(const model::EnvironmentImage& image) {
    Sun sun;
    double most = -1;
    overAll(image, [&](const dvec3& d, const dvec3& c, double) {
        if (const double l = luminance(c); l > most) most = l, sun.towards = d;
    });
    // Its middle, not its brightest texel.
    const double inner = std::cos(kSunRadius), outer = std::cos(2 * kSunRadius);
    dvec3 middle(0);
    overAll(image, [&](const dvec3& d, const dvec3& c, double solid) {
        if (glm::dot(d, sun.towards) > inner && luminance(c) > 0.5 * most) middle += d * (luminance(c) * solid);
    });
    if (glm::length(middle) > 0) sun.towards = glm::normalize(middle);
    double ring = 0;
    overAll(image, [&](const dvec3& d, const dvec3& c, double solid) {
        const double cosine = glm::dot(d, sun.towards);
        if (cosine > outer && cosine <= inner) sun.around += c * solid, ring += solid;
    });
    if (ring > 0) sun.around /= ring;
    overAll(image, [&](const dvec3& d, const dvec3& c, double solid) {
        if (glm::dot(d, sun.towards) > inner) sun.light += glm::max(c - sun.around, dvec3(0)) * solid;
    });
    return sun;
}

} // namespace

PictureLight lightOf(const model::EnvironmentImage& image) {
    PictureLight out;
    const Sun sun = brightestDisc(image);
    const double inner = std::cos(kSunRadius);
    double whole = 0, facing = 0;
    overAll(image, [&](const dvec3& d, const dvec3& c, double solid) {
        whole += luminance(c) * solid;
        facing += luminance(c) * solid * std::max(glm::dot(d, sun.towards), 0.0);
    });
    out.mean = static_cast<float>(whole / (4 * kPi));
    const double rest = facing - luminance(sun.light);
    const bool dominates = sun.towards.z > kLowestSun && luminance(sun.light) > 0 && luminance(sun.light) >= kDominates * rest;
    if (dominates) {
        out.sun = vec3(sun.light);
        out.towardsSun = sun.towards;
    }
    const auto at = [&](const vec3& d) {
        const double u = 0.5 + std::atan2(static_cast<double>(d.x), static_cast<double>(d.y)) / (2 * kPi);
        const double v = std::acos(std::clamp(static_cast<double>(d.z), -1.0, 1.0)) / kPi;
        const vec3 c = texelOf(image, std::min(static_cast<std::uint32_t>(u * image.width), image.width - 1),
                               std::min(static_cast<std::uint32_t>(v * image.height), image.height - 1));
        return dominates && glm::dot(dvec3(d), sun.towards) > inner ? glm::min(c, vec3(sun.around)) : c;
    };
    const std::uint32_t size = std::clamp(std::bit_floor(image.width) / 2, 64u, 512u); // about one texel for one of the picture
    out.probe = makeProbe(
        [&](const vec3& d) { // sixteen samples over the texel
            const vec2 middle = octahedralOf(d);
            vec3 sum(0.0f);
            for (int i = 0; i < 16; ++i) {
                const vec2 off = vec2(static_cast<float>(i % 4) - 1.5f, static_cast<float>(i / 4) - 1.5f) * 0.5f / static_cast<float>(size);
                sum += at(fromOctahedral(glm::clamp(middle + off, vec2(-1.0f), vec2(1.0f))));
            }
            return sum / 16.0f;
        },
        size, ProbeCare::thorough);
    return out;
}

float pictureExposure(const scene::View& view, const PictureLight& light) {
    return view.autoExposure ? 0.6f / std::max(light.mean, 1e-6f) : std::exp2(-view.exposureEv);
}

void lightByPicture(const scene::View& view, const PictureLight& light, shared::GpuView& out) {
    const float exposure = pictureExposure(view, light);
    setDiffuse(out, light.probe, [&](const vec3& c) { return c * exposure; });
    out.sun = vec4(vec3(light.towardsSun), out.sun.w);
    out.sunRadiance = vec4(light.sun * exposure, 1.0f);
    out.options.z = 2.0f;
}

Backdrop backdropOf(const model::EnvironmentImage& image, float exposure) {
    const std::uint32_t step = std::max((image.width + 4095) / 4096, (image.height + 2047) / 2048);
    Backdrop out{std::max(image.width / step, 1u), std::max(image.height / step, 1u), {}};
    out.texels.reserve(std::size_t{out.width} * out.height);
    for (std::uint32_t y = 0; y < out.height; ++y)
        for (std::uint32_t x = 0; x < out.width; ++x) {
            vec3 sum(0.0f);
            for (std::uint32_t i = 0; i < step * step; ++i)
                sum += texelOf(image, x * step + i % step, y * step + i / step);
            const vec3 c = sum * (exposure / static_cast<float>(step * step));
            out.texels.push_back(glm::packHalf(vec4(glm::min(c, vec3(6e4f)), 1.0f)));
        }
    return out;
}

} // namespace matou::render
