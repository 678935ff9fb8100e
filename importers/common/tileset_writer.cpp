#include "common/tileset_writer.h"

#include <algorithm>
#include <cmath>

#include "common/quadtree.h"
#include "common/tile_content.h"
#include "core/file.h"
#include "core/json.h"

namespace matou::importers {
namespace {

using core::Json;

// Bounding boxes are this much larger than the content: what f32 rounding can move.
constexpr double kBoxMargin = 0.01;

core::Result<void> checkMesh(const Mesh& mesh, const std::string& where) {
    const auto count = mesh.positions.size();
    const auto fits = [&](std::size_t size) { return size == 0 || size == count; };
    if (!fits(mesh.normals.size()) || !fits(mesh.colors.size()) || !fits(mesh.uvs.size()) || mesh.indices.size() % 3 != 0)
        return core::fail("E_WRITER_MESH", where);
    for (const auto index : mesh.indices)
        if (index >= count) return core::fail("E_WRITER_MESH", where);
    for (const auto& p : mesh.positions)
        if (!std::isfinite(p.x) || !std::isfinite(p.y) || !std::isfinite(p.z)) return core::fail("E_WRITER_MESH", where);
    return {};
}

core::Result<void> checkSpec(const TilesetSpec& spec) {
    const auto broken = [&](const std::string& what) { return core::fail("E_WRITER_SPEC", spec.layer, {what}); };
    if (spec.geometricErrors.empty() || spec.geometricErrors.front() != 0.0) return broken("geometricErrors");
    for (std::size_t k = 1; k < spec.geometricErrors.size(); ++k)
        if (spec.geometricErrors[k] <= spec.geometricErrors[k - 1]) return broken("geometricErrors");
    for (const auto& feature : spec.features) {
        if (feature.material >= spec.materials.size()) return broken("material");
        for (const auto& mesh : feature.lods) MATOU_CHECK(checkMesh(mesh, spec.layer + "/" + feature.id));
    }
    for (const auto& prototype : spec.prototypes) {
        if (prototype.material >= spec.materials.size()) return broken("material");
        for (const auto& mesh : prototype.lods) MATOU_CHECK(checkMesh(mesh, spec.layer));
    }
    for (const auto& thing : spec.instances)
        if (thing.prototype >= spec.prototypes.size()) return broken("prototype");
    return {};
}

struct Tile {
    glm::dmat4 ecefFromTile{1.0};
    glm::dvec3 low{1e300}, high{-1e300}; // of its content and its children's boxes, in its own frame
    std::string uri;                     // empty: nothing to show
    double geometricError = 0;
    bool empty() const { return low.x > high.x; }
    void hold(const glm::dvec3& ecef) {
        const glm::dvec3 local = glm::transpose(glm::dmat3(ecefFromTile)) * (ecef - glm::dvec3(ecefFromTile[3]));
        low = glm::min(low, local - kBoxMargin);
        high = glm::max(high, local + kBoxMargin);
    }
    std::array<glm::dvec3, 8> cornersEcef() const {
        std::array<glm::dvec3, 8> out;
        for (int i = 0; i < 8; ++i)
            out[static_cast<std::size_t>(i)] =
                glm::dvec3(ecefFromTile * glm::dvec4(i & 1 ? high.x : low.x, i & 2 ? high.y : low.y, i & 4 ? high.z : low.z, 1));
        return out;
    }
};

Json tileJson(const TileLayout& layout, const std::vector<Tile>& tiles, std::uint32_t index, const glm::dmat4& ecefFromParent) {
    const Tile& tile = tiles[index];
    Json out;
    const glm::dvec3 middle = 0.5 * (tile.low + tile.high), half = 0.5 * (tile.high - tile.low);
    out["boundingVolume"]["box"] = {middle.x, middle.y, middle.z, half.x, 0, 0, 0, half.y, 0, 0, 0, half.z};
    out["geometricError"] = tile.geometricError;
    // A tile's transform is relative to its parent's (3D Tiles 1.1, "Tile transforms").
    const glm::dmat4 local = glm::inverse(ecefFromParent) * tile.ecefFromTile;
    Json matrix = Json::array();
    for (int column = 0; column < 4; ++column)
        for (int row = 0; row < 4; ++row) matrix.push_back(row == 3 ? (column == 3 ? 1.0 : 0.0) : local[column][row]);
    out["transform"] = std::move(matrix);
    if (!tile.uri.empty()) out["content"]["uri"] = tile.uri;
    for (const auto child : layout.tiles[index].children)
        if (!tiles[child].empty()) out["children"].push_back(tileJson(layout, tiles, child, tile.ecefFromTile));
    return out;
}

} // namespace

void Mesh::append(const Mesh& other) {
    const auto base = static_cast<std::uint32_t>(positions.size());
    const auto join = [&](auto& mine, const auto& theirs, const auto& fill) {
        if (mine.empty() && theirs.empty()) return;
        mine.resize(base, fill);
        mine.insert(mine.end(), theirs.begin(), theirs.end());
        mine.resize(base + other.positions.size(), fill);
    };
    join(normals, other.normals, glm::vec3(0, 0, 1));
    join(colors, other.colors, glm::u8vec4(255));
    join(uvs, other.uvs, glm::vec2(0));
    positions.insert(positions.end(), other.positions.begin(), other.positions.end());
    for (const auto index : other.indices) indices.push_back(base + index);
}

core::Result<TilesetReport> writeTileset(const TilesetSpec& spec, const geo::DistrictFrame& frame, const std::filesystem::path& folder) {
    MATOU_CHECK(checkSpec(spec));
    const TileLayout layout = layoutTiles(spec);
    if (layout.tiles.empty()) return core::fail("E_WRITER_EMPTY", folder.string(), {spec.layer});
    const LayerSchema schema = schemaOf(spec);
    const int contentLevels = static_cast<int>(spec.geometricErrors.size());

    TilesetReport report;
    report.trianglesPerLevel.assign(static_cast<std::size_t>(contentLevels), 0);
    std::vector<Tile> tiles(layout.tiles.size());
    for (std::size_t i = 0; i < layout.tiles.size(); ++i) { // children come before their parents
        const TileCell& cell = layout.tiles[i];
        Tile& tile = tiles[i];
        std::vector<glm::dvec3> points;
        if (cell.level < contentLevels) {
            TileContent content = buildTile(spec, schema, cell, frame);
            tile.ecefFromTile = content.ecefFromTile;
            points = std::move(content.pointsEcef);
            tile.geometricError = spec.geometricErrors[static_cast<std::size_t>(cell.level)];
            if (!content.glb.empty()) {
                tile.uri = std::to_string(cell.level) + "/" + std::to_string(cell.x) + "_" + std::to_string(cell.y) + ".glb";
                MATOU_CHECK(core::writeFile(folder / tile.uri, std::span<const std::byte>(content.glb)));
                report.tiles += 1;
                report.bytes += content.glb.size();
                report.trianglesPerLevel[static_cast<std::size_t>(cell.level)] += content.triangles;
                if (cell.level == 0) {
                    report.triangles += content.triangles;
                    report.features += content.features;
                }
            }
        } else {
            // Only groups; drawn as nothing, which is wrong by the size of what it groups.
            tile.geometricError = std::max(layout.extentDiagonal, 4.0 * spec.geometricErrors.back() + 100.0);
        }
        // A parent holds its children's boxes, not only what they show: their axes are tilted against its own.
        for (const auto child : cell.children) {
            if (tiles[child].empty()) continue;
            const auto corners = tiles[child].cornersEcef();
            points.insert(points.end(), corners.begin(), corners.end());
        }
        if (points.empty()) continue;
        if (tile.uri.empty()) {
            glm::dvec3 sum(0);
            for (const auto& p : points) sum += p / static_cast<double>(points.size());
            tile.ecefFromTile = geo::ecefFromEnu(geo::Ecef{sum});
        }
        for (const auto& p : points) tile.hold(p);
    }
    const Tile& root = tiles[layout.root()];
    if (root.empty()) return core::fail("E_WRITER_EMPTY", folder.string(), {spec.layer});

    Json tree = tileJson(layout, tiles, layout.root(), glm::dmat4(1.0));
    tree["refine"] = "REPLACE";
    const Json tileset = {{"asset", {{"version", "1.1"}, {"generator", "matou"}}},
                          {"extras", {{"layer", spec.layer}}},
                          {"geometricError", std::max(layout.extentDiagonal, 2.0 * root.geometricError + 100.0)},
                          {"root", std::move(tree)}};
    const std::string text = tileset.dump(1) + "\n";
    MATOU_CHECK(core::writeFile(folder / "tileset.json", std::string_view(text)));
    report.bytes += text.size();
    return report;
}

} // namespace matou::importers
