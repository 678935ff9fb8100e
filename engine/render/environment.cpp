#include "render/environment.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include <glm/gtc/packing.hpp>

namespace matou::render {
namespace {

using glm::vec2;
using glm::vec3;
using glm::vec4;

constexpr double kPi = std::numbers::pi;
// Full daylight: sun and sky on level ground, lux, and the exposure that suits it.
constexpr double kDaylightLux = 105e3, kDaylightEv = 14.25;
// Street lamps and windows on the ground of a city at night, lux.
constexpr double kLampLux = 9.0;
// The full moon high in the sky, lux; and how much more the dark-adapted eye makes of it than a photograph would.
constexpr double kMoonLux = 0.27, kMoonSeen = 6.0;

double elevationOf(const scene::View& view) {
    const double elevation = std::asin(std::clamp(view.sunDirection.z, -1.0, 1.0));
    // The look "night" is night whatever the clock says.
    return view.look == scene::Look::night ? std::min(elevation, -11.0 * kPi / 180) : elevation;
}

float smooth(double from, double to, double x) {
    const double t = std::clamp((x - from) / (to - from), 0.0, 1.0);
    return static_cast<float>(t * t * (3 - 2 * t));
}

vec3 greyer(vec3 c, float saturation) {
    return glm::mix(vec3(glm::dot(c, vec3(0.2126f, 0.7152f, 0.0722f))), c, saturation);
}

/// A calm stage for signals: less contrast of light, cooler.
vec3 calm(vec3 c, float k) {
    return greyer(c, 0.4f) * vec3(0.92f, 0.98f, 1.08f) * k;
}

/// Windows come on at dusk.
float nightOf(double elevation) {
    return smooth(0.035, -0.12, elevation);
}

/// Walls and ground pass the sky's light on to each other: shade is brighter and less blue than the sky alone makes it.
vec3 amongWalls(const scene::View& view, const vec3& sky) {
    const vec3 c = greyer(sky, 0.62f) * 1.2f;
    return view.look == scene::Look::monitor ? calm(c, 1.05f) : c;
}

bool moonIsUp(const scene::View& view) {
    return view.moonDirection.z > 0.09 && view.moonLitFraction > 0.1;
}

struct FixedLight {
    vec3 sun, up, side, down, clear;
    float hazePerMeter;
};
FixedLight fixedLight(bool neutral) {
    if (neutral) return {vec3(2.1f), vec3(0.50f), vec3(0.40f), vec3(0.26f), vec3(0.80f, 0.82f, 0.84f), 0.0f};
    return {vec3(1.95f, 1.92f, 1.84f), vec3(0.44f, 0.46f, 0.50f),
            vec3(0.42f, 0.43f, 0.45f), vec3(0.36f),
            vec3(0.88f, 0.91f, 0.94f), 1.0f / 30000.0f};
}

} // namespace

void setDiffuse(shared::GpuView& out, const LightProbe& probe, const std::function<vec3(const vec3&)>& of) {
    for (std::size_t i = 0; i < probe.diffuse.size(); ++i)
        out.irradiance[i] = vec4(of(probe.diffuse[i]), 0.0f);
    const auto mean = [&](const vec3& n) {
        return vec3(out.irradiance[0]) + vec3(out.irradiance[3]) * n.z +
               vec3(out.irradiance[7]) * (n.z * n.z - 1.0f / 3.0f);
    };
    out.skyAmbient = vec4(mean({0, 0, 1}), out.skyAmbient.w);
    out.groundAmbient = vec4(mean({0, 0, -1}), 0.0f);
}

double skyElevation(const scene::View& view) {
    constexpr double kStep = 0.05 * kPi / 180;
    return std::max(std::round(elevationOf(view) / kStep) * kStep, -18.0 * kPi / 180);
}

bool lightIsFixed(const scene::View& view, bool neutral) {
    return neutral || view.look == scene::Look::plan;
}

glm::dvec3 lightDirection(const scene::View& view, bool neutral) {
    if (neutral) return glm::normalize(glm::dvec3(0.45, -0.55, 0.75));
    const double elevation = elevationOf(view);
    if (view.look == scene::Look::plan && elevation < 0.12) return glm::normalize(glm::dvec3(0.5, -0.5, 0.7));
    if (elevation < -0.025) // moonlight
        return moonIsUp(view) ? glm::normalize(view.moonDirection) : glm::normalize(glm::dvec3(-0.45, -0.40, 0.80));
    // Grazing light would draw shadows without end.
    const glm::dvec3 sun = view.sunDirection;
    return glm::normalize(glm::dvec3(sun.x, sun.y, std::max(sun.z, 0.03)));
}

double exposureEv100(const scene::View& view, const SkyModel& sky) {
    if (!view.autoExposure) return view.exposureEv;
    const double light = sky.seenIlluminance + kLampLux * nightOf(elevationOf(view));
    return kDaylightEv + 0.79 * std::log2(std::max(light, 1e-3) / kDaylightLux);
}

float exposureFactor(double ev100) {
    return static_cast<float>(1.0 / (1.2 * std::exp2(ev100)));
}

LightProbe probeOf(const SkyModel& sky) {
    return makeProbe(
        [&sky](const vec3& d) {
            const float flat = std::sqrt(std::max(d.x * d.x + d.y * d.y, 1e-12f));
            const float elevation = std::asin(std::clamp(d.z, -1.0f, 1.0f));
            const vec3 above = sky.radiance(std::max(elevation, 0.0f), d.x / flat);
            // Below the horizon lies the city, not the haze that the sky's own table has there.
            return glm::mix(above, sky.down, glm::smoothstep(0.04f, -0.10f, elevation));
        },
        128);
}

LightProbe fixedProbe(bool neutral) {
    const FixedLight light = fixedLight(neutral);
    return plainProbe(light.up, light.side, light.down);
}

float solarHour(const scene::View& view, const geo::Ecef& anchor) {
    const double up = anchor.meters.z / std::max(glm::length(anchor.meters), 1.0); // sine of the geocentric latitude
    const double level = std::sqrt(std::max(1.0 - up * up, 0.0));
    const glm::dvec3& s = view.sunDirection;
    const double angle = std::atan2(-s.x, s.z * level - s.y * up); // from the meridian, west positive
    const double hour = std::fmod(36.0 + angle * 12.0 / kPi, 24.0);
    return static_cast<float>(view.look == scene::Look::night && s.z > -0.05 ? 20.3 : hour);
}

void lightView(const scene::View& view, const SkyModel& sky, const LightProbe& probe, bool neutral,
               shared::GpuView& out) {
    out.sun = vec4(vec3(lightDirection(view, neutral)), 1.0f);
    out.options = vec4(static_cast<float>(view.look), static_cast<float>(view.weather), neutral ? 1.0f : 0.0f, 0.0f);
    out.accent = vec4(0.80f, 0.92f, 1.0f, 1.0f);
    out.probe = vec4(1.0f, 0.0f, static_cast<float>(probe.size), 0.0f);
    if (lightIsFixed(view, neutral)) {
        const FixedLight light = fixedLight(neutral);
        out.sunRadiance = vec4(light.sun, 1.0f);
        setDiffuse(out, probe, [](const vec3& c) { return c; });
        out.air = vec4(vec3(light.hazePerMeter), 1.0f / 1200.0f);
        out.airMie = vec4(vec3(light.hazePerMeter), 0.0f);
        out.clearColor = vec4(light.clear, 1.0f);
        out.anchor.w = 1.0f;
        out.sunDisc = vec4(vec3(out.sun), 0.0f);
        return;
    }
    const double elevation = elevationOf(view);
    const float night = nightOf(elevation);
    const double ev = exposureEv100(view, sky);
    const float exposure = exposureFactor(ev);
    vec3 light = sky.sun * exposure;
    if (elevation < -0.025) {
        const double height =
            moonIsUp(view) ? std::sqrt(view.moonDirection.z) * view.moonLitFraction : 0.25; // else what the glow gives
        light = vec3(0.80f, 0.95f, 1.25f) * static_cast<float>(kMoonLux * kMoonSeen * height) * exposure *
                smooth(-0.03, -0.14, elevation);
        if (view.weather == scene::Weather::overcast || view.weather == scene::Weather::rain) light *= 0.1f;
    }
    if (view.look == scene::Look::monitor) light = calm(light, 0.60f);
    out.sunRadiance = vec4(light, elevation < -0.025 ? 2.0f : static_cast<float>(std::cos(0.00465)));
    setDiffuse(out, probe, [&](const vec3& c) { return amongWalls(view, c) * exposure; });
    out.skyAmbient.w = night;
    out.air = vec4(sky.extinction, sky.perHeight);
    out.airMie = vec4(sky.extinction - Atmosphere::rayleigh(), 0.0f);
    // Unlit and emissive colours are meant as seen.
    out.anchor.w = view.autoExposure ? 1.0f
                                     : exposureFactor(ev - exposureEv100(
                                                               [&] {
                                                                   auto a = view;
                                                                   a.autoExposure = true;
                                                                   return a;
                                                               }(),
                                                               sky)) *
                                           1.2f;
    const glm::dvec2 flat(view.sunDirection.x, view.sunDirection.y);
    const double length = glm::length(flat);
    const glm::dvec2 heading = length > 1e-9 ? flat / length : glm::dvec2(0.0, 1.0);
    out.sunDisc =
        vec4(static_cast<float>(heading.x * std::cos(elevation)), static_cast<float>(heading.y * std::cos(elevation)),
             static_cast<float>(std::sin(elevation)), exposure);
    out.probe.x = static_cast<float>(heading.x);
    out.probe.y = static_cast<float>(heading.y);
    out.clearColor = vec4(vec3(0.0f), smooth(-0.10, -0.20, elevation) *
                                          (view.weather == scene::Weather::clear ? 1.0f : 0.0f)); // w: stars
    out.moon = vec4(vec3(view.moonDirection), static_cast<float>(view.moonLitFraction));
}

std::vector<glm::u16vec4> skyTexels(const scene::View& view, const SkyModel& sky, bool neutral) {
    std::vector<glm::u16vec4> texels;
    texels.reserve(sky.table.size());
    const float exposure = exposureFactor(exposureEv100(view, sky));
    for (std::size_t i = 0; i < sky.table.size(); ++i) {
        vec3 c = sky.table[i] * exposure;
        const bool air = i >= SkyModel::kWidth * SkyModel::kHeight;
        if (lightIsFixed(view, neutral))
            c = fixedLight(neutral).clear;
        else if (air && view.look == scene::Look::monitor)
            c = calm(c, 0.16f);
        texels.push_back(glm::packHalf(vec4(glm::min(c, vec3(6e4f)), 1.0f)));
    }
    if (lightIsFixed(view, neutral)) // light added over a distance: a share of the haze's colour
        for (std::uint32_t row = 0; row < SkyModel::kAirRows; ++row)
            for (std::uint32_t x = 0; x < SkyModel::kWidth; ++x) {
                const float share = static_cast<float>(row) / (SkyModel::kAirRows - 1);
                const float meters = static_cast<float>(SkyModel::kAirScaleMeters) * share / std::max(1e-4f, 1 - share);
                const FixedLight light = fixedLight(neutral);
                texels[(SkyModel::kHeight + row) * SkyModel::kWidth + x] =
                    glm::packHalf(vec4(light.clear * (1.0f - std::exp(-light.hazePerMeter * meters)), 1.0f));
            }
    return texels;
}

float probeExposure(const scene::View& view, const SkyModel& sky, bool neutral) {
    return lightIsFixed(view, neutral) ? 1.0f : exposureFactor(exposureEv100(view, sky));
}

std::vector<glm::u16vec4> probeTexels(const LightProbe& probe, float exposure, scene::Look look) {
    std::vector<glm::u16vec4> texels;
    texels.reserve(probe.texels.size());
    for (const vec3& texel : probe.texels) {
        vec3 c = texel * exposure;
        if (look == scene::Look::monitor) c = calm(c, 0.8f);
        texels.push_back(glm::packHalf(vec4(glm::min(c, vec3(6e4f)), 1.0f)));
    }
    return texels;
}

float photometricExposure(const shared::GpuView& view) {
    return view.sunDisc.w > 0 ? view.sunDisc.w : 1.0f;
}

} // namespace matou::render
