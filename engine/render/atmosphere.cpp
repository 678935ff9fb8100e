#include "render/atmosphere.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace matou::render {
namespace {

using glm::vec3;

constexpr double kPi = std::numbers::pi;
constexpr double kGround = 6360e3, kTop = 6440e3; // radii, metres
const double kHorizon = std::sqrt(kTop * kTop - kGround * kGround); // longest level way out
// At sea level, for 680, 550 and 440 nm (Bruneton and Neyret 2008); ozone after Hillaire 2020.
const vec3 kRayleigh{5.802e-6f, 13.558e-6f, 33.1e-6f}, kOzone{0.650e-6f, 1.881e-6f, 0.085e-6f};
constexpr double kRayleighHeight = 8000.0;
constexpr float kGroundAlbedo = 0.15f;
constexpr int kTransmittanceWidth = 128, kTransmittanceHeight = 32;
constexpr int kMultipleWidth = 32, kMultipleHeight = 12;

struct Bilinear {
    int x0, y0, x1, y1;
    float u, v;
};
Bilinear place(double x, double y, int width, int height) {
    const double fx = std::clamp(x, 0.0, 1.0) * (width - 1), fy = std::clamp(y, 0.0, 1.0) * (height - 1);
    const int x0 = static_cast<int>(fx), y0 = static_cast<int>(fy);
    return {x0, y0, std::min(x0 + 1, width - 1), std::min(y0 + 1, height - 1), static_cast<float>(fx - x0), static_cast<float>(fy - y0)};
}
vec3 fetch(const std::vector<vec3>& table, int width, const Bilinear& p) {
    const auto at = [&](int x, int y) { return table[static_cast<std::size_t>(y * width + x)]; };
    return glm::mix(glm::mix(at(p.x0, p.y0), at(p.x1, p.y0), p.u), glm::mix(at(p.x0, p.y1), at(p.x1, p.y1), p.u), p.v);
}

double toTop(double radius, double cosine) {
    return -radius * cosine + std::sqrt(std::max(0.0, radius * radius * (cosine * cosine - 1) + kTop * kTop));
}
/// Negative where the ray misses the ground.
double toGround(double radius, double cosine) {
    const double d = radius * radius * (cosine * cosine - 1) + kGround * kGround;
    return cosine >= 0 || d < 0 ? -1 : std::max(0.0, -radius * cosine - std::sqrt(d));
}
double radiusAfter(double radius, double cosine, double t) {
    return std::max(kGround, std::sqrt(radius * radius + t * t + 2 * radius * cosine * t));
}
double quadratic(int i, int steps) { // finer near the eye
    const double x = static_cast<double>(i) / steps;
    return x * x;
}
vec3 fadeOver(const vec3& extinction, double meters) { return glm::exp(-extinction * static_cast<float>(meters)); }
/// Mean of exp(-extinction t) over a step, times its length.
vec3 weightOver(const vec3& extinction, const vec3& fade, double meters) {
    return glm::mix((1.0f - fade) / glm::max(extinction, vec3(1e-12f)), vec3(static_cast<float>(meters)),
                    glm::lessThan(extinction * static_cast<float>(meters), vec3(1e-4f)));
}

float rayleighPhase(double c) { return static_cast<float>(3.0 / (16.0 * kPi) * (1 + c * c)); }
float miePhase(double c, double g) {
    return static_cast<float>(3.0 / (8.0 * kPi) * (1 - g * g) * (1 + c * c) / ((2 + g * g) * std::pow(1 + g * g - 2 * g * c, 1.5)));
}

} // namespace

Atmosphere::Atmosphere(const Aerosol& aerosol) : _aerosol(aerosol) {
    makeTransmittance();
    makeMultiple();
}

vec3 Atmosphere::rayleigh() { return kRayleigh; }

Atmosphere::Sample Atmosphere::mediumAt(double radius) const {
    const double height = std::max(0.0, radius - kGround);
    const auto r = static_cast<float>(std::exp(-height / kRayleighHeight));
    const auto m = static_cast<float>(std::exp(-height / _aerosol.heightMeters));
    const auto o = static_cast<float>(std::max(0.0, 1.0 - std::abs(height - 25000.0) / 15000.0));
    const vec3 air = kRayleigh * r, haze = _aerosol.extinction * m;
    return {air, haze * _aerosol.albedo, air + haze + kOzone * o};
}

