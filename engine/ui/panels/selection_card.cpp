#include <algorithm>
#include <array>
#include <cmath>
#include <string_view>

#include "symbology/theme.h"
#include "ui/panels.h"

namespace matou::ui {

namespace {

float trendHeight(const Kit& kit, const CardContent& card) { return card.trend.size() >= 2 ? kit.px(64) : 0.0f; }

void trend(Kit& kit, const Rect& room, const std::vector<float>& values) {
    const auto [low, high] = std::minmax_element(values.begin(), values.end());
    const float span = std::max(*high - *low, 1e-6f);
    std::vector<glm::vec2> points;
    const Rect r = room.inset(kit.px(6));
    for (std::size_t i = 0; i < values.size(); ++i)
        points.push_back({r.x + r.w * static_cast<float>(i) / static_cast<float>(values.size() - 1), r.bottom() - r.h * (values[i] - *low) / span});
    kit.fill(room, kit.palette.raised, kit.px(8));
    kit.polyline(points, kit.palette.accent, std::max(1.5f, kit.px(2)));
    kit.circle(points.back(), kit.px(3.5f), kit.palette.ink);
}

float phasesHeight(const Kit& kit, const CardContent& card) {
    return card.project == nullptr ? 0.0f : static_cast<float>(card.project->phases.size()) * kit.px(34) + kit.px(14);
}

/// Plan above, what happened below, one line a phase.
void phases(Kit& kit, const Rect& room, const twin::Project& project, core::Instant now) {
    std::optional<core::Instant> from, to;
    const auto extend = [&](const std::optional<core::Instant>& at) {
        if (!at) return;
        from = from ? std::min(*from, *at) : *at;
        to = to ? std::max(*to, *at) : *at;
    };
    for (const auto& phase : project.phases) {
        for (const auto* at : {&phase.plannedStart, &phase.plannedEnd, &phase.actualStart, &phase.actualEnd}) extend(*at);
        if (phase.actualStart && !phase.actualEnd) extend(now);
    }
    if (!from || *to <= *from) return;
    const float labels = kit.px(52);
    const auto x = [&](core::Instant at) {
        return room.x + labels + (room.w - labels) * static_cast<float>((at - *from).count()) / static_cast<float>((*to - *from).count());
    };
    float y = room.y;
    for (const auto& phase : project.phases) {
        kit.textCut(room.x, y + kit.px(6), labels - kit.px(6), Type::caption, kit.palette.quiet, symbology::phaseText(phase.name, kit.language));
        if (phase.plannedStart && phase.plannedEnd)
            kit.fill({x(*phase.plannedStart), y + kit.px(4), std::max(2.0f, x(*phase.plannedEnd) - x(*phase.plannedStart)), kit.px(6)}, kit.palette.stroke, kit.px(3));
        if (phase.actualStart) {
            const core::Instant end = phase.actualEnd.value_or(std::max(now, *phase.actualStart));
            kit.fill({x(*phase.actualStart), y + kit.px(14), std::max(2.0f, x(end) - x(*phase.actualStart)), kit.px(6)}, kit.palette.accent, kit.px(3));
        }
        y += kit.px(34);
    }
    if (now > *from && now < *to) kit.line({x(now), room.y - kit.px(2)}, {x(now), y - kit.px(8)}, kit.palette.ink, 1.0f);
}

/// Where the value comes from and how old it is.
std::vector<std::string> originOf(const Kit& kit, const CardRow& row, float width) {
    std::string origin = row.source;
    if (!row.age.empty()) origin += (origin.empty() ? "" : " · ") + row.age;
    return origin.empty() ? std::vector<std::string>{} : kit.wrap(Type::caption, width, origin);
}

float rowHeight(const Kit& kit, const CardRow& row, float nameWidth, float valueWidth) {
    const auto names = kit.wrap(Type::body, nameWidth, row.name);
    const auto lines = kit.wrap(Type::strong, valueWidth, row.value + (row.unit.empty() ? "" : " " + row.unit));
    const float text = kit.em(Type::strong) + static_cast<float>(lines.size() - 1) * kit.em(Type::strong) * 1.4f;
    const float left = kit.em(Type::body) + static_cast<float>(names.size() - 1) * kit.em(Type::body) * 1.4f;
    const auto origin = originOf(kit, row, valueWidth);
    return std::max(left, text + static_cast<float>(origin.size()) * (kit.em(Type::caption) + kit.px(6))) + kit.px(18);
}

} // namespace

void selectionCard(Kit& kit, const UiModel& model, PanelMemory& memory, const Rect& room) {
    if (model.selection.key.id.empty()) return;
    const CardContent content = cardOf(kit, model);
    const std::string key = core::toString(model.selection.key);
    if (memory.cardKey != key) {
        memory.cardKey = key;
        memory.cardScroll = 0;
    }
    const float pad = kit.px(18), w = room.w, names = std::round((w - 2 * pad) * 0.34f), valueWidth = w - 2 * pad - names - kit.px(8);
    const bool acts = content.alarm != nullptr && mayAct(model);
    const std::string above = content.kind.empty() ? content.subtitle : content.subtitle.empty() ? content.kind : content.kind + " · " + content.subtitle;
    const auto titleLines = kit.wrap(Type::title, w - 2 * pad - kit.px(34) - (content.severity > 0 ? kit.px(44) : 0.0f), content.title);
    const float head = kit.px(20) + kit.em(Type::caption) + kit.px(9) + static_cast<float>(titleLines.size()) * kit.em(Type::title) * 1.35f + kit.px(8);
    float body = trendHeight(kit, content) + phasesHeight(kit, content);
    for (const auto& row : content.rows) body += rowHeight(kit, row, names, valueWidth);
    const float foot = kit.px(58);
    const float h = std::min(room.h, head + body + foot);
    const Rect card{room.x, room.bottom() - h, w, h};
    kit.card(card);

    float x = card.x + pad;
    if (content.severity > 0) {
        kit.severityMark({x + kit.px(17), card.y + head * 0.5f}, kit.px(34), content.severity);
        x += kit.px(44);
    }
    kit.textCut(x, card.y + kit.px(20), card.right() - pad - kit.px(30) - x, Type::caption, kit.palette.quiet, above);
    float y = card.y + kit.px(20) + kit.em(Type::caption) + kit.px(9);
    for (const auto& line : titleLines) {
        kit.text(x, y, Type::title, kit.palette.ink, line);
        y += kit.em(Type::title) * 1.35f;
    }
    const Rect close{card.right() - kit.px(42), card.y + kit.px(10), kit.px(32), kit.px(32)};
    if (kit.area("card/close", close)) kit.send(command::SelectFeature{});
    if (kit.pointerIn(close)) kit.fill(close, kit.palette.hover, kit.px(8));
    const glm::vec2 c = close.center();
    const float d = kit.px(5.5f);
    kit.line({c.x - d, c.y - d}, {c.x + d, c.y + d}, kit.palette.quiet, std::max(1.5f, kit.px(1.8f)));
    kit.line({c.x - d, c.y + d}, {c.x + d, c.y - d}, kit.palette.quiet, std::max(1.5f, kit.px(1.8f)));

    const Rect view{card.x, card.y + head, card.w, std::max(0.0f, card.h - head - foot)};
    const float offset = scrolled(kit, {view.x, view.y, view.w - kit.px(4), view.h}, body, memory.cardScroll);
    kit.clip(view);
    y = view.y - offset;
    if (content.trend.size() >= 2) trend(kit, {card.x + pad, y, w - 2 * pad, kit.px(54)}, content.trend);
    y += trendHeight(kit, content);
    if (content.project != nullptr) {
        phases(kit, {card.x + pad, y + kit.px(4), w - 2 * pad, 0}, *content.project, model.now);
        y += phasesHeight(kit, content);
    }
    for (const auto& row : content.rows) {
        const float height = rowHeight(kit, row, names, valueWidth);
        kit.line({card.x + pad, y}, {card.right() - pad, y}, withAlpha(kit.palette.stroke, 0.7f), 1.0f);
        float top = y + kit.px(9);
        float nameTop = top;
        for (const auto& line : kit.wrap(Type::body, names, row.name)) {
            kit.text(card.x + pad, nameTop, Type::body, kit.palette.quiet, line);
            nameTop += kit.em(Type::body) * 1.4f;
        }
        const float left = card.x + pad + names + kit.px(8);
        for (const auto& line : kit.wrap(Type::strong, valueWidth, row.value + (row.unit.empty() ? "" : " " + row.unit))) {
            kit.text(left, top, Type::strong, kit.palette.ink, line);
            top += kit.em(Type::strong) * 1.4f;
        }
        top += kit.px(6) - kit.em(Type::strong) * 0.4f;
        for (const auto& line : originOf(kit, row, valueWidth)) {
            kit.text(left, top, Type::caption, kit.palette.quiet, line);
            top += kit.em(Type::caption) + kit.px(6);
        }
        y += height;
    }
    kit.unclip();

    float bx = card.x + pad;
    const float by = card.bottom() - kit.px(14) - kit.px(32);
    if (acts)
        for (const auto& verb : alarmVerbs(*content.alarm)) {
            const std::string label = kit.words(verb.key);
            const float width = kit.buttonWidth(label);
            if (kit.button(std::string("card/") + verb.verb, {bx, by, width, kit.px(32)}, label, verb.primary ? Button::primary : Button::quiet))
                kit.send(command::AlarmAction{content.alarm->id, verb.verb, ""});
            bx += width + kit.px(8);
        }
    const std::string locate = kit.words("UI_LOCATE");
    const float width = kit.buttonWidth(locate);
    if (kit.button("card/locate", {bx, by, width, kit.px(32)}, locate, Button::quiet)) kit.send(command::FlyTo{model.selection.key});
    bx += width + kit.px(8);
    // What stands in the city, and an alarm's building, can be seen alone.
    static constexpr std::array<std::string_view, 7> kMarksOnly{"sensors", "cameras", "projects", "zones", "labels", "cases", "flood"};
    if (std::find(kMarksOnly.begin(), kMarksOnly.end(), model.selection.key.layer) != kMarksOnly.end()) return;
    const std::string focus = kit.words("UI_FOCUS");
    if (const float w = kit.buttonWidth(focus); bx + w <= card.right() - kit.px(10) &&
                                                kit.button("card/focus", {bx, by, w, kit.px(32)}, focus, model.display.ghost ? Button::primary : Button::quiet))
        kit.send(command::SetAids{.ghost = !model.display.ghost});
}

} // namespace matou::ui
