#pragma once
// GEOS's C interface with owners: a context per call, geometries freed with it.

#include <memory>

#define GEOS_USE_ONLY_R_API
#include <geos_c.h>

#include "common/geometry.h"

namespace matou::importers {

/// One GEOS context. Messages are swallowed: a failed operation shows as a null geometry, hence an empty result.
class GeosScope {
public:
    GeosScope();
    ~GeosScope();
    GeosScope(const GeosScope&) = delete;
    GeosScope& operator=(const GeosScope&) = delete;

    struct Destroy {
        GEOSContextHandle_t context;
        void operator()(GEOSGeometry* geometry) const { GEOSGeom_destroy_r(context, geometry); }
    };
    using Owned = std::unique_ptr<GEOSGeometry, Destroy>;

    Owned own(GEOSGeometry* geometry) const { return Owned(geometry, Destroy{_context}); }
    GEOSContextHandle_t get() const { return _context; }

    Owned polygon(const Polygon& polygon) const;
    Owned multi(const MultiPolygon& polygons) const;
    Owned line(const Polyline& line) const;
    Owned lines(const std::vector<Polyline>& lines) const;
    /// Every polygon in it, at any depth of collections, normalised; slivers under 1e-6 m² are dropped.
    MultiPolygon polygons(const GEOSGeometry* geometry) const;
    Ring points(const GEOSGeometry* ringOrLine) const;

private:
    Owned ring(const Ring& ring) const;
    GEOSCoordSequence* sequence(const Ring& ring, bool close) const;
    GEOSContextHandle_t _context;
};

} // namespace matou::importers
