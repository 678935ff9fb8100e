#include "render/passes/hidden_pass.h"

#include "render/passes/rendering.h"
#include "render/passes/scene_pass.h"

namespace matou::render {
namespace {

constexpr VkFormat kTileFormat = VK_FORMAT_R32_SFLOAT;
/// Fewer objects are sooner drawn than looked for.
constexpr std::uint32_t kWorthObjects = 4096;
/// Of the picture's height: smaller objects hide too little for what their depth costs.
constexpr float kLeastShare = 1.0f / 24;

glm::uvec2 tilesFor(glm::uvec2 pixels) {
    return (pixels + glm::uvec2(MATOU_HIDDEN_TILE - 1)) / glm::uvec2(MATOU_HIDDEN_TILE);
}

/// Drawn whole, at all of its samples, wherever its triangles are: nothing of it is cut, faded or swayed by the wind.
bool hides(const DrawItem& item) {
    return item.key.materialClass == resident::MaterialClass::opaque && item.key.surface != Surface::foliage && !item.key.fades && !item.leaving;
}

} // namespace

bool HiddenPass::wanted(const DrawList& list) const {
    const auto wish = _context.options.occlusionCulling;
    if (list.herds.empty() || wish == OcclusionCulling::off) return false;
    return wish == OcclusionCulling::on || (_context.tier.hides && !_context.device.description().software && list.herdDraws >= kWorthObjects);
}

core::Result<void> HiddenPass::makeImages(glm::uvec2 size) {
    if (_depth && _depth.description().width == size.x && _depth.description().height == size.y) return {};
    gpu::ImageDescription d;
    d.width = size.x;
    d.height = size.y;
    d.format = kDepthFormat;
    d.samples = _context.samples;
    MATOU_TRY(depth, _context.device.createImage(gpu::ImagePurpose::depthTarget, d, "hiding depth"));
    const glm::uvec2 count = tilesFor(size);
    MATOU_TRY(tiles, _context.device.createImage(gpu::ImagePurpose::colorTarget, {kTileFormat, count.x, count.y}, "hiding tiles"));
    MATOU_TRY(buffer, _context.device.createBuffer(gpu::BufferPurpose::geometry, std::uint64_t{count.x} * count.y * sizeof(float), "hiding tiles"));
    _depth = std::move(depth);
    _tiles = std::move(tiles);
    _buffer = std::move(buffer);
    return {};
}

core::Result<VkPipeline> HiddenPass::depthPipeline(VkCullModeFlags cull) {
    auto& made = _depthPipelines[cull];
    if (made) return made.get();
    gpu::PipelineDescription d;
    d.name = "hiding depth pipeline";
    d.vertexSpirv = shader("occlusion_depth.vert");
    d.layout = _context.pipelineLayout.get();
    describeVertices(d, VertexParts::positions);
    d.cull = cull;
    d.depthFormat = kDepthFormat;
    d.depthTest = d.depthWrite = true;
    d.depthCompare = VK_COMPARE_OP_GREATER_OR_EQUAL;
    d.samples = _context.samples;
    MATOU_TRY(fresh, gpu::makePipeline(_context.device, d));
    made = std::move(fresh);
    return made.get();
}

core::Result<void> HiddenPass::drawDepth(VkCommandBuffer commands, std::span<const DrawRun> runs, glm::ivec4 area, VkDescriptorSet set,
                                         const PushConstants& push) {
    gpu::imageBarrier(commands, _depth, gpu::useNothing(), gpu::useDepthAttachment());
    Attachment depth{_depth.view()};
    depth.clear.depthStencil = {0.0f, 0};
    beginRendering(commands, area, nullptr, &depth);
    const VkDescriptorSet sets[] = {set, _context.contents.textures().set()};
    vkCmdBindDescriptorSets(commands, VK_PIPELINE_BIND_POINT_GRAPHICS, _context.pipelineLayout.get(), 0, 2, sets, 0, nullptr);
    _context.push(commands, &push, sizeof(push));
    std::uint32_t boundArena = ~0u;
    for (const DrawRun& run : runs) {
        MATOU_TRY(pipeline, depthPipeline(cullOf(run.key)));
        vkCmdBindPipeline(commands, VK_PIPELINE_BIND_POINT_GRAPHICS, pipeline);
        drawRun(commands, run, _context.contents, boundArena);
    }
    vkCmdEndRendering(commands);
    gpu::imageBarrier(commands, _depth, gpu::useDepthAttachment(), gpu::useSampled());
    return {};
}

core::Result<void> HiddenPass::makeTiles(VkCommandBuffer commands, glm::uvec2 tiles) {
    if (!_tilePipeline) {
        gpu::PipelineDescription d;
        d.name = "hiding tiles pipeline";
        d.vertexSpirv = shader("occlusion.vert");
        d.fragmentSpirv = shader(_context.samples == VK_SAMPLE_COUNT_1_BIT ? "hidden_tiles.frag" : "hidden_tiles_ms.frag");
        d.layout = _context.pipelineLayout.get();
        d.colorFormats = {kTileFormat};
        d.constants = {static_cast<std::uint32_t>(_context.samples)};
        MATOU_TRY(fresh, gpu::makePipeline(_context.device, d));
        _tilePipeline = std::move(fresh);
    }
    gpu::imageBarrier(commands, _tiles, gpu::useNothing(), gpu::useColorAttachment());
    const Attachment color{_tiles.view(), VK_ATTACHMENT_LOAD_OP_DONT_CARE, {}};
    beginRendering(commands, {0, 0, glm::ivec2(tiles)}, &color, nullptr);
    vkCmdBindPipeline(commands, VK_PIPELINE_BIND_POINT_GRAPHICS, _tilePipeline.get());
    vkCmdDraw(commands, 3, 1, 0, 0);
    vkCmdEndRendering(commands);
    gpu::imageBarrier(commands, _tiles, gpu::useColorAttachment(), gpu::useCopySource());
    const auto between = [commands](VkPipelineStageFlags2 from, VkAccessFlags2 written, VkPipelineStageFlags2 to, VkAccessFlags2 read) {
        const VkMemoryBarrier2 barrier{VK_STRUCTURE_TYPE_MEMORY_BARRIER_2, nullptr, from, written, to, read};
        VkDependencyInfo dependency{VK_STRUCTURE_TYPE_DEPENDENCY_INFO};
        dependency.memoryBarrierCount = 1;
        dependency.pMemoryBarriers = &barrier;
        vkCmdPipelineBarrier2(commands, &dependency);
    };
    // The view or frame before has read its own.
    between(VK_PIPELINE_STAGE_2_COMPUTE_SHADER_BIT, VK_ACCESS_2_NONE, VK_PIPELINE_STAGE_2_ALL_TRANSFER_BIT, VK_ACCESS_2_TRANSFER_WRITE_BIT);
    VkBufferImageCopy copy{};
    copy.imageSubresource = {VK_IMAGE_ASPECT_COLOR_BIT, 0, 0, 1};
    copy.imageExtent = {tiles.x, tiles.y, 1};
    vkCmdCopyImageToBuffer(commands, _tiles.handle(), VK_IMAGE_LAYOUT_TRANSFER_SRC_OPTIMAL, _buffer.handle(), 1, &copy);
    between(VK_PIPELINE_STAGE_2_ALL_TRANSFER_BIT, VK_ACCESS_2_TRANSFER_WRITE_BIT, VK_PIPELINE_STAGE_2_COMPUTE_SHADER_BIT,
            VK_ACCESS_2_SHADER_STORAGE_READ_BIT);
    return {};
}

core::Result<CullVolume> HiddenPass::record(const HerdTarget& herds, std::span<const DrawItem> opaque, glm::uvec2 size, glm::ivec4 area,
                                            const FrameSetContents& view, const glm::mat4& clipFromEye, const PushConstants& push,
                                            FrameArena& memory, VkDescriptorPool sets) {
    MATOU_CHECK(makeImages(size));
    std::vector<DrawItem> items;
    for (const DrawItem& item : opaque)
        if (hides(item)) items.push_back(item);
    CullVolume volume = herds.volume;
    volume.clipFromEye = clipFromEye;
    volume.pixels = {area.z, area.w};
    HerdTarget large = herds;
    large.volume = volume;
    large.volume.leastPixels = kLeastShare * static_cast<float>(area.w);
    MATOU_TRY(runs, writeCommands(items, memory, RunSplit::byKey, large));
    FrameSetContents bound;
    bound.viewBuffer = view.viewBuffer;
    bound.viewOffset = view.viewOffset;
    bound.depth = _depth.view();
    MATOU_TRY(set, _context.makeFrameSet(sets, bound));
    MATOU_CHECK(drawDepth(herds.commands, runs, area, set, push));
    MATOU_CHECK(makeTiles(herds.commands, tilesFor(glm::uvec2(area.z, area.w))));
    volume.tiles = _buffer.address();
    return volume;
}

} // namespace matou::render
