#include <gtest/gtest.h>
#include <imgui.h>

#include <array>
#include <chrono>
#include <functional>
#include <iostream>
#include <optional>

#include "core/messages.h"
#include "unit/ui/sample_model.h"

namespace matou::ui {

namespace {

template <typename T>
std::optional<T> only(const std::vector<command::Command>& commands) {
    if (commands.size() != 1) return std::nullopt;
    const T* body = std::get_if<T>(&commands.front().body);
    return body != nullptr ? std::optional<T>(*body) : std::nullopt;
}

struct Desk {
    test::SampleSite site = test::sampleSite(20, 10, 6);
    UiModel model = test::sampleModel(site);
    std::unique_ptr<UiContext> context = test::makeUi();
    Program program = Program::commandCenter;

    std::vector<command::Command> click(float x, float y) { return test::click(*context, model, program, {x, y}); }
    /// Clicks on a raster until one kind of command comes; where the panels put things is theirs to change.
    template <typename T>
    std::optional<T> find(const std::function<bool(const T&)>& wanted, glm::vec4 area, float step = 14) {
        for (float y = area.y; y < area.w; y += step)
            for (float x = area.x; x < area.z; x += step * 2)
                if (const auto got = only<T>(click(x, y)); got && wanted(*got)) return got;
        return std::nullopt;
    }
};

/// Glyph quads whose texture lies on the fallback glyph are missing characters.
std::size_t fallbackGlyphs(UiContext& context) {
    const ImDrawData* data = context.drawData();
    std::size_t count = 0;
    const ImFontAtlas* atlas = ImGui::GetIO().Fonts;
    for (const ImFont* font : atlas->Fonts) {
        const ImFontGlyph* fallback = font->FallbackGlyph;
        // '?' may be written on purpose; the tests' texts hold none.
        for (int l = 0; l < data->CmdListsCount; ++l)
            for (const ImDrawVert& v : data->CmdLists[l]->VtxBuffer) count += v.uv.x == fallback->U0 && v.uv.y == fallback->V0;
    }
    return count;
}

} // namespace

TEST(Panels, acknowledgesAnAlarmByItsButtonAndSaysWhoAndWhen) {
    Desk desk;
    desk.model.user = "值班员";
    const auto got = desk.find<command::AlarmAction>([](const auto& action) { return action.verb == "ack"; }, {1500, 130, 1900, 330});
    ASSERT_TRUE(got);
    EXPECT_EQ(got->alarm, "A-1"); // the most severe lies on top
    EXPECT_TRUE(desk.find<command::AlarmAction>([](const auto& a) { return a.verb == "reject"; }, {1500, 130, 1900, 330}));
    EXPECT_TRUE(desk.find<command::AlarmAction>([](const auto& a) { return a.verb == "dispatch"; }, {1500, 130, 1900, 330}));
    const auto commands = desk.click(1650, 160);
    ASSERT_EQ(commands.size(), 1u);
    EXPECT_EQ(commands[0].actor, "值班员");
    EXPECT_EQ(commands[0].origin, "ui");
    EXPECT_EQ(commands[0].at, desk.model.now);
    EXPECT_EQ(std::get<command::SelectFeature>(commands[0].body).feature, (core::FeatureKey{"alarms", "A-1"}));
}

TEST(Panels, aViewerGetsNoButtons) {
    Desk desk;
    desk.model.role = "viewer";
    EXPECT_FALSE(desk.find<command::AlarmAction>([](const auto&) { return true; }, {1500, 130, 1900, 330}));
}

TEST(Panels, switchesScenesAndLayers) {
    Desk desk;
    EXPECT_TRUE(desk.find<command::ShowScene>([](const auto& s) { return s.scene == "riverfront"; }, {500, 34, 1300, 36}));
    EXPECT_TRUE(desk.find<command::ShowScene>([](const auto& s) { return s.scene == "residential"; }, {500, 34, 1500, 36}));
    EXPECT_TRUE(desk.find<command::SetLayerVisible>([](const auto& l) { return l.layer == "cameras" && l.visible; }, {60, 90, 100, 600}));
    EXPECT_TRUE(desk.find<command::SetLayerVisible>([](const auto& l) { return l.layer == "sensors" && !l.visible; }, {60, 90, 100, 600}));
}

TEST(Panels, switchesLooksAndWhatHelpsToReadThem) {
    Desk desk;
    const glm::vec4 list{60, 90, 330, 1000};
    EXPECT_TRUE(desk.find<command::SetAids>([](const auto& a) { return a.xray == true && !a.ghost && !a.contourMeters; }, list));
    EXPECT_TRUE(desk.find<command::SetAids>([](const auto& a) { return a.ghost == true; }, list));
    EXPECT_TRUE(desk.find<command::SetAids>([](const auto& a) { return a.heightTint == true; }, list));
    EXPECT_TRUE(desk.find<command::SetAids>([](const auto& a) { return a.contourMeters == 0.5; }, list));
    EXPECT_TRUE(desk.find<command::SetLook>([](const auto& l) { return l.look == "plan"; }, list));
    desk.model.display.xray = true;
    EXPECT_TRUE(desk.find<command::SetAids>([](const auto& a) { return a.xray == false; }, list));
    desk.program = Program::planner; // whose alarms are off: it has the others
    EXPECT_TRUE(desk.find<command::SetAids>([](const auto& a) { return a.heightTint == true; }, {20, 90, 330, 1000}));
}

TEST(Panels, lookBackAndComeHome) {
    Desk desk;
    const auto ten = desk.find<command::LookBack>([](const auto&) { return true; }, {1300, 34, 1900, 36});
    ASSERT_TRUE(ten); // a click on "live"
    EXPECT_EQ(ten->at, desk.model.now - std::chrono::minutes(10));
    // While it shows the past: another moment, another speed, and the way home; the alarms stay those of now.
    auto then = std::make_shared<twin::StateSnapshot>(*desk.model.state);
    then->alarms.clear();
    desk.model.past = ui::PastModel{ten->at, 10, then};
    const glm::vec4 bar{560, 850, 1360, 1070};
    EXPECT_TRUE(desk.find<command::LookBack>([&](const auto& b) { return b.at == ten->at - std::chrono::hours(1) && b.speed == 10; }, bar));
    EXPECT_TRUE(desk.find<command::LookBack>([&](const auto& b) { return b.at == ten->at && b.speed == 0; }, bar));
    EXPECT_TRUE(desk.find<command::LookBack>([&](const auto& b) { return b.at == ten->at && b.speed == 60; }, bar));
    EXPECT_TRUE(desk.find<command::LookBack>([](const auto& b) { return b.at == core::Instant{}; }, bar));
    EXPECT_TRUE(desk.find<command::AlarmAction>([](const auto& action) { return action.verb == "ack" && action.alarm == "A-1"; }, {1500, 130, 1900, 330}));
}

TEST(Panels, theCardOfWhatStandsInTheCityCanFocusOnIt) {
    Desk desk;
    desk.model.selection = {{"buildings", "NM-1"}, "南码头路 1 号", "建筑", {{"高度", "24", "m", "", ""}}, {}};
    const glm::vec4 foot{20, 960, 420, 1030};
    EXPECT_TRUE(desk.find<command::SetAids>([](const auto& a) { return a.ghost == true; }, foot, 8));
    desk.model.display.ghost = true;
    EXPECT_TRUE(desk.find<command::SetAids>([](const auto& a) { return a.ghost == false; }, foot, 8));
    desk.model.selection.key = {"sensors", "S-1"}; // a mark, no building: nothing to stand alone
    EXPECT_FALSE(desk.find<command::SetAids>([](const auto&) { return true; }, foot, 8));
}

TEST(Panels, holdsTheListStillWhileThePointerIsOnIt) {
    Desk desk;
    test::moveTo(*desk.context, {1600, 160});
    desk.context->build(desk.model, desk.program, {1920, 1080}, 0.016);
    desk.context->build(desk.model, desk.program, {1920, 1080}, 0.016);
    EXPECT_EQ(desk.context->hovered(), (core::FeatureKey{"alarms", "A-1"}));
    auto next = std::make_shared<twin::StateSnapshot>(*desk.site.state);
    next->version = 2;
    next->alarms.insert(next->alarms.begin(), test::sampleAlarm("NEW-2", 2, 121.51, 31.195, test::sampleNow()));
    desk.model.state = next;
    // Removing the first one would move all rows up; a new second-level one would push them down.
    desk.context->build(desk.model, desk.program, {1920, 1080}, 0.016);
    test::moveTo(*desk.context, {1600, 290});
    desk.context->build(desk.model, desk.program, {1920, 1080}, 0.016);
    desk.context->build(desk.model, desk.program, {1920, 1080}, 0.016);
    EXPECT_EQ(desk.context->hovered(), (core::FeatureKey{"alarms", "A-2"}));
    // Away and back: now it is in its place.
    test::moveTo(*desk.context, {900, 500});
    desk.context->build(desk.model, desk.program, {1920, 1080}, 0.016);
    test::moveTo(*desk.context, {1600, 290});
    desk.context->build(desk.model, desk.program, {1920, 1080}, 0.016);
    desk.context->build(desk.model, desk.program, {1920, 1080}, 0.016);
    EXPECT_EQ(desk.context->hovered(), (core::FeatureKey{"alarms", "NEW-2"}));
}

TEST(Panels, aPointerLeftOnTheListHoldsNothingBackForLong) {
    Desk desk;
    test::moveTo(*desk.context, {1600, 290});
    desk.context->build(desk.model, desk.program, {1920, 1080}, 0.016);
    desk.context->build(desk.model, desk.program, {1920, 1080}, 0.016);
    auto next = std::make_shared<twin::StateSnapshot>(*desk.site.state);
    next->version = 2;
    next->alarms.insert(next->alarms.begin(), test::sampleAlarm("NEW-2", 2, 121.51, 31.195, test::sampleNow()));
    desk.model.state = next;
    desk.context->build(desk.model, desk.program, {1920, 1080}, 5.0);
    EXPECT_NE(desk.context->hovered(), (core::FeatureKey{"alarms", "NEW-2"}));
    desk.context->build(desk.model, desk.program, {1920, 1080}, 6.0);
    desk.context->build(desk.model, desk.program, {1920, 1080}, 0.016);
    EXPECT_EQ(desk.context->hovered(), (core::FeatureKey{"alarms", "NEW-2"}));
}

TEST(Panels, aPointerThatLeavesTheWindowOverTheListHoldsNothing) {
    Desk desk;
    test::moveTo(*desk.context, {1600, 160});
    desk.context->build(desk.model, desk.program, {1920, 1080}, 0.016);
    auto next = std::make_shared<twin::StateSnapshot>(*desk.site.state);
    next->version = 2;
    next->alarms.insert(next->alarms.begin(), test::sampleAlarm("NEW-2", 2, 121.51, 31.195, test::sampleNow()));
    desk.model.state = next;
    InputEvent away;
    away.kind = InputEvent::Kind::leave;
    desk.context->feed(away);
    desk.context->build(desk.model, desk.program, {1920, 1080}, 0.016);
    test::moveTo(*desk.context, {1600, 290});
    desk.context->build(desk.model, desk.program, {1920, 1080}, 0.016);
    desk.context->build(desk.model, desk.program, {1920, 1080}, 0.016);
    EXPECT_EQ(desk.context->hovered(), (core::FeatureKey{"alarms", "NEW-2"}));
}

TEST(Panels, theStripNamesWhatIsWrongHoweverManyFeedsThereAre) {
    const auto drawn = [](bool last) {
        Desk desk;
        auto state = std::make_shared<twin::StateSnapshot>(*desk.site.state);
        state->feeds.clear();
        twin::FeedState failing;
        failing.id = failing.kind = "history";
        failing.age = twin::Age::lost;
        failing.lastError = "disk full";
        if (!last) state->feeds.push_back(failing);
        for (int i = 0; i < 5; ++i) {
            twin::FeedState feed;
            feed.id = "feed-with-a-long-name-" + std::to_string(i);
            feed.kind = "mqtt";
            feed.connected = true;
            feed.age = twin::Age::fresh;
            feed.lastReceived = desk.model.now;
            state->feeds.push_back(feed);
        }
        if (last) state->feeds.push_back(failing);
        desk.model.state = state;
        for (int i = 0; i < 2; ++i) desk.context->build(desk.model, desk.program, {1280, 720}, 0.016);
        std::vector<std::array<float, 4>> vertices;
        const ImDrawData* data = desk.context->drawData();
        for (int l = 0; l < data->CmdListsCount; ++l)
            for (const ImDrawVert& v : data->CmdLists[l]->VtxBuffer) vertices.push_back({v.pos.x, v.pos.y, v.uv.x, v.uv.y});
        return vertices;
    };
    EXPECT_EQ(drawn(true), drawn(false));
}

TEST(Panels, foldsManyAlikeButNeverTheUpperTwoLevels) {
    Desk desk;
    auto state = std::make_shared<twin::StateSnapshot>(*desk.site.state);
    state->version = 3;
    state->alarms.clear();
    for (int i = 0; i < 30; ++i) state->alarms.push_back(test::sampleAlarm("L-" + std::to_string(i), 4, 121.51, 31.195, test::sampleNow()));
    desk.model.state = state;
    desk.context->build(desk.model, desk.program, {1920, 1080}, 0.016);
    const auto folded = desk.context->covered();
    for (int i = 0; i < 30; ++i) state->alarms[static_cast<std::size_t>(i)].severity = 2;
    desk.context->build(desk.model, desk.program, {1920, 1080}, 0.016);
    const auto open = desk.context->covered();
    const auto alarmCard = [](const std::vector<glm::vec4>& rects) {
        for (const auto& rect : rects)
            if (rect.x > 1400 && rect.y > 60) return rect.w;
        return 0.0f;
    };
    EXPECT_LT(alarmCard(folded), 200);
    EXPECT_GT(alarmCard(open), 800);
}

TEST(Panels, putWhatWasPutAsideBehindOneRowBelowAllElse) {
    Desk desk;
    auto state = std::make_shared<twin::StateSnapshot>(*desk.site.state);
    state->alarms = {test::sampleAlarm("shelved", 1, 121.51, 31.195, test::sampleNow()), test::sampleAlarm("real", 3, 121.51, 31.195, test::sampleNow())};
    state->alarms[0].workflow = twin::Workflow::shelved;
    state->version = 7;
    desk.model.state = state;
    const auto first = [&](float y) { return only<command::SelectFeature>(desk.click(1600, y)); };
    ASSERT_TRUE(first(160));
    EXPECT_EQ(first(160)->feature.id, "real") << "though it is of the third level";
    bool found = false;
    for (float y = 200; y < 600 && !found; y += 26) { // one of these opens the fold
        desk.click(1600, y);
        for (float below = y + 30; below < y + 160 && !found; below += 20) {
            const auto row = first(below);
            found = row && row->feature.id == "shelved";
        }
    }
    EXPECT_TRUE(found);
}

TEST(Panels, wantThePointerOnCardsOnly) {
    Desk desk;
    test::moveTo(*desk.context, {900, 500});
    desk.context->build(desk.model, desk.program, {1920, 1080}, 0.016);
    EXPECT_FALSE(desk.context->wantsPointer());
    test::moveTo(*desk.context, {1700, 400});
    desk.context->build(desk.model, desk.program, {1920, 1080}, 0.016);
    EXPECT_TRUE(desk.context->wantsPointer());
    test::moveTo(*desk.context, {900, 20});
    desk.context->build(desk.model, desk.program, {1920, 1080}, 0.016);
    EXPECT_TRUE(desk.context->wantsPointer());
}

TEST(Panels, swipesAndChoosesProposalsAndTheSun) {
    Desk desk;
    desk.program = Program::planner;
    EXPECT_TRUE(desk.find<command::SetProposal>([](const auto& p) { return p.proposal == "core-b"; }, {60, 90, 100, 400}));
    EXPECT_TRUE(desk.find<command::SetNavigation>([](const auto& n) { return n.mode == "walk"; }, {60, 90, 340, 560}));
    desk.model.planner.active = "core-a";
    desk.model.planner.swipe = 0.5;
    const auto size = glm::ivec2(1920, 1080);
    test::moveTo(*desk.context, {960, 600});
    desk.context->build(desk.model, desk.program, size, 0.016);
    InputEvent press;
    press.kind = InputEvent::Kind::pointerButton;
    press.pressed = true;
    press.x = 960;
    press.y = 600;
    desk.context->feed(press);
    desk.context->build(desk.model, desk.program, size, 0.016);
    EXPECT_TRUE(desk.context->wantsPointer());
    test::moveTo(*desk.context, {480, 620});
    const auto dragged = only<command::SetSwipe>(desk.context->build(desk.model, desk.program, size, 0.016));
    ASSERT_TRUE(dragged);
    EXPECT_NEAR(dragged->position, 0.25, 1e-6);
    press.pressed = false;
    desk.context->feed(press);
    desk.context->build(desk.model, desk.program, size, 0.016);
    desk.model.planner.swipe = -1;
    std::optional<command::SetTime> noon;
    for (float y = 980; y < 1060 && !noon; y += 8) {
        for (const auto& command : desk.click(960, y))
            if (const auto* time = std::get_if<command::SetTime>(&command.body)) noon = *time;
    }
    ASSERT_TRUE(noon);
    EXPECT_EQ(core::formatBeijing(noon->instant).substr(0, 13), "2025-06-15 12");
}

TEST(Panels, presenterShowsControlsOnlyWhileThePointerMoves) {
    Desk desk;
    desk.program = Program::presenter;
    desk.context->build(desk.model, desk.program, {1920, 1080}, 0.016);
    const auto still = desk.context->covered().size();
    EXPECT_TRUE(desk.find<command::TourControl>([](const auto& t) { return t.verb == "pause"; }, {1650, 50, 1900, 52}));
    EXPECT_GT(desk.context->covered().size(), still);
    for (int i = 0; i < 10; ++i) desk.context->build(desk.model, desk.program, {1920, 1080}, 0.5);
    EXPECT_EQ(desk.context->covered().size(), still);
}

TEST(Panels, haveAGlyphForEveryCharacterAlsoForThoseThatComeLater) {
    Desk desk;
    desk.model.selection.key = {"projects", "P-1"};
    for (const auto program : {Program::commandCenter, Program::planner, Program::presenter, Program::viewer})
        for (const auto language : {core::Language::zh, core::Language::en}) {
            desk.model.language = language;
            desk.context->build(desk.model, program, {1920, 1080}, 0.016);
            EXPECT_EQ(fallbackGlyphs(*desk.context), 0u);
        }
    EXPECT_EQ(desk.context->missingCharacters(), 0u);
    const auto before = desk.context->fontImage();
    desk.context->build(desk.model, Program::commandCenter, {1920, 1080}, 0.016);
    EXPECT_EQ(desk.context->fontImage(), before);
    desk.model.selection = {{"buildings", "NM-1"}, "龘靐齉爩", "", {}, {}};
    desk.context->build(desk.model, Program::viewer, {1920, 1080}, 0.016);
    EXPECT_NE(desk.context->fontImage()->version, before->version);
    EXPECT_EQ(fallbackGlyphs(*desk.context), 0u);
}

TEST(Panels, offStillShowTheNotice) {
    Desk desk;
    desk.model.panels = false;
    desk.context->build(desk.model, desk.program, {1920, 1080}, 0.016);
    ASSERT_EQ(desk.context->covered().size(), 1u);
    EXPECT_LT(desk.context->covered()[0].x, 100);
    EXPECT_GT(desk.context->covered()[0].y, 1000);
}

TEST(Panels, drawTheSameTwiceAndFitSmallAndWallPictures) {
    Desk desk;
    const auto vertices = [&](glm::ivec2 size, float scale) {
        auto context = test::makeUi(scale);
        context->build(desk.model, Program::commandCenter, size, 0.016);
        const ImDrawData* data = context->drawData();
        std::vector<float> all;
        for (int l = 0; l < data->CmdListsCount; ++l)
            for (const auto& v : data->CmdLists[l]->VtxBuffer) {
                all.push_back(v.pos.x);
                all.push_back(v.pos.y);
            }
        return all;
    };
    EXPECT_EQ(vertices({1920, 1080}, 0), vertices({1920, 1080}, 0));
    for (const glm::ivec2 size : {glm::ivec2(640, 360), glm::ivec2(7680, 2160), glm::ivec2(1, 1)}) EXPECT_FALSE(vertices(size, 0).empty());
}

TEST(Panels, stayFastInAFlood) {
    Desk desk;
    auto state = std::make_shared<twin::StateSnapshot>(*desk.site.state);
    for (int i = 0; i < 500; ++i)
        state->alarms.push_back(test::sampleAlarm("F-" + std::to_string(i), 1 + i % 4, 121.51, 31.195, test::sampleNow() - core::Duration{i * 1000}));
    state->version = 9;
    desk.model.state = state;
    desk.context->build(desk.model, desk.program, {1920, 1080}, 0.016);
    const auto start = std::chrono::steady_clock::now();
    for (int i = 0; i < 20; ++i) desk.context->build(desk.model, desk.program, {1920, 1080}, 0.016);
    const double ms = std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count() / 20;
    std::cout << "panels: " << ms << " ms\n";
    EXPECT_LT(ms, 30); // under load; the figure printed is what counts
}

TEST(Catalogue, hasBothLanguagesForEveryWord) { EXPECT_TRUE(core::incompleteMessages().empty()); }

} // namespace matou::ui
