#include "geo/bounding_volume.h"

#include <algorithm>
#include <cmath>

namespace matou::geo {
namespace {

double distanceToRegion(const Region& region, const glm::dvec3& point) {
    // Planes at the region's edges, as vertical walls, and its two heights (3D Tiles reference clients).
    const Geodetic g = geodeticFromEcef({point});
    constexpr double degree = 3.14159265358979323846 / 180.0;
    const double lon = g.longitudeDegrees * degree, lat = g.latitudeDegrees * degree;
    const double above = std::max({0.0, g.heightMeters - region.maximumHeight, region.minimumHeight - g.heightMeters});
    if (lon < region.west || lon > region.east || lat < region.south || lat > region.north) {
        const double nearestLon = std::clamp(lon, region.west, region.east), nearestLat = std::clamp(lat, region.south, region.north);
        const double h = std::clamp(g.heightMeters, region.minimumHeight, region.maximumHeight);
        const Ecef nearest = ecefFromGeodetic({nearestLat / degree, nearestLon / degree, h});
        return glm::length(point - nearest.meters);
    }
    return above;
}

} // namespace

double distanceTo(const OrientedBox& box, const glm::dvec3& pointEcef) {
    const glm::dvec3 offset = pointEcef - box.center;
    double squared = 0;
    for (int axis = 0; axis < 3; ++axis) {
        const double length = glm::length(box.halfAxes[axis]);
        if (length > 1e-12) {
            const double beyond = std::abs(glm::dot(offset, box.halfAxes[axis])) / length - length;
            if (beyond > 0) squared += beyond * beyond;
            continue;
        }
        // A flat box has no direction of its own on that axis; the other two carry the distance within the plane.
        const glm::dvec3 direction = glm::cross(box.halfAxes[(axis + 1) % 3], box.halfAxes[(axis + 2) % 3]);
        const double norm = glm::length(direction);
        if (norm < 1e-12) continue;
        const double excess = std::abs(glm::dot(offset, direction / norm)) - length;
        if (excess > 0) squared += excess * excess;
    }
    return std::sqrt(squared);
}

double distanceTo(const BoundingVolume& volume, const glm::dvec3& pointEcef) {
    if (const auto* sphere = std::get_if<Sphere>(&volume)) return std::max(0.0, glm::length(pointEcef - sphere->center) - sphere->radius);
    if (const auto* box = std::get_if<OrientedBox>(&volume)) return distanceTo(*box, pointEcef);
    return distanceToRegion(std::get<Region>(volume), pointEcef);
}

Containment classify(const OrientedBox& box, std::span<const Plane> region) {
    Containment result = Containment::inside;
    for (const Plane& plane : region) {
        const double reach = std::abs(glm::dot(plane.normal, box.halfAxes[0])) + std::abs(glm::dot(plane.normal, box.halfAxes[1])) +
                             std::abs(glm::dot(plane.normal, box.halfAxes[2]));
        const double signedDistance = glm::dot(plane.normal, box.center) + plane.distance;
        if (signedDistance < -reach) return Containment::outside;
        if (signedDistance < reach) result = Containment::intersecting;
    }
    return result;
}

Containment classify(const Sphere& sphere, std::span<const Plane> region) {
    Containment result = Containment::inside;
    for (const Plane& plane : region) {
        const double signedDistance = glm::dot(plane.normal, sphere.center) + plane.distance;
        if (signedDistance < -sphere.radius) return Containment::outside;
        if (signedDistance < sphere.radius) result = Containment::intersecting;
    }
    return result;
}

Containment classify(const BoundingVolume& volume, const Frustum& frustum) {
    return classify(volume, std::span<const Plane>(frustum.planes));
}

Containment classify(const BoundingVolume& volume, std::span<const Plane> region) {
    if (const auto* sphere = std::get_if<Sphere>(&volume)) return classify(*sphere, region);
    if (const auto* box = std::get_if<OrientedBox>(&volume)) return classify(*box, region);
    return classify(boxOfRegion(std::get<Region>(volume)), region);
}

BoundingVolume transformed(const BoundingVolume& volume, const glm::dmat4& matrix) {
    if (const auto* sphere = std::get_if<Sphere>(&volume)) {
        const double scale = std::max({glm::length(glm::dvec3(matrix[0])), glm::length(glm::dvec3(matrix[1])), glm::length(glm::dvec3(matrix[2]))});
        return Sphere{glm::dvec3(matrix * glm::dvec4(sphere->center, 1.0)), sphere->radius * scale};
    }
    if (const auto* box = std::get_if<OrientedBox>(&volume))
        return OrientedBox{glm::dvec3(matrix * glm::dvec4(box->center, 1.0)), glm::dmat3(matrix) * box->halfAxes};
    return volume;
}

Sphere boundingSphere(const BoundingVolume& volume) {
    if (const auto* sphere = std::get_if<Sphere>(&volume)) return *sphere;
    const OrientedBox box = std::holds_alternative<OrientedBox>(volume) ? std::get<OrientedBox>(volume) : boxOfRegion(std::get<Region>(volume));
    // The corner that reaches furthest, whatever the axes' angles.
    double reach = 0;
    for (int corner = 0; corner < 4; ++corner) {
        const glm::dvec3 v = box.halfAxes[0] + box.halfAxes[1] * ((corner & 1) ? 1.0 : -1.0) + box.halfAxes[2] * ((corner & 2) ? 1.0 : -1.0);
        reach = std::max(reach, glm::length(v));
    }
    return {box.center, reach};
}

OrientedBox boxOfRegion(const Region& region) {
    constexpr double degree = 3.14159265358979323846 / 180.0;
    const double midLon = 0.5 * (region.west + region.east), midLat = 0.5 * (region.south + region.north);
    const double midHeight = 0.5 * (region.minimumHeight + region.maximumHeight);
    const Ecef center = ecefFromGeodetic({midLat / degree, midLon / degree, midHeight});
    const glm::dmat4 enu = ecefFromEnu(center);
    const glm::dmat4 local = glm::inverse(enu);
    glm::dvec3 low(1e300), high(-1e300);
    // Corners, edge midpoints and centre at both heights: the surface bulges between corners.
    for (int i = 0; i <= 2; ++i)
        for (int j = 0; j <= 2; ++j)
            for (const double h : {region.minimumHeight, region.maximumHeight}) {
                const double lon = region.west + (region.east - region.west) * 0.5 * i, lat = region.south + (region.north - region.south) * 0.5 * j;
                const glm::dvec3 p(local * glm::dvec4(ecefFromGeodetic({lat / degree, lon / degree, h}).meters, 1.0));
                low = glm::min(low, p);
                high = glm::max(high, p);
            }
    const glm::dvec3 middle = 0.5 * (low + high), half = 0.5 * (high - low);
    OrientedBox box;
    box.center = glm::dvec3(enu * glm::dvec4(middle, 1.0));
    box.halfAxes = glm::dmat3(enu) * glm::dmat3(half.x, 0, 0, 0, half.y, 0, 0, 0, half.z);
    return box;
}

} // namespace matou::geo
