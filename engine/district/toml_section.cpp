#include "district/toml_section.h"

#include <algorithm>
#include <cmath>
#include <sstream>

#include "core/file.h"

namespace matou::district {
namespace fs = std::filesystem;
namespace {

std::string located(const fs::path& path, const toml::source_region& region) {
    return path.string() + ":" + std::to_string(region.begin.line) + ":" + std::to_string(region.begin.column);
}

std::string typeName(const toml::node& node) {
    std::ostringstream out;
    out << node.type();
    return out.str();
}

std::string shown(double value) {
    std::ostringstream out;
    out << value;
    return out.str();
}

} // namespace

core::Result<TomlFile> readToml(const fs::path& path, const fs::path& folder, core::Diagnostics& warnings) {
    MATOU_TRY(content, core::readTextFile(path, std::uint64_t{16} << 20));
    TomlFile file{path, folder, {}, std::nullopt, &warnings};
    try {
        file.root = toml::parse(content, path.string());
    } catch (const toml::parse_error& error) {
        return core::fail("E_TOML_SYNTAX", located(path, error.source()), {std::string(error.description())});
    }
    return file;
}

std::string nearest(std::string_view word, const std::vector<std::string>& known) {
    std::string best;
    std::size_t bestDistance = ~std::size_t{0};
    for (const auto& candidate : known) {
        std::vector<std::size_t> row(candidate.size() + 1);
        for (std::size_t j = 0; j < row.size(); ++j)
            row[j] = j;
        for (std::size_t i = 1; i <= word.size(); ++i) {
            std::size_t diagonal = row[0];
            row[0] = i;
            for (std::size_t j = 1; j < row.size(); ++j) {
                const std::size_t above = row[j];
                row[j] = std::min({row[j] + 1, row[j - 1] + 1, diagonal + (word[i - 1] != candidate[j - 1])});
                diagonal = above;
            }
        }
        if (row.back() < bestDistance) {
            bestDistance = row.back();
            best = candidate;
        }
    }
    return best;
}

std::string TomlSection::where(std::string_view key) const {
    if (const toml::node* found = key.empty() ? nullptr : _table->get(key))
        return located(_file->path, found->source());
    // The root table of a file has no place of its own in toml++.
    return _table->source().begin.line ? located(_file->path, _table->source()) : _file->path.string() + ":1:1";
}

const toml::node* TomlSection::find(std::string_view key, bool required, std::string_view expected) {
    _asked.emplace_back(key);
    const toml::node* found = _table->get(key);
    if (!found && required && !_file->error)
        _file->error =
            core::Error{"E_TOML_MISSING", {_name + std::string(key), std::string(expected)}, where(), nullptr};
    return found;
}

void TomlSection::wrongType(std::string_view key, const toml::node& found, std::string_view expected) {
    if (_file->error) return;
    _file->error = core::Error{"E_TOML_TYPE",
                               {_name + std::string(key), std::string(expected), typeName(found)},
                               located(_file->path, found.source()),
                               nullptr};
}

void TomlSection::refuse(std::string_view key, std::string expected) {
    if (_file->error) return;
    std::ostringstream value;
    if (const toml::node* found = _table->get(key)) found->visit([&](auto& node) { value << node; });
    _file->error =
        core::Error{"E_TOML_VALUE", {_name + std::string(key), std::move(expected), value.str()}, where(key), nullptr};
}

bool TomlSection::has(std::string_view key) {
    _asked.emplace_back(key);
    return _table->contains(key);
}

std::string TomlSection::text(std::string_view key) {
    const toml::node* found = find(key, true, "string");
    if (!found) return {};
    if (!found->is_string()) wrongType(key, *found, "string");
    std::string value = found->value_or(std::string());
    if (found->is_string() && value.empty()) refuse(key, "a text that is not empty");
    return value;
}

std::string TomlSection::textOr(std::string_view key, std::string fallback) {
    const toml::node* found = find(key, false, "string");
    if (!found) return fallback;
    if (!found->is_string()) wrongType(key, *found, "string");
    return found->value_or(std::move(fallback));
}

std::string TomlSection::wordOr(std::string_view key, std::string fallback,
                                std::initializer_list<std::string_view> words) {
    std::string value = textOr(key, std::move(fallback));
    if (std::find(words.begin(), words.end(), value) == words.end()) {
        std::string expected = "one of";
        for (const auto word : words)
            expected += " " + std::string(word);
        refuse(key, expected);
    }
    return value;
}

double TomlSection::number(std::string_view key, double minimum, double maximum) {
    return find(key, true, "number") ? numberOr(key, 0, minimum, maximum) : 0;
}

double TomlSection::numberOr(std::string_view key, double fallback, double minimum, double maximum) {
    const toml::node* found = find(key, false, "number");
    if (!found) return fallback;
    if (!found->is_number()) {
        wrongType(key, *found, "number");
        return fallback;
    }
    const double value = found->value_or(fallback);
    if (!(value >= minimum && value <= maximum)) {
        refuse(key, "a number from " + shown(minimum) + " to " + shown(maximum));
        return fallback;
    }
    return value;
}

std::int64_t TomlSection::integerOr(std::string_view key, std::int64_t fallback, std::int64_t minimum,
                                    std::int64_t maximum) {
    const toml::node* found = find(key, false, "integer");
    if (!found) return fallback;
    if (!found->is_integer()) {
        wrongType(key, *found, "integer");
        return fallback;
    }
    const std::int64_t value = found->value_or(fallback);
    if (value < minimum || value > maximum) {
        refuse(key, "an integer from " + std::to_string(minimum) + " to " + std::to_string(maximum));
        return fallback;
    }
    return value;
}

bool TomlSection::booleanOr(std::string_view key, bool fallback) {
    const toml::node* found = find(key, false, "boolean");
    if (!found) return fallback;
    if (!found->is_boolean()) wrongType(key, *found, "boolean");
    return found->value_or(fallback);
}

core::Instant TomlSection::instant(std::string_view key) {
    find(key, true, "RFC 3339 time");
    return instantOr(key).value_or(core::Instant{});
}

std::optional<core::Instant> TomlSection::instantOr(std::string_view key) {
    const toml::node* found = find(key, false, "RFC 3339 time");
    if (!found) return std::nullopt;
    std::ostringstream written; // a bare TOML date-time with an offset is as good as a string
    if (const auto* moment = found->as_date_time())
        written << moment->get();
    else if (found->is_string())
        written << found->value_or(std::string());
    else {
        wrongType(key, *found, "string with an RFC 3339 time");
        return std::nullopt;
    }
    const auto parsed = core::parseInstant(written.str());
    if (!parsed) {
        refuse(key, "an RFC 3339 time with a zone, such as 2025-06-15T14:30:00+08:00");
        return std::nullopt;
    }
    return *parsed;
}

std::vector<std::string> TomlSection::texts(std::string_view key) {
    std::vector<std::string> result;
    const toml::node* found = find(key, false, "array of strings");
    if (!found) return result;
    const toml::array* array = found->as_array();
    if (!array) {
        wrongType(key, *found, "array of strings");
        return result;
    }
    for (const toml::node& element : *array) {
        if (!element.is_string()) wrongType(key, element, "string in an array of strings");
        result.push_back(element.value_or(std::string()));
    }
    return result;
}

twin::Name TomlSection::name(std::string_view key, bool required) {
    const toml::node* found = find(key, required, "{ zh = \"…\", en = \"…\" }");
    if (!found) return {};
    if (const auto* one = found->as_string()) return {one->get(), one->get()};
    const toml::table* both = found->as_table();
    if (!both) {
        wrongType(key, *found, "table { zh, en }");
        return {};
    }
    TomlSection section(*_file, *both, _name + std::string(key) + ".");
    twin::Name result;
    result.zh = section.text("zh");
    result.en = section.textOr("en", result.zh);
    section.finish();
    return result;
}

geo::CameraPose TomlSection::pose(std::string_view key) {
    geo::CameraPose result;
    if (auto section = table(key, true)) {
        result.position.latitudeDegrees = section->number("lat", -90, 90);
        result.position.longitudeDegrees = section->number("lon", -180, 180);
        result.position.heightMeters = section->number("height", -1e6, 1e9);
        result.headingDegrees = section->numberOr("heading", 0, -360, 720);
        result.pitchDegrees = section->numberOr("pitch", 0, -90, 90);
        result.rollDegrees = section->numberOr("roll", 0, -360, 360);
        section->finish();
    }
    return result;
}

fs::path TomlSection::insideFolder(const std::string& relative, const toml::node& at) {
    const fs::path normal = fs::path(relative).lexically_normal();
    if (relative.empty() || normal.is_absolute() || *normal.begin() == "..") {
        if (!_file->error)
            _file->error = core::Error{"E_DISTRICT_PATH", {relative}, located(_file->path, at.source()), nullptr};
        return {};
    }
    return _file->folder / normal;
}

fs::path TomlSection::path(std::string_view key) {
    const std::string relative = text(key);
    const toml::node* found = _table->get(key);
    return found && !_file->error ? insideFolder(relative, *found) : fs::path();
}

std::optional<TomlSection> TomlSection::table(std::string_view key, bool required) {
    const toml::node* found = find(key, required, "table");
    if (!found) return std::nullopt;
    const toml::table* inner = found->as_table();
    if (!inner) {
        wrongType(key, *found, "table");
        return std::nullopt;
    }
    return TomlSection(*_file, *inner, _name + std::string(key) + ".");
}

std::vector<TomlSection> TomlSection::tables(std::string_view key) {
    std::vector<TomlSection> result;
    const toml::node* found = find(key, false, "array of tables");
    if (!found) return result;
    const toml::array* array = found->as_array();
    if (!array) {
        wrongType(key, *found, "array of tables ([[" + std::string(key) + "]])");
        return result;
    }
    for (std::size_t i = 0; i < array->size(); ++i) {
        const toml::table* inner = (*array)[i].as_table();
        if (!inner) {
            wrongType(key, (*array)[i], "table");
            continue;
        }
        result.emplace_back(*_file, *inner, _name + std::string(key) + "[" + std::to_string(i) + "].");
    }
    return result;
}

void TomlSection::finish() {
    for (const auto& [key, value] : *_table) {
        const std::string_view found = key.str();
        if (std::find(_asked.begin(), _asked.end(), found) != _asked.end()) continue;
        _file->warnings->push_back(core::Error{"W_TOML_KEY",
                                               {_name + std::string(found), nearest(found, _asked)},
                                               located(_file->path, key.source()),
                                               nullptr});
    }
}

} // namespace matou::district
