#pragma once
// The vertices of a primitive, all their attributes in one pass, and the bounds of what they are at. Internal to
// decode.

#include <cstdint>
#include <optional>

#include "decode/gltf_document.h"
#include "decode/gltf_materials.h"
#include "model/content.h"

namespace matou::decode {

/// Accessors of as many elements as there are positions (the strict pass saw to it).
struct VertexAccessors {
    std::uint64_t position = 0;
    std::optional<std::uint64_t> normal, uv, color;
};

/// Sets vertices, minimum and maximum. Without normals they point along glTF's up: lines and points are lit from above.
void readVertices(const Document& document, const VertexAccessors& from, const UvSource& uv, model::Primitive& out);

/// Unit length, eight bits a component; zero where it has no length: the picture takes the triangle's own.
glm::i8vec4 packedNormal(glm::vec3 normal);

} // namespace matou::decode
