#include "symbology/theme.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <utility>

namespace matou::symbology {

const SeverityStyle& severityStyle(int severity) {
    // domain.md D.2; these four hues are used for nothing else in the monitor look.
    static constexpr std::array<SeverityStyle, 4> kStyles{{
        {{0xFF, 0x2D, 0x2D, 255}, scene::IconShape::octagon, "Ⅰ", 2, 44.0f, "UI_SEVERITY_1"},
        {{0xFF, 0x9A, 0x1F, 255}, scene::IconShape::triangle, "Ⅱ", 1, 42.0f, "UI_SEVERITY_2"},
        {{0xFF, 0xF0, 0x4D, 255}, scene::IconShape::diamond, "Ⅲ", 0, 36.0f, "UI_SEVERITY_3"},
        {{0x4D, 0xA3, 0xFF, 255}, scene::IconShape::circle, "Ⅳ", 0, 30.0f, "UI_SEVERITY_4"},
    }};
    return kStyles[static_cast<std::size_t>(std::clamp(severity, 1, 4) - 1)];
}

const ProjectStyle& projectStyle(std::string_view status) {
    // Okabe–Ito, muted towards grey so that no tint competes with the severity hues.
    static constexpr ProjectStyle kOnTrack{{0x4F, 0x9D, 0x86, 165}, "UI_PROJECT_ON_TRACK"};
    static constexpr ProjectStyle kAtRisk{{0xC9, 0xA1, 0x5A, 175}, "UI_PROJECT_AT_RISK"};
    static constexpr ProjectStyle kLate{{0xB8, 0x6A, 0x4A, 185}, "UI_PROJECT_LATE"};
    static constexpr ProjectStyle kPaused{{0xA9, 0x7F, 0x9E, 165}, "UI_PROJECT_PAUSED"};
    static constexpr ProjectStyle kDone{{0x6F, 0x9F, 0xC4, 150}, "UI_PROJECT_DONE"};
    static constexpr ProjectStyle kPlanned{{0x9A, 0xA3, 0xAB, 110}, "UI_PROJECT_PLANNED"};
    if (status == "on-track") return kOnTrack;
    if (status == "at-risk") return kAtRisk;
    if (status == "late") return kLate;
    if (status == "paused") return kPaused;
    if (status == "done") return kDone;
    return kPlanned;
}

std::string ageText(core::Duration age, core::Language language) {
    const auto seconds = std::max<std::int64_t>(0, age.count() / 1000);
    const char* key = seconds < 60 ? "UI_AGE_SECONDS" : seconds < 3600 ? "UI_AGE_MINUTES" : seconds < 86400 ? "UI_AGE_HOURS" : "UI_AGE_DAYS";
    const auto number = seconds < 60 ? seconds : seconds < 3600 ? seconds / 60 : seconds < 86400 ? seconds / 3600 : seconds / 86400;
    return core::text(language, key, {std::to_string(number)});
}

std::string clockSpan(core::Duration span) {
    const auto seconds = std::max<std::int64_t>(0, span.count() / 1000);
    char text[32];
    if (seconds >= 3600)
        std::snprintf(text, sizeof text, "%lld:%02lld:%02lld", static_cast<long long>(seconds / 3600),
                      static_cast<long long>(seconds / 60 % 60), static_cast<long long>(seconds % 60));
    else
        std::snprintf(text, sizeof text, "%02lld:%02lld", static_cast<long long>(seconds / 60), static_cast<long long>(seconds % 60));
    return text;
}

std::string unitText(std::string_view ucum) {
    struct Pair {
        std::string_view code, shown;
    };
    static constexpr Pair kUnits[] = {{"ug/m3", "μg/m³"}, {"mg/m3", "mg/m³"}, {"Cel", "℃"},     {"dB[A]", "dB(A)"}, {"dB(A)", "dB(A)"},
                                      {"m2", "㎡"},       {"m3/s", "m³/s"},   {"m/s2", "m/s²"},   {"[ppm]", "ppm"}, {"kW.h", "kW·h"},   {"1", ""},
                                      {"{count}", ""},    {"/h", "/h"},       {"deg", "°"},     {"km/h", "km/h"}};
    for (const auto& unit : kUnits)
        if (unit.code == ucum) return std::string(unit.shown);
    // {vehicles}/h and the like: annotations are for people.
    std::string shown;
    for (const char c : ucum)
        if (c != '{' && c != '}') shown += c;
    return shown;
}

std::string phaseText(const std::string& phase, core::Language language) {
    static constexpr std::pair<std::string_view, const char*> kPhases[] = {
        {"储备", "UI_PHASE_RESERVE"}, {"立项", "UI_PHASE_APPROVAL"},     {"设计", "UI_PHASE_DESIGN"},    {"招标", "UI_PHASE_TENDER"},
        {"施工", "UI_PHASE_WORKS"},   {"验收", "UI_PHASE_ACCEPTANCE"}, {"移交", "UI_PHASE_HANDOVER"}};
    for (const auto& [name, key] : kPhases)
        if (name == phase) return core::text(language, key);
    return phase;
}

std::string valueText(double value) {
    if (!std::isfinite(value)) return "–";
    const double size = std::fabs(value);
    char text[48];
    std::snprintf(text, sizeof text, size >= 100 || value == std::floor(value) ? "%.0f" : size >= 10 ? "%.1f" : "%.2f", value);
    return text;
}

const std::string& nameOf(const twin::Name& name, core::Language language) {
    const bool chinese = language == core::Language::zh;
    const std::string& first = chinese ? name.zh : name.en;
    return first.empty() ? (chinese ? name.en : name.zh) : first;
}

} // namespace matou::symbology
