#pragma once
// Metadata of a tileset.json: schema, entities of the tileset, its groups, tiles and contents, and statistics (3D Tiles 1.1,
// "Metadata"). It changes nothing that is drawn, so trees do not carry it: who wants to see or check it reads it by itself.

#include <span>
#include <string>
#include <utility>
#include <vector>

#include "core/result.h"
#include "tiles/subtree.h"

namespace matou::tiles {

struct MetadataEntity {
    std::string pointer; // "/metadata", "/groups/0", "/root/children/1/metadata", "/root/content/metadata"
    std::string className;
    std::vector<std::pair<std::string, std::string>> properties; // by name, values as JSON
};

struct TilesetMetadata {
    std::string schemaId;
    std::size_t classes = 0, enums = 0;
    std::vector<MetadataEntity> entities; // kEntitiesMost at most
    std::size_t entityCount = 0;          // all
    std::vector<std::pair<std::string, std::string>> statistics; // "class.property.minimum", values as JSON
    core::Diagnostics problems;                                  // E_METADATA_*, E_JSON_*, W_METADATA_*; located
    static constexpr std::size_t kEntitiesMost = 1000;
};

/// `resolve` fetches a `schemaUri`. Legacy spelling: 3DTILES_metadata. No recursion on depth. Cost: linear in the document; nothing
/// where its text names no metadata.
TilesetMetadata readTilesetMetadata(std::span<const std::byte> bytes, const std::string& where, const BufferResolver& resolve);

} // namespace matou::tiles
