#include "tiles/validate.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

#include <glm/gtc/matrix_transform.hpp>

namespace matou::tiles {

namespace {

std::string meters(double value) {
    char text[32];
    std::snprintf(text, sizeof text, "%.3f", value);
    return text;
}

std::string placeOf(const TileTree& tree, TileIndex index, const char* below) {
    return tree.sources[tree[index].source].where + "#" + tree.pointer(index) + below;
}

/// The corners, as points that stand for the volume. Regions and boxes by corners; spheres by six points.
std::vector<glm::dvec3> samplesOf(const geo::BoundingVolume& volume) {
    std::vector<glm::dvec3> points;
    if (const auto* sphere = std::get_if<geo::Sphere>(&volume)) {
        for (int axis = 0; axis < 3; ++axis)
            for (const double sign : {-1.0, 1.0}) {
                glm::dvec3 p = sphere->center;
                p[axis] += sign * sphere->radius;
                points.push_back(p);
            }
        return points;
    }
    if (const auto* region = std::get_if<geo::Region>(&volume)) {
        constexpr double degrees = 180.0 / 3.14159265358979323846;
        for (int i = 0; i < 8; ++i)
            points.push_back(geo::ecefFromGeodetic({(i & 1 ? region->north : region->south) * degrees, (i & 2 ? region->east : region->west) * degrees,
                                                    i & 4 ? region->maximumHeight : region->minimumHeight}).meters);
        return points;
    }
    const auto& box = std::get<geo::OrientedBox>(volume);
    for (int i = 0; i < 8; ++i)
        points.push_back(box.center + box.halfAxes[0] * (i & 1 ? 1.0 : -1.0) + box.halfAxes[1] * (i & 2 ? 1.0 : -1.0) +
                         box.halfAxes[2] * (i & 4 ? 1.0 : -1.0));
    return points;
}

} // namespace

core::Diagnostics validateTree(const TileTree& tree) {
    core::Diagnostics problems = tree.diagnostics;
    for (TileIndex i = 1; i < tree.tiles.size(); ++i) {
        const auto& tile = tree[i];
        const auto& parent = tree[tile.parent];
        if (tile.geometricError > parent.geometricError * (1 + 1e-9) + 1e-9)
            problems.push_back({"E_TILESET_ERROR_GROWS", {meters(tile.geometricError), meters(parent.geometricError)},
                                placeOf(tree, i, "/geometricError"), {}});
        // Volumes of different kinds cannot contain each other exactly (a box around a region's content is larger at its
        // corners), so the corners may stand out by a hundredth of the child there.
        const bool sameKind = tile.volume.index() == parent.volume.index();
        const double tolerance = 0.01 + tile.sphere.radius * (sameKind && !std::holds_alternative<geo::Sphere>(tile.volume) ? 1e-4 : 1e-2);
        double most = 0;
        if (std::holds_alternative<geo::Sphere>(tile.volume) && std::holds_alternative<geo::Sphere>(parent.volume)) {
            most = glm::length(tile.sphere.center - parent.sphere.center) + tile.sphere.radius - parent.sphere.radius;
        } else {
            for (const auto& point : samplesOf(tile.volume)) most = std::max(most, geo::distanceTo(parent.volume, point));
        }
        if (most > tolerance) problems.push_back({"E_TILESET_CHILD_BOUNDS", {meters(most)}, placeOf(tree, i, "/boundingVolume"), {}});
    }
    return problems;
}

core::Diagnostics validateContentBounds(const TileTree& tree, TileIndex index, const model::Content& content, const std::string& where,
                                        double toleranceMeters) {
    const auto& tile = tree[index];
    const auto placed = glm::translate(tree.ecefFrom(tile), content.rtcCenter);
    const double tolerance = toleranceMeters + tile.sphere.radius * 1e-3;
    double most = 0;
    for (const auto& instance : content.instances) {
        if (instance.primitive >= content.primitives.size()) continue;
        const auto& primitive = content.primitives[instance.primitive];
        const auto matrix = placed * glm::dmat4(instance.contentFromMesh);
        for (const auto& vertex : primitive.vertices)
            most = std::max(most, geo::distanceTo(tree.volumeOfContent(tile), glm::dvec3(matrix * glm::dvec4(vertex.position, 1.0))));
    }
    if (most <= tolerance) return {};
    return {{"E_TILESET_BOUNDS", {meters(most)}, where, {}}};
}

} // namespace matou::tiles
