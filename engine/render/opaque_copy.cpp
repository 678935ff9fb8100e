#include "render/opaque_copy.h"

#include <algorithm>
#include <bit>

namespace matou::render {
namespace {

void barrier(VkCommandBuffer commands, const gpu::Image& image, std::uint32_t level, std::uint32_t levels, VkImageLayout from, VkImageLayout to,
             VkAccessFlags2 before, VkAccessFlags2 after) {
    VkImageMemoryBarrier2 b{VK_STRUCTURE_TYPE_IMAGE_MEMORY_BARRIER_2};
    b.srcStageMask = VK_PIPELINE_STAGE_2_ALL_TRANSFER_BIT | VK_PIPELINE_STAGE_2_FRAGMENT_SHADER_BIT;
    b.srcAccessMask = before;
    b.dstStageMask = VK_PIPELINE_STAGE_2_ALL_TRANSFER_BIT | VK_PIPELINE_STAGE_2_FRAGMENT_SHADER_BIT;
    b.dstAccessMask = after;
    b.oldLayout = from;
    b.newLayout = to;
    b.srcQueueFamilyIndex = b.dstQueueFamilyIndex = VK_QUEUE_FAMILY_IGNORED;
    b.image = image.handle();
    b.subresourceRange = {VK_IMAGE_ASPECT_COLOR_BIT, level, levels, 0, 1};
    VkDependencyInfo dependency{VK_STRUCTURE_TYPE_DEPENDENCY_INFO};
    dependency.imageMemoryBarrierCount = 1;
    dependency.pImageMemoryBarriers = &b;
    vkCmdPipelineBarrier2(commands, &dependency);
}

} // namespace

OpaqueCopy::~OpaqueCopy() {
    if (_slot != 0) _context.contents.textures().remove(_slot);
}

core::Result<std::uint32_t> OpaqueCopy::slotFor(const gpu::Image& hdr) {
    const gpu::ImageDescription& wanted = hdr.description();
    if (_slot != 0 && _image.description().width == wanted.width && _image.description().height == wanted.height) return _slot;
    if (_slot != 0) _context.contents.textures().remove(_slot);
    _slot = 0;
    gpu::ImageDescription d;
    d.format = wanted.format;
    d.width = wanted.width;
    d.height = wanted.height;
    d.mipLevels = static_cast<std::uint32_t>(std::bit_width(std::max(d.width, d.height)));
    MATOU_TRY(image, _context.device.createImage(gpu::ImagePurpose::texture, d, "opaque scene"));
    _image = std::move(image);
    const model::Sampler sampler{model::Wrap::clamp, model::Wrap::clamp};
    MATOU_TRY(slot, _context.contents.textures().add(_image, sampler));
    return _slot = slot;
}

void OpaqueCopy::record(VkCommandBuffer commands, const gpu::Image& hdr, glm::ivec4 area) {
    const std::uint32_t levels = _image.description().mipLevels;
    gpu::imageBarrier(commands, hdr, gpu::useColorAttachment(), gpu::useCopySource());
    barrier(commands, _image, 0, levels, VK_IMAGE_LAYOUT_UNDEFINED, VK_IMAGE_LAYOUT_TRANSFER_DST_OPTIMAL, VK_ACCESS_2_NONE,
            VK_ACCESS_2_TRANSFER_WRITE_BIT);
    auto width = static_cast<std::int32_t>(_image.description().width), height = static_cast<std::int32_t>(_image.description().height);
    if (area != glm::ivec4(0, 0, width, height)) { // beyond the view there is nothing, and the coarser levels must not read it
        const VkClearColorValue black{};
        const VkImageSubresourceRange first{VK_IMAGE_ASPECT_COLOR_BIT, 0, 1, 0, 1};
        vkCmdClearColorImage(commands, _image.handle(), VK_IMAGE_LAYOUT_TRANSFER_DST_OPTIMAL, &black, 1, &first);
        barrier(commands, _image, 0, 1, VK_IMAGE_LAYOUT_TRANSFER_DST_OPTIMAL, VK_IMAGE_LAYOUT_TRANSFER_DST_OPTIMAL,
                VK_ACCESS_2_TRANSFER_WRITE_BIT, VK_ACCESS_2_TRANSFER_WRITE_BIT);
    }
    const VkOffset3D at{area.x, area.y, 0};
    const VkExtent3D extent{static_cast<std::uint32_t>(area.z), static_cast<std::uint32_t>(area.w), 1};
    const VkImageSubresourceLayers layer{VK_IMAGE_ASPECT_COLOR_BIT, 0, 0, 1};
    if (hdr.description().samples != VK_SAMPLE_COUNT_1_BIT) {
        const VkImageResolve region{layer, at, layer, at, extent};
        vkCmdResolveImage(commands, hdr.handle(), VK_IMAGE_LAYOUT_TRANSFER_SRC_OPTIMAL, _image.handle(), VK_IMAGE_LAYOUT_TRANSFER_DST_OPTIMAL, 1,
                          &region);
    } else {
        const VkImageCopy region{layer, at, layer, at, extent};
        vkCmdCopyImage(commands, hdr.handle(), VK_IMAGE_LAYOUT_TRANSFER_SRC_OPTIMAL, _image.handle(), VK_IMAGE_LAYOUT_TRANSFER_DST_OPTIMAL, 1, &region);
    }
    for (std::uint32_t level = 1; level < levels; ++level) {
        barrier(commands, _image, level - 1, 1, VK_IMAGE_LAYOUT_TRANSFER_DST_OPTIMAL, VK_IMAGE_LAYOUT_TRANSFER_SRC_OPTIMAL,
                VK_ACCESS_2_TRANSFER_WRITE_BIT, VK_ACCESS_2_TRANSFER_READ_BIT);
        const std::int32_t nextWidth = std::max(1, width / 2), nextHeight = std::max(1, height / 2);
        VkImageBlit blit{};
        blit.srcSubresource = {VK_IMAGE_ASPECT_COLOR_BIT, level - 1, 0, 1};
        blit.srcOffsets[1] = {width, height, 1};
        blit.dstSubresource = {VK_IMAGE_ASPECT_COLOR_BIT, level, 0, 1};
        blit.dstOffsets[1] = {nextWidth, nextHeight, 1};
        vkCmdBlitImage(commands, _image.handle(), VK_IMAGE_LAYOUT_TRANSFER_SRC_OPTIMAL, _image.handle(), VK_IMAGE_LAYOUT_TRANSFER_DST_OPTIMAL, 1, &blit,
                       VK_FILTER_LINEAR);
        width = nextWidth;
        height = nextHeight;
    }
    if (levels > 1)
        barrier(commands, _image, 0, levels - 1, VK_IMAGE_LAYOUT_TRANSFER_SRC_OPTIMAL, VK_IMAGE_LAYOUT_SHADER_READ_ONLY_OPTIMAL,
                VK_ACCESS_2_TRANSFER_READ_BIT, VK_ACCESS_2_SHADER_READ_BIT);
    barrier(commands, _image, levels - 1, 1, VK_IMAGE_LAYOUT_TRANSFER_DST_OPTIMAL, VK_IMAGE_LAYOUT_SHADER_READ_ONLY_OPTIMAL,
            VK_ACCESS_2_TRANSFER_WRITE_BIT, VK_ACCESS_2_SHADER_READ_BIT);
    gpu::ImageUse back = gpu::useColorAttachment();
    gpu::imageBarrier(commands, hdr, gpu::useCopySource(), back);
}

} // namespace matou::render