void Atmosphere::makeTransmittance() {
    _transmittance.resize(kTransmittanceWidth * kTransmittanceHeight);
    for (int y = 0; y < kTransmittanceHeight; ++y)
        for (int x = 0; x < kTransmittanceWidth; ++x) {
            const double rho = kHorizon * y / (kTransmittanceHeight - 1), radius = std::sqrt(rho * rho + kGround * kGround);
            const double least = kTop - radius, most = rho + kHorizon;
            const double d = least + (most - least) * x / (kTransmittanceWidth - 1);
            const double cosine = d == 0 ? 1.0 : std::clamp((kHorizon * kHorizon - rho * rho - d * d) / (2 * radius * d), -1.0, 1.0);
            constexpr int kSteps = 32;
            vec3 depth(0.0f);
            for (int i = 0; i < kSteps; ++i) {
                const double from = d * quadratic(i, kSteps), to = d * quadratic(i + 1, kSteps);
                depth += mediumAt(radiusAfter(radius, cosine, 0.5 * (from + to))).extinction * static_cast<float>(to - from);
            }
            _transmittance[static_cast<std::size_t>(y * kTransmittanceWidth + x)] = glm::exp(-depth);
        }
}

vec3 Atmosphere::transmittance(double radius, double cosine) const {
    const double rho = std::sqrt(std::max(0.0, radius * radius - kGround * kGround));
    const double least = kTop - radius, most = rho + kHorizon;
    return fetch(_transmittance, kTransmittanceWidth,
                 place((toTop(radius, cosine) - least) / std::max(most - least, 1.0), rho / kHorizon, kTransmittanceWidth, kTransmittanceHeight));
}

vec3 Atmosphere::sunAt(double radius, double sunCosine) const {
    // The disc's half sets over 0.53 degrees.
    const double horizon = -std::sqrt(std::max(0.0, 1.0 - (kGround / radius) * (kGround / radius)));
    const double open = std::clamp((sunCosine - horizon) / 0.0093 + 0.5, 0.0, 1.0);
    return open <= 0 ? vec3(0.0f) : transmittance(radius, std::max(sunCosine, horizon)) * static_cast<float>(open);
}

void Atmosphere::makeMultiple() {
    _multiple.resize(kMultipleWidth * kMultipleHeight);
    constexpr int kRings = 6, kSectors = 6, kSteps = 16; // half of the azimuths: the other half is the same
    const float isotropic = static_cast<float>(1 / (4 * kPi));
    for (int y = 0; y < kMultipleHeight; ++y)
        for (int x = 0; x < kMultipleWidth; ++x) {
            const double v = static_cast<double>(y) / (kMultipleHeight - 1), u = 2.0 * x / (kMultipleWidth - 1) - 1;
            const double radius = kGround + 1.0 + v * v * (kTop - kGround - 2.0), sun = u * std::abs(u);
            vec3 second(0.0f), back(0.0f);
            for (int ring = 0; ring < kRings; ++ring)
                for (int sector = 0; sector < kSectors; ++sector) {
                    const double cosine = 2 * (ring + 0.5) / kRings - 1, azimuth = kPi * (sector + 0.5) / kSectors;
                    const double nu = cosine * sun + std::sqrt((1 - cosine * cosine) * std::max(0.0, 1 - sun * sun)) * std::cos(azimuth);
                    const double ground = toGround(radius, cosine), length = ground >= 0 ? ground : toTop(radius, cosine);
                    vec3 fade(1.0f);
                    for (int i = 0; i < kSteps; ++i) {
                        const double from = length * quadratic(i, kSteps), to = length * quadratic(i + 1, kSteps), t = 0.5 * (from + to);
                        const double r = radiusAfter(radius, cosine, t);
                        const Sample medium = mediumAt(r);
                        const vec3 here = fadeOver(medium.extinction, to - from);
                        const vec3 weight = fade * weightOver(medium.extinction, here, to - from);
                        const vec3 scattering = medium.rayleigh + medium.mie;
                        second += weight * scattering * sunAt(r, (radius * sun + t * nu) / r) * isotropic;
                        back += weight * scattering;
                        fade *= here;
                    }
                    if (ground >= 0) {
                        const double sunOnGround = (radius * sun + ground * nu) / kGround;
                        second += fade * sunAt(kGround, sunOnGround) * static_cast<float>(std::max(0.0, sunOnGround) * kGroundAlbedo / kPi);
                    }
                }
            const float share = 1.0f / (kRings * kSectors);
            _multiple[static_cast<std::size_t>(y * kMultipleWidth + x)] = second * share / (1.0f - glm::min(back * share, vec3(0.98f)));
        }
}

