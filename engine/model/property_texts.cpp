#include "model/property_texts.h"

#include <cstring>
#include <unordered_map>

namespace matou::model {

TextColumn::TextColumn(const std::vector<std::string>& rows) {
    std::unordered_map<std::string_view, std::uint32_t> known;
    known.reserve(rows.size());
    std::vector<std::uint32_t> textOfRow;
    textOfRow.reserve(rows.size());
    std::size_t bytes = 0;
    for (const auto& row : rows) {
        const auto [at, fresh] = known.try_emplace(row, static_cast<std::uint32_t>(known.size()));
        textOfRow.push_back(at->second);
        if (fresh) bytes += row.size();
    }
    _bytes.reserve(bytes);
    _ends.reserve(known.size());
    for (std::size_t row = 0; row < rows.size(); ++row) {
        if (textOfRow[row] != _ends.size()) continue; // seen before
        _bytes += rows[row];
        _ends.push_back(static_cast<std::uint32_t>(_bytes.size()));
    }
    if (known.size() <= 1) return;
    if (known.size() == rows.size()) {
        _rows = Rows::allDifferent;
        return;
    }
    const std::size_t width = known.size() <= 0x100 ? 1 : known.size() <= 0x10000 ? 2 : 4;
    _rows = width == 1 ? Rows::indexed1 : width == 2 ? Rows::indexed2 : Rows::indexed4;
    _index.resize(rows.size() * width);
    for (std::size_t row = 0; row < rows.size(); ++row) std::memcpy(&_index[row * width], &textOfRow[row], width); // little-endian
}

std::string_view TextColumn::operator[](std::size_t row) const {
    std::uint32_t text = 0;
    switch (_rows) {
    case Rows::allEqual: break;
    case Rows::allDifferent: text = static_cast<std::uint32_t>(row); break;
    case Rows::indexed1: text = _index[row]; break;
    case Rows::indexed2: std::memcpy(&text, &_index[row * 2], 2); break;
    case Rows::indexed4: std::memcpy(&text, &_index[row * 4], 4); break;
    }
    if (text >= _ends.size()) return {};
    const std::size_t begin = text == 0 ? 0 : _ends[text - 1];
    return std::string_view(_bytes).substr(begin, _ends[text] - begin);
}

PropertyTexts::PropertyTexts(const FeatureTable& table) : _rows(table.count) {
    _columns.reserve(table.columns.size());
    std::vector<std::string> rows(table.count);
    for (const auto& [name, values] : table.columns) {
        for (std::uint32_t row = 0; row < table.count; ++row) rows[row] = propertyText(table, name, row);
        _columns.emplace_back(name, TextColumn(rows));
    }
}

std::string PropertyTexts::text(std::size_t column, std::uint32_t row) const {
    return row < _rows ? std::string(_columns[column].second[row]) : std::string();
}

std::size_t PropertyTexts::byteSize() const {
    std::size_t bytes = sizeof(*this);
    for (const auto& [name, column] : _columns) bytes += sizeof(_columns[0]) + column.byteSize();
    return bytes;
}

} // namespace matou::model
