#include "decode/gltf.h"

#include <cstring>

#include "core/bounded_reader.h"
#include "decode/b3dm.h"
#include "decode/gltf_document.h"
#include "decode/tile_tables.h"
#include "model/join_contents.h"

namespace matou::decode {

using core::fail;
using core::Result;

namespace {

std::string_view magicOf(std::span<const std::byte> bytes) {
    return bytes.size() < 4 ? std::string_view() : std::string_view(reinterpret_cast<const char*>(bytes.data()), 4);
}

/// "WHERE:byte N" of the GLB within a b3dm, as a byte of the whole file.
core::Error moved(core::Error error, const std::string& where, std::uint64_t offset) {
    const auto mark = where + ":byte ";
    if (!error.where.starts_with(mark)) return error;
    std::uint64_t byte = 0;
    for (std::size_t i = mark.size(); i < error.where.size() && error.where[i] >= '0' && error.where[i] <= '9'; ++i)
        byte = byte * 10 + static_cast<std::uint64_t>(error.where[i] - '0');
    error.where = mark + std::to_string(byte + offset);
    return error;
}

/// Both halves of reading, with all problems kept.
struct Read {
    core::Diagnostics problems;
    std::optional<model::Content> content;
};

Read readGltf(std::span<const std::byte> bytes, const std::string& where, const GltfOptions& options) {
    Read read;
    Document document;
    document.where = where;
    inspect(document, bytes, options, read.problems);
    if (!read.problems.empty()) return read;
    auto content = convert(document, options);
    if (content) read.content = std::move(*content);
    else read.problems.push_back(content.error());
    return read;
}

/// The same options for a glTF that lies elsewhere: its own URIs are relative to it.
GltfOptions relativeTo(const GltfOptions& options, const std::string& uri) {
    auto out = options;
    const auto folder = uri.substr(0, uri.rfind('/') == std::string::npos ? 0 : uri.rfind('/') + 1);
    if (options.resolve)
        out.resolve = [resolve = options.resolve, folder](const std::string& below) { return resolve(below.starts_with('/') || below.find(':') < below.find('/') ? below : folder + below); };
    return out;
}

/// One tile that is no composite.
Read readSingle(std::span<const std::byte> bytes, const std::string& where, const GltfOptions& options) {
    const auto magic = magicOf(bytes);
    if (magic == "b3dm") {
        auto parts = splitB3dm(bytes, where);
        if (!parts) return {{parts.error()}, {}};
        auto read = readGltf(parts->glb, where, options);
        for (auto& problem : read.problems) problem = moved(std::move(problem), where, parts->tables.bodyOffset);
        if (read.content) applyBatchTable(*parts, *read.content);
        return read;
    }
    if (magic == "i3dm" || magic == "pnts") {
        const auto tables = splitTables(bytes, where);
        if (!tables) return {{tables.error()}, {}};
        Read read;
        const auto inner = [&](std::span<const std::byte> model, std::uint64_t offset, const std::string& uri) -> Result<model::Content> {
            auto one = uri.empty() ? readGltf(model, where, options) : readGltf(model, where + " → " + uri, relativeTo(options, uri));
            if (one.content) return std::move(*one.content);
            return tl::unexpected(moved(one.problems.front(), where, offset));
        };
        auto content = magic == "i3dm" ? readInstances(*tables, options, inner) : readPoints(*tables, options);
        if (content) {
            read.content = std::move(*content);
            // 3D Tiles 1.0, "Padding": read all the same, but others may not.
            if (bytes.size() % 8 != 0) read.content->diagnostics.push_back({"W_TILE_ALIGNMENT", {std::to_string(bytes.size())}, where + ":byte 8", {}});
        } else {
            read.problems.push_back(content.error());
        }
        return read;
    }
    for (const auto known : {"subt", "vctr", "geom"})
        if (magic == known) return {{{"E_CONTENT_KIND", {known}, where + ":byte 0", {}}}, {}};
    if (bytes.empty()) return {{{"E_GLB_TRUNCATED", {"0", "12"}, where + ":byte 0", {}}}, {}};
    return readGltf(bytes, where, options);
}

/// Composite (3D Tiles 1.0): tiles one behind another, composites among them, taken apart with a list instead of recursion. One that
/// cannot be read is dropped and said, unless nothing is left; so is what is nested deeper than anybody writes.
Read readComposite(std::span<const std::byte> bytes, const std::string& where, const GltfOptions& options) {
    constexpr int kDepthMost = 64;
    struct Part {
        std::uint64_t begin = 0, end = 0;
        int depth = 0;
    };
    const auto at = [&](std::uint64_t byte) { return where + ":byte " + std::to_string(byte); };
    std::vector<Part> open{{0, bytes.size()}};
    std::vector<model::Content> contents;
    Read out;
    while (!open.empty()) {
        const auto part = open.back();
        open.pop_back();
        const auto tile = bytes.subspan(part.begin, part.end - part.begin);
        if (magicOf(tile) != "cmpt") {
            auto read = readSingle(tile, where, options);
            for (auto& problem : read.problems) out.problems.push_back(moved(std::move(problem), where, part.begin));
            if (read.content) contents.push_back(std::move(*read.content));
            continue;
        }
        core::BoundedReader reader(tile);
        reader.skip(4);
        const auto version = reader.read<std::uint32_t>(), length = reader.read<std::uint32_t>(), count = reader.read<std::uint32_t>();
        if (!count) {
            out.problems.push_back({"E_GLB_TRUNCATED", {std::to_string(tile.size()), "16"}, at(part.end), {}});
        } else if (*version != 1) {
            out.problems.push_back({"E_GLB_VERSION", {std::to_string(*version)}, at(part.begin + 4), {}});
        } else if (*length != tile.size()) {
            out.problems.push_back({"E_GLB_TRUNCATED", {std::to_string(tile.size()), std::to_string(*length)}, at(part.begin + 8), {}});
        } else if (part.depth == kDepthMost) {
            out.problems.push_back({"E_TILE_DEPTH", {std::to_string(kDepthMost)}, at(part.begin), {}});
        } else {
            std::vector<Part> inner;
            auto next = part.begin + 16;
            for (std::uint32_t i = 0; i < *count; ++i) {
                std::uint32_t size = 0;
                if (part.end - next >= 12) std::memcpy(&size, bytes.data() + next + 8, 4);
                if (size < 12 || size > part.end - next) {
                    out.problems.push_back({"E_GLB_CHUNK", {"tile " + std::to_string(i) + " of " + std::to_string(*count)}, at(next), {}});
                    break;
                }
                inner.push_back({next, next + size, part.depth + 1});
                next += size;
            }
            open.insert(open.end(), inner.rbegin(), inner.rend());
        }
    }
    if (contents.empty()) {
        if (out.problems.empty()) out.problems.push_back({"E_GLB_CHUNK", {"no tiles"}, at(12), {}});
        return out;
    }
    out.content = model::joined(std::move(contents));
    for (auto& problem : out.problems) out.content->diagnostics.push_back(std::move(problem));
    out.problems.clear();
    return out;
}

Read readAny(std::span<const std::byte> bytes, const std::string& where, const GltfOptions& options) {
    return magicOf(bytes) == "cmpt" ? readComposite(bytes, where, options) : readSingle(bytes, where, options);
}

} // namespace

Result<model::Content> decodeGltf(std::span<const std::byte> bytes, const std::string& where, const GltfOptions& options) {
    auto read = readGltf(bytes, where, options);
    if (!read.content) return tl::unexpected(read.problems.front());
    return std::move(*read.content);
}

Result<model::Content> decodeContent(std::span<const std::byte> bytes, const std::string& where, const GltfOptions& options) {
    auto read = readAny(bytes, where, options);
    if (!read.content) return tl::unexpected(read.problems.front());
    return std::move(*read.content);
}

core::Diagnostics validateGltf(std::span<const std::byte> bytes, const std::string& where, const GltfOptions& options) {
    auto thorough = options;
    thorough.everyImage = true;
    auto read = readAny(bytes, where, thorough);
    if (read.content)
        for (auto& diagnostic : read.content->diagnostics) read.problems.push_back(std::move(diagnostic));
    return std::move(read.problems);
}

} // namespace matou::decode
