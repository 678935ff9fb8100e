// The sun traced for each pixel: the GPU's ways against the CPU's, and a pole's shadow against the sun's own angles.

#include <algorithm>
#include <chrono>
#include <cmath>
#include <functional>
#include <numbers>
#include <random>

#include <glm/gtc/matrix_transform.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/clock.h"
#include "engine/sun_reference.h"
#include "geo/sun.h"
#include "render/environment.h"

namespace matou::testing {
namespace {

constexpr spatial::LayerMask kSolid = 1, kFlat = 2;
constexpr double kLatitude = 31.19, kLongitude = 121.51;

void addQuad(std::vector<spatial::Triangle>& out, const glm::vec3& a, const glm::vec3& b, const glm::vec3& c, const glm::vec3& d,
             std::uint32_t feature = model::kNoFeature) {
    out.push_back({a, b, c, feature});
    out.push_back({a, c, d, feature});
}

void addBlock(std::vector<spatial::Triangle>& out, const glm::vec3& l, const glm::vec3& h, std::uint32_t feature = model::kNoFeature) {
    addQuad(out, {l.x, l.y, l.z}, {h.x, l.y, l.z}, {h.x, l.y, h.z}, {l.x, l.y, h.z}, feature);
    addQuad(out, {h.x, l.y, l.z}, {h.x, h.y, l.z}, {h.x, h.y, h.z}, {h.x, l.y, h.z}, feature);
    addQuad(out, {h.x, h.y, l.z}, {l.x, h.y, l.z}, {l.x, h.y, h.z}, {h.x, h.y, h.z}, feature);
    addQuad(out, {l.x, h.y, l.z}, {l.x, l.y, l.z}, {l.x, l.y, h.z}, {l.x, h.y, h.z}, feature);
    addQuad(out, {l.x, l.y, h.z}, {h.x, l.y, h.z}, {h.x, h.y, h.z}, {l.x, h.y, h.z}, feature);
}

/// Blocks of a district at its place on the earth: turned, scaled and mirrored contents, one whose origin is kilometres
/// away, a slab over the ground that lies and throws nothing, and a tower that may be hidden.
struct Blocks {
    geo::Ecef anchor = geo::ecefFromGeodetic({kLatitude, kLongitude, 10});
    spatial::SpatialIndex index;
    scene::View view;

