#pragma once
// Draco bitstreams (KHR_draco_mesh_compression, 3DTILES_draco_point_compression) as plain arrays. Bytes may be hostile: what the
// container declared is compared with what the stream says before any array of that size is made, and again afterwards.

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "core/result.h"

namespace matou::decode {

/// One attribute that the container names: by the stream's unique id, wanted as `componentType` (glTF's numbers, 5120..5126).
struct DracoWanted {
    std::uint32_t uniqueId = 0;
    int componentType = 5126;
    int components = 3;
};

struct DracoDeclared {
    std::uint64_t points = 0;
    std::uint64_t indices = 0; // meshes: three per triangle
    std::uint64_t bytesLimit = std::uint64_t{1} << 30;
};

struct DracoGeometry {
    /// As declared; of a mesh possibly more: edgebreaker splits vertices that several fans share, and writers declare what they had before.
    std::uint64_t points = 0;
    std::vector<std::uint32_t> indices;             // below `points`; empty for point clouds
    std::vector<std::vector<std::byte>> attributes; // as wanted, in that order: points × components, tight
};

/// E_DRACO {reason} at `where`. Bitstream 2.2, sequential or edgebreaker. Thread: any.
core::Result<DracoGeometry> decodeDracoMesh(std::span<const std::byte> bytes, const std::string& where, const DracoDeclared& declared,
                                            std::span<const DracoWanted> wanted);
/// The same for point clouds (bitstream 2.3, sequential or kd-tree): `declared.indices` does not count.
core::Result<DracoGeometry> decodeDracoPoints(std::span<const std::byte> bytes, const std::string& where, const DracoDeclared& declared,
                                              std::span<const DracoWanted> wanted);

} // namespace matou::decode
