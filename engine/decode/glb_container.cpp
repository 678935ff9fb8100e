#include <cstring>

#include "core/bounded_reader.h"
#include "decode/gltf_document.h"

namespace matou::decode {

using core::fail;

namespace {
constexpr std::uint32_t kMagic = 0x46546C67, kJson = 0x4E4F534A, kBin = 0x004E4942;
std::string at(const std::string& where, std::uint64_t byte) { return where + ":byte " + std::to_string(byte); }
} // namespace

core::Result<GltfParts> splitContainer(std::span<const std::byte> bytes, const std::string& where) {
    GltfParts parts;
    core::BoundedReader reader(bytes);
    if (bytes.empty()) return fail("E_GLB_TRUNCATED", at(where, 0), {"0", "12"});
    std::uint32_t magic = 0;
    if (bytes.size() >= 4) std::memcpy(&magic, bytes.data(), 4);
    if (magic != kMagic) { // bare JSON; the JSON reader judges what it is
        parts.json = {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
        return parts;
    }
    parts.glb = true;
    reader.skip(4);
    const auto version = reader.read<std::uint32_t>();
    const auto length = reader.read<std::uint32_t>();
    if (!version || !length) return fail("E_GLB_TRUNCATED", at(where, bytes.size()), {std::to_string(bytes.size()), "12"});
    if (*version != 2) return fail("E_GLB_VERSION", at(where, 4), {std::to_string(*version)});
    // Tiles are often padded to 8 bytes behind the GLB; more than that is something else.
    if (*length > bytes.size() || *length < 12 || bytes.size() - *length > 7)
        return fail("E_GLB_TRUNCATED", at(where, 8), {std::to_string(bytes.size()), std::to_string(*length)});
    reader = core::BoundedReader(bytes.first(*length));
    reader.skip(12);
    int index = 0;
    while (reader.remaining() > 0) {
        const auto start = reader.offset();
        const auto size = reader.read<std::uint32_t>();
        const auto type = reader.read<std::uint32_t>();
        if (!size || !type) return fail("E_GLB_CHUNK", at(where, start), {"header"});
        if (*size % 4 != 0) return fail("E_GLB_CHUNK", at(where, start), {"length not a multiple of 4"});
        const auto body = reader.take(*size);
        if (!body) return fail("E_GLB_CHUNK", at(where, start), {"reaches past the end of the file"});
        if (index == 0) {
            if (*type != kJson) return fail("E_GLB_CHUNK", at(where, start + 4), {"the first chunk is not JSON"});
            parts.json = {reinterpret_cast<const char*>(body->data()), body->size()};
            parts.jsonOffset = start + 8;
        } else if (*type == kJson) {
            return fail("E_GLB_CHUNK", at(where, start + 4), {"a second JSON chunk"});
        } else if (*type == kBin) {
            if (parts.hasBinary || index != 1) return fail("E_GLB_CHUNK", at(where, start + 4), {"the binary chunk is not the second chunk"});
            parts.binary = *body;
            parts.hasBinary = true;
        } // chunks of other types are skipped, as the specification asks
        ++index;
    }
    if (index == 0) return fail("E_GLB_CHUNK", at(where, 12), {"no chunk"});
    return parts;
}

std::optional<std::vector<std::byte>> decodeDataUri(std::string_view uri, std::size_t limit) {
    const auto comma = uri.find(',');
    if (!isDataUri(uri) || comma == std::string_view::npos) return std::nullopt;
    auto header = uri.substr(5, comma - 5);
    if (!header.ends_with(";base64")) return std::nullopt;
    header.remove_suffix(7);
    // Behind the media type every parameter is a name and a value (RFC 2397).
    for (auto semicolon = header.find(';'); semicolon != std::string_view::npos;) {
        const auto next = header.find(';', semicolon + 1);
        if (header.substr(semicolon + 1, next == std::string_view::npos ? next : next - semicolon - 1).find('=') == std::string_view::npos) return std::nullopt;
        semicolon = next;
    }
    auto text = uri.substr(comma + 1);
    if (text.size() % 4 == 0)
        for (int i = 0; i < 2 && text.ends_with('='); ++i) text.remove_suffix(1);
    if (text.size() % 4 == 1 || text.size() / 4 * 3 > limit) return std::nullopt;
    std::vector<std::byte> out;
    out.reserve(text.size() / 4 * 3 + 2);
    std::uint32_t bits = 0;
    int held = 0;
    for (const char c : text) {
        int value = -1;
        if (c >= 'A' && c <= 'Z') value = c - 'A';
        else if (c >= 'a' && c <= 'z') value = c - 'a' + 26;
        else if (c >= '0' && c <= '9') value = c - '0' + 52;
        else if (c == '+' || c == '-') value = 62;
        else if (c == '/' || c == '_') value = 63;
        if (value < 0) return std::nullopt;
        bits = bits << 6 | static_cast<std::uint32_t>(value);
        held += 6;
        if (held >= 8) {
            held -= 8;
            out.push_back(static_cast<std::byte>(bits >> held & 0xff));
        }
    }
    return out;
}

bool looksLikeTileset(std::span<const std::byte> bytes) {
    const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    const auto start = text.find_first_not_of(" \t\r\n");
    if (start == std::string_view::npos || text[start] != '{') return false;
    return text.find("\"root\"") != std::string_view::npos && text.find("\"geometricError\"") != std::string_view::npos;
}

} // namespace matou::decode
