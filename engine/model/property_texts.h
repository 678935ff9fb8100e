#pragma once
// A property table as it stays while its content is on the GPU: texts to be shown, nothing to compute with. A city repeats
// itself, so each distinct text of a column is kept once: a tenth of what FeatureTable takes.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "model/content.h"

namespace matou::model {

/// One text per row. Cost: the distinct texts, 4 bytes each, and 0, 1, 2 or 4 bytes a row.
class TextColumn {
public:
    explicit TextColumn(const std::vector<std::string>& rows);
    /// Valid while the column lives. `row` is one of those given.
    std::string_view operator[](std::size_t row) const;
    std::size_t byteSize() const { return _index.capacity() + _ends.capacity() * 4 + _bytes.capacity(); }

private:
    enum class Rows : std::uint8_t { allEqual, allDifferent, indexed1, indexed2, indexed4 };
    Rows _rows = Rows::allEqual;
    std::vector<std::uint8_t> _index; // per row: which text, in 1, 2 or 4 bytes
    std::vector<std::uint32_t> _ends; // of each text in `_bytes`; it begins where the one before ends
    std::string _bytes;
};

class PropertyTexts {
public:
    PropertyTexts() = default;
    /// Thread: any.
    explicit PropertyTexts(const FeatureTable& table);
    std::uint32_t rows() const { return _rows; }
    std::size_t columns() const { return _columns.size(); }
    /// In the table's order, which is by name.
    const std::string& name(std::size_t column) const { return _columns[column].first; }
    /// As propertyText gives it; "" beyond the rows.
    std::string text(std::size_t column, std::uint32_t row) const;
    std::size_t byteSize() const;

private:
    std::uint32_t _rows = 0;
    std::vector<std::pair<std::string, TextColumn>> _columns;
};

} // namespace matou::model
