// Shadows that do not lie: what throws them may stand outside of the picture, come and go, and the camera may move.

#include <algorithm>
#include <cmath>
#include <fstream>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/contents.h"
#include "engine/views.h"
#include "gpu/picture_fixture.h"
#include "support/box_glb.h"
#include "support/tiny_district.h"

namespace matou::testing {
namespace {

constexpr int kWidth = 480, kHeight = 270;
/// Weighs some 4 MB while it is loaded and half of it resident: one does not fit the test's budget while the other is there, so that
/// one can be made to drop the other.
constexpr int kHeavySlices = 3000;
constexpr std::uint64_t kBudgetBytes = std::uint64_t{5} << 20;

const test::Box kTower{{-62, -8, 0}, {-48, 8, 60}, kHeavySlices};
const test::Box kFarTower{{-520, 38, 0}, {-480, 52, 450}};
const test::Box kDecoy{{3000, -8, 0}, {3014, 8, 60}, kHeavySlices};

void writeBytes(const std::filesystem::path& path, const test::Bytes& bytes) {
    std::ofstream(path, std::ios::binary).write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
}

std::string boxVolume(const test::Box& b) {
    std::string text = "{\"box\":[";
    for (int i = 0; i < 3; ++i) text += std::to_string((b.low[i] + b.high[i]) / 2) + ",";
    for (int i = 0; i < 9; ++i)
        text += (i % 4 == 0 ? std::to_string((b.high[i / 4] - b.low[i / 4]) / 2) : std::string("0")) + (i < 8 ? "," : "]}");
    return text;
}

/// A yard, a tower beside it, a tower 500 m away, and something heavy elsewhere; the root is a coarser stand-in whose
/// boxes are a little larger, as those of real tilesets are.
class Yard : public ::testing::Test {
protected:
    static void SetUpTestSuite() {
        gpu::DeviceOptions options;
        options.validation = true;
        device = std::move(gpu::Device::create(options).value());
        folder = std::make_unique<support::TemporaryFolder>();
        anchor = geo::ecefFromGeodetic({31.2, 121.5, 4.0});
        const glm::dmat4 m = geo::ecefFromEnu(anchor);
        std::string transform;
        for (int c = 0; c < 4; ++c)
            for (int r = 0; r < 4; ++r) {
                char text[40];
                std::snprintf(text, sizeof text, "%.17g%s", m[c][r], c == 3 && r == 3 ? "" : ",");
                transform += text;
            }
        const auto path = folder->path;
        const test::Box ground{{-400, -400, -0.5f}, {400, 400, 0}};
        writeBytes(path / "ground.glb", test::boxGlb({ground}));
        support::writeText(path / "ground.json", R"({"asset":{"version":"1.1"},"geometricError":100,"root":{"transform":[)" + transform +
                                                     R"(],"geometricError":0,"refine":"REPLACE","boundingVolume":)" + boxVolume(ground) +
                                                     R"(,"content":{"uri":"ground.glb"}}})");
        const auto larger = [](test::Box b) {
            for (int i = 0; i < 2; ++i) b.low[i] -= 2, b.high[i] += 2;
            b.high[2] += 2;
            b.slices = 1;
            return b;
        };
        writeBytes(path / "all.glb", test::boxGlb({larger(kTower), larger(kFarTower), larger(kDecoy)}));
        std::string children;
        for (const auto& [name, box] : {std::pair{"tower", kTower}, {"far", kFarTower}, {"decoy", kDecoy}}) {
            writeBytes(path / (std::string(name) + ".glb"), test::boxGlb({box}));
            children += std::string(children.empty() ? "" : ",") + R"({"geometricError":0,"boundingVolume":)" + boxVolume(box) +
                        R"(,"content":{"uri":")" + name + R"(.glb"}})";
        }
        support::writeText(path / "buildings.json",
                           R"({"asset":{"version":"1.1"},"geometricError":1000,"root":{"transform":[)" + transform +
                               R"(],"geometricError":500,"refine":"REPLACE","boundingVolume":)" + boxVolume({{-600, -500, -1}, {3100, 500, 500}}) +
                               R"(,"content":{"uri":"all.glb"},"children":[)" + children + "]}}");
    }
    static void TearDownTestSuite() {
        EXPECT_EQ(device->validationMessageCount(), 0u);
        device->waitIdle();
        device.reset();
        folder.reset();
    }

