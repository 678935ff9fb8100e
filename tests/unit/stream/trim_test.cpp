// External tilesets that nobody looks at go, and come back as they were.

#include <gtest/gtest.h>

#include "quadtree_world.h"
#include "stream/tileset_stream.h"

using namespace matou;
using namespace matou::test;

namespace {

constexpr double kApartMeters = 6000;

/// Four of the quadtree's worlds in a row to the east, each an external tileset; one tile of the last is missing.
struct Row {
    static constexpr std::uint64_t kTrimAfter = 128;
    MemorySource source;
    jobs::WorkerPool workers{2};
    std::unique_ptr<stream::TilesetStream> stream;
    std::uint64_t number = 0;

    explicit Row(std::uint64_t budget, std::uint64_t treeBytes = std::uint64_t{64} << 20) {
        QuadtreeWorld world(3);
        source.files = world.files;
        const glm::dvec3 east(geo::ecefFromEnu(worldCenter())[0]);
        std::string children;
        for (int i = 0; i < 4; ++i) {
            source.files["/world/e" + std::to_string(i) + ".json"] = world.files["/world/tileset.json"];
            char text[400];
            std::snprintf(
                text, sizeof text,
                R"(%s{"boundingVolume":{"sphere":[%.9g,%.9g,%.9g,800]},"geometricError":300,"content":{"uri":"e%d.json"},"transform":[1,0,0,0,0,1,0,0,0,0,1,0,%.9g,%.9g,%.9g,1]})",
                i ? "," : "", worldCenter().meters.x, worldCenter().meters.y, worldCenter().meters.z, i,
                east.x * i * kApartMeters, east.y * i * kApartMeters, east.z * i * kApartMeters);
            children += text;
        }
        source.files["/world/row.json"] = bytesOf(
            R"({"asset":{"version":"1.1"},"geometricError":400,"root":{"boundingVolume":{"sphere":[0,0,0,7000000]},"geometricError":400,"refine":"ADD",
"content":{"uri":"t.glb"},"children":[)" +
            children + "]}}");
        stream::StreamOptions options;
        options.budgetBytes = budget;
        options.trimAfterUpdates = kTrimAfter;
        options.treeBytes = treeBytes;
        stream = std::make_unique<stream::TilesetStream>(workers, source, options);
        stream->openTileset(io::Location{io::Location::Kind::http, "http://test", "/world/row.json"}, {.id = "row"});
    }
    static std::vector<tiles::ViewState> over(int place) { return {viewFrom(place * kApartMeters, -200, 200, 0, -45)}; }
    void frame(std::span<const tiles::ViewState> views) {
        stream->update(views, 16, ++number);
        workers.drain();
        (void)stream->takeRetired();
        for (const auto& tile : stream->takeDecoded(1 << 20))
            stream->reportResident(tile.id, tile.gpuBytesReserved);
    }
    bool settle(std::span<const tiles::ViewState> views) {
        for (int i = 0; i < 2000; ++i) {
            frame(views);
            if (stream->complete()) return true;
        }
        return false;
    }
    void rest(std::span<const tiles::ViewState> views) {
        for (std::uint64_t i = 0; i < 2 * kTrimAfter; ++i)
            frame(views);
    }
    std::vector<std::string> drawn() const {
        std::vector<std::string> out;
        for (const auto& d : stream->selection().draw)
            out.push_back(stream->tree(0)->path(d.id.tile));
        return out;
    }
};

TEST(Trim, cutsBackWhatNobodyLooksAtAndBringsItBackTheSame) {
    Row row(300'000); // hardly more than one of them
    ASSERT_TRUE(row.settle(Row::over(0)));
    const auto first = row.drawn();
    ASSERT_GT(first.size(), 4u);
    for (int lap = 0; lap < 3; ++lap)
        for (int place = 0; place < 4; ++place) {
            ASSERT_TRUE(row.settle(Row::over(place)));
            row.rest(Row::over(place));
            EXPECT_TRUE(row.stream->complete());
            EXPECT_LE(row.stream->stats().grafts, 2u);
        }
    EXPECT_GE(row.stream->stats().pruned, 8u);
    ASSERT_TRUE(row.settle(Row::over(0)));
    EXPECT_EQ(row.drawn(), first);
    EXPECT_LE(row.stream->tree(0)->tiles.size(), 5u + 2 * 21u);
    EXPECT_TRUE(row.stream->failures().empty());
}

TEST(Trim, keepsWhatIsResidentWhileTreesAreSmallAndCutsItWhenTheyAreNot) {
    Row roomy(1 << 30);
    for (int place = 0; place < 4; ++place)
        ASSERT_TRUE(roomy.settle(Row::over(place)));
    roomy.rest(Row::over(3));
    EXPECT_EQ(roomy.stream->stats().grafts, 4u); // a look back costs nothing
    EXPECT_EQ(roomy.stream->stats().pruned, 0u);

    Row narrow(1 << 30, 10'000);
    for (int place = 0; place < 4; ++place)
        ASSERT_TRUE(narrow.settle(Row::over(place)));
    narrow.rest(Row::over(3));
    EXPECT_EQ(narrow.stream->stats().grafts, 1u);
    EXPECT_EQ(narrow.stream->stats().pruned, 3u);
    EXPECT_TRUE(narrow.stream->complete());
}

TEST(Trim, neverCutsWhatIsOnItsWay) {
    Row row(1 << 30);
    ASSERT_TRUE(row.settle(Row::over(0)));
    row.source.hold = true;
    for (int i = 0; i < 3; ++i)
        row.frame(Row::over(1)); // the tileset is asked for, and does not come
    row.source.release();
    row.workers.drain();
    row.source.hold = true; // it is there, its tiles are on their way
    for (std::uint64_t i = 0; i < 3 * Row::kTrimAfter; ++i)
        row.frame(Row::over(1));
    EXPECT_EQ(row.stream->stats().pruned, 0u);
    row.source.release();
    EXPECT_TRUE(row.settle(Row::over(1)));
}

TEST(Trim, saysAFailureOnceHoweverOftenItsTilesetComes) {
    Row row(300'000);
    row.source.missing.insert("/world/t1.glb");
    for (int lap = 0; lap < 3; ++lap)
        for (const int place : {0, 3}) {
            ASSERT_TRUE(row.settle(Row::over(place)));
            row.rest(Row::over(place));
        }
    EXPECT_GE(row.stream->stats().pruned, 3u);
    EXPECT_EQ(row.stream->failures().size(), 2u); // of two tilesets
}

} // namespace
