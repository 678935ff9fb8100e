#pragma once
// The opaque scene as a texture with mip levels, for what one sees through glass (KHR_materials_transmission).

#include <cstdint>

#include "render/context.h"

namespace matou::render {

class OpaqueCopy {
public:
    explicit OpaqueCopy(const Context& context) : _context(context) {}
    ~OpaqueCopy();
    /// Slot of the bindless table; made for targets like `hdr`, once. Errors: E_GPU_MEMORY, E_TEXTURE_SLOTS.
    core::Result<std::uint32_t> slotFor(const gpu::Image& hdr);
    /// Copies `area` of `hdr` (in use as a color attachment, before and after) and makes the coarser levels.
    void record(VkCommandBuffer commands, const gpu::Image& hdr, glm::ivec4 area);

private:
    const Context& _context;
    gpu::Image _image;
    std::uint32_t _slot = 0; // 0: none
};

} // namespace matou::render
