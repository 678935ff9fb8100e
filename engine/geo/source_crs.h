#pragma once
// Where a source says a thing is, in its own horizontal coordinates → WGS 84 longitude and latitude. CGCS2000 is taken for WGS 84.

#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "core/result.h"

namespace matou::geo {

/// Not thread-safe (PROJ context inside).
class SourceCrs {
public:
    /// "wgs84" (or empty), "gcj02", "bd09" (their public formulas, inverted by iteration within a millimetre of the formula; what a
    /// service does beyond it, 1–3 m, is not known), else anything that PROJ understands: "EPSG:4549". E_CRS_UNKNOWN.
    static core::Result<SourceCrs> create(const std::string& crs);
    SourceCrs(SourceCrs&&) noexcept;
    SourceCrs& operator=(SourceCrs&&) noexcept;
    ~SourceCrs();

    /// East or longitude first, whatever axis order the CRS declares. Nothing where there is no such place.
    std::optional<std::pair<double, double>> toLonLat(double x, double y) const;

private:
    struct Impl;
    explicit SourceCrs(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> _impl;
};

} // namespace matou::geo