vec3 Atmosphere::scatteredTwice(double radius, double sunCosine) const {
    const double u = std::copysign(std::sqrt(std::abs(sunCosine)), sunCosine);
    return fetch(_multiple, kMultipleWidth,
                 place(0.5 + 0.5 * u, std::sqrt(std::max(0.0, (radius - kGround) / (kTop - kGround))), kMultipleWidth, kMultipleHeight));
}

vec3 Atmosphere::sunlight(double heightMeters, double sunElevation) const {
    return sunAt(kGround + heightMeters, std::sin(sunElevation));
}

vec3 Atmosphere::radiance(double heightMeters, double elevation, double azimuth, double sunElevation) const {
    const double radius = kGround + heightMeters, cosine = std::sin(elevation), sun = std::sin(sunElevation);
    const double nu = cosine * sun + std::cos(elevation) * std::cos(sunElevation) * std::cos(azimuth);
    const double ground = toGround(radius, cosine), length = ground >= 0 ? ground : toTop(radius, cosine);
    const float single = rayleighPhase(nu), forward = miePhase(nu, _aerosol.g);
    constexpr int kSteps = 24;
    vec3 sum(0.0f), fade(1.0f);
    for (int i = 0; i < kSteps; ++i) {
        const double from = length * quadratic(i, kSteps), to = length * quadratic(i + 1, kSteps), t = 0.5 * (from + to);
        const double r = radiusAfter(radius, cosine, t), sunHere = (radius * sun + t * nu) / r;
        const Sample medium = mediumAt(r);
        const vec3 here = fadeOver(medium.extinction, to - from);
        sum += fade * weightOver(medium.extinction, here, to - from) *
               ((medium.rayleigh * single + medium.mie * forward) * sunAt(r, sunHere) + (medium.rayleigh + medium.mie) * scatteredTwice(r, sunHere));
        fade *= here;
    }
    if (ground >= 0) {
        const double sunOnGround = (radius * sun + ground * nu) / kGround;
        const vec3 sky = scatteredTwice(kGround, sunOnGround) * static_cast<float>(kPi);
        sum += fade * kGroundAlbedo * (sunAt(kGround, sunOnGround) * static_cast<float>(std::max(0.0, sunOnGround) / kPi) + sky / static_cast<float>(kPi));
    }
    return sum;
}

void Atmosphere::scatteredOver(double heightMeters, double azimuth, double sunElevation, const std::vector<double>& metersAscending,
                               std::vector<vec3>& out) const {
    const double radius = kGround + heightMeters, sun = std::sin(sunElevation), nu = std::cos(sunElevation) * std::cos(azimuth);
    const float single = rayleighPhase(nu), forward = miePhase(nu, _aerosol.g);
    vec3 sum(0.0f), fade(1.0f);
    double from = 0;
    out.clear();
    for (const double end : metersAscending) {
        constexpr int kSteps = 2;
        for (int i = 0; i < kSteps; ++i) {
            const double to = from + (end - from) / (kSteps - i), t = 0.5 * (from + to);
            const double r = radiusAfter(radius, 0.0, t), sunHere = (radius * sun + t * nu) / r;
            const Sample medium = mediumAt(r);
            const vec3 here = fadeOver(medium.extinction, to - from);
            sum += fade * weightOver(medium.extinction, here, to - from) *
                   ((medium.rayleigh * single + medium.mie * forward) * sunAt(r, sunHere) + (medium.rayleigh + medium.mie) * scatteredTwice(r, sunHere));
            fade *= here;
            from = to;
        }
        out.push_back(sum);
    }
}

} // namespace matou::render
