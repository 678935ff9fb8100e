// Sun and moon against ERFA (the IAU's SOFA routines), which shares nothing with ours: VSOP-based Earth, IAU 2000B
// precession and nutation. The moon's theory there is Meeus' whole table 47, of which ours is the larger part.

#include <cmath>

#include <erfa.h>
#include <glm/glm.hpp>
#include <gtest/gtest.h>

#include "geo/moon.h"
#include "geo/sun.h"

using namespace matou;

namespace {

constexpr double kLatitude = 31.19, kLongitude = 121.51;
constexpr double kDegree = 3.14159265358979323846 / 180.0;
constexpr double kMetersPerAu = 149597870700.0;

/// Direction from the ground at an instant towards a body given by its place in GCRS about the Earth (metres).
struct Sky {
    double tt1 = 0, tt2 = 0, era = 0, bpn[3][3] = {};
    double place[3] = {};
    double earth[3] = {};            // about the barycentre, au
    mutable double velocity[3] = {}; // of the Earth, in units of c; ERFA takes no const

    explicit Sky(double julianUtc) {
        double tai1 = 0, tai2 = 0, heliocentric[2][3], barycentric[2][3], pv[2][3];
        eraUtctai(julianUtc, 0.0, &tai1, &tai2);
        eraTaitt(tai1, tai2, &tt1, &tt2);
        era = eraEra00(julianUtc, 0.0); // UT1 − UTC taken as 0, as ours does
        eraC2i00b(tt1, tt2, bpn);
        eraEpv00(tt1, tt2, heliocentric, barycentric);
        for (int i = 0; i < 3; ++i)
            earth[i] = barycentric[0][i];
        for (int i = 0; i < 3; ++i)
            velocity[i] = barycentric[1][i] * (kMetersPerAu / 86400.0 / 299792458.0);
        eraPvtob(kLongitude * kDegree, kLatitude * kDegree, 0.0, 0.0, 0.0, 0.0, 0.0, pv);
        for (int i = 0; i < 3; ++i)
            place[i] = pv[0][i];
    }
    glm::dvec3 enu(const double gcrs[3], bool aberrate) const {
        double direction[3], apparent[3], intermediate[3], fixed[3], turn[3][3];
        const double distance = std::sqrt(gcrs[0] * gcrs[0] + gcrs[1] * gcrs[1] + gcrs[2] * gcrs[2]);
        for (int i = 0; i < 3; ++i)
            direction[i] = gcrs[i] / distance;
        const double v2 = velocity[0] * velocity[0] + velocity[1] * velocity[1] + velocity[2] * velocity[2];
        if (aberrate)
            eraAb(direction, velocity, 1.0, std::sqrt(1.0 - v2), apparent);
        else
            for (int i = 0; i < 3; ++i)
                apparent[i] = direction[i];
        for (int i = 0; i < 3; ++i)
            apparent[i] *= distance;
        eraRxp(const_cast<double(*)[3]>(bpn), apparent, intermediate);
        eraIr(turn);
        eraRz(era, turn);
        eraRxp(turn, intermediate, fixed);
        for (int i = 0; i < 3; ++i)
            fixed[i] -= place[i];
        const double l = kLongitude * kDegree, b = kLatitude * kDegree;
        const glm::dvec3 p(fixed[0], fixed[1], fixed[2]);
        const glm::dvec3 east(-std::sin(l), std::cos(l), 0),
            up(std::cos(b) * std::cos(l), std::cos(b) * std::sin(l), std::sin(b));
        return glm::normalize(glm::dvec3(glm::dot(p, east), glm::dot(p, glm::cross(up, east)), glm::dot(p, up)));
    }
    glm::dvec3 sun() const {
        double heliocentric[2][3], barycentric[2][3], gcrs[3];
        eraEpv00(tt1, tt2 - 499.0 / 86400.0, heliocentric, barycentric); // the sun where it was when the light left
        for (int i = 0; i < 3; ++i)
            gcrs[i] = (barycentric[0][i] - heliocentric[0][i] - earth[i]) * kMetersPerAu;
        return enu(gcrs, true);
    }
    glm::dvec3 moon() const {
        double pv[2][3], gcrs[3];
        eraMoon98(tt1, tt2, pv); // light time is in its constants
        for (int i = 0; i < 3; ++i)
            gcrs[i] = pv[0][i] * kMetersPerAu;
        return enu(gcrs, false);
    }
};

double degreesBetween(const glm::dvec3& a, const glm::dvec3& b) {
    return std::atan2(glm::length(glm::cross(a, b)), glm::dot(a, b)) / kDegree;
}

} // namespace

TEST(Ephemeris, sunAndMoonStandWhereErfaHasThem) {
    const auto begin = *core::parseInstant("2020-01-01T00:00:00Z"), end = *core::parseInstant("2036-01-01T00:00:00Z");
    // 12 h 41 min: runs through all hours of the day and all days of the year.
    const auto step = std::chrono::minutes(12 * 60 + 41);
    double sunWorst = 0, moonWorst = 0;
    core::Instant sunAt = begin;
    int instants = 0;
    for (auto instant = begin; instant < end; instant += step, ++instants) {
        const Sky sky(2440587.5 + static_cast<double>(instant.time_since_epoch().count()) / 86400000.0);
        const double sun =
            degreesBetween(sky.sun(), geo::directionEnu(geo::sunPosition(instant, kLatitude, kLongitude)));
        const double moon =
            degreesBetween(sky.moon(), geo::directionEnu(geo::moonAt(instant, kLatitude, kLongitude).position));
        if (sun > sunWorst) sunWorst = sun, sunAt = instant;
        moonWorst = std::max(moonWorst, moon);
    }
    std::printf("[ figures  ] %d instants 2020..2035 at %.2f N %.2f E, refraction off: sun within %.5f degrees (worst "
                "%s), moon within %.4f degrees\n",
                instants, kLatitude, kLongitude, sunWorst, core::formatInstant(sunAt).c_str(), moonWorst);
    EXPECT_GE(instants, 10000);
    EXPECT_LE(sunWorst, 0.01);
    EXPECT_LE(moonWorst, 0.03);
}
