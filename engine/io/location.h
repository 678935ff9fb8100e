#pragma once
// Where bytes are: a regular file inside a root folder, or an http(s) URL of one server. A URI found inside data is only
// ever resolved against the location of what holds it, and never leads out of the root or to another server.

#include <filesystem>
#include <string>
#include <string_view>

#include "core/result.h"

namespace matou::io {

struct Location {
    enum class Kind { file, http };
    Kind kind = Kind::file;
    /// file: canonical root folder; http: "https://host:port" of the server.
    std::string root;
    /// file: path relative to root, '/' between, no "..", decoded; http: path and query, "/a/b.json?x=1".
    std::string path;
    /// Where that is an archive (.3tz): the entry in it. URIs found there lead nowhere else.
    std::string inside;

    /// The file's path or the URL: what errors name, what a cache keys by.
    std::string text() const;
    /// The path's lower-case extension without dot and query: "json", "glb", "".
    std::string extension() const;
    auto operator<=>(const Location&) const = default;
};

/// From what a person typed: a path or an http(s) URL. An archive stands for the tileset.json in it. A file's root is its own folder, unless `root` names another that
/// holds it. E_URI_SCHEME, E_FILE_MISSING, E_URI_OUTSIDE.
core::Result<Location> locationFrom(const std::string& pathOrUrl, const std::filesystem::path& root = {});

/// A relative reference (RFC 3986, 5.2) found inside the resource at `base`. Refused: other schemes (file:, ftp:, …), other
/// servers, absolute file paths, paths out of the root, NUL, backslash, bad percent-encoding, over-long. A query on a file
/// URI is dropped. A .3tz file stands for the tileset.json in it; one on a server is E_ARCHIVE_REMOTE. E_URI_SCHEME, E_URI_HOST, E_URI_OUTSIDE, E_URI_SYNTAX; `where` names the place that holds the URI.
core::Result<Location> resolve(const Location& base, std::string_view uri, const std::string& where);

} // namespace matou::io
