#pragma once
// Ambient occlusion: the depth of what is around the picture, drawn once at half or full resolution without samples; from
// it the share of the surroundings' light that reaches each place, and the sun that is held back close by (contact shadows);
// drawn together over 4 x 4. The scene pass reads it.

#include <span>

#include <glm/glm.hpp>

#include "render/context.h"
#include "render/draw_list.h"
#include "render/view_math.h"

namespace matou::render {

/// Where the occlusion of one view lies: a plane a margin wider than the view's, on a grid that is tied to the whole
/// image plane, so that a crop shows what the whole picture shows.
struct OcclusionGrid {
    ViewPlane plane;
    glm::ivec2 texels{0};   // used of the images
    glm::vec4 fromPixel{0}; // GpuView::occlusion of the scene pass
};

class OcclusionPass {
public:
    explicit OcclusionPass(const Context& context) : _context(context) {}
    /// False: the quality has none.
    bool on() const { return _context.tier.occlusionScale > 0; }
    /// Targets for pictures of this size. Errors: E_GPU_MEMORY.
    core::Result<void> resize(glm::uvec2 size);
    /// `plane` shows the pixels `area` of the target; `wholeOrigin`: where its first pixel lies in the whole image plane.
    OcclusionGrid gridOf(const ViewPlane& plane, glm::ivec4 area, glm::ivec2 wholeOrigin) const;
    /// `view`: of the scene pass; its place and light are taken over. Leaves result() readable. Errors: E_GPU_MEMORY,
    /// E_SHADER.
    core::Result<void> record(VkCommandBuffer commands, const OcclusionGrid& grid, const shared::GpuView& view,
                              const glm::dmat3& eye, double nearestMeters, std::span<const DrawItem> items,
                              const PushConstants& push, HerdPass& herds, FrameArena& memory, VkDescriptorPool sets);
    VkImageView result() const { return on() ? _smooth.view() : VK_NULL_HANDLE; }
    std::uint64_t byteSize() const { return _depth.byteSize() + _raw.byteSize() + _smooth.byteSize(); }

private:
    core::Result<void> makePipelines();
    const Context& _context;
    gpu::Image _depth, _raw, _smooth;
    gpu::Owned<VkPipeline> _depthPipeline, _occlusionPipeline, _smoothPipeline;
};

} // namespace matou::render
