#pragma once
// Batched 3D Model (3D Tiles 1.0): a GLB with a batch table. Internal to decode.

#include "decode/tile_tables.h"

namespace matou::decode {

struct B3dmParts {
    TileTables tables;
    std::span<const std::byte> glb;
    std::uint32_t batchLength = 0;
    glm::dvec3 rtcCenter{0.0};
};

core::Result<B3dmParts> splitB3dm(std::span<const std::byte> bytes, const std::string& where);
/// Batch ids of the vertices become rows with the batch table's columns.
void applyBatchTable(const B3dmParts& parts, model::Content& content);
/// A GLB without the padding that a tile puts behind it: its own length says where it ends.
std::span<const std::byte> withoutPadding(std::span<const std::byte> glb);

} // namespace matou::decode
