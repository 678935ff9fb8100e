#include "render/passes/overlay_pass.h"

#include <bit>

#include "text/atlas_image.h"

namespace matou::render {

core::Result<void> OverlayPass::makePipelines() {
    if (_quads) return {};
    const std::string suffix = _context.samples != VK_SAMPLE_COUNT_1_BIT ? "_ms" : "";
    gpu::PipelineDescription d;
    d.layout = _context.pipelineLayout.get();
    d.colorFormats = {kFinalFormat};
    d.blend = gpu::Blend::alpha;
    d.name = "overlay areas";
    d.vertexSpirv = shader("area.vert");
    d.fragmentSpirv = shader("area" + suffix + ".frag");
    MATOU_TRY(areas, gpu::makePipeline(_context.device, d));
    d.name = "overlay lines";
    d.vertexSpirv = shader("line" + suffix + ".vert");
    d.fragmentSpirv = shader("line" + suffix + ".frag");
    MATOU_TRY(lines, gpu::makePipeline(_context.device, d));
    d.name = "overlay quads";
    d.vertexSpirv = shader("quad" + suffix + ".vert");
    d.fragmentSpirv = shader("quad.frag");
    d.constants = {std::bit_cast<std::uint32_t>(text::kSdfSpreadTexels)};
    MATOU_TRY(quads, gpu::makePipeline(_context.device, d));
    _areas = std::move(areas);
    _lines = std::move(lines);
    _quads = std::move(quads);
    return {};
}

core::Result<std::uint32_t> OverlayPass::record(VkCommandBuffer commands, const OverlayBatch& batch,
                                                FrameArena& memory) {
    MATOU_CHECK(makePipelines());
    std::uint32_t calls = 0;
    const auto draw = [&](VkPipeline pipeline, std::span<const std::byte> items, std::uint32_t vertices,
                          std::uint32_t instances) -> core::Result<void> {
        if (items.empty()) return {};
        MATOU_TRY(part, memory.copyBytes(items));
        const OverlayPush push{part.address, {}};
        vkCmdBindPipeline(commands, VK_PIPELINE_BIND_POINT_GRAPHICS, pipeline);
        _context.push(commands, &push, sizeof(push));
        vkCmdDraw(commands, vertices, instances, 0, 0);
        ++calls;
        return {};
    };
    MATOU_CHECK(
        draw(_areas.get(), std::as_bytes(std::span(batch.areas)), static_cast<std::uint32_t>(batch.areas.size()), 1));
    MATOU_CHECK(
        draw(_lines.get(), std::as_bytes(std::span(batch.lines)), 6, static_cast<std::uint32_t>(batch.lines.size())));
    MATOU_CHECK(
        draw(_quads.get(), std::as_bytes(std::span(batch.quads)), 6, static_cast<std::uint32_t>(batch.quads.size())));
    return calls;
}

} // namespace matou::render
