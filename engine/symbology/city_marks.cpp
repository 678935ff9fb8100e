// Cases of the city's systems and the works of flood season. Both are quiet: severity colours belong to alarms.

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "symbology/marks.h"

namespace matou::symbology {
namespace {

constexpr scene::Rgba kCase{96, 125, 160, 255}, kWorks{38, 122, 138, 255}, kInk{255, 255, 255, 255}, kEdge{16, 24, 32, 255};
constexpr double kAboveGroundMeters = 3.0, kNamedWithinMeters = 700.0;
constexpr float kMarkPixels = 19.0f, kApartPixels = 26.0f;

struct Mark {
    core::FeatureKey key;
    geo::Ecef position{};
    Projected at{};
    double distance = 0;
    const char* sign = "";
    scene::IconShape shape = scene::IconShape::square;
    scene::Rgba fill = kCase;
    bool urgent = false; // overdue, in trouble: a ring says it
    int count = 1;
    std::vector<std::string> lines;
};

std::string words(const Canvas& canvas, const std::string& prefix, std::string_view state) {
    std::string key = prefix;
    for (const char c : state) key += static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    // A code that no table knows is shown as it came.
    return state.starts_with("code:") ? core::text(canvas.request.language, "UI_UNCLASSIFIED") + " " + std::string(state.substr(5)) : core::text(canvas.request.language, key);
}

/// Near ones become one with a count, the chosen one never.
void gather(const Canvas& canvas, const MarkInput& input, const twin::Place& place, Mark mark, std::vector<Mark>& marks) {
    const glm::dvec3 position = input.places.ecef(place.longitude, place.latitude, input.places.ground(place.longitude, place.latitude) + kAboveGroundMeters);
    const auto at = canvas.projector.project(position);
    const bool chosen = canvas.request.selected == mark.key || canvas.request.hovered == mark.key;
    if (!at || !canvas.projector.inside(at->pixel, 24.0f * canvas.scale) || (canvas.underAlarm(at->pixel) && !chosen)) return;
    mark.position = geo::Ecef{position};
    mark.at = *at;
    mark.distance = canvas.projector.distance(position);
    if (!chosen)
        for (auto& other : marks)
            if (other.sign == mark.sign && glm::length(other.at.pixel - at->pixel) < kApartPixels * canvas.scale && canvas.request.selected != other.key) {
                ++other.count;
                other.urgent = other.urgent || mark.urgent;
                return;
            }
    marks.push_back(std::move(mark));
}

void draw(Canvas& canvas, const MarkInput& input, const Mark& mark) {
    const bool chosen = canvas.request.selected == mark.key || canvas.request.hovered == mark.key;
    const int priority = chosen ? kPrioritySelected : kPriorityCluster + (mark.urgent ? 5 : 0);
    const scene::FeatureNumber pick = input.registry.intern(mark.key);
    scene::Icon icon;
    icon.position = mark.position;
    icon.shape = mark.shape;
    icon.sizePixels = kMarkPixels * canvas.scale * (chosen ? 1.25f : 1.0f);
    icon.fill = mark.fill;
    icon.outline = mark.urgent ? canvas.ink() : kEdge;
    icon.outlinePixels = (mark.urgent ? 2.5f : 1.5f) * canvas.scale;
    icon.alwaysVisible = chosen;
    icon.pick = pick;
    icon.priority = priority;
    canvas.icon(icon, true);
    if (chosen) canvas.ring(mark.position, icon.sizePixels * 1.6f, canvas.ink(), 2.5f, priority - 1, pick);
    const std::string sign = mark.count > 1 ? std::to_string(mark.count) : mark.sign;
    canvas.textOnIcon(mark.position, {0.0f, 0.0f}, {sign, 12.0f, text::Weight::bold, kInk}, priority, chosen, pick);
    if (!chosen && (mark.count > 1 || mark.distance > kNamedWithinMeters)) return;
    LabelWish wish;
    wish.key = keyHash(mark.key);
    wish.position = mark.position;
    wish.pixel = mark.at.pixel;
    wish.clearance = icon.sizePixels / canvas.scale * 0.5f + 4.0f;
    wish.priority = priority;
    wish.must = chosen;
    wish.alwaysVisible = chosen;
    wish.pick = pick;
    wish.plate = true;
    wish.plateColor = canvas.plate();
    for (std::size_t i = 0; i < mark.lines.size(); ++i)
        wish.lines.push_back({mark.lines[i], i == 0 ? 14.0f : 12.5f, i == 0 ? text::Weight::bold : text::Weight::regular, i == 0 ? canvas.ink() : canvas.quietInk()});
    canvas.wish(std::move(wish));
}

std::string figures(const Canvas& canvas, const twin::FloodItem& item) {
    std::string text = words(canvas, "UI_FLOOD_" + [&] {
        std::string kind(twin::wordOf(item.kind));
        std::transform(kind.begin(), kind.end(), kind.begin(), [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
        return kind;
    }() + "_", item.state);
    if (item.value) text += "  " + valueText(*item.value) + (item.kind == twin::FloodKind::ponding ? " m" : " m³/s");
    if (item.used && item.capacity) text += "  " + std::to_string(*item.used) + " / " + std::to_string(*item.capacity);
    return text;
}

} // namespace

void drawCases(Canvas& canvas, const MarkInput& input) {
    if (!input.state.cases) return;
    const bool zh = canvas.request.language == core::Language::zh;
    std::vector<Mark> marks;
    for (const auto& item : *input.state.cases) {
        if (!twin::isOpen(item) || !item.place) continue;
        Mark mark;
        mark.key = {"cases", item.id};
        mark.sign = zh ? "案" : "C";
        mark.urgent = twin::isOverdue(item, canvas.request.now);
        mark.lines = {item.caseClass.starts_with("code:") ? words(canvas, "", item.caseClass) : item.caseClass,
                      words(canvas, "UI_CASE_", item.state) + (mark.urgent ? "  " + core::text(canvas.request.language, "UI_CASE_OVERDUE") : std::string())};
        gather(canvas, input, *item.place, std::move(mark), marks);
    }
    for (const auto& mark : marks) draw(canvas, input, mark);
}

void drawFloodSeason(Canvas& canvas, const MarkInput& input) {
    if (!input.state.floodSeason) return;
    const bool zh = canvas.request.language == core::Language::zh;
    std::vector<Mark> marks;
    for (const auto& item : *input.state.floodSeason) {
        if (!item.place || item.kind == twin::FloodKind::warning || item.kind == twin::FloodKind::response) continue;
        constexpr const char* kSigns[2][6] = {{"", "", "P", "U", "G", "S"}, {"", "", "积", "泵", "闸", "安"}};
        Mark mark;
        mark.key = {"flood", item.id};
        mark.sign = kSigns[zh][static_cast<std::size_t>(item.kind)];
        mark.shape = item.kind == twin::FloodKind::ponding ? scene::IconShape::circle : scene::IconShape::square;
        mark.fill = kWorks;
        mark.urgent = item.state == "ponding" || item.state == "fault" || item.state == "full";
        mark.lines = {item.name.empty() ? item.id : item.name, figures(canvas, item)};
        gather(canvas, input, *item.place, std::move(mark), marks);
    }
    for (const auto& mark : marks) draw(canvas, input, mark);
}

} // namespace matou::symbology
