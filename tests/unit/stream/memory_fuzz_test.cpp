// Random budgets over a generated city with moving cameras: never over the budget, never a hole, coarser soon after less, the
// whole picture again where there is room. MATOU_MEMORY_BUDGETS says how many budgets (default 12; the label `fuzz` runs 200).

#include <cstdlib>
#include <random>

#include <gtest/gtest.h>

#include "quadtree_world.h"
#include "stream/tileset_stream.h"

using namespace matou;
using namespace matou::test;

namespace {

int budgets() {
    const char* wanted = std::getenv("MATOU_MEMORY_BUDGETS");
    return wanted ? std::max(1, std::atoi(wanted)) : 12;
}

/// Plays the engine with two layers (the city, and another one over it) and asserts after every frame what must hold.
struct City {
    explicit City(const QuadtreeWorld& fine, const QuadtreeWorld& flat, std::uint64_t budget, unsigned seed) : random(seed) {
        for (const auto& [path, bytes] : fine.files) source.files["/fine" + path] = bytes;
        for (const auto& [path, bytes] : flat.files) source.files["/flat" + path] = bytes;
        stream::StreamOptions options;
        options.budgetBytes = budget;
        options.contentStays = false;
        options.fadeSeconds = seed % 2 ? 0.3 : 0;
        fades = options.fadeSeconds > 0;
        options.besideBytesOf = [](const model::Content& content) { return std::uint64_t{content.triangleCount()} * 96 + 1024; };
        stream = std::make_unique<stream::TilesetStream>(workers, source, options);
        stream->openTileset(io::Location{io::Location::Kind::http, "http://test", "/fine/world/tileset.json"}, {.id = "fine"});
        stream->openTileset(io::Location{io::Location::Kind::http, "http://test", "/flat/world/tileset.json"}, {.id = "flat"});
    }

    /// What the caller holds is counted apart from what the stream says.
    void frame(std::span<const tiles::ViewState> views) {
        stream->update(views, 16, ++number);
        if (random() % 3 != 0) workers.drain(); // else what is under way arrives in a later frame
        for (const auto id : stream->takeRetired()) uploaded.erase(id);
        for (const auto& tile : stream->takeDecoded(random() % 3 == 0 ? 1 : 1 << 20)) {
            stream->reportResident(tile.id, tile.gpuBytesReserved);
            uploaded[tile.id] = {tile.gpuBytesReserved, tile.texts->byteSize()};
            unsettled.push_back(tile.id);
        }
        while (unsettled.size() > random() % 3) { // ray-casting structures come some frames later
            const auto id = unsettled.back();
            unsettled.pop_back();
            if (!uploaded.contains(id)) continue;
            const std::uint64_t beside = 500 + random() % 500;
            stream->reportBeside(id, beside);
            stream->reportSettled(id);
            uploaded[id].second = stream->resident(id)->texts->byteSize() + beside;
        }
        std::uint64_t held = 0;
        for (const auto& [id, bytes] : uploaded) held += bytes.first + bytes.second;
        const auto stats = stream->stats();
        ASSERT_LE(held, stats.cpuBytes + stats.gpuBytes) << "more is held than is said, frame " << number;
        for (const auto& draw : stream->selection().draw) ASSERT_TRUE(uploaded.contains(draw.id)) << "drawn but not there, frame " << number;
        if (!fades) return;
        stream->show(1.0 / 30);
        framesFading += stream->shown().empty() ? 0 : 1;
        for (const auto& shown : stream->shown()) ASSERT_TRUE(uploaded.contains(shown.id)) << "shown but not there, frame " << number;
    }

    void expectWithinBudget() const {
        const auto stats = stream->stats();
        ASSERT_LE(stats.cpuBytes + stats.gpuBytes, stats.budgetBytes) << "frame " << number; // no 2 % are needed
    }

    /// Every point of the ground that a view sees is covered exactly once by each layer.
    void expectCompleteCut(std::span<const tiles::ViewState> views) const {
        const auto enu = geo::ecefFromEnu(worldCenter());
        for (std::uint32_t layer = 0; layer < 2; ++layer) {
            for (std::size_t v = 0; v < views.size(); ++v) {
                std::vector<tiles::DrawTile> draw;
                for (const auto& d : stream->selection().draw)
                    if (d.id.layer == layer && (d.views >> v & 1)) draw.push_back(d);
                for (int i = 0; i < 20; ++i)
                    for (int j = 0; j < 20; ++j) {
                        const double east = (i + 0.37) / 20 * kWorldMeters - kWorldMeters / 2, north = (j + 0.41) / 20 * kWorldMeters - kWorldMeters / 2;
                        const glm::dvec3 point(enu * glm::dvec4(east, north, 0, 1));
                        if (geo::classify(geo::BoundingVolume(geo::Sphere{point, 0}), views[v].frustum) == geo::Containment::outside) continue;
                        ASSERT_EQ(timesCovered(*stream->tree(layer), draw, east, north), 1)
                            << "layer " << layer << " view " << v << " at " << east << " " << north << ", frame " << number;
                        if (!stream->shown().empty()) {
                            ASSERT_NEAR(shareShown(layer, v, point), 1.0, 1e-6)
                                << "layer " << layer << " view " << v << " at " << east << " " << north << ", frame " << number;
                        }
                    }
            }
        }
    }

