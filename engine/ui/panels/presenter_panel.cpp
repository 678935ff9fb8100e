#include <algorithm>
#include <cmath>

#include "ui/panels.h"

namespace matou::ui {

namespace {

constexpr double kControlsSeconds = 3.0; // after the last move of the pointer

core::Instant yearStart(int year) {
    const std::chrono::sys_days day = std::chrono::year{year} / std::chrono::January / 1;
    return core::Instant{day.time_since_epoch()} - std::chrono::hours(8);
}

int yearOf(core::Instant instant) {
    const auto days = std::chrono::floor<std::chrono::days>(instant + std::chrono::hours(8));
    return static_cast<int>(std::chrono::year_month_day{days}.year());
}

/// The projects' years with where the story stands.
void timeline(Kit& kit, const PresenterModel& story, const Rect& rect) {
    if (story.dateTo <= story.dateFrom) return;
    const auto x = [&](core::Instant at) {
        const double share = static_cast<double>((at - story.dateFrom).count()) / static_cast<double>((story.dateTo - story.dateFrom).count());
        return rect.x + rect.w * static_cast<float>(std::clamp(share, 0.0, 1.0));
    };
    const float y = rect.y + kit.px(8);
    kit.fill({rect.x, y - kit.px(2), rect.w, kit.px(4)}, withAlpha(kit.palette.quiet, 0.35f), kit.px(2));
    const bool dated = story.date != core::Instant{};
    if (dated) kit.fill({rect.x, y - kit.px(2), x(story.date) - rect.x, kit.px(4)}, kit.palette.accent, kit.px(2));
    for (int year = yearOf(story.dateFrom); year <= yearOf(story.dateTo); ++year) {
        for (int quarter = 0; quarter < 4; ++quarter) {
            const core::Instant at = yearStart(year) + std::chrono::hours(24 * 91 * quarter);
            if (at < story.dateFrom || at > story.dateTo) continue;
            kit.fill({x(at) - kit.px(1), y - kit.px(quarter == 0 ? 6 : 3), kit.px(2), kit.px(quarter == 0 ? 12 : 6)}, withAlpha(kit.palette.quiet, 0.7f));
        }
        const float from = x(std::max(yearStart(year), story.dateFrom)), to = x(std::min(yearStart(year + 1), story.dateTo));
        const std::string label = std::to_string(year);
        if (to - from > kit.width(Type::caption, label) + kit.px(8))
            kit.textIn({from, y + kit.px(10), to - from, kit.em(Type::caption)}, Type::caption, kit.palette.quiet, label, Align::center);
    }
    if (!dated) return;
    kit.circle({x(story.date), y}, kit.px(9), kit.palette.accent);
    kit.circle({x(story.date), y}, kit.px(4), kit.palette.accentInk);
}

void steps(Kit& kit, const PresenterModel& story, float x, float y) {
    for (int i = 0; i < std::min(story.steps, 40); ++i) {
        const bool here = i == story.step;
        const float w = kit.px(here ? 26 : 10), h = kit.px(5);
        kit.fill({x, y, w, h}, i <= story.step ? kit.palette.accent : withAlpha(kit.palette.quiet, 0.4f), h * 0.5f);
        x += w + kit.px(6);
    }
}

void controls(Kit& kit, const PresenterModel& story, const PanelMemory& memory) {
    if (memory.seconds - memory.lastPointer > kControlsSeconds) return;
    const float w = kit.px(232), h = kit.px(56);
    const Rect card{kit.screen.w - w - kit.px(28), kit.px(28), w, h};
    kit.card(card);
    const auto button = [&](const char* verb, float x) {
        const Rect r{x, card.y + kit.px(8), kit.px(40), kit.px(40)};
        if (kit.area(std::string("tour/") + verb, r)) kit.send(command::TourControl{verb});
        if (kit.pointerIn(r)) kit.fill(r, kit.palette.hover, kit.px(10));
        return r.center();
    };
    const float a = kit.px(8);
    const Color ink = kit.palette.ink;
    glm::vec2 c = button("previous", card.x + kit.px(12));
    kit.triangle({c.x - a, c.y}, {c.x + a, c.y - a}, {c.x + a, c.y + a}, ink);
    kit.fill({c.x - a - kit.px(2), c.y - a, kit.px(3), 2 * a}, ink);
    c = button(story.playing ? "pause" : "start", card.x + kit.px(66));
    if (story.playing) {
        kit.fill({c.x - kit.px(7), c.y - a, kit.px(5), 2 * a}, ink);
        kit.fill({c.x + kit.px(2), c.y - a, kit.px(5), 2 * a}, ink);
    } else {
        kit.triangle({c.x - kit.px(6), c.y - kit.px(10)}, {c.x - kit.px(6), c.y + kit.px(10)}, {c.x + kit.px(10), c.y}, ink);
    }
    c = button("next", card.x + kit.px(120));
    kit.triangle({c.x + a, c.y}, {c.x - a, c.y - a}, {c.x - a, c.y + a}, ink);
    kit.fill({c.x + a, c.y - a, kit.px(3), 2 * a}, ink);
    c = button("stop", card.x + kit.px(174));
    kit.fill({c.x - kit.px(7), c.y - kit.px(7), kit.px(14), kit.px(14)}, ink, kit.px(2));
}

} // namespace

void presenterPanel(Kit& kit, const UiModel& model, PanelMemory& memory) {
    const auto& story = model.presenter;
    const float margin = std::round(kit.screen.w * 0.035f);
    const std::string& title = kit.name(story.title);
    const std::string& caption = kit.name(story.caption);
    // Left and low: the subject of a picture stands in its middle and right.
    const float w = std::min(kit.screen.w - 2 * margin, std::max(kit.screen.w * 0.5f, kit.px(760)));
    const float pad = kit.px(28);
    const auto lines = caption.empty() ? std::vector<std::string>{} : kit.wrap(Type::display, w - 2 * pad, caption);
    const bool dated = story.dateTo > story.dateFrom;
    const float lineHeight = kit.em(Type::display) * 1.42f;
    const float meta = kit.px(34), rail = dated ? kit.px(56) : kit.px(4);
    const float h = pad + meta + static_cast<float>(lines.size()) * lineHeight + rail + kit.px(20);
    const float bottom = kit.screen.h - kit.px(52);
    if (!lines.empty() || dated) {
        const Rect plate{margin, bottom - h, w, h};
        kit.card(plate);
        float y = plate.y + pad;
        steps(kit, story, plate.x + pad, y + kit.px(4));
        std::string right = title;
        if (story.date != core::Instant{}) right += (right.empty() ? "" : "   ") + dateText(story.date).substr(0, 7);
        const float used = std::min(kit.width(Type::strong, right), w * 0.6f);
        kit.textCut(plate.right() - pad - used, y, w * 0.6f, Type::strong, kit.palette.quiet, right);
        y += meta;
        for (const auto& line : lines) {
            kit.text(plate.x + pad, y, Type::display, kit.palette.ink, line);
            y += lineHeight;
        }
        if (dated) timeline(kit, story, {plate.x + pad, plate.bottom() - kit.px(56), w - 2 * pad, kit.px(40)});
    }
    controls(kit, story, memory);
}

} // namespace matou::ui
