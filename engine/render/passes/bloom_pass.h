#pragma once
// What eyes and lenses scatter of strong lights: the scene's HDR down a chain of halved images and up again, without a
// threshold. The tone mapping mixes a small share in; overlays come after it and never glow.

#include <array>

#include <glm/glm.hpp>

#include "render/context.h"
#include "render/frame_arena.h"

namespace matou::render {

class BloomPass {
public:
    static constexpr std::uint32_t kLevels = 5; // the last is a 32nd of the picture: some 60 pixels of glow at 1080 lines

    explicit BloomPass(const Context& context) : _context(context) {}
    /// Errors: E_GPU_MEMORY.
    core::Result<void> resize(glm::uvec2 size);
    /// Looks and hours that glow at this quality.
    bool on(scene::Look look, bool night) const;
    /// Reads `hdr` (readable) under `area`; leaves result() readable. Errors: E_GPU_MEMORY, E_SHADER.
    core::Result<void> record(VkCommandBuffer commands, const gpu::Image& hdr, glm::ivec4 area, VkDescriptorPool sets);
    VkImageView result() const { return _levels.front() ? _levels.front().view() : VK_NULL_HANDLE; }
    std::uint64_t byteSize() const;

private:
    core::Result<void> makePipelines();
    const Context& _context;
    std::array<gpu::Image, kLevels> _levels;
    gpu::Owned<VkPipeline> _first, _down, _up;
};

} // namespace matou::render
