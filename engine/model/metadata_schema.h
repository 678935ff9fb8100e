#pragma once
// Schemas of 3D Metadata (3D Tiles 1.1, "Metadata"; EXT_structural_metadata has the same): classes of typed properties, and enums.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "core/json.h"
#include "core/result.h"

namespace matou::model {

/// Bytes and kind of INT8 … FLOAT64.
struct MetadataNumberType {
    std::uint32_t bytes = 0;
    bool floating = false, isSigned = false;
};
std::optional<MetadataNumberType> metadataNumberType(std::string_view name);
/// Numbers in one element: SCALAR 1, VEC2 2 … MAT4 16; 0 for what has none.
std::uint32_t metadataComponents(std::string_view type);

/// All that is wrong with a schema, located below `where` + "#" + `pointer`: E_METADATA_TYPE {member, expected, found},
/// E_METADATA_MISSING {member}, E_METADATA_VALUE {member, expected}; W_METADATA_SEMANTIC for a semantic that the standard does not
/// know. Cost: linear.
core::Diagnostics checkMetadataSchema(const core::Json& schema, const std::string& where, const std::string& pointer);

/// An entity of the tileset, of a group, tile or content: {"class", "properties"}. `schema` may be null (there is none).
core::Diagnostics checkMetadataEntity(const core::Json& entity, const core::Json* schema, const std::string& where, const std::string& pointer);

/// `propertyTables` of a subtree (or a file with them), against its `bufferViews`; classes only where there is a schema.
core::Diagnostics checkPropertyTables(const core::Json& document, const core::Json* schema, const std::string& where);

/// `buffers` and `bufferViews` of a subtree (or a file with them).
core::Diagnostics checkMetadataBuffers(const core::Json& document, const std::string& where);

} // namespace matou::model
