#pragma once
// Nodes, skins and animations of a glTF as model::Rig. Internal to decode.

#include <cstdint>
#include <vector>

#include <glm/glm.hpp>

#include "decode/gltf_document.h"
#include "model/content.h"

namespace matou::decode {

/// Where each instance of the content comes from: a node of the glTF, or kNoNode for what does not follow one.
struct NodeOfInstance {
    std::uint32_t node = model::kNoNode;
};

/// Gives `content` a rig where something moves, is skinned or is morphed; else leaves it as it is. Bounds of what moves are
/// taken over all its animations. Animations that cannot be read are left out and said.
core::Result<void> buildRig(const Document& document, const std::vector<NodeOfInstance>& nodes, const glm::dmat4& contentFromRoot,
                            const GltfOptions& options, model::Content& content, std::uint64_t& remaining);

} // namespace matou::decode