    /// Of a point of the ground, while levels fade into one another.
    double shareShown(std::uint32_t layer, std::size_t view, const glm::dvec3& point) const {
        double share = 0;
        for (const auto& s : stream->shown())
            if (s.id.layer == layer && (s.views >> view & 1) && geo::distanceTo((*stream->tree(layer))[s.id.tile].volume, point) == 0)
                share += static_cast<double>(s.keepTo) - static_cast<double>(s.keepFrom);
        return share;
    }

    bool settle(std::span<const tiles::ViewState> views) {
        for (int i = 0; i < 3000; ++i) {
            frame(views);
            if (::testing::Test::HasFatalFailure()) return false;
            if (stream->complete() && unsettled.empty()) return true;
        }
        return false;
    }

    std::mt19937 random;
    bool fades = false;
    std::size_t framesFading = 0;
    jobs::WorkerPool workers{2};
    MemorySource source;
    std::unique_ptr<stream::TilesetStream> stream;
    std::uint64_t number = 0;
    std::map<tiles::TileId, std::pair<std::uint64_t, std::uint64_t>> uploaded; // GPU, CPU
    std::vector<tiles::TileId> unsettled;
};

/// Two views, as a wall or a swipe has: one flies round the city, one walks through it.
std::vector<tiles::ViewState> viewsAt(double t) {
    return {viewFrom(350 * std::sin(t), 350 * std::cos(t), 160 + 120 * std::sin(3 * t), 180 + glm::degrees(t), -32),
            viewFrom(-300 + 60 * t, 40 * std::sin(t), 25, 90, -12)};
}

std::vector<tiles::TileId> drawnOf(const City& city) {
    std::vector<tiles::TileId> out;
    for (const auto& d : city.stream->selection().draw) out.push_back(d.id);
    return out;
}

TEST(MemoryFuzz, keepsTheBudgetAndTheWholeViewAtEveryFrame) {
    const QuadtreeWorld fine(5, 120), flat(3, 10);
    const auto last = viewsAt(6.0);
    std::uint64_t need = 0;
    std::vector<tiles::TileId> whole;
    {
        City unlimited(fine, flat, std::uint64_t{1} << 40, 1);
        ASSERT_TRUE(unlimited.settle(last));
        need = unlimited.stream->stats().cpuBytes + unlimited.stream->stats().gpuBytes;
        whole = drawnOf(unlimited);
    }
    std::mt19937 random(20260);
    std::size_t coarser = 0, equal = 0, fading = 0;
    for (int run = 0; run < budgets(); ++run) {
        SCOPED_TRACE("budget number " + std::to_string(run));
        const auto anyBudget = [&] { return need / 8 + static_cast<std::uint64_t>(random()) % (need + need / 8); };
        const auto first = anyBudget(), second = run % 4 == 0 ? need + need / 8 : anyBudget();
        City city(fine, flat, first, static_cast<unsigned>(run));
        ASSERT_TRUE(city.settle(viewsAt(0)));
        for (int i = 0; i < 120; ++i) {
            if (i == 60) city.stream->setBudget(second);
            const auto views = viewsAt(0.05 * i);
            city.frame(views);
            if (HasFatalFailure()) return;
            city.expectCompleteCut(views);
            // Lowered: what is drawn may be too much for a moment, less than a second long.
            if (i < 60 || second >= first) city.expectWithinBudget();
            if (HasFatalFailure()) return;
        }
        city.expectWithinBudget(); // 60 frames after the change
        ASSERT_TRUE(city.settle(last));
        city.expectWithinBudget();
        city.expectCompleteCut(last);
        if (HasFatalFailure()) return;
        if (second >= need) {
            EXPECT_EQ(drawnOf(city), whole);
            EXPECT_FALSE(city.stream->stats().limited);
            ++equal;
        } else if (const bool less = drawnOf(city).size() < whole.size(); less || second < need / 2) {
            // Between these what is drawn may just fit, since the need counts what is held beside it too.
            EXPECT_TRUE(less);
            EXPECT_TRUE(city.stream->stats().limited);
            ++coarser;
        }
        EXPECT_TRUE(city.stream->failures().empty());
        fading += city.framesFading;
    }
    std::cout << coarser << " budgets were coarser, " << equal << " showed everything; need " << need << " bytes; " << fading << " frames faded\n";
    EXPECT_GT(equal, 0u);
    EXPECT_GT(fading, 0u);
    EXPECT_GT(coarser, 0u);
}

TEST(MemoryFuzz, givesEverythingBackAfterManyBudgets) {
    const QuadtreeWorld fine(4, 60), flat(2, 10);
    City city(fine, flat, std::uint64_t{1} << 40, 5);
    ASSERT_TRUE(city.settle(viewsAt(0)));
    const auto need = city.stream->stats().cpuBytes + city.stream->stats().gpuBytes;
    for (int i = 0; i < 12; ++i) {
        const auto views = viewsAt(0.4 * i);
        city.stream->setBudget(need);
        ASSERT_TRUE(city.settle(views)) << "view " << i;
        city.stream->setBudget(std::max(need / 6, city.stream->stats().floorBytes)); // below the floor it would never be complete
        ASSERT_TRUE(city.settle(views)) << "view " << i << ", less";
    }
    for (const std::uint32_t layer : {0u, 1u}) city.stream->setVisible(layer, false);
    city.stream->setBudget(0);
    for (int i = 0; i < 10; ++i) city.frame(viewsAt(0));
    EXPECT_EQ(city.stream->budget().used(), 0u);
    EXPECT_TRUE(city.uploaded.empty());
}

} // namespace
