#include "io/location.h"

#include <algorithm>
#include <cctype>
#include <optional>
#include <system_error>
#include <vector>

#include "io/limits.h"

namespace matou::io {

namespace fs = std::filesystem;
using core::fail;
using core::Result;

namespace {

/// "scheme" of "scheme:rest" (RFC 3986, 3.1), lower case; empty where there is none.
std::string schemeOf(std::string_view uri) {
    std::size_t i = 0;
    while (i < uri.size() && (std::isalnum(static_cast<unsigned char>(uri[i])) || uri[i] == '+' || uri[i] == '-' || uri[i] == '.'))
        ++i;
    if (i == 0 || i >= uri.size() || uri[i] != ':' || !std::isalpha(static_cast<unsigned char>(uri[0]))) return "";
    std::string scheme(uri.substr(0, i));
    std::transform(scheme.begin(), scheme.end(), scheme.begin(), [](unsigned char c) { return std::tolower(c); });
    return scheme;
}

std::optional<int> hexDigit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return std::nullopt;
}

/// Nothing where an escape is broken.
std::optional<std::string> percentDecoded(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '%') {
            out += text[i];
            continue;
        }
        if (i + 2 >= text.size()) return std::nullopt;
        const auto high = hexDigit(text[i + 1]), low = hexDigit(text[i + 2]);
        if (!high || !low) return std::nullopt;
        out += static_cast<char>(*high * 16 + *low);
        i += 2;
    }
    return out;
}

/// Control characters, NUL and backslash have no place in a path: servers and file systems read them differently.
bool hasForbidden(std::string_view text) {
    return std::any_of(text.begin(), text.end(), [](unsigned char c) { return c < 0x20 || c == 0x7f || c == '\\'; });
}

/// Joins `relative` to the folder of `base` and removes dot segments; nothing where ".." leads above the root.
std::optional<std::string> joined(std::string_view base, std::string_view relative) {
    std::vector<std::string_view> segments;
    const auto take = [&](std::string_view path, bool lastIsFolder) {
        std::size_t begin = 0;
        while (begin <= path.size()) {
            auto end = path.find('/', begin);
            const bool last = end == std::string_view::npos;
            if (last) end = path.size();
            const auto segment = path.substr(begin, end - begin);
            if (last && !lastIsFolder) break; // base: the file's own name falls away
            if (segment == "..") {
                if (segments.empty()) return false;
                segments.pop_back();
            } else if (!segment.empty() && segment != ".") {
                segments.push_back(segment);
            }
            if (last) break;
            begin = end + 1;
        }
        return true;
    };
    if (!take(base, false) || !take(relative, true)) return std::nullopt;
    std::string out;
    for (const auto segment : segments) {
        if (!out.empty()) out += '/';
        out += segment;
    }
    return out;
}

constexpr std::string_view kPackage = ".3tz", kPackageEntry = "tileset.json";

/// An archive stands for its tileset.
Location packaged(Location location) {
    if (location.extension() == kPackage.substr(1)) location.inside = kPackageEntry;
    return location;
}

struct UrlParts {
    std::string origin; // scheme://host:port as written, host lower case
    std::string path;   // with query, starts with '/'
};

Result<UrlParts> splitUrl(std::string_view url, const std::string& where) {
    const auto scheme = schemeOf(url);
    if (scheme != "http" && scheme != "https") return fail("E_URI_SCHEME", where, {scheme.empty() ? std::string(url) : scheme});
    auto rest = url.substr(scheme.size() + 1);
    if (!rest.starts_with("//")) return fail("E_URI_SYNTAX", where, {std::string(url)});
    rest.remove_prefix(2);
    const auto slash = rest.find_first_of("/?#");
    std::string authority(rest.substr(0, slash));
    if (authority.empty() || authority.find('@') != std::string::npos) return fail("E_URI_SYNTAX", where, {std::string(url)});
    std::transform(authority.begin(), authority.end(), authority.begin(), [](unsigned char c) { return std::tolower(c); });
    std::string path(slash == std::string_view::npos ? std::string_view() : rest.substr(slash));
    if (const auto hash = path.find('#'); hash != std::string::npos) path.resize(hash);
    if (path.empty() || path[0] != '/') path.insert(path.begin(), '/');
    return UrlParts{scheme + "://" + authority, std::move(path)};
}

