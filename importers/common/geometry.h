#pragma once
// Shared plan geometry and the meshes made of it: polygons with holes, unions and buffers (GEOS), triangulation, extrusion.
// Everything is in the district frame (metres; x east, y north), pure and deterministic. Thread: any (each call has its
// own GEOS context). A GEOS failure on hostile input gives an empty result, never an exception.

#include <cstdint>
#include <vector>

#include <glm/glm.hpp>

#include "common/tileset_writer.h"

namespace matou::importers {

/// Open: the last point is not the first again.
using Ring = std::vector<glm::dvec2>;
using Polyline = std::vector<glm::dvec2>;

/// Outer ring counter-clockwise, holes clockwise (`normalized` and every function that returns polygons sees to it).
struct Polygon {
    Ring outer;
    std::vector<Ring> holes;
};
using MultiPolygon = std::vector<Polygon>;

struct Extent {
    glm::dvec2 minimum{1e300};
    glm::dvec2 maximum{-1e300};
    bool empty() const { return minimum.x > maximum.x; }
    void add(const glm::dvec2& point);
    glm::dvec2 center() const { return 0.5 * (minimum + maximum); }
    glm::dvec2 size() const { return maximum - minimum; }
};
Extent extentOf(const MultiPolygon& polygons);

/// Signed: counter-clockwise positive.
double signedArea(const Ring& ring);
/// Outer rings less holes, m².
double area(const Polygon& polygon);
double area(const MultiPolygon& polygons);
glm::dvec2 centroid(const Polygon& polygon);
/// A point certainly inside, for labels.
glm::dvec2 pointInside(const Polygon& polygon);
double lengthOf(const Polyline& line);
/// Inside or on the border; holes are outside.
bool contains(const Polygon& polygon, const glm::dvec2& point);
bool contains(const MultiPolygon& polygons, const glm::dvec2& point);
/// Distance in plan from the point to the polyline.
double distanceTo(const Polyline& line, const glm::dvec2& point);
/// Rings turned the right way, repeated points (closer than 1 mm) dropped; a ring of fewer than three points vanishes.
Polygon normalized(Polygon polygon);
/// False for self-intersections, holes outside, ….
bool isValid(const Polygon& polygon);
/// The same area with valid rings (GEOS MakeValid); parts of lines and points are dropped.
MultiPolygon makeValid(const MultiPolygon& polygons);

MultiPolygon unite(const MultiPolygon& polygons);
MultiPolygon intersect(const MultiPolygon& a, const MultiPolygon& b);
MultiPolygon subtract(const MultiPolygon& from, const MultiPolygon& what);
bool intersects(const MultiPolygon& a, const MultiPolygon& b);
/// Grown (or with negative metres shrunk) with mitred corners.
MultiPolygon grow(const MultiPolygon& polygons, double meters);

enum class LineCap { flat, square, round };
/// The line as a ribbon `widthMeters` wide, joins round with `arcSegments` per quarter circle.
MultiPolygon ribbon(const Polyline& line, double widthMeters, LineCap cap = LineCap::flat, int arcSegments = 3);
/// All lines together, united: crossings do not overlap.
MultiPolygon ribbons(const std::vector<Polyline>& lines, double widthMeters, LineCap cap = LineCap::round, int arcSegments = 3);

/// Cut along a grid of square cells whose corners are multiples of `cellMeters`: one entry per non-empty cell, in
/// row-major order of the cells. Flat triangles inside a cell of 250 m leave the ellipsoid by less than 5 mm.
/// `overlapMeters`: each cell takes that much of its neighbours, so that no hairline shows where their edges meet.
std::vector<MultiPolygon> cutIntoCells(const MultiPolygon& polygons, double cellMeters, double overlapMeters = 0);
/// Douglas-Peucker that keeps validity.
MultiPolygon simplify(const MultiPolygon& polygons, double toleranceMeters);
/// Smallest rectangle around the outer ring, any direction.
Polygon orientedBox(const Polygon& polygon);
Polygon convexHull(const Polygon& polygon);
/// A rectangle by its middle; `alongX` metres along the direction `headingDegrees` (clockwise from north) turned by 90°
/// – that is, at heading 0 it is alongX wide from west to east and alongY deep from south to north.
Polygon rectangle(const glm::dvec2& middle, double alongX, double alongY, double headingDegrees = 0);

struct Triangulation {
    std::vector<glm::dvec2> points;
    std::vector<std::uint32_t> indices; // counter-clockwise
};
/// Constrained Delaunay; the polygon's own points only. Empty for an invalid polygon (makeValid first).
Triangulation triangulate(const Polygon& polygon);

/// Looking up, at one height, uv 0. `color` is written only where `withColor`.
Mesh flatMesh(const MultiPolygon& polygons, double height, glm::u8vec4 color = glm::u8vec4(255), bool withColor = false);

struct ExtrudeOptions {
    double base = 0;
    double top = 3;
    bool roof = true;
    bool floor = false;            // closed below, for parts that begin above the ground
    double parapetHeight = 0;      // > 0: a wall round the roof, which lies this much below `top`
    double parapetThickness = 0.3;
    bool withColors = false;
    glm::u8vec4 wallColor{255}, roofColor{255};
};
/// Walls with uv in metres (u along the façade from the ring's first point, v above `base`), roofs uv 0; flat normals;
/// quads share their four vertices. Holes get walls too.
Mesh extrude(const Polygon& polygon, const ExtrudeOptions& options);
Mesh extrude(const MultiPolygon& polygons, const ExtrudeOptions& options);
/// A ledge round the walls between two heights, standing out by `outMeters`: 6 triangles per edge.
Mesh ledge(const Polygon& polygon, double from, double to, double outMeters, glm::u8vec4 color = glm::u8vec4(255), bool withColor = false);
/// A gabled roof over a rectangle (`orientedBox`), ridge along its longer side.
Mesh gableRoof(const Polygon& box, double eaves, double ridge, glm::u8vec4 color = glm::u8vec4(255), bool withColor = false);
/// A closed prism with `sides` sides, standing on `foot`: posts, columns, trunks. `topRadius` 0: a cone.
Mesh cylinder(const glm::dvec3& foot, double radius, double topRadius, double height, int sides, glm::u8vec4 color = glm::u8vec4(255),
              bool withColor = false);
/// An axis-parallel box turned by `headingDegrees`; no bottom.
Mesh box(const glm::dvec3& footMiddle, const glm::dvec3& size, double headingDegrees = 0, glm::u8vec4 color = glm::u8vec4(255),
         bool withColor = false);

} // namespace matou::importers
