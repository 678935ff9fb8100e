#include "resident/dress.h"

#include <algorithm>
#include <cmath>
#include <string_view>
#include <utility>

#include "shared/host.h"

namespace matou::resident {
namespace {

constexpr std::pair<std::string_view, std::uint32_t> kUses[] = {
    {"住宅", MATOU_DRESS_DWELLING},          {"residential", MATOU_DRESS_DWELLING}, {"apartments", MATOU_DRESS_DWELLING},
    {"house", MATOU_DRESS_DWELLING},         {"dormitory", MATOU_DRESS_DWELLING},   {"办公", MATOU_DRESS_OFFICE},
    {"office", MATOU_DRESS_OFFICE},          {"commercial", MATOU_DRESS_OFFICE},    {"公共服务", MATOU_DRESS_PUBLIC},
    {"public", MATOU_DRESS_PUBLIC},          {"civic", MATOU_DRESS_PUBLIC},         {"hospital", MATOU_DRESS_PUBLIC},
    {"商业", MATOU_DRESS_SHOP},              {"retail", MATOU_DRESS_SHOP},           {"supermarket", MATOU_DRESS_SHOP},
    {"mall", MATOU_DRESS_SHOP},              {"教育", MATOU_DRESS_SCHOOL},           {"school", MATOU_DRESS_SCHOOL},
    {"kindergarten", MATOU_DRESS_SCHOOL},    {"university", MATOU_DRESS_SCHOOL},     {"工业", MATOU_DRESS_WORKS},
    {"industrial", MATOU_DRESS_WORKS},       {"warehouse", MATOU_DRESS_WORKS}};
constexpr std::pair<std::string_view, std::uint32_t> kKinds[] = {
    {"bridge", MATOU_DRESS_FLOODLIT},         {"ferry", MATOU_DRESS_FLOODLIT},
    {"carriageway", MATOU_DRESS_CARRIAGEWAY}, {"pavement", MATOU_DRESS_PAVEMENT}, {"lane", MATOU_DRESS_LANE},
    {"walk", MATOU_DRESS_WALK},               {"paving", MATOU_DRESS_PAVING},     {"pitch", MATOU_DRESS_PITCH},
    {"track", MATOU_DRESS_TRACK},             {"green", MATOU_DRESS_LAWN},        {"park", MATOU_DRESS_LAWN},
    {"grass", MATOU_DRESS_LAWN},              {"garden", MATOU_DRESS_LAWN},       {"forest", MATOU_DRESS_LAWN},
    {"wood", MATOU_DRESS_LAWN},               {"slabs", MATOU_DRESS_YARD},        {"towers", MATOU_DRESS_YARD},
    {"highrise", MATOU_DRESS_YARD},           {"old", MATOU_DRESS_YARD},          {"works", MATOU_DRESS_YARD},
    {"offices", MATOU_DRESS_PAVING},          {"school", MATOU_DRESS_YARD},       {"market", MATOU_DRESS_PAVING},
    {"paved", MATOU_DRESS_PAVING},            {"ground", MATOU_DRESS_YARD},       {"surroundings", MATOU_DRESS_FAR},
    {"crossing", MATOU_DRESS_CROSSING},       {"river", MATOU_DRESS_WATER},        {"creek", MATOU_DRESS_WATER},
    {"motorway", MATOU_DRESS_CARRIAGEWAY},    {"trunk", MATOU_DRESS_CARRIAGEWAY}, {"primary", MATOU_DRESS_CARRIAGEWAY},
    {"secondary", MATOU_DRESS_CARRIAGEWAY},   {"tertiary", MATOU_DRESS_CARRIAGEWAY},
    {"residential", MATOU_DRESS_LANE},        {"service", MATOU_DRESS_LANE},      {"footway", MATOU_DRESS_WALK},
    {"pedestrian", MATOU_DRESS_PAVING},       {"land", MATOU_DRESS_YARD}};

template <std::size_t N>
std::uint32_t wordOf(const std::pair<std::string_view, std::uint32_t> (&words)[N], const model::FeatureTable& table,
                     const char* column, std::uint32_t row) {
    const auto found = table.columns.find(column);
    if (found == table.columns.end()) return MATOU_DRESS_NONE;
    const auto* texts = std::get_if<std::vector<std::string>>(&found->second);
    if (texts == nullptr || row >= texts->size()) return MATOU_DRESS_NONE;
    for (const auto& [word, value] : words)
        if ((*texts)[row] == word) return value;
    return MATOU_DRESS_NONE;
}

double numberOf(const model::FeatureTable& table, const char* column, std::uint32_t row) {
    const auto found = table.columns.find(column);
    if (found == table.columns.end()) return 0;
    double value = 0;
    if (const auto* reals = std::get_if<std::vector<double>>(&found->second); reals && row < reals->size())
        value = (*reals)[row];
    else if (const auto* whole = std::get_if<std::vector<std::int64_t>>(&found->second); whole && row < whole->size())
        value = static_cast<double>((*whole)[row]);
    return std::isfinite(value) && value > 0 ? value : 0;
}

} // namespace

std::uint32_t dressOf(const model::FeatureTable& table, std::uint32_t row) {
    if (table.columns.empty()) return 0;
    const std::uint32_t use = wordOf(kUses, table, "use", row);
    const std::uint32_t kind = use != MATOU_DRESS_NONE ? use : wordOf(kKinds, table, "kind", row);
    const double floors = numberOf(table, "floors", row);
    double storey = numberOf(table, "storey_height", row);
    if (storey == 0 && floors >= 1) storey = numberOf(table, "height", row) / floors;
    if (storey < 2.2 || storey > 6.3) storey = 0; // a hall, or a mistake: the use's own
    std::uint32_t steps = static_cast<std::uint32_t>(std::min(floors, 127.0));
    if (steps == 0) {
        const double unit = kind == MATOU_DRESS_WATER ? MATOU_DRESS_WATER_UNIT : MATOU_DRESS_ROAD_UNIT;
        steps = static_cast<std::uint32_t>(std::min(std::lround(std::min(numberOf(table, "width", row), 1e3) / unit), 127l));
    }
    return kind | steps << 5 | static_cast<std::uint32_t>(std::lround(storey * 10.0)) << 12;
}

} // namespace matou::resident
