#include "render/passes/pick_pass.h"

#include <cstring>

#include "render/passes/scene_pass.h"

namespace matou::render {
namespace {
constexpr VkFormat kPickFormat = VK_FORMAT_R32G32B32A32_UINT;
}

core::Result<VkPipeline> PickPass::pipeline(VkCullModeFlags cull, resident::MaterialClass materialClass) {
    using resident::MaterialClass;
    const bool lines = materialClass == MaterialClass::lines, points = materialClass == MaterialClass::points;
    const bool masked = materialClass == MaterialClass::mask;
    const auto key = std::pair{cull, lines || points || masked ? materialClass : MaterialClass::opaque};
    if (const auto found = _pipelines.find(key); found != _pipelines.end()) return found->second.get();
    gpu::PipelineDescription d;
    d.name = "pick pipeline";
    d.vertexSpirv = shader(masked ? "pick_mask.vert" : "pick.vert");
    d.fragmentSpirv = shader(masked ? "pick_mask.frag" : "pick.frag");
    d.layout = _context.pipelineLayout.get();
    describeVertices(d, masked ? VertexParts::textured : VertexParts::positions);
    d.topology = lines    ? VK_PRIMITIVE_TOPOLOGY_LINE_LIST
                 : points ? VK_PRIMITIVE_TOPOLOGY_POINT_LIST
                          : VK_PRIMITIVE_TOPOLOGY_TRIANGLE_LIST;
    d.cull = cull;
    d.colorFormats = {kPickFormat};
    d.depthFormat = kDepthFormat;
    d.depthTest = d.depthWrite = true;
    d.depthCompare = VK_COMPARE_OP_GREATER_OR_EQUAL;
    MATOU_TRY(made, gpu::makePipeline(_context.device, d));
    return _pipelines.emplace(key, std::move(made)).first->second.get();
}

core::Result<std::array<PickPass::Texel, PickPass::kSize * PickPass::kSize>>
PickPass::draw(const DrawList& list, std::span<const DrawItem> items, HerdPass& herds, const CullVolume& volume, PushConstants push,
               VkDescriptorSet set, FrameArena& memory) {
    std::array<Texel, kSize * kSize> texels{};
    if (items.empty()) return texels;
    if (!_readback) {
        MATOU_TRY(color, _context.device.createImage(gpu::ImagePurpose::colorTarget, {kPickFormat, kSize, kSize},
                                                     "picking image"));
        MATOU_TRY(depth, _context.device.createImage(gpu::ImagePurpose::depthTarget, {kDepthFormat, kSize, kSize},
                                                     "picking depth"));
        MATOU_TRY(readback,
                  _context.device.createBuffer(gpu::BufferPurpose::readback, sizeof(texels), "picking readback"));
        _color = std::move(color);
        _depth = std::move(depth);
        _readback = std::move(readback);
    }
    VkCommandBuffer commands = _context.device.beginCommands("pick");
    MATOU_TRY(draws, writeDraws(list, commands, herds, memory));
    push.draws = draws;
    MATOU_TRY(runs, writeCommands(items, memory, RunSplit::byKey, {herds, commands, volume, draws}));
    std::vector<VkPipeline> pipelines;
    for (const DrawRun& run : runs) {
        const bool stands = run.key.surface == Surface::plain || run.key.surface == Surface::building ||
                            run.key.surface == Surface::foliage;
        const VkCullModeFlags cull = !stands || run.key.doubleSided ? VK_CULL_MODE_NONE : run.key.mirrored ? VK_CULL_MODE_FRONT_BIT : VK_CULL_MODE_BACK_BIT;
        MATOU_TRY(made, pipeline(cull, run.key.materialClass));
        pipelines.push_back(made);
    }
    gpu::imageBarrier(commands, _color, gpu::useNothing(), gpu::useColorAttachment());
    gpu::imageBarrier(commands, _depth, gpu::useNothing(), gpu::useDepthAttachment());
    VkRenderingAttachmentInfo color{VK_STRUCTURE_TYPE_RENDERING_ATTACHMENT_INFO};
    color.imageView = _color.view();
    color.imageLayout = VK_IMAGE_LAYOUT_COLOR_ATTACHMENT_OPTIMAL;
    color.loadOp = VK_ATTACHMENT_LOAD_OP_CLEAR;
    color.storeOp = VK_ATTACHMENT_STORE_OP_STORE;
    VkRenderingAttachmentInfo depth = color;
    depth.imageView = _depth.view();
    depth.imageLayout = VK_IMAGE_LAYOUT_DEPTH_ATTACHMENT_OPTIMAL;
    depth.storeOp = VK_ATTACHMENT_STORE_OP_DONT_CARE;
    VkRenderingInfo rendering{VK_STRUCTURE_TYPE_RENDERING_INFO};
    rendering.renderArea = {{0, 0}, {kSize, kSize}};
    rendering.layerCount = 1;
    rendering.colorAttachmentCount = 1;
    rendering.pColorAttachments = &color;
    rendering.pDepthAttachment = &depth;
    vkCmdBeginRendering(commands, &rendering);
    setViewport(commands, {0, 0, static_cast<int>(kSize), static_cast<int>(kSize)});
    const VkDescriptorSet sets[] = {set, _context.contents.textures().set()};
    vkCmdBindDescriptorSets(commands, VK_PIPELINE_BIND_POINT_GRAPHICS, _context.pipelineLayout.get(), 0, 2, sets, 0,
                            nullptr);
    _context.push(commands, &push, sizeof(push));
    std::uint32_t boundArena = ~0u;
    for (std::size_t i = 0; i < runs.size(); ++i) {
        vkCmdBindPipeline(commands, VK_PIPELINE_BIND_POINT_GRAPHICS, pipelines[i]);
        drawRun(commands, runs[i], _context.contents, boundArena);
    }
    vkCmdEndRendering(commands);
    gpu::imageBarrier(commands, _color, gpu::useColorAttachment(), gpu::useCopySource());
    VkBufferImageCopy copy{};
    copy.imageSubresource = {VK_IMAGE_ASPECT_COLOR_BIT, 0, 0, 1};
    copy.imageExtent = {kSize, kSize, 1};
    vkCmdCopyImageToBuffer(commands, _color.handle(), VK_IMAGE_LAYOUT_TRANSFER_SRC_OPTIMAL, _readback.handle(), 1,
                           &copy);
    VkMemoryBarrier2 barrier{VK_STRUCTURE_TYPE_MEMORY_BARRIER_2};
    barrier.srcStageMask = VK_PIPELINE_STAGE_2_ALL_TRANSFER_BIT;
    barrier.srcAccessMask = VK_ACCESS_2_TRANSFER_WRITE_BIT;
    barrier.dstStageMask = VK_PIPELINE_STAGE_2_HOST_BIT;
    barrier.dstAccessMask = VK_ACCESS_2_HOST_READ_BIT;
    VkDependencyInfo dependency{VK_STRUCTURE_TYPE_DEPENDENCY_INFO};
    dependency.memoryBarrierCount = 1;
    dependency.pMemoryBarriers = &barrier;
    vkCmdPipelineBarrier2(commands, &dependency);
    MATOU_TRY(value, _context.device.submit(commands));
    MATOU_CHECK(_context.device.wait(value));
    static_assert(sizeof(texels) == kSize * kSize * 16);
    std::memcpy(texels.data(), _readback.mapped(), sizeof(texels));
    return texels;
}

} // namespace matou::render