    Blocks() {
        const glm::dmat4 place = geo::ecefFromEnu(anchor);
        std::vector<spatial::Triangle> ground, flat;
        addQuad(ground, {-2500, -2500, 0}, {2500, -2500, 0}, {2500, 2500, 0}, {-2500, 2500, 0});
        addQuad(flat, {-30, -60, 4}, {40, -60, 4}, {40, 10, 4}, {-30, 10, 4});
        index.add(1, spatial::Bvh::build(ground), place, {.layer = kFlat});
        index.add(2, spatial::Bvh::build(flat), place, {.layer = kFlat});
        std::mt19937 random(5);
        const auto number = [&](float low, float high) { return low + (high - low) * static_cast<float>(random() % 10000) / 1e4f; };
        for (std::uint64_t content = 0; content < 12; ++content) {
            std::vector<spatial::Triangle> blocks;
            const float scale = number(0.5f, 2.0f);
            for (int i = 0; i < 20; ++i) {
                const glm::vec2 at(number(-90, 90), number(-90, 90)), half(number(3, 9), number(3, 9));
                addBlock(blocks, {at - half, 0}, {at + half, number(6, 60)});
            }
            glm::dmat4 m = place * glm::translate(glm::dmat4(1.0), glm::dvec3(number(-200, 200), number(-200, 200), 0)) *
                           glm::rotate(glm::dmat4(1.0), static_cast<double>(number(0, 6)), glm::dvec3(0, 0, 1)) *
                           glm::scale(glm::dmat4(1.0), glm::dvec3(content % 3 == 0 ? -scale : scale, scale, 1 / scale));
            glm::dvec3 centre(0.0);
            if (content % 4 == 1) { // as a tileset whose root stands elsewhere
                centre = {4000, -3000, 200};
                m = m * glm::translate(glm::dmat4(1.0), -centre);
            }
            index.add(10 + content, spatial::Bvh::build(blocks, centre), m, {.layer = kSolid});
        }
        std::vector<spatial::Triangle> tower;
        addBlock(tower, {-14, 40, 0}, {14, 68, 150}, 0);
        addBlock(tower, {60, 40, 0}, {66, 46, 90}, 1);
        index.add(30, spatial::Bvh::build(tower), place, {.layer = kSolid, .featureNumbers = std::make_shared<const std::vector<std::uint32_t>>(std::vector<std::uint32_t>{7, 8})});
        look({-160, -260, 190}, {0, 0, 0});
    }
    glm::dvec3 at(const glm::dvec3& enu) const { return glm::dvec3(geo::ecefFromEnu(anchor) * glm::dvec4(enu, 1)); }
    void look(const glm::dvec3& from, const glm::dvec3& to) {
        view.eye = geo::eyeFrameLookingAt({at(from)}, {at(to)}, glm::normalize(anchor.meters));
        view.fovYRadians = 0.8;
        view.planeAspect = 1.5;
        view.target = {0, 0, 302, 199}; // no multiple of a group, nor of a word
    }
};

class Trace : public ::testing::TestWithParam<render::TraceWay> {
protected:
    static void SetUpTestSuite() {
        gpu::DeviceOptions options;
        options.validation = true;
        device = std::move(gpu::Device::create(options).value());
    }
    void SetUp() override {
        if (GetParam() == render::TraceWay::rayQuery && !device->optional().rayQuery) GTEST_SKIP() << "the device has no ray queries";
        tracer = std::move(render::SunTracer::create(*device, GetParam()).value());
    }
    void TearDown() override { tracer.reset(); }
    static void TearDownTestSuite() {
        EXPECT_EQ(device->validationMessageCount(), 0u);
        device->waitIdle();
        EXPECT_THAT(device->liveObjects(), ::testing::IsEmpty());
        device.reset();
    }
    static SunMask traced(const scene::View& view, const geo::Ecef& anchor, const glm::dvec3& light, const spatial::SpatialIndex& index,
                          const spatial::Filter& filter = {}) {
        const auto disc = render::sunDisc(glm::dmat3(geo::ecefFromEnu(anchor)) * light);
        auto mask = tracer->trace(view, anchor, disc, tracedContents(index, filter, kSolid));
        EXPECT_TRUE(mask) << (mask ? "" : mask.error().code + " " + mask.error().where);
        return mask ? *mask : nullptr;
    }
    static inline std::unique_ptr<gpu::Device> device;
    static inline std::unique_ptr<render::SunTracer> tracer;
};

struct Shares {
    double same = 0, within = 0; // equal; equal within one of the disc's rays
    double lit = 0, dark = 0;    // of the second
};
Shares compare(const std::vector<std::uint8_t>& a, const std::vector<std::uint8_t>& b) {
    Shares s;
    for (std::size_t i = 0; i < a.size(); ++i) {
        s.same += a[i] == b[i];
        s.within += std::abs(a[i] - b[i]) <= 8;
        s.lit += b[i] == 255;
        s.dark += b[i] == 0;
    }
    for (double* share : {&s.same, &s.within, &s.lit, &s.dark}) *share /= static_cast<double>(a.size());
    return s;
}

double millisecondsOf(const std::function<void()>& work) {
    const auto start = std::chrono::steady_clock::now();
    work();
    return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count();
}

TEST_P(Trace, theGpuFindsWhatTheCpuFinds) {
    Blocks blocks;
    struct Case {
        const char* name;
        glm::dvec3 from, to, light;
    };
    const Case cases[] = {{"from the air, afternoon", {-160, -260, 190}, {0, 0, 0}, {-0.6, -0.35, 0.5}},
                          {"from the street, low sun", {-150, -200, 1.6}, {0, 0, 12}, {0.7, -0.6, 0.14}},
                          {"from 1.5 km, low sun", {-900, -1100, 500}, {0, 0, 0}, {0.7, -0.6, 0.2}}};
    for (const Case& c : cases) {
        blocks.look(c.from, c.to);
        const glm::dvec3 light = glm::normalize(c.light);
        SunMask cpu, gpu;
        const double cpuMs = millisecondsOf([&] { cpu = traceSun(blocks.view, blocks.anchor, light, blocks.index, {}, kSolid); });
        const double gpuMs = millisecondsOf([&] { gpu = traced(blocks.view, blocks.anchor, light, blocks.index); });
        ASSERT_TRUE(gpu);
        ASSERT_EQ(gpu->size(), cpu->size());
        const Shares shares = compare(*gpu, *cpu);
        std::printf("[ figures  ] %-24s equal %.3f %%, within one ray %.3f %%, lit %.0f %%, dark %.0f %%; CPU %.0f ms, GPU %.0f ms\n", c.name,
                    100 * shares.same, 100 * shares.within, 100 * shares.lit, 100 * shares.dark, cpuMs, gpuMs);
        EXPECT_GE(shares.within, 0.999) << c.name;
        EXPECT_GT(shares.lit, 0.02) << c.name;
        EXPECT_GT(shares.dark, 0.02) << c.name;
    }
}

// A mask that says the same everywhere, or that the wrong things throw, must not pass.
TEST_P(Trace, onlyWhatIsThereAndStandsThrowsAShadow) {
    Blocks blocks;
    const glm::dvec3 light = glm::normalize(glm::dvec3(-0.6, -0.35, 0.5));
    const auto all = traced(blocks.view, blocks.anchor, light, blocks.index);
    const Shares whole = compare(*all, *all);
    EXPECT_GT(whole.lit, 0.1);
    EXPECT_GT(whole.dark, 0.1);
    EXPECT_LT(whole.lit + whole.dark, 1.0) << "no edge is soft";
    // One of two features of a content is hidden.
    spatial::Filter filter;
    filter.hidden = [](std::uint32_t number) { return number == 7; };
    const auto without = traced(blocks.view, blocks.anchor, light, blocks.index, filter);
    EXPECT_GE(compare(*without, *traceSun(blocks.view, blocks.anchor, light, blocks.index, filter, kSolid)).within, 0.999);
    EXPECT_LT(compare(*without, *all).same, 0.99);
    // The contents of one view of several.
    filter = {};
    filter.contents = std::make_shared<const std::vector<std::uint64_t>>(std::vector<std::uint64_t>{1, 2, 12, 30});
    const auto few = traced(blocks.view, blocks.anchor, light, blocks.index, filter);
    EXPECT_GE(compare(*few, *traceSun(blocks.view, blocks.anchor, light, blocks.index, filter, kSolid)).within, 0.999);
    EXPECT_GT(compare(*few, *few).lit, whole.lit);
    // What lies alone: nothing is dark. And nothing at all: sky.
    filter.contents = std::make_shared<const std::vector<std::uint64_t>>(std::vector<std::uint64_t>{1, 2});
    EXPECT_EQ(compare(*all, *traced(blocks.view, blocks.anchor, light, blocks.index, filter)).lit, 1.0);
    filter.contents = std::make_shared<const std::vector<std::uint64_t>>();
    EXPECT_EQ(compare(*all, *traced(blocks.view, blocks.anchor, light, blocks.index, filter)).lit, 1.0);
    // The sun below the ground, and nothing but ground in the picture.
    filter.contents = std::make_shared<const std::vector<std::uint64_t>>(std::vector<std::uint64_t>{1});
    blocks.look({-160, -260, 150}, {-160, -240, 0});
    EXPECT_EQ(compare(*all, *traced(blocks.view, blocks.anchor, glm::normalize(glm::dvec3(0.6, 0, -0.5)), blocks.index, filter)).dark, 1.0);
    blocks.look({-160, -260, 190}, {0, 0, 0});
    // The same every time.
    EXPECT_EQ(*all, *traced(blocks.view, blocks.anchor, light, blocks.index));
}

TEST_P(Trace, halvesOfAPlaneMakeTheWhole) {
    Blocks blocks;
    const glm::dvec3 light = glm::normalize(glm::dvec3(-0.6, -0.35, 0.5));
    const auto whole = traced(blocks.view, blocks.anchor, light, blocks.index);
    const int width = blocks.view.target.z, height = blocks.view.target.w, split = 97;
    scene::View right = blocks.view;
    right.window = {static_cast<double>(split) / width, 0, 1, 1};
    right.target = {split, 0, width - split, height};
    const auto part = traced(right, blocks.anchor, light, blocks.index);
    std::size_t same = 0;
    for (int y = 0; y < height; ++y)
        for (int x = split; x < width; ++x)
            same += (*part)[static_cast<std::size_t>(y * (width - split) + x - split)] == (*whole)[static_cast<std::size_t>(y * width + x)];
    EXPECT_GE(same, part->size() * 999 / 1000);
}

TEST_P(Trace, givesBackWhatNobodyNeeds) {
    Blocks blocks;
    tracer->retireAll();
    EXPECT_EQ(tracer->byteSize(), 0u);
    const glm::dvec3 light = glm::normalize(glm::dvec3(-0.6, -0.35, 0.5));
    static_cast<void>(traced(blocks.view, blocks.anchor, light, blocks.index));
    const auto bytes = tracer->byteSize();
    EXPECT_GT(bytes, 2500u * 36);
    // Each content once: without what rays do not need, or with what the driver makes of it.
    EXPECT_LT(bytes, blocks.index.byteSize() * (GetParam() == render::TraceWay::walk ? 1 : 4));
    tracer->retireUnused();
    EXPECT_EQ(tracer->byteSize(), bytes); // used since the last call
    blocks.index.remove(30);
    static_cast<void>(traced(blocks.view, blocks.anchor, light, blocks.index));
    tracer->retireUnused();
    EXPECT_LT(tracer->byteSize(), bytes);
    tracer->retireUnused();
    EXPECT_EQ(tracer->byteSize(), 0u);
    // A mask that nothing changed is the one of before, and its triangles leave the GPU.
    SunReference reference(*device);
    const auto first = reference.trace(blocks.view, blocks.anchor, light, blocks.index, {}, kSolid).value();
    reference.endFrame();
    EXPECT_GT(reference.figures().bytes, 0u);
    EXPECT_EQ(first, reference.trace(blocks.view, blocks.anchor, light, blocks.index, {}, kSolid).value());
    reference.endFrame();
    EXPECT_EQ(reference.figures().bytes, 0u);
    blocks.index.remove(12);
    EXPECT_NE(*first, *reference.trace(blocks.view, blocks.anchor, light, blocks.index, {}, kSolid).value());
    EXPECT_FALSE(reference.takeRemark()) << "the CPU did it";
}

/// A pole of 100 m, 16 m broad towards the sun so that there is full shadow to its end, seen from straight above.
struct Pole {
    static constexpr double kMeters = 100, kHalfBreadth = 8, kHalfDepth = 1, kStrip = 3;
    static constexpr int kPixels = 512;
    geo::Ecef anchor = geo::ecefFromGeodetic({kLatitude, kLongitude, 10});
    spatial::SpatialIndex index;
    scene::View view;
    glm::dvec2 along, across, middle; // of the shadow, where the sun's angles put it
    double expected, metersPerPixel;

