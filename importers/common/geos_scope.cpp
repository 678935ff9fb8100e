#include "common/geos_scope.h"

namespace matou::importers {

GeosScope::GeosScope() : _context(GEOS_init_r()) {}
GeosScope::~GeosScope() { GEOS_finish_r(_context); }

GEOSCoordSequence* GeosScope::sequence(const Ring& ring, bool close) const {
    const auto size = static_cast<unsigned>(ring.size() + (close ? 1 : 0));
    GEOSCoordSequence* out = GEOSCoordSeq_create_r(_context, size, 2);
    if (!out) return nullptr;
    for (unsigned i = 0; i < size; ++i) {
        const glm::dvec2& p = ring[i % ring.size()];
        GEOSCoordSeq_setXY_r(_context, out, i, p.x, p.y);
    }
    return out;
}

GeosScope::Owned GeosScope::ring(const Ring& ring) const {
    if (ring.size() < 3) return own(nullptr);
    return own(GEOSGeom_createLinearRing_r(_context, sequence(ring, true)));
}

GeosScope::Owned GeosScope::polygon(const Polygon& polygon) const {
    Owned shell = ring(polygon.outer);
    if (!shell) return own(GEOSGeom_createEmptyPolygon_r(_context));
    std::vector<GEOSGeometry*> holes;
    for (const auto& hole : polygon.holes)
        if (Owned inner = ring(hole)) holes.push_back(inner.release());
    return own(GEOSGeom_createPolygon_r(_context, shell.release(), holes.data(), static_cast<unsigned>(holes.size())));
}

GeosScope::Owned GeosScope::multi(const MultiPolygon& polygons) const {
    std::vector<GEOSGeometry*> parts;
    for (const auto& part : polygons)
        if (Owned one = polygon(part)) parts.push_back(one.release());
    return own(GEOSGeom_createCollection_r(_context, GEOS_MULTIPOLYGON, parts.data(), static_cast<unsigned>(parts.size())));
}

GeosScope::Owned GeosScope::line(const Polyline& line) const {
    if (line.size() < 2) return own(GEOSGeom_createEmptyLineString_r(_context));
    return own(GEOSGeom_createLineString_r(_context, sequence(line, false)));
}

GeosScope::Owned GeosScope::lines(const std::vector<Polyline>& many) const {
    std::vector<GEOSGeometry*> parts;
    for (const auto& one : many)
        if (Owned part = line(one)) parts.push_back(part.release());
    return own(GEOSGeom_createCollection_r(_context, GEOS_MULTILINESTRING, parts.data(), static_cast<unsigned>(parts.size())));
}

Ring GeosScope::points(const GEOSGeometry* ringOrLine) const {
    Ring out;
    const GEOSCoordSequence* sequence = ringOrLine ? GEOSGeom_getCoordSeq_r(_context, ringOrLine) : nullptr;
    unsigned size = 0;
    if (!sequence || !GEOSCoordSeq_getSize_r(_context, sequence, &size)) return out;
    out.resize(size);
    for (unsigned i = 0; i < size; ++i) GEOSCoordSeq_getXY_r(_context, sequence, i, &out[i].x, &out[i].y);
    return out;
}

MultiPolygon GeosScope::polygons(const GEOSGeometry* geometry) const {
    MultiPolygon out;
    std::vector<const GEOSGeometry*> open;
    if (geometry) open.push_back(geometry);
    while (!open.empty()) {
        const GEOSGeometry* one = open.back();
        open.pop_back();
        const int type = GEOSGeomTypeId_r(_context, one);
        if (type == GEOS_POLYGON) {
            Polygon polygon;
            polygon.outer = points(GEOSGetExteriorRing_r(_context, one));
            const int holes = GEOSGetNumInteriorRings_r(_context, one);
            for (int i = 0; i < holes; ++i) polygon.holes.push_back(points(GEOSGetInteriorRingN_r(_context, one, i)));
            polygon = normalized(std::move(polygon));
            if (polygon.outer.size() >= 3 && area(polygon) > 1e-6) out.push_back(std::move(polygon));
        } else if (type >= GEOS_MULTIPOINT) {
            for (int i = GEOSGetNumGeometries_r(_context, one); i-- > 0;) open.push_back(GEOSGetGeometryN_r(_context, one, i));
        }
    }
    return out;
}

} // namespace matou::importers
