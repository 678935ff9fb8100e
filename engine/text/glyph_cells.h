#pragma once
// Which glyph lies in which cell of the atlas: grows, then reuses the cells used longest ago.

#include <cstdint>
#include <memory>
#include <unordered_map>
#include <vector>

#include "text/atlas_image.h"

namespace matou::text {

/// font << 32 | glyph index.
using GlyphId = std::uint64_t;

struct Cell {
    GlyphId glyph = 0;
    std::uint64_t lastUsed = 0; // frame
    bool taken = false;
    /// Texels of the glyph inside the cell and its place in em pixels (kSdfEmTexels per em), y down from the baseline.
    glm::vec4 atlasTexels{0.0f};
    glm::vec4 rectEm{0.0f};
};

class GlyphCells {
public:
    explicit GlyphCells(std::uint32_t maximumSide);

    void beginFrame() { ++_frame; }
    /// The glyph's cell, marked as used now; null where it has none.
    const Cell* find(GlyphId glyph);
    /// A cell for a new glyph: free, added by growing, or taken from the glyph unused for longest. Null where every cell
    /// was used in this frame or the last (pictures in flight may still show those).
    Cell* allocate(GlyphId glyph);
    /// Copies the glyph's picture to its cell's corner.
    void write(Cell& cell, const std::vector<std::uint8_t>& texels, std::uint32_t width, std::uint32_t height);

    std::shared_ptr<const AtlasImage> image();
    std::uint64_t evicted() const { return _evicted; }
    std::size_t bytes() const { return _texels.size() + _cells.size() * sizeof(Cell); }

private:
    void grow();

    std::uint32_t _side;
    std::uint32_t _rows = 0; // of cells
    std::uint64_t _frame = 2;
    std::uint64_t _evicted = 0;
    std::uint64_t _version = 0;
    bool _changed = true;
    std::vector<Cell> _cells;
    std::vector<std::uint32_t> _free;
    std::unordered_map<GlyphId, std::uint32_t> _index;
    std::vector<std::uint8_t> _texels;
    std::shared_ptr<const AtlasImage> _image;
};

} // namespace matou::text
