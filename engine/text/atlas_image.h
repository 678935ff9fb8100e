#pragma once
// The glyph atlas as plain data: what a renderer needs to draw text.

#include <cstdint>
#include <vector>

#include <glm/glm.hpp>

namespace matou::text {

/// Atlas texels between the outline (value 128) and value 0 or 255.
inline constexpr float kSdfSpreadTexels = 8.0f;
/// Pixels per em that glyphs are made at; drawn at size s, one texel covers s / kSdfEmTexels pixels.
inline constexpr float kSdfEmTexels = 48.0f;
/// A glyph's cell in the atlas, texels.
inline constexpr std::uint32_t kSdfCellTexels = 64;

/// The signed-distance atlas at one moment; immutable, one channel. Rows only ever get added at the bottom, so texel
/// rectangles of older images stay right while their glyphs live.
struct AtlasImage {
    std::uint64_t version = 0;
    std::uint32_t width = 0, height = 0;
    std::vector<std::uint8_t> texels;
};

/// Pixel rectangle (x, y, width, height; y down) and texel rectangle in the atlas.
struct Quad {
    glm::vec4 rectPixels{0.0f};
    glm::vec4 atlasTexels{0.0f};
};

} // namespace matou::text
