#include "geo/frames.h"

#include <cmath>

namespace matou::geo {
namespace {

constexpr double kE2 = kEllipsoidF * (2.0 - kEllipsoidF);
constexpr double kB = kEllipsoidA * (1.0 - kEllipsoidF);
constexpr double kDegree = 3.14159265358979323846 / 180.0;

} // namespace

Ecef ecefFromGeodetic(const Geodetic& position) {
    const double lat = position.latitudeDegrees * kDegree;
    const double lon = position.longitudeDegrees * kDegree;
    const double n = kEllipsoidA / std::sqrt(1.0 - kE2 * std::sin(lat) * std::sin(lat));
    const double h = position.heightMeters;
    return {{(n + h) * std::cos(lat) * std::cos(lon), (n + h) * std::cos(lat) * std::sin(lon), (n * (1.0 - kE2) + h) * std::sin(lat)}};
}

Geodetic geodeticFromEcef(const Ecef& position) {
    const auto& v = position.meters;
    const double p = std::hypot(v.x, v.y);
    const double lon = p > 0 ? std::atan2(v.y, v.x) : 0.0;
    constexpr double ep2 = (kEllipsoidA * kEllipsoidA - kB * kB) / (kB * kB);
    // Parametric latitude; each pass squares the error.
    double beta = std::atan2(v.z * kEllipsoidA, p * kB);
    double lat = 0;
    for (int pass = 0; pass < 3; ++pass) {
        const double s = std::sin(beta), c = std::cos(beta);
        lat = std::atan2(v.z + ep2 * kB * s * s * s, p - kE2 * kEllipsoidA * c * c * c);
        beta = std::atan2((1.0 - kEllipsoidF) * std::sin(lat), std::cos(lat));
    }
    const double s = std::sin(lat), c = std::cos(lat);
    const double n = kEllipsoidA / std::sqrt(1.0 - kE2 * s * s);
    const double h = p * c + v.z * s - n * (1.0 - kE2 * s * s);
    return {lat / kDegree, lon / kDegree, h};
}

glm::dmat4 ecefFromEnu(const Ecef& origin) {
    const Geodetic g = geodeticFromEcef(origin);
    const double lat = g.latitudeDegrees * kDegree, lon = g.longitudeDegrees * kDegree;
    const double sl = std::sin(lat), cl = std::cos(lat), so = std::sin(lon), co = std::cos(lon);
    glm::dmat4 m(1.0);
    m[0] = {-so, co, 0, 0};
    m[1] = {-sl * co, -sl * so, cl, 0};
    m[2] = {cl * co, cl * so, sl, 0};
    m[3] = glm::dvec4(origin.meters, 1.0);
    return m;
}

} // namespace matou::geo
