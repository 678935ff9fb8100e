#include "common/geometry.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "common/geos_scope.h"

namespace matou::importers {
namespace {

constexpr double kSamePoint = 1e-3;

double cross(const glm::dvec2& a, const glm::dvec2& b) { return a.x * b.y - a.y * b.x; }

Ring cleaned(const Ring& ring) {
    Ring out;
    for (const auto& p : ring)
        if (out.empty() || glm::length(p - out.back()) > kSamePoint) out.push_back(p);
    while (out.size() > 1 && glm::length(out.front() - out.back()) <= kSamePoint) out.pop_back();
    if (out.size() < 3) out.clear();
    return out;
}

bool insideRing(const Ring& ring, const glm::dvec2& p) {
    bool inside = false;
    for (std::size_t i = 0, j = ring.size() - 1; i < ring.size(); j = i++) {
        const auto &a = ring[i], &b = ring[j];
        if ((a.y > p.y) != (b.y > p.y) && p.x < (b.x - a.x) * (p.y - a.y) / (b.y - a.y) + a.x) inside = !inside;
    }
    return inside;
}

/// One edge of a triangulation or a polygon result, cut by a rectangle: bounds of the cells that a polygon touches.
struct CellRange {
    int x0, y0, x1, y1;
};
CellRange cellsOf(const Extent& extent, double cell) {
    return {static_cast<int>(std::floor(extent.minimum.x / cell)), static_cast<int>(std::floor(extent.minimum.y / cell)),
            static_cast<int>(std::floor(extent.maximum.x / cell)), static_cast<int>(std::floor(extent.maximum.y / cell))};
}

} // namespace

void Extent::add(const glm::dvec2& point) {
    minimum = glm::min(minimum, point);
    maximum = glm::max(maximum, point);
}

Extent extentOf(const MultiPolygon& polygons) {
    Extent extent;
    for (const auto& polygon : polygons)
        for (const auto& p : polygon.outer) extent.add(p);
    return extent;
}

double signedArea(const Ring& ring) {
    double sum = 0;
    for (std::size_t i = 1; i + 1 < ring.size(); ++i) sum += cross(ring[i] - ring[0], ring[i + 1] - ring[0]);
    return 0.5 * sum;
}

double area(const Polygon& polygon) {
    double sum = std::abs(signedArea(polygon.outer));
    for (const auto& hole : polygon.holes) sum -= std::abs(signedArea(hole));
    return std::max(sum, 0.0);
}

double area(const MultiPolygon& polygons) {
    double sum = 0;
    for (const auto& polygon : polygons) sum += area(polygon);
    return sum;
}

glm::dvec2 centroid(const Polygon& polygon) {
    const Ring& ring = polygon.outer;
    if (ring.empty()) return glm::dvec2(0);
    glm::dvec2 sum(0);
    double total = 0;
    for (std::size_t i = 1; i + 1 < ring.size(); ++i) {
        const double twice = cross(ring[i] - ring[0], ring[i + 1] - ring[0]);
        sum += twice * ((ring[i] - ring[0]) + (ring[i + 1] - ring[0])) / 3.0;
        total += twice;
    }
    return std::abs(total) > 1e-12 ? ring[0] + sum / total : ring[0];
}

glm::dvec2 pointInside(const Polygon& polygon) {
    const GeosScope geos;
    const auto shape = geos.polygon(polygon);
    const auto point = geos.own(shape ? GEOSPointOnSurface_r(geos.get(), shape.get()) : nullptr);
    const Ring at = geos.points(point.get());
    return at.empty() ? centroid(polygon) : at.front();
}

double lengthOf(const Polyline& line) {
    double sum = 0;
    for (std::size_t i = 1; i < line.size(); ++i) sum += glm::length(line[i] - line[i - 1]);
    return sum;
}

bool contains(const Polygon& polygon, const glm::dvec2& point) {
    if (polygon.outer.size() < 3 || !insideRing(polygon.outer, point)) return false;
    return std::none_of(polygon.holes.begin(), polygon.holes.end(),
                        [&](const Ring& hole) { return hole.size() >= 3 && insideRing(hole, point); });
}

bool contains(const MultiPolygon& polygons, const glm::dvec2& point) {
    return std::any_of(polygons.begin(), polygons.end(), [&](const Polygon& polygon) { return contains(polygon, point); });
}

double distanceTo(const Polyline& line, const glm::dvec2& point) {
    double best = line.empty() ? 1e300 : glm::length(point - line.front());
    for (std::size_t i = 1; i < line.size(); ++i) {
        const glm::dvec2 along = line[i] - line[i - 1];
        const double length2 = glm::dot(along, along);
        const double t = length2 > 0 ? std::clamp(glm::dot(point - line[i - 1], along) / length2, 0.0, 1.0) : 0.0;
        best = std::min(best, glm::length(point - line[i - 1] - t * along));
    }
    return best;
}

Polygon normalized(Polygon polygon) {
    Polygon out;
    out.outer = cleaned(polygon.outer);
    if (out.outer.empty()) return out;
    if (signedArea(out.outer) < 0) std::reverse(out.outer.begin(), out.outer.end());
    for (const auto& ring : polygon.holes) {
        Ring hole = cleaned(ring);
        if (hole.empty()) continue;
        if (signedArea(hole) > 0) std::reverse(hole.begin(), hole.end());
        out.holes.push_back(std::move(hole));
    }
    return out;
}

bool isValid(const Polygon& polygon) {
    const GeosScope geos;
    const auto shape = geos.polygon(polygon);
    return shape && polygon.outer.size() >= 3 && GEOSisValid_r(geos.get(), shape.get()) == 1;
}

MultiPolygon makeValid(const MultiPolygon& polygons) {
    const GeosScope geos;
    MultiPolygon out;
    for (const auto& polygon : polygons) {
        const auto shape = geos.polygon(polygon);
        if (!shape) continue;
        const auto valid = geos.own(GEOSMakeValid_r(geos.get(), shape.get()));
        const MultiPolygon parts = geos.polygons(valid.get());
        out.insert(out.end(), parts.begin(), parts.end());
    }
    return out;
}

MultiPolygon unite(const MultiPolygon& polygons) {
    const GeosScope geos;
    const auto shape = geos.multi(polygons);
    const auto out = geos.own(shape ? GEOSUnaryUnion_r(geos.get(), shape.get()) : nullptr);
    return geos.polygons(out.get());
}

MultiPolygon intersect(const MultiPolygon& a, const MultiPolygon& b) {
    const GeosScope geos;
    const auto left = geos.multi(unite(a)), right = geos.multi(unite(b));
    const auto out = geos.own(left && right ? GEOSIntersection_r(geos.get(), left.get(), right.get()) : nullptr);
    return geos.polygons(out.get());
}

MultiPolygon subtract(const MultiPolygon& from, const MultiPolygon& what) {
    const GeosScope geos;
    const auto left = geos.multi(unite(from)), right = geos.multi(unite(what));
    const auto out = geos.own(left && right ? GEOSDifference_r(geos.get(), left.get(), right.get()) : nullptr);
    return geos.polygons(out.get());
}

bool intersects(const MultiPolygon& a, const MultiPolygon& b) {
    const Extent ea = extentOf(a), eb = extentOf(b);
    if (ea.empty() || eb.empty() || ea.maximum.x < eb.minimum.x || eb.maximum.x < ea.minimum.x || ea.maximum.y < eb.minimum.y ||
        eb.maximum.y < ea.minimum.y)
        return false;
    const GeosScope geos;
    const auto left = geos.multi(a), right = geos.multi(b);
    return left && right && GEOSIntersects_r(geos.get(), left.get(), right.get()) == 1;
}

MultiPolygon grow(const MultiPolygon& polygons, double meters) {
    const GeosScope geos;
    const auto shape = geos.multi(polygons);
    const auto out = geos.own(shape ? GEOSBufferWithStyle_r(geos.get(), shape.get(), meters, 2, GEOSBUF_CAP_FLAT, GEOSBUF_JOIN_MITRE, 2.5) : nullptr);
    return geos.polygons(out.get());
}

MultiPolygon ribbon(const Polyline& line, double widthMeters, LineCap cap, int arcSegments) {
    return ribbons({line}, widthMeters, cap, arcSegments);
}

MultiPolygon ribbons(const std::vector<Polyline>& lines, double widthMeters, LineCap cap, int arcSegments) {
    const GeosScope geos;
    const auto shape = geos.lines(lines);
    const int style = cap == LineCap::flat ? GEOSBUF_CAP_FLAT : cap == LineCap::square ? GEOSBUF_CAP_SQUARE : GEOSBUF_CAP_ROUND;
    const auto out = geos.own(shape ? GEOSBufferWithStyle_r(geos.get(), shape.get(), 0.5 * widthMeters, std::max(arcSegments, 1), style,
                                                            GEOSBUF_JOIN_ROUND, 2.0)
                                    : nullptr);
    return geos.polygons(out.get());
}

std::vector<MultiPolygon> cutIntoCells(const MultiPolygon& polygons, double cellMeters, double overlapMeters) {
    const GeosScope geos;
    std::map<std::pair<int, int>, MultiPolygon> cells; // y, x
    for (const auto& polygon : polygons) {
        const Extent extent = extentOf({polygon});
        if (extent.empty()) continue;
        const CellRange range = cellsOf(extent, cellMeters);
        if (range.x0 == range.x1 && range.y0 == range.y1) {
            cells[{range.y0, range.x0}].push_back(polygon);
            continue;
        }
        const auto shape = geos.polygon(polygon);
        for (int y = range.y0; y <= range.y1; ++y) {
            // A row first, then its cells: a long river is not cut as a whole once per cell.
            const double y0 = y * cellMeters - overlapMeters, y1 = (y + 1) * cellMeters + overlapMeters;
            const double left = extent.minimum.x - 1, right = extent.maximum.x + 1;
            const Polygon strip{{{left, y0}, {right, y0}, {right, y1}, {left, y1}}, {}};
            const auto stripShape = geos.polygon(strip);
            const auto row = geos.own(shape ? GEOSIntersection_r(geos.get(), shape.get(), stripShape.get()) : nullptr);
            if (!row || GEOSisEmpty_r(geos.get(), row.get()) == 1) continue;
            for (int x = range.x0; x <= range.x1; ++x) {
                const double x0 = x * cellMeters - overlapMeters, x1 = (x + 1) * cellMeters + overlapMeters;
                const Polygon cell{{{x0, y0}, {x1, y0}, {x1, y1}, {x0, y1}}, {}};
                const auto cellShape = geos.polygon(cell);
                const auto part = geos.own(GEOSIntersection_r(geos.get(), row.get(), cellShape.get()));
                const MultiPolygon parts = geos.polygons(part.get());
                if (parts.empty()) continue;
                auto& into = cells[{y, x}];
                into.insert(into.end(), parts.begin(), parts.end());
            }
        }
    }
    std::vector<MultiPolygon> out;
    for (auto& [key, cell] : cells) out.push_back(std::move(cell));
    return out;
}

MultiPolygon simplify(const MultiPolygon& polygons, double toleranceMeters) {
    const GeosScope geos;
    const auto shape = geos.multi(polygons);
    const auto out = geos.own(shape ? GEOSTopologyPreserveSimplify_r(geos.get(), shape.get(), toleranceMeters) : nullptr);
    return geos.polygons(out.get());
}

Polygon convexHull(const Polygon& polygon) {
    const GeosScope geos;
    const auto shape = geos.polygon(polygon);
    const auto hull = geos.own(shape ? GEOSConvexHull_r(geos.get(), shape.get()) : nullptr);
    const MultiPolygon parts = geos.polygons(hull.get());
    return parts.empty() ? Polygon{} : parts.front();
}

Polygon orientedBox(const Polygon& polygon) {
    const Polygon hull = convexHull(polygon);
    const Ring& ring = hull.outer;
    Polygon best;
    double bestArea = 1e300;
    // The smallest rectangle has a side along one of the hull's edges.
    for (std::size_t i = 0; i < ring.size(); ++i) {
        const glm::dvec2 edge = ring[(i + 1) % ring.size()] - ring[i];
        if (glm::length(edge) < 1e-9) continue;
        const glm::dvec2 u = glm::normalize(edge), v(-u.y, u.x);
        glm::dvec2 low(1e300), high(-1e300);
        for (const auto& p : ring) {
            const glm::dvec2 q(glm::dot(p - ring[0], u), glm::dot(p - ring[0], v));
            low = glm::min(low, q);
            high = glm::max(high, q);
        }
        const double size = (high.x - low.x) * (high.y - low.y);
        if (size >= bestArea * (1 - 1e-9)) continue;
        bestArea = size;
        const auto corner = [&](double x, double y) { return ring[0] + u * x + v * y; };
        best.outer = {corner(low.x, low.y), corner(high.x, low.y), corner(high.x, high.y), corner(low.x, high.y)};
    }
    return best;
}

Polygon rectangle(const glm::dvec2& middle, double alongX, double alongY, double headingDegrees) {
    const double angle = glm::radians(headingDegrees);
    const glm::dvec2 y(std::sin(angle), std::cos(angle)), x(y.y, -y.x);
    const glm::dvec2 a = 0.5 * alongX * x, b = 0.5 * alongY * y;
    return {{middle - a - b, middle + a - b, middle + a + b, middle - a + b}, {}};
}

Triangulation triangulate(const Polygon& polygon) {
    Triangulation out;
    if (polygon.outer.size() < 3) return out;
    if (polygon.holes.empty() && polygon.outer.size() == 3) {
        out.points = polygon.outer;
        out.indices = {0, 1, 2};
        return out;
    }
    const GeosScope geos;
    const auto shape = geos.polygon(polygon);
    if (!shape) return out;
    const auto cut = geos.own(GEOSConstrainedDelaunayTriangulation_r(geos.get(), shape.get()));
    std::map<std::pair<double, double>, std::uint32_t> known;
    for (const auto& triangle : geos.polygons(cut.get())) {
        if (triangle.outer.size() != 3) continue;
        for (const auto& p : triangle.outer) {
            const auto [at, isNew] = known.try_emplace({p.x, p.y}, static_cast<std::uint32_t>(out.points.size()));
            if (isNew) out.points.push_back(p);
            out.indices.push_back(at->second);
        }
    }
    return out;
}

} // namespace matou::importers
