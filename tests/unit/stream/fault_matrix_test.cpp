// A tile server that is out of order for a while, in each of the ways that servers are: the view is complete within a minute of its
// recovery and no tile costs it more than six requests. Short here; MATOU_FAULT_SECONDS=120 for the whole (label soak).
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <thread>

#include <unistd.h>

#include <gtest/gtest.h>

#include "core/json.h"
#include "jobs/worker_pool.h"
#include "stream/tileset_stream.h"
#include "support/tile_server.h"
#include "unit/stream/quadtree_world.h"

using namespace matou;
using namespace matou::test;
using namespace std::chrono_literals;

namespace {

struct Outcome {
    bool complete = false;
    double seconds = 0; // from the first frame
    std::size_t drawn = 0;
    double slowestUpdate = 0;
};

/// Opens the world under that fault and looks at it until all of it is there.
Outcome watch(const std::string& mode, int port, bool whole, double patience, std::size_t wanted) {
    io::Limits limits;
    stream::StreamOptions options;
    if (!whole) { // twenty times as fast
        limits.stallSeconds = 1;
        options.retry = {0.05, 0.25, 2.25};
    }
    jobs::WorkerPool workers(1);
    io::NetworkByteSource source(limits);
    stream::TilesetStream stream(workers, source, options);
    stream.openTileset("http://127.0.0.1:" + std::to_string(port) + "/" + mode + "/tileset.json", {.id = mode});
    const std::vector views{viewFrom(0, 0, 300, 0, -90)};
    const auto start = std::chrono::steady_clock::now();
    const auto since = [](auto from) { return std::chrono::duration<double>(std::chrono::steady_clock::now() - from).count(); };
    Outcome out;
    for (std::uint64_t frame = 1; since(start) < patience; ++frame) {
        const auto began = std::chrono::steady_clock::now();
        stream.update(views, 4, frame);
        out.slowestUpdate = std::max(out.slowestUpdate, since(began));
        for (const auto id : stream.takeRetired()) (void)id;
        for (const auto& tile : stream.takeDecoded(1 << 24)) stream.reportResident(tile.id, tile.gpuBytesReserved);
        out.drawn = stream.selection().draw.size();
        if (stream.complete() && out.drawn >= wanted) {
            out.complete = true;
            break;
        }
        std::this_thread::sleep_for(5ms);
    }
    out.seconds = since(start);
    return out;
}

TEST(FaultMatrix, theViewCompletesAfterEachFaultAndNoTileIsAskedForMoreThanSixTimes) {
    ::unsetenv("http_proxy");
    const char* asked = std::getenv("MATOU_FAULT_SECONDS");
    const bool whole = asked && *asked;
    const double seconds = whole ? std::atof(asked) : 6.0, recovery = whole ? 60.0 : 6.0;
    const auto folder = std::filesystem::temp_directory_path() / ("matou-faults-" + std::to_string(::getpid()));
    std::filesystem::create_directories(folder);
    QuadtreeWorld world(3);
    for (const auto& [path, bytes] : world.files)
        std::ofstream(folder / std::filesystem::path(path).filename(), std::ios::binary).write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
    TileServer server(folder, seconds);
    ASSERT_NE(server.port, 0) << "python3 is needed";

    const auto well = watch("none", server.port, whole, 30, 1);
    ASSERT_TRUE(well.complete);
    ASSERT_GT(well.drawn, 4u);
    const std::vector<std::string> modes{"500", "503", "429", "slow", "cut", "short", "long", "type", "some"};
    std::vector<Outcome> outcomes(modes.size());
    std::vector<std::thread> lanes;
    for (std::size_t i = 0; i < modes.size(); ++i) lanes.emplace_back([&, i] { outcomes[i] = watch(modes[i], server.port, whole, seconds + recovery, well.drawn); });
    for (auto& lane : lanes) lane.join();

    io::NetworkByteSource source;
    const auto counted = io::readNow(source, *io::locationFrom("http://127.0.0.1:" + std::to_string(server.port) + "/counts"));
    ASSERT_TRUE(counted);
    const auto counts = core::Json::parse(std::string(reinterpret_cast<const char*>(counted->data()), counted->size()));
    for (std::size_t i = 0; i < modes.size(); ++i) {
        int most = 0;
        for (const auto& [path, count] : counts[modes[i]]["requests"].items()) most = std::max(most, count.get<int>());
        std::printf("%-6s complete after %6.1f s (faulty for %.0f s), at most %d requests a tile, slowest update %.1f ms\n", modes[i].c_str(), outcomes[i].seconds, seconds, most,
                    outcomes[i].slowestUpdate * 1000);
        EXPECT_TRUE(outcomes[i].complete) << modes[i] << ": " << outcomes[i].drawn << " tiles drawn";
        EXPECT_LE(most, 6) << modes[i] << counts[modes[i]]["requests"].dump();
        EXPECT_TRUE(modes[i] == "some" || outcomes[i].seconds > seconds * 0.8) << "the fault was there";
    }
    std::filesystem::remove_all(folder);
}

} // namespace
