#pragma once
// Several contents as one: of a tile with many, and of a composite.

#include <vector>

#include "model/content.h"

namespace matou::model {

/// Lists joined in their order, rows renumbered; what lies between their centres goes into the instances. Columns that two of them
/// share become text, since kinds may differ. `contents` is not empty.
Content joined(std::vector<Content> contents);

} // namespace matou::model
