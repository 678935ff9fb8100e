#pragma once
// Materials and images of a glTF. Internal to decode.

#include <cstdint>
#include <vector>

#include <glm/glm.hpp>

#include "decode/gltf_document.h"
#include "model/content.h"

namespace tinygltf {
class Model;
}

namespace matou::decode {

/// What the vertices need to know of a material: which texture coordinates go where.
struct UvSource {
    int set = 0;      // Vertex::uv
    int second = -1;  // VertexExtra::uv; -1: not needed
    /// All textures are moved alike (KHR_texture_transform): done to the coordinates once, and no pixel pays for it.
    bool moved = false;
    glm::mat2 matrix{1.0f};
    glm::vec2 offset{0.0f};
    bool tangents = false;  // a normal map or anisotropy wants them
    bool fineNormals = false; // smooth enough to show the steps of eight-bit normals
};

/// Fills content.materials (one more than the glTF has: the last is the default) and content.images. `remaining` is what the
/// content may still take. A broken image becomes one magenta pixel and a diagnostic.
core::Result<std::vector<UvSource>> convertMaterials(const Document& document, const tinygltf::Model& gltf, const GltfOptions& options,
                                                     model::Content& content, std::uint64_t& remaining);

} // namespace matou::decode
