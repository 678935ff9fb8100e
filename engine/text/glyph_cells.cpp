#include "text/glyph_cells.h"

#include <algorithm>
#include <cstring>

namespace matou::text {

GlyphCells::GlyphCells(std::uint32_t maximumSide)
    : _side(std::clamp(maximumSide / kSdfCellTexels, 1u, 256u) * kSdfCellTexels) {
    grow();
}

void GlyphCells::grow() {
    const std::uint32_t perRow = _side / kSdfCellTexels;
    const std::uint32_t rows = std::min(perRow, std::max(1u, _rows * 2));
    for (std::uint32_t i = perRow * rows; i-- > perRow * _rows;) _free.push_back(i);
    _cells.resize(std::size_t{perRow} * rows);
    _texels.resize(std::size_t{_side} * rows * kSdfCellTexels, 0);
    _rows = rows;
    _changed = true;
}

const Cell* GlyphCells::find(GlyphId glyph) {
    const auto found = _index.find(glyph);
    if (found == _index.end()) return nullptr;
    Cell& cell = _cells[found->second];
    cell.lastUsed = _frame;
    return &cell;
}

Cell* GlyphCells::allocate(GlyphId glyph) {
    if (_free.empty() && _rows < _side / kSdfCellTexels) grow();
    std::uint32_t index = 0;
    if (!_free.empty()) {
        index = _free.back();
        _free.pop_back();
    } else {
        const auto oldest = std::min_element(_cells.begin(), _cells.end(),
                                             [](const Cell& a, const Cell& b) { return a.lastUsed < b.lastUsed; });
        if (oldest->lastUsed + 1 >= _frame) return nullptr;
        index = static_cast<std::uint32_t>(oldest - _cells.begin());
        _index.erase(oldest->glyph);
        ++_evicted;
    }
    Cell& cell = _cells[index];
    cell = Cell{glyph, _frame, true, {}, {}};
    const std::uint32_t perRow = _side / kSdfCellTexels;
    cell.atlasTexels = {static_cast<float>(index % perRow * kSdfCellTexels), static_cast<float>(index / perRow * kSdfCellTexels), 0, 0};
    _index[glyph] = index;
    return &cell;
}

void GlyphCells::write(Cell& cell, const std::vector<std::uint8_t>& texels, std::uint32_t width, std::uint32_t height) {
    const auto left = static_cast<std::size_t>(cell.atlasTexels.x), top = static_cast<std::size_t>(cell.atlasTexels.y);
    for (std::size_t y = 0; y < kSdfCellTexels; ++y) {
        std::uint8_t* row = _texels.data() + (top + y) * _side + left;
        std::memset(row, 0, kSdfCellTexels);
        if (y < height) std::memcpy(row, texels.data() + y * width, std::min(width, kSdfCellTexels));
    }
    cell.atlasTexels.z = static_cast<float>(std::min(width, kSdfCellTexels));
    cell.atlasTexels.w = static_cast<float>(std::min(height, kSdfCellTexels));
    _changed = true;
}

std::shared_ptr<const AtlasImage> GlyphCells::image() {
    if (_changed) {
        auto image = std::make_shared<AtlasImage>();
        image->version = ++_version;
        image->width = _side;
        image->height = _rows * kSdfCellTexels;
        image->texels = _texels;
        _image = std::move(image);
        _changed = false;
    }
    return _image;
}

} // namespace matou::text
