#include "gpu/upload_ring.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "core/expect.h"

namespace matou::gpu {
namespace {

constexpr std::uint32_t kGivenLevelsMost = 16; // 32768 texels across

void imageBarrier(VkCommandBuffer commands, VkImage image, std::uint32_t level, std::uint32_t levels,
                  std::uint32_t layers, VkImageLayout from, VkImageLayout to, VkPipelineStageFlags2 fromStage,
                  VkAccessFlags2 fromAccess, VkPipelineStageFlags2 toStage, VkAccessFlags2 toAccess) {
    VkImageMemoryBarrier2 barrier{VK_STRUCTURE_TYPE_IMAGE_MEMORY_BARRIER_2};
    barrier.srcStageMask = fromStage;
    barrier.srcAccessMask = fromAccess;
    barrier.dstStageMask = toStage;
    barrier.dstAccessMask = toAccess;
    barrier.oldLayout = from;
    barrier.newLayout = to;
    barrier.srcQueueFamilyIndex = barrier.dstQueueFamilyIndex = VK_QUEUE_FAMILY_IGNORED;
    barrier.image = image;
    barrier.subresourceRange = {VK_IMAGE_ASPECT_COLOR_BIT, level, levels, 0, layers};
    VkDependencyInfo dependency{VK_STRUCTURE_TYPE_DEPENDENCY_INFO};
    dependency.imageMemoryBarrierCount = 1;
    dependency.pImageMemoryBarriers = &barrier;
    vkCmdPipelineBarrier2(commands, &dependency);
}

} // namespace

core::Result<std::unique_ptr<Device::UploadRing>> Device::UploadRing::create(Device& device) {
    auto ring = std::make_unique<UploadRing>();
    MATOU_TRY(staging, device.createBuffer(BufferPurpose::staging, kBytes, kName));
    ring->staging = std::move(staging);
    ring->ranges = std::make_shared<RangeAllocator>(kBytes);
    return ring;
}

core::Result<Device::UploadRing::Part> Device::UploadRing::take(Device& device, VkDeviceSize bytes) {
    if (bytes > kBytes / 2) {
        MATOU_TRY(buffer, device.createBuffer(BufferPurpose::staging, bytes, "large upload"));
        const Part part{buffer.handle(), 0, buffer.mapped()};
        large.push_back(std::move(buffer));
        return part;
    }
    std::uint64_t offset = ranges->allocate(bytes, 16);
    if (offset == RangeAllocator::kNone) {
        MATOU_CHECK(device.flushUploads());
        MATOU_CHECK(device.wait(device.submittedValue()));
        device.collect();
        offset = ranges->allocate(bytes, 16);
        // Parts are released by collect() only; nothing of this thread is left in flight, so the ring is empty here,
        // unless a command buffer under recording holds releases back: then memory of its own serves.
        if (offset == RangeAllocator::kNone) {
            MATOU_TRY(buffer, device.createBuffer(BufferPurpose::staging, bytes, "large upload"));
            const Part part{buffer.handle(), 0, buffer.mapped()};
            large.push_back(std::move(buffer));
            return part;
        }
    }
    pending.push_back({offset, bytes});
    return Part{staging.handle(), offset, staging.mapped() + offset};
}

core::Result<void> Device::upload(const Buffer& target, VkDeviceSize offset, std::span<const std::byte> bytes) {
    MATOU_EXPECT(offset + bytes.size() <= target.size());
    constexpr std::size_t kPiece = UploadRing::kBytes / 4;
    for (std::size_t done = 0; done < bytes.size();) {
        const std::size_t size = std::min(kPiece, bytes.size() - done);
        MATOU_TRY(part, _ring->take(*this, size));
        if (_ring->recording == VK_NULL_HANDLE) _ring->recording = beginCommands("uploads");
        std::memcpy(part.mapped, bytes.data() + done, size);
        const VkBufferCopy copy{part.offset, offset + done, size};
        vkCmdCopyBuffer(_ring->recording, part.buffer, target.handle(), 1, &copy);
        done += size;
    }
    return {};
}

core::Result<void> Device::upload(const Image& target, std::span<const std::byte> bytes, std::uint32_t levels) {
    const ImageDescription& d = target.description();
    MATOU_EXPECT(levels >= 1 && levels <= d.mipLevels && levels <= kGivenLevelsMost);
    MATOU_TRY(part, _ring->take(*this, bytes.size()));
    if (_ring->recording == VK_NULL_HANDLE) _ring->recording = beginCommands("uploads");
    VkCommandBuffer commands = _ring->recording;
    std::memcpy(part.mapped, bytes.data(), bytes.size());
    // ALL_COMMANDS as the source: the image may be read by frames before (atlases that change).
    imageBarrier(commands, target.handle(), 0, d.mipLevels, d.layers, VK_IMAGE_LAYOUT_UNDEFINED,
                 VK_IMAGE_LAYOUT_TRANSFER_DST_OPTIMAL, VK_PIPELINE_STAGE_2_ALL_COMMANDS_BIT, VK_ACCESS_2_NONE,
                 VK_PIPELINE_STAGE_2_ALL_TRANSFER_BIT, VK_ACCESS_2_TRANSFER_WRITE_BIT);
    const auto extent = [&](std::uint32_t level) { return VkExtent3D{std::max(1u, d.width >> level), std::max(1u, d.height >> level), 1}; };
    VkDeviceSize texels = 0;
    for (std::uint32_t level = 0; level < levels; ++level)
        texels += VkDeviceSize{extent(level).width} * extent(level).height * d.layers;
    std::array<VkBufferImageCopy, kGivenLevelsMost> copies{};
    VkDeviceSize offset = part.offset;
    for (std::uint32_t level = 0; level < levels; ++level) {
        copies[level].bufferOffset = offset;
        copies[level].imageSubresource = {VK_IMAGE_ASPECT_COLOR_BIT, level, 0, d.layers};
        copies[level].imageExtent = extent(level);
        offset += VkDeviceSize{extent(level).width} * extent(level).height * d.layers * (bytes.size() / texels);
    }
    vkCmdCopyBufferToImage(commands, part.buffer, target.handle(), VK_IMAGE_LAYOUT_TRANSFER_DST_OPTIMAL, levels,
                           copies.data());
    auto width = static_cast<std::int32_t>(extent(levels - 1).width), height = static_cast<std::int32_t>(extent(levels - 1).height);
    for (std::uint32_t level = levels; level < d.mipLevels; ++level) {
        imageBarrier(commands, target.handle(), level - 1, 1, d.layers, VK_IMAGE_LAYOUT_TRANSFER_DST_OPTIMAL,
                     VK_IMAGE_LAYOUT_TRANSFER_SRC_OPTIMAL, VK_PIPELINE_STAGE_2_ALL_TRANSFER_BIT,
                     VK_ACCESS_2_TRANSFER_WRITE_BIT, VK_PIPELINE_STAGE_2_ALL_TRANSFER_BIT,
                     VK_ACCESS_2_TRANSFER_READ_BIT);
        const std::int32_t nextWidth = std::max(1, width / 2), nextHeight = std::max(1, height / 2);
        VkImageBlit blit{};
        blit.srcSubresource = {VK_IMAGE_ASPECT_COLOR_BIT, level - 1, 0, d.layers};
        blit.srcOffsets[1] = {width, height, 1};
        blit.dstSubresource = {VK_IMAGE_ASPECT_COLOR_BIT, level, 0, d.layers};
        blit.dstOffsets[1] = {nextWidth, nextHeight, 1};
        vkCmdBlitImage(commands, target.handle(), VK_IMAGE_LAYOUT_TRANSFER_SRC_OPTIMAL, target.handle(),
                       VK_IMAGE_LAYOUT_TRANSFER_DST_OPTIMAL, 1, &blit, VK_FILTER_LINEAR);
        width = nextWidth;
        height = nextHeight;
    }
    if (levels > 1)
        imageBarrier(commands, target.handle(), 0, levels - 1, d.layers, VK_IMAGE_LAYOUT_TRANSFER_DST_OPTIMAL,
                     VK_IMAGE_LAYOUT_SHADER_READ_ONLY_OPTIMAL, VK_PIPELINE_STAGE_2_ALL_TRANSFER_BIT,
                     VK_ACCESS_2_TRANSFER_WRITE_BIT, VK_PIPELINE_STAGE_2_ALL_GRAPHICS_BIT, VK_ACCESS_2_SHADER_READ_BIT);
    if (d.mipLevels > levels)
        imageBarrier(commands, target.handle(), levels - 1, d.mipLevels - levels, d.layers, VK_IMAGE_LAYOUT_TRANSFER_SRC_OPTIMAL,
                     VK_IMAGE_LAYOUT_SHADER_READ_ONLY_OPTIMAL, VK_PIPELINE_STAGE_2_ALL_TRANSFER_BIT,
                     VK_ACCESS_2_TRANSFER_READ_BIT, VK_PIPELINE_STAGE_2_ALL_GRAPHICS_BIT, VK_ACCESS_2_SHADER_READ_BIT);
    imageBarrier(commands, target.handle(), d.mipLevels - 1, 1, d.layers, VK_IMAGE_LAYOUT_TRANSFER_DST_OPTIMAL,
                 VK_IMAGE_LAYOUT_SHADER_READ_ONLY_OPTIMAL, VK_PIPELINE_STAGE_2_ALL_TRANSFER_BIT,
                 VK_ACCESS_2_TRANSFER_WRITE_BIT, VK_PIPELINE_STAGE_2_ALL_GRAPHICS_BIT, VK_ACCESS_2_SHADER_READ_BIT);
    return {};
}

core::Result<void> Device::flushUploads() {
    if (_ring->recording == VK_NULL_HANDLE) return {};
    VkCommandBuffer commands = std::exchange(_ring->recording, VK_NULL_HANDLE);
    VkMemoryBarrier2 barrier{VK_STRUCTURE_TYPE_MEMORY_BARRIER_2};
    barrier.srcStageMask = VK_PIPELINE_STAGE_2_ALL_TRANSFER_BIT;
    barrier.srcAccessMask = VK_ACCESS_2_TRANSFER_WRITE_BIT;
    barrier.dstStageMask = VK_PIPELINE_STAGE_2_ALL_COMMANDS_BIT;
    barrier.dstAccessMask = VK_ACCESS_2_MEMORY_READ_BIT | VK_ACCESS_2_MEMORY_WRITE_BIT;
    VkDependencyInfo dependency{VK_STRUCTURE_TYPE_DEPENDENCY_INFO};
    dependency.memoryBarrierCount = 1;
    dependency.pMemoryBarriers = &barrier;
    vkCmdPipelineBarrier2(commands, &dependency);
    MATOU_TRY(value, submit(commands));
    static_cast<void>(value);
    if (!_ring->pending.empty()) {
        retire(0, [ranges = _ring->ranges, pending = std::move(_ring->pending)] {
            for (const UploadRing::Taken& part : pending)
                ranges->release(part.offset, part.size);
        });
        _ring->pending.clear();
    }
    _ring->large.clear();
    return {};
}

} // namespace matou::gpu
