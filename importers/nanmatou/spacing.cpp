#include "nanmatou/spacing.h"

namespace matou::importers::nanmatou {

double southernGap(const Footprint& southern, const Footprint& northern, double minimumFront) {
    const glm::dvec2 u = northern.along(), v = northern.across();
    double west = 1e300, east = -1e300, top = -1e300;
    for (const auto& c : southern.corners()) {
        const glm::dvec2 d = c - northern.middle;
        west = std::min(west, glm::dot(d, u));
        east = std::max(east, glm::dot(d, u));
        top = std::max(top, glm::dot(d, v));
    }
    const double front = std::min(east, 0.5 * northern.length) - std::max(west, -0.5 * northern.length);
    if (front < minimumFront || glm::dot(southern.middle - northern.middle, v) > 0) return -1;
    return std::max(0.0, -0.5 * northern.depth - top);
}

} // namespace matou::importers::nanmatou
