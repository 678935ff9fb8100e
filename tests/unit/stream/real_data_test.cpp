// Real tilesets and models through the whole way: read, select, decode, complete.

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <map>
#include <thread>

#include <gtest/gtest.h>

#include "core/json.h"
#include "core/messages.h"
#include "io/byte_source.h"
#include "jobs/worker_pool.h"
#include "model/metadata_schema.h"
#include "stream/tileset_stream.h"
#include "stream/validate.h"
#include "support/test_data.h"

using namespace matou;
namespace fs = std::filesystem;

namespace {

std::vector<fs::path> filesBelow(const fs::path& folder, std::initializer_list<const char*> extensions) {
    std::vector<fs::path> out;
    for (const auto& entry : fs::recursive_directory_iterator(folder))
        for (const char* extension : extensions)
            if (entry.is_regular_file() && entry.path().extension() == extension) out.push_back(entry.path());
    std::sort(out.begin(), out.end());
    return out;
}

/// Plays frames, seen from close above the whole thing, until complete.
stream::StreamStats playThrough(stream::TilesetStream& stream, jobs::WorkerPool& workers) {
    for (std::uint64_t frame = 1; frame < 4000; ++frame) {
        std::vector<tiles::ViewState> views(1);
        if (const auto* tree = stream.tree(0)) {
            const auto& sphere = (*tree)[0].sphere;
            const auto up = glm::length(sphere.center) > 1e6 ? glm::normalize(sphere.center) : glm::dvec3(0, 0, 1);
            const auto eye = sphere.center + up * std::max(1.0, sphere.radius * 1.05);
            views[0] = tiles::viewStateOf(geo::eyeFrameLookingAt({eye}, {sphere.center}, glm::dvec3(0.3, 0.5, 0.7)), 1.2, 1.5, {0, 0, 1, 1}, 0.1, 4000);
        }
        stream.update(views, 4, frame);
        workers.drain();
        stream.takeRetired();
        for (const auto& tile : stream.takeDecoded(64 << 20)) stream.reportResident(tile.id, tile.gpuBytesReserved);
        if (stream.complete()) break;
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    EXPECT_TRUE(stream.complete());
    return stream.stats();
}

} // namespace

TEST(RealData, streamsTheCesiumSamplesOfVersion11) {
    MATOU_NEEDS_TEST_DATA(folder, "data/3dtiles-cesium-samples");
    std::map<std::string, stream::StreamStats> seen;
    for (const auto& path : filesBelow(folder, {".json"})) {
        if (path.filename() != "tileset.json") continue;
        jobs::WorkerPool workers(2);
        io::NetworkByteSource source;
        stream::TilesetStream stream(workers, source);
        stream.openTileset(path.string(), {.id = "t"});
        const auto stats = playThrough(stream, workers);
        const auto name = fs::relative(path.parent_path(), folder).string();
        seen[name] = stats;
        std::cout << name << ": " << stats.drawn << " drawn, " << stats.trianglesDrawn << " triangles, " << stats.featuresDrawn << " features";
        for (const auto& failure : stream.failures()) std::cout << "; " << core::describe(failure.error, core::Language::en);
        std::cout << "\n";
    }
    EXPECT_EQ(seen["1.1/SparseImplicitQuadtree"].drawn, 32u);
    EXPECT_EQ(seen["1.1/SparseImplicitQuadtree"].trianglesDrawn, 64u);
    for (const char* name : {"1.1/MetadataGranularities", "1.1/MultipleContents", "glTF/GpuInstancesMetadata", "glTF/EXT_mesh_features/FeatureIdAttribute",
                             "glTF/EXT_structural_metadata/FeatureIdAttributeAndPropertyTable", "glTF/EXT_structural_metadata/MultipleClasses"}) {
        ASSERT_TRUE(seen.contains(name)) << name;
        EXPECT_GT(seen[name].trianglesDrawn, 0u) << name;
    }
    EXPECT_GT(seen["glTF/EXT_structural_metadata/FeatureIdAttributeAndPropertyTable"].featuresDrawn, 0u);
    EXPECT_GT(seen["glTF/GpuInstancesMetadata"].featuresDrawn, 0u);
}

TEST(RealData, decodesTheGltfSamples) {
    MATOU_NEEDS_TEST_DATA(folder, "data/gltf-samples/khronos");
    int models = 0, refused = 0;
    for (const auto& path : filesBelow(folder, {".glb", ".gltf"})) {
        const auto report = stream::validatePath(path.string());
        ++models;
        if (report.triangles == 0 && path.string().find("GltfPrimitives") == std::string::npos) ++refused;
        for (const auto& problem : report.problems) std::cout << "  " << core::describe(problem, core::Language::en) << "\n";
    }
    std::cout << models << " models, " << refused << " without triangles\n";
    EXPECT_GT(models, 20);
    EXPECT_EQ(refused, 0);
}

TEST(RealData, readsCompressedModels) {
    MATOU_NEEDS_TEST_DATA(folder, "data/gltf-samples/compressed");
    int models = 0;
    for (const auto& path : filesBelow(folder, {".glb", ".gltf"})) {
        const auto report = stream::validatePath(path.string());
        ++models;
        EXPECT_TRUE(report.problems.empty()) << path.filename() << ": " << core::describe(report.problems[0], core::Language::en);
        EXPECT_GT(report.triangles, 0u) << path.filename();
    }
    EXPECT_GE(models, 6);
}

TEST(RealData, streamsAmsterdamWhereItIsExplicit) {
    MATOU_NEEDS_TEST_DATA(path, "data/3dtiles-amsterdam/tileset.json");
    jobs::WorkerPool workers(2);
    io::NetworkByteSource source;
    stream::TilesetStream stream(workers, source);
    stream.openTileset(path.string(), {.id = "t"});
    const auto stats = playThrough(stream, workers);
    std::cout << "amsterdam: " << stats.drawn << " drawn, " << stats.trianglesDrawn << " triangles, " << stats.featuresDrawn << " features, " << stream.failures().size()
              << " failures\n";
    for (const auto& failure : stream.failures()) ADD_FAILURE() << core::describe(failure.error, core::Language::en);
    EXPECT_GT(stats.drawn, 0u);
    EXPECT_GT(stats.trianglesDrawn, 0u);
    EXPECT_GT(stats.featuresDrawn, 0u);
}

TEST(RealData, loadsEveryTilesetThatWasGiven) {
    MATOU_NEEDS_TEST_DATA(folder, "data");
    // What is known not to be drawn, and by which word it is said. Nothing else may be missing.
    const std::map<std::string, std::string> expected{
        {"Geometry/", "E_CONTENT_KIND"}, {"Vector/", "E_CONTENT_KIND"},                       // drafts that no standard kept
        {"BasicExample", "E_GLB_TRUNCATED"}, {"FullQuadtree", "E_GLB_TRUNCATED"},             // contents of no bytes
        {"PointCloudDraco", "3DTILES_draco_point_compression"},
        {"TilesetWithTreeBillboards", "KHR_techniques_webgl"}, {"TilesetWithDiscreteLOD", "E_FILE_MISSING"}, // a file that is not there
    };
    int tilesets = 0, drawn = 0, known = 0;
    for (const char* set : {"3dtiles-amsterdam", "3dtiles-cesium-samples", "3dtiles-cesiumjs-specs"})
        for (const auto& path : filesBelow(folder / set, {".json"})) {
            if (path.filename() != "tileset.json") continue;
            ++tilesets;
            jobs::WorkerPool workers(2);
            io::NetworkByteSource source;
            stream::TilesetStream stream(workers, source);
            stream.openTileset(path.string(), {.id = "t"});
            const auto stats = playThrough(stream, workers);
            const auto name = fs::relative(path.parent_path(), folder).string();
            std::string said;
            for (const auto& failure : stream.failures())
                if (failure.error.code.starts_with("E_")) said += "; " + core::describe(failure.error, core::Language::en);
            const auto reason = std::find_if(expected.begin(), expected.end(), [&](const auto& e) { return name.find(e.first) != std::string::npos; });
            const bool allowed = reason != expected.end() && said.find(reason->second) != std::string::npos;
            if (stats.drawn > 0) ++drawn;
            if (allowed) ++known;
            const bool nothing = stream.tree(0) && stream.tree(0)->contents.empty(); // a tree without any content
            EXPECT_TRUE(allowed || nothing || (stats.drawn > 0 && said.empty())) << name << ": " << stats.drawn << " drawn" << said;
        }
    std::cout << tilesets << " tilesets: " << drawn << " drawn, " << known << " with a part that is known not to be read\n";
}

/// One fault a file, named by the file: each is said, and what is valid loads. Files that are only referred to and were not given do not count.
TEST(RealData, saysWhatTheValidatorsCasesAreNamedFor) {
    MATOU_NEEDS_TEST_DATA(folder, "data/3d-tiles-validator");
    const auto jsonOf = [](const fs::path& path) {
        const auto location = io::locationFrom(path.string());
        const auto bytes = io::readLocal(*location);
        return *core::parseJson({reinterpret_cast<const char*>(bytes->data()), bytes->size()}, path.string());
    };
    const auto schema = jsonOf(folder / "schemas/FullMetadataSchema.json");
    int faults = 0, said = 0, valid = 0, clean = 0;
    std::string silent;
    for (const auto& path : filesBelow(folder, {".json", ".subtree", ".gltf"})) {
        const auto name = fs::relative(path, folder).string();
        auto report = stream::validatePath(path.string());
        if (name.starts_with("propertyTables/"))
            for (auto& problem : model::checkPropertyTables(jsonOf(path), &schema, path.string())) report.problems.push_back(std::move(problem));
        std::erase_if(report.problems, [](const core::Error& e) { return e.code == "E_FILE_MISSING" || e.code == "W_TILESET_REFINE"; });
        std::erase_if(report.warnings, [](const core::Error& e) { return e.code == "W_TILESET_REFINE"; });
        bool good = name.find("Valid.") != std::string::npos || name.find("Schema.json") != std::string::npos;
        if (name.find("WithoutSchema") != std::string::npos) good = false;
        // Not named as a fault, but its id is no identifier, which the schema of 3D Metadata 1.0 asks for.
        if (name == "tilesets/customSemanticsSchema.json") good = false;
        if (name.starts_with("tilesets/externalTilesetExtensions/")) continue; // which of the two files declares what: both readings load
        if (good) {
            ++valid;
            clean += report.problems.empty();
            EXPECT_TRUE(report.problems.empty()) << name << ": " << core::describe(report.problems[0], core::Language::en);
            continue;
        }
        ++faults;
        const auto* first = !report.problems.empty() ? &report.problems[0] : !report.warnings.empty() ? &report.warnings[0] : nullptr;
        if (first) ++said;
        else silent += "  " + name + "\n";
        if (first && std::getenv("MATOU_VERBOSE")) std::cout << name << ": " << core::describe(*first, core::Language::en) << "\n";
    }
    std::cout << said << " of " << faults << " faults said, " << clean << " of " << valid << " valid ones load\n" << silent;
    EXPECT_GE(said, faults - 12); // those printed above
}
