// Looking back: when that is, how fast it goes, and the way home.

#include <array>

#include "ui/panels.h"

namespace matou::ui {

void replayBar(Kit& kit, const UiModel& model, const Layout& layout) {
    if (!model.past) return;
    const auto& past = *model.past;
    kit.frame(kit.screen.inset(kit.px(3)), kit.palette.accent, 0, kit.px(6));
    const float h = kit.px(104), w = std::min(kit.px(720), kit.screen.w - 2 * layout.margin);
    const Rect card{(kit.screen.w - w) * 0.5f, layout.bottom - h, w, h};
    kit.card(card);
    const float pad = kit.px(20), row = kit.px(36);
    const std::string words = kit.words("UI_MODE_REPLAY");
    const Rect plate{card.x + pad, card.y + kit.px(12), kit.width(Type::strong, words) + kit.px(28), kit.px(30)};
    kit.fill(plate, kit.palette.accent, plate.h * 0.5f);
    kit.textIn(plate, Type::strong, kit.palette.accentInk, words, Align::center);
    kit.textIn({plate.right() + kit.px(14), plate.y, w, plate.h}, Type::heading, kit.palette.ink,
               dateText(past.at) + "  " + timeText(past.at));

    const float y = card.bottom() - row - kit.px(12);
    float x = card.x + pad;
    const auto go = [&](core::Instant at, double speed) { kit.send(command::LookBack{at, speed}); };
    const auto button = [&](const char* id, const std::string& label, bool chosen = false) {
        const Rect place{x, y, kit.buttonWidth(label), row};
        x += place.w + kit.px(6);
        return kit.button(id, place, label, chosen ? Button::primary : Button::quiet);
    };
    constexpr std::array<std::pair<const char*, int>, 4> kSteps{
        {{"-1h", -3600}, {"-10m", -600}, {"+10m", 600}, {"+1h", 3600}}};
    for (const auto& [id, seconds] : kSteps) {
        const std::string label =
            (seconds < 0 ? "−" : "+") + kit.words(std::abs(seconds) == 3600 ? "UI_REPLAY_HOUR" : "UI_REPLAY_MINUTES");
        if (button(id, label)) go(past.at + std::chrono::seconds(seconds), past.speed);
    }
    x += kit.px(10);
    for (const double speed : {0.0, 1.0, 10.0, 60.0}) {
        const std::string label =
            speed == 0 ? kit.words("UI_REPLAY_PAUSE") : std::to_string(static_cast<int>(speed)) + "×";
        if (button(("speed" + label).c_str(), label, past.speed == speed)) go(past.at, speed);
    }
    const std::string back = kit.words("UI_REPLAY_LIVE");
    const float width = kit.buttonWidth(back);
    if (kit.button("live", {card.right() - pad - width, card.y + kit.px(10), width, row}, back, Button::primary))
        go({}, 1);
}

} // namespace matou::ui
