#pragma once
// What a feature's own properties say of its looks, packed for the shaders (GpuFeatureRow::dress of shaders/shared): use,
// floors and storey height of a building; kind and width of a road, a green, a yard or a river.

#include <cstdint>

#include "model/content.h"

namespace matou::resident {

/// Reads the columns use, kind, floors, height, storey_height, width where there are any. Words are those of the bundled
/// district (住宅, carriageway) and of OpenStreetMap (apartments, residential); an unknown word says nothing. Thread: any.
std::uint32_t dressOf(const model::FeatureTable& table, std::uint32_t row);

} // namespace matou::resident
