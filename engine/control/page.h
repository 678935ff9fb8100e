#pragma once
// GET /: a small page for a tablet beside the wall. Chinese; nothing from elsewhere is loaded.

#include <string>
#include <utility>
#include <vector>

#include "twin/records.h"

namespace matou::control {

std::string remotePage(const twin::Name& district, const std::vector<std::pair<std::string, twin::Name>>& scenes);

} // namespace matou::control
