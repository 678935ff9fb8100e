#include <chrono>
#include <filesystem>
#include <random>
#include <thread>

#include <gtest/gtest.h>

#include "core/file.h"
#include "stream/tileset_stream.h"
#include "quadtree_world.h"

using namespace matou;
using namespace matou::test;
using namespace std::chrono_literals;

namespace {

/// Plays the engine: uploads a few tiles a frame, frees what is retired, and looks at every frame.
struct Player {
    explicit Player(QuadtreeWorld& world, std::uint64_t budget, int inFlight = 16, double fadeSeconds = 0) {
        source.files = world.files;
        stream::StreamOptions options;
        options.budgetBytes = budget;
        options.requestsInFlight = inFlight;
        options.fadeSeconds = fadeSeconds;
        options.retry = {0, 0, 3600};
        stream = std::make_unique<stream::TilesetStream>(workers, source, options);
        layer = stream->openTileset(io::Location{io::Location::Kind::http, "http://test", "/world/tileset.json"}, {.id = "world"});
    }

    void frame(std::span<const tiles::ViewState> views) {
        const auto& selection = stream->update(views, 16, ++number);
        workers.drain();
        for (const auto id : stream->takeRetired()) uploaded.erase(id);
        for (const auto& tile : stream->takeDecoded(1 << 20)) {
            ASSERT_TRUE(tile.content);
            ASSERT_EQ(tile.featureNumbers->size(), tile.content->features.count);
            uploaded[tile.id] = tile.content;
            stream->reportResident(tile.id, tile.gpuBytesReserved);
        }
        const auto stats = stream->stats();
        ASSERT_LE(stats.cpuBytes + stats.gpuBytes, stats.budgetBytes) << "frame " << number;
        for (const auto& draw : selection.draw) ASSERT_TRUE(uploaded.contains(draw.id)) << "drawn but not there";
    }
    bool settle(std::span<const tiles::ViewState> views, int frames = 3000) {
        for (int i = 0; i < frames; ++i) {
            frame(views);
            if (::testing::Test::HasFatalFailure()) return false;
            if (stream->complete()) return true;
            std::this_thread::sleep_for(50us);
        }
        return false;
    }
    bool baseReady() const {
        const auto& base = stream->selection().base;
        return !base.empty() && std::all_of(base.begin(), base.end(), [&](auto id) { return stream->state(id) == stream::LoadState::resident; });
    }
    std::size_t triangles() const { return stream->stats().trianglesDrawn; }
    std::vector<tiles::TileId> drawn() const {
        std::vector<tiles::TileId> out;
        for (const auto& d : stream->selection().draw) out.push_back(d.id);
        return out;
    }

    jobs::WorkerPool workers{2};
    MemorySource source;
    std::unique_ptr<stream::TilesetStream> stream;
    std::uint32_t layer = 0;
    std::uint64_t number = 0;
    std::map<tiles::TileId, std::shared_ptr<const model::Content>> uploaded;
};

/// Points of the world that the view sees are covered exactly once.
void expectNoHole(Player& player, const tiles::ViewState& view) {
    const auto enu = geo::ecefFromEnu(worldCenter());
    for (int i = 0; i < 32; ++i)
        for (int j = 0; j < 32; ++j) {
            const double east = (i + 0.37) / 32 * kWorldMeters - kWorldMeters / 2, north = (j + 0.41) / 32 * kWorldMeters - kWorldMeters / 2;
            const glm::dvec3 point(enu * glm::dvec4(east, north, 0, 1));
            if (geo::classify(geo::BoundingVolume(geo::Sphere{point, 0}), view.frustum) == geo::Containment::outside) continue;
            ASSERT_EQ(timesCovered(*player.stream->tree(0), player.stream->selection().draw, east, north), 1) << east << " " << north << " frame " << player.number;
        }
}

} // namespace

TEST(TilesetStream, becomesCompleteAndGivesWhatItHasToUpload) {
    QuadtreeWorld world(4);
    Player player(world, 1 << 30);
    const std::vector views{viewFrom(0, -200, 150, 0, -30)};
    ASSERT_TRUE(player.settle(views));
    expectNoHole(player, views[0]);
    const auto stats = player.stream->stats();
    EXPECT_GT(stats.drawn, 10u);
    EXPECT_EQ(stats.trianglesDrawn, stats.drawn * 40u);
    EXPECT_EQ(stats.featuresDrawn, stats.drawn * 40u);
    EXPECT_FALSE(stats.limited);
    EXPECT_TRUE(player.stream->failures().empty());
    std::size_t inLedger = 0;
    for (const auto count : stats.states) inLedger += count;
    EXPECT_EQ(inLedger, world.tiles);
    // Draw order is that of the tiles' paths.
    const auto& tree = *player.stream->tree(0);
    const auto drawn = player.drawn();
    for (std::size_t i = 1; i < drawn.size(); ++i) EXPECT_LT(tree.path(drawn[i - 1].tile), tree.path(drawn[i].tile));
}

