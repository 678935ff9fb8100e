// Pictures of the programs without a GPU, for people to look at: MATOU_TEST_PICTURES names a folder.

#include <chrono>
#include <cmath>
#include <cstdlib>
#include <set>

#include <gtest/gtest.h>

#include "unit/symbology/picture.h"
#include "unit/ui/sample_model.h"

namespace matou::test {

namespace {

void paint(const std::string& name, ui::Program program, const ui::UiModel& model, const SampleSite& site, symbology::Theme theme, glm::ivec2 size,
           const scene::View& view, const symbology::Visibility& visible, glm::vec2 pointer = {-1, -1}) {
    auto panels = makeUi(0, theme);
    if (pointer.x >= 0) moveTo(*panels, pointer);
    for (int i = 0; i < 2; ++i) panels->build(model, program, size, 1.0 / 60);
    Picture picture(size.x, size.y, {70, 76, 80, 255});
    picture.ground(view);
    scene::FeatureRegistry registry;
    auto shaper = std::move(*text::TextShaper::create(*text::findCjkFonts()));
    symbology::Site given;
    given.registry = site.registry;
    given.labels = site.labels;
    symbology::OverlayBuilder builder(given, registry, *shaper);
    symbology::OverlayRequest request;
    request.visible = visible;
    request.now = model.now;
    request.theme = theme;
    request.scale = panels->scale();
    request.covered = panels->covered();
    request.selected = model.selection.key;
    request.language = model.language;
    request.presentation = program == ui::Program::presenter;
    if (request.presentation) request.projectDate = model.presenter.date;
    const auto overlay = builder.build(*site.state, view, request);
    picture.draw(*overlay, view, *shaper->image());
    drawPanels(picture, *panels);
    // The panels are there: the bars' plates are not the ground's colour.
    std::set<std::uint32_t> colors;
    for (int x = 0; x < size.x; x += 7)
        for (int y = 0; y < size.y; y += 7) {
            const auto c = picture.at(x, y);
            colors.insert((std::uint32_t{c.x} << 16) | (std::uint32_t{c.y} << 8) | c.z);
        }
    EXPECT_GT(colors.size(), 50u);
    if (const char* folder = std::getenv("MATOU_TEST_PICTURES")) {
        EXPECT_TRUE(picture.writePng(std::string(folder) + "/ui-" + name + ".png"));
    }
}

} // namespace

TEST(UiPictures, commandCentre) {
    const auto site = sampleSite(3000, 600, 40);
    auto model = sampleModel(site);
    paint("command", ui::Program::commandCenter, model, site, symbology::Theme::dark, {1920, 1080}, sampleView(121.5096, 31.1955, 1500, 20, -35), {}, {1700, 200});
    if (std::getenv("MATOU_TEST_PICTURES") != nullptr) { // large ones only for eyes
        paint("command-wall", ui::Program::commandCenter, model, site, symbology::Theme::dark, {5760, 2160}, sampleView(121.5096, 31.1955, 1500, 20, -35, {5760, 2160}), {});
        paint("command-720", ui::Program::commandCenter, model, site, symbology::Theme::dark, {1280, 720}, sampleView(121.5096, 31.1955, 900, 20, -35, {1280, 720}), {});
    }
    model.selection.key = {"projects", "P-2"};
    symbology::Visibility few;
    few.sensors = few.cameras = false;
    paint("command-light", ui::Program::commandCenter, model, site, symbology::Theme::light, {1920, 1080}, sampleView(121.5096, 31.1955, 1500, 20, -35), few);
    model.language = core::Language::en;
    model.selection.key = {"alarms", "A-1"};
    model.selection.trend = {};
    paint("command-en", ui::Program::commandCenter, model, site, symbology::Theme::dark, {1920, 1080}, sampleView(121.5096, 31.1955, 700, 20, -35), {});
}

/// Every state that an alarm can be in, in one list and on one map.
TEST(UiPictures, alarmStates) {
    using twin::Workflow;
    auto site = sampleSite(0, 0, 0);
    auto state = std::make_shared<twin::StateSnapshot>(*site.state);
    state->alarms.clear();
    const auto add = [&](const char* id, int severity, Workflow workflow) -> twin::Alarm& {
        const auto n = static_cast<double>(state->alarms.size());
        auto alarm = sampleAlarm(id, severity, 121.5035 + 0.0024 * std::fmod(n, 5.0), 31.1925 + 0.0026 * std::floor(n / 5.0), sampleNow() - std::chrono::minutes(3 + 4 * static_cast<int>(n)));
        alarm.workflow = workflow;
        alarm.alarmClass = id; // so that no two are alike
        state->alarms.push_back(alarm);
        return state->alarms.back();
    };
    add("new", 1, Workflow::unacknowledged);
    add("acknowledged", 1, Workflow::acknowledged);
    add("dispatched", 2, Workflow::dispatched).overdue = 2;
    add("in-progress", 2, Workflow::inProgress).count = 7;
    add("returned", 2, Workflow::returned);
    add("cleared", 3, Workflow::unacknowledged).condition = twin::Condition::normal;
    add("chattering", 3, Workflow::unacknowledged).chattering = true;
    add("verified", 3, Workflow::verified).condition = twin::Condition::normal;
    auto& shelved = add("shelved", 1, Workflow::shelved);
    shelved.shelvedUntil = sampleNow() + std::chrono::minutes(40);
    shelved.shelvedFor = "maintenance";
    add("suppressed", 2, Workflow::unacknowledged).suppressed = twin::Suppressed::byDesign;
    add("out-of-service", 4, Workflow::unacknowledged).suppressed = twin::Suppressed::outOfService;
    add("drill", 4, Workflow::unacknowledged).drill = true;
    site.state = state;
    auto model = sampleModel(site);
    model.selection.key = {"alarms", "shelved"};
    model.selection.trend = {};
    paint("alarm-states", ui::Program::commandCenter, model, site, symbology::Theme::dark, {1920, 1500}, sampleView(121.5085, 31.1945, 1500, 0, -50, {1920, 1500}), {});
}

/// Signals and response under the bar, the works and the cases on the map, a case's card.
TEST(UiPictures, casesAndFloodSeason) {
    auto site = sampleSite(0, 0, 0);
    auto state = std::make_shared<twin::StateSnapshot>(*site.state);
    auto cases = std::make_shared<std::vector<twin::Case>>();
    const auto place = [](int n) { return twin::Place{121.5052 + 0.0019 * (n % 5), 31.1940 + 0.0016 * (n / 5), 0}; };
    const char* classes[] = {"暴露垃圾", "占道经营", "井盖缺失", "code:7788", "路灯不亮", "违法搭建"};
    const char* states[] = {"accepted", "handling", "returned", "dispatched", "code:x", "solved"};
    for (int i = 0; i < 6; ++i) {
        twin::Case item;
        item.id = "PD-2026-" + std::to_string(100 + i);
        item.channel = i % 2 ? "12345" : "grid";
        item.caseClass = classes[i];
        item.state = states[i];
        item.department = "城管中队";
        item.eventTime = item.receiveTime = sampleNow() - std::chrono::minutes(7 + i);
        item.opened = sampleNow() - std::chrono::hours(30);
        item.due = sampleNow() + std::chrono::hours(i < 2 ? -2 : 8);
        item.place = place(i);
        item.alarm = i == 1 ? state->alarms[0].id : "";
        cases->push_back(item);
    }
    cases->push_back(cases->back()); // at the same place: one mark with a count
    cases->back().id = "PD-2026-200";
    auto flood = std::make_shared<std::vector<twin::FloodItem>>();
    const auto add = [&](const char* id, twin::FloodKind kind, const char* word, int n) -> twin::FloodItem& {
        twin::FloodItem item;
        item.id = id;
        item.kind = kind;
        item.state = word;
        item.eventTime = item.receiveTime = sampleNow() - std::chrono::minutes(20);
        if (n >= 0) item.place = place(n);
        flood->push_back(item);
        return flood->back();
    };
    add("W1", twin::FloodKind::warning, "red", -1).hazard = "rainstorm";
    add("W2", twin::FloodKind::warning, "yellow", -1).hazard = "tide";
    add("R", twin::FloodKind::response, "II", -1);
    auto& pond = add("J-1", twin::FloodKind::ponding, "ponding", 7);
    pond.name = "临沂路下立交";
    pond.value = 0.27;
    auto& pump = add("B-1", twin::FloodKind::pump, "running", 8);
    pump.name = "白莲泾泵站";
    pump.value = 12.5;
    pump.used = 3;
    pump.capacity = 4;
    add("Z-1", twin::FloodKind::gate, "fault", 9).name = "白莲泾水闸";
    auto& shelter = add("A-1", twin::FloodKind::shelter, "open", 11);
    shelter.name = "文化中心安置点";
    shelter.used = 120;
    shelter.capacity = 300;
    state->alarms.resize(1);
    state->cases = cases;
    state->floodSeason = flood;
    site.state = state;
    auto model = sampleModel(site);
    model.selection.key = {"cases", "PD-2026-101"};
    model.selection.trend = {};
    const auto view = sampleView(121.5090, 31.1955, 600, 0, -50, {1920, 1080});
    paint("flood-season", ui::Program::commandCenter, model, site, symbology::Theme::dark, {1920, 1080}, view, {});
    model.language = core::Language::en;
    model.selection.key = {"flood", "B-1"};
    paint("flood-season-en", ui::Program::commandCenter, model, site, symbology::Theme::light, {1280, 720}, sampleView(121.5090, 31.1955, 600, 0, -50, {1280, 720}), {});
}

TEST(UiPictures, planner) {
    const auto site = sampleSite(10, 10, 10);
    auto model = sampleModel(site);
    model.planner.active = "core-a";
    model.planner.swipe = 0.55;
    model.planner.navigation = "walk";
    model.planner.speedMetersPerSecond = 1.4;
    model.selection = {{"buildings", "NM-00012"}, "南码头文化中心", "规划建筑", {{"高度", "24.5", "m", "1985国家高程基准", "截至 2025-06-01"}, {"层数", "5", "", "", ""}, {"用途", "文化设施", "", "登记资料", ""}}, {}};
    symbology::Visibility few{false, false, false, false, true, true};
    paint("planner", ui::Program::planner, model, site, symbology::Theme::dark, {1920, 1080}, sampleView(121.5096, 31.1955, 500, 20, -25), few);
}

TEST(UiPictures, presenter) {
    const auto site = sampleSite(10, 10, 30);
    const auto model = sampleModel(site);
    symbology::Visibility few{false, false, false, true, true, true};
    paint("presenter", ui::Program::presenter, model, site, symbology::Theme::dark, {1920, 1080}, sampleView(121.5096, 31.1955, 1800, 20, -35), few, {900, 300});
    paint("presenter-small", ui::Program::presenter, model, site, symbology::Theme::dark, {960, 540}, sampleView(121.5096, 31.1955, 1800, 20, -35, {960, 540}), few);
}

} // namespace matou::test
