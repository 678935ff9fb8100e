#pragma once
// What the tile formats of 3D Tiles 1.0 share: a header, a feature table, a batch table and a body. Internal to decode.
// Source: OGC 18-053r2, "Feature Table" and "Batch Table".

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <glm/glm.hpp>

#include "core/json.h"
#include "core/result.h"
#include "decode/gltf_document.h"
#include "model/content.h"

namespace matou::decode {

struct TileTables {
    std::string where;
    Json features, batch;
    std::span<const std::byte> featureBinary, batchBinary, body;
    std::uint64_t featureOffset = 0, batchOffset = 0, bodyOffset = 0; // in the file: of the tables' JSON and of the body
    std::uint32_t format = 0;                                         // i3dm's gltfFormat

    std::string at(std::uint64_t byte) const { return where + ":byte " + std::to_string(byte); }

    /// A whole number of the feature table, in its JSON or (as {"byteOffset"}) in its binary part. E_TILE_SEMANTIC.
    core::Result<std::optional<std::uint32_t>> integer(const char* semantic) const;
    /// The same of `count` numbers, all finite; none where the semantic is absent.
    core::Result<std::vector<double>> numbers(const char* semantic, std::size_t count) const;
    /// `count` elements of `elementBytes` each in the binary part; nothing where the semantic is absent. E_TILE_SEMANTIC.
    core::Result<std::optional<std::span<const std::byte>>> elements(const char* semantic, std::uint64_t count, std::uint64_t elementBytes) const;
    /// BATCH_ID of `count` points or instances, of any unsigned type; none where it is absent.
    core::Result<std::vector<std::uint32_t>> batchIds(std::uint64_t count) const;
};

/// b3dm, i3dm, pnts. E_GLB_TRUNCATED, E_GLB_VERSION, E_GLB_CHUNK, E_JSON_*, located by byte. The two headers of b3dm from before
/// 1.0 (20 and 24 bytes) are told as the reference client tells them and read as one with an empty feature table.
core::Result<TileTables> splitTables(std::span<const std::byte> bytes, const std::string& where);

/// The first `rows` of the batch table's `batchLength` as columns, with its hierarchy (3DTILES_batch_table_hierarchy) flattened: a
/// feature has what its nearest ancestor says. Columns that cannot be read are said.
model::FeatureTable readBatchTable(const TileTables& tables, std::uint32_t batchLength, std::uint32_t rows, core::Diagnostics& diagnostics);

/// Positions of instances and points, in double about a centre that keeps floats exact.
struct TilePositions {
    glm::dvec3 center{0.0};
    std::vector<glm::dvec3> offsets; // position - center
};
/// POSITION or POSITION_QUANTIZED with its volume, and RTC_CENTER. E_TILE_SEMANTIC; E_GLTF_FLOAT where one is not finite.
core::Result<TilePositions> readPositions(const TileTables& tables, std::uint64_t count);

/// A unit vector in two numbers of [-1, 1] ("A Survey of Efficient Representations for Independent Unit Vectors", Cigolle 2014).
glm::dvec3 octahedral(double x, double y);

/// i3dm and pnts as contents (in i3dm.cpp and pnts.cpp). The glTF of an i3dm is decoded by `model`, which gets its bytes, where
/// they begin in the file (0 for a file of its own) and, for one of its own, the URI that it came by.
using InnerModel = std::function<core::Result<model::Content>(std::span<const std::byte> bytes, std::uint64_t offset, const std::string& uri)>;
core::Result<model::Content> readInstances(const TileTables& tables, const GltfOptions& options, const InnerModel& model);
core::Result<model::Content> readPoints(const TileTables& tables, const GltfOptions& options);

} // namespace matou::decode