    void SetUp() override {
        Subject subject;
        subject.layers = {{"ground", {}, scene::LayerRole::ground, 0, (folder->path / "ground.json").string(), true},
                          {"buildings", {}, scene::LayerRole::buildings, 0, (folder->path / "buildings.json").string(), true}};
        subject.anchor = anchor;
        ContentsOptions options;
        options.budgetBytes = kBudgetBytes;
        options.rayCasting = false;
        contents = Contents::create(*device, subject, registry, options).value();
        render::RendererOptions rendererOptions;
        rendererOptions.quality = render::Quality::medium;
        renderer = render::Renderer::create(*device, contents->table(), {kWidth, kHeight}, rendererOptions).value();
    }
    void TearDown() override {
        renderer.reset();
        contents.reset();
    }

    static geo::Ecef point(double east, double north, double up) { return {glm::dvec3(geo::ecefFromEnu(anchor) * glm::dvec4(east, north, up, 1))}; }

    /// Over the yard from the south, or over the decoy; the picture's columns from `firstColumn` on. The sun stands in
    /// the west.
    static scene::View view(int firstColumn, double shift = 0) {
        scene::View v;
        v.eye = geo::eyeFrameLookingAt(point(shift - 10, -130, 110), point(shift, 15, 0), glm::normalize(anchor.meters));
        v.planeAspect = static_cast<double>(kWidth) / kHeight;
        v.window = {static_cast<double>(firstColumn) / kWidth, 0, 1, 1};
        v.target = {0, 0, kWidth - firstColumn, kHeight};
        v.look = scene::Look::plan;
        v.sunDirection = sunAt(270, 41);
        return v;
    }
    /// One frame; true where everything that it needs was there.
    bool frame(scene::View v, render::Pixels* pixels = nullptr) {
        const auto seen = tiles::viewStateOf(v.eye, v.fovYRadians, v.planeAspect, v.window, v.nearMeters, v.target.w);
        const std::vector<tiles::ViewState> states{seen, castersFor(v, seen, *contents, anchor, false)};
        EXPECT_TRUE(contents->update(states, 16, ++frames));
        for (const auto& error : contents->takeErrors()) ADD_FAILURE() << error.code << " " << error.where;
        v.contents = contents->drawList(0);
        v.casters = contents->casterList(0, 1);
        castersDrawn = v.casters.size();
        scene::FrameSnapshot snapshot;
        snapshot.anchor = anchor;
        snapshot.views = {v};
        EXPECT_TRUE(renderer->render(snapshot));
        if (pixels != nullptr) *pixels = renderer->readback().value();
        return contents->complete();
    }
    render::Pixels drawn(const scene::View& v, const char* name) {
        render::Pixels pixels;
        for (int i = 0; i < 4000 && !frame(v); ++i) std::this_thread::sleep_for(std::chrono::milliseconds(1));
        EXPECT_TRUE(frame(v, &pixels));
        writePicture(pixels, name);
        return pixels;
    }

    /// The leftmost column that shows nothing of the tower any more.
    static int columnBesideTower(const scene::View& v) {
        int column = 0;
        for (int k = 0; k < 8; ++k)
            column = std::max(column, pixelOf(v, point((k & 1) != 0 ? kTower.high[0] : kTower.low[0], (k & 2) != 0 ? kTower.high[1] : kTower.low[1],
                                                       (k & 4) != 0 ? kTower.high[2] : kTower.low[2])).x);
        return column + 2; // one pixel lies between
    }

