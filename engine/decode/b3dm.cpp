#include "decode/b3dm.h"

#include <algorithm>
#include <cstring>

namespace matou::decode {

using core::fail;
using core::Result;

std::span<const std::byte> withoutPadding(std::span<const std::byte> glb) {
    if (glb.size() < 12) return glb;
    std::uint32_t length = 0;
    std::memcpy(&length, glb.data() + 8, 4);
    return length < glb.size() && glb.size() - length < 8 ? glb.first(length) : glb;
}

Result<B3dmParts> splitB3dm(std::span<const std::byte> bytes, const std::string& where) {
    MATOU_TRY(tables, splitTables(bytes, where));
    B3dmParts parts;
    MATOU_TRY(batch, tables.integer("BATCH_LENGTH"));
    if (!batch || *batch > (1u << 26)) return fail("E_GLTF_MISSING", tables.at(tables.featureOffset), {"BATCH_LENGTH"});
    parts.batchLength = *batch;
    MATOU_TRY(center, tables.numbers("RTC_CENTER", 3));
    if (!center.empty()) parts.rtcCenter = {center[0], center[1], center[2]};
    parts.glb = withoutPadding(tables.body);
    parts.tables = std::move(tables);
    return parts;
}

void applyBatchTable(const B3dmParts& parts, model::Content& content) {
    content.rtcCenter += parts.rtcCenter;
    std::uint32_t used = 0; // rows that vertices speak of; a lying BATCH_LENGTH allocates nothing
    bool outside = false;
    for (auto& primitive : content.primitives)
        for (auto& vertex : primitive.vertices) {
            if (vertex.feature == model::kNoFeature) continue;
            if (vertex.feature < parts.batchLength) {
                used = std::max(used, vertex.feature + 1);
            } else {
                vertex.feature = model::kNoFeature;
                outside = true;
            }
        }
    if (outside) content.diagnostics.push_back({"W_GLTF_FEATURE_RANGE", {std::to_string(parts.batchLength)}, parts.tables.at(parts.tables.batchOffset), {}});
    content.features = readBatchTable(parts.tables, parts.batchLength, used, content.diagnostics);
}

} // namespace matou::decode
