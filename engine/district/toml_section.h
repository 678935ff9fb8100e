#pragma once
// Reading a TOML table by key with located errors: the first failure is latched, later reads give defaults, so that a
// reader is a plain list of fields. Private to this module (toml++ is heavy).

#include <filesystem>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#define TOML_HEADER_ONLY 1
#include <toml++/toml.h>

#include "core/clock.h"
#include "core/result.h"
#include "geo/camera_pose.h"
#include "twin/records.h"

namespace matou::district {

/// Shared by all sections of one file.
struct TomlFile {
    std::filesystem::path path;
    std::filesystem::path folder; // the district's; paths in the file are below it
    toml::table root;
    std::optional<core::Error> error;
    core::Diagnostics* warnings = nullptr;
};

/// E_TOML_SYNTAX with `FILE:LINE:COL`; core's E_FILE_….
core::Result<TomlFile> readToml(const std::filesystem::path& path, const std::filesystem::path& folder,
                                core::Diagnostics& warnings);

class TomlSection {
public:
    TomlSection(TomlFile& file, const toml::table& table, std::string name)
        : _file(&file), _table(&table), _name(std::move(name)) {}

    bool has(std::string_view key);
    std::string text(std::string_view key); // required, not empty
    std::string textOr(std::string_view key, std::string fallback);
    /// Required and one of `words` (an empty list: anything).
    std::string wordOr(std::string_view key, std::string fallback, std::initializer_list<std::string_view> words);
    double number(std::string_view key, double minimum, double maximum);
    double numberOr(std::string_view key, double fallback, double minimum, double maximum);
    std::int64_t integerOr(std::string_view key, std::int64_t fallback, std::int64_t minimum, std::int64_t maximum);
    bool booleanOr(std::string_view key, bool fallback);
    core::Instant instant(std::string_view key);
    std::optional<core::Instant> instantOr(std::string_view key);
    std::vector<std::string> texts(std::string_view key);        // optional
    twin::Name name(std::string_view key, bool required = true); // { zh, en } or one string for both
    geo::CameraPose pose(std::string_view key);                  // required
    /// Relative, inside the district's folder; absolute on return. E_DISTRICT_PATH.
    std::filesystem::path path(std::string_view key);
    std::filesystem::path insideFolder(const std::string& relative, const toml::node& at);
    std::optional<TomlSection> table(std::string_view key, bool required);
    /// Array of tables; empty where absent.
    std::vector<TomlSection> tables(std::string_view key);

    /// Warns of each key that no read asked for, with the nearest one that was (W_TOML_KEY).
    void finish();
    void refuse(std::string_view key, std::string expected);
    std::string where(std::string_view key = {}) const;
    const toml::node* node(std::string_view key) const { return _table->get(key); }
    TomlFile& file() { return *_file; }

private:
    const toml::node* find(std::string_view key, bool required, std::string_view expected);
    void wrongType(std::string_view key, const toml::node& found, std::string_view expected);

    TomlFile* _file;
    const toml::table* _table;
    std::string _name;
    std::vector<std::string> _asked;
};

/// Edit distance; ties go to the first.
std::string nearest(std::string_view word, const std::vector<std::string>& known);

} // namespace matou::district
