#pragma once
// The district's building stock in shares, from a public data set aggregated to its 18 half-kilometre cells.

#include <array>
#include <string_view>

namespace matou::importers::nanmatou {

inline constexpr std::size_t kStoreyClasses = 6;
/// 1-3, 4-6, 7-9, 10-18, 19-33 and over 33 storeys.
inline constexpr std::array<double, kStoreyClasses> kStoreyShares{0.43, 0.33, 0.06, 0.12, 0.04, 0.004};
inline constexpr int kOverThirtyThree = 11;
inline constexpr double kFootprintsKm2 = 0.82, kMedianFootprint = 207.0, kTallestMeters = 111.0;
inline constexpr int kBuildings = 2570;

inline constexpr int storeyClass(int floors) {
    return floors <= 3 ? 0 : floors <= 6 ? 1 : floors <= 9 ? 2 : floors <= 18 ? 3 : floors <= 33 ? 4 : 5;
}
inline constexpr double shareOfUse(std::string_view use) {
    return use == "住宅"       ? 0.60
           : use == "办公"     ? 0.15
           : use == "公共服务" ? 0.11
           : use == "商业"     ? 0.07
           : use == "教育"     ? 0.06
                               : 0.0;
}

} // namespace matou::importers::nanmatou
