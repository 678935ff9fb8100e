#pragma once
// tinygltf's part of reading an inspected document. Internal to decode.

#include <memory>

#include "decode/gltf_document.h"

namespace tinygltf {
class Model;
}

namespace matou::decode {

/// Materials, textures, samplers, nodes and scenes: what remains when everything that refers to bytes is taken out. So
/// tinygltf never meets a file, a URI, a pixel or an offset. The tiles of a set mostly say the same there: a thread
/// that meets the text of its last document again gets that one's model and spares the second parse, a quarter of what
/// a city tile costs otherwise.
core::Result<std::shared_ptr<const tinygltf::Model>> readWithTinygltf(const Document& document);

} // namespace matou::decode
