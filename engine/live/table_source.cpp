#include "live/table_source.h"

#include "live/csv.h"

namespace matou::live {

std::string TableRow::place(const std::string& column) const {
    const auto found = at.find(column);
    return found == at.end() ? where + "/" + column : where + ":" + std::to_string(found->second);
}

core::Result<Table> tableOfCsv(std::string_view utf8, const std::string& where, char separator) {
    MATOU_TRY(read, readCsv(utf8, where, separator));
    Table table;
    table.refused = std::move(read.refused);
    for (auto& line : read.rows) {
        TableRow row{core::Json::object(), where + ":" + std::to_string(line.line), {}};
        for (std::size_t i = 0; i < read.names.size(); ++i) {
            row.cells[read.names[i]] = std::move(line.values[i]);
            row.at[read.names[i]] = line.characters[i];
        }
        table.rows.push_back(std::move(row));
    }
    return table;
}

core::Result<Table> tableOfJson(const core::Json& payload, const std::string& named, const std::string& where) {
    const core::Json* list = &payload;
    const std::string pointer = named.empty() && payload.is_object() && payload.contains("features") ? "/features" : named;
    try {
        const core::Json::json_pointer path(pointer);
        if (!payload.contains(path)) return core::fail("E_MAPPING_ITEMS", where, {pointer});
        list = &payload.at(path);
    } catch (const core::Json::exception&) {
        return core::fail("E_MAPPING_ITEMS", where, {pointer});
    }
    if (!list->is_array()) return core::fail("E_MAPPING_ITEMS", where, {pointer.empty() ? "[…]" : pointer});
    Table table;
    for (std::size_t i = 0; i < list->size(); ++i) {
        const std::string place = where + "#" + pointer + "/" + std::to_string(i);
        if (table.rows.size() >= Table::kRows) {
            table.refused.push_back({"E_MAPPING_LIMIT", {std::to_string(list->size()), std::to_string(Table::kRows)}, where, nullptr});
            break;
        }
        const core::Json& item = (*list)[i];
        if (!item.is_object()) {
            table.refused.push_back({"E_LEDGER_ROW", {}, place, nullptr});
            continue;
        }
        TableRow row{item, place, {}};
        if (const auto properties = item.find("properties"); properties != item.end() && properties->is_object()) {
            row.cells = *properties;
            if (const auto geometry = item.find("geometry"); geometry != item.end()) row.cells["geometry"] = *geometry;
        }
        table.rows.push_back(std::move(row));
    }
    return table;
}

} // namespace matou::live
