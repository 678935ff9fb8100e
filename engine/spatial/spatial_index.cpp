#include "spatial/spatial_index.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace matou::spatial {

namespace {

template <typename Matrix>
bool finite(const Matrix& m) {
    for (int column = 0; column < m.length(); ++column)
        for (int row = 0; row < m[column].length(); ++row)
            if (!std::isfinite(m[column][row])) return false;
    return true;
}

/// A ray in a content's frame. Its direction is not normalised there, so distances along it stay ECEF metres.
struct LocalRay {
    glm::dvec3 origin, direction, inverse;
};

LocalRay localRay(const Ray& ray, const SpatialIndex::Entry& entry) {
    LocalRay local;
    local.origin = entry.localFromEcef * (ray.origin - entry.originEcef);
    local.direction = entry.localFromEcef * ray.direction;
    local.inverse = 1.0 / local.direction; // infinity where parallel to an axis
    return local;
}

/// Slabs; the box is widened a little so that rounding never loses a triangle that lies in a face of its box.
bool meetsBox(const LocalRay& ray, const BvhNode& node, double maximum) {
    double near = 0.0, far = maximum;
    for (int axis = 0; axis < 3; ++axis) {
        const double slack = 1e-6 * (1.0 + std::abs(node.minimum[axis]) + std::abs(node.maximum[axis]));
        const double low = node.minimum[axis] - slack, high = node.maximum[axis] + slack;
        if (ray.direction[axis] == 0.0) {
            if (ray.origin[axis] < low || ray.origin[axis] > high) return false;
            continue;
        }
        double a = (low - ray.origin[axis]) * ray.inverse[axis];
        double b = (high - ray.origin[axis]) * ray.inverse[axis];
        if (a > b) std::swap(a, b);
        near = std::max(near, a);
        far = std::min(far, b);
    }
    return near <= far;
}

/// Möller and Trumbore, "Fast, minimum storage ray-triangle intersection", 1997; both sides. Edges belong to both
/// neighbours (a hair of tolerance), so that no ray slips through a seam.
std::optional<double> meetsTriangle(const LocalRay& ray, const Triangle& triangle) {
    const glm::dvec3 a(triangle.a), ab = glm::dvec3(triangle.b) - a, ac = glm::dvec3(triangle.c) - a;
    const glm::dvec3 p = glm::cross(ray.direction, ac);
    const double determinant = glm::dot(ab, p);
    if (determinant == 0.0) return std::nullopt;
    const double inverse = 1.0 / determinant;
    const glm::dvec3 s = ray.origin - a;
    const double u = glm::dot(s, p) * inverse;
    constexpr double kSeam = 1e-9;
    if (!(u >= -kSeam && u <= 1.0 + kSeam)) return std::nullopt;
    const glm::dvec3 q = glm::cross(s, ab);
    const double v = glm::dot(ray.direction, q) * inverse;
    if (!(v >= -kSeam && u + v <= 1.0 + kSeam)) return std::nullopt;
    const double t = glm::dot(ac, q) * inverse;
    return t >= 0.0 ? std::optional(t) : std::nullopt;
}

std::uint32_t featureNumberOf(const ContentOptions& options, std::uint32_t row) {
    return options.featureNumbers && row < options.featureNumbers->size() ? (*options.featureNumbers)[row] : 0u;
}

bool isHidden(const Filter& filter, std::uint32_t number) { return number != 0 && filter.hidden && filter.hidden(number); }

bool meetsSphere(const Ray& ray, double maximum, const glm::dvec3& center, double radius) {
    const glm::dvec3 toCenter = center - ray.origin;
    const double along = std::clamp(glm::dot(toCenter, ray.direction), 0.0, maximum);
    return glm::length(toCenter - along * ray.direction) <= radius;
}

/// Calls `visit(triangle index, distance)` for every hit nearer than `maximum`, which `visit` may shorten.
template <typename Visit>
void forEachHit(const Bvh& bvh, const LocalRay& ray, double& maximum, Visit visit) {
    if (bvh.nodes().empty()) return;
    std::array<std::uint32_t, 64> stack; // depth is limited to 48 by the builder
    std::size_t top = 0;
    stack[top++] = 0;
    while (top > 0) {
        const BvhNode& node = bvh.nodes()[stack[--top]];
        if (!meetsBox(ray, node, maximum)) continue;
        if (node.count == 0) {
            stack[top++] = node.first + 1;
            stack[top++] = node.first;
            continue;
        }
        for (std::uint32_t i = node.first; i < node.first + node.count; ++i) {
            const auto distance = meetsTriangle(ray, bvh.triangles()[i]);
            if (distance && *distance <= maximum) visit(i, *distance);
        }
    }
}

glm::dvec3 ecefNormal(const Triangle& triangle, const glm::dmat3& localFromEcef) {
    const glm::dvec3 normal = glm::cross(glm::dvec3(triangle.b) - glm::dvec3(triangle.a), glm::dvec3(triangle.c) - glm::dvec3(triangle.a));
    // Normals go by the inverse transpose of ecefFromLocal.
    const glm::dvec3 turned = glm::transpose(localFromEcef) * normal;
    const double length = glm::length(turned);
    return length > 0.0 ? turned / length : glm::dvec3(0.0, 0.0, 1.0);
}

} // namespace

