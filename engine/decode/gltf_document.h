#pragma once
// A glTF that passed the strict pass: container split, JSON parsed, every reference, range and buffer checked. Internal to
// decode; what is in here may be indexed without asking again.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/json.h"
#include "core/result.h"
#include "decode/gltf.h"
#include "decode/meshopt_stream.h"

namespace matou::decode {

using core::Json;

struct GltfParts {
    std::string_view json;
    std::uint64_t jsonOffset = 0; // of the file
    std::span<const std::byte> binary;
    bool glb = false;
    bool hasBinary = false;
};

struct ViewInfo {
    std::uint64_t buffer = 0, offset = 0, length = 0;
    std::uint64_t stride = 0; // 0: tightly packed
    bool absent = false;      // of a buffer without bytes
    std::optional<MeshoptStream> compressed; // until expand() gave it its bytes
};

struct SparseInfo {
    std::uint64_t count = 0;
    std::uint64_t indexView = 0, indexOffset = 0;
    int indexType = 0;
    std::uint64_t valueView = 0, valueOffset = 0;
};

struct AccessorInfo {
    std::optional<std::uint64_t> view; // without one all elements are zero
    std::uint64_t offset = 0, count = 0;
    int componentType = 0; // 5120..5126
    int components = 0;    // 1..4, matrices 4, 9, 16; 0: a type that we do not know
    bool normalized = false;
    std::optional<SparseInfo> sparse;
    std::uint64_t componentBytes() const;
    std::uint64_t elementBytes() const { return componentBytes() * static_cast<std::uint64_t>(components); }
};

struct Document {
    std::string where;
    GltfParts parts;
    Json json;
    std::vector<std::vector<std::byte>> owned;          // buffers that are not the binary chunk
    std::vector<std::span<const std::byte>> buffers;    // per /buffers
    std::vector<ViewInfo> views;
    std::vector<AccessorInfo> accessors;
    core::Diagnostics remarks;       // of the strict pass, for the content's diagnostics
    std::uint64_t decodedBytesLimit = 0; // the options' own, less where the bytes that are there cannot mean so much
    std::uint64_t expandedBytes = 0; // what compressed geometry took, counted against the limit

    std::string at(std::string_view pointer) const { return where + "#" + std::string(pointer); }
    std::span<const std::byte> viewBytes(std::uint64_t view) const {
        const auto& v = views[view];
        if (v.absent) return {};
        return buffers[v.buffer].subspan(v.offset, v.length);
    }
    const Json* array(const char* name) const {
        const auto found = json.find(name);
        return found == json.end() || !found->is_array() ? nullptr : &*found;
    }
};

/// GLB (chunks in order, lengths in bounds) or bare JSON. E_GLB_*, located by byte.
core::Result<GltfParts> splitContainer(std::span<const std::byte> bytes, const std::string& where);

/// The whole strict pass. What it finds goes to `problems`; the document is safe to convert only when that stays empty.
void inspect(Document& document, std::span<const std::byte> bytes, const GltfOptions& options, core::Diagnostics& problems);

/// Part of it: compressed buffer views and primitives get plain bytes; afterwards nothing is compressed any more.
void expand(Document& document, core::Diagnostics& problems);

/// Base64 of a data: URI; nothing where it is malformed or not base64. `limit` bounds the result.
std::optional<std::vector<std::byte>> decodeDataUri(std::string_view uri, std::size_t limit);
inline bool isDataUri(std::string_view uri) { return uri.starts_with("data:"); }

/// A non-negative integer, also when written as 3.0.
std::optional<std::uint64_t> asIndex(const Json& value);
/// The same of an object's member; nothing where it is absent.
std::optional<std::uint64_t> indexMember(const Json& object, const char* name);

/// Conversion of an inspected document. Fails only on what the strict pass cannot see (sizes over the limit).
core::Result<model::Content> convert(const Document& document, const GltfOptions& options);

} // namespace matou::decode
