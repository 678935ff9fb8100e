// The whole renderer on a generated district, with validation and synchronization checks on.

#include <ctime>
#include <cmath>
#include <cstring>

#include "gpu/picture_fixture.h"

using namespace matou;
using namespace matou::testing;

namespace {

constexpr glm::ivec4 kWhole{0, 0, 480, 270};

TEST_F(Picture, showsTheDistrictByDayDuskAndNight) {
    auto r = renderer({960, 540});
    scene::FrameSnapshot frame = snapshot();
    frame.views.push_back(viewOf(city, {-330, -420, 210}, {0, 20, 20}, {0, 0, 960, 540}));
    const render::Pixels day = draw(*r, frame, "day");
    frame.views[0].sunDirection = sunAt(285, 3);
    const render::Pixels dusk = draw(*r, frame, "dusk");
    scene::FrameSnapshot sunset = frame;
    sunset.views[0] = viewOf(city, {330, -300, 140}, {-200, 0, 90}, {0, 0, 960, 540});
    sunset.views[0].sunDirection = sunAt(290, 2.5);
    draw(*r, sunset, "sunset");
    sunset.views[0].sunDirection = sunAt(290, -4);
    draw(*r, sunset, "blue_hour");
    frame.views[0].sunDirection = sunAt(285, -12);
    frame.views[0].look = scene::Look::night;
    const render::Pixels night = draw(*r, frame, "night");
    const auto mean = [](const render::Pixels& p) {
        double sum = 0;
        for (std::size_t i = 0; i < p.rgba.size(); i += 4)
            sum += p.rgba[i] + p.rgba[i + 1] + p.rgba[i + 2];
        return sum / (p.rgba.size() / 4.0) / 3.0;
    };
    EXPECT_GT(mean(day), 90);
    EXPECT_GT(mean(day), mean(dusk));
    EXPECT_GT(mean(dusk), mean(night));
    EXPECT_GT(mean(night), 8);
}

/// Run by hand (--gtest_also_run_disabled_tests): what a large picture costs.
TEST_F(Picture, DISABLED_timesALargeDistrict) {
    const auto large = buildCity(*contents, 40, 10);
    for (const auto quality : {render::Quality::low, render::Quality::medium, render::Quality::high}) {
        auto r = renderer({1920, 1080}, quality);
        scene::FrameSnapshot frame = snapshot();
        frame.views.push_back(viewOf(large, {-900, -1300, 450}, {0, 0, 20}, {0, 0, 1920, 1080}));
        for (int i = 0; i < 4; ++i) {
            if (i == 3) frame.views[0] = viewOf(large, {-700, -1200, 450}, {0, 0, 20}, {0, 0, 1920, 1080});
            const auto begun = std::clock();
            const auto report = r->render(frame).value();
            ASSERT_TRUE(r->readback());
            std::printf(
                "quality %d frame %d: %llu triangles, %llu submitted, cpu %.1f ms, CPU time of the driver %.0f ms\n",
                int(quality), i, static_cast<unsigned long long>(report.trianglesDrawn),
                static_cast<unsigned long long>(report.trianglesSubmitted), report.cpuMilliseconds,
                1e3 * static_cast<double>(std::clock() - begun) / CLOCKS_PER_SEC);
        }
        ASSERT_TRUE(r->render(frame));
        ASSERT_TRUE(r->readback());
        const auto last = r->render(frame).value();
        for (const auto& t : last.gpu)
            std::printf("  gpu %s %.1f ms\n", t.name.c_str(), t.milliseconds);
        draw(*r, frame, ("large_" + std::to_string(int(quality))).c_str());
    }
    for (const scene::DrawContent& c : large.contents)
        contents->retire(c.content);
}

TEST_F(Picture, showsItsLooksAndWeathers) {
    auto r = renderer({960, 540});
    scene::FrameSnapshot frame = snapshot();
    frame.views.push_back(viewOf(city, {-300, -330, 95}, {0, 0, 25}, {0, 0, 960, 540}));
    for (const auto& [look, name] : {std::pair{scene::Look::natural, "look_natural"},
                                     {scene::Look::monitor, "look_monitor"},
                                     {scene::Look::plan, "look_plan"}}) {
        frame.views[0].look = look;
        EXPECT_GT(patch(draw(*r, frame, name), 480, 400), 30) << name;
    }
    frame.views[0].look = scene::Look::natural;
    for (const auto& [weather, name] :
         {std::pair{scene::Weather::haze, "weather_haze"}, {scene::Weather::overcast, "weather_overcast"}}) {
        frame.views[0].weather = weather;
        draw(*r, frame, name);
    }
    frame.views[0].weather = scene::Weather::clear;
    frame.views[0] = viewOf(city, {4, -250, 1.7}, {0, 0, 14}, {0, 0, 960, 540});
    draw(*r, frame, "street");
    frame.views[0] = viewOf(city, {-60, 250, 12}, {60, 700, 0}, {0, 0, 960, 540});
    frame.views[0].sunDirection = sunAt(20, 25);
    draw(*r, frame, "river");
}

TEST_F(Picture, mirrorsShowTheCloudsThatStandInTheSky) {
    // A polished plate below the eye, which looks level: what the plate shows is the sky, turned over.
    model::Primitive plate;
    addGround(plate, {-3000, -3000}, {3000, 3000}, 0, {255, 255, 255, 255});
    model::Content content = contentOf(std::move(plate), 0, "");
    content.materials[0].metallic = 1;
    content.materials[0].roughness = 0.02f;
    const scene::DrawContent mirror{contents->uploadNow(content, {}).value(), city.ecefFromEnu, scene::LayerRole::model, 0};
    const auto likeness = [&](render::Quality quality) {
        render::RendererOptions options;
        options.quality = quality;
        options.samples = 1;
        auto r = render::Renderer::create(*device, *contents, {160, 160}, options).value();
        scene::View view = viewOf(city, {0, 0, 2}, {0, 100, 2}, {0, 0, 160, 160});
        view.fovYRadians = glm::radians(100.0);
        view.sunDirection = sunAt(180, 50);
        view.contents = {mirror};
        scene::FrameSnapshot frame = snapshot();
        frame.views = {view};
        EXPECT_TRUE(r->render(frame));
        writePicture(r->readback().value(), "mirrored_clouds_" + std::to_string(int(quality)));
        const auto light = r->readbackLight().value();
        // Row by row, so that the sky's own run from bright to dark says nothing: how far what is mirrored goes with what is seen.
        double product = 0, above = 0, below = 0;
        for (std::size_t y = 10; y < 60; ++y) {
            double meanAbove = 0, meanBelow = 0;
            const auto a = [&](std::size_t x) { return double(light[y * 160 + x].x); };
            const auto b = [&](std::size_t x) { return double(light[(159 - y) * 160 + x].x); };
            for (std::size_t x = 0; x < 160; ++x) meanAbove += a(x) / 160, meanBelow += b(x) / 160;
            for (std::size_t x = 0; x < 160; ++x) {
                product += (a(x) - meanAbove) * (b(x) - meanBelow);
                above += (a(x) - meanAbove) * (a(x) - meanAbove);
                below += (b(x) - meanBelow) * (b(x) - meanBelow);
            }
        }
        return product / std::sqrt(above * below);
    };
    const double medium = likeness(render::Quality::medium), low = likeness(render::Quality::low);
    std::printf("the plate's light goes with the sky's by %.2f, at low by %.2f\n", medium, low);
    EXPECT_GT(medium, 0.85);
    EXPECT_LT(low, 0.5);
    contents->retire(mirror.content);
}

TEST_F(Picture, sunLightsOneSideAndTheTowerThrowsItsShadow) {
    auto r = renderer({480, 270});
    scene::FrameSnapshot frame = snapshot();
    scene::View view = viewOf(city, {-1, -1, 700}, {0, 0, 0}, kWhole);
    view.sunDirection = sunAt(180, 45);
    frame.views.push_back(view);
    const render::Pixels pixels = draw(*r, frame, "shadow");
    // 90 m at 45 degrees: the shadow reaches 90 m to the north of the tower's north wall.
    const auto shadowed = pixelOf(view, {city.point(0, 40, 0)}), lit = pixelOf(view, {city.point(-40, -40, 0)});
    EXPECT_LT(patch(pixels, shadowed.x, shadowed.y), 0.7 * patch(pixels, lit.x, lit.y));
}

TEST_F(Picture, hiddenFeatureDisappearsWithItsShadow) {
    auto r = renderer({480, 270});
    scene::FrameSnapshot frame = snapshot();
    scene::View view = viewOf(city, {-1, -1, 700}, {0, 0, 0}, kWhole);
    view.sunDirection = sunAt(180, 45);
    frame.views.push_back(view);
    const auto shadowed = pixelOf(view, {city.point(0, 40, 0)});
    const render::Pixels before = draw(*r, frame, "hide_before");
    auto styles = std::make_shared<scene::StyleTable>();
    styles->version = 7;
    styles->styles.resize(2);
    styles->styles[1].flags = scene::kStyleHidden;
    frame.views[0].styles = styles;
    const render::Pixels after = draw(*r, frame, "hide_after");
    EXPECT_GT(patch(after, shadowed.x, shadowed.y), 1.4 * patch(before, shadowed.x, shadowed.y));
    const auto top = pixelOf(view, {city.point(0, 0, 90)});
    EXPECT_EQ(r->pick(frame, top.x, top.y)->feature, 0u);
    frame.views[0].styles = nullptr;
    EXPECT_EQ(r->pick(frame, top.x, top.y)->feature, 1u);
}

TEST_F(Picture, pickingNamesTheFeatureAndItsPlace) {
    auto r = renderer({480, 270});
    scene::FrameSnapshot frame = snapshot();
    frame.views.push_back(viewOf(city, {-330, -420, 210}, {0, 20, 20}, kWhole));
    ASSERT_TRUE(r->render(frame));
    const geo::Ecef roof{city.point(0, 0, 90)};
    const auto p = pixelOf(frame.views[0], roof);
    const auto hit = r->pick(frame, p.x, p.y);
    ASSERT_TRUE(hit);
    EXPECT_TRUE(hit->hit);
    EXPECT_EQ(hit->feature, 1u);
    EXPECT_LT(glm::length(hit->position.meters - roof.meters), 3.0);
    EXPECT_FALSE(hit->overlay);
    EXPECT_FALSE(r->pick(frame, 240, 2)->hit); // sky
    EXPECT_FALSE(r->pick(frame, -1, 5000)->hit);
}

TEST_F(Picture, alarmIconHasExactlyItsColourAndWins) {
    auto r = renderer({480, 270});
    scene::FrameSnapshot frame = snapshot();
    frame.views.push_back(viewOf(city, {-330, -420, 210}, {0, 20, 20}, kWhole));
    auto overlay = std::make_shared<scene::Overlay>();
    scene::Icon icon;
    icon.position = {city.point(30, 60, 5)}; // behind the tower
    icon.sizePixels = 30;
    icon.fill = {213, 43, 30, 255};
    icon.outline = {255, 255, 255, 255};
    icon.alwaysVisible = true;
    icon.pick = 4711;
    icon.priority = 5;
    overlay->icons.push_back(icon);
    icon.fill = {0, 200, 0, 255}; // the same place below it
    icon.pick = 4712;
    icon.priority = 1;
    overlay->icons.push_back(icon);
    frame.overlays.push_back(overlay);
    const render::Pixels pixels = draw(*r, frame, "alarm");
    const auto p = pixelOf(frame.views[0], icon.position);
    const std::uint8_t* c = at(pixels, p.x, p.y);
    EXPECT_EQ(c[0], 213);
    EXPECT_EQ(c[1], 43);
    EXPECT_EQ(c[2], 30);
    const auto hit = r->pick(frame, p.x + 5, p.y);
    EXPECT_TRUE(hit->overlay);
    EXPECT_EQ(hit->feature, 4711u);
}

TEST_F(Picture, marksFadeBehindTheCity) {
    auto r = renderer({480, 270});
    scene::FrameSnapshot frame = snapshot();
    frame.views.push_back(viewOf(city, {0, -420, 30}, {0, 0, 30}, kWhole));
    auto overlay = std::make_shared<scene::Overlay>();
    scene::Icon icon;
    icon.position = {city.point(0, 80, 30)};
    icon.fill = {255, 0, 255, 255};
    icon.outlinePixels = 0;
    overlay->icons.push_back(icon);
    frame.overlays.push_back(overlay);
    const auto p = pixelOf(frame.views[0], icon.position);
    const render::Pixels hidden = draw(*r, frame, "icon_hidden");
    EXPECT_LT(at(hidden, p.x, p.y)[0], 250);
    EXPECT_GT(at(hidden, p.x, p.y)[1], 20);
    auto styles = std::make_shared<scene::StyleTable>();
    styles->version = 1;
    styles->styles.resize(city.featureCount + 1);
    for (auto& style : styles->styles)
        style.flags = scene::kStyleHidden;
    frame.views[0].styles = styles;
    const render::Pixels seen = draw(*r, frame, "icon_seen");
    EXPECT_EQ(at(seen, p.x, p.y)[0], 255);
    EXPECT_EQ(at(seen, p.x, p.y)[1], 0);
}

TEST_F(Picture, twoViewsShareOnePictureAndStaySeparate) {
    auto r = renderer({480, 270});
    scene::FrameSnapshot frame = snapshot();
    scene::View left = viewOf(city, {-330, -420, 210}, {0, 20, 20}, {0, 0, 480, 270});
    left.window = {0, 0, 0.5, 1};
    left.target = {0, 0, 240, 270};
    left.planeAspect = 480.0 / 270.0;
    scene::View right = left;
    right.window = {0.5, 0, 1, 1};
    right.target = {240, 0, 240, 270};
    frame.views = {left, right};
    const render::Pixels halves = draw(*r, frame, "swipe_same");
    scene::FrameSnapshot whole = snapshot();
    scene::View one = left;
    one.window = {0, 0, 1, 1};
    one.target = kWhole;
    whole.views = {one};
    const render::Pixels single = draw(*r, whole, "swipe_whole");
    std::size_t different = 0;
    for (std::size_t i = 0; i < single.rgba.size(); i += 4)
        if (std::abs(int(single.rgba[i]) - int(halves.rgba[i])) > 24) ++different;
    EXPECT_LT(different, single.rgba.size() / 4 / 50);
    frame.views[1].look = scene::Look::plan;
    const render::Pixels plan = draw(*r, frame, "swipe_plan");
    EXPECT_EQ(0, std::memcmp(at(plan, 0, 100), at(halves, 0, 100), 200 * 4));
    EXPECT_NE(0, std::memcmp(at(plan, 250, 100), at(halves, 250, 100), 200 * 4));
}

TEST_F(Picture, sameSnapshotGivesTheSameBytesAndResizeWorks) {
    auto r = renderer({480, 270});
    scene::FrameSnapshot frame = snapshot();
    frame.views.push_back(viewOf(city, {-330, -420, 210}, {0, 20, 20}, kWhole));
    ASSERT_TRUE(r->render(frame));
    const auto first = r->readback().value();
    scene::FrameSnapshot other = frame;
    other.views[0] = viewOf(city, {300, -300, 90}, {0, 0, 0}, kWhole);
    ASSERT_TRUE(r->render(other));
    ASSERT_TRUE(r->render(frame));
    EXPECT_EQ(first.rgba, r->readback()->rgba);
    ASSERT_TRUE(r->resize({320, 200}));
    frame.views[0].target = {0, 0, 320, 200};
    frame.views[0].planeAspect = 1.6;
    ASSERT_TRUE(r->render(frame));
    EXPECT_EQ(r->readback()->width, 320u);
    EXPECT_GT(patch(*r->readback(), 160, 150), 60);
    EXPECT_FALSE(r->resize({0, 200}));
}

TEST_F(Picture, retiredContentIsNotDrawnAndItsHandleStaysDead) {
    auto r = renderer({480, 270});
    model::Primitive primitive;
    addBox(primitive, {-30, -30, 95}, {30, 30, 160}, 0, {250, 40, 40, 255});
    const std::vector<scene::FeatureNumber> number{9000};
    const auto handle = contents->uploadNow(contentOf(primitive, 1, "red"), number).value();
    scene::FrameSnapshot frame = snapshot();
    frame.views.push_back(viewOf(city, {-330, -420, 210}, {0, 20, 20}, kWhole));
    frame.views[0].contents.push_back({handle, city.ecefFromEnu, scene::LayerRole::buildings, 0});
    ASSERT_TRUE(r->render(frame));
    const auto p = pixelOf(frame.views[0], {city.point(-30, -30, 120)});
    EXPECT_EQ(r->pick(frame, p.x + 3, p.y)->feature, 9000u);
    contents->retire(handle);
    ASSERT_TRUE(r->render(frame));
    EXPECT_NE(r->pick(frame, p.x + 3, p.y)->feature, 9000u);
    EXPECT_FALSE(contents->isResident(handle));
    const auto next = contents->uploadNow(contentOf(primitive, 1, "red"), number).value();
    EXPECT_FALSE(contents->isResident(handle));
    contents->retire(next);
    EXPECT_EQ(contents->byteSize(handle), 0u);
}

} // namespace