void SpatialIndex::add(ContentId id, std::shared_ptr<const Bvh> bvh, const glm::dmat4& ecefFromContent, ContentOptions options) {
    if (!bvh || !finite(ecefFromContent)) return;
    Entry entry;
    entry.ecefFromLocal = glm::dmat3(ecefFromContent);
    entry.originEcef = glm::dvec3(ecefFromContent * glm::dvec4(bvh->rtcCenter(), 1.0));
    entry.localFromEcef = glm::inverse(entry.ecefFromLocal);
    const glm::dmat3 &linear = entry.ecefFromLocal, &inverse = entry.localFromEcef;
    if (!finite(inverse)) return;
    // The Frobenius norm bounds how much the inverse stretches, so its reciprocal bounds the scale from below.
    const double stretch = std::sqrt(glm::dot(inverse[0], inverse[0]) + glm::dot(inverse[1], inverse[1]) + glm::dot(inverse[2], inverse[2]));
    entry.smallestScale = 1.0 / stretch;
    if (!bvh->nodes().empty()) {
        const BvhNode& root = bvh->nodes().front();
        const glm::dvec3 low(root.minimum), high(root.maximum), half = 0.5 * (high - low);
        entry.centerEcef = entry.originEcef + linear * (0.5 * (low + high));
        entry.radius = glm::length(linear[0]) * half.x + glm::length(linear[1]) * half.y + glm::length(linear[2]) * half.z + 1e-3;
        if (!std::isfinite(entry.radius)) return;
    }
    entry.bvh = std::move(bvh);
    entry.options = std::move(options);
    _entries.insert_or_assign(id, std::move(entry));
    ++_version;
}

void SpatialIndex::add(ContentId id, const std::shared_ptr<const model::Content>& content, const glm::dmat4& ecefFromContent,
                       ContentOptions options) {
    if (content) add(id, Bvh::build(*content), ecefFromContent, std::move(options));
}

void SpatialIndex::show(ContentId id, bool shown) {
    const auto found = _entries.find(id);
    if (found == _entries.end() || found->second.shown == shown) return;
    found->second.shown = shown;
    ++_version;
}

void SpatialIndex::remove(ContentId id) {
    if (_entries.erase(id) != 0) ++_version;
}

std::vector<SpatialIndex::ContentId> SpatialIndex::contents() const {
    std::vector<ContentId> ids;
    ids.reserve(_entries.size());
    for (const auto& [id, entry] : _entries) ids.push_back(id);
    return ids;
}

bool SpatialIndex::candidate(ContentId id, const Entry& entry, const Filter& filter) {
    return entry.shown && (entry.options.layer & filter.layers) != 0 && !entry.bvh->empty() &&
           (!filter.contents || std::binary_search(filter.contents->begin(), filter.contents->end(), id));
}