Result<Location> resolveHttp(const Location& base, std::string_view uri, const std::string& where) {
    if (!schemeOf(uri).empty() || uri.starts_with("//")) {
        const std::string whole = uri.starts_with("//") ? base.root.substr(0, base.root.find(':') + 1) + std::string(uri) : std::string(uri);
        MATOU_TRY(parts, splitUrl(whole, where));
        if (parts.origin != base.root) return fail("E_URI_HOST", where, {parts.origin, base.root});
        const auto query = parts.path.find('?');
        const auto path = joined("", std::string_view(parts.path).substr(1, query == std::string::npos ? query : query - 1));
        if (!path) return fail("E_URI_OUTSIDE", where, {std::string(uri)});
        return Location{Location::Kind::http, base.root,
                        "/" + *path + (query == std::string::npos ? "" : parts.path.substr(query))};
    }
    const auto query = uri.find('?');
    const auto relative = uri.substr(0, query);
    std::string_view basePath = base.path;
    basePath = basePath.substr(0, basePath.find('?'));
    // An escaped separator or dot is decoded by some servers and not by others: judged as the worse of the two.
    const auto plain = percentDecoded(relative);
    if (!plain || hasForbidden(*plain)) return fail("E_URI_SYNTAX", where, {std::string(uri)});
    const auto folder = relative.starts_with('/') ? std::string_view("/") : basePath;
    const auto path = joined(folder.substr(1), relative);
    if (!path || !joined(folder.substr(1), *plain)) return fail("E_URI_OUTSIDE", where, {std::string(uri)});
    std::string out = "/" + *path;
    for (std::size_t i = 0; (i = out.find(' ', i)) != std::string::npos;) out.replace(i, 1, "%20");
    return Location{Location::Kind::http, base.root, out + (query == std::string_view::npos ? "" : std::string(uri.substr(query)))};
}

} // namespace

std::string Location::text() const {
    if (kind == Kind::http) return root + path;
    const auto file = (fs::path(root) / path).string();
    return inside.empty() ? file : file + "/" + inside;
}

std::string Location::extension() const {
    std::string_view name = inside.empty() ? path : inside;
    if (kind == Kind::http) name = name.substr(0, name.find('?'));
    const auto dot = name.rfind('.');
    if (dot == std::string_view::npos || name.find('/', dot) != std::string_view::npos) return "";
    std::string out(name.substr(dot + 1));
    std::transform(out.begin(), out.end(), out.begin(), [](unsigned char c) { return std::tolower(c); });
    return out;
}

Result<Location> locationFrom(const std::string& pathOrUrl, const fs::path& root) {
    const auto scheme = schemeOf(pathOrUrl);
    if (scheme == "http" || scheme == "https") {
        if (hasForbidden(pathOrUrl)) return fail("E_URI_SYNTAX", pathOrUrl, {pathOrUrl});
        MATOU_TRY(parts, splitUrl(pathOrUrl, pathOrUrl));
        return Location{Location::Kind::http, parts.origin, parts.path};
    }
    if (pathOrUrl.find("://") != std::string::npos) return fail("E_URI_SCHEME", pathOrUrl, {scheme});
    std::error_code error;
    const fs::path file = fs::canonical(fs::path(pathOrUrl), error);
    if (error) return fail("E_FILE_MISSING", pathOrUrl);
    const fs::path folder = root.empty() ? file.parent_path() : fs::canonical(root, error);
    if (error) return fail("E_FILE_MISSING", root.string());
    const auto relative = file.lexically_relative(folder);
    if (relative.empty() || *relative.begin() == "..") return fail("E_URI_OUTSIDE", pathOrUrl, {folder.string()});
    return packaged({Location::Kind::file, folder.string(), relative.generic_string(), {}});
}

Result<Location> resolve(const Location& base, std::string_view uri, const std::string& where) {
    if (uri.empty() || uri.size() > static_cast<std::size_t>(Limits{}.uriCharacters) || hasForbidden(uri))
        return fail("E_URI_SYNTAX", where, {std::string(uri.substr(0, 80))});
    uri = uri.substr(0, uri.find('#'));
    if (base.kind == Location::Kind::http) {
        auto out = resolveHttp(base, uri, where);
        if (out && out->extension() == kPackage.substr(1)) return fail("E_ARCHIVE_REMOTE", where, {std::string(uri)});
        return out;
    }

    if (const auto scheme = schemeOf(uri); !scheme.empty()) return fail("E_URI_SCHEME", where, {scheme});
    if (uri.starts_with("//")) return fail("E_URI_HOST", where, {std::string(uri), base.root});
    const auto plain = percentDecoded(uri.substr(0, uri.find('?')));
    if (!plain || plain->empty() || hasForbidden(*plain)) return fail("E_URI_SYNTAX", where, {std::string(uri)});
    if (plain->starts_with('/')) return fail("E_URI_OUTSIDE", where, {std::string(uri)});
    const auto path = joined(base.inside.empty() ? base.path : base.inside, *plain);
    if (!path || path->empty()) return fail("E_URI_OUTSIDE", where, {std::string(uri)});
    if (!base.inside.empty()) return Location{Location::Kind::file, base.root, base.path, *path};
    return packaged({Location::Kind::file, base.root, *path, {}});
}

} // namespace matou::io
