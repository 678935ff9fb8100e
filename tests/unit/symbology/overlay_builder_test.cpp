#include "symbology/overlay_builder.h"

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <iostream>
#include <set>

#include <gtest/gtest.h>

#include "symbology/projector.h"
#include "unit/symbology/picture.h"
#include "unit/symbology/sample_site.h"

namespace matou::symbology {

namespace {

struct Bench {
    test::SampleSite site;
    scene::FeatureRegistry registry;
    std::unique_ptr<text::TextShaper> shaper;
    std::unique_ptr<OverlayBuilder> builder;
    OverlayRequest request;

    explicit Bench(test::SampleSite sample) : site(std::move(sample)) {
        auto fonts = text::findCjkFonts();
        EXPECT_TRUE(fonts);
        shaper = std::move(*text::TextShaper::create(*fonts));
        Site given;
        given.registry = site.registry;
        given.labels = site.labels;
        given.datumAboveEllipsoidMeters = 11;
        builder = std::make_unique<OverlayBuilder>(given, registry, *shaper);
        request.now = test::sampleNow();
    }
    std::shared_ptr<const scene::Overlay> build(const scene::View& view) {
        shaper->beginFrame();
        return builder->build(*site.state, view, request);
    }
    /// Written only where somebody wants to look: MATOU_TEST_PICTURES names a folder.
    void picture(const scene::View& view, const std::string& name) {
        const char* folder = std::getenv("MATOU_TEST_PICTURES");
        if (folder == nullptr) return;
        const auto overlay = build(view);
        test::Picture picture(view.target.z, view.target.w, {70, 76, 80, 255});
        picture.ground(view);
        picture.draw(*overlay, view, *shaper->image());
        EXPECT_TRUE(picture.writePng(std::string(folder) + "/" + name + ".png"));
    }
};

scene::View overview() { return test::sampleView(121.5100, 31.1940, 2600, 20, -38); }
scene::View street() { return test::sampleView(121.5096, 31.1950, 330, 60, -28); }

std::vector<glm::vec4> plateRects(const scene::Overlay& overlay, const scene::View& view) {
    const Projector projector(view);
    std::vector<glm::vec4> rects;
    for (const auto& label : overlay.labels)
        if (label.platePixels.z > 0) {
            const glm::vec2 origin = projector.project(label.position.meters)->pixel + label.offsetPixels;
            rects.push_back({origin.x + label.platePixels.x, origin.y + label.platePixels.y, label.platePixels.z, label.platePixels.w});
        }
    return rects;
}

std::size_t count(const scene::Overlay& overlay, scene::FeatureNumber pick, scene::IconShape shape) {
    return static_cast<std::size_t>(std::count_if(overlay.icons.begin(), overlay.icons.end(),
                                                  [&](const auto& icon) { return icon.pick == pick && icon.shape == shape; }));
}

/// Circles without filling.
std::size_t rings(const scene::Overlay& overlay, scene::FeatureNumber pick) {
    return static_cast<std::size_t>(std::count_if(overlay.icons.begin(), overlay.icons.end(), [&](const auto& icon) {
        return icon.pick == pick && icon.shape == scene::IconShape::circle && icon.fill.w == 0 && icon.outline.w != 0;
    }));
}

} // namespace

TEST(OverlayBuilder, dropsNoAlarmWhereverTheCameraLooks) {
    Bench bench(test::sampleSite(500, 50, 5));
    for (int i = 0; i < 60; ++i)
        bench.site.state->alarms.push_back(test::sampleAlarm("X-" + std::to_string(i), 1 + i % 4, 121.500 + 0.0004 * i, 31.185 + 0.0003 * i, test::sampleNow()));
    const auto total = bench.site.state->alarms.size();
    for (const auto& view : {overview(), street(), test::sampleView(121.51, 31.195, 200, 200, -5), test::sampleView(121.40, 31.10, 500, 270, -60)}) {
        bench.build(view);
        EXPECT_EQ(bench.builder->counters().alarmPins + bench.builder->counters().alarmsAtEdge, total);
    }
}

TEST(OverlayBuilder, drawsAnAlarmWithStemRingsAndExactColourInFrontOfEverything) {
    Bench bench(test::sampleSite(0, 0, 0));
    const auto overlay = bench.build(overview());
    const auto first = bench.registry.find({"alarms", "A-1"});
    EXPECT_EQ(count(*overlay, first, scene::IconShape::octagon), 1u);
    EXPECT_EQ(rings(*overlay, first), 2u);
    EXPECT_EQ(rings(*overlay, bench.registry.find({"alarms", "A-2"})), 1u);
    EXPECT_EQ(rings(*overlay, bench.registry.find({"alarms", "A-3"})), 0u);
    for (const auto& icon : overlay->icons) {
        EXPECT_TRUE(icon.alwaysVisible);
        if (icon.shape == scene::IconShape::octagon) {
            EXPECT_EQ(icon.fill, scene::Rgba(0xFF, 0x2D, 0x2D, 255));
        }
    }
    bool stem = false;
    for (const auto& line : overlay->lines) stem = stem || (line.points.size() == 2 && line.alwaysVisible);
    EXPECT_TRUE(stem);
    bench.picture(overview(), "alarms");
}

TEST(OverlayBuilder, flashesRimAndRingsButNeverWordsAtMostTwiceASecond) {
    Bench bench(test::sampleSite(0, 0, 0));
    const auto number = [&] { return bench.registry.find({"alarms", "A-1"}); };
    int changes = 0;
    std::optional<scene::Rgba> lastOutline;
    std::vector<scene::Rgba> words;
    for (int frame = 0; frame < 600; ++frame) {
        bench.request.secondsSinceStart = frame / 60.0;
        const auto overlay = bench.build(overview());
        for (const auto& icon : overlay->icons)
            if (icon.pick == number() && icon.shape == scene::IconShape::octagon) {
                EXPECT_EQ(icon.fill, severityStyle(1).color);
                if (lastOutline && *lastOutline != icon.outline) ++changes;
                lastOutline = icon.outline;
            }
        std::vector<scene::Rgba> colors;
        for (const auto& label : overlay->labels) colors.push_back(label.color);
        if (!words.empty()) {
            EXPECT_EQ(colors, words);
        }
        words = colors;
    }
    EXPECT_GT(changes, 10);
    EXPECT_LE(changes, 2 * 2 * 10);
}

TEST(OverlayBuilder, putsAlarmsOutOfViewAtTheEdgeWithBearingAndDistance) {
    Bench bench(test::sampleSite(0, 0, 0));
    bench.site.state->alarms = {test::sampleAlarm("E", 1, 121.5300, 31.1950, test::sampleNow())};
    const auto view = test::sampleView(121.5096, 31.1950, 300, 0, -30); // looking north, the alarm lies 2 km east
    bench.request.covered = {{1500, 0, 420, 1080}};
    const auto overlay = bench.build(view);
    EXPECT_EQ(bench.builder->counters().alarmsAtEdge, 1u);
    ASSERT_FALSE(overlay->icons.empty());
    const auto at = Projector(view).project(overlay->icons.back().position.meters);
    ASSERT_TRUE(at);
    EXPECT_GT(at->pixel.x, 1400); // at the right, but not under the panel there
    EXPECT_LT(at->pixel.x, 1500);
}

TEST(OverlayBuilder, leavesAnAlarmToTheHalfOfASwipeThatShowsIt) {
    Bench bench(test::sampleSite(0, 0, 0));
    bench.site.state->alarms = {test::sampleAlarm("M", 1, 121.5100, 31.1940, test::sampleNow())};
    auto left = test::sampleView(121.5115, 31.1940, 900, 0, -50), right = left; // the alarm lies left of the middle
    left.window = {0, 0, 0.5, 1};
    left.target = {0, 0, 960, 1080};
    right.id = 1;
    right.window = {0.5, 0, 1, 1};
    right.target = {960, 0, 960, 1080};
    bench.build(left);
    EXPECT_EQ(bench.builder->counters().alarmPins, 1u);
    bench.build(right);
    EXPECT_EQ(bench.builder->counters().alarmPins + bench.builder->counters().alarmsAtEdge, 0u);
}

TEST(OverlayBuilder, labelsDoNotOverlapOneAnotherNorPanels) {
    Bench bench(test::sampleSite());
    bench.request.covered = {{1480, 80, 440, 900}, {0, 1000, 1920, 80}};
    for (const auto& view : {overview(), street(), test::sampleView(121.512, 31.193, 150, 10, -20)}) {
        const auto overlay = bench.build(view);
        auto rects = plateRects(*overlay, view);
        EXPECT_GT(rects.size(), 3u);
        // Edge markers of alarms must be shown whatever stands there; all others keep apart.
        std::size_t overlaps = 0;
        for (std::size_t i = 0; i < rects.size(); ++i)
            for (std::size_t j = i + 1; j < rects.size(); ++j)
                overlaps += rects[i].x + 0.5f < rects[j].x + rects[j].z && rects[j].x + 0.5f < rects[i].x + rects[i].z &&
                            rects[i].y + 0.5f < rects[j].y + rects[j].w && rects[j].y + 0.5f < rects[i].y + rects[i].w;
        EXPECT_LE(overlaps, bench.builder->counters().alarmsAtEdge);
        for (const auto& rect : rects) EXPECT_FALSE(rect.x + rect.z > 1482 && rect.y > 82 && rect.y + rect.w < 978);
    }
}

TEST(OverlayBuilder, keepsShownLabelsWhileTheCameraDrifts) {
    Bench bench(test::sampleSite(2000, 200, 30));
    bench.request.visible.alarms = false;
    const auto numbers = [&](const scene::Overlay& overlay) {
        std::set<scene::FeatureNumber> result;
        for (const auto& label : overlay.labels)
            if (label.platePixels.z > 0) result.insert(label.pick);
        return result;
    };
    auto before = numbers(*bench.build(street()));
    std::size_t lost = 0, seen = 0;
    for (int step = 1; step <= 20; ++step) {
        const auto now = numbers(*bench.build(test::sampleView(121.5096 + 2e-6 * step, 31.1950, 330, 60 + 0.02 * step, -28)));
        for (const auto number : before) lost += !now.contains(number);
        seen += before.size();
        before = now;
    }
    EXPECT_LT(static_cast<double>(lost), 0.02 * static_cast<double>(seen));
}

TEST(OverlayBuilder, agesOfSensorsLookDifferent) {
    Bench bench(test::sampleSite(0, 0, 0));
    auto registry = std::make_shared<twin::Registry>();
    auto& state = *bench.site.state;
    state.alarms.clear();
    const twin::Age ages[] = {twin::Age::fresh, twin::Age::late, twin::Age::stale, twin::Age::lost, twin::Age::never};
    for (int i = 0; i < 5; ++i) {
        twin::Sensor sensor;
        sensor.id = "S-" + std::to_string(i);
        sensor.kind = "water_level";
        sensor.unit = "m";
        sensor.place = {121.5090 + 0.0004 * i, 31.1950, 6};
        registry->sensors.push_back(sensor);
        twin::SensorState reading;
        reading.known = ages[i] != twin::Age::never;
        reading.value = 2.31;
        reading.age = ages[i];
        reading.receiveTime = test::sampleNow() - core::Duration{750000};
        state.sensors.push_back(reading);
    }
    Site site;
    site.registry = registry;
    OverlayBuilder builder(site, bench.registry, *bench.shaper);
    const auto view = test::sampleView(121.5098, 31.1950, 160, 0, -35);
    const auto overlay = builder.build(state, view, bench.request);
    std::set<std::tuple<int, int, bool>> looks;
    std::size_t hollow = 0;
    for (const auto& icon : overlay->icons) {
        looks.insert({icon.fill.x * icon.fill.w, icon.outline.x, icon.hollow});
        hollow += icon.hollow;
    }
    EXPECT_EQ(overlay->icons.size(), 5u);
    EXPECT_EQ(hollow, 3u);
    EXPECT_GE(looks.size(), 4u); // lost and never share the icon and differ in words
    // Two lines with a value (fresh, late, stale), one without (lost, never); each icon has its mark.
    EXPECT_EQ(overlay->labels.size(), 5u + 3 * 2 + 2);
    if (const char* folder = std::getenv("MATOU_TEST_PICTURES")) {
        test::Picture picture(1920, 1080, {70, 76, 80, 255});
        picture.ground(view);
        picture.draw(*overlay, view, *bench.shaper->image());
        EXPECT_TRUE(picture.writePng(std::string(folder) + "/ages.png"));
    }
}

TEST(OverlayBuilder, gathersFarSensorsWithoutLosingAny) {
    Bench bench(test::sampleSite());
    bench.request.visible = {true, false, false, false, false, false};
    const auto view = overview();
    const auto overlay = bench.build(view);
    const auto& counters = bench.builder->counters();
    EXPECT_LT(counters.sensorClusters + counters.sensorPins, 400u);
    EXPECT_GT(counters.sensorClusters, 10u);
    EXPECT_GT(counters.sensorsInView, 3000u);
    bench.build(street());
    EXPECT_GT(bench.builder->counters().sensorPins, 10u);
}

TEST(OverlayBuilder, drawsConesForNearAndSelectedCameras) {
    Bench bench(test::sampleSite(0, 1500, 0));
    bench.request.visible.alarms = false;
    bench.build(overview());
    EXPECT_EQ(bench.builder->counters().cones, 0u);
    bench.request.selected = {"cameras", "C-1003"};
    bench.build(overview());
    EXPECT_EQ(bench.builder->counters().cones, 1u);
    bench.request.selected = {};
    bench.build(street());
    EXPECT_GT(bench.builder->counters().cones, 1u);
    EXPECT_LE(bench.builder->counters().cones, 12u);
}

TEST(OverlayBuilder, hidesWhatIsSwitchedOff) {
    Bench bench(test::sampleSite(500, 100, 5));
    for (const char* group : {"sensors", "cameras", "alarms", "projects", "zones", "labels"}) EXPECT_TRUE(bench.request.visible.set(group, false));
    EXPECT_FALSE(bench.request.visible.set("buildings", false));
    const auto overlay = bench.build(overview());
    EXPECT_TRUE(overlay->icons.empty() && overlay->labels.empty() && overlay->lines.empty() && overlay->areas.empty());
}

TEST(OverlayBuilder, namesARoadOnceWhereItsNamesComeClose) {
    auto site = test::sampleSite(0, 0, 0);
    site.labels.clear();
    for (int i = 0; i < 12; ++i)
        site.labels.push_back({"R-" + std::to_string(i), {"浦东南路", "Pudong South Rd"}, "road", 2, {121.5080 + 0.0004 * i, 31.1950, 4}});
    Bench bench(site);
    bench.request.visible = {false, false, false, false, false, true};
    const auto overlay = bench.build(overview());
    EXPECT_GE(overlay->labels.size(), 1u);
    EXPECT_LE(overlay->labels.size(), 2u);
}

TEST(OverlayBuilder, answersPlacesAndZones) {
    Bench bench(test::sampleSite(10, 10, 5));
    EXPECT_EQ(bench.builder->zoneAt(121.5096, 31.1946), "CORE");
    EXPECT_EQ(bench.builder->zoneAt(121.6, 31.2), "");
    EXPECT_TRUE(bench.builder->placeOf({"sensors", "S-10003"}, *bench.site.state));
    EXPECT_TRUE(bench.builder->placeOf({"alarms", "A-1"}, *bench.site.state));
    EXPECT_FALSE(bench.builder->placeOf({"alarms", "no"}, *bench.site.state));
}

TEST(OverlayBuilder, staysFastWithADistrictOfSensors) {
    Bench bench(test::sampleSite(6000, 1500, 80));
    for (const auto& [view, name] : {std::pair{overview(), "overview"}, std::pair{street(), "street"}}) {
        bench.build(view); // glyphs are made once
        const auto start = std::chrono::steady_clock::now();
        for (int i = 0; i < 10; ++i) bench.build(view);
        const double ms = std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count() / 10;
        std::cout << name << ": " << ms << " ms\n";
        EXPECT_LT(ms, 50); // a machine under load; the figure printed is what counts
        bench.picture(view, name);
    }
    bench.request.theme = Theme::light;
    bench.request.selected = {"sensors", "S-10010"};
    bench.picture(street(), "street-light");
}

TEST(OverlayBuilder, openCasesAndWorksAreMarksAndThoseAtOnePlaceAreOneWithACount) {
    Bench bench(test::sampleSite(0, 0, 0));
    auto state = std::make_shared<twin::StateSnapshot>(*bench.site.state);
    state->alarms.clear();
    auto cases = std::make_shared<std::vector<twin::Case>>();
    for (const auto& [id, word, north] : {std::tuple("1", "handling", 0.0), std::tuple("2", "handling", 0.0), std::tuple("3", "closed", 0.001), std::tuple("4", "code:9", -0.001)}) {
        twin::Case item;
        item.id = id;
        item.caseClass = "占道经营";
        item.state = word;
        item.place = twin::Place{121.5096, 31.1950 + north, 0};
        cases->push_back(item);
    }
    cases->push_back({}); // without a place: in the list only
    auto flood = std::make_shared<std::vector<twin::FloodItem>>();
    for (const auto& [id, kind, word] : {std::tuple("P", twin::FloodKind::pump, "fault"), std::tuple("W", twin::FloodKind::warning, "red")}) {
        twin::FloodItem item;
        item.id = id;
        item.kind = kind;
        item.state = word;
        item.place = twin::Place{121.5106, 31.1950, 0};
        flood->push_back(item);
    }
    state->cases = cases;
    state->floodSeason = flood;
    bench.site.state = state;
    const auto view = test::sampleView(121.5096, 31.1950, 900, 0, -60);
    const auto shown = [&](const char* layer, const char* id) { return count(*bench.build(view), bench.registry.intern({layer, id}), scene::IconShape::square); };
    EXPECT_EQ(shown("cases", "1"), 1u);
    EXPECT_EQ(shown("cases", "2"), 0u); // counted in the first
    EXPECT_EQ(shown("cases", "3"), 0u); // closed
    EXPECT_EQ(shown("cases", "4"), 1u); // of an unknown state, never dropped
    EXPECT_EQ(shown("flood", "P"), 1u);
    EXPECT_EQ(shown("flood", "W"), 0u); // a signal is for the whole district
    bench.request.selected = {"cases", "2"};
    EXPECT_EQ(shown("cases", "2"), 1u); // the chosen one stands for itself
    EXPECT_TRUE(bench.builder->placeOf({"cases", "2"}, *state));
    EXPECT_FALSE(bench.builder->placeOf({"cases", "9"}, *state));
    bench.request.selected = {};
    bench.request.visible.set("cases", false);
    EXPECT_EQ(shown("cases", "1"), 0u);
}

} // namespace matou::symbology
