#pragma once
// What values look like: the reserved severity colours, project status colours, text sizes. domain.md D.2, D.3.

#include <cstdint>
#include <string>
#include <string_view>

#include "core/messages.h"
#include "scene/frame_snapshot.h"
#include "twin/state_snapshot.h"

namespace matou::symbology {

enum class Theme : std::uint8_t { dark, light };

/// Severity: colour, shape and numeral together, because colour alone is not enough (deuteranopia).
struct SeverityStyle {
    scene::Rgba color;
    scene::IconShape shape;
    const char* numeral;  // Ⅰ Ⅱ Ⅲ Ⅳ
    int rings;            // 2, 1, 0, 0
    float sizePixels;     // at scale 1
    const char* nameKey;  // UI_SEVERITY_1…
};
/// `severity` is clamped to 1..4.
const SeverityStyle& severityStyle(int severity);

/// Shelved, suppressed or out of service: off the list of what asks for action (ISA-18.2), though it is there.
inline bool isAside(const twin::Alarm& alarm) { return alarm.suppressed != twin::Suppressed::no || alarm.workflow == twin::Workflow::shelved; }

/// on-track at-risk late paused done planned; unknown words give `planned`.
struct ProjectStyle {
    scene::Rgba tint; // alpha = strength
    const char* nameKey;
};
const ProjectStyle& projectStyle(std::string_view status);

/// "12 s" "5 min" "3 h" "2 d" in the language, for an age.
std::string ageText(core::Duration age, core::Language language);
/// mm:ss (h:mm:ss from one hour on).
std::string clockSpan(core::Duration span);
/// UCUM code as people write it: "ug/m3" → "μg/m³", "Cel" → "℃", "dB[A]" → "dB(A)".
std::string unitText(std::string_view ucum);
/// A project phase's name (储备 立项 设计 招标 施工 验收 移交) in the language; others stay as they are.
std::string phaseText(const std::string& phase, core::Language language);
/// Digits that suit the size: 3 significant, never an exponent.
std::string valueText(double value);
/// The name in the language; the other one where it is empty.
const std::string& nameOf(const twin::Name& name, core::Language language);

} // namespace matou::symbology