TEST(TilesetStream, internsFeaturesOfItsLayer) {
    QuadtreeWorld world(1, 3);
    jobs::WorkerPool workers(1);
    MemorySource source;
    source.files = world.files;
    std::mutex mutex;
    std::vector<std::string> seen;
    stream::TilesetStream stream(workers, source);
    stream.openTileset(io::Location{io::Location::Kind::http, "http://test", "/world/tileset.json"},
                       {.id = "world", .internFeature = [&](const std::string& id) {
                            std::lock_guard lock(mutex);
                            seen.push_back(id);
                            return static_cast<std::uint32_t>(100 + seen.size());
                        }});
    const std::vector views{viewFrom(0, 0, 500, 0, -90)};
    std::vector<stream::DecodedTile> decoded;
    for (int i = 0; i < 100 && decoded.empty(); ++i) {
        stream.update(views, 16, static_cast<std::uint64_t>(i));
        workers.drain();
        decoded = stream.takeDecoded(1);
    }
    ASSERT_EQ(decoded.size(), 1u);
    EXPECT_EQ(seen, (std::vector<std::string>{"t0", "t1", "t2"}));
    EXPECT_EQ(*decoded[0].featureNumbers, (std::vector<std::uint32_t>{101, 102, 103}));
}

TEST(TilesetStream, neverShowsAHoleOncePastTheBase) {
    QuadtreeWorld world(5);
    Player player(world, 1 << 30, 4);
    std::mt19937 random(7);
    std::uniform_real_distribution<double> place(-450, 450), height(20, 900), heading(0, 360), pitch(-90, 0);
    std::vector views{viewFrom(0, 0, 800, 0, -90)};
    while (!player.baseReady()) player.frame(views);
    for (int i = 0; i < 300; ++i) {
        if (i % 3 == 0) views[0] = viewFrom(place(random), place(random), height(random), heading(random), pitch(random));
        player.frame(views);
        player.stream->update(views, 16, ++player.number);
        expectNoHole(player, views[0]);
        if (HasFatalFailure()) return;
    }
}

TEST(TilesetStream, keepsTheBudgetAtEveryFrameAndStillCoversTheView) {
    QuadtreeWorld world(5, 200);
    const std::vector views{viewFrom(0, -300, 120, 0, -25)};
    std::uint64_t need = 0;
    std::size_t fullTriangles = 0;
    std::vector<tiles::TileId> fullPicture;
    {
        Player unlimited(world, std::uint64_t{1} << 40);
        ASSERT_TRUE(unlimited.settle(views));
        const auto stats = unlimited.stream->stats();
        need = stats.cpuBytes + stats.gpuBytes;
        fullTriangles = unlimited.triangles();
        fullPicture = unlimited.drawn();
    }
    std::size_t last = fullTriangles;
    for (const int part : {1, 4, 8}) {
        Player player(world, need / static_cast<std::uint64_t>(part));
        ASSERT_TRUE(player.settle(views)) << "N/" << part;
        expectNoHole(player, views[0]);
        EXPECT_LE(player.stream->stats().usedBytesMost, need / static_cast<std::uint64_t>(part));
        if (part == 1) EXPECT_EQ(player.drawn(), fullPicture);
        else {
            EXPECT_LT(player.triangles(), last) << "N/" << part;
            EXPECT_TRUE(player.stream->stats().limited);
            // A quarter of the memory is used for something: not just the root.
            EXPECT_GT(player.triangles(), fullTriangles / static_cast<std::size_t>(part) / 4);
        }
        last = player.triangles();
        std::cout << "N/" << part << ": " << player.triangles() << " triangles, peak " << player.stream->stats().usedBytesMost << " of "
                  << need / static_cast<std::uint64_t>(part) << " bytes, refused " << player.stream->stats().refused << "\n";
    }
}

