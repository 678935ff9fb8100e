// What helps to read a picture: outline, x-ray, ghosted context, contours, colours by height. A house stands behind a wall.

#include <cmath>

#include "gpu/picture_fixture.h"
#include "scene/height_ramp.h"

namespace matou::testing {
namespace {

constexpr std::uint32_t kHouse = 2001, kWall = 2002;
constexpr int kWide = 320, kHigh = 180;
const scene::Rgba kLine{244, 250, 255, 255}, kMark{255, 45, 45, 255};

class Emphasis : public Picture {
protected:
    void SetUp() override {
        model::Primitive standing, ground;
        addBox(standing, {-12, -8, 0}, {12, 8, 18}, 0, {190, 180, 170, 255});
        addBox(standing, {-40, -52, 0}, {2, -46, 30}, 1, {150, 150, 155, 255});
        addGround(ground, {-300, -300}, {300, 300}, 0, {120, 120, 110, 255});
        _standing = contents->uploadNow(contentOf(standing, 2, "B"), std::vector<scene::FeatureNumber>{kHouse, kWall}).value();
        _ground = contents->uploadNow(contentOf(ground, 0, ""), {}).value();
        _renderer = renderer({kWide, kHigh}, render::Quality::medium);
    }
    void TearDown() override {
        contents->retire(_standing);
        contents->retire(_ground);
    }
    /// Looking north over the wall's foot at the house: its left half is hidden.
    scene::View view() const {
        scene::View v = viewOf(city, {0, -150, 14}, {0, 0, 8}, {0, 0, kWide, kHigh});
        v.sunDirection = sunAt(200, 50);
        v.contents = {{_ground, city.ecefFromEnu, scene::LayerRole::ground, 0}, {_standing, city.ecefFromEnu, scene::LayerRole::buildings, 0}};
        v.aids.outline = kLine;
        v.aids.markColors = {{{77, 163, 255, 255}, {255, 240, 77, 255}, {255, 154, 31, 255}, kMark}};
        return v;
    }
    static std::shared_ptr<scene::StyleTable> styles(std::initializer_list<std::pair<std::uint32_t, std::uint32_t>> flags) {
        static std::uint64_t version = 100;
        auto table = std::make_shared<scene::StyleTable>();
        table->version = ++version;
        table->styles.resize(kWall + 1);
        for (const auto& [feature, bits] : flags) table->styles[feature].flags = bits;
        return table;
    }
    render::Pixels drawn(const scene::View& v, const char* name) {
        scene::FrameSnapshot frame = snapshot();
        frame.views = {v};
        return draw(*_renderer, frame, name);
    }
    /// Pixels that have exactly this colour, in columns [from, to).
    static int exactly(const render::Pixels& pixels, const scene::Rgba& c, int from = 0, int to = kWide) {
        int count = 0;
        for (int y = 0; y < kHigh; ++y)
            for (int x = from; x < to; ++x) {
                const std::uint8_t* p = at(pixels, x, y);
                count += p[0] == c.x && p[1] == c.y && p[2] == c.z;
            }
        return count;
    }
    static int apart(const render::Pixels& a, const render::Pixels& b, int x, int y) {
        int most = 0;
        for (int i = 0; i < 3; ++i) most = std::max(most, std::abs(int(at(a, x, y)[i]) - int(at(b, x, y)[i])));
        return most;
    }
    scene::ContentHandle _standing, _ground;
    std::unique_ptr<render::Renderer> _renderer;
};

TEST_F(Emphasis, anOutlineOfTwoOrThreePixelsGoesAroundWhatIsSelected) {
    scene::View v = view();
    v.aids.outlinePixels = 2.5f;
    const auto plain = drawn(v, "emphasis_plain");
    v.styles = styles({{kHouse, scene::kStyleSelected}});
    const auto selected = drawn(v, "emphasis_selected");
    // On a row through its open half: one run, at its right edge, two or three pixels of full strength.
    const int row = pixelOf(v, {city.point(8, -8, 9)}).y, edge = pixelOf(v, {city.point(12, -8, 9)}).x;
    int run = 0;
    for (int x = edge - 4; x < edge + 8; ++x) run += at(selected, x, row)[0] == kLine.x && at(selected, x, row)[1] == kLine.y && at(selected, x, row)[2] == kLine.z;
    std::printf("outline of %d pixels at full strength\n", run);
    EXPECT_GE(run, 2);
    EXPECT_LE(run, 3);
    // What it surrounds stays legible, what is far from it untouched.
    EXPECT_LT(apart(plain, selected, pixelOf(v, {city.point(7, -8, 9)}).x, row), 40);
    EXPECT_EQ(apart(plain, selected, kWide - 8, row), 0);
}

TEST_F(Emphasis, theOutlineIsFainterThroughWhatStandsInFront) {
    scene::View v = view();
    const auto plain = drawn(v, "emphasis_plain");
    v.styles = styles({{kHouse, scene::kStyleSelected}});
    const auto selected = drawn(v, "emphasis_selected");
    const int wallEdge = pixelOf(v, {city.point(2, -52, 9)}).x;
    EXPECT_EQ(exactly(selected, kLine, 0, wallEdge - 3), 0) << "at full strength before the wall that hides it";
    EXPECT_GT(exactly(selected, kLine, wallEdge, kWide), 30);
    int faint = 0;
    for (int y = 0; y < kHigh; ++y)
        for (int x = 0; x < wallEdge - 3; ++x) faint += apart(plain, selected, x, y) > 12;
    std::printf("%d pixels of fainter line\n", faint);
    EXPECT_GT(faint, 40);
    EXPECT_LT(faint, 260) << "a line, not an area";
}

TEST_F(Emphasis, xrayHatchesInTheMarksExactColourOnlyWhatIsHidden) {
    scene::View v = view();
    v.styles = styles({{kHouse, 4u << scene::kStyleMarkShift}});
    const auto off = drawn(v, "emphasis_xray_off");
    EXPECT_EQ(exactly(off, kMark), 0) << "marks show under x-ray alone";
    v.aids.xray = true;
    const auto on = drawn(v, "emphasis_xray");
    const int wallEdge = pixelOf(v, {city.point(2, -52, 9)}).x;
    const auto insideHidden = [&](const render::Pixels& p) { // well inside of its silhouette, before the wall
        int count = 0;
        for (int y = pixelOf(v, {city.point(0, -8, 15)}).y; y < pixelOf(v, {city.point(0, -8, 3)}).y; ++y)
            for (int x = pixelOf(v, {city.point(-9, -8, 9)}).x; x < wallEdge - 4; ++x)
                count += at(p, x, y)[0] == kMark.x && at(p, x, y)[1] == kMark.y && at(p, x, y)[2] == kMark.z;
        return count;
    };
    EXPECT_GT(insideHidden(on), 30);
    // The wall taken away: the same place shows the house itself, with a breath of colour and no hatching.
    v.styles = styles({{kHouse, 4u << scene::kStyleMarkShift}, {kWall, scene::kStyleHidden}});
    EXPECT_EQ(insideHidden(drawn(v, "emphasis_xray_open")), 0);
}

TEST_F(Emphasis, ghostedContextHidesNoMoreWhatIsChosenAndNothingHappensWithoutAChoice) {
    scene::View v = view();
    const auto plain = drawn(v, "emphasis_plain");
    v.aids.ghostContext = true;
    EXPECT_EQ(drawn(v, "emphasis_ghost_none").rgba, plain.rgba);
    v.styles = styles({{kHouse, scene::kStyleSelected}, {kWall, scene::kStyleHidden}});
    const auto open = drawn(v, "emphasis_ghost_open");
    v.styles = styles({{kHouse, scene::kStyleSelected}});
    const auto ghost = drawn(v, "emphasis_ghost");
    const auto behind = pixelOf(v, {city.point(-5, -8, 9)});
    EXPECT_LT(apart(ghost, open, behind.x, behind.y), 40) << "seen through the wall";
    EXPECT_GT(apart(plain, open, behind.x, behind.y), 40) << "hidden without ghosting";
    const auto ground = pixelOf(v, {city.point(40, -60, 0)});
    EXPECT_GT(brightness(ghost, ground.x, ground.y), brightness(plain, ground.x, ground.y) + 60) << "steps back into the paper";
    // And it is gone in the very next frame.
    v.aids.ghostContext = false;
    v.styles = nullptr;
    EXPECT_EQ(drawn(v, "emphasis_plain").rgba, plain.rgba);
}

TEST_F(Emphasis, contoursLieAtTheirHeightsAndNotOnLevelGround) {
    model::Primitive slope, level;
    addGround(slope, {-60, 0}, {60, 200}, 0, {110, 110, 100, 255});
    for (auto& vertex : slope.vertices) vertex.position.z = vertex.position.y * 0.05f; // 10 m on 200
    addGround(level, {-300, -300}, {300, 300}, 5, {110, 110, 100, 255});
    const auto inclined = contents->uploadNow(contentOf(slope, 0, ""), {}).value(), flat = contents->uploadNow(contentOf(level, 0, ""), {}).value();
    // Straight down from above its middle.
    scene::View v = viewOf(city, {0, 99, 260}, {0, 100, 5}, {0, 0, kWide, kHigh});
    v.sunDirection = sunAt(180, 60);
    v.contents = {{inclined, city.ecefFromEnu, scene::LayerRole::ground, 0}};
    const auto plain = drawn(v, "emphasis_slope");
    v.aids.contourMeters = 1.0f;
    v.aids.anchorHeightMeters = 0.5; // lines at 0.5, 1.5, … of the slope's own heights
    const auto lined = drawn(v, "emphasis_contours");
    for (const double metres : {0.5, 3.5, 4.5, 7.5, 9.5}) {
        const auto on = pixelOf(v, {city.point(10, metres * 20, metres)});
        int most = 0;
        for (int dy = -1; dy <= 1; ++dy) most = std::max(most, apart(plain, lined, on.x, on.y + dy));
        EXPECT_GT(most, 25) << metres;
        const auto beside = pixelOf(v, {city.point(10, (metres + 0.5) * 20, metres + 0.5)});
        if (metres < 9) {
            EXPECT_LE(apart(plain, lined, beside.x, beside.y), 2) << metres + 0.5;
        }
    }
    v.contents = {{flat, city.ecefFromEnu, scene::LayerRole::ground, 0}};
    v.aids.anchorHeightMeters = 0; // the plane lies in a contour
    v.aids.contourMeters = 0;
    const auto level0 = drawn(v, "emphasis_level");
    v.aids.contourMeters = 1.0f;
    EXPECT_EQ(drawn(v, "emphasis_level_contours").rgba, level0.rgba);
    contents->retire(inclined);
    contents->retire(flat);
}

TEST_F(Emphasis, coloursOfHeightAreReadFromTheLegend) {
    model::Primitive boxes;
    std::vector<float> heights;
    for (std::size_t i = 1; i < scene::kHeightRamp.size(); ++i) {
        heights.push_back(scene::kHeightRamp[i].meters);
        const float x = static_cast<float>(i) * 40 - 180;
        addBox(boxes, {x, -12, 0}, {x + 24, 12, heights.back()}, model::kNoFeature, {190, 185, 180, 255});
    }
    const auto row = contents->uploadNow(contentOf(boxes, 0, ""), {}).value();
    scene::View v = viewOf(city, {0, -30, 520}, {0, 0, 0}, {0, 0, kWide, kHigh});
    v.sunDirection = sunAt(190, 70);
    v.contents = {{_ground, city.ecefFromEnu, scene::LayerRole::ground, 0}, {row, city.ecefFromEnu, scene::LayerRole::buildings, 0}};
    v.aids.heightTint = true;
    // What is read is the hue: light and shade change how light it is.
    const auto chroma = [](glm::vec3 c) { return c / std::max(c.x + c.y + c.z, 1.0f); };
    for (const auto look : {scene::Look::natural, scene::Look::plan, scene::Look::monitor}) {
        v.look = look;
        const auto tinted = drawn(v, look == scene::Look::natural ? "emphasis_tint" : look == scene::Look::plan ? "emphasis_tint_plan" : "emphasis_tint_monitor");
        for (std::size_t i = 0; i < heights.size(); ++i) {
            const auto p = pixelOf(v, {city.point(static_cast<double>(i + 1) * 40 - 168, 4, heights[i])});
            const glm::vec3 seen(at(tinted, p.x, p.y)[0], at(tinted, p.x, p.y)[1], at(tinted, p.x, p.y)[2]);
            std::size_t best = 0;
            for (std::size_t k = 0; k < scene::kHeightRamp.size(); ++k)
                if (glm::length(chroma(glm::vec3(scene::kHeightRamp[k].color)) - chroma(seen)) < glm::length(chroma(glm::vec3(scene::kHeightRamp[best].color)) - chroma(seen))) best = k;
            EXPECT_LE(std::abs(static_cast<int>(best) - static_cast<int>(i + 1)), 1) << "look " << int(look) << ", " << heights[i] << " m is read as " << scene::kHeightRamp[best].meters;
        }
    }
    contents->retire(row);
}

TEST_F(Emphasis, anAlarmWhosePlaceIsHiddenIsDrawnHatchedInItsExactColour) {
    scene::View v = view();
    const auto markAt = [&](const glm::dvec3& place, bool broken) {
        auto overlay = std::make_shared<scene::Overlay>();
        scene::Icon icon;
        icon.position = {city.point(place.x, place.y, 40)};
        icon.place = {city.point(place.x, place.y, place.z)};
        icon.sizePixels = 44;
        icon.shape = scene::IconShape::octagon;
        icon.fill = kMark;
        icon.alwaysVisible = true;
        icon.brokenBehind = broken;
        overlay->icons.push_back(icon);
        scene::FrameSnapshot frame = snapshot();
        frame.views = {v};
        frame.overlays = {overlay};
        return draw(*_renderer, frame, broken ? "emphasis_broken" : "emphasis_whole");
    };
    const glm::dvec3 hidden(-20, -20, 1), open(25, -20, 1);
    const auto center = pixelOf(v, {city.point(-20, -20, 40)}), openCenter = pixelOf(v, {city.point(25, -20, 40)});
    const auto whole = markAt(hidden, false), broken = markAt(hidden, true), seen = markAt(open, true), seenWhole = markAt(open, false);
    EXPECT_EQ(glm::ivec3(at(broken, center.x, center.y)[0], at(broken, center.x, center.y)[1], at(broken, center.x, center.y)[2]), glm::ivec3(kMark));
    EXPECT_GT(exactly(broken, kMark), 400);
    EXPECT_LT(exactly(broken, kMark), exactly(whole, kMark) * 8 / 10);
    EXPECT_EQ(seen.rgba, seenWhole.rgba) << "in the open it is whole";
    EXPECT_EQ(at(seen, openCenter.x, openCenter.y)[0], kMark.x);
}

TEST_F(Emphasis, absurdAidsBreakNoPixel) {
    scene::View v = view();
    v.styles = styles({{kHouse, scene::kStyleSelected | (7u << scene::kStyleMarkShift)}, {kWall, 0xffffffffu & ~scene::kStyleHidden}});
    v.aids.xray = v.aids.ghostContext = v.aids.heightTint = true;
    v.aids.outlinePixels = 1e9f;
    v.aids.contourMeters = std::numeric_limits<float>::quiet_NaN();
    drawn(v, "emphasis_absurd");
    v.aids.contourMeters = 1e-30f;
    v.aids.anchorHeightMeters = 1e30;
    v.aids.outlinePixels = -5;
    drawn(v, "emphasis_absurd");
    v = viewOf(city, {0, 0, 5}, {0, 40, 5}, {300, 170, 200, 100}); // inside of the house, partly beyond the target
    v.contents = view().contents;
    v.styles = styles({{kHouse, scene::kStyleSelected}});
    drawn(v, "emphasis_inside");
}

} // namespace
} // namespace matou::testing
