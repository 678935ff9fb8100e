#pragma once
// Bounding volumes of 3D Tiles 1.1 in ECEF: oriented box, region, sphere.

#include <array>
#include <span>
#include <variant>

#include <glm/glm.hpp>

#include "geo/frames.h"

namespace matou::geo {

struct Sphere {
    glm::dvec3 center{0.0};
    double radius = 0;
};
/// Columns of halfAxes are the box's half-extent vectors.
struct OrientedBox {
    glm::dvec3 center{0.0};
    glm::dmat3 halfAxes{1.0};
};
/// Radians and metres above the ellipsoid.
struct Region {
    double west = 0, south = 0, east = 0, north = 0, minimumHeight = 0, maximumHeight = 0;
};

using BoundingVolume = std::variant<Sphere, OrientedBox, Region>;

/// Plane: dot(normal, p) + distance >= 0 inside.
struct Plane {
    glm::dvec3 normal{0.0};
    double distance = 0;
};
struct Frustum {
    std::array<Plane, 5> planes; // left, right, bottom, top, near (no far plane: depth is infinite)
};

enum class Containment { outside, intersecting, inside };

/// Metres from the point to the volume's surface, 0 inside. For regions the surface distance of the region as a
/// box on the ellipsoid (as the reference clients compute it).
double distanceTo(const BoundingVolume& volume, const glm::dvec3& pointEcef);
double distanceTo(const OrientedBox& box, const glm::dvec3& pointEcef);
Containment classify(const BoundingVolume& volume, const Frustum& frustum);
/// The same for any convex region; no planes: everything is inside.
Containment classify(const BoundingVolume& volume, std::span<const Plane> region);
Containment classify(const Sphere& sphere, std::span<const Plane> region);
Containment classify(const OrientedBox& box, std::span<const Plane> region);
/// Boxes and spheres by a tile transform; a region is never transformed (3D Tiles 1.1, "Bounding volumes").
BoundingVolume transformed(const BoundingVolume& volume, const glm::dmat4& matrix);
Sphere boundingSphere(const BoundingVolume& volume);
/// A box around a region, for drawing and frustum tests.
OrientedBox boxOfRegion(const Region& region);

} // namespace matou::geo