TEST(TilesetStream, followsABudgetThatChangesWhileRunning) {
    QuadtreeWorld world(5, 200);
    const std::vector views{viewFrom(0, -300, 120, 0, -25)};
    Player player(world, std::uint64_t{1} << 40);
    ASSERT_TRUE(player.settle(views));
    const auto full = player.drawn();
    const auto stats = player.stream->stats();
    const auto need = stats.cpuBytes + stats.gpuBytes;
    player.stream->setBudget(need / 4);
    // Two frames to let go; from then on within the new budget, and covered in all of them.
    for (int i = 0; i < 3; ++i) {
        player.stream->update(views, 16, ++player.number);
        expectNoHole(player, views[0]);
        for (const auto id : player.stream->takeRetired()) player.uploaded.erase(id);
    }
    ASSERT_TRUE(player.settle(views));
    EXPECT_LT(player.triangles(), full.size() * 200);
    player.stream->setBudget(need);
    ASSERT_TRUE(player.settle(views));
    EXPECT_EQ(player.drawn(), full);
}

TEST(TilesetStream, survivesATourUnderAQuarterOfTheMemory) {
    QuadtreeWorld world(5, 100);
    std::uint64_t need = 0;
    {
        Player unlimited(world, std::uint64_t{1} << 40);
        const std::vector views{viewFrom(0, -300, 120, 0, -25)};
        ASSERT_TRUE(unlimited.settle(views));
        need = unlimited.stream->stats().cpuBytes + unlimited.stream->stats().gpuBytes;
    }
    Player player(world, need / 4);
    std::vector views{viewFrom(-400, -400, 100, 45, -30)};
    while (!player.baseReady()) player.frame(views);
    for (int i = 0; i < 400; ++i) {
        views[0] = viewFrom(-400 + 2 * i, -400 + 2 * i, 60 + i % 200 * 2, 45 + i, -20 - i % 60);
        player.frame(views);
        if (HasFatalFailure()) return;
        if (i % 10 == 0) {
            player.stream->update(views, 16, ++player.number);
            expectNoHole(player, views[0]);
            if (HasFatalFailure()) return;
        }
    }
    ASSERT_TRUE(player.settle(views));
    EXPECT_EQ(player.stream->failures().size(), 0u);
}

TEST(TilesetStream, whatFadesOutStaysForTheFadeAndNoLonger) {
    QuadtreeWorld world(3, 200);
    const std::vector far{viewFrom(0, 0, 3000, 0, -90)}, near{viewFrom(0, 0, 150, 0, -90)};
    std::uint64_t need = 0;
    for (const int tight : {0, 1}) {
        Player player(world, std::uint64_t{1} << 30, 16, 0.3);
        ASSERT_TRUE(player.settle(far));
        player.stream->show(std::numeric_limits<double>::infinity());
        ASSERT_TRUE(player.stream->shown().empty());
        const auto coarse = player.drawn();
        ASSERT_TRUE(player.settle(near));
        if (tight != 0) player.stream->setBudget(need - 1); // for the plan alone: no room for what is leaving
        player.stream->show(0.1);
        const auto stats = player.stream->stats();
        if (tight != 0) {
            EXPECT_TRUE(player.stream->shown().empty()) << "a fade took room that there is not";
            continue;
        }
        ASSERT_FALSE(player.stream->shown().empty());
        need = stats.neededBytes;
        for (const auto id : coarse) {
            EXPECT_EQ(player.stream->state(id), stream::LoadState::resident);
            need += player.stream->resident(id)->gpuBytesReserved; // some of what they hold
        }
        // Less memory in the middle of it: over at once, and within the budget as soon as without fades.
        player.stream->setBudget(stats.floorBytes + 1000);
        for (int i = 0; i < 3; ++i) {
            player.stream->update(near, 16, ++player.number);
            for (const auto id : player.stream->takeRetired()) player.uploaded.erase(id);
            player.stream->show(0.01);
            expectNoHole(player, near[0]);
        }
        EXPECT_TRUE(player.stream->shown().empty());
        ASSERT_TRUE(player.settle(near));
        EXPECT_LE(player.stream->stats().cpuBytes + player.stream->stats().gpuBytes, player.stream->stats().budgetBytes);
    }
}

