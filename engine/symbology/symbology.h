#pragma once
// Everything of the module. See README.md for how the parts stand together.

#include "symbology/overlay_builder.h"
#include "symbology/project_timeline.h"
#include "symbology/style_builder.h"
#include "symbology/theme.h"
