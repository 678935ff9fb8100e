#pragma once
// Footprints as turned rectangles, and an index of those that already stand.

#include <array>
#include <cstdint>
#include <unordered_map>
#include <vector>

#include "common/geometry.h"

namespace matou::importers::nanmatou {

/// `angle` radians counter-clockwise from east to the long axis; the face at -depth/2 looks south where angle is near
/// 0.
struct Footprint {
    glm::dvec2 middle{0.0};
    double length = 0, depth = 0;
    double angle = 0;

    glm::dvec2 along() const;
    glm::dvec2 across() const; // towards the northern face
    glm::dvec2 at(double alongMeters, double acrossMeters) const;
    /// Counter-clockwise, south-western first.
    std::array<glm::dvec2, 4> corners() const;
    Polygon polygon() const;
    double area() const { return length * depth; }
};

/// 0 where they touch or overlap.
double gapBetween(const Footprint& a, const Footprint& b);
double segmentDistance(const glm::dvec2& a, const glm::dvec2& b, const glm::dvec2& p);
/// Wholly inside, tested along the rim every 2 m and against the polygon's own corners.
bool inside(const MultiPolygon& area, const Footprint& footprint);

/// A grid of 40 m cells.
class FootprintIndex {
public:
    void add(std::uint32_t id, const Footprint& footprint);
    /// Ids of those that may lie within `meters`.
    std::vector<std::uint32_t> near(const Footprint& footprint, double meters) const;
    const Footprint& operator[](std::uint32_t id) const { return _footprints.at(id); }

private:
    std::unordered_map<std::int64_t, std::vector<std::uint32_t>> _cells;
    std::unordered_map<std::uint32_t, Footprint> _footprints;
};

} // namespace matou::importers::nanmatou