TEST(TilesetStream, aMissingTileCostsOnlyItsOwnRefinement) {
    QuadtreeWorld world(3);
    Player player(world, 1 << 30);
    player.source.missing = {"/world/t21.glb"};
    const std::vector views{viewFrom(0, -200, 60, 0, -30), viewFrom(0, 0, 300, 0, -90)};
    ASSERT_TRUE(player.settle(views));
    expectNoHole(player, views[0]);
    expectNoHole(player, views[1]);
    ASSERT_EQ(player.stream->failures().size(), 1u);
    EXPECT_EQ(player.stream->failures()[0].path, "0/2/1");
    EXPECT_EQ(player.stream->failures()[0].error.code, "E_HTTP_STATUS");
    EXPECT_EQ(player.source.counts["/world/t21.glb"], 1); // a 404 is not asked for again
    EXPECT_EQ(player.stream->state(player.stream->failures()[0].id), stream::LoadState::failed);
}

TEST(TilesetStream, triesAgainWhatMayPass) {
    QuadtreeWorld world(2);
    Player player(world, 1 << 30);
    player.source.failuresBefore["/world/t3.glb"] = 1;
    const std::vector views{viewFrom(0, 0, 300, 0, -90)};
    ASSERT_TRUE(player.settle(views));
    EXPECT_EQ(player.source.counts["/world/t3.glb"], 2);
    EXPECT_TRUE(player.stream->failures().empty());
    EXPECT_EQ(player.drawn().size(), 4u);
}

TEST(TilesetStream, aBrokenTileIsReportedWithItsPlace) {
    QuadtreeWorld world(2);
    auto& bytes = world.files["/world/t3.glb"];
    bytes.resize(bytes.size() - 7);
    Player player(world, 1 << 30);
    const std::vector views{viewFrom(0, 0, 300, 0, -90)};
    ASSERT_TRUE(player.settle(views));
    ASSERT_EQ(player.stream->failures().size(), 1u);
    EXPECT_EQ(player.stream->failures()[0].error.code, "E_GLB_TRUNCATED");
    EXPECT_NE(player.stream->failures()[0].error.where.find("t3.glb:byte 8"), std::string::npos);
    EXPECT_EQ(player.drawn().size(), 1u); // the parent stands in
}

TEST(TilesetStream, givesUpRequestsThatNobodyWantsAnyMore) {
    QuadtreeWorld world(4);
    Player player(world, 1 << 30);
    std::vector views{viewFrom(-400, -400, 60, 225, -45)};
    ASSERT_TRUE(player.settle(views));
    player.source.hold = true;
    views[0] = viewFrom(400, 400, 60, 45, -45);
    player.stream->update(views, 16, ++player.number);
    ASSERT_GT(player.source.held(), 0u);
    views[0] = viewFrom(400, -400, 60, 135, -45);
    player.stream->update(views, 16, ++player.number);
    EXPECT_GT(player.source.cancelled, 0u);
    player.source.release();
    ASSERT_TRUE(player.settle(views));
}

TEST(TilesetStream, standsALocalTilesetWhereItIsToldToAndLeavesAllOthersAlone) {
    const auto rootOf = [](const std::string& root) {
        MemorySource source;
        source.files["/t.json"] = bytesOf(R"({"asset":{"version":"1.1"},"geometricError":9,"root":{"geometricError":0,)" + root + "}}");
        jobs::WorkerPool workers{1};
        stream::TilesetStream stream(workers, source);
        stream::LayerOptions layer{.id = "local"};
        layer.ecefFromLocal = geo::ecefFromEnu(worldCenter());
        stream.openTileset(io::Location{io::Location::Kind::http, "http://test", "/t.json"}, layer);
        workers.drain();
        stream.update({}, 16, 1);
        return stream.tree(0)->tiles[0].sphere.center;
    };
    EXPECT_LT(glm::length(rootOf(R"("boundingVolume":{"box":[0,0,10,5,0,0,0,5,0,0,0,5]})") - worldCenter().meters), 11.0);
    EXPECT_LT(glm::length(rootOf(R"("boundingVolume":{"box":[0,0,0,8e6,0,0,0,8e6,0,0,0,8e6]})")), 1.0) << "a globe";
    const auto placed = rootOf(R"("boundingVolume":{"sphere":[0,0,0,5]},"transform":[1,0,0,0,0,1,0,0,0,0,1,0,6378137,0,0,1])");
    EXPECT_NEAR(placed.x, 6378137.0, 1e-6);
}

