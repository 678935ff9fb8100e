#include "geo/district_frame.h"

#include <proj.h>

#include "core/expect.h"

namespace matou::geo {

struct DistrictFrame::Impl {
    std::string crs;
    double datum = 0;
    PJ_CONTEXT* context = nullptr;
    PJ* transform = nullptr; // lon, lat degrees -> E, N
    ~Impl() {
        if (transform) proj_destroy(transform);
        if (context) proj_context_destroy(context);
    }
};

DistrictFrame::DistrictFrame(std::unique_ptr<Impl> impl) : _impl(std::move(impl)) {}
DistrictFrame::DistrictFrame(DistrictFrame&&) noexcept = default;
DistrictFrame& DistrictFrame::operator=(DistrictFrame&&) noexcept = default;
DistrictFrame::~DistrictFrame() = default;

core::Result<DistrictFrame> DistrictFrame::create(const std::string& crs, double datumAboveEllipsoidMeters) {
    auto impl = std::make_unique<Impl>();
    impl->crs = crs;
    impl->datum = datumAboveEllipsoidMeters;
    impl->context = proj_context_create();
    proj_log_level(impl->context, PJ_LOG_NONE);
    PJ* target = proj_create(impl->context, crs.c_str());
    if (!target || !proj_is_crs(target)) {
        if (target) proj_destroy(target);
        return core::fail("E_CRS_UNKNOWN", crs, {crs});
    }
    const PJ_TYPE type = proj_get_type(target);
    proj_destroy(target);
    if (type != PJ_TYPE_PROJECTED_CRS && type != PJ_TYPE_BOUND_CRS) return core::fail("E_CRS_NOT_PROJECTED", crs);
    PJ* raw = proj_create_crs_to_crs(impl->context, "OGC:CRS84", crs.c_str(), nullptr);
    if (!raw) return core::fail("E_CRS_UNKNOWN", crs, {crs});
    impl->transform = proj_normalize_for_visualization(impl->context, raw);
    proj_destroy(raw);
    if (!impl->transform) return core::fail("E_CRS_UNKNOWN", crs, {crs});
    return DistrictFrame(std::move(impl));
}

DistrictFrame DistrictFrame::clone() const {
    auto copy = create(_impl->crs, _impl->datum);
    MATOU_EXPECT(copy.has_value()); // it was made from the same text before
    return std::move(*copy);
}

DistrictPosition DistrictFrame::fromGeodetic(const Geodetic& position) const {
    const PJ_COORD out = proj_trans(_impl->transform, PJ_FWD, proj_coord(position.longitudeDegrees, position.latitudeDegrees, 0, 0));
    return {out.xy.x, out.xy.y, position.heightMeters - _impl->datum};
}

Geodetic DistrictFrame::toGeodetic(const DistrictPosition& position) const {
    const PJ_COORD out = proj_trans(_impl->transform, PJ_INV, proj_coord(position.east, position.north, 0, 0));
    return {out.xy.y, out.xy.x, position.height + _impl->datum};
}

Ecef DistrictFrame::toEcef(const DistrictPosition& position) const { return ecefFromGeodetic(toGeodetic(position)); }
DistrictPosition DistrictFrame::fromEcef(const Ecef& position) const { return fromGeodetic(geodeticFromEcef(position)); }
DistrictPosition DistrictFrame::fromLonLat(double longitudeDegrees, double latitudeDegrees, double heightAboveDatum) const {
    return fromGeodetic({latitudeDegrees, longitudeDegrees, heightAboveDatum + _impl->datum});
}
const std::string& DistrictFrame::crs() const { return _impl->crs; }
double DistrictFrame::datumAboveEllipsoidMeters() const { return _impl->datum; }

} // namespace matou::geo
