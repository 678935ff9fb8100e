#pragma once
// What is selected and what is marked, drawn around: a mask of their pixels, the exact distance to it, and lines and hatching
// by that distance over the tone-mapped picture.

#include <map>
#include <span>

#include <glm/glm.hpp>

#include "render/context.h"
#include "render/draw_list.h"
#include "render/frame_arena.h"

namespace matou::render {

/// What one view emphasizes.
struct Emphasis {
    std::uint32_t onlyFlags = 0; // style flags of which a feature must have one
    std::vector<DrawItem> items; // of contents that hold such a feature
    glm::ivec4 part{0};          // pixels that can show them, with room for the outline
    bool any() const { return !items.empty() && part.z > 0 && part.w > 0; }
};

/// Items of `list` whose content holds one of `features`, and the part of `area` under their boxes.
Emphasis emphasisOf(const DrawList& list, const scene::View& view, std::span<const scene::FeatureNumber> features,
                    std::uint32_t onlyFlags, const resident::ContentTable& contents, const glm::mat4& clipFromEye, glm::ivec4 area);

class EmphasisPass {
public:
    explicit EmphasisPass(const Context& context) : _context(context) {}
    /// Images for pictures of this size, made when first needed. Errors: E_GPU_MEMORY.
    core::Result<void> prepare(glm::uvec2 size, bool layer);
    VkImageView mask() const { return _mask ? _mask.view() : VK_NULL_HANDLE; }
    VkImageView spread() const { return _spread ? _spread.view() : VK_NULL_HANDLE; }
    const gpu::Image& layerDepth() const { return _layerDepth; }
    std::uint64_t byteSize() const;

    /// Draws mask and distances; the scene's depth and both images are in `set`. Errors: E_SHADER, E_GPU_MEMORY.
    core::Result<void> recordMask(VkCommandBuffer commands, const Emphasis& emphasis, glm::ivec4 area, const scene::ViewAids& aids,
                                  const HerdTarget& herds, PushConstants push, VkDescriptorSet set, FrameArena& memory);
    /// Into the final target, whose rendering has begun. Errors: E_SHADER.
    core::Result<void> recordOutline(VkCommandBuffer commands, const Emphasis& emphasis, const scene::ViewAids& aids);

private:
    core::Result<VkPipeline> maskPipeline(resident::MaterialClass materialClass);
    core::Result<void> makePipelines();
    void pushAids(VkCommandBuffer commands, const Emphasis& emphasis, const scene::ViewAids& aids) const;
    const Context& _context;
    gpu::Image _mask, _spread, _layerDepth;
    std::map<resident::MaterialClass, gpu::Owned<VkPipeline>> _maskPipelines;
    gpu::Owned<VkPipeline> _spreadPipeline, _outlinePipeline;
};

} // namespace matou::render
