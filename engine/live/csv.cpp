#include "live/csv.h"

#include <vector>

namespace matou::live {
namespace {

constexpr std::size_t kRows = 100000, kColumns = 1000, kCells = 2000000;

struct Reader {
    std::string_view text;
    std::string where;
    char separator;
    std::size_t at = 0, line = 1, lineBegin = 0, cells = 0;

    std::string place() const { return where + ":line " + std::to_string(line); }

    /// Of the line, from 1; a letter of several bytes is one.
    std::uint32_t character() const {
        std::uint32_t count = 1;
        for (std::size_t i = lineBegin; i < at; ++i)
            count += (static_cast<unsigned char>(text[i]) & 0xc0) != 0x80;
        return count;
    }

    tl::unexpected<core::Error> limit() const { return core::fail("E_CSV_LIMIT", place(), {std::to_string(kRows), std::to_string(kColumns), std::to_string(kCells)}); }

    core::Result<std::string> field() {
        std::string value;
        if (at >= text.size() || text[at] != '"') {
            const auto end = std::min(text.find_first_of(std::string{separator, '\r', '\n'}, at), text.size());
            value = text.substr(at, end - at);
            at = end;
            return value;
        }
        for (++at; at < text.size(); ++at) {
            if (text[at] == '\n') {
                ++line;
                lineBegin = at + 1;
            }
            if (text[at] != '"') {
                value += text[at];
            } else if (at + 1 < text.size() && text[at + 1] == '"') {
                value += '"';
                ++at;
            } else {
                ++at;
                if (at < text.size() && text[at] != separator && text[at] != '\r' && text[at] != '\n') break;
                return value;
            }
        }
        return core::fail("E_CSV_QUOTE", place());
    }

    /// `characters`: where each field begins in its line, from 1.
    core::Result<std::vector<std::string>> row(std::vector<std::uint32_t>* characters = nullptr) {
        std::vector<std::string> values;
        while (true) {
            if (characters) characters->push_back(character());
            MATOU_TRY(value, field());
            values.push_back(std::move(value));
            if (values.size() > kColumns || ++cells > kCells) return limit();
            if (at < text.size() && text[at] == separator) {
                ++at;
                continue;
            }
            if (at < text.size() && text[at] == '\r') ++at;
            if (at < text.size() && text[at] == '\n') ++at;
            return values;
        }
    }
};

} // namespace

core::Result<core::Json> parseCsv(std::string_view text, std::string_view where, char separator) {
    if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
    Reader reader{text, std::string(where), separator};
    core::Json rows = core::Json::array();
    std::vector<std::string> names;
    while (reader.at < text.size()) {
        MATOU_TRY(values, reader.row());
        const bool empty = values.size() == 1 && values[0].empty();
        if (!empty && names.empty()) {
            names = std::move(values);
        } else if (!empty) {
            if (values.size() != names.size())
                return core::fail("E_CSV_COLUMNS", reader.place(), {std::to_string(values.size()), std::to_string(names.size())});
            if (rows.size() >= kRows) return reader.limit();
            core::Json object = core::Json::object();
            for (std::size_t i = 0; i < names.size(); ++i)
                object[names[i]] = std::move(values[i]);
            rows.push_back(std::move(object));
        }
        ++reader.line;
    }
    return rows;
}

core::Result<CsvRows> readCsv(std::string_view text, std::string_view where, char separator) {
    if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
    Reader reader{text, std::string(where), separator};
    CsvRows result;
    const auto refuse = [&](const char* code, std::size_t line, std::uint32_t character, std::vector<std::string> arguments) {
        result.refused.push_back({code, std::move(arguments), std::string(where) + ":" + std::to_string(line) + ":" + std::to_string(character), nullptr});
    };
    while (reader.at < text.size()) {
        const std::size_t begun = reader.at, line = reader.line;
        reader.lineBegin = begun;
        CsvRow row{{}, {}, line};
        auto values = reader.row(&row.characters);
        if (!values && values.error().code != "E_CSV_QUOTE") return tl::unexpected(std::move(values).error());
        if (!values) {
            // Where the quote should have ended nobody knows: only this line is given up.
            refuse("E_CSV_QUOTE", line, row.characters.empty() ? 1 : row.characters.back(), {});
            reader.at = std::min(text.find('\n', begun), text.size() - 1) + 1;
            reader.line = line;
        } else if (values->size() == 1 && (*values)[0].empty()) {
            // an empty line
        } else if (result.names.empty()) {
            result.names = std::move(*values);
        } else if (values->size() != result.names.size()) {
            refuse("E_CSV_COLUMNS", line, row.characters[std::min(row.characters.size(), result.names.size()) - 1], {std::to_string(values->size()), std::to_string(result.names.size())});
        } else {
            if (result.rows.size() >= kRows) return reader.limit();
            row.values = std::move(*values);
            result.rows.push_back(std::move(row));
        }
        ++reader.line;
    }
    return result;
}

} // namespace matou::live
