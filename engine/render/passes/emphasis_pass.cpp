#include "render/passes/emphasis_pass.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "render/passes/rendering.h"
#include "render/passes/scene_pass.h"

namespace matou::render {
namespace {

using resident::MaterialClass;

constexpr VkFormat kMaskFormat = VK_FORMAT_R8G8_UNORM, kSpreadFormat = VK_FORMAT_R8G8B8A8_UNORM;
constexpr int kOutlineRoom = 16; // pixels: more than the widest outline with its casing

/// Push constants of spread.frag and outline.frag.
struct EmphasisPush {
    glm::ivec4 part{0};
    std::uint32_t outline = 0, casing = 0;
    std::uint32_t marks[scene::kStyleMarks] = {};
    std::uint32_t marksOn = 0;
};

std::uint32_t packed(const scene::Rgba& c) {
    std::uint32_t bits = 0;
    std::memcpy(&bits, &c, 4);
    return bits;
}

void setScissor(VkCommandBuffer commands, glm::ivec4 r) {
    const VkRect2D scissor{{r.x, r.y}, {static_cast<std::uint32_t>(r.z), static_cast<std::uint32_t>(r.w)}};
    vkCmdSetScissor(commands, 0, 1, &scissor);
}

/// Grows low and high by the box; false where a corner lies behind the eye or the box moves.
bool spanOf(const DrawItem& item, const glm::mat4& clipFromContent, glm::vec2& low, glm::vec2& high) {
    if (!item.draw->rigInstances.empty()) return false;
    for (int corner = 0; corner < 8; ++corner) {
        const glm::vec3 p((corner & 1) != 0 ? item.draw->maximum.x : item.draw->minimum.x,
                          (corner & 2) != 0 ? item.draw->maximum.y : item.draw->minimum.y,
                          (corner & 4) != 0 ? item.draw->maximum.z : item.draw->minimum.z);
        const glm::vec4 clip = clipFromContent * glm::vec4(p, 1.0f);
        if (clip.w < 1e-3f) return false;
        low = glm::min(low, glm::vec2(clip) / clip.w);
        high = glm::max(high, glm::vec2(clip) / clip.w);
    }
    return true;
}

} // namespace

Emphasis emphasisOf(const DrawList& list, const scene::View& view, std::span<const scene::FeatureNumber> features,
                    std::uint32_t onlyFlags, const resident::ContentTable& contents, const glm::mat4& clipFromEye, glm::ivec4 area) {
    Emphasis emphasis;
    emphasis.onlyFlags = onlyFlags;
    emphasis.part = area;
    if (features.empty()) return emphasis;
    std::vector<int> holds(view.contents.size(), -1);
    const auto holdsOne = [&](std::uint32_t content) {
        int& known = holds[content];
        if (known < 0) {
            const auto* resident = contents.find(view.contents[content].content);
            known = resident != nullptr && std::any_of(features.begin(), features.end(), [&](scene::FeatureNumber number) {
                        return std::binary_search(resident->features.begin(), resident->features.end(), number);
                    });
        }
        return known == 1;
    };
    glm::vec2 low(1e9f), high(-1e9f);
    bool bounded = true;
    for (const auto* items : {&list.opaque, &list.transmissive, &list.blend})
        for (const DrawItem& item : *items) {
            if (item.leaving || !holdsOne(item.content)) continue;
            emphasis.items.push_back(item);
            emphasis.items.back().key.fades = false; // its outline is the whole of what comes
            bounded = bounded && spanOf(item, clipFromEye * list.matrices[item.content], low, high);
        }
    if (!bounded || emphasis.items.empty()) return emphasis;
    const glm::vec2 size(area.z, area.w);
    const glm::vec2 limit = size + 2.0f * kOutlineRoom;
    const glm::ivec2 first(glm::clamp((low * 0.5f + 0.5f) * size - static_cast<float>(kOutlineRoom), glm::vec2(0.0f), limit));
    const glm::ivec2 last(glm::clamp(glm::ceil((high * 0.5f + 0.5f) * size) + static_cast<float>(kOutlineRoom), glm::vec2(0.0f), limit));
    const glm::ivec2 end = glm::min(last, glm::ivec2(area.z, area.w));
    emphasis.part = {area.x + first.x, area.y + first.y, std::max(end.x - first.x, 0), std::max(end.y - first.y, 0)};
    return emphasis;
}

core::Result<void> EmphasisPass::prepare(glm::uvec2 size, bool layer) {
    const auto fits = [&](const gpu::Image& image) { return image && image.description().width == size.x && image.description().height == size.y; };
    gpu::ImageDescription d;
    d.width = size.x;
    d.height = size.y;
    if (!fits(_mask)) {
        d.format = kMaskFormat;
        MATOU_TRY(mask, _context.device.createImage(gpu::ImagePurpose::colorTarget, d, "emphasis mask"));
        d.format = kSpreadFormat;
        MATOU_TRY(spread, _context.device.createImage(gpu::ImagePurpose::colorTarget, d, "emphasis distances"));
        _mask = std::move(mask);
        _spread = std::move(spread);
    }
    if (layer && !fits(_layerDepth)) {
        d.format = kDepthFormat;
        d.samples = _context.samples;
        MATOU_TRY(depth, _context.device.createImage(gpu::ImagePurpose::depthTarget, d, "emphasis layer depth"));
        _layerDepth = std::move(depth);
    }
    return {};
}

std::uint64_t EmphasisPass::byteSize() const {
    std::uint64_t bytes = 0;
    for (const auto* image : {&_mask, &_spread, &_layerDepth})
        if (*image) bytes += image->byteSize();
    return bytes;
}

core::Result<VkPipeline> EmphasisPass::maskPipeline(MaterialClass materialClass) {
    const bool lines = materialClass == MaterialClass::lines, points = materialClass == MaterialClass::points;
    const bool cut = materialClass == MaterialClass::mask;
    const MaterialClass key = lines || points || cut ? materialClass : MaterialClass::opaque;
    if (const auto found = _maskPipelines.find(key); found != _maskPipelines.end()) return found->second.get();
    const std::string name = cut ? "emphasis_mask_cut" : "emphasis_mask";
    gpu::PipelineDescription d;
    d.name = "emphasis mask pipeline";
    d.vertexSpirv = shader(name + ".vert");
    d.fragmentSpirv = shader(name + (_context.samples != VK_SAMPLE_COUNT_1_BIT ? "_ms.frag" : ".frag"));
    d.layout = _context.pipelineLayout.get();
    describeVertices(d, cut ? VertexParts::textured : VertexParts::positions);
    d.topology = lines    ? VK_PRIMITIVE_TOPOLOGY_LINE_LIST
                 : points ? VK_PRIMITIVE_TOPOLOGY_POINT_LIST
                          : VK_PRIMITIVE_TOPOLOGY_TRIANGLE_LIST;
    d.colorFormats = {kMaskFormat};
    d.blend = gpu::Blend::maximum; // so no depth of its own is needed
    MATOU_TRY(made, gpu::makePipeline(_context.device, d));
    return _maskPipelines.emplace(key, std::move(made)).first->second.get();
}

core::Result<void> EmphasisPass::makePipelines() {
    if (_outlinePipeline) return {};
    gpu::PipelineDescription d;
    d.layout = _context.pipelineLayout.get();
    d.vertexSpirv = shader("tonemap.vert");
    d.name = "emphasis distances pipeline";
    d.fragmentSpirv = shader("emphasis_spread.frag");
    d.colorFormats = {kSpreadFormat};
    MATOU_TRY(spread, gpu::makePipeline(_context.device, d));
    d.name = "emphasis outline pipeline";
    d.fragmentSpirv = shader("emphasis_outline.frag");
    d.colorFormats = {kFinalFormat};
    d.blend = gpu::Blend::alpha;
    MATOU_TRY(outline, gpu::makePipeline(_context.device, d));
    _spreadPipeline = std::move(spread);
    _outlinePipeline = std::move(outline);
    return {};
}

void EmphasisPass::pushAids(VkCommandBuffer commands, const Emphasis& emphasis, const scene::ViewAids& aids) const {
    EmphasisPush push;
    push.part = emphasis.part;
    push.outline = packed(aids.outline);
    push.casing = packed(aids.casing);
    for (std::size_t i = 0; i < scene::kStyleMarks; ++i)
        push.marks[i] = packed(aids.markColors[i]);
    push.marksOn = aids.xray ? 1 : 0;
    _context.push(commands, &push, sizeof(push));
}

core::Result<void> EmphasisPass::recordMask(VkCommandBuffer commands, const Emphasis& emphasis, glm::ivec4 area, const scene::ViewAids& aids,
                                            const HerdTarget& herds, PushConstants push, VkDescriptorSet set, FrameArena& memory) {
    MATOU_CHECK(makePipelines());
    MATOU_TRY(runs, writeCommands(emphasis.items, memory, RunSplit::byKey, herds));
    const VkDescriptorSet sets[] = {set, _context.contents.textures().set()};
    vkCmdBindDescriptorSets(commands, VK_PIPELINE_BIND_POINT_GRAPHICS, _context.pipelineLayout.get(), 0, 2, sets, 0, nullptr);
    gpu::imageBarrier(commands, _mask, gpu::useNothing(), gpu::useColorAttachment());
    const Attachment mask{_mask.view()};
    beginRendering(commands, area, &mask, nullptr);
    push.onlyFlags = emphasis.onlyFlags;
    _context.push(commands, &push, sizeof(push));
    std::uint32_t boundArena = ~0u;
    for (const DrawRun& run : runs) {
        MATOU_TRY(pipeline, maskPipeline(run.key.materialClass));
        vkCmdBindPipeline(commands, VK_PIPELINE_BIND_POINT_GRAPHICS, pipeline);
        drawRun(commands, run, _context.contents, boundArena);
    }
    vkCmdEndRendering(commands);
    gpu::imageBarrier(commands, _mask, gpu::useColorAttachment(), gpu::useSampled());

    gpu::imageBarrier(commands, _spread, gpu::useNothing(), gpu::useColorAttachment());
    const Attachment spread{_spread.view(), VK_ATTACHMENT_LOAD_OP_DONT_CARE, {}};
    beginRendering(commands, area, &spread, nullptr);
    setScissor(commands, emphasis.part);
    pushAids(commands, emphasis, aids);
    vkCmdBindPipeline(commands, VK_PIPELINE_BIND_POINT_GRAPHICS, _spreadPipeline.get());
    vkCmdDraw(commands, 3, 1, 0, 0);
    vkCmdEndRendering(commands);
    gpu::imageBarrier(commands, _spread, gpu::useColorAttachment(), gpu::useSampled());
    return {};
}

core::Result<void> EmphasisPass::recordOutline(VkCommandBuffer commands, const Emphasis& emphasis, const scene::ViewAids& aids) {
    MATOU_CHECK(makePipelines());
    setScissor(commands, emphasis.part);
    pushAids(commands, emphasis, aids);
    vkCmdBindPipeline(commands, VK_PIPELINE_BIND_POINT_GRAPHICS, _outlinePipeline.get());
    vkCmdDraw(commands, 3, 1, 0, 0);
    return {};
}

} // namespace matou::render
