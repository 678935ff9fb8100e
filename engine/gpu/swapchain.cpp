#include "gpu/swapchain.h"

#include <algorithm>

namespace matou::gpu {
namespace {

core::Result<void> check(VkResult result, const char* what) {
    if (result == VK_SUCCESS) return {};
    return core::fail("E_SWAPCHAIN", what, {std::to_string(result)});
}

void barrier(VkCommandBuffer commands, VkImage image, VkImageLayout from, VkImageLayout to,
             VkPipelineStageFlags2 fromStage, VkAccessFlags2 fromAccess, VkPipelineStageFlags2 toStage,
             VkAccessFlags2 toAccess) {
    VkImageMemoryBarrier2 b{VK_STRUCTURE_TYPE_IMAGE_MEMORY_BARRIER_2};
    b.srcStageMask = fromStage;
    b.srcAccessMask = fromAccess;
    b.dstStageMask = toStage;
    b.dstAccessMask = toAccess;
    b.oldLayout = from;
    b.newLayout = to;
    b.srcQueueFamilyIndex = b.dstQueueFamilyIndex = VK_QUEUE_FAMILY_IGNORED;
    b.image = image;
    b.subresourceRange = {VK_IMAGE_ASPECT_COLOR_BIT, 0, 1, 0, 1};
    VkDependencyInfo info{VK_STRUCTURE_TYPE_DEPENDENCY_INFO};
    info.imageMemoryBarrierCount = 1;
    info.pImageMemoryBarriers = &b;
    vkCmdPipelineBarrier2(commands, &info);
}

} // namespace

core::Result<std::unique_ptr<Swapchain>> Swapchain::create(Device& device, const MakeSurface& makeSurface,
                                                           std::uint32_t width, std::uint32_t height, bool vsync) {
    if (!device.presents()) return core::fail("E_NO_PRESENT", device.description().name);
    std::unique_ptr<Swapchain> chain(new Swapchain(device));
    chain->_vsync = vsync;
    chain->_surface = makeSurface(device.instance());
    if (chain->_surface == VK_NULL_HANDLE) return core::fail("E_SWAPCHAIN", "surface", {"0"});
    VkBool32 supported = VK_FALSE;
    vkGetPhysicalDeviceSurfaceSupportKHR(device.physical(), device.queueFamily(), chain->_surface, &supported);
    if (supported == VK_FALSE) return core::fail("E_NO_PRESENT", device.description().name);
    MATOU_CHECK(chain->build(width, height));
    return chain;
}

Swapchain::~Swapchain() {
    // What is presented cannot be waited for by the timeline; a window closes rarely enough for the idle wait.
    _device.waitIdle();
    destroyImages();
    if (_swapchain != VK_NULL_HANDLE) vkDestroySwapchainKHR(_device.handle(), _swapchain, nullptr);
    if (_surface != VK_NULL_HANDLE) vkDestroySurfaceKHR(_device.instance(), _surface, nullptr);
}

void Swapchain::destroyImages() {
    for (VkSemaphore semaphore : _finished)
        vkDestroySemaphore(_device.handle(), semaphore, nullptr);
    for (const Available& available : _available)
        vkDestroySemaphore(_device.handle(), available.semaphore, nullptr);
    _finished.clear();
    _available.clear();
    _images.clear();
}

core::Result<void> Swapchain::build(std::uint32_t width, std::uint32_t height) {
    VkSurfaceCapabilitiesKHR capabilities{};
    MATOU_CHECK(
        check(vkGetPhysicalDeviceSurfaceCapabilitiesKHR(_device.physical(), _surface, &capabilities), "capabilities"));
    std::uint32_t count = 0;
    vkGetPhysicalDeviceSurfaceFormatsKHR(_device.physical(), _surface, &count, nullptr);
    std::vector<VkSurfaceFormatKHR> formats(count);
    vkGetPhysicalDeviceSurfaceFormatsKHR(_device.physical(), _surface, &count, formats.data());
    if (formats.empty()) return core::fail("E_NO_PRESENT", _device.description().name);
    VkSurfaceFormatKHR format = formats.front();
    for (const VkSurfaceFormatKHR& f : formats)
        if (f.format == VK_FORMAT_B8G8R8A8_UNORM || f.format == VK_FORMAT_R8G8B8A8_UNORM) {
            format = f;
            break;
        }
    VkPresentModeKHR mode = VK_PRESENT_MODE_FIFO_KHR; // always there
    if (!_vsync) {
        vkGetPhysicalDeviceSurfacePresentModesKHR(_device.physical(), _surface, &count, nullptr);
        std::vector<VkPresentModeKHR> modes(count);
        vkGetPhysicalDeviceSurfacePresentModesKHR(_device.physical(), _surface, &count, modes.data());
        for (VkPresentModeKHR m : modes)
            if (m == VK_PRESENT_MODE_IMMEDIATE_KHR || m == VK_PRESENT_MODE_MAILBOX_KHR) mode = m;
    }
    _extent = capabilities.currentExtent;
    if (_extent.width == 0xffffffffu) {
        _extent.width = std::clamp(width, capabilities.minImageExtent.width, capabilities.maxImageExtent.width);
        _extent.height = std::clamp(height, capabilities.minImageExtent.height, capabilities.maxImageExtent.height);
    }
    if (_extent.width == 0 || _extent.height == 0) return {}; // minimised: acquire() says not ready
    VkSwapchainCreateInfoKHR info{VK_STRUCTURE_TYPE_SWAPCHAIN_CREATE_INFO_KHR};
    info.surface = _surface;
    info.minImageCount = std::max(capabilities.minImageCount, 3u);
    if (capabilities.maxImageCount > 0) info.minImageCount = std::min(info.minImageCount, capabilities.maxImageCount);
    info.imageFormat = format.format;
    info.imageColorSpace = format.colorSpace;
    info.imageExtent = _extent;
    info.imageArrayLayers = 1;
    info.imageUsage = VK_IMAGE_USAGE_TRANSFER_DST_BIT;
    info.imageSharingMode = VK_SHARING_MODE_EXCLUSIVE;
    info.preTransform = capabilities.currentTransform;
    info.compositeAlpha = (capabilities.supportedCompositeAlpha & VK_COMPOSITE_ALPHA_OPAQUE_BIT_KHR) != 0
                              ? VK_COMPOSITE_ALPHA_OPAQUE_BIT_KHR
                              : VK_COMPOSITE_ALPHA_INHERIT_BIT_KHR;
    info.presentMode = mode;
    info.clipped = VK_TRUE;
    info.oldSwapchain = _swapchain;
    VkSwapchainKHR fresh = VK_NULL_HANDLE;
    MATOU_CHECK(check(vkCreateSwapchainKHR(_device.handle(), &info, nullptr, &fresh), "swapchain"));
    if (_swapchain != VK_NULL_HANDLE) vkDestroySwapchainKHR(_device.handle(), _swapchain, nullptr);
    _swapchain = fresh;
    vkGetSwapchainImagesKHR(_device.handle(), _swapchain, &count, nullptr);
    _images.resize(count);
    vkGetSwapchainImagesKHR(_device.handle(), _swapchain, &count, _images.data());
    const VkSemaphoreCreateInfo semaphore{VK_STRUCTURE_TYPE_SEMAPHORE_CREATE_INFO};
    _finished.resize(count);
    for (VkSemaphore& s : _finished)
        MATOU_CHECK(check(vkCreateSemaphore(_device.handle(), &semaphore, nullptr, &s), "semaphore"));
    return {};
}

core::Result<void> Swapchain::resize(std::uint32_t width, std::uint32_t height) {
    _device.waitIdle();
    destroyImages();
    return build(width, height);
}

core::Result<Swapchain::Acquired> Swapchain::acquire() {
    Acquired acquired;
    if (_images.empty()) {
        acquired.outdated = true;
        return acquired;
    }
    const std::uint64_t done = _device.completedValue();
    Available* free = nullptr;
    for (Available& available : _available)
        if (available.busyUntil <= done) free = &available;
    if (free == nullptr) {
        const VkSemaphoreCreateInfo info{VK_STRUCTURE_TYPE_SEMAPHORE_CREATE_INFO};
        Available fresh;
        MATOU_CHECK(check(vkCreateSemaphore(_device.handle(), &info, nullptr, &fresh.semaphore), "semaphore"));
        _available.push_back(fresh);
        free = &_available.back();
    }
    const VkResult result =
        vkAcquireNextImageKHR(_device.handle(), _swapchain, ~0ull, free->semaphore, VK_NULL_HANDLE, &acquired.index);
    if (result == VK_ERROR_OUT_OF_DATE_KHR) {
        acquired.outdated = true;
        return acquired;
    }
    if (result != VK_SUCCESS && result != VK_SUBOPTIMAL_KHR)
        return core::fail("E_SWAPCHAIN", "acquire", {std::to_string(result)});
    acquired.outdated = result == VK_SUBOPTIMAL_KHR;
    acquired.ready = true;
    acquired.image = _images[acquired.index];
    acquired.available = free->semaphore;
    acquired.finished = _finished[acquired.index];
    free->busyUntil = _device.submittedValue() + 1; // the very next submission waits for it
    return acquired;
}

void Swapchain::recordCopy(VkCommandBuffer commands, const Acquired& target, const Image& source) const {
    barrier(commands, target.image, VK_IMAGE_LAYOUT_UNDEFINED, VK_IMAGE_LAYOUT_TRANSFER_DST_OPTIMAL,
            VK_PIPELINE_STAGE_2_ALL_TRANSFER_BIT, VK_ACCESS_2_NONE, VK_PIPELINE_STAGE_2_ALL_TRANSFER_BIT,
            VK_ACCESS_2_TRANSFER_WRITE_BIT);
    VkImageBlit blit{};
    blit.srcSubresource = blit.dstSubresource = {VK_IMAGE_ASPECT_COLOR_BIT, 0, 0, 1};
    blit.srcOffsets[1] = {static_cast<std::int32_t>(source.description().width),
                          static_cast<std::int32_t>(source.description().height), 1};
    blit.dstOffsets[1] = {static_cast<std::int32_t>(_extent.width), static_cast<std::int32_t>(_extent.height), 1};
    const bool same = source.description().width == _extent.width && source.description().height == _extent.height;
    vkCmdBlitImage(commands, source.handle(), VK_IMAGE_LAYOUT_TRANSFER_SRC_OPTIMAL, target.image,
                   VK_IMAGE_LAYOUT_TRANSFER_DST_OPTIMAL, 1, &blit, same ? VK_FILTER_NEAREST : VK_FILTER_LINEAR);
    barrier(commands, target.image, VK_IMAGE_LAYOUT_TRANSFER_DST_OPTIMAL, VK_IMAGE_LAYOUT_PRESENT_SRC_KHR,
            VK_PIPELINE_STAGE_2_ALL_TRANSFER_BIT, VK_ACCESS_2_TRANSFER_WRITE_BIT, VK_PIPELINE_STAGE_2_NONE,
            VK_ACCESS_2_NONE);
}

core::Result<bool> Swapchain::present(const Acquired& target) {
    VkPresentInfoKHR info{VK_STRUCTURE_TYPE_PRESENT_INFO_KHR};
    info.waitSemaphoreCount = 1;
    info.pWaitSemaphores = &target.finished;
    info.swapchainCount = 1;
    info.pSwapchains = &_swapchain;
    info.pImageIndices = &target.index;
    const VkResult result = vkQueuePresentKHR(_device.queue(), &info);
    if (result == VK_ERROR_OUT_OF_DATE_KHR || result == VK_SUBOPTIMAL_KHR) return false;
    if (result != VK_SUCCESS) return core::fail("E_SWAPCHAIN", "present", {std::to_string(result)});
    return true;
}

} // namespace matou::gpu
