#pragma once
// Marks, labels, lines and areas over the tone-mapped picture, in exact sRGB bytes.

#include "render/context.h"
#include "render/frame_arena.h"
#include "render/overlay_build.h"

namespace matou::render {

class OverlayPass {
public:
    explicit OverlayPass(const Context& context) : _context(context) {}
    /// Records into the final target; set 0 holds the view, the scene's depth and the glyph atlas. Returns the draw
    /// calls. Errors: E_SHADER, E_GPU_MEMORY.
    core::Result<std::uint32_t> record(VkCommandBuffer commands, const OverlayBatch& batch, FrameArena& memory);

private:
    core::Result<void> makePipelines();
    const Context& _context;
    gpu::Owned<VkPipeline> _areas, _lines, _quads;
};

} // namespace matou::render
