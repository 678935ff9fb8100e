// The shadow maps of a view: each is drawn again only when what it shows changed.

#include <algorithm>

#include "gpu/pipeline.h"
#include "render/impl.h"
#include "render/passes/rendering.h"
#include "render/state_key.h"

namespace matou::render {

core::Result<void> Renderer::Impl::recordShadows(VkCommandBuffer commands, FrameSlot& slot, const scene::View& view,
                                                 const DrawList& list, ViewResources& resources,
                                                 const glm::dvec3& shadowLight,
                                                 const std::array<Cascade, MATOU_CASCADES>& cascades,
                                                 const StylesOnGpu& styles, const PushConstants& basePush,
                                                 VkDescriptorSet set, FrameReport& report) {
    const auto layers = static_cast<std::uint32_t>(resources.shadowLayers.size());
    for (std::uint32_t layer = 0; layer < layers; ++layer) {
        const std::uint32_t c = layer % MATOU_CASCADES;
        const bool plantsAlone = layer >= MATOU_CASCADES;
        const Cascade& cascade = cascades[c];
        std::vector<DrawItem> items;
        // All that the map shows: its place, the light, and what throws shadows into it.
        std::uint64_t key = mixKey(bitsOf(cascade.center.x), bitsOf(cascade.center.y));
        key = mixKey(mixKey(key, bitsOf(cascade.center.z)), bitsOf(cascade.radius));
        for (int axis = 0; axis < 3; ++axis)
            key = mixKey(key, bitsOf(shadowLight[axis]));
        key = mixKey(key, styles.shadowKey); // a blinking tint draws no map again
        for (const DrawItem& item : list.casters) {
            const scene::DrawContent& placed = placedOf(view, item.content);
            if (plantsAlone && placed.role != scene::LayerRole::vegetation) continue;
            if (!cascade.touches(list.matrices[item.content], item.draw->minimum, item.draw->maximum)) continue;
            // A box thinner than a texel in a far map is worth nothing.
            items.push_back(item);
            key = mixKey(key, (static_cast<std::uint64_t>(placed.content.index) << 32) ^ placed.content.generation);
            key = mixKey(mixKey(key, item.draw->firstIndex), bitsOf(placed.ecefFromContent[3].x));
            key = mixKey(key, item.motion);
        }
        if (resources.shadowReadable && resources.cascadeKeys[layer] == key) continue;
        resources.cascadeKeys[layer] = key;
        // Solid ones first, in one run per arena; masks by themselves.
        std::stable_partition(items.begin(), items.end(), [](const DrawItem& item) { return item.key.materialClass != resident::MaterialClass::mask; });
        MATOU_TRY(runs, writeCommands(items, *slot.memory, RunSplit::byMask, {*herdPass, commands, volumeOf(cascade), basePush.draws}));
        VkImageMemoryBarrier2 barrier{VK_STRUCTURE_TYPE_IMAGE_MEMORY_BARRIER_2};
        barrier.srcStageMask = VK_PIPELINE_STAGE_2_FRAGMENT_SHADER_BIT | VK_PIPELINE_STAGE_2_LATE_FRAGMENT_TESTS_BIT;
        barrier.srcAccessMask = VK_ACCESS_2_NONE;
        barrier.dstStageMask = gpu::useDepthAttachment().stage;
        barrier.dstAccessMask = gpu::useDepthAttachment().access;
        barrier.oldLayout = VK_IMAGE_LAYOUT_UNDEFINED;
        barrier.newLayout = VK_IMAGE_LAYOUT_DEPTH_ATTACHMENT_OPTIMAL;
        barrier.srcQueueFamilyIndex = barrier.dstQueueFamilyIndex = VK_QUEUE_FAMILY_IGNORED;
        barrier.image = resources.shadow.handle();
        barrier.subresourceRange = {VK_IMAGE_ASPECT_DEPTH_BIT, 0, 1, layer, 1};
        VkDependencyInfo dependency{VK_STRUCTURE_TYPE_DEPENDENCY_INFO};
        dependency.imageMemoryBarrierCount = 1;
        dependency.pImageMemoryBarriers = &barrier;
        vkCmdPipelineBarrier2(commands, &dependency);
        Attachment depthAttachment{resources.shadowLayers[layer].get()};
        depthAttachment.clear.depthStencil = {1.0f, 0};
        const int texels = static_cast<int>(context->shadowTexels);
        beginRendering(commands, {0, 0, texels, texels}, nullptr, &depthAttachment);
        const VkDescriptorSet sets[] = {set, contents.textures().set()};
        vkCmdBindDescriptorSets(commands, VK_PIPELINE_BIND_POINT_GRAPHICS, context->pipelineLayout.get(), 0, 2, sets, 0,
                                nullptr);
        PushConstants push = basePush;
        push.cascade = c;
        context->push(commands, &push, sizeof(push));
        MATOU_CHECK(shadowPass->record(commands, runs));
        report.drawCalls += static_cast<std::uint32_t>(runs.size());
        vkCmdEndRendering(commands);
        barrier.srcStageMask =
            VK_PIPELINE_STAGE_2_EARLY_FRAGMENT_TESTS_BIT | VK_PIPELINE_STAGE_2_LATE_FRAGMENT_TESTS_BIT;
        barrier.srcAccessMask = VK_ACCESS_2_DEPTH_STENCIL_ATTACHMENT_WRITE_BIT;
        barrier.dstStageMask = VK_PIPELINE_STAGE_2_FRAGMENT_SHADER_BIT;
        barrier.dstAccessMask = VK_ACCESS_2_SHADER_READ_BIT;
        barrier.oldLayout = VK_IMAGE_LAYOUT_DEPTH_ATTACHMENT_OPTIMAL;
        barrier.newLayout = VK_IMAGE_LAYOUT_SHADER_READ_ONLY_OPTIMAL;
        vkCmdPipelineBarrier2(commands, &dependency);
    }
    resources.shadowReadable = true;
    return {};
}

} // namespace matou::render
