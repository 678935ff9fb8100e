#pragma once
// How far apart buildings have to stand. Written once: the generator obeys it and the plausibility check asks for it.
// After the city's technical rule for planning (multi-storey dwellings at least 1.0 times the height of what stands to
// the south; high-rise 0.5 times, no less than 24 m) in the form that a default may have; the rule's own text decides.

#include <algorithm>

#include "nanmatou/footprint.h"

namespace matou::importers::nanmatou {

inline constexpr double kMultiStoreyLimit = 24.0;
/// Sheds and one-storey shops take no sun from anybody.
inline constexpr double kNoShadowBelow = 6.0;

/// Clear metres that a dwelling needs to whatever of that height stands to its south.
inline double lawfulGap(double southernHeight) {
    if (southernHeight <= kNoShadowBelow) return 0;
    return southernHeight <= kMultiStoreyLimit ? southernHeight : std::max(24.0, 0.5 * southernHeight);
}

/// Clear metres from the southern footprint to the northern one across their common front, seen along the northern
/// one's own south; a negative value where they share less than `minimumFront` metres of front or stand the other way
/// round.
double southernGap(const Footprint& southern, const Footprint& northern, double minimumFront = 3.0);

} // namespace matou::importers::nanmatou
