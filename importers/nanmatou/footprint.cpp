#include "nanmatou/footprint.h"

#include <algorithm>
#include <cmath>

namespace matou::importers::nanmatou {

namespace {

constexpr double kCell = 40.0;

std::int64_t cellKey(std::int64_t x, std::int64_t y) {
    return (x << 32) ^ (y & 0xffffffff);
}
std::int64_t cellOf(double v) {
    return static_cast<std::int64_t>(std::floor(v / kCell));
}

bool holds(const Footprint& f, const glm::dvec2& p) {
    const glm::dvec2 d = p - f.middle;
    return std::abs(glm::dot(d, f.along())) <= 0.5 * f.length && std::abs(glm::dot(d, f.across())) <= 0.5 * f.depth;
}

bool crosses(const glm::dvec2& a, const glm::dvec2& b, const glm::dvec2& c, const glm::dvec2& d) {
    auto side = [](const glm::dvec2& p, const glm::dvec2& q, const glm::dvec2& r) {
        return (q.x - p.x) * (r.y - p.y) - (q.y - p.y) * (r.x - p.x);
    };
    return side(a, b, c) * side(a, b, d) < 0 && side(c, d, a) * side(c, d, b) < 0;
}

} // namespace

glm::dvec2 Footprint::along() const {
    return {std::cos(angle), std::sin(angle)};
}
glm::dvec2 Footprint::across() const {
    return {-std::sin(angle), std::cos(angle)};
}
glm::dvec2 Footprint::at(double alongMeters, double acrossMeters) const {
    return middle + alongMeters * along() + acrossMeters * across();
}

std::array<glm::dvec2, 4> Footprint::corners() const {
    const double x = 0.5 * length, y = 0.5 * depth;
    return {at(-x, -y), at(x, -y), at(x, y), at(-x, y)};
}

Polygon Footprint::polygon() const {
    const auto c = corners();
    return {Ring(c.begin(), c.end()), {}};
}

double segmentDistance(const glm::dvec2& a, const glm::dvec2& b, const glm::dvec2& p) {
    const glm::dvec2 d = b - a;
    const double squared = glm::dot(d, d);
    const double t = squared > 0 ? std::clamp(glm::dot(p - a, d) / squared, 0.0, 1.0) : 0.0;
    return glm::length(p - (a + t * d));
}

double gapBetween(const Footprint& a, const Footprint& b) {
    const auto ca = a.corners(), cb = b.corners();
    double least = 1e300;
    for (std::size_t i = 0; i < 4; ++i) {
        if (holds(a, cb[i]) || holds(b, ca[i])) return 0;
        for (std::size_t j = 0; j < 4; ++j) {
            if (crosses(ca[i], ca[(i + 1) % 4], cb[j], cb[(j + 1) % 4])) return 0;
            least = std::min({least, segmentDistance(ca[i], ca[(i + 1) % 4], cb[j]),
                              segmentDistance(cb[i], cb[(i + 1) % 4], ca[j])});
        }
    }
    return least;
}

bool inside(const MultiPolygon& area, const Footprint& footprint) {
    const auto corners = footprint.corners();
    for (const auto& polygon : area) {
        if (!contains(polygon, corners[0])) continue;
        for (std::size_t i = 0; i < 4; ++i) {
            const glm::dvec2 a = corners[i], b = corners[(i + 1) % 4];
            const int steps = std::max(1, static_cast<int>(std::ceil(glm::length(b - a) / 2.0)));
            for (int s = 0; s < steps; ++s)
                if (!contains(polygon, a + (b - a) * (static_cast<double>(s) / steps))) return false;
        }
        for (const auto& p : polygon.outer)
            if (holds(footprint, p)) return false;
        for (const auto& hole : polygon.holes)
            for (const auto& p : hole)
                if (holds(footprint, p)) return false;
        return true;
    }
    return false;
}

void FootprintIndex::add(std::uint32_t id, const Footprint& footprint) {
    Extent extent;
    for (const auto& c : footprint.corners())
        extent.add(c);
    for (auto x = cellOf(extent.minimum.x); x <= cellOf(extent.maximum.x); ++x)
        for (auto y = cellOf(extent.minimum.y); y <= cellOf(extent.maximum.y); ++y)
            _cells[cellKey(x, y)].push_back(id);
    _footprints[id] = footprint;
}

std::vector<std::uint32_t> FootprintIndex::near(const Footprint& footprint, double meters) const {
    Extent extent;
    for (const auto& c : footprint.corners())
        extent.add(c);
    std::vector<std::uint32_t> found;
    for (auto x = cellOf(extent.minimum.x - meters); x <= cellOf(extent.maximum.x + meters); ++x)
        for (auto y = cellOf(extent.minimum.y - meters); y <= cellOf(extent.maximum.y + meters); ++y)
            if (const auto cell = _cells.find(cellKey(x, y)); cell != _cells.end())
                found.insert(found.end(), cell->second.begin(), cell->second.end());
    std::sort(found.begin(), found.end());
    found.erase(std::unique(found.begin(), found.end()), found.end());
    return found;
}

} // namespace matou::importers::nanmatou
