#include "live/project_ledger.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <optional>

#include "geo/source_crs.h"
#include "live/charset.h"
#include "live/outline.h"

namespace matou::live {
using core::Json;
namespace {

std::string trimmed(std::string text) {
    const auto first = text.find_first_not_of(" \t\r\n");
    if (first == std::string::npos) return {};
    return text.substr(first, text.find_last_not_of(" \t\r\n") + 1 - first);
}

std::string textOf(const Json& cell) {
    if (cell.is_string()) return trimmed(cell.get<std::string>());
    return cell.is_null() || cell.is_structured() ? std::string() : cell.dump();
}

std::optional<double> numberOf(std::string text) {
    std::erase(text, ',');
    if (text.ends_with("%")) text.pop_back();
    if (text.ends_with("％")) text.erase(text.size() - 3);
    text = trimmed(text);
    double value = 0;
    const auto parsed = std::from_chars(text.data(), text.data() + text.size(), value);
    return parsed.ec == std::errc() && parsed.ptr == text.data() + text.size() && std::isfinite(value) ? std::optional(value) : std::nullopt;
}

/// "2025-03-01"; a time behind it is left out.
/// A day at this place. A time with its zone is of the day that it was here; one without, of the day that is written.
std::optional<std::string> dateOf(const std::string& text) {
    if (const auto instant = core::parseInstant(text)) return core::formatInstant(*instant + core::Duration(8 * 3600 * 1000)).substr(0, 10);
    const bool bare = text.size() == 8 && text.find_first_not_of("0123456789") == std::string::npos;
    for (const char* format : {"%4d%2d%2d%n", "%4d-%2d-%2d%n", "%4d/%2d/%2d%n", "%4d.%2d.%2d%n", "%4d年%2d月%2d日%n"}) {
        int year = 0, month = 0, day = 0, end = 0;
        if ((format[3] == '%') != bare || std::sscanf(text.c_str(), format, &year, &month, &day, &end) != 3 || end == 0) continue;
        const std::string_view rest = std::string_view(text).substr(static_cast<std::size_t>(end));
        const bool timed = rest.size() > 1 && (rest[0] == ' ' || rest[0] == 'T') && rest.find_first_not_of("0123456789:.", 1) == rest.npos;
        if ((!rest.empty() && !timed) || year < 1970 || year > 9999) return std::nullopt;
        char written[40];
        std::snprintf(written, sizeof written, "%04d-%02d-%02d", year, month, day);
        return core::parseInstant(std::string(written) + "T00:00:00+08:00") ? std::optional<std::string>(written) : std::nullopt;
    }
    return std::nullopt;
}

enum class Kind { text, number, percent, date, shape };

Kind kindOf(const std::string& name) {
    if (name.ends_with("percent")) return Kind::percent;
    if (name.ends_with("_wan")) return Kind::number;
    if (name == "planned" || name == "actual") return Kind::date;
    return name.ends_with("geometry") ? Kind::shape : Kind::text;
}

class Builder {
public:
    Builder(const LedgerColumns& columns, Ledger& ledger) : _columns(columns), _ledger(ledger) {}

