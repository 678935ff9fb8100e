#include "decode/gltf.h"

#include <cstring>

#include "decode/b3dm.h"
#include "decode/gltf_document.h"

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

Read readAny(std::span<const std::byte> bytes, const std::string& where, const GltfOptions& options) {
    const auto magic = magicOf(bytes);
    if (magic == "b3dm") {
        auto parts = splitB3dm(bytes, where);
        if (!parts) return {{parts.error()}, {}};
        auto read = readGltf(parts->glb, where, options);
        for (auto& problem : read.problems) problem = moved(std::move(problem), where, parts->glbOffset);
        if (read.content) applyBatchTable(*parts, where, *read.content);
        return read;
    }
    for (const auto known : {"i3dm", "pnts", "cmpt", "subt", "vctr", "geom"})
        if (magic == known) return {{{"E_CONTENT_KIND", {known}, where + ":byte 0", {}}}, {}};
    if (bytes.empty()) return {{{"E_GLB_TRUNCATED", {"0", "12"}, where + ":byte 0", {}}}, {}};
    return readGltf(bytes, where, options);
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