    static inline std::unique_ptr<gpu::Device> device;
    static inline std::unique_ptr<support::TemporaryFolder> folder;
    static inline geo::Ecef anchor;
    scene::FeatureRegistry registry;
    std::unique_ptr<Contents> contents;
    std::unique_ptr<render::Renderer> renderer;
    std::uint64_t frames = 0;
    std::size_t castersDrawn = 0;
};

struct Compared {
    std::size_t pixels = 0, different = 0, interior = 0, interiorDifferent = 0;
};

/// `part` shows the columns of `whole` from `column` on. A shadow's interior: dark, like everything within two pixels.
Compared compare(const render::Pixels& whole, const render::Pixels& part, int column) {
    Compared c;
    const auto dark = [&](int x, int y) { return brightness(whole, x, y) < 540; };
    for (int y = 2; y < kHeight - 2; ++y)
        for (int x = column + 2; x < kWidth - 2; ++x) {
            const std::uint8_t *a = at(whole, x, y), *b = at(part, x - column, y);
            const bool differs = std::abs(a[0] - b[0]) > 2 || std::abs(a[1] - b[1]) > 2 || std::abs(a[2] - b[2]) > 2;
            bool inside = true;
            for (int dy = -2; dy <= 2 && inside; ++dy)
                for (int dx = -2; dx <= 2 && inside; ++dx) inside = dark(x + dx, y + dy);
            ++c.pixels;
            c.different += differs ? 1 : 0;
            c.interior += inside ? 1 : 0;
            c.interiorDifferent += inside && differs ? 1 : 0;
        }
    return c;
}

TEST_F(Yard, aTowerOutsideOfThePictureThrowsTheSameShadowIntoIt) {
    const render::Pixels whole = drawn(view(0), "yard_whole");
    const int column = columnBesideTower(view(0));
    ASSERT_GT(column, 20);
    ASSERT_LT(column, kWidth / 2);
    const render::Pixels part = drawn(view(column), "yard_part");
    EXPECT_EQ(castersDrawn, 2u) << "the tower beside the picture and the one 500 m away";
    const Compared same = compare(whole, part, column);
    std::printf("yard: %zu pixels, %zu differ; interior of shadows: %zu pixels, %zu differ\n", same.pixels, same.different, same.interior,
                same.interiorDifferent);
    EXPECT_GT(same.interior, 1500u);
    EXPECT_EQ(same.interiorDifferent, 0u);
    EXPECT_LE(same.different, same.pixels / 1000);

    contents->setLayerVisible("buildings", false);
    const Compared without = compare(whole, drawn(view(column), "yard_without"), column);
    std::printf("without the towers %zu of %zu interior pixels differ\n", without.interiorDifferent, without.interior);
    EXPECT_GT(without.interiorDifferent, without.interior * 9 / 10);
}

TEST_F(Yard, aCasterThatWasDroppedIsBackWholeFromTheFrameItIsShown) {
    const int column = columnBesideTower(view(0));
    const render::Pixels before = drawn(view(column), "yard_before_drop");
    const auto dropped = contents->stats().dropped;
    drawn(view(column, 3007), "yard_decoy");
    ASSERT_GT(contents->stats().dropped, dropped) << "both heavy tiles fitted: the test shows nothing";
    bool shown = false, standIn = false;
    for (int i = 0; i < 4000; ++i) {
        render::Pixels now;
        const bool whole = frame(view(column), &now);
        const bool equal = now.rgba == before.rgba;
        if (castersDrawn == 2) shown = true;
        else standIn = true;
        if (shown) {
            EXPECT_TRUE(equal) << "frame " << i;
        }
        if (whole && shown) break;
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    EXPECT_TRUE(shown);
    EXPECT_TRUE(standIn) << "it was there at once: nothing was loaded again";
}

// ---- The camera moves -----------------------------------------------------------------------------------------------

class Sweep : public Picture {};

TEST_F(Sweep, shadowEdgesStayWhereTheyAreWhileTheCameraMoves) {
    constexpr int kFrames = 200, kW = 320, kH = 180;
    model::Primitive ground, tower;
    addGround(ground, {-400, -400}, {400, 400}, 0, {200, 200, 200, 255});
    addBox(tower, {-10, -10, 0}, {10, 10, 40}, 0, {220, 220, 220, 255});
    const std::vector<scene::FeatureNumber> one{1};
    std::vector<scene::DrawContent> things{{contents->uploadNow(contentOf(ground, 0, ""), {}).value(), city.ecefFromEnu, scene::LayerRole::ground, 0},
                                           {contents->uploadNow(contentOf(tower, 1, "t"), one).value(), city.ecefFromEnu, scene::LayerRole::buildings, 0}};
    // Sun in the south-west: the shadow goes north-east; its long edges start at the corners that stand across.
    const double elevation = glm::radians(40.0), reach = 40 / std::tan(elevation);
    const glm::dvec2 along(std::sqrt(0.5), std::sqrt(0.5)), across(-along.y, along.x);
    struct Probe {
        glm::dvec2 edge, out; // a point of the true edge, and the way out of the shadow
        double worstMeters = 0, worstPixels = 0;
    };
    std::vector<Probe> probes;
    for (const double share : {0.35, 0.6, 0.85}) {
        probes.push_back({glm::dvec2(-10, 10) + along * (share * reach), across});
        probes.push_back({glm::dvec2(10, -10) + along * (share * reach), -across});
    }
    probes.push_back({glm::dvec2(4, 10) + along * reach, glm::dvec2(0, 1)}); // of the roof's northern edge

    auto r = renderer({kW, kH});
    for (int f = 0; f < kFrames; ++f) {
        const double t = static_cast<double>(f) / kFrames, turn = -0.4 + 1.4 * t;
        const glm::dvec3 eye(20 + 120 * std::sin(turn), 25 + 110 * std::cos(turn), 65 + 30 * std::sin(6.3 * t));
        scene::FrameSnapshot frame = snapshot();
        scene::View v = viewOf(city, eye, {20, 22, 0}, {0, 0, kW, kH});
        v.contents = things;
        v.look = scene::Look::plan;
        v.sunDirection = sunAt(225, 40);
        frame.views = {v};
        ASSERT_TRUE(r->render(frame));
        const render::Pixels pixels = r->readback().value();
        if (f % 100 == 0) writePicture(pixels, "sweep_" + std::to_string(f));
        const double tangent = std::tan(v.fovYRadians / 2);
        const auto place = [&](const glm::dvec2& p) {
            const glm::dvec3 q = glm::transpose(v.eye.axes) * (city.point(p.x, p.y, 0) - v.eye.eye.meters);
            return glm::dvec2((q.x / -q.z / (tangent * v.planeAspect) * 0.5 + 0.5) * kW, (0.5 - q.y / -q.z / tangent * 0.5) * kH);
        };
        const auto light = [&](const glm::dvec2& p) { // between pixel centres
            const glm::dvec2 c = p - 0.5, whole = glm::floor(c), part = c - whole;
            const int x = std::clamp(static_cast<int>(whole.x), 0, kW - 2), y = std::clamp(static_cast<int>(whole.y), 0, kH - 2);
            return glm::mix(glm::mix(double(brightness(pixels, x, y)), double(brightness(pixels, x + 1, y)), part.x),
                            glm::mix(double(brightness(pixels, x, y + 1)), double(brightness(pixels, x + 1, y + 1)), part.x), part.y);
        };
        for (Probe& probe : probes) {
            const double inside = light(place(probe.edge - probe.out * 4.0)), outside = light(place(probe.edge + probe.out * 4.0));
            ASSERT_GT(outside, inside + 60) << "frame " << f;
            double found = 4;
            for (double s = -4; s < 4; s += 0.02)
                if (light(place(probe.edge + probe.out * s)) >= (inside + outside) / 2) {
                    found = s;
                    break;
                }
            const double pixelMeters = 1 / glm::length(place(probe.edge + probe.out * 0.5) - place(probe.edge - probe.out * 0.5));
            probe.worstMeters = std::max(probe.worstMeters, std::abs(found));
            probe.worstPixels = std::max(probe.worstPixels, std::abs(found) / pixelMeters);
        }
    }
    for (const Probe& probe : probes) {
        std::printf("edge at %6.1f %6.1f: at most %.2f m, %.2f pixels from its true place\n", probe.edge.x, probe.edge.y, probe.worstMeters,
                    probe.worstPixels);
        EXPECT_LE(probe.worstPixels, 1.0);
    }
    for (const auto& thing : things) contents->retire(thing.content);
}

} // namespace
} // namespace matou::testing