TEST(TilesetStream, followsExternalTilesetsAndRefusesLoops) {
    QuadtreeWorld world(3);
    auto outer = std::string(R"({"asset":{"version":"1.1"},"geometricError":400,"root":{"boundingVolume":{"sphere":[0,0,0,7000000]},"geometricError":400,
"refine":"ADD","children":[{"boundingVolume":{"sphere":[0,0,0,7000000]},"geometricError":200,"content":{"uri":"tileset.json"}},
{"boundingVolume":{"sphere":[0,0,0,7000000]},"geometricError":200,"content":{"uri":"outer.json"}}]}})");
    world.files["/world/outer.json"] = bytesOf(outer);
    Player player(world, 1 << 30);
    const auto second = player.stream->openTileset(io::Location{io::Location::Kind::http, "http://test", "/world/outer.json"}, {.id = "outer"});
    player.stream->setVisible(0, false);
    const std::vector views{viewFrom(0, 0, 300, 0, -90)};
    ASSERT_TRUE(player.settle(views));
    EXPECT_EQ(player.stream->tree(second)->sources.size(), 2u);
    bool loopSaid = false;
    for (const auto& failure : player.stream->failures()) loopSaid = loopSaid || failure.error.code == "E_TILESET_LOOP";
    EXPECT_TRUE(loopSaid);
    for (const auto& draw : player.stream->selection().draw) EXPECT_EQ(draw.id.layer, second);
    EXPECT_GT(player.stream->selection().draw.size(), 3u);
}

TEST(TilesetStream, opensASingleContent) {
    QuadtreeWorld world(1);
    jobs::WorkerPool workers(1);
    MemorySource source;
    source.files = world.files;
    stream::TilesetStream stream(workers, source);
    stream.openTileset(io::Location{io::Location::Kind::http, "http://test", "/world/t.glb"}, {.id = "m", .ecefFromLayer = geo::ecefFromEnu(worldCenter())});
    const std::vector views{viewFrom(0, 0, 500, 0, -90)};
    for (std::uint64_t i = 0; i < 100 && !stream.complete(); ++i) {
        stream.update(views, 16, i);
        workers.drain();
        for (const auto& tile : stream.takeDecoded(1)) stream.reportResident(tile.id, tile.gpuBytesReserved);
    }
    EXPECT_TRUE(stream.complete());
    EXPECT_EQ(stream.stats().trianglesDrawn, 40u);
    EXPECT_EQ(stream.stats().states[static_cast<std::size_t>(stream::LoadState::resident)], 1u);
}

TEST(TilesetStream, aMissingTilesetIsAnErrorOfItsLayer) {
    jobs::WorkerPool workers(1);
    MemorySource source;
    stream::TilesetStream stream(workers, source);
    const auto remote = stream.openTileset("http://test/none.json", {.id = "a"});
    const auto local = stream.openTileset("/no/such/tileset.json", {.id = "b"});
    const std::vector views{viewFrom(0, 0, 500, 0, -90)};
    for (std::uint64_t i = 0; i < 5; ++i) {
        stream.update(views, 16, i);
        workers.drain();
    }
    ASSERT_TRUE(stream.layerError(remote));
    ASSERT_TRUE(stream.layerError(local));
    EXPECT_EQ(stream.layerError(local)->code, "E_FILE_MISSING");
    EXPECT_EQ(stream.failures().size(), 2u);
    EXPECT_TRUE(stream.complete()); // nothing more will come
}

TEST(TilesetStream, leavesNothingInTheBudget) {
    QuadtreeWorld world(3);
    Player player(world, 1 << 30);
    const std::vector views{viewFrom(0, 0, 300, 0, -90)};
    ASSERT_TRUE(player.settle(views));
    player.stream->setBudget(0);
    for (int i = 0; i < 5; ++i) player.stream->update(views, 16, ++player.number), player.stream->takeRetired();
    // The base stays drawn even then; without layers to show, nothing stays.
    player.stream->setVisible(0, false);
    player.uploaded.clear();
    for (int i = 0; i < 5; ++i) player.stream->update(views, 16, ++player.number), player.stream->takeRetired();
    EXPECT_EQ(player.stream->budget().used(), 0u);
}

