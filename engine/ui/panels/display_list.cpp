#include <algorithm>
#include <cmath>
#include <cstdio>

#include "scene/height_ramp.h"
#include "ui/panels.h"

namespace matou::ui {

namespace {

std::string metersText(double meters) {
    char text[32];
    std::snprintf(text, sizeof text, "%g", meters);
    return text;
}

} // namespace

std::string segments(Kit& kit, const std::string& id, const Rect& rect, const std::vector<std::pair<std::string, std::string>>& choices, const std::string& chosen) {
    kit.fill(rect, kit.palette.raised, rect.h * 0.5f);
    const float w = rect.w / static_cast<float>(choices.size());
    std::string picked;
    for (std::size_t i = 0; i < choices.size(); ++i) {
        const Rect part = Rect{rect.x + w * static_cast<float>(i), rect.y, w, rect.h}.inset(kit.px(3));
        if (kit.pill(id + "/" + choices[i].first, part, choices[i].second, choices[i].first == chosen) && choices[i].first != chosen) picked = choices[i].first;
    }
    return picked;
}

float displaySwitches(Kit& kit, const UiModel& model, const Rect& room, bool withAlarms, bool draw) {
    const auto& display = model.display;
    const float row = kit.px(34);
    float y = room.y;
    const auto toggle = [&](const char* id, const char* key, bool on, command::SetAids change) {
        if (draw && kit.toggle(id, {room.x, y, room.w, row}, kit.words(key), on)) kit.send(std::move(change));
        y += row;
    };
    if (withAlarms) toggle("display/xray", "UI_DISPLAY_XRAY", display.xray, {.xray = !display.xray});
    toggle("display/ghost", "UI_DISPLAY_GHOST", display.ghost, {.ghost = !display.ghost});
    toggle("display/tint", "UI_DISPLAY_TINT", display.heightTint, {.heightTint = !display.heightTint});
    if (draw) kit.textIn({room.x, y, room.w, row}, Type::body, kit.palette.ink, kit.words("UI_DISPLAY_CONTOURS"));
    y += row;
    if (draw) {
        const auto picked = segments(kit, "display/contours", {room.x, y, room.w, kit.px(34)},
                                     {{"0", kit.words("UI_DISPLAY_OFF")}, {"0.25", "0.25 m"}, {"0.5", "0.5 m"}, {"1", "1 m"}, {"5", "5 m"}},
                                     metersText(display.contourMeters));
        if (!picked.empty()) kit.send(command::SetAids{.contourMeters = std::stod(picked)});
    }
    y += kit.px(40);
    return y - room.y;
}

void heightLegend(Kit& kit, const UiModel& model, float bottom) {
    const auto& display = model.display;
    if (!display.legend || (!display.heightTint && display.contourMeters <= 0)) return;
    const std::string datum = display.datum.empty() ? kit.words("UI_HEIGHT_LOCAL") : display.datum;
    const std::string title = kit.words("UI_HEIGHT_LEGEND", {datum});
    const std::string lines = display.contourMeters > 0 ? kit.words("UI_CONTOUR_LEGEND", {metersText(display.contourMeters), metersText(5 * display.contourMeters)}) : "";
    const float pad = kit.px(14), line = kit.em(Type::caption) + kit.px(8);
    const float w = std::min(std::max({kit.px(display.heightTint ? 430 : 0), kit.width(Type::caption, title), kit.width(Type::caption, lines)}) + 2 * pad, kit.screen.w);
    const float h = 2 * pad - kit.px(6) + (display.heightTint ? 2 * line + kit.px(16) : 0) + (lines.empty() ? 0 : line);
    const Rect card{std::round((kit.screen.w - w) * 0.5f), bottom - h, w, h};
    kit.card(card);
    float y = card.y + pad - kit.px(3);
    if (display.heightTint) {
        kit.text(card.x + pad, y, Type::caption, kit.palette.ink, title);
        y += line;
        const auto& ramp = scene::kHeightRamp;
        // Stops stand at equal distances: the ramp is not linear, its numbers say where it is.
        const float left = card.x + pad + kit.px(10), width = w - 2 * pad - kit.px(20), step = width / static_cast<float>(ramp.size() - 1);
        constexpr int kBlends = 12;
        for (std::size_t i = 0; i + 1 < ramp.size(); ++i)
            for (int k = 0; k < kBlends; ++k) {
                const float t = (static_cast<float>(k) + 0.5f) / kBlends;
                const glm::vec3 c = glm::mix(glm::vec3(ramp[i].color), glm::vec3(ramp[i + 1].color), t);
                kit.fill({left + step * (static_cast<float>(i) + static_cast<float>(k) / kBlends), y, step / kBlends + 1.0f, kit.px(12)},
                         colorOf(scene::Rgba(glm::u8vec3(c + 0.5f), 255)));
            }
        y += kit.px(16);
        for (std::size_t i = 0; i < ramp.size(); ++i) {
            const std::string number = metersText(ramp[i].meters + display.rampBaseMeters);
            const float x = left + step * static_cast<float>(i) - kit.width(Type::caption, number) * 0.5f;
            kit.text(std::round(x), y, Type::caption, kit.palette.quiet, number);
        }
        y += line;
    }
    if (!lines.empty()) kit.text(card.x + pad, y, Type::caption, kit.palette.ink, lines);
}

} // namespace matou::ui
