// A rehearsed tour never pops: what its coming seconds need is there when it comes, from a server that is 50 ms away.

#include <chrono>
#include <fstream>
#include <numbers>
#include <thread>

#include <gtest/gtest.h>

#include "quadtree_world.h"
#include "stream/tileset_stream.h"
#include "support/tile_server.h"
#include "support/tiny_district.h"

using namespace matou;
using namespace matou::test;

namespace {

constexpr double kFps = 60, kSeconds = 5;
constexpr double kAhead[] = {0.15, 0.35, 0.6, 1.0, 1.6, 2.3, 3.1};

/// Low over the world, a quarter of a circle round its middle; looking ahead.
tiles::ViewState along(double seconds, double wider = 0) {
    const double angle = -0.8 + 1.6 * seconds / kSeconds;
    const auto enu = geo::ecefFromEnu(worldCenter());
    const geo::Ecef eye{glm::dvec3(enu * glm::dvec4(420 * std::sin(angle), 420 * std::cos(angle) - 200, 60, 1))};
    const auto frame = geo::eyeFrameFromPose({geo::geodeticFromEcef(eye), 90 + angle * 180 / std::numbers::pi, -35, 0});
    return tiles::widerViewStateOf(frame, 0.9, 16.0 / 9.0, {0, 0, 1, 1}, 0.3, 1080, wider);
}

/// Answers `frames` updates after it was asked.
class LateSource final : public io::ByteSource {
public:
    explicit LateSource(int frames) : _frames(frames) {}
    std::map<std::string, Bytes> files;
    io::RequestId request(const io::Location& location, double, io::Completion completion) override {
        _waiting[++_last] = {_now + _frames, location, std::move(completion)};
        return _last;
    }
    void cancel(io::RequestId id) override { _waiting.erase(id); }
    io::SourceStats stats() const override { return {}; }
    void frame() {
        ++_now;
        std::vector<Waiting> due;
        for (auto it = _waiting.begin(); it != _waiting.end();) {
            if (it->second.at > _now) {
                ++it;
                continue;
            }
            due.push_back(std::move(it->second));
            it = _waiting.erase(it);
        }
        for (auto& w : due)
            w.completion(files.at(w.location.path));
    }

private:
    struct Waiting {
        int at = 0;
        io::Location location;
        io::Completion completion;
    };
    int _frames, _now = 0;
    io::RequestId _last = 0;
    std::map<io::RequestId, Waiting> _waiting;
};

struct Flight {
    int coarse = 0; // frames that do not show all that they aim at
    int slow = 0;   // updates over 16 ms
    stream::StreamStats stats;
};

/// Begins a second after the first view is whole.
template <class BetweenFrames>
Flight fly(io::ByteSource& source, jobs::WorkerPool& workers, const io::Location& location, std::uint64_t budget,
           bool prefetch, BetweenFrames between) {
    stream::StreamOptions options;
    options.budgetBytes = budget;
    stream::TilesetStream stream(workers, source, options);
    stream.openTileset(location, {.id = "world"});
    std::uint64_t number = 0;
    std::set<tiles::TileId> uploaded;
    const auto frame = [&](double seconds) {
        if (prefetch) {
            std::vector<std::vector<tiles::ViewState>> moments;
            for (const double ahead : kAhead)
                moments.push_back({along(std::min(seconds + ahead, kSeconds), 0.1)});
            stream.setComing(std::move(moments));
        }
        const std::vector views{along(seconds)};
        stream.update(views, 16, ++number);
        for (const auto id : stream.takeRetired())
            uploaded.erase(id);
        for (const auto& tile : stream.takeDecoded(1 << 20)) {
            stream.reportResident(tile.id, tile.gpuBytesReserved);
            uploaded.insert(tile.id);
        }
        for (const auto& draw : stream.selection().draw)
            EXPECT_TRUE(uploaded.contains(draw.id));
        const auto stats = stream.stats();
        EXPECT_LE(stats.cpuBytes + stats.gpuBytes, stats.budgetBytes) << "frame " << number;
    };
    for (int i = 0; i < 4000 && !stream.complete(); ++i) {
        frame(0);
        between();
    }
    EXPECT_TRUE(stream.complete());
    for (int i = 0; i < static_cast<int>(kFps); ++i) { // it stands for a second, as a tour's first step does
        frame(0);
        between();
    }
    Flight flight;
    for (int i = 0; i < static_cast<int>(kSeconds * kFps); ++i) {
        frame(i / kFps);
        flight.coarse += !stream.complete();
        between();
    }
    flight.stats = stream.stats();
    EXPECT_TRUE(stream.failures().empty());
    return flight;
}

Flight flyInSteps(std::uint64_t budget, bool prefetch) {
    const QuadtreeWorld world(6, 20);
    jobs::WorkerPool workers(2);
    LateSource source(3); // 50 ms at 60 frames a second
    source.files = world.files;
    return fly(source, workers, io::Location{io::Location::Kind::http, "http://test", "/world/tileset.json"}, budget,
               prefetch, [&] {
                   source.frame();
                   workers.drain();
               });
}

TEST(Prefetch, aRehearsedTourShowsEveryFrameInFullAndWithoutItDoesNot) {
    const auto without = flyInSteps(1 << 30, false), with = flyInSteps(1 << 30, true);
    std::printf("in steps of a frame, 50 ms late: %d of %d frames coarser without prefetch, %d with (%llu of %llu "
                "tiles asked for ahead)\n",
                without.coarse, static_cast<int>(kSeconds * kFps), with.coarse,
                static_cast<unsigned long long>(with.stats.prefetched),
                static_cast<unsigned long long>(with.stats.loaded));
    EXPECT_GT(without.coarse, 20);
    EXPECT_EQ(with.coarse, 0);
    EXPECT_GT(with.stats.prefetched, 50u);
}

TEST(Prefetch, takesNoRoomThatThePresentNeeds) {
    // The budget holds one view and a little: prefetching must not make any frame worse (fly() counts bytes at every
    // frame).
    const auto need = flyInSteps(1 << 30, false).stats.neededBytes;
    for (const double share : {0.7, 1.0, 1.3, 1.8}) {
        const auto budget = static_cast<std::uint64_t>(share * static_cast<double>(need));
        const auto without = flyInSteps(budget, false), with = flyInSteps(budget, true);
        std::printf("%.1f of the need: %d frames coarser without prefetch, %d with (%llu ahead)\n", share,
                    without.coarse, with.coarse, static_cast<unsigned long long>(with.stats.prefetched));
        EXPECT_LE(with.coarse, without.coarse + 2);
        EXPECT_EQ(with.stats.limited, without.stats.limited);
    }
}

/// As it is: a server, its network, the clock.
TEST(Prefetch, aServerFiftyMillisecondsAwayIsAheadOfTheTour) {
    const QuadtreeWorld world(6, 20);
    const support::TemporaryFolder folder;
    for (const auto& [path, bytes] : world.files)
        std::ofstream(folder.path / std::filesystem::path(path).filename(), std::ios::binary)
            .write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
    const TileServer server(folder.path);
    ASSERT_NE(server.port, 0) << "python3 is needed";
    int coarse[2];
    for (const bool prefetch : {false, true}) {
        jobs::WorkerPool workers(1);
        io::NetworkByteSource source;
        auto next = std::chrono::steady_clock::now();
        const auto flight =
            fly(source, workers, *io::locationFrom(server.url("late", "tileset.json")), 1 << 30, prefetch, [&] {
                next = std::max(next + std::chrono::microseconds(16'667), std::chrono::steady_clock::now());
                std::this_thread::sleep_until(next);
            });
        coarse[prefetch] = flight.coarse;
    }
    std::printf("over http, 50 ms late, by the clock: %d of %d frames coarser without prefetch, %d with\n", coarse[0],
                static_cast<int>(kSeconds * kFps), coarse[1]);
    EXPECT_GT(coarse[0], 20);
    EXPECT_EQ(coarse[1], 0);
}

} // namespace
