#pragma once
// Batched 3D Model (3D Tiles 1.0): a GLB with a batch table. Internal to decode.

#include <span>

#include "decode/gltf_document.h"
#include "model/content.h"

namespace matou::decode {

struct B3dmParts {
    std::span<const std::byte> glb;
    std::uint64_t glbOffset = 0, tableOffset = 0; // of the GLB and of the batch table in the file
    std::uint32_t batchLength = 0;
    glm::dvec3 rtcCenter{0.0};
    Json batchTable;
    std::span<const std::byte> batchBinary;
};

core::Result<B3dmParts> splitB3dm(std::span<const std::byte> bytes, const std::string& where);
/// Batch ids of the vertices become rows with the batch table's columns.
void applyBatchTable(const B3dmParts& parts, const std::string& where, model::Content& content);

} // namespace matou::decode
