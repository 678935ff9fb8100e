#pragma once
// Dear ImGui's draw lists, drawn by us: Debian's 1.86 brings a Vulkan back end that wants a render pass object.

#include "render/context.h"
#include "render/frame_arena.h"

namespace matou::render {

class UiPass {
public:
    explicit UiPass(const Context& context) : _context(context) {}
    /// Takes over the font atlas where its version is new. Before the frame's commands. Errors: E_GPU_MEMORY,
    /// E_GPU_IMAGE_SIZE.
    core::Result<void> updateFont(const UiDrawData& ui);
    VkImageView font() const { return _font.view(); }
    /// Records into the final target of that size. Errors: E_SHADER, E_GPU_MEMORY.
    core::Result<std::uint32_t> record(VkCommandBuffer commands, const UiDrawData& ui, glm::uvec2 size,
                                       FrameArena& memory);

private:
    const Context& _context;
    gpu::Owned<VkPipeline> _pipeline;
    gpu::Image _font;
    std::uint64_t _fontVersion = 0;
};

} // namespace matou::render
