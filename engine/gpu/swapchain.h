#pragma once
// The images of one window. The picture is drawn elsewhere and copied in, so a window shows exactly what a file would
// hold.

#include <cstdint>
#include <memory>
#include <vector>

#include "core/result.h"
#include "gpu/device.h"

namespace matou::gpu {

class Swapchain {
public:
    /// Takes over the surface. Errors: E_NO_PRESENT (this device cannot show on it), E_SWAPCHAIN.
    static core::Result<std::unique_ptr<Swapchain>> create(Device& device, const MakeSurface& makeSurface,
                                                           std::uint32_t width, std::uint32_t height, bool vsync);
    ~Swapchain();
    Swapchain(const Swapchain&) = delete;
    Swapchain& operator=(const Swapchain&) = delete;

    core::Result<void> resize(std::uint32_t width, std::uint32_t height);
    std::uint32_t width() const { return _extent.width; }
    std::uint32_t height() const { return _extent.height; }

    struct Acquired {
        bool ready = false; // false: minimised, or resize() is due
        bool outdated = false;
        std::uint32_t index = 0;
        VkImage image = VK_NULL_HANDLE;
        VkSemaphore available = VK_NULL_HANDLE; // the submission waits for it
        VkSemaphore finished = VK_NULL_HANDLE;  // and signals this
    };
    /// Errors: E_SWAPCHAIN.
    core::Result<Acquired> acquire();
    /// Copies `source` (in TRANSFER_SRC layout) into the acquired image and leaves that ready to present.
    void recordCopy(VkCommandBuffer commands, const Acquired& target, const Image& source) const;
    /// False where resize() is due. Errors: E_SWAPCHAIN.
    core::Result<bool> present(const Acquired& target);

private:
    explicit Swapchain(Device& device) : _device(device) {}
    core::Result<void> build(std::uint32_t width, std::uint32_t height);
    void destroyImages();

    Device& _device;
    VkSurfaceKHR _surface = VK_NULL_HANDLE;
    VkSwapchainKHR _swapchain = VK_NULL_HANDLE;
    VkExtent2D _extent{};
    bool _vsync = true;
    std::vector<VkImage> _images;
    std::vector<VkSemaphore> _finished; // one per image
    /// Each is free again when the timeline passes the frame that waited for it.
    struct Available {
        VkSemaphore semaphore = VK_NULL_HANDLE;
        std::uint64_t busyUntil = 0;
    };
    std::vector<Available> _available;
};

} // namespace matou::gpu
