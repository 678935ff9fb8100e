#include "render/environment.h"

#include <algorithm>
#include <cmath>

namespace matou::render {
namespace {

using glm::vec3;
using glm::vec4;

constexpr double kPi = 3.14159265358979;
// Full daylight: sun and sky on a horizontal plane, klx.
constexpr float kDaylight = 105.0f;

double elevationOf(const scene::View& view) {
    const double elevation = std::asin(std::clamp(view.sunDirection.z, -1.0, 1.0));
    // The look "night" is night whatever the clock says.
    return view.look == scene::Look::night ? std::min(elevation, -9.0 * kPi / 180) : elevation;
}

float smooth(double from, double to, double x) {
    const double t = std::clamp((x - from) / (to - from), 0.0, 1.0);
    return static_cast<float>(t * t * (3 - 2 * t));
}

/// Extinction at the ground per metre and scale height of the haze.
glm::vec2 hazeOf(const scene::View& view) {
    switch (view.weather) {
    case scene::Weather::haze:
        return {1.0f / 5500.0f, 900.0f};
    case scene::Weather::overcast:
        return {1.0f / 16000.0f, 1500.0f};
    case scene::Weather::rain:
        return {1.0f / 5000.0f, 2000.0f};
    default:
        return {1.0f / 26000.0f, 1400.0f};
    }
}

/// The eye adapts, but not all the way: dusk stays darker than noon.
float exposureOf(const scene::View& view, const SkyModel& sky) {
    if (!view.autoExposure) return 1000.0f / (1.2f * std::exp2(view.exposureEv));
    const float light = std::max(sky.illuminance, 0.0006f);
    return 1.18f * static_cast<float>(kPi) / (kDaylight * std::pow(light / kDaylight, 0.79f));
}

vec3 greyer(vec3 c, float saturation) {
    return glm::mix(vec3(glm::dot(c, vec3(0.2126f, 0.7152f, 0.0722f))), c, saturation);
}

void fixedLight(shared::GpuView& out, vec3 sun, vec3 up, vec3 side, vec3 down, vec3 clear, const glm::vec2& haze) {
    out.sunRadiance = vec4(sun, 1.0f);
    out.skyAmbient = vec4(up, 0.0f);
    out.horizonAmbient = vec4(side, 0.0f);
    out.groundAmbient = vec4(down, 0.0f);
    out.hazeAway = vec4(clear, haze.x);
    out.hazeToward = vec4(clear, 1.0f / haze.y);
    out.clearColor = vec4(clear, 1.0f);
    out.anchor.w = 1.0f;
    out.sunDisc = vec4(vec3(out.sun), 0.0f);
}

} // namespace

double skyElevation(const scene::View& view) {
    constexpr double kStep = 0.05 * kPi / 180;
    return std::max(std::round(elevationOf(view) / kStep) * kStep, -18.0 * kPi / 180);
}

glm::dvec3 lightDirection(const scene::View& view, bool neutral) {
    if (neutral) return glm::normalize(glm::dvec3(0.45, -0.55, 0.75));
    const double elevation = elevationOf(view);
    if (view.look == scene::Look::plan && elevation < 0.12) return glm::normalize(glm::dvec3(0.5, -0.5, 0.7));
    if (elevation < -0.025) return glm::normalize(glm::dvec3(-0.45, -0.40, 0.80)); // moonlight
    // Grazing light would draw shadows without end.
    const glm::dvec3 sun = view.sunDirection;
    return glm::normalize(glm::dvec3(sun.x, sun.y, std::max(sun.z, 0.03)));
}

void lightView(const scene::View& view, const SkyModel& sky, bool neutral, shared::GpuView& out) {
    const glm::vec2 haze = hazeOf(view);
    out.sun = vec4(vec3(lightDirection(view, neutral)), 1.0f);
    out.options = vec4(static_cast<float>(view.look), static_cast<float>(view.weather), neutral ? 1.0f : 0.0f, 0.0f);
    out.accent = vec4(0.02f, 0.55f, 1.0f, 1.0f);
    if (neutral) {
        fixedLight(out, vec3(2.1f), vec3(0.50f), vec3(0.40f), vec3(0.26f), vec3(0.80f, 0.82f, 0.84f), {0.0f, 1000.0f});
        return;
    }
    if (view.look == scene::Look::plan) {
        fixedLight(out, vec3(1.95f, 1.92f, 1.84f), vec3(0.44f, 0.46f, 0.50f), vec3(0.42f, 0.43f, 0.45f), vec3(0.36f),
                   vec3(0.88f, 0.91f, 0.94f), {1.0f / 30000.0f, 1200.0f});
        return;
    }
    const double elevation = elevationOf(view);
    const float night = smooth(0.035, -0.12, elevation); // windows come on at dusk
    const float dark = smooth(-0.02, -0.16, elevation);
    const float exposure = exposureOf(view, sky);
    vec3 sun = sky.sun * exposure * smooth(-0.03, 0.02, elevation);
    if (elevation < -0.025) sun = vec3(0.055f, 0.075f, 0.115f) * smooth(-0.03, -0.14, elevation);
    // Below full dark the sky of a great city still glows: bluish above, warm at the rim.
    // Walls and ground pass the sky's light on to each other: shade is brighter and less blue than the sky alone makes
    // it.
    vec3 up = greyer(sky.up, 0.55f) * (1.25f * exposure) + vec3(0.026f, 0.036f, 0.062f) * dark;
    vec3 side = greyer(sky.side, 0.60f) * (1.20f * exposure) + vec3(0.032f, 0.034f, 0.048f) * dark;
    vec3 down = sky.down * exposure + vec3(0.026f, 0.021f, 0.017f) * night;
    vec3 toward = sky.hazeToward * exposure + vec3(0.048f, 0.043f, 0.052f) * dark;
    vec3 away = sky.hazeAway * exposure + vec3(0.040f, 0.039f, 0.052f) * dark;
    if (view.look == scene::Look::monitor) {
        // A calm stage for signals: less contrast of light, cooler.
        const auto calm = [](vec3 c, float k) { return greyer(c, 0.4f) * vec3(0.92f, 0.98f, 1.08f) * k; };
        sun = calm(sun, 0.60f);
        up = calm(up, 1.1f);
        side = calm(side, 1.0f);
        toward = calm(toward, 0.16f);
        away = calm(away, 0.16f);
    }
    out.sunRadiance = vec4(sun, elevation < -0.025 ? 2.0f : static_cast<float>(std::cos(0.0058)));
    out.skyAmbient = vec4(up, night);
    out.horizonAmbient = vec4(side, 0.0f);
    out.groundAmbient = vec4(down, 0.0f);
    out.hazeAway = vec4(away, haze.x);
    out.hazeToward = vec4(toward, 1.0f / haze.y);
    out.anchor.w = view.autoExposure ? 1.0f : exposure * 20.0f; // unlit and emissive colours are meant as seen
    const glm::dvec2 flat(view.sunDirection.x, view.sunDirection.y);
    const double length = glm::length(flat);
    const glm::dvec2 heading = length > 1e-9 ? flat / length : glm::dvec2(0.0, 1.0);
    out.sunDisc =
        vec4(static_cast<float>(heading.x * std::cos(elevation)), static_cast<float>(heading.y * std::cos(elevation)),
             static_cast<float>(std::sin(elevation)), exposure);
    out.clearColor = vec4(vec3(0.058f, 0.050f, 0.056f) * dark, dark);
}

} // namespace matou::render
