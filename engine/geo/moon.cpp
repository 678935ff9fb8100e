#include "geo/moon.h"

#include <cmath>
#include <numbers>

namespace matou::geo {
namespace {

constexpr double kPi = std::numbers::pi, kDegree = kPi / 180.0;

/// Multiples of D, M, M', F, then 1e-6 degrees of longitude and metres of distance (table 47.A).
struct LongitudeTerm {
    int d, m, mm, f;
    double longitude, distance;
};
constexpr LongitudeTerm kLongitude[] = {
    {0, 0, 1, 0, 6288774, -20905355}, {2, 0, -1, 0, 1274027, -3699111}, {2, 0, 0, 0, 658314, -2955968},
    {0, 0, 2, 0, 213618, -569925},    {0, 1, 0, 0, -185116, 48888},     {0, 0, 0, 2, -114332, -3149},
    {2, 0, -2, 0, 58793, 246158},     {2, -1, -1, 0, 57066, -152138},   {2, 0, 1, 0, 53322, -170733},
    {2, -1, 0, 0, 45758, -204586},    {0, 1, -1, 0, -40923, -129620},   {1, 0, 0, 0, -34720, 108743},
    {0, 1, 1, 0, -30383, 104755},     {2, 0, 0, -2, 15327, 10321},      {0, 0, 1, 2, -12528, 0},
    {0, 0, 1, -2, 10980, 79661},      {4, 0, -1, 0, 10675, -34782},     {0, 0, 3, 0, 10034, -23210},
    {4, 0, -2, 0, 8548, -21636},      {2, 1, -1, 0, -7888, 24208},      {2, 1, 0, 0, -6766, 30824},
    {1, 0, -1, 0, -5163, -8379},      {1, 1, 0, 0, 4987, -16675},       {2, -1, 1, 0, 4036, -12831},
    {2, 0, 2, 0, 3994, -10445},       {4, 0, 0, 0, 3861, -11650},       {2, 0, -3, 0, 3665, 14403},
    {0, 1, -2, 0, -2689, -7003},      {2, 0, -1, 2, -2602, 0},          {2, -1, -2, 0, 2390, 10056},
    {1, 0, 1, 0, -2348, 6322},        {2, -2, 0, 0, 2236, -9884},       {0, 1, 2, 0, -2120, 5751},
    {0, 2, 0, 0, -2069, 0},           {2, -2, -1, 0, 2048, -4950},
};
/// Multiples as above, then 1e-6 degrees of latitude (table 47.B).
struct LatitudeTerm {
    int d, m, mm, f;
    double latitude;
};
constexpr LatitudeTerm kLatitude[] = {
    {0, 0, 0, 1, 5128122}, {0, 0, 1, 1, 280602},  {0, 0, 1, -1, 277693}, {2, 0, 0, -1, 173237}, {2, 0, -1, 1, 55413},
    {2, 0, -1, -1, 46271}, {2, 0, 0, 1, 32573},   {0, 0, 2, 1, 17198},   {2, 0, 1, -1, 9266},   {0, 0, 2, -1, 8822},
    {2, -1, 0, -1, 8216},  {2, 0, -2, -1, 4324},  {2, 0, 1, 1, 4200},    {2, 1, 0, -1, -3359},  {2, -1, -1, 1, 2463},
    {2, -1, 0, 1, 2211},   {2, -1, -1, -1, 2065},
};

} // namespace

Moon moonAt(core::Instant instant, double latitudeDegrees, double longitudeDegrees) {
    const CelestialTime time(instant);
    const double t = time.centuriesTt;
    const double mean = 218.3164477 + t * (481267.88123421 - t * 0.0015786);
    const double d = (297.8501921 + t * (445267.1114034 - t * 0.0018819)) * kDegree;
    const double m = (357.5291092 + t * (35999.0502909 - t * 0.0001536)) * kDegree;
    const double mm = (134.9633964 + t * (477198.8675055 + t * 0.0087414)) * kDegree;
    const double f = (93.2720950 + t * (483202.0175233 - t * 0.0036539)) * kDegree;
    const double a1 = (119.75 + 131.849 * t) * kDegree;  // Venus
    const double e = 1 - t * (0.002516 + t * 0.0000074); // the Earth's orbit grows rounder
    const auto weight = [e](int multiple) { return multiple == 0 ? 1.0 : std::abs(multiple) == 1 ? e : e * e; };
    double longitude = 3958 * std::sin(a1) + 1962 * std::sin(mean * kDegree - f),
           latitude = -2235 * std::sin(mean * kDegree);
    double distance = 385000.56e3;
    for (const LongitudeTerm& k : kLongitude) {
        const double angle = k.d * d + k.m * m + k.mm * mm + k.f * f;
        longitude += k.longitude * weight(k.m) * std::sin(angle);
        distance += k.distance * weight(k.m) * std::cos(angle);
    }
    for (const LatitudeTerm& k : kLatitude)
        latitude += k.latitude * weight(k.m) * std::sin(k.d * d + k.m * m + k.mm * mm + k.f * f);
    const Equatorial body =
        equatorialOf(time, (mean + longitude * 1e-6) * kDegree + time.nutationLongitude, latitude * 1e-6 * kDegree);
    Moon moon;
    moon.distanceMeters = distance;
    moon.position = skyPosition(time, body, std::asin(6378137.0 / distance), latitudeDegrees, longitudeDegrees);
    const double phase = kPi - d -
                         (6.289 * std::sin(mm) - 2.100 * std::sin(m) + 1.274 * std::sin(2 * d - mm) +
                          0.658 * std::sin(2 * d) + 0.214 * std::sin(2 * mm) + 0.110 * std::sin(d)) *
                             kDegree;
    moon.litFraction = 0.5 * (1 + std::cos(phase));
    moon.waxing = std::remainder(d, 2 * kPi) > 0;
    return moon;
}

} // namespace matou::geo
