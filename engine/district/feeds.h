#pragma once
// The [[feed]] tables of district.toml. Private to this module.

#include "district/district.h"
#include "district/toml_section.h"

namespace matou::district {

void readFeeds(TomlSection& root, District& district);

} // namespace matou::district
