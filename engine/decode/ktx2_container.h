#pragma once
// The KTX 2.0 container: header, index, data format descriptor, key/value data, all checked. Internal to decode.
// Source: KTX File Format Specification 2.0; for textures of glTF, KHR_texture_basisu.

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "core/result.h"

namespace matou::decode {

enum class TexelKind : std::uint8_t { etc1s, uastc, unorm8, float16, float32, bc1, bc3 };

struct TexelFormat {
    std::uint32_t vkFormat = 0;
    TexelKind kind = TexelKind::unorm8;
    std::uint8_t channels = 4; // of the plain kinds
    bool bgr = false;
    bool srgb = false;
    std::uint32_t blockBytes = 4;
    std::uint32_t blockTexels = 1; // width and height of a block
};

struct Ktx2Level {
    std::uint64_t offset = 0, length = 0, plainLength = 0; // plainLength: after supercompression; 0 for BasisLZ
    std::uint32_t width = 0, height = 0;
};

enum class Supercompression : std::uint32_t { none = 0, basisLz = 1, zstd = 2, zlib = 3 };

struct Ktx2File {
    TexelFormat format;
    bool alpha = false; // BasisLZ and UASTC: the descriptor says so
    Supercompression scheme = Supercompression::none;
    std::vector<Ktx2Level> levels;           // largest first
    std::span<const std::byte> globalData;   // BasisLZ
    std::uint64_t globalOffset = 0;
};

/// One flat image with its mip levels; arrays, cubes, volumes and formats that are not listed above are refused by name.
/// E_KTX2 {reason}, E_IMAGE_SIZE; `WHERE:byte N`.
core::Result<Ktx2File> readKtx2(std::span<const std::byte> bytes, const std::string& where, std::uint64_t pixelsLimit);

} // namespace matou::decode
