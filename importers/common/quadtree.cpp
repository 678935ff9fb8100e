#include "common/quadtree.h"

#include <cmath>
#include <map>
#include <optional>
#include <tuple>

namespace matou::importers {
namespace {

// Above the coarsest level with content a root takes this many tiles directly; more are grouped four by four.
constexpr std::size_t kRootChildren = 16;

std::optional<glm::dvec2> middleOf(const LodFeature& feature) {
    for (const Mesh& mesh : feature.lods) {
        if (mesh.positions.empty()) continue;
        glm::dvec2 low(mesh.positions.front()), high = low;
        for (const auto& p : mesh.positions) {
            low = glm::min(low, glm::dvec2(p));
            high = glm::max(high, glm::dvec2(p));
        }
        return 0.5 * (low + high);
    }
    return std::nullopt;
}

using Key = std::tuple<int, int>; // y, x: row-major

} // namespace

const Mesh* meshAt(const std::vector<Mesh>& lods, int level) {
    if (lods.empty()) return nullptr;
    const Mesh& mesh = lods[std::min<std::size_t>(static_cast<std::size_t>(level), lods.size() - 1)];
    return mesh.indices.empty() ? nullptr : &mesh;
}

TileLayout layoutTiles(const TilesetSpec& spec) {
    TileLayout layout;
    std::vector<std::optional<glm::dvec2>> middles;
    glm::dvec2 low(1e300), high(-1e300);
    const auto see = [&](const glm::dvec2& p) {
        low = glm::min(low, p);
        high = glm::max(high, p);
    };
    for (const auto& feature : spec.features) {
        middles.push_back(middleOf(feature));
        if (middles.back()) see(*middles.back());
    }
    for (const auto& thing : spec.instances) see(glm::dvec2(thing.position));
    if (low.x > high.x) return layout;
    layout.extentDiagonal = glm::length(high - low);

    // The grid's corners are multiples of the coarsest tile: pieces cut along such a grid nest in their parents' tiles.
    const double edge = std::max(spec.leafEdgeMeters, 1.0);
    const double coarsest = edge * std::exp2(static_cast<double>(spec.geometricErrors.size()) - 1.0);
    low = glm::floor(low / coarsest) * coarsest;
    layout.origin = low;
    std::map<Key, TileCell> level;
    const auto cellFor = [&](const glm::dvec2& p) -> TileCell& {
        const glm::ivec2 at = glm::ivec2(glm::floor((p - low) / edge));
        TileCell& cell = level[{at.y, at.x}];
        cell.x = at.x;
        cell.y = at.y;
        return cell;
    };
    for (std::uint32_t i = 0; i < spec.features.size(); ++i)
        if (middles[i]) cellFor(*middles[i]).features.push_back(i);
    for (std::uint32_t i = 0; i < spec.instances.size(); ++i)
        cellFor(glm::dvec2(spec.instances[i].position)).instances.push_back(i);

    const int contentLevels = static_cast<int>(spec.geometricErrors.size());
    for (int number = 0;; ++number) {
        std::map<Key, TileCell> parents;
        const bool last = level.size() == 1 && number >= contentLevels - 1;
        const bool gatherAll = number >= contentLevels - 1 && level.size() <= kRootChildren;
        for (auto& [key, cell] : level) {
            const int shift = gatherAll ? 30 : 1; // every cell falls into 0, 0
            TileCell& parent = parents[{std::get<0>(key) >> shift, std::get<1>(key) >> shift}];
            parent.level = number + 1;
            parent.x = cell.x >> shift;
            parent.y = cell.y >> shift;
            if (number + 1 < contentLevels) {
                parent.features.insert(parent.features.end(), cell.features.begin(), cell.features.end());
                parent.instances.insert(parent.instances.end(), cell.instances.begin(), cell.instances.end());
            }
            parent.children.push_back(static_cast<std::uint32_t>(layout.tiles.size()));
            layout.tiles.push_back(std::move(cell));
        }
        if (last) break;
        level = std::move(parents);
    }
    return layout;
}

} // namespace matou::importers
