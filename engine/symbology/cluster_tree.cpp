#include "symbology/cluster_tree.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

namespace matou::symbology {

namespace {
constexpr float kSmallestMeters = 2.0f; // points closer than this are one pole: they stay one cluster
} // namespace

void ClusterTree::build(const std::vector<glm::dvec2>& plane, const std::vector<glm::dvec3>& ecef) {
    _nodes.clear();
    _order.resize(plane.size());
    std::iota(_order.begin(), _order.end(), 0u);
    if (plane.empty()) return;
    glm::dvec2 low = plane.front(), high = plane.front();
    for (const auto& p : plane) {
        low = glm::min(low, p);
        high = glm::max(high, p);
    }
    // A power of two, so that the same place falls in the same cell whatever points come and go at the rim.
    const double side = std::exp2(std::ceil(std::log2(std::max({high.x - low.x, high.y - low.y, 1.0}))));
    struct Pending {
        std::uint32_t node;
        glm::dvec2 low;
    };
    _nodes.push_back({{}, static_cast<float>(side), 0, static_cast<std::uint32_t>(plane.size()), -1, 0});
    std::vector<Pending> pending{{0, low}};
    while (!pending.empty()) {
        const Pending at = pending.back();
        pending.pop_back();
        Node node = _nodes[at.node];
        const auto begin = _order.begin() + node.first, end = begin + node.count;
        node.center = glm::dvec3(0.0);
        for (auto i = begin; i != end; ++i) node.center += ecef[*i];
        node.center /= node.count;
        if (node.count > 1 && node.sizeMeters > kSmallestMeters) {
            const double half = node.sizeMeters * 0.5;
            const auto quadrant = [&](std::uint32_t i) {
                return (plane[i].x >= at.low.x + half ? 1 : 0) + (plane[i].y >= at.low.y + half ? 2 : 0);
            };
            std::stable_sort(begin, end, [&](std::uint32_t a, std::uint32_t b) { return quadrant(a) < quadrant(b); });
            node.children = static_cast<std::int32_t>(_nodes.size());
            std::uint32_t first = node.first;
            for (int q = 0; q < 4; ++q) {
                const auto count = static_cast<std::uint32_t>(
                    std::count_if(begin, end, [&](std::uint32_t i) { return quadrant(i) == q; }));
                if (count == 0) continue;
                pending.push_back({static_cast<std::uint32_t>(_nodes.size()),
                                   at.low + glm::dvec2(q % 2 != 0 ? half : 0.0, q / 2 != 0 ? half : 0.0)});
                _nodes.push_back({{}, static_cast<float>(half), first, count, -1, 0});
                first += count;
                ++node.childCount;
            }
        }
        _nodes[at.node] = node;
    }
}

void ClusterTree::visit(const std::function<bool(std::uint32_t)>& open, const std::function<void(std::uint32_t)>& leaf) const {
    if (_nodes.empty()) return;
    std::vector<std::uint32_t> pending{0};
    while (!pending.empty()) {
        const std::uint32_t index = pending.back();
        pending.pop_back();
        const Node& node = _nodes[index];
        if (node.childCount > 0 && open(index)) {
            for (int i = 0; i < node.childCount; ++i) pending.push_back(static_cast<std::uint32_t>(node.children + i));
        } else {
            leaf(index);
        }
    }
}

} // namespace matou::symbology
