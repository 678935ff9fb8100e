#include <algorithm>
#include <map>

#include "symbology/theme.h"
#include "ui/panels.h"

namespace matou::ui {

namespace {

/// One row: an alarm, or the head of several alike.
struct Row {
    const twin::Alarm* alarm = nullptr;
    std::size_t alike = 0; // of the fold, 0: a single alarm
    std::string group;
};

std::string groupOf(const twin::Alarm& alarm) { return std::to_string(alarm.severity) + "/" + alarm.alarmClass; }

/// Severity then newest, as the snapshot has them; while the pointer moves on the list, in the order of before, with what is
/// new held back (its count is returned).
std::vector<const twin::Alarm*> ordered(const twin::StateSnapshot& state, PanelMemory& memory, bool frozen, std::size_t& held) {
    std::vector<const twin::Alarm*> alarms;
    for (const auto& alarm : state.alarms) alarms.push_back(&alarm);
    held = 0;
    if (frozen && !memory.alarmOrder.empty()) {
        std::map<std::string, const twin::Alarm*> byId;
        for (const auto* alarm : alarms) byId[alarm->id] = alarm;
        std::vector<const twin::Alarm*> kept;
        for (const auto& id : memory.alarmOrder)
            if (const auto found = byId.find(id); found != byId.end()) {
                kept.push_back(found->second);
                byId.erase(found);
            }
        // A new alarm of the first level always breaks through.
        std::vector<const twin::Alarm*> result;
        for (const auto& [id, alarm] : byId) {
            if (alarm->severity == 1)
                result.push_back(alarm);
            else
                ++held;
        }
        result.insert(result.end(), kept.begin(), kept.end());
        return result;
    }
    std::stable_sort(alarms.begin(), alarms.end(), [](const auto* a, const auto* b) {
        return a->severity != b->severity ? a->severity < b->severity : a->raised > b->raised;
    });
    memory.alarmOrder.clear();
    for (const auto* alarm : alarms) memory.alarmOrder.push_back(alarm->id);
    return alarms;
}

constexpr const char* kAside = "aside"; // group of what was shelved, suppressed or taken out of service

/// Four or more alike of the lower two levels become one row; the upper two are always shown one by one.
/// During a flood two alike are enough, of the second level too: the first is never grouped.
std::vector<Row> folded(const std::vector<const twin::Alarm*>& alarms, const PanelMemory& memory, bool flood) {
    const int grouped = flood ? 2 : 3;
    const std::size_t enough = flood ? 2 : 4;
    std::map<std::string, std::size_t> counts;
    for (const auto* alarm : alarms)
        if (alarm->severity >= grouped) ++counts[groupOf(*alarm)];
    std::vector<Row> rows;
    std::set<std::string> begun;
    for (const auto* alarm : alarms) {
        const std::string group = groupOf(*alarm);
        const auto count = alarm->severity >= grouped ? counts[group] : 0;
        if (count >= enough) {
            if (begun.insert(group).second) rows.push_back({alarm, count, group});
            if (!memory.unfolded.contains(group)) continue;
        }
        rows.push_back({alarm, 0, group});
    }
    return rows;
}

float rowHeight(const Kit& kit, const UiModel& model, const Row& row) {
    if (row.alike > 0) return kit.px(52);
    return mayAct(model) && !alarmVerbs(*row.alarm).empty() ? kit.px(140) : kit.px(96);
}

void alarmRow(Kit& kit, const UiModel& model, const Row& row, const Rect& rect) {
    const auto& alarm = *row.alarm;
    const core::FeatureKey key{"alarms", alarm.id};
    const bool chosen = model.selection.key == key, over = kit.pointerIn(rect);
    const bool open = alarm.workflow == twin::Workflow::unacknowledged;
    const float pad = kit.px(14);
    const Color severity = colorOf(symbology::severityStyle(alarm.severity).color);
    kit.fill(rect, chosen || over ? kit.palette.hover : kit.palette.raised, kit.px(10));
    if (chosen) kit.frame(rect, kit.palette.accent, kit.px(10), kit.px(2));
    // Unacknowledged: a bar of the level's colour; acknowledged ones rest.
    if (open) kit.fill({rect.x, rect.y + kit.px(10), kit.px(4), rect.h - kit.px(20)}, severity, kit.px(2));
    kit.severityMark({rect.x + pad + kit.px(20), rect.y + kit.px(38)}, kit.px(36), alarm.severity, alarm.condition == twin::Condition::normal);
    const float x = rect.x + pad + kit.px(52), right = rect.right() - pad;

    const std::string count = alarm.count > 1 ? "×" + std::to_string(alarm.count) : "";
    float countWidth = 0;
    if (!count.empty()) {
        countWidth = kit.width(Type::strong, count) + kit.px(16);
        const Rect badge{right - countWidth, rect.y + kit.px(13), countWidth, kit.px(24)};
        kit.fill(badge, kit.palette.stroke, badge.h * 0.5f);
        kit.textIn(badge, Type::strong, kit.palette.ink, count, Align::center);
        countWidth += kit.px(8);
    }
    float y = rect.y + kit.px(16);
    const std::string& title = kit.name(alarm.title);
    kit.textCut(x, y, right - x - countWidth, Type::title, open ? kit.palette.ink : kit.palette.quiet, title.empty() ? alarm.alarmClass : title);
    y += kit.em(Type::title) + kit.px(9);
    std::string place = zoneName(model, alarm.place.longitude, alarm.place.latitude, kit.language);
    if (place.empty()) place = alarm.source;
    const std::string age = symbology::ageText(model.now - alarm.raised, kit.language);
    const float ageWidth = kit.width(Type::body, age);
    kit.text(right - ageWidth, y, Type::body, kit.palette.quiet, age);
    kit.textCut(x, y, right - x - ageWidth - kit.px(12), Type::body, kit.palette.quiet, place);
    y += kit.em(Type::body) + kit.px(8);
    std::string state = kit.words(symbology::severityStyle(alarm.severity).nameKey) + " · " + kit.words(workflowKey(alarm.workflow));
    if (alarm.condition == twin::Condition::normal) state += " · " + kit.words("UI_CONDITION_NORMAL");
    if (const std::string marks = alarmMarks(kit, alarm); !marks.empty()) state += " · " + marks;
    kit.textCut(x, y, right - x, Type::caption, open ? kit.palette.ink : kit.palette.quiet, state);

    float bx = x;
    const float by = rect.bottom() - kit.px(14) - kit.px(30);
    if (mayAct(model))
        for (const auto& verb : alarmVerbs(alarm)) {
            const std::string label = kit.words(verb.key);
            const float w = kit.buttonWidth(label);
            if (kit.button("alarm/" + alarm.id + "/" + verb.verb, {bx, by, w, kit.px(30)}, label, verb.primary ? Button::primary : Button::quiet))
                kit.send(command::AlarmAction{alarm.id, verb.verb, ""});
            bx += w + kit.px(8);
        }
    if (over && mayAct(model) && !alarmVerbs(alarm).empty()) {
        const std::string label = kit.words("UI_LOCATE");
        const float w = kit.buttonWidth(label);
        if (bx + w <= right && kit.button("alarm/" + alarm.id + "/locate", {right - w, by, w, kit.px(30)}, label, Button::ghost))
            kit.send(command::FlyTo{key});
    }
    if (kit.area("alarm/" + alarm.id, rect)) kit.send(command::SelectFeature{key});
    if (over) kit.hovered = key;
}

/// What was put aside stands below all else, behind one row: there and countable, and never between what asks for action.
void addAside(std::vector<Row>& rows, const std::vector<const twin::Alarm*>& aside, const PanelMemory& memory) {
    if (aside.empty()) return;
    rows.push_back({aside.front(), aside.size(), kAside});
    if (memory.unfolded.contains(kAside))
        for (const auto* alarm : aside) rows.push_back({alarm, 0, kAside});
}

void foldRow(Kit& kit, const Row& row, const Rect& rect, PanelMemory& memory) {
    const bool open = memory.unfolded.contains(row.group);
    kit.fill(rect, kit.pointerIn(rect) ? kit.palette.hover : kit.palette.raised, kit.px(10));
    const bool aside = row.group == kAside;
    if (!aside) kit.severityMark({rect.x + kit.px(34), rect.center().y}, kit.px(28), row.alarm->severity);
    const std::string words = aside ? kit.words("UI_ALARMS_ASIDE", {std::to_string(row.alike)})
                                    : kit.words("UI_ALARMS_ALIKE", {kit.name(row.alarm->title), std::to_string(row.alike)});
    const float left = kit.px(aside ? 20 : 66);
    kit.textCut(rect.x + left, rect.y + (rect.h - kit.em(Type::strong)) * 0.5f, rect.w - left - kit.px(44), Type::strong, aside ? kit.palette.quiet : kit.palette.ink, words);
    const glm::vec2 c(rect.right() - kit.px(24), rect.center().y);
    const float d = kit.px(5);
    if (open)
        kit.triangle({c.x - d, c.y + d * 0.6f}, {c.x + d, c.y + d * 0.6f}, {c.x, c.y - d}, kit.palette.quiet);
    else
        kit.triangle({c.x - d, c.y - d * 0.6f}, {c.x + d, c.y - d * 0.6f}, {c.x, c.y + d}, kit.palette.quiet);
    if (kit.area("fold/" + row.group, rect)) {
        if (open)
            memory.unfolded.erase(row.group);
        else
            memory.unfolded.insert(row.group);
    }
}

} // namespace

void alarmList(Kit& kit, const UiModel& model, PanelMemory& memory, const Layout& layout) {
    const float w = std::min(kit.px(412), kit.screen.w * 0.4f), head = kit.px(58), pad = kit.px(12), gap = kit.px(8);
    const float room = layout.bottom - layout.top;
    const bool empty = !model.state || model.state->alarms.empty();
    const Rect whole{kit.screen.w - layout.margin - w, layout.top, w, empty ? head + kit.px(52) : room};
    // A hand that rests there, or a pointer left behind on its way to another screen, holds nothing back for long.
    constexpr double kHoldSeconds = 10;
    const bool frozen = kit.pointerIn(whole) && memory.seconds - memory.lastPointer < kHoldSeconds;
    std::size_t held = 0;
    std::vector<Row> rows;
    std::size_t asideCount = 0;
    if (!empty) {
        auto alarms = ordered(*model.state, memory, frozen, held);
        const auto first = std::stable_partition(alarms.begin(), alarms.end(), [](const auto* alarm) { return !symbology::isAside(*alarm); });
        const std::vector<const twin::Alarm*> aside(first, alarms.end());
        asideCount = aside.size();
        alarms.erase(first, alarms.end());
        rows = folded(alarms, memory, model.state->flood.active);
        addAside(rows, aside, memory);
    }
    float content = 0;
    for (const auto& row : rows) content += rowHeight(kit, model, row) + gap;
    const Rect card{whole.x, whole.y, w, empty ? whole.h : std::min(head + content + pad, room)};
    kit.card(card);
    kit.text(card.x + kit.px(20), card.y + kit.px(20), Type::title, kit.palette.ink, kit.words("UI_ALARMS"));
    if (empty) {
        kit.text(card.x + kit.px(20), card.y + head, Type::body, kit.palette.quiet, kit.words("UI_ALARMS_NONE"));
        return;
    }
    const auto open = std::count_if(model.state->alarms.begin(), model.state->alarms.end(),
                                    [](const auto& alarm) { return alarm.workflow == twin::Workflow::unacknowledged && !symbology::isAside(alarm); });
    const std::string figures = model.state->flood.active ? kit.words("UI_ALARMS_FLOOD", {std::to_string(model.state->flood.annunciated)})
                                : held > 0 ? kit.words("UI_ALARMS_HELD", {std::to_string(held)})
                                         : kit.words("UI_ALARMS_OPEN", {std::to_string(model.state->alarms.size() - asideCount), std::to_string(open)});
    kit.text(card.right() - kit.px(20) - kit.width(Type::body, figures), card.y + kit.px(22), Type::body, held > 0 ? kit.palette.ink : kit.palette.quiet, figures);

    const Rect view{card.x + pad, card.y + head, card.w - 2 * pad, card.h - head - pad};
    const float offset = scrolled(kit, {card.x, view.y, card.w - kit.px(4), view.h}, content - gap, memory.alarmScroll);
    kit.clip(view);
    float y = view.y - offset;
    for (const auto& row : rows) {
        const Rect rect{view.x, y, view.w, rowHeight(kit, model, row)};
        y += rect.h + gap;
        if (rect.bottom() < view.y || rect.y > view.bottom()) continue;
        if (row.alike > 0)
            foldRow(kit, row, rect, memory);
        else
            alarmRow(kit, model, row, rect);
    }
    kit.unclip();
}

} // namespace matou::ui
