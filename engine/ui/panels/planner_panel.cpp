#include <algorithm>
#include <cmath>
#include <cstdio>

#include "ui/panels.h"

namespace matou::ui {

namespace {

constexpr std::int64_t kDay = 86400000, kBeijing = 8 * 3600000;

void proposals(Kit& kit, const UiModel& model, const Layout& layout) {
    const auto& planner = model.planner;
    const float pad = kit.px(18), w = kit.px(320), row = kit.px(46);
    const bool any = !planner.proposals.empty();
    const float rows = static_cast<float>(planner.proposals.size() + 1) * (row + kit.px(6));
    const float swipeHeight = any ? kit.px(44) : 0.0f;
    const bool walking = planner.navigation == "walk";
    const auto hints = kit.wrap(Type::caption, w - 2 * pad, kit.words(walking ? "UI_HINT_WALK" : "UI_HINT_ORBIT"));
    const float hintHeight = static_cast<float>(hints.size()) * kit.em(Type::caption) * 1.4f + (walking ? kit.em(Type::caption) + kit.px(7) : 0.0f);
    const float h = kit.px(52) + rows + swipeHeight + kit.px(28 + 50 + 50) + displaySwitches(kit, model, {0, 0, 0, 0}, false, false) + kit.px(10) + hintHeight + kit.px(14);
    const Rect card{layout.margin, layout.top, w, std::min(h, layout.bottom - layout.top)};
    kit.card(card);
    kit.text(card.x + pad, card.y + kit.px(18), Type::title, kit.palette.ink, kit.words("UI_PROPOSALS"));
    float y = card.y + kit.px(52);
    const auto choice = [&](const std::string& id, const std::string& label) {
        const Rect rect{card.x + pad - kit.px(4), y, w - 2 * pad + kit.px(8), row};
        const bool chosen = planner.active == id;
        kit.fill(rect, chosen ? kit.palette.hover : kit.pointerIn(rect) ? kit.palette.raised : withAlpha(kit.palette.raised, 0.0f), kit.px(10));
        if (kit.area("proposal/" + id, rect) && !chosen) kit.send(command::SetProposal{id});
        const glm::vec2 c(rect.x + kit.px(22), rect.center().y);
        kit.ring(c, kit.px(8), chosen ? kit.palette.accent : kit.palette.faint, std::max(1.5f, kit.px(2)));
        if (chosen) kit.circle(c, kit.px(4.5f), kit.palette.accent);
        kit.textCut(rect.x + kit.px(42), rect.y + (row - kit.em(Type::strong)) * 0.5f, rect.w - kit.px(52), Type::strong, chosen ? kit.palette.ink : kit.palette.quiet, label);
        y += row + kit.px(6);
    };
    choice("", kit.words("UI_EXISTING"));
    for (const auto& proposal : planner.proposals) choice(proposal.id, kit.words("UI_PROPOSED", {kit.name(proposal.name)}));
    if (any) {
        const bool on = planner.swipe >= 0 && !planner.active.empty();
        if (kit.toggle("swipe/switch", {card.x + pad, y, w - 2 * pad, kit.px(38)}, kit.words("UI_SWIPE"), on)) {
            // Comparing needs a proposal: the first one is taken where none is chosen.
            if (!on && planner.active.empty()) kit.send(command::SetProposal{planner.proposals.front().id});
            kit.send(command::SetSwipe{on ? -1.0 : 0.5});
        }
        y += swipeHeight;
    }
    y += kit.px(10);
    kit.line({card.x + pad, y}, {card.right() - pad, y}, kit.palette.stroke, 1.0f);
    y += kit.px(18);
    const auto mode = segments(kit, "nav", {card.x + pad, y, w - 2 * pad, kit.px(40)},
                               {{"orbit", kit.words("UI_NAV_ORBIT")}, {"walk", kit.words("UI_NAV_WALK")}}, planner.navigation);
    if (!mode.empty()) kit.send(command::SetNavigation{mode});
    y += kit.px(50);
    const auto look = segments(kit, "look", {card.x + pad, y, w - 2 * pad, kit.px(40)},
                               {{"natural", kit.words("UI_LOOK_NATURAL")}, {"plan", kit.words("UI_LOOK_PLAN")}, {"night", kit.words("UI_LOOK_NIGHT")}}, planner.look);
    if (!look.empty()) kit.send(command::SetLook{look});
    y += kit.px(50);
    y += displaySwitches(kit, model, {card.x + pad, y, w - 2 * pad, 0}, false, true) + kit.px(10);
    if (walking) {
        char figures[64];
        std::snprintf(figures, sizeof figures, "%.1f m   %.1f m/s", planner.eyeHeightMeters, planner.speedMetersPerSecond);
        kit.text(card.x + pad, y, Type::caption, kit.palette.ink, kit.words("UI_EYE_HEIGHT") + "  " + figures);
        y += kit.em(Type::caption) + kit.px(7);
    }
    for (const auto& line : hints) {
        kit.text(card.x + pad, y, Type::caption, kit.palette.quiet, line);
        y += kit.em(Type::caption) * 1.4f;
    }
}

void sunSlider(Kit& kit, const UiModel& model, PanelMemory&, const Layout& layout) {
    const auto& planner = model.planner;
    const float w = std::min(kit.px(620), kit.screen.w - 2 * kit.px(360)), h = kit.px(84);
    if (w < kit.px(260)) return;
    const Rect card{(kit.screen.w - w) * 0.5f, layout.bottom - h, w, h};
    kit.card(card);
    const std::int64_t local = planner.sunTime.time_since_epoch().count() + kBeijing;
    const std::int64_t inDay = ((local % kDay) + kDay) % kDay;
    const float pad = kit.px(22);
    const std::string head = kit.words("UI_SUN_TIME") + "  " + dateText(planner.sunTime) + "  " + timeText(planner.sunTime).substr(0, 5);
    kit.text(card.x + pad, card.y + kit.px(15), Type::strong, kit.palette.ink, head);
    char sun[96];
    std::snprintf(sun, sizeof sun, "%.0f°", planner.sunElevationDegrees);
    const std::string elevation = planner.sunElevationDegrees > 0 ? kit.words("UI_SUN_ELEVATION", {sun}) : kit.words("UI_SUN_BELOW");
    kit.text(card.right() - pad - kit.width(Type::body, elevation), card.y + kit.px(15), Type::body, kit.palette.quiet, elevation);
    const float left = card.x + pad, right = card.right() - pad, y = card.y + kit.px(50);
    kit.fill({left, y - kit.px(2), right - left, kit.px(4)}, kit.palette.stroke, kit.px(2));
    for (int hour = 0; hour <= 24; hour += 6) {
        const float x = left + (right - left) * static_cast<float>(hour) / 24.0f;
        const std::string label = std::to_string(hour) + ":00";
        kit.text(std::clamp(x - kit.width(Type::caption, label) * 0.5f, left, right - kit.width(Type::caption, label)), y + kit.px(13), Type::caption,
                 kit.palette.faint, label);
    }
    const float at = left + (right - left) * static_cast<float>(static_cast<double>(inDay) / static_cast<double>(kDay));
    kit.fill({left, y - kit.px(2), at - left, kit.px(4)}, kit.palette.accent, kit.px(2));
    kit.circle({at, y}, kit.px(10), kit.palette.accent);
    kit.circle({at, y}, kit.px(4), kit.palette.accentInk);
    kit.area("sun", {left - kit.px(10), y - kit.px(16), right - left + kit.px(20), kit.px(32)});
    if (kit.held()) {
        const double share = std::clamp(static_cast<double>((kit.pointer().x - left) / (right - left)), 0.0, 0.9999);
        // Steps of five minutes: a drag lands on times that can be named.
        const std::int64_t chosen = std::llround(share * 288.0) * (kDay / 288);
        if (chosen != inDay) kit.send(command::SetTime{core::Instant{core::Duration{local - inDay + std::min(chosen, kDay - 300000) - kBeijing}}});
    }
}

} // namespace

void plannerPanel(Kit& kit, const UiModel& model, PanelMemory& memory, const Layout& layout) {
    proposals(kit, model, layout);
    sunSlider(kit, model, memory, layout);
    heightLegend(kit, model, layout.bottom - kit.px(84) - layout.margin);
}

} // namespace matou::ui
