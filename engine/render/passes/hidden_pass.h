#pragma once
// What hides what: the depth of whatever is solid and large in the picture is drawn first, at the picture's own samples, and kept as
// the farthest of each tile; objects of herds that lie behind all of their tiles are left out of the scene pass. The picture stays
// bit for bit: who is nearest at a sample is never behind its tile, and the scene's draws keep their order and begin with an empty
// depth. Nothing is kept from frame to frame, so a cut costs what any other frame does, and the work follows from the snapshot alone.

#include <array>
#include <map>
#include <span>

#include "render/context.h"
#include "render/draw_list.h"

namespace matou::render {

class HiddenPass {
public:
    explicit HiddenPass(const Context& context) : _context(context) {}
    /// By RendererOptions and, where they leave it open, by quality, driver and the number of objects.
    bool wanted(const DrawList& list) const;
    /// Outside of rendering. `herds.volume` is the view's; the one that comes back leaves out what `opaque` hides, for these very
    /// items. `view`: its uniforms, of which clipFromEye and target count. Errors: E_GPU_MEMORY, E_SHADER.
    core::Result<CullVolume> record(const HerdTarget& herds, std::span<const DrawItem> opaque, glm::uvec2 size, glm::ivec4 area,
                                    const FrameSetContents& view, const glm::mat4& clipFromEye, const PushConstants& push, FrameArena& memory,
                                    VkDescriptorPool sets);
    std::uint64_t byteSize() const { return _depth.byteSize() + _tiles.byteSize() + _buffer.size(); }

private:
    core::Result<void> makeImages(glm::uvec2 size);
    core::Result<VkPipeline> depthPipeline(VkCullModeFlags cull);
    core::Result<void> drawDepth(VkCommandBuffer commands, std::span<const DrawRun> runs, glm::ivec4 area, VkDescriptorSet set,
                                 const PushConstants& push);
    core::Result<void> makeTiles(VkCommandBuffer commands, glm::uvec2 tiles);
    const Context& _context;
    gpu::Image _depth, _tiles; // of the picture's size and samples; a texel a tile
    gpu::Buffer _buffer;       // the tiles as compute shaders read them
    std::map<VkCullModeFlags, gpu::Owned<VkPipeline>> _depthPipelines;
    gpu::Owned<VkPipeline> _tilePipeline;
};

} // namespace matou::render