    core::Result<void> add(const TableRow& row) {
        const std::string id = textOf(cell(row, "id"));
        if (id.empty()) {
            refuse(row, "id", "a project's id");
            return {};
        }
        const auto [found, fresh] = _index.emplace(id, _ledger.projects.size());
        if (fresh) _ledger.projects.push_back({{"id", id}});
        Json& project = _ledger.projects[found->second];
        for (const auto& name : LedgerColumns::canonical())
            if (name != "id" && name != "milestone" && name != "planned" && name != "actual" && name != "milestone_geometry" && name != "before" && name != "after") {
                MATOU_TRY(value, read(row, name));
                if (!value.is_null()) put(row, name, memberOf(name), std::move(value), project);
            }
        return milestone(row, project);
    }

private:
    static std::string memberOf(const std::string& name) { return name == "geometry" || name == "milestone_geometry" ? "outline" : name == "as_of" ? "ts" : name; }
    const std::string& columnOf(const std::string& name) const {
        const auto found = _columns.names.find(name);
        return found == _columns.names.end() ? name : found->second;
    }
    Json cell(const TableRow& row, const std::string& name) const {
        const auto found = row.cells.find(columnOf(name));
        return found == row.cells.end() ? Json() : *found;
    }
    void refuse(const TableRow& row, const std::string& name, const char* expected) {
        const std::string& column = columnOf(name);
        if (_ledger.refused.size() < Ledger::kRefused) _ledger.refused.push_back({"E_LEDGER_CELL", {column, expected, firstBytes(textOf(cell(row, name)), 60)}, row.place(column), nullptr});
        else _ledger.more = true;
    }
    /// Null: nothing is said there, or nothing that can be understood (which is refused).
    core::Result<Json> read(const TableRow& row, const std::string& name) {
        const Json raw = cell(row, name);
        if (kindOf(name) == Kind::shape) {
            if (raw.is_null() || (raw.is_string() && textOf(raw).empty())) return Json();
            return shape(row, name, raw);
        }
        const std::string text = textOf(raw);
        if (text.empty()) return Json();
        switch (kindOf(name)) {
        case Kind::number:
        case Kind::percent: {
            const auto number = numberOf(text);
            const double most = kindOf(name) == Kind::percent ? 100 : 1e9;
            if (number && *number >= 0 && *number <= most) return Json(*number);
            refuse(row, name, kindOf(name) == Kind::percent ? "a number from 0 to 100" : "a number from 0 to 1e9");
            return Json();
        }
        case Kind::date:
            if (auto date = dateOf(text)) return Json(std::move(*date));
            refuse(row, name, "a date YYYY-MM-DD");
            return Json();
        default: break;
        }
        if (name != "as_of") return Json(firstBytes(text, 1000));
        // When the office wrote it down: a day counts from its beginning.
        if (const auto exact = core::parseInstant(text)) return Json(core::formatInstant(*exact));
        if (const auto date = dateOf(text)) return Json(core::formatInstant(*core::parseInstant(*date + "T00:00:00+08:00")));
        refuse(row, name, "a date or a time with its zone");
        return Json();
    }
    core::Result<Json> shape(const TableRow& row, const std::string& name, const Json& raw) {
        const auto outline = outlineOf(raw);
        if (!outline) {
            refuse(row, name, "a polygon (WKT, WKB or GeoJSON)");
            return Json();
        }
        const std::string code = outline->srs > 0 && outline->srs != 4326 && outline->srs != 4490 ? "EPSG:" + std::to_string(outline->srs) : outline->srs > 0 ? "wgs84" : _columns.crs;
        auto crs = _crs.find(code);
        if (crs == _crs.end()) {
            auto made = geo::SourceCrs::create(code);
            if (!made) return core::fail(made.error().code, row.place(columnOf(name)), made.error().arguments);
            crs = _crs.emplace(code, std::move(*made)).first;
        }
        Json ring = Json::array();
        for (const auto& [x, y] : outline->ring) {
            const auto degrees = crs->second.toLonLat(x, y);
            if (!degrees) {
                refuse(row, name, "a polygon inside its coordinate system");
                return Json();
            }
            // A centimetre: what the kinds of tables round differently is the same place.
            ring.push_back({std::round(degrees->first * 1e7) / 1e7, std::round(degrees->second * 1e7) / 1e7});
        }
        return ring;
    }
    void put(const TableRow& row, const std::string& name, const std::string& member, Json value, Json& into) {
        const auto found = into.find(member);
        if (found == into.end()) into[member] = std::move(value);
        else if (member == "ts") *found = std::max(found->get<std::string>(), value.get<std::string>()); // the newest word on it
        else if (*found != value) refuse(row, name, "the same as in the project's other rows");
    }
    core::Result<void> milestone(const TableRow& row, Json& project) {
        MATOU_TRY(name, read(row, "milestone"));
        if (name.is_null()) {
            for (const char* member : {"planned", "actual"})
                if (!textOf(cell(row, member)).empty()) refuse(row, "milestone", "the name of what is planned");
            return {};
        }
        Json entry = {{"name", name}};
        for (const char* member : {"planned", "actual", "milestone_geometry", "before", "after"}) {
            MATOU_TRY(value, read(row, member));
            if (!value.is_null()) entry[memberOf(member)] = std::move(value);
        }
        Json& list = project["milestones"];
        for (const auto& earlier : list)
            if (earlier["name"] == entry["name"]) {
                if (earlier != entry) refuse(row, "milestone", "a milestone that the project has once");
                return {};
            }
        list.push_back(std::move(entry));
        return {};
    }

    const LedgerColumns& _columns;
    Ledger& _ledger;
    std::map<std::string, std::size_t> _index;
    std::map<std::string, geo::SourceCrs> _crs;
};

} // namespace

const std::vector<std::string>& LedgerColumns::canonical() {
    static const std::vector<std::string> names = {"id",        "name",     "department",           "phase",           "percent",        "status",  "note",
                                                   "budget_wan", "spent_wan", "consultation_percent", "signing_percent", "moving_percent", "as_of",   "geometry",
                                                   "milestone", "planned",  "actual",               "milestone_geometry", "before",      "after"};
    return names;
}

core::Result<Ledger> ledgerOf(const Table& table, const LedgerColumns& columns, const std::string& where) {
    Ledger ledger;
    ledger.refused.assign(table.refused.begin(), table.refused.begin() + static_cast<std::ptrdiff_t>(std::min(table.refused.size(), Ledger::kRefused)));
    ledger.more = table.refused.size() > Ledger::kRefused;
    if (table.rows.empty()) return ledger;
    for (const auto& [name, column] : columns.names) {
        const bool some = std::any_of(table.rows.begin(), table.rows.end(), [&](const TableRow& row) { return row.cells.contains(column); });
        if (!some) return core::fail("E_LEDGER_COLUMN", where, {column});
    }
    Builder builder(columns, ledger);
    for (const auto& row : table.rows)
        MATOU_CHECK(builder.add(row));
    if (ledger.more) ledger.refused.push_back({"E_LEDGER_MANY", {std::to_string(Ledger::kRefused)}, where, nullptr});
    return ledger;
}

} // namespace matou::live
