// What a view emphasizes, over its tone-mapped picture: chosen things alone over the ghosted rest, then outlines and hatching.

#include <algorithm>
#include <cmath>

#include "render/impl.h"
#include "render/passes/rendering.h"
#include "scene/height_ramp.h"

namespace matou::render {

namespace {

constexpr double kEarthRadiusMeters = 6371000.0;

glm::vec3 linearOf(const scene::Rgba& c) {
    const auto one = [](std::uint8_t byte) {
        const float v = static_cast<float>(byte) / 255.0f;
        return v <= 0.04045f ? v / 12.92f : std::pow((v + 0.055f) / 1.055f, 2.4f);
    };
    return {one(c.x), one(c.y), one(c.z)};
}

} // namespace

void aidView(const scene::View& view, const glm::dvec3& eyeFromAnchor, bool chosen, shared::GpuView& out) {
    const scene::ViewAids& aids = view.aids;
    const bool contours = std::isfinite(aids.contourMeters) && aids.contourMeters > 0;
    out.aids = {contours ? aids.contourMeters : 0.0f, aids.heightTint ? 1.0f : 0.0f, chosen && aids.ghostContext ? 1.0f : 0.0f,
                std::clamp(aids.outlinePixels, 0.0f, 12.0f)};
    out.heights = {static_cast<float>(eyeFromAnchor.x), static_cast<float>(eyeFromAnchor.y),
                   static_cast<float>(eyeFromAnchor.z + aids.anchorHeightMeters), static_cast<float>(0.5 / kEarthRadiusMeters)};
    static_assert(scene::kHeightRamp.size() == MATOU_HEIGHT_STOPS);
    for (std::size_t i = 0; i < scene::kHeightRamp.size(); ++i)
        out.heightRamp[i] = glm::vec4(linearOf(scene::kHeightRamp[i].color), scene::kHeightRamp[i].meters + static_cast<float>(aids.rampBaseMeters));
}

Emphasis Renderer::Impl::emphasisFor(const scene::View& view, const DrawList& list, const StylesOnGpu& styles, const glm::mat4& clipFromEye,
                                     glm::ivec4 area) const {
    std::vector<scene::FeatureNumber> features = styles.selected;
    std::uint32_t flags = scene::kStyleSelected;
    if (view.aids.xray) {
        features.insert(features.end(), styles.marked.begin(), styles.marked.end());
        flags |= scene::kStyleMarkMask;
    }
    return emphasisOf(list, view, features, flags, contents, clipFromEye, area);
}

core::Result<void> Renderer::Impl::recordChosenAlone(VkCommandBuffer commands, FrameSlot& slot, const Emphasis& emphasis,
                                                     glm::ivec4 area, const HerdTarget& herds, PushConstants push,
                                                     const FrameSetContents& setContents, VkDescriptorSet set, scene::Look look) {
    const gpu::Image& layerDepth = emphasisPass->layerDepth();
    MATOU_TRY(runs, writeCommands(emphasis.items, *slot.memory, RunSplit::byKey, herds)); // opaque first, as the list is
    gpu::imageBarrier(commands, hdr, gpu::useSampled(), gpu::useColorAttachment());
    gpu::imageBarrier(commands, layerDepth, gpu::useNothing(), gpu::useDepthAttachment());
    const Attachment color{hdr.view()};
    Attachment depthAttachment{layerDepth.view()};
    depthAttachment.clear.depthStencil = {0.0f, 0};
    beginRendering(commands, area, &color, &depthAttachment);
    const VkDescriptorSet sets[] = {set, contents.textures().set()};
    vkCmdBindDescriptorSets(commands, VK_PIPELINE_BIND_POINT_GRAPHICS, context->pipelineLayout.get(), 0, 2, sets, 0, nullptr);
    push.onlyFlags = emphasis.onlyFlags;
    context->push(commands, &push, sizeof(push));
    MATOU_CHECK(scenePass->record(commands, runs));
    vkCmdEndRendering(commands);
    gpu::imageBarrier(commands, hdr, gpu::useColorAttachment(), gpu::useSampled());
    gpu::imageBarrier(commands, layerDepth, gpu::useDepthAttachment(), gpu::useSampled());

    FrameSetContents ofLayer = setContents;
    ofLayer.depth = layerDepth.view();
    MATOU_TRY(layerSet, context->makeFrameSet(slot.sets.get(), ofLayer));
    const Attachment target{final.view(), VK_ATTACHMENT_LOAD_OP_LOAD, {}};
    gpu::imageBarrier(commands, final, gpu::useColorAttachment(), gpu::useColorAttachment());
    beginRendering(commands, area, &target, nullptr);
    vkCmdBindDescriptorSets(commands, VK_PIPELINE_BIND_POINT_GRAPHICS, context->pipelineLayout.get(), 0, 1, &layerSet, 0, nullptr);
    MATOU_CHECK(layerPass->record(commands, look));
    vkCmdEndRendering(commands);
    return {};
}

core::Result<void> Renderer::Impl::recordEmphasis(VkCommandBuffer commands, FrameSlot& slot, const scene::View& view, const Emphasis& emphasis,
                                                  glm::ivec4 area, const HerdTarget& herds, const PushConstants& push,
                                                  const FrameSetContents& setContents, VkDescriptorSet set, FrameReport& report) {
    MATOU_CHECK(emphasisPass->recordMask(commands, emphasis, area, view.aids, herds, push, set, *slot.memory));
    if (view.aids.ghostContext)
        MATOU_CHECK(recordChosenAlone(commands, slot, emphasis, area, herds, push, setContents, set, view.look));
    const Attachment target{final.view(), VK_ATTACHMENT_LOAD_OP_LOAD, {}};
    gpu::imageBarrier(commands, final, gpu::useColorAttachment(), gpu::useColorAttachment());
    beginRendering(commands, area, &target, nullptr);
    vkCmdBindDescriptorSets(commands, VK_PIPELINE_BIND_POINT_GRAPHICS, context->pipelineLayout.get(), 0, 1, &set, 0, nullptr);
    MATOU_CHECK(emphasisPass->recordOutline(commands, emphasis, view.aids));
    vkCmdEndRendering(commands);
    gpu::imageBarrier(commands, final, gpu::useColorAttachment(), gpu::useColorAttachment());
    report.drawCalls += static_cast<std::uint32_t>(emphasis.items.size()) * (view.aids.ghostContext ? 2 : 1) + 2;
    return {};
}

} // namespace matou::render
