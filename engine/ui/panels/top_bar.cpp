#include <algorithm>
#include <array>

#include "symbology/theme.h"
#include "ui/panels.h"

namespace matou::ui {

namespace {

constexpr std::chrono::minutes kBack(10);

/// Live, replay or drill; anything but live cannot be overlooked. A click on "live" looks back.
float modeBadge(Kit& kit, const UiModel& model, float right, float height) {
    const std::string mode = model.past ? "replay" : model.state ? model.state->mode : "";
    const char* key = model.networkLost ? "UI_MODE_OFFLINE" : mode == "replay" ? "UI_MODE_REPLAY" : mode == "drill" ? "UI_MODE_DRILL" : mode.empty() ? "UI_MODE_NONE" : "UI_MODE_LIVE";
    const bool live = mode == "live" && !model.networkLost;
    const std::string label = kit.words(key);
    const float w = kit.width(Type::strong, label) + kit.px(live ? 38 : 28), h = kit.px(28);
    const Rect badge{right - w, (height - h) * 0.5f, w, h};
    kit.fill(badge, live ? kit.palette.raised : kit.palette.ink, h * 0.5f);
    if (live) {
        kit.circle({badge.x + kit.px(15), badge.center().y}, kit.px(4), kit.palette.accent);
        kit.textIn({badge.x + kit.px(24), badge.y, w, h}, Type::strong, kit.palette.ink, label);
    } else {
        kit.textIn(badge, Type::strong, withAlpha(kit.palette.plate, 1.0f), label, Align::center);
    }
    if (kit.area("mode", badge)) {
        if (model.past) kit.send(command::LookBack{});
        else if (model.state) kit.send(command::LookBack{model.now - kBack, 1});
    }
    return badge.x;
}

float clock(Kit& kit, const UiModel& model, float right, float height) {
    const std::string time = timeText(model.now), date = dateText(model.now) + "  " + kit.words("UI_BEIJING_TIME");
    const float w = std::max(kit.width(Type::heading, "00:00:00"), kit.width(Type::caption, date));
    const float x = right - w, y = (height - kit.em(Type::heading) - kit.em(Type::caption) - kit.px(6)) * 0.5f;
    // A fixed width for each digit, so that the seconds do not make the clock dance.
    const float digit = kit.width(Type::heading, "0"), colon = kit.width(Type::heading, ":");
    float at = right - 6 * digit - 2 * colon;
    for (const char c : time) {
        const float cell = c == ':' ? colon : digit;
        const std::string glyph(1, c);
        kit.text(at + (cell - kit.width(Type::heading, glyph)) * 0.5f, y, Type::heading, kit.palette.ink, glyph);
        at += cell;
    }
    kit.text(right - kit.width(Type::caption, date), y + kit.em(Type::heading) + kit.px(6), Type::caption, kit.palette.quiet, date);
    return x;
}

float severityCounts(Kit& kit, const UiModel& model, float right, float height) {
    std::array<int, 4> counts{};
    if (model.state)
        for (const auto& alarm : model.state->alarms)
            if (alarm.severity >= 1 && alarm.severity <= 4 && !symbology::isAside(alarm)) ++counts[static_cast<std::size_t>(alarm.severity - 1)];
    float x = right;
    for (int severity = 4; severity >= 1; --severity) {
        const int count = counts[static_cast<std::size_t>(severity - 1)];
        const std::string number = std::to_string(count);
        x -= std::max(kit.width(Type::title, number), kit.width(Type::title, "0"));
        kit.text(x, (height - kit.em(Type::title)) * 0.5f, Type::title, count > 0 ? kit.palette.ink : kit.palette.faint, number);
        x -= kit.px(8) + kit.px(22);
        kit.severityMark({x + kit.px(11), height * 0.5f}, kit.px(22), severity, count == 0);
        x -= kit.px(18);
    }
    return x;
}

/// Colour of an official warning signal: the weather service's own four, words beside them.
Color signalColor(int rank) {
    static constexpr std::array<scene::Rgba, 4> kColors{{{30, 98, 200, 255}, {246, 206, 20, 255}, {240, 130, 20, 255}, {205, 20, 30, 255}}};
    return colorOf(kColors[static_cast<std::size_t>(std::clamp(rank, 1, 4) - 1)]);
}

std::string hazardText(const Kit& kit, const std::string& hazard) {
    for (const auto& [word, key] : {std::pair("rainstorm", "UI_HAZARD_RAINSTORM"), std::pair("typhoon", "UI_HAZARD_TYPHOON"), std::pair("gale", "UI_HAZARD_GALE"),
                                    std::pair("tide", "UI_HAZARD_TIDE"), std::pair("thunder", "UI_HAZARD_THUNDER")})
        if (hazard == word) return kit.words(key);
    return hazard;
}

/// Warning signals in force and the response level, under the bar where nobody can overlook them; nothing where there are none. The picture
/// of a past hour shows that hour's.
void floodBanner(Kit& kit, const UiModel& model, float top) {
    const auto* state = model.past && model.past->state ? model.past->state.get() : model.state.get();
    if (!state || !state->floodSeason) return;
    std::vector<const twin::FloodItem*> warnings;
    for (const auto& item : *state->floodSeason)
        if (twin::warningRank(item) > 0 && twin::inForce(item, state->now)) warnings.push_back(&item);
    std::stable_sort(warnings.begin(), warnings.end(), [](const auto* a, const auto* b) { return twin::warningRank(*a) > twin::warningRank(*b); });
    if (warnings.size() > 3) warnings.resize(3); // the gravest; the rest is told by the API
    const int level = twin::responseLevel(*state->floodSeason, state->now);
    struct Part {
        int rank; // 0: the response
        std::string text;
    };
    std::vector<Part> parts;
    static constexpr const char* kColors[] = {"UI_SIGNAL_BLUE", "UI_SIGNAL_YELLOW", "UI_SIGNAL_ORANGE", "UI_SIGNAL_RED"};
    for (const auto* item : warnings) {
        const int rank = twin::warningRank(*item);
        parts.push_back({rank, kit.words("UI_SIGNAL", {hazardText(kit, item->hazard), kit.words(kColors[rank - 1])}) + "  " + timeText(item->eventTime).substr(0, 5)});
    }
    static constexpr const char* kLevels[] = {"Ⅰ", "Ⅱ", "Ⅲ", "Ⅳ"};
    if (level > 0) parts.push_back({0, kit.words("UI_FLOOD_RESPONSE_LEVEL", {kLevels[level - 1]})});
    if (parts.empty()) return;
    const float h = kit.px(36), mark = kit.px(18), gap = kit.px(22);
    float w = kit.px(28);
    for (const auto& part : parts) w += (part.rank > 0 ? mark + kit.px(8) : 0.0f) + kit.width(Type::strong, part.text) + gap;
    w -= gap;
    const Rect pill{(kit.screen.w - w) * 0.5f, top + kit.px(10), w, h};
    kit.fill(pill, kit.palette.plate, kit.px(8));
    kit.covered.push_back({pill.x, pill.y, pill.w, pill.h});
    float x = pill.x + kit.px(14);
    for (const auto& part : parts) {
        if (part.rank > 0) {
            kit.fill({x, pill.center().y - mark * 0.5f, mark, mark}, signalColor(part.rank), kit.px(3));
            x += mark + kit.px(8);
        }
        kit.text(x, pill.y + (h - kit.em(Type::strong)) * 0.5f, Type::strong, kit.palette.ink, part.text);
        x += kit.width(Type::strong, part.text) + gap;
    }
}

} // namespace

Layout topBar(Kit& kit, const UiModel& model, TopBarKind kind) {
    const float height = kit.px(68), margin = kit.px(24);
    const Rect bar{0, 0, kit.screen.w, height};
    kit.fill(bar, kit.palette.plate);
    kit.line({0, height}, {kit.screen.w, height}, withAlpha(kit.palette.stroke, 0.8f), 1.0f);
    kit.covered.push_back({bar.x, bar.y, bar.w, bar.h});

    const std::string& title = kit.name(model.district);
    const std::string subtitle = kit.words(kind == TopBarKind::command ? "UI_TITLE_COMMAND" : "UI_TITLE_PLANNER");
    const float y = (height - kit.em(Type::heading) - kit.em(Type::caption) - kit.px(7)) * 0.5f;
    kit.text(margin, y, Type::heading, kit.palette.ink, title);
    kit.text(margin, y + kit.em(Type::heading) + kit.px(7), Type::caption, kit.palette.quiet, subtitle);
    float left = margin + std::max(kit.width(Type::heading, title), kit.width(Type::caption, subtitle)) + kit.px(36);

    float right = clock(kit, model, kit.screen.w - margin, height) - kit.px(28);
    right = modeBadge(kit, model, right, height) - kit.px(28);
    if (kind == TopBarKind::command) right = severityCounts(kit, model, right, height) - kit.px(10);

    float total = 0;
    std::vector<float> widths;
    for (std::size_t i = 0; i < model.scenes.size(); ++i) {
        const std::string hint = i < 9 ? std::to_string(i + 1) : "";
        widths.push_back(kit.width(Type::strong, kit.name(model.scenes[i].name)) + kit.width(Type::caption, hint) + kit.px(8 + 34));
        total += widths.back() + kit.px(4);
    }
    const float h = kit.px(38);
    float x = std::max(left, std::min((kit.screen.w - total) * 0.5f, right - total - kit.px(8)));
    if (!widths.empty()) kit.fill({x - kit.px(4), (height - h) * 0.5f - kit.px(4), total + kit.px(4), h + kit.px(8)}, kit.palette.raised, (h + kit.px(8)) * 0.5f);
    for (std::size_t i = 0; i < model.scenes.size(); ++i) {
        const auto& scene = model.scenes[i];
        if (kit.pill("scene/" + scene.id, {x, (height - h) * 0.5f, widths[i], h}, kit.name(scene.name), scene.id == model.activeScene,
                     i < 9 ? std::to_string(i + 1) : ""))
            kit.send(command::ShowScene{scene.id});
        x += widths[i] + kit.px(4);
    }
    if (kind == TopBarKind::command) floodBanner(kit, model, height);
    return {height + kit.px(16), kit.screen.h - kit.px(16), kit.px(16)};
}

} // namespace matou::ui
