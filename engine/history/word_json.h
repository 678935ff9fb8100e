#pragma once
// Cases and flood season as JSON: what history keeps and attached programs hear.

#include <optional>
#include <string>

#include "twin/cases.h"
#include "twin/flood_season.h"

namespace matou::history {

std::string toJson(const twin::Case& item);
std::optional<twin::Case> caseFromJson(const std::string& text);
std::string toJson(const twin::FloodItem& item);
std::optional<twin::FloodItem> floodFromJson(const std::string& text);

} // namespace matou::history
