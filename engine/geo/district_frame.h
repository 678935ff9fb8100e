#pragma once
// The district's own frame: a projected CRS (PROJ) and a vertical datum given as a constant above the ellipsoid, because
// PROJ has no grid for 1985 or Wusong heights; the constant comes from district.toml with its provenance.

#include <memory>
#include <string>

#include "core/result.h"
#include "geo/frames.h"

namespace matou::geo {

/// Not thread-safe (PROJ context inside); each lane clones its own.
class DistrictFrame {
public:
    /// `crs`: anything PROJ understands, projected, e.g. "EPSG:32651" or "EPSG:4549". Axis order is normalised to E, N.
    /// `datumAboveEllipsoidMeters`: ellipsoidal height of the vertical datum's zero. E_CRS_UNKNOWN, E_CRS_NOT_PROJECTED.
    static core::Result<DistrictFrame> create(const std::string& crs, double datumAboveEllipsoidMeters);
    DistrictFrame(DistrictFrame&&) noexcept;
    DistrictFrame& operator=(DistrictFrame&&) noexcept;
    ~DistrictFrame();
    DistrictFrame clone() const;

    DistrictPosition fromGeodetic(const Geodetic& position) const;
    Geodetic toGeodetic(const DistrictPosition& position) const;
    Ecef toEcef(const DistrictPosition& position) const;
    DistrictPosition fromEcef(const Ecef& position) const;
    /// lon, lat with a height above the district's datum.
    DistrictPosition fromLonLat(double longitudeDegrees, double latitudeDegrees, double heightAboveDatum = 0) const;
    const std::string& crs() const;
    double datumAboveEllipsoidMeters() const;

private:
    struct Impl;
    explicit DistrictFrame(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> _impl;
};

} // namespace matou::geo
