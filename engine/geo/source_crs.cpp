#include "geo/source_crs.h"

#include <cmath>
#include <numbers>

#include <proj.h>

namespace matou::geo {
namespace {

using Degrees = std::pair<double, double>; // longitude, latitude
constexpr double kPi = std::numbers::pi;

/// The public GCJ-02 formula: Krasovsky's ellipsoid, a polynomial with sines around 105° E, 35° N.
Degrees gcjFromWgs(Degrees wgs) {
    constexpr double kA = 6378245.0, kE2 = 0.00669342162296594323;
    const double x = wgs.first - 105, y = wgs.second - 35, root = std::sqrt(std::abs(x));
    const double common = (20 * std::sin(6 * x * kPi) + 20 * std::sin(2 * x * kPi)) * 2 / 3;
    double north = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root + common;
    north += (20 * std::sin(y * kPi) + 40 * std::sin(y / 3 * kPi)) * 2 / 3;
    north += (160 * std::sin(y / 12 * kPi) + 320 * std::sin(y * kPi / 30)) * 2 / 3;
    double east = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root + common;
    east += (20 * std::sin(x * kPi) + 40 * std::sin(x / 3 * kPi)) * 2 / 3;
    east += (150 * std::sin(x / 12 * kPi) + 300 * std::sin(x / 30 * kPi)) * 2 / 3;
    const double latitude = wgs.second / 180 * kPi, sine = std::sin(latitude), magic = 1 - kE2 * sine * sine;
    return {wgs.first + east * 180 / (kA / std::sqrt(magic) * std::cos(latitude) * kPi),
            wgs.second + north * 180 / (kA * (1 - kE2) / (magic * std::sqrt(magic)) * kPi)};
}

Degrees wgsFromGcj(Degrees gcj) {
    Degrees wgs = gcj;
    for (int i = 0; i < 4; ++i) { // three bring it to 0.03 mm
        const Degrees again = gcjFromWgs(wgs);
        wgs = {wgs.first + gcj.first - again.first, wgs.second + gcj.second - again.second};
    }
    return wgs;
}

Degrees gcjFromBd(Degrees bd) {
    constexpr double kTurn = kPi * 3000 / 180;
    Degrees gcj{bd.first - 0.0065, bd.second - 0.006};
    for (int i = 0; i < 4; ++i) { // forwards is exact, backwards only nearly: so it is iterated
        const double radius = std::hypot(gcj.first, gcj.second) + 0.00002 * std::sin(gcj.second * kTurn);
        const double angle = std::atan2(gcj.second, gcj.first) + 0.000003 * std::cos(gcj.first * kTurn);
        gcj = {gcj.first + bd.first - (radius * std::cos(angle) + 0.0065), gcj.second + bd.second - (radius * std::sin(angle) + 0.006)};
    }
    return gcj;
}

} // namespace

struct SourceCrs::Impl {
    enum class Kind { wgs84, gcj02, bd09, proj } kind = Kind::wgs84;
    PJ_CONTEXT* context = nullptr;
    PJ* transform = nullptr; // x, y → lon, lat degrees
    ~Impl() {
        if (transform) proj_destroy(transform);
        if (context) proj_context_destroy(context);
    }
};

SourceCrs::SourceCrs(std::unique_ptr<Impl> impl) : _impl(std::move(impl)) {}
SourceCrs::SourceCrs(SourceCrs&&) noexcept = default;
SourceCrs& SourceCrs::operator=(SourceCrs&&) noexcept = default;
SourceCrs::~SourceCrs() = default;

core::Result<SourceCrs> SourceCrs::create(const std::string& crs) {
    auto impl = std::make_unique<Impl>();
    using Kind = Impl::Kind;
    impl->kind = crs.empty() || crs == "wgs84" ? Kind::wgs84 : crs == "gcj02" ? Kind::gcj02 : crs == "bd09" ? Kind::bd09 : Kind::proj;
    if (impl->kind != Kind::proj) return SourceCrs(std::move(impl));
    impl->context = proj_context_create();
    proj_log_level(impl->context, PJ_LOG_NONE);
    PJ* raw = proj_create_crs_to_crs(impl->context, crs.c_str(), "OGC:CRS84", nullptr);
    if (raw) {
        impl->transform = proj_normalize_for_visualization(impl->context, raw);
        proj_destroy(raw);
    }
    if (!impl->transform) return core::fail("E_CRS_UNKNOWN", crs, {crs});
    return SourceCrs(std::move(impl));
}

std::optional<std::pair<double, double>> SourceCrs::toLonLat(double x, double y) const {
    if (!std::isfinite(x) || !std::isfinite(y)) return std::nullopt;
    Degrees result{x, y};
    if (_impl->kind == Impl::Kind::proj) {
        const PJ_COORD out = proj_trans(_impl->transform, PJ_FWD, proj_coord(x, y, 0, 0));
        proj_errno_reset(_impl->transform);
        result = {out.xy.x, out.xy.y};
    } else if (std::abs(x) > 180 || std::abs(y) > 90) {
        return std::nullopt;
    } else if (_impl->kind == Impl::Kind::gcj02) {
        result = wgsFromGcj(result);
    } else if (_impl->kind == Impl::Kind::bd09) {
        result = wgsFromGcj(gcjFromBd(result));
    }
    if (!std::isfinite(result.first) || !std::isfinite(result.second) || std::abs(result.first) > 180 || std::abs(result.second) > 90)
        return std::nullopt;
    return result;
}

} // namespace matou::geo
