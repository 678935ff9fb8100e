#pragma once
// Units by their UCUM code: what a city's sensors report, and no more (units.cpp is the whole table).

#include <optional>
#include <string_view>

namespace matou::live {

/// `value` in `from` said in `to`. Nothing where a code is not in the table or the two do not measure the same. Common spellings that
/// are no UCUM ("℃", "μg/m³", "m³/s") count as what they mean. The same code converts to itself, known or not.
std::optional<double> convertUnit(double value, std::string_view from, std::string_view to);
bool unitKnown(std::string_view code);

} // namespace matou::live
