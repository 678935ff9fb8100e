#pragma once
// Draws what lies under a few pixels into a picking image: feature, draw and distance.

#include <array>
#include <map>

#include "render/context.h"
#include "render/draw_list.h"

namespace matou::render {

class PickPass {
public:
    /// Width and height of the picking image; the pixel asked for is in its middle.
    static constexpr std::uint32_t kSize = 7;
    struct Texel {
        std::uint32_t feature = 0, draw = 0;
        float distance = 0.0f; // along the view axis, metres
        std::uint32_t hit = 0;
    };

    explicit PickPass(const Context& context) : _context(context) {}
    /// Draws the items, which are of `list`, and waits; makes the table of draws for `push`. `clipFromEye` in the set's view covers
    /// just these pixels, which `volume` shows. Errors: E_SHADER, E_GPU_MEMORY, E_DEVICE_LOST.
    core::Result<std::array<Texel, kSize * kSize>> draw(const DrawList& list, std::span<const DrawItem> items, HerdPass& herds,
                                                        const CullVolume& volume, PushConstants push, VkDescriptorSet set,
                                                        FrameArena& memory);

private:
    core::Result<VkPipeline> pipeline(VkCullModeFlags cull, resident::MaterialClass materialClass);
    const Context& _context;
    std::map<std::pair<VkCullModeFlags, resident::MaterialClass>, gpu::Owned<VkPipeline>> _pipelines;
    gpu::Image _color, _depth;
    gpu::Buffer _readback;
};

} // namespace matou::render