TEST(TilesetStream, countsWhatTheCallerHoldsBesideATile) {
    QuadtreeWorld world(2);
    jobs::WorkerPool workers(2);
    MemorySource source;
    source.files = world.files;
    stream::StreamOptions options;
    options.besideBytesOf = [](const model::Content&) { return std::uint64_t{5000}; };
    stream::TilesetStream stream(workers, source, options);
    stream.openTileset(io::Location{io::Location::Kind::http, "http://test", "/world/tileset.json"}, {.id = "world"});
    const std::vector views{viewFrom(0, 0, 300, 0, -90)};
    std::size_t tiles = 0;
    for (std::uint64_t i = 0; i < 200 && !stream.complete(); ++i) {
        stream.update(views, 16, i);
        workers.drain();
        for (const auto& tile : stream.takeDecoded(1 << 20)) {
            stream.reportResident(tile.id, 1000);
            stream.reportBeside(tile.id, 7000);
            ++tiles;
        }
    }
    ASSERT_TRUE(stream.complete());
    EXPECT_EQ(stream.stats().gpuBytes, tiles * 1000);
    EXPECT_GT(stream.stats().cpuBytes, tiles * 7000);
    stream.setVisible(0, false);
    stream.setBudget(0);
    for (std::uint64_t i = 300; i < 305; ++i) stream.update(views, 16, i), stream.takeRetired();
    EXPECT_EQ(stream.budget().used(), 0u);
}

TEST(TilesetStream, keepsOnlyTheTextsOfWhatIsSettled) {
    QuadtreeWorld world(2, 100);
    const std::vector views{viewFrom(0, 0, 300, 0, -90)};
    std::array<std::uint64_t, 2> bytes{};
    for (const bool settles : {false, true}) {
        jobs::WorkerPool workers(2);
        MemorySource source;
        source.files = world.files;
        stream::StreamOptions options;
        options.contentStays = !settles;
        stream::TilesetStream stream(workers, source, options);
        stream.openTileset(io::Location{io::Location::Kind::http, "http://test", "/world/tileset.json"}, {.id = "world"});
        std::vector<tiles::TileId> tiles;
        for (std::uint64_t i = 0; i < 200 && !stream.complete(); ++i) {
            stream.update(views, 16, i);
            workers.drain();
            for (const auto& tile : stream.takeDecoded(1 << 20)) {
                ASSERT_FALSE(tile.content->primitives.empty());
                stream.reportResident(tile.id, 1000);
                if (settles) stream.reportSettled(tile.id);
                tiles.push_back(tile.id);
            }
        }
        ASSERT_TRUE(stream.complete());
        for (const auto id : tiles) {
            const auto& resident = *stream.resident(id);
            EXPECT_EQ(resident.content->primitives.empty(), settles);
            ASSERT_EQ(resident.texts->rows(), 100u);
            EXPECT_EQ(resident.texts->name(0), "id");
            EXPECT_EQ(resident.texts->text(0, 7).back(), '7');
            EXPECT_EQ(resident.featureNumbers->size(), 100u);
        }
        bytes[settles] = stream.budget().used();
        EXPECT_GE(stream.stats().neededBytes, stream.budget().used() + (settles ? bytes[0] / 10 : 0)) << "while the last of it was loaded";
        EXPECT_EQ(stream.stats().cpuBytes + stream.stats().gpuBytes, stream.budget().used() + stream.stats().asideBytes);
        stream.setVisible(0, false);
        stream.setBudget(0);
        for (std::uint64_t i = 300; i < 305; ++i) stream.update(views, 16, i), stream.takeRetired();
        EXPECT_EQ(stream.budget().used(), 0u);
    }
    EXPECT_LT(bytes[1] * 3, bytes[0]);
}

TEST(TilesetStream, opensAFileWhateverItsName) {
    const auto folder = std::filesystem::temp_directory_path() / "matou stream #1 50%";
    std::filesystem::create_directories(folder);
    const auto bytes = squareGlb(0, 0, 0, 10, 2);
    ASSERT_TRUE(core::writeFile(folder / "a b#1:100%.glb", bytes));
    jobs::WorkerPool workers(1);
    io::NetworkByteSource source;
    stream::TilesetStream stream(workers, source);
    stream.openTileset((folder / "a b#1:100%.glb").string(), {.id = "m", .ecefFromLayer = geo::ecefFromEnu(worldCenter())});
    const std::vector views{viewFrom(0, 0, 50, 0, -90)};
    for (std::uint64_t i = 0; i < 1000 && !stream.complete(); ++i) {
        stream.update(views, 16, i);
        workers.drain();
        for (const auto& tile : stream.takeDecoded(1)) stream.reportResident(tile.id, tile.gpuBytesReserved);
        std::this_thread::sleep_for(1ms);
    }
    EXPECT_EQ(stream.stats().trianglesDrawn, 2u);
    for (const auto& failure : stream.failures()) ADD_FAILURE() << failure.error.code << " " << failure.error.where;
    std::filesystem::remove_all(folder);
}
