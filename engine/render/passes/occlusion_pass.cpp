#include "render/passes/occlusion_pass.h"

#include <cmath>

#include "render/passes/rendering.h"
#include "render/passes/scene_pass.h"

namespace matou::render {
namespace {

// Visible share, distance along the view; where there are contact shadows, the share of the sun that they hold back.
VkFormat formatFor(const Tier& tier) {
    return tier.contactSteps > 0 ? VK_FORMAT_R16G16B16A16_SFLOAT : VK_FORMAT_R16G16_SFLOAT;
}
/// Pixels of the picture: how far occlusion looks, and so how far beyond the picture's edge there must be depth.
constexpr int kMarginPixels = 40;
/// The pattern of directions repeats every 4 texels of 2 pixels.
constexpr int kGridPixels = 8;

int sizeFor(std::uint32_t pixels, float scale) {
    return static_cast<int>(std::ceil((static_cast<float>(pixels) + 2 * kMarginPixels + kGridPixels) * scale));
}

} // namespace

core::Result<void> OcclusionPass::resize(glm::uvec2 size) {
    if (!on()) return {};
    gpu::ImageDescription d;
    d.width = static_cast<std::uint32_t>(sizeFor(size.x, _context.tier.occlusionScale));
    d.height = static_cast<std::uint32_t>(sizeFor(size.y, _context.tier.occlusionScale));
    d.format = kDepthFormat;
    MATOU_TRY(depth, _context.device.createImage(gpu::ImagePurpose::depthTarget, d, "occlusion depth"));
    d.format = formatFor(_context.tier);
    MATOU_TRY(raw, _context.device.createImage(gpu::ImagePurpose::colorTarget, d, "occlusion raw"));
    MATOU_TRY(smooth, _context.device.createImage(gpu::ImagePurpose::colorTarget, d, "occlusion"));
    _depth = std::move(depth);
    _raw = std::move(raw);
    _smooth = std::move(smooth);
    return {};
}

OcclusionGrid OcclusionPass::gridOf(const ViewPlane& plane, glm::ivec4 area, glm::ivec2 wholeOrigin) const {
    const float scale = _context.tier.occlusionScale;
    OcclusionGrid grid;
    glm::ivec2 margin(kMarginPixels);
    for (int axis = 0; axis < 2; ++axis) {
        const int over = (wholeOrigin[axis] - kMarginPixels) % kGridPixels;
        margin[axis] += over < 0 ? over + kGridPixels : over;
        grid.texels[axis] = static_cast<int>(std::ceil(static_cast<float>(area[axis + 2] + margin[axis] + kMarginPixels) * scale));
    }
    const glm::dvec2 pixels = glm::dvec2(grid.texels) / static_cast<double>(scale);
    grid.plane = cropped(plane, {area.z, area.w}, {-margin.x, -margin.y, pixels.x, pixels.y});
    grid.fromPixel = glm::vec4(margin.x - area.x, margin.y - area.y, kMarginPixels * scale, scale);
    return grid;
}

core::Result<void> OcclusionPass::makePipelines() {
    if (_smoothPipeline) return {};
    gpu::PipelineDescription d;
    d.name = "occlusion depth pipeline";
    d.vertexSpirv = shader("occlusion_depth.vert");
    d.layout = _context.pipelineLayout.get();
    describeVertices(d, VertexParts::positions);
    d.depthFormat = kDepthFormat;
    d.depthTest = d.depthWrite = true;
    d.depthCompare = VK_COMPARE_OP_GREATER_OR_EQUAL;
    MATOU_TRY(depth, gpu::makePipeline(_context.device, d));
    gpu::PipelineDescription s;
    s.vertexSpirv = shader("occlusion.vert");
    s.layout = _context.pipelineLayout.get();
    s.colorFormats = {formatFor(_context.tier)};
    s.name = "occlusion pipeline";
    s.fragmentSpirv = shader("occlusion.frag");
    s.constants = {_context.tier.occlusionSlices, _context.tier.occlusionSteps, _context.tier.contactSteps};
    MATOU_TRY(raw, gpu::makePipeline(_context.device, s));
    s.name = "occlusion smoothing pipeline";
    s.fragmentSpirv = shader("occlusion_smooth.frag");
    s.constants = {};
    MATOU_TRY(smooth, gpu::makePipeline(_context.device, s));
    _depthPipeline = std::move(depth);
    _occlusionPipeline = std::move(raw);
    _smoothPipeline = std::move(smooth);
    return {};
}

core::Result<void> OcclusionPass::record(VkCommandBuffer commands, const OcclusionGrid& grid, const shared::GpuView& view,
                                         const glm::dmat3& eye, double nearestMeters, std::span<const DrawItem> items,
                                         const PushConstants& push, HerdPass& herds, FrameArena& memory, VkDescriptorPool sets) {
    MATOU_CHECK(makePipelines());
    shared::GpuView own = view;
    own.clipFromEye = clipFromEye(withNearFor(grid.plane, nearestMeters), eye);
    own.eyeFromClipFar = eyeFromClipFar(grid.plane, eye);
    own.target = glm::vec4(0, 0, grid.texels.x, grid.texels.y);
    own.occlusion = grid.fromPixel;
    MATOU_TRY(part, memory.copyBytes(std::as_bytes(std::span(&own, 1))));
    FrameSetContents bound;
    bound.viewBuffer = part.buffer;
    bound.viewOffset = part.offset;
    bound.occlusionDepth = _depth.view();
    bound.occlusionRaw = _raw.view();
    MATOU_TRY(set, _context.makeFrameSet(sets, bound));
    MATOU_TRY(runs, writeCommands(items, memory, RunSplit::byMask, {herds, commands, volumeOf(frustumOf(grid.plane, eye)), push.draws}));
    vkCmdBindDescriptorSets(commands, VK_PIPELINE_BIND_POINT_GRAPHICS, _context.pipelineLayout.get(), 0, 1, &set, 0,
                            nullptr);
    _context.push(commands, &push, sizeof(push));

    const glm::ivec4 area(0, 0, grid.texels);
    gpu::imageBarrier(commands, _depth, gpu::useNothing(), gpu::useDepthAttachment());
    Attachment depth{_depth.view()};
    depth.clear.depthStencil = {0.0f, 0};
    beginRendering(commands, area, nullptr, &depth);
    vkCmdBindPipeline(commands, VK_PIPELINE_BIND_POINT_GRAPHICS, _depthPipeline.get());
    std::uint32_t boundArena = ~0u;
    for (const DrawRun& run : runs)
        drawRun(commands, run, _context.contents, boundArena);
    vkCmdEndRendering(commands);
    gpu::imageBarrier(commands, _depth, gpu::useDepthAttachment(), gpu::useSampled());

    const auto overAll = [&](const gpu::Image& target, VkPipeline pipeline) {
        gpu::imageBarrier(commands, target, gpu::useNothing(), gpu::useColorAttachment());
        const Attachment color{target.view(), VK_ATTACHMENT_LOAD_OP_DONT_CARE, {}};
        beginRendering(commands, area, &color, nullptr);
        vkCmdBindPipeline(commands, VK_PIPELINE_BIND_POINT_GRAPHICS, pipeline);
        vkCmdDraw(commands, 3, 1, 0, 0);
        vkCmdEndRendering(commands);
        gpu::imageBarrier(commands, target, gpu::useColorAttachment(), gpu::useSampled());
    };
    overAll(_raw, _occlusionPipeline.get());
    overAll(_smooth, _smoothPipeline.get());
    return {};
}

} // namespace matou::render
