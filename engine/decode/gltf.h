#pragma once
// glTF 2.0 and GLB, plain or as 3D Tiles content, into model::Content. Bytes may be hostile: our own strict pass goes over the
// container and the JSON first, tinygltf sees only what passed (never a file, a URI or an image), and accessors are read by our
// own checked layer. Opens no file: further files come by a callback.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "core/result.h"
#include "model/content.h"

namespace matou::decode {

/// Bytes of a relative URI found in the glTF (still percent-encoded). data: URIs never get here.
using Resolver = std::function<core::Result<std::vector<std::byte>>(const std::string& uri)>;

struct GltfOptions {
    /// Without one, every external URI is E_GLTF_EXTERNAL.
    Resolver resolve;
    /// 3D Tiles: y-up to z-up. Plain models may keep glTF axes.
    bool turnToZUp = true;
    /// Decoded bytes that one content may have.
    std::size_t decodedBytesLimit = std::size_t{1} << 30;
    std::uint32_t imagePixelsLimit = 8192u * 8192u;
    /// KHR_materials_variants: this one's materials. A name that the model lacks is a diagnostic.
    std::string variant;
    /// Look at images that no material uses as well, and at their declared types (for validation).
    bool everyImage = false;
};

/// Errors are located: `FILE:byte N` for the container, `FILE#/json/pointer` for the document. A missing or broken image is a
/// diagnostic and a substitute, not a failure. Thread: any.
core::Result<model::Content> decodeGltf(std::span<const std::byte> bytes, const std::string& where, const GltfOptions& options = {});

/// By magic: GLB, glTF JSON, and the tiles of 3D Tiles 1.0: b3dm, i3dm, pnts (their batch tables become the features), cmpt (its
/// parts joined). E_CONTENT_KIND for others, by name.
core::Result<model::Content> decodeContent(std::span<const std::byte> bytes, const std::string& where, const GltfOptions& options = {});

/// All that is wrong with a content, as far as it can be looked at; empty: valid for this engine. Images are decoded.
core::Diagnostics validateGltf(std::span<const std::byte> bytes, const std::string& where, const GltfOptions& options = {});

/// True for a JSON document that says it is a tileset (has "root", no "scenes"); looks at the text only.
bool looksLikeTileset(std::span<const std::byte> bytes);

} // namespace matou::decode
