#include "symbology/style_builder.h"

#include <algorithm>

#include "scene/style_table_builder.h"
#include "symbology/project_timeline.h"
#include "symbology/theme.h"

namespace matou::symbology {

StyleBuilder::StyleBuilder(scene::FeatureRegistry& registry) : _registry(registry) {}

std::shared_ptr<const scene::StyleTable> StyleBuilder::build(const twin::StateSnapshot& state, const StyleRequest& request) {
    std::vector<std::pair<scene::FeatureNumber, scene::FeatureStyle>> entries;
    if (request.tintProjects && state.registry) {
        const auto& projects = state.registry->projects;
        const bool live = request.projectDate == core::Instant{};
        for (std::size_t i = 0; i < projects.size(); ++i) {
            const auto reported = i < state.projects.size() ? state.projects[i] : std::nullopt;
            const auto at = projectAt(projects[i], live ? state.now : request.projectDate, live ? reported : std::nullopt);
            const scene::FeatureStyle style{projectStyle(at.status).tint, 0};
            for (const auto& key : projects[i].features) entries.emplace_back(_registry.intern(key), style);
        }
    }
    const auto flag = [&](const core::FeatureKey& key, std::uint32_t flags) {
        if (!key.id.empty()) entries.emplace_back(_registry.intern(key), scene::FeatureStyle{{0, 0, 0, 0}, flags});
    };
    for (const auto& key : request.hidden) flag(key, scene::kStyleHidden);
    for (const auto& key : request.ghosted) flag(key, scene::kStyleGhosted);
    flag(request.selected, scene::kStyleSelected);
    flag(request.alsoSelected, scene::kStyleSelected);
    std::map<core::FeatureKey, std::uint32_t> marks;
    for (const auto& [feature, mark] : request.marked) marks[feature] = std::max(marks[feature], std::min(mark, scene::kStyleMarks));
    for (const auto& [feature, mark] : marks) flag(feature, mark << scene::kStyleMarkShift);

    const auto same = [](const auto& a, const auto& b) {
        return a.first == b.first && a.second.tint == b.second.tint && a.second.flags == b.second.flags;
    };
    const auto styled = request.styled ? request.styled->version : 0;
    if (_last && styled == _lastStyled && std::equal(entries.begin(), entries.end(), _lastEntries.begin(), _lastEntries.end(), same)) return _last;
    scene::StyleTableBuilder table;
    const auto put = [&table](const auto& list) {
        for (const auto& [feature, style] : list) {
            if (style.tint.w != 0) table.tint(feature, style.tint);
            if (style.flags != 0) table.flag(feature, style.flags);
        }
    };
    if (request.styled) put(request.styled->entries);
    put(entries);
    _lastStyled = styled;
    _lastEntries = std::move(entries);
    _last = table.freeze();
    return _last;
}

} // namespace matou::symbology