    explicit Pole(const geo::SunPosition& sun) {
        expected = kMeters / std::tan(glm::radians(sun.elevationDegrees));
        const double bearing = glm::radians(sun.azimuthDegrees + 180);
        along = {std::sin(bearing), std::cos(bearing)};
        across = {along.y, -along.x};
        middle = 0.5 * expected * along;
        const glm::dmat4 place = geo::ecefFromEnu(anchor);
        std::vector<spatial::Triangle> ground, pole;
        addQuad(ground, {-2500, -2500, 0}, {2500, -2500, 0}, {2500, 2500, 0}, {-2500, 2500, 0});
        addBlock(pole, {-kHalfBreadth, -kHalfDepth, 0}, {kHalfBreadth, kHalfDepth, kMeters});
        index.add(1, spatial::Bvh::build(ground), place, {.layer = kFlat});
        index.add(2, spatial::Bvh::build(pole), place * glm::rotate(glm::dmat4(1.0), -bearing, glm::dvec3(0, 0, 1)), {.layer = kSolid});
        const double eyeMeters = std::max(300.0, 1.2 * expected);
        const auto at = [&](double up) { return geo::Ecef{glm::dvec3(place * glm::dvec4(middle, up, 1))}; };
        view.eye = geo::eyeFrameLookingAt(at(eyeMeters), at(0), glm::dvec3(place[1]));
        view.fovYRadians = 2 * std::atan(0.75 * (expected + 60) / eyeMeters);
        view.planeAspect = 1;
        view.target = {0, 0, kPixels, kPixels};
        metersPerPixel = 1.5 * (expected + 60) / kPixels;
    }
    /// Where the shadow ends and how far it is turned, of the mask. Soft light spreads an edge and takes nothing from its sum.
    struct Measured {
        double meters = 0, turnedDegrees = 0;
    };
    Measured measure(const std::vector<std::uint8_t>& mask) const {
        const double begin = 0.5 * expected;
        double length = 0, turned = 0, weight = 0;
        for (int y = 0; y < kPixels; ++y)
            for (int x = 0; x < kPixels; ++x) {
                const glm::dvec2 at = middle + metersPerPixel * glm::dvec2(x + 0.5 - kPixels / 2.0, kPixels / 2.0 - y - 0.5);
                const double l = glm::dot(at, along), side = glm::dot(at, across);
                const double shade = 1 - mask[static_cast<std::size_t>(y * kPixels + x)] / 255.0;
                // A pixel on the strip's rim counts for what it has of it, else a strip along the grid is a pixel too wide.
                const double inStrip = std::clamp((kStrip - std::abs(side)) / metersPerPixel + 0.5, 0.0, 1.0);
                length += shade * inStrip * std::clamp((l - begin) / metersPerPixel + 0.5, 0.0, 1.0);
                if (l < 0.3 * expected || l > 0.9 * expected || std::abs(side) > 25) continue;
                turned += shade * side / l;
                weight += shade;
            }
        // The strip's shaded area over its width; the pole's far side throws the end.
        return {begin + length * metersPerPixel * metersPerPixel / (2 * kStrip) - kHalfDepth, glm::degrees(turned / std::max(weight, 1.0))};
    }
};

TEST_P(Trace, aPolesShadowEndsWhereTheSunPutsIt) {
    struct Hour {
        const char *day, *name;
        double trueSolarHours;
    };
    constexpr Hour kHours[] = {{"2025-01-20T12:00:00+08:00", "大寒日", 8}, {"2025-01-20T12:00:00+08:00", "大寒日", 12}, {"2025-01-20T12:00:00+08:00", "大寒日", 16},
                               {"2024-12-21T12:00:00+08:00", "冬至日", 9}, {"2024-12-21T12:00:00+08:00", "冬至日", 15}, {"2025-06-21T12:00:00+08:00", "夏至日", 9.5}};
    for (const Hour& hour : kHours) {
        const auto instant = geo::instantAtTrueSolarHours(*core::parseInstant(hour.day), hour.trueSolarHours, kLongitude);
        const auto sun = geo::sunPosition(instant, kLatitude, kLongitude);
        Pole pole(sun);
        const auto measured = [&](const geo::SunPosition& drawn) {
            pole.view.sunDirection = geo::directionEnu(drawn);
            return pole.measure(*traced(pole.view, pole.anchor, render::lightDirection(pole.view, false), pole.index));
        };
        const auto found = measured(sun);
        const double lengthError = 100 * (found.meters / pole.expected - 1);
        std::printf("[ figures  ] %s %4.1f h true solar (%s): elevation %6.3f, h/tan(e) %8.3f m, traced %8.3f m, %+6.3f %%, %+6.3f degrees\n", hour.name,
                    hour.trueSolarHours, core::formatBeijing(instant).c_str(), sun.elevationDegrees, pole.expected, found.meters, lengthError, found.turnedDegrees);
        EXPECT_LT(std::abs(lengthError), 0.5) << hour.name << hour.trueSolarHours;
        EXPECT_LT(std::abs(found.turnedDegrees), 0.1) << hour.name << hour.trueSolarHours;
        auto beside = sun; // the measure can fail
        beside.azimuthDegrees += 0.3;
        beside.elevationDegrees += 0.3;
        const auto other = measured(beside);
        EXPECT_GT(std::abs(other.turnedDegrees), 0.2);
        EXPECT_GT(std::abs(100 * (other.meters / pole.expected - 1)), 0.5);
    }
}

INSTANTIATE_TEST_SUITE_P(Ways, Trace, ::testing::Values(render::TraceWay::walk, render::TraceWay::rayQuery),
                         [](const auto& way) { return way.param == render::TraceWay::walk ? "walk" : "rayQuery"; });

} // namespace
} // namespace matou::testing