std::vector<SpatialIndex::Placed> SpatialIndex::placed(const Filter& filter) const {
    std::vector<Placed> all;
    for (const auto& [id, entry] : _entries) {
        if (!candidate(id, entry, filter)) continue;
        glm::dmat4 placed(entry.ecefFromLocal);
        placed[3] = glm::dvec4(entry.originEcef, 1.0);
        all.push_back({id, entry.bvh, placed, entry.options});
    }
    return all;
}

std::size_t SpatialIndex::byteSize() const {
    std::size_t total = 0;
    for (const auto& [id, entry] : _entries) total += entry.bvh->byteSize();
    return total;
}

std::optional<Hit> SpatialIndex::castRay(const Ray& ray, double maximumMeters, const Filter& filter) const {
    const Entry* bestEntry = nullptr;
    ContentId bestId = 0;
    std::uint32_t bestTriangle = 0;
    double best = maximumMeters;
    for (const auto& [id, entry] : _entries) {
        if (!candidate(id, entry, filter)) continue;
        if (!meetsSphere(ray, best, entry.centerEcef, entry.radius)) continue;
        const LocalRay local = localRay(ray, entry);
        double limit = best;
        forEachHit(*entry.bvh, local, limit, [&](std::uint32_t index, double distance) {
            if (isHidden(filter, featureNumberOf(entry.options, entry.bvh->triangles()[index].feature))) return;
            if (bestEntry != nullptr && distance == best) {
                // Ids ascend, so an equal hit wins only by a higher order, or in the same content by a lower index.
                if (bestEntry == &entry ? index >= bestTriangle : entry.options.order <= bestEntry->options.order) return;
            }
            best = limit = distance;
            bestEntry = &entry;
            bestId = id;
            bestTriangle = index;
        });
    }
    if (bestEntry == nullptr) return std::nullopt;
    const Triangle& triangle = bestEntry->bvh->triangles()[bestTriangle];
    return Hit{best,
               ray.origin + best * ray.direction,
               ecefNormal(triangle, bestEntry->localFromEcef),
               bestId,
               triangle.feature,
               featureNumberOf(bestEntry->options, triangle.feature),
               bestEntry->options.layer,
               bestEntry->options.order};
}

std::vector<Hit> SpatialIndex::castRayAll(const Ray& ray, double maximumMeters, const Filter& filter, std::size_t limit) const {
    std::vector<Hit> hits;
    for (const auto& [id, entry] : _entries) {
        if (!candidate(id, entry, filter)) continue;
        if (!meetsSphere(ray, maximumMeters, entry.centerEcef, entry.radius)) continue;
        const LocalRay local = localRay(ray, entry);
        double whole = maximumMeters;
        forEachHit(*entry.bvh, local, whole, [&, contentId = id](std::uint32_t index, double distance) {
            const Triangle& triangle = entry.bvh->triangles()[index];
            const std::uint32_t number = featureNumberOf(entry.options, triangle.feature);
            if (isHidden(filter, number)) return;
            hits.push_back({distance, ray.origin + distance * ray.direction, ecefNormal(triangle, entry.localFromEcef), contentId,
                            triangle.feature, number, entry.options.layer, entry.options.order});
        });
    }
    std::stable_sort(hits.begin(), hits.end(), [](const Hit& a, const Hit& b) {
        return a.distance != b.distance ? a.distance < b.distance : a.order > b.order;
    });
    if (hits.size() > limit) hits.resize(limit);
    return hits;
}

std::optional<Hit> SpatialIndex::groundBelow(const geo::Ecef& from, double depthMeters, const Filter& filter) const {
    const glm::dvec3 down = -glm::dvec3(geo::ecefFromEnu(from)[2]);
    return castRay({from.meters, down}, depthMeters, filter);
}

std::optional<double> SpatialIndex::groundHeight(double longitudeDegrees, double latitudeDegrees, double fromHeightMeters,
                                                 const Filter& filter) const {
    const auto hit = groundBelow(geo::ecefFromGeodetic({latitudeDegrees, longitudeDegrees, fromHeightMeters}), 12000.0, filter);
    if (!hit) return std::nullopt;
    return fromHeightMeters - hit->distance;
}

} // namespace matou::spatial
