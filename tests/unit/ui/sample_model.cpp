#include "unit/ui/sample_model.h"

#include <gtest/gtest.h>
#include <imgui.h>

#include "core/messages.h"
#include "unit/symbology/picture.h"

namespace matou::test {

ui::UiModel sampleModel(const SampleSite& site) {
    ui::UiModel model;
    model.district = {"南码头路街道", "Nanmatou Road Subdistrict"};
    model.notice = {"示意数据 界线仅为示意,不作为法定边界依据", "Illustrative data; boundaries are not legal boundaries"};
    model.scenes = {{"riverfront", {"世博滨江与白莲泾", "Riverfront"}}, {"core", {"核心区域", "Core"}}, {"residential", {"宜居社区", "Residential"}}};
    model.activeScene = "core";
    for (const char* group : {"alarms", "sensors", "cameras", "projects", "zones", "labels"}) model.layers.push_back({group, {}, true, true});
    model.layers[2].visible = false;
    model.layers.push_back({"buildings", {"建筑", "Buildings"}, false, true});
    model.layers.push_back({"roads", {"道路", "Roads"}, false, true});
    model.layers.push_back({"green", {"绿地", "Green"}, false, true});
    model.state = site.state;
    model.now = sampleNow();
    model.figures = {58.7, 17.1, 9.2, 1843221, 212, 96, 3, 412ull << 20, 2048ull << 20};
    model.planner.proposals = {{"core-a", {"南码头文化中心", "Nanmatou Culture Centre"}}, {"core-b", {"口袋公园", "Pocket park"}}};
    model.planner.sunTime = sampleNow();
    model.planner.sunElevationDegrees = 62;
    model.presenter.title = {"南码头路街道 2023–2025", "Nanmatou 2023–2025"};
    model.presenter.caption = {"世博滨江“政务商务带”：从工业岸线到城市客厅，2023 年起分三期贯通滨江步道。",
                               "The Expo riverfront belt: from working quays to the city's living room, opened in three phases from 2023."};
    model.presenter.step = 2;
    model.presenter.steps = 6;
    model.presenter.playing = true;
    model.presenter.date = *core::parseInstant("2024-03-01T00:00:00+08:00");
    model.presenter.dateFrom = *core::parseInstant("2023-01-01T00:00:00+08:00");
    model.presenter.dateTo = *core::parseInstant("2025-12-31T00:00:00+08:00");
    return model;
}

std::unique_ptr<ui::UiContext> makeUi(float scale, symbology::Theme theme) {
    auto fonts = text::findCjkFonts();
    EXPECT_TRUE(fonts);
    auto context = ui::UiContext::create({*fonts, theme, scale});
    EXPECT_TRUE(context);
    return std::move(*context);
}

void moveTo(ui::UiContext& context, glm::vec2 at) {
    ui::InputEvent event;
    event.kind = ui::InputEvent::Kind::pointerMove;
    event.x = at.x;
    event.y = at.y;
    context.feed(event);
}

std::vector<command::Command> click(ui::UiContext& context, const ui::UiModel& model, ui::Program program, glm::vec2 at, glm::ivec2 size) {
    std::vector<command::Command> all;
    const auto frame = [&] {
        for (auto& command : context.build(model, program, size, 1.0 / 60)) all.push_back(std::move(command));
    };
    moveTo(context, at);
    frame();
    ui::InputEvent event;
    event.kind = ui::InputEvent::Kind::pointerButton;
    event.x = at.x;
    event.y = at.y;
    // Both between two frames, as a fast click is.
    event.pressed = true;
    context.feed(event);
    event.pressed = false;
    context.feed(event);
    for (int i = 0; i < 3; ++i) frame();
    return all;
}

void drawPanels(Picture& picture, ui::UiContext& context) {
    const auto font = context.fontImage();
    const ImDrawData* data = context.drawData();
    for (int l = 0; l < data->CmdListsCount; ++l) {
        const ImDrawList* list = data->CmdLists[l];
        for (const auto& command : list->CmdBuffer) {
            const glm::vec4 clip(command.ClipRect.x, command.ClipRect.y, command.ClipRect.z, command.ClipRect.w);
            for (unsigned i = 0; i + 2 < command.ElemCount; i += 3) {
                glm::vec2 p[3], uv[3];
                glm::u8vec4 color[3];
                for (unsigned k = 0; k < 3; ++k) {
                    const ImDrawVert& v = list->VtxBuffer[static_cast<int>(command.VtxOffset + list->IdxBuffer[static_cast<int>(command.IdxOffset + i + k)])];
                    p[k] = {v.pos.x, v.pos.y};
                    uv[k] = {v.uv.x, v.uv.y};
                    color[k] = {v.col & 255, (v.col >> 8) & 255, (v.col >> 16) & 255, v.col >> 24};
                }
                picture.triangle(p, uv, color, font->alpha, static_cast<int>(font->width), static_cast<int>(font->height), clip);
            }
        }
    }
}

} // namespace matou::test
