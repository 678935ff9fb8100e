#include <algorithm>

#include "ui/panels.h"

namespace matou::ui {

namespace {

void sideName(Kit& kit, float edge, bool left, float y, const std::string& words) {
    const float w = kit.width(Type::strong, words) + kit.px(28), h = kit.px(32), gap = kit.px(14);
    const Rect plate{left ? edge - gap - w : edge + gap, y, w, h};
    if (plate.x < 0 || plate.right() > kit.screen.w) return;
    kit.fill(plate, kit.palette.plate, h * 0.5f);
    kit.textIn(plate, Type::strong, kit.palette.ink, words, Align::center);
}

} // namespace

void swipeHandle(Kit& kit, const UiModel& model, PanelMemory& memory, const Layout& layout) {
    const auto& planner = model.planner;
    if (planner.swipe < 0 || planner.active.empty()) {
        memory.swipeHeld = false;
        return;
    }
    const float x = std::round(static_cast<float>(std::clamp(planner.swipe, 0.0, 1.0)) * kit.screen.w);
    const float top = layout.top - layout.margin, bottom = kit.screen.h;
    kit.line({x, top}, {x, bottom}, withAlpha(kit.palette.shadow, 1.0f), kit.px(5));
    kit.line({x, top}, {x, bottom}, Color{0xFFFFFFFF}, kit.px(2.5f));
    const glm::vec2 knob(x, top + (bottom - top) * 0.5f);
    const float r = kit.px(24);
    kit.circle(knob + glm::vec2(0, kit.px(2)), r + kit.px(1), withAlpha(kit.palette.shadow, 1.0f));
    kit.circle(knob, r, Color{0xFFFFFFFF});
    const float a = kit.px(6);
    const Color dark = 0xFF2A2016;
    kit.triangle({x - kit.px(13), knob.y}, {x - kit.px(5), knob.y - a}, {x - kit.px(5), knob.y + a}, dark);
    kit.triangle({x + kit.px(13), knob.y}, {x + kit.px(5), knob.y - a}, {x + kit.px(5), knob.y + a}, dark);
    std::string proposal = planner.active;
    for (const auto& choice : planner.proposals)
        if (choice.id == planner.active) proposal = kit.name(choice.name);
    sideName(kit, x, true, layout.top, kit.words("UI_EXISTING"));
    sideName(kit, x, false, layout.top, kit.words("UI_PROPOSED", {proposal}));

    // The whole line can be taken, not only the knob.
    const Rect grip{x - kit.px(14), top, kit.px(28), bottom - top};
    kit.area("swipe", grip);
    const bool held = kit.held();
    if (held && memory.swipeHeld) {
        const double position = std::clamp(static_cast<double>(kit.pointer().x / kit.screen.w), 0.02, 0.98);
        if (std::abs(position - planner.swipe) > 1e-6) kit.send(command::SetSwipe{position});
    }
    memory.swipeHeld = held;
    kit.covered.push_back({knob.x - r, knob.y - r, 2 * r, 2 * r});
    if (held || kit.pointerIn(grip)) kit.covered.push_back({grip.x, grip.y, grip.w, grip.h});
}

} // namespace matou::ui
