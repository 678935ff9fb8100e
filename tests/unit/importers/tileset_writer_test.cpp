#include <filesystem>
#include <fstream>
#include <map>

#include <glm/gtc/quaternion.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/geometry.h"
#include "common/tileset_writer.h"
#include "core/file.h"
#include "core/json.h"

namespace {

namespace fs = std::filesystem;
using namespace matou;
using namespace matou::importers;

geo::DistrictFrame shanghaiFrame() { return std::move(*geo::DistrictFrame::create("EPSG:32651", 11.0)); }

struct Folder {
    explicit Folder(const std::string& name) : path(fs::temp_directory_path() / ("matou_writer_" + name + std::to_string(::getpid()))) {
        fs::remove_all(path);
    }
    ~Folder() {
        if (!std::getenv("MATOU_KEEP")) fs::remove_all(path);
    }
    fs::path path;
};

LodFeature block(const std::string& id, glm::dvec2 middle, double height) {
    const Polygon foot = rectangle(middle, 30, 12, 10);
    ExtrudeOptions full;
    full.top = height;
    full.parapetHeight = 1;
    ExtrudeOptions plain;
    plain.top = height;
    LodFeature feature;
    feature.id = id;
    feature.properties = {{"name", std::string("楼 ") + id}, {"height", height}, {"floors", std::int64_t{6}}};
    feature.lods = {extrude(foot, full), extrude(foot, plain), extrude(orientedBox(foot), plain)};
    feature.footprintArea = area(foot);
    return feature;
}

TilesetSpec town() {
    TilesetSpec spec;
    spec.layer = "buildings";
    spec.materials = {{.name = "wall"}};
    for (int y = 0; y < 10; ++y)
        for (int x = 0; x < 10; ++x)
            spec.features.push_back(block("B" + std::to_string(10 * y + x), {355000.0 + 110 * x, 3457000.0 + 90 * y}, 18.0 + x));
    return spec;
}

struct Glb {
    core::Json json;
    std::string binary;
};

Glb readGlb(const fs::path& path) {
    const std::string bytes = *core::readTextFile(path);
    std::uint32_t length = 0;
    std::memcpy(&length, bytes.data() + 12, 4);
    return {core::Json::parse(bytes.substr(20, length)), bytes.substr(28 + length)};
}

template <typename T>
std::vector<T> accessorOf(const Glb& glb, std::size_t index) {
    const auto& accessor = glb.json["accessors"][index];
    const auto& view = glb.json["bufferViews"][accessor["bufferView"].get<std::size_t>()];
    std::vector<T> out(accessor["count"].get<std::size_t>());
    std::memcpy(out.data(), glb.binary.data() + view["byteOffset"].get<std::size_t>(), out.size() * sizeof(T));
    return out;
}

std::vector<std::string> idsOf(const Glb& glb) {
    const auto& table = glb.json["extensions"]["EXT_structural_metadata"]["propertyTables"][0];
    const auto& column = table["properties"]["id"];
    const auto bytes = [&](const char* name) {
        const auto& view = glb.json["bufferViews"][column[name].get<std::size_t>()];
        return glb.binary.substr(view["byteOffset"].get<std::size_t>(), view["byteLength"].get<std::size_t>());
    };
    const std::string values = bytes("values"), offsets = bytes("stringOffsets");
    std::vector<std::uint32_t> at(offsets.size() / 4);
    std::memcpy(at.data(), offsets.data(), offsets.size());
    std::vector<std::string> out;
    for (std::size_t i = 0; i + 1 < at.size(); ++i) out.push_back(values.substr(at[i], at[i + 1] - at[i]));
    return out;
}

struct Visited {
    std::string uri;
    glm::dmat4 ecefFromTile;
    double error;
    core::Json box;
    int depth;
};

void visit(const core::Json& tile, const glm::dmat4& parent, int depth, std::vector<Visited>& out) {
    glm::dmat4 local(1.0);
    if (tile.contains("transform"))
        for (int i = 0; i < 16; ++i) local[i / 4][i % 4] = tile["transform"][static_cast<std::size_t>(i)];
    const glm::dmat4 world = parent * local;
    out.push_back({tile.contains("content") ? tile["content"]["uri"].get<std::string>() : "", world, tile["geometricError"],
                   tile["boundingVolume"]["box"], depth});
    if (tile.contains("children"))
        for (const auto& child : tile["children"]) visit(child, world, depth + 1, out);
}

std::vector<Visited> tilesOf(const fs::path& folder) {
    std::vector<Visited> out;
    visit(core::Json::parse(*core::readTextFile(folder / "tileset.json"))["root"], glm::dmat4(1.0), 0, out);
    return out;
}

TEST(TilesetWriter, putsEveryFeatureIntoOneLeafAndIntoEveryLevel) {
    const Folder folder("levels");
    const auto report = writeTileset(town(), shanghaiFrame(), folder.path);
    ASSERT_TRUE(report);
    EXPECT_EQ(report->features, 100u);
    ASSERT_EQ(report->trianglesPerLevel.size(), 3u);
    std::map<double, std::multiset<std::string>> ids;
    for (const auto& tile : tilesOf(folder.path))
        if (!tile.uri.empty())
            for (const auto& id : idsOf(readGlb(folder.path / tile.uri))) ids[tile.error].insert(id);
    ASSERT_THAT(ids, testing::SizeIs(3));
    for (const auto& [error, level] : ids) {
        EXPECT_EQ(level.size(), 100u) << error;
        EXPECT_EQ(std::set<std::string>(level.begin(), level.end()).size(), 100u);
    }
}

TEST(TilesetWriter, placesVerticesOnTheEarthWithinAMillimetre) {
    const Folder folder("place");
    const auto frame = shanghaiFrame();
    TilesetSpec spec = town();
    ASSERT_TRUE(writeTileset(spec, frame, folder.path));
    std::size_t compared = 0;
    for (const auto& tile : tilesOf(folder.path)) {
        if (tile.uri.empty() || tile.error != 0) continue;
        const Glb glb = readGlb(folder.path / tile.uri);
        const auto& attributes = glb.json["meshes"][0]["primitives"][0]["attributes"];
        const auto points = accessorOf<glm::vec3>(glb, attributes["POSITION"]);
        const auto rows = accessorOf<float>(glb, attributes["_FEATURE_ID_0"]);
        const auto ids = idsOf(glb);
        std::map<std::string, std::size_t> next;
        for (std::size_t i = 0; i < points.size(); ++i) {
            const std::string& id = ids.at(static_cast<std::size_t>(rows[i]));
            const auto& feature = spec.features.at(std::stoul(id.substr(1)));
            const glm::dvec3 expected = frame.toEcef(geo::DistrictPosition::from(feature.lods[0].positions.at(next[id]++))).meters;
            const glm::dvec3 actual(tile.ecefFromTile * glm::dvec4(points[i], 1));
            ASSERT_LT(glm::length(actual - expected), 1e-3);
            ++compared;
        }
    }
    EXPECT_GT(compared, 1000u);
}

TEST(TilesetWriter, writesBoxesAsInstancesOfOne) {
    const Folder folder("instances");
    const auto frame = shanghaiFrame();
    TilesetSpec spec = town();
    for (std::size_t i = 0; i < spec.features.size(); ++i) {
        auto& feature = spec.features[i];
        const double n = static_cast<double>(i);
        const glm::dvec2 middle = 0.5 * (glm::dvec2(feature.lods[0].positions[0]) + glm::dvec2(feature.lods[0].positions[8]));
        feature.box = BoxShape{{middle, 3.0}, {30, 12, 10 + n}, 0.02 * n, {100, static_cast<int>(i), 50, 255}, {static_cast<int>(2 * i), 90, 80, 255}};
        feature.boxLevel = 2;
        feature.lods[2] = meshOf(*feature.box);
    }
    ASSERT_TRUE(writeTileset(spec, frame, folder.path));
    std::size_t compared = 0;
    for (const auto& tile : tilesOf(folder.path)) {
        if (tile.uri.empty() || tile.error != spec.geometricErrors[2]) continue;
        const Glb glb = readGlb(folder.path / tile.uri);
        ASSERT_EQ(glb.json["meshes"].size(), 1u);
        const auto& primitive = glb.json["meshes"][0]["primitives"][0];
        EXPECT_TRUE(primitive["extras"]["uvFollowsScale"].get<bool>());
        const auto corners = accessorOf<glm::vec3>(glb, primitive["attributes"]["POSITION"]);
        const auto colors = accessorOf<glm::u8vec4>(glb, primitive["attributes"]["COLOR_0"]);
        ASSERT_EQ(corners.size(), 20u);
        const auto& attributes = glb.json["nodes"][1]["extensions"]["EXT_mesh_gpu_instancing"]["attributes"];
        const auto at = accessorOf<glm::vec3>(glb, attributes["TRANSLATION"]), scale = accessorOf<glm::vec3>(glb, attributes["SCALE"]);
        const auto turn = accessorOf<glm::vec4>(glb, attributes["ROTATION"]);
        const auto rows = accessorOf<float>(glb, attributes["_FEATURE_ID_0"]);
        const auto walls = accessorOf<glm::u8vec4>(glb, attributes["_COLOR_0"]), roofs = accessorOf<glm::u8vec4>(glb, attributes["_COLOR_1"]);
        const auto ids = idsOf(glb);
        for (std::size_t i = 0; i < at.size(); ++i) {
            const auto& feature = spec.features.at(std::stoul(ids.at(static_cast<std::size_t>(rows[i])).substr(1)));
            const glm::dquat rotation(turn[i].w, turn[i].x, turn[i].y, turn[i].z);
            for (std::size_t c = 0; c < corners.size(); ++c) {
                const glm::dvec3 local = rotation * (glm::dvec3(scale[i]) * glm::dvec3(corners[c])) + glm::dvec3(at[i]);
                const glm::dvec3 expected = frame.toEcef(geo::DistrictPosition::from(feature.lods[2].positions[c])).meters;
                // The grid's scale (0.9996 and the like) is not in the box's own lengths.
                ASSERT_LT(glm::length(glm::dvec3(tile.ecefFromTile * glm::dvec4(local, 1)) - expected), 0.05) << feature.id << " corner " << c;
            }
            const auto product = [](const glm::u8vec4& a, const glm::u8vec4& b) { return glm::vec3(a) * glm::vec3(b) / 255.0f; };
            EXPECT_LT(glm::length(product(colors[0], walls[i]) - glm::vec3(feature.box->wall)), 1.0f);
            EXPECT_LT(glm::length(product(colors[16], roofs[i]) - glm::vec3(feature.box->roof)), 1.0f);
            ++compared;
        }
    }
    EXPECT_EQ(compared, 100u);
}

TEST(TilesetWriter, boundsHoldTheContentOfTheTileAndOfAllBelowIt) {
    const Folder folder("bounds");
    ASSERT_TRUE(writeTileset(town(), shanghaiFrame(), folder.path));
    const auto tiles = tilesOf(folder.path);
    for (std::size_t i = 0; i < tiles.size(); ++i) {
        // Tiles come in depth-first order: what follows with a greater depth lies below.
        for (std::size_t j = i; j < tiles.size() && (j == i || tiles[j].depth > tiles[i].depth); ++j) {
            if (tiles[j].uri.empty()) continue;
            const Glb glb = readGlb(folder.path / tiles[j].uri);
            const auto points = accessorOf<glm::vec3>(glb, glb.json["meshes"][0]["primitives"][0]["attributes"]["POSITION"]);
            for (const auto& p : points) {
                const glm::dvec3 q(glm::inverse(tiles[i].ecefFromTile) * (tiles[j].ecefFromTile * glm::dvec4(p, 1)));
                for (int axis = 0; axis < 3; ++axis) {
                    const double middle = tiles[i].box[static_cast<std::size_t>(axis)], half = tiles[i].box[static_cast<std::size_t>(3 + 4 * axis)];
                    ASSERT_LE(std::abs(q[axis] - middle), half + 1e-6);
                }
            }
        }
    }
}

TEST(TilesetWriter, boxesHoldTheBoxesOfTheirChildren) {
    const Folder folder("boxes");
    ASSERT_TRUE(writeTileset(town(), shanghaiFrame(), folder.path));
    const auto tiles = tilesOf(folder.path);
    for (std::size_t i = 0; i < tiles.size(); ++i)
        for (std::size_t j = i + 1; j < tiles.size() && tiles[j].depth > tiles[i].depth; ++j) {
            if (tiles[j].depth != tiles[i].depth + 1) continue;
            for (int corner = 0; corner < 8; ++corner) {
                glm::dvec4 p(0, 0, 0, 1);
                for (int axis = 0; axis < 3; ++axis)
                    p[axis] = tiles[j].box[static_cast<std::size_t>(axis)].get<double>() +
                              ((corner >> axis) & 1 ? 1 : -1) * tiles[j].box[static_cast<std::size_t>(3 + 4 * axis)].get<double>();
                const glm::dvec4 q = glm::inverse(tiles[i].ecefFromTile) * (tiles[j].ecefFromTile * p);
                for (int axis = 0; axis < 3; ++axis)
                    ASSERT_LE(std::abs(q[axis] - tiles[i].box[static_cast<std::size_t>(axis)].get<double>()),
                              tiles[i].box[static_cast<std::size_t>(3 + 4 * axis)].get<double>() + 1e-6);
            }
        }
}

TEST(TilesetWriter, writesTheSameBytesTwice) {
    const Folder first("once"), second("twice");
    ASSERT_TRUE(writeTileset(town(), shanghaiFrame(), first.path));
    ASSERT_TRUE(writeTileset(town(), shanghaiFrame(), second.path));
    std::size_t files = 0;
    for (const auto& entry : fs::recursive_directory_iterator(first.path)) {
        if (!entry.is_regular_file()) continue;
        EXPECT_EQ(*core::readTextFile(entry.path()), *core::readTextFile(second.path / fs::relative(entry.path(), first.path)));
        ++files;
    }
    EXPECT_GT(files, 10u);
}

TEST(TilesetWriter, writesInstancesWithOneFeatureEach) {
    const Folder folder("trees");
    TilesetSpec spec;
    spec.layer = "trees";
    spec.materials = {{.name = "leaf"}};
    spec.prototypes.push_back({{cylinder({0, 0, 0}, 2, 0, 6, 8), cylinder({0, 0, 0}, 2, 0, 6, 3)}, 0});
    for (int i = 0; i < 50; ++i) spec.instances.push_back({"T" + std::to_string(i), {355000.0 + 5 * i, 3457000.0, 4}, 7.0 * i, 1.0, 0});
    spec.geometricErrors = {0, 4};
    const auto report = writeTileset(spec, shanghaiFrame(), folder.path);
    ASSERT_TRUE(report);
    EXPECT_EQ(report->features, 50u);
    std::size_t leaves = 0;
    for (const auto& tile : tilesOf(folder.path)) {
        if (tile.uri.empty() || tile.error != 0) continue;
        const Glb glb = readGlb(folder.path / tile.uri);
        const auto& node = glb.json["nodes"][1];
        const auto& instancing = node["extensions"]["EXT_mesh_gpu_instancing"]["attributes"];
        leaves += glb.json["accessors"][instancing["TRANSLATION"].get<std::size_t>()]["count"].get<std::size_t>();
        EXPECT_TRUE(node["extensions"].contains("EXT_instance_features"));
    }
    EXPECT_EQ(leaves, 50u);
}

TEST(TilesetWriter, writesColoursOfInstancesMasksAndShortIndices) {
    const Folder folder("painted");
    TilesetSpec spec;
    spec.layer = "cars";
    spec.materials = {{.name = "paint"}, {.name = "leaves", .mask = true}};
    spec.prototypes.push_back({{cylinder({0, 0, 0}, 2, 0, 6, 8)}, 0});
    spec.prototypes.push_back({{cylinder({0, 0, 0}, 3, 0, 6, 8)}, 1});
    spec.instances.push_back({"red", {355000.0, 3457000.0, 4}, 0, 1.0, 0, {200, 10, 10, 255}});
    spec.instances.push_back({"white", {355010.0, 3457000.0, 4}, 0, 1.0, 0});
    spec.instances.push_back({"tree", {355020.0, 3457000.0, 4}, 0, 1.0, 1});
    spec.geometricErrors = {0};
    ASSERT_TRUE(writeTileset(spec, shanghaiFrame(), folder.path));
    std::size_t painted = 0, plain = 0;
    for (const auto& tile : tilesOf(folder.path)) {
        if (tile.uri.empty()) continue;
        const Glb glb = readGlb(folder.path / tile.uri);
        for (const auto& node : glb.json["nodes"]) {
            if (!node.contains("extensions")) continue;
            const auto& primitive = glb.json["meshes"][node["mesh"].get<std::size_t>()]["primitives"][0];
            const auto& material = glb.json["materials"][primitive["material"].get<std::size_t>()];
            const bool paint = material["name"] == "paint";
            EXPECT_EQ(material.value("alphaMode", "OPAQUE"), paint ? "OPAQUE" : "MASK");
            EXPECT_EQ(glb.json["accessors"][primitive["indices"].get<std::size_t>()]["componentType"], 5123);
            const auto& attributes = node["extensions"]["EXT_mesh_gpu_instancing"]["attributes"];
            ASSERT_EQ(attributes.contains("_COLOR_0"), paint); // white ones need none
            if (!paint) ++plain;
            else painted += glb.json["accessors"][attributes["_COLOR_0"].get<std::size_t>()]["count"].get<std::size_t>();
        }
    }
    EXPECT_EQ(painted, 2u);
    EXPECT_EQ(plain, 1u);
}

TEST(TilesetWriter, refusesWhatItCannotWrite) {
    const Folder folder("bad");
    TilesetSpec empty;
    empty.layer = "nothing";
    EXPECT_EQ(writeTileset(empty, shanghaiFrame(), folder.path).error().code, "E_WRITER_EMPTY");
    TilesetSpec broken = town();
    broken.features[3].lods[0].indices.push_back(1);
    EXPECT_EQ(writeTileset(broken, shanghaiFrame(), folder.path).error().code, "E_WRITER_MESH");
}

TEST(Geometry, extrusionOfARectangleIsClosedAboveTheGround) {
    ExtrudeOptions options;
    options.top = 10;
    const Mesh mesh = extrude(rectangle({0, 0}, 20, 10), options);
    EXPECT_EQ(mesh.triangleCount(), 10u);
    double top = 0, u = 0;
    for (std::size_t i = 0; i < mesh.positions.size(); ++i) {
        top = std::max(top, mesh.positions[i].z);
        u = std::max<double>(u, mesh.uvs[i].x);
    }
    EXPECT_DOUBLE_EQ(top, 10);
    EXPECT_NEAR(u, 60, 1e-4);
    for (std::size_t t = 0; t < mesh.indices.size(); t += 3) { // every face looks where its normal says
        const auto &a = mesh.positions[mesh.indices[t]], &b = mesh.positions[mesh.indices[t + 1]], &c = mesh.positions[mesh.indices[t + 2]];
        EXPECT_GT(glm::dot(glm::cross(b - a, c - a), glm::dvec3(mesh.normals[mesh.indices[t]])), 0);
    }
}

TEST(Geometry, triangulationCoversAPolygonWithAHole) {
    const Polygon ring = normalized({{{0, 0}, {10, 0}, {10, 10}, {0, 10}}, {{{3, 3}, {7, 3}, {7, 7}, {3, 7}}}});
    const Triangulation flat = triangulate(ring);
    double sum = 0;
    for (std::size_t t = 0; t < flat.indices.size(); t += 3)
        sum += signedArea({flat.points[flat.indices[t]], flat.points[flat.indices[t + 1]], flat.points[flat.indices[t + 2]]});
    EXPECT_NEAR(sum, 84, 1e-9);
    EXPECT_NEAR(area(ring), 84, 1e-9);
}

TEST(Geometry, makeValidKeepsTheAreaOfABowTie) {
    const MultiPolygon fixed = makeValid({{{{0, 0}, {10, 10}, {10, 0}, {0, 10}}, {}}});
    EXPECT_EQ(fixed.size(), 2u);
    EXPECT_NEAR(area(fixed), 50, 1e-9);
}

TEST(Geometry, cellsCutWithoutLoss) {
    const MultiPolygon river = {{{{-300, -20}, {900, 300}, {900, 340}, {-300, 20}}, {}}};
    const auto cells = cutIntoCells(river, 250);
    double sum = 0;
    for (const auto& cell : cells) {
        sum += area(cell);
        EXPECT_LE(extentOf(cell).size().x, 250 + 1e-9);
    }
    EXPECT_GT(cells.size(), 5u);
    EXPECT_NEAR(sum, area(river), 1e-6);
}

} // namespace
