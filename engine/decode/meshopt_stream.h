#pragma once
// EXT_meshopt_compression and KHR_meshopt_compression: one compressed buffer view. Internal to decode.

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "core/result.h"

namespace matou::decode {

/// What the extension on a buffer view says. `count` × `stride` is the length of the view that it stands for.
struct MeshoptStream {
    enum class Mode : std::uint8_t { attributes, triangles, indices };
    enum class Filter : std::uint8_t { none, octahedral, quaternion, exponential, color };
    std::string extension; // its name, for messages
    std::uint64_t buffer = 0, offset = 0, length = 0;
    std::uint64_t count = 0, stride = 0;
    Mode mode = Mode::attributes;
    Filter filter = Filter::none;
};

/// E_GLTF_MESHOPT {reason} at `where`. The stream's numbers were checked against each other before (strict pass).
core::Result<std::vector<std::byte>> decodeMeshopt(std::span<const std::byte> bytes, const MeshoptStream& stream, const std::string& where);

} // namespace matou::decode
