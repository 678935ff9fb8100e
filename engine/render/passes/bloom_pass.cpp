#include "render/passes/bloom_pass.h"

#include <algorithm>

#include "render/passes/rendering.h"

namespace matou::render {

namespace {
struct BloomPush {
    glm::ivec4 source{0}, target{0};
};

/// The part of the next level that belongs to `area`: cut outwards, so that every pixel has its place.
glm::ivec4 halved(const glm::ivec4& area, const gpu::Image& level) {
    const int x = area.x / 2, y = area.y / 2;
    const auto& d = level.description();
    return {x, y, std::min((area.z + 1) / 2, static_cast<int>(d.width) - x), std::min((area.w + 1) / 2, static_cast<int>(d.height) - y)};
}
} // namespace

core::Result<void> BloomPass::resize(glm::uvec2 size) {
    if (!_context.tier.bloom) return {};
    gpu::ImageDescription d;
    d.format = kHdrFormat;
    for (std::uint32_t i = 0; i < kLevels; ++i) {
        size = glm::max((size + 1u) / 2u, glm::uvec2(1));
        d.width = size.x;
        d.height = size.y;
        MATOU_TRY(level, _context.device.createImage(gpu::ImagePurpose::colorTarget, d, "bloom level " + std::to_string(i + 1)));
        _levels[i] = std::move(level);
    }
    return {};
}

bool BloomPass::on(scene::Look look, bool night) const {
    return _context.tier.bloom && (look == scene::Look::natural || look == scene::Look::night) && (night || _context.tier.bloomByDay);
}

core::Result<void> BloomPass::makePipelines() {
    if (_up) return {};
    gpu::PipelineDescription d;
    d.vertexSpirv = shader("tonemap.vert");
    d.layout = _context.pipelineLayout.get();
    d.colorFormats = {kHdrFormat};
    d.name = "bloom first pipeline";
    d.fragmentSpirv = shader(_context.samples != VK_SAMPLE_COUNT_1_BIT ? "bloom_first_ms.frag" : "bloom_first.frag");
    d.constants = {0, static_cast<std::uint32_t>(_context.samples)};
    MATOU_TRY(first, gpu::makePipeline(_context.device, d));
    d.constants = {};
    d.name = "bloom down pipeline";
    d.fragmentSpirv = shader("bloom_down.frag");
    MATOU_TRY(down, gpu::makePipeline(_context.device, d));
    d.name = "bloom up pipeline";
    d.fragmentSpirv = shader("bloom_up.frag");
    d.blend = gpu::Blend::add;
    MATOU_TRY(up, gpu::makePipeline(_context.device, d));
    _first = std::move(first);
    _down = std::move(down);
    _up = std::move(up);
    return {};
}

core::Result<void> BloomPass::record(VkCommandBuffer commands, const gpu::Image& hdr, glm::ivec4 area, VkDescriptorPool sets) {
    MATOU_CHECK(makePipelines());
    std::array<glm::ivec4, kLevels> areas;
    const auto step = [&](VkPipeline pipeline, const gpu::Image* source, const glm::ivec4& from, const gpu::Image& target,
                          const glm::ivec4& to, bool add) -> core::Result<void> {
        gpu::imageBarrier(commands, target, add ? gpu::useSampled() : gpu::useNothing(), gpu::useColorAttachment());
        FrameSetContents bound;
        if (source != nullptr) bound.bloom = source->view();
        else bound.hdr = hdr.view();
        MATOU_TRY(set, _context.makeFrameSet(sets, bound));
        const Attachment color{target.view(), add ? VK_ATTACHMENT_LOAD_OP_LOAD : VK_ATTACHMENT_LOAD_OP_DONT_CARE, {}};
        beginRendering(commands, to, &color, nullptr);
        vkCmdBindPipeline(commands, VK_PIPELINE_BIND_POINT_GRAPHICS, pipeline);
        vkCmdBindDescriptorSets(commands, VK_PIPELINE_BIND_POINT_GRAPHICS, _context.pipelineLayout.get(), 0, 1, &set, 0, nullptr);
        const BloomPush push{from, to};
        _context.push(commands, &push, sizeof(push));
        vkCmdDraw(commands, 3, 1, 0, 0);
        vkCmdEndRendering(commands);
        gpu::imageBarrier(commands, target, gpu::useColorAttachment(), gpu::useSampled());
        return {};
    };
    for (std::uint32_t i = 0; i < kLevels; ++i) {
        const glm::ivec4 from = i == 0 ? area : areas[i - 1];
        areas[i] = halved(from, _levels[i]);
        MATOU_CHECK(step(i == 0 ? _first.get() : _down.get(), i == 0 ? nullptr : &_levels[i - 1], from, _levels[i], areas[i], false));
    }
    for (std::uint32_t i = kLevels - 1; i > 0; --i)
        MATOU_CHECK(step(_up.get(), &_levels[i], areas[i], _levels[i - 1], areas[i - 1], true));
    return {};
}

std::uint64_t BloomPass::byteSize() const {
    std::uint64_t bytes = 0;
    for (const gpu::Image& level : _levels)
        if (level) bytes += level.byteSize();
    return bytes;
}

} // namespace matou::render
