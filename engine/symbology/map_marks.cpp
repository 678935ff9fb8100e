#include <algorithm>
#include <cmath>
#include <string_view>
#include <unordered_map>

#include "symbology/marks.h"
#include "symbology/project_timeline.h"

namespace matou::symbology {

namespace {

/// How far a name is shown, by rank, and how large.
struct Rank {
    double meters;
    float size;
};
constexpr Rank kRanks[] = {{1e9, 26.0f}, {6000.0, 20.0f}, {2200.0, 17.0f}, {900.0, 15.0f}, {450.0, 14.0f}};

const Rank& rankOf(int rank) { return kRanks[std::clamp(rank, 1, 5) - 1]; }

/// A tower on the skyline is named from afar, a compound only from near.
double reachOf(const MapLabel& label) {
    const double meters = rankOf(label.rank).meters;
    if (label.kind == "compound" || label.kind == "school" || label.kind == "place") return meters * 0.4;
    return meters * (1.0 + std::max(0.0, label.place.height) / 60.0);
}

scene::Rgba nameColor(const Canvas& canvas, std::string_view kind) {
    const bool dark = canvas.dark();
    if (kind.starts_with("water") || kind == "river") return dark ? scene::Rgba{168, 206, 226, 255} : scene::Rgba{34, 92, 124, 255};
    if (kind.starts_with("green") || kind == "park") return dark ? scene::Rgba{178, 208, 178, 255} : scene::Rgba{48, 92, 60, 255};
    if (kind.starts_with("road") || kind == "bridge") return dark ? scene::Rgba{206, 208, 204, 255} : scene::Rgba{78, 76, 70, 255};
    if (kind == "neighbour" || kind == "compound" || kind == "place") return canvas.quietInk();
    return canvas.ink();
}

std::string percentText(double percent) { return std::to_string(static_cast<int>(std::lround(std::clamp(percent, 0.0, 100.0)))) + "%"; }

} // namespace

void drawZones(Canvas& canvas, const MarkInput& input) {
    if (!input.site.registry) return;
    const auto& zones = input.site.registry->zones;
    for (std::size_t i = 0; i < zones.size(); ++i) {
        const auto& place = input.places.zones[i];
        if (place.outline.empty()) continue;
        const bool chosen = canvas.request.selected == core::FeatureKey{"zones", zones[i].id};
        const bool outer = zones[i].kind == "admin";
        const scene::Rgba color = canvas.dark() ? scene::Rgba{226, 232, 228, static_cast<std::uint8_t>(chosen ? 255 : outer ? 210 : 150)}
                                                : scene::Rgba{40, 54, 66, static_cast<std::uint8_t>(chosen ? 255 : outer ? 220 : 160)};
        canvas.line(place.outline, color, chosen ? 4.0f : outer ? 3.0f : 2.0f, !outer);
        const auto at = canvas.projector.project(place.label);
        if (!at || !canvas.projector.inside(at->pixel)) continue;
        // The name belongs where the zone is seen as an area: neither a speck nor all around.
        const double span = std::sqrt(std::max(place.areaSquareMeters, 1.0)) * canvas.projector.pixelsPerMeter(at->depth);
        if (!chosen && (span < 90.0 * canvas.scale || span > 6000.0 * canvas.scale || place.parent)) continue;
        LabelWish wish;
        wish.key = keyHash({"zones", zones[i].id});
        wish.position = {place.label};
        wish.pixel = at->pixel;
        wish.placement = Placement::centered;
        wish.alwaysVisible = true; // names belong to the map, not behind its houses
        wish.priority = kPriorityZone;
        wish.pick = input.places.zoneNumbers[i];
        const float size = canvas.request.presentation ? 28.0f : 22.0f;
        wish.lines.push_back({nameOf(zones[i].name, canvas.request.language), size, text::Weight::bold, canvas.ink()});
        canvas.wish(std::move(wish));
    }
}

void drawProjects(Canvas& canvas, const MarkInput& input) {
    if (!input.site.registry) return;
    const auto& projects = input.site.registry->projects;
    const bool live = canvas.request.projectDate == core::Instant{};
    for (std::size_t i = 0; i < projects.size(); ++i) {
        const auto& project = projects[i];
        const bool chosen = canvas.request.selected == core::FeatureKey{"projects", project.id};
        const auto reported = i < input.state.projects.size() ? input.state.projects[i] : std::nullopt;
        const auto at = projectAt(project, live ? canvas.request.now : canvas.request.projectDate, live ? reported : std::nullopt);
        const auto& style = projectStyle(at.status);
        const scene::Rgba color{style.tint.x, style.tint.y, style.tint.z, 255};
        const auto projected = canvas.projector.project(input.places.projects[i]);
        const double distance = canvas.projector.distance(input.places.projects[i]);
        if (distance < 2500.0 || chosen)
            canvas.line(input.places.projectOutlines[i], color, chosen ? 4.0f : 2.0f, at.status == "planned" || at.status == "paused");
        if (!projected || !canvas.projector.inside(projected->pixel)) continue;
        const geo::Ecef position{input.places.projects[i]};
        scene::Icon icon;
        icon.position = position;
        icon.shape = scene::IconShape::square;
        icon.sizePixels = (chosen ? 18.0f : 13.0f) * canvas.scale;
        icon.fill = color;
        icon.outline = canvas.dark() ? scene::Rgba{16, 24, 32, 255} : scene::Rgba{255, 255, 255, 255};
        icon.outlinePixels = 1.5f * canvas.scale;
        icon.alwaysVisible = true;
        icon.pick = input.places.projectNumbers[i];
        icon.priority = chosen ? kPrioritySelected : kPriorityProject;
        canvas.icon(icon, true);
        if (distance > 3500.0 && !chosen && !canvas.request.presentation) continue;
        LabelWish wish;
        wish.key = keyHash({"projects", project.id});
        wish.position = position;
        wish.pixel = projected->pixel;
        wish.clearance = icon.sizePixels / canvas.scale * 0.5f + 4.0f;
        // Late ones first, then the nearer.
        wish.priority = chosen ? kPrioritySelected
                               : kPriorityProject + (at.status == "late" ? 20 : at.status == "at-risk" ? 10 : 0) - static_cast<int>(std::min(distance / 400.0, 9.0));
        wish.must = chosen;
        wish.alwaysVisible = true;
        wish.plate = true;
        wish.plateColor = canvas.plate();
        wish.pick = icon.pick;
        wish.lines.push_back({nameOf(project.name, canvas.request.language), 15.0f, text::Weight::bold, canvas.ink()});
        std::string second = core::text(canvas.request.language, style.nameKey);
        if (!at.phase.empty() && at.status != "done") second += "  " + phaseText(at.phase, canvas.request.language);
        if (at.status != "done") second += "  " + percentText(at.percent);
        const auto lift = [&](int c) { return static_cast<std::uint8_t>(canvas.dark() ? c + (255 - c) * 2 / 5 : c * 3 / 5); };
        wish.lines.push_back({second, 13.0f, text::Weight::regular, {lift(color.x), lift(color.y), lift(color.z), 255}});
        canvas.wish(std::move(wish));
    }
}

void drawMapNames(Canvas& canvas, const MarkInput& input) {
    const auto& labels = input.site.labels;
    struct Candidate {
        std::size_t label = 0;
        Projected at;
    };
    std::vector<Candidate> candidates;
    for (std::size_t i = 0; i < labels.size(); ++i) {
        const auto at = canvas.projector.project(input.places.labels[i]);
        if (at && canvas.projector.inside(at->pixel) && canvas.projector.distance(input.places.labels[i]) < reachOf(labels[i]))
            candidates.push_back({i, *at});
    }
    // Roads and rivers carry their name several times along their way; of those that come close on screen one is enough:
    // the one shown before, else the nearest.
    const auto keyOf = [&](std::size_t i) { return keyHash({"labels", labels[i].id.empty() ? labels[i].name.zh : labels[i].id}); };
    std::stable_sort(candidates.begin(), candidates.end(), [&](const Candidate& a, const Candidate& b) {
        const bool left = canvas.memory.shown.contains(keyOf(a.label)), right = canvas.memory.shown.contains(keyOf(b.label));
        return left != right ? left : a.at.depth < b.at.depth;
    });
    std::unordered_map<std::string, std::vector<glm::vec2>> seen;
    for (const auto& [i, at] : candidates) {
        const std::string& name = nameOf(labels[i].name, canvas.request.language);
        auto& others = seen[name];
        if (std::any_of(others.begin(), others.end(), [&](glm::vec2 other) { return glm::length(other - at.pixel) < 460.0f * canvas.scale; })) continue;
        others.push_back(at.pixel);
        const Rank& rank = rankOf(labels[i].rank);
        LabelWish wish;
        wish.key = keyOf(i);
        wish.position = {input.places.labels[i]};
        wish.pixel = at.pixel;
        wish.placement = Placement::centered;
        wish.alwaysVisible = true;
        wish.priority = kPriorityMapName - std::clamp(labels[i].rank, 1, 5) * 80 + 40;
        wish.pick = input.places.labelNumbers[i];
        wish.lines.push_back({name, rank.size * (canvas.request.presentation ? 1.25f : 1.0f),
                              labels[i].rank <= 2 ? text::Weight::bold : text::Weight::regular, nameColor(canvas, labels[i].kind)});
        canvas.wish(std::move(wish));
    }
}

} // namespace matou::symbology
