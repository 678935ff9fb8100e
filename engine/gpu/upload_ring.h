#pragma once
// Staging memory for uploads; a part of it is reused when the timeline passes the submission that copied from it.

#include <memory>
#include <vector>

#include "core/result.h"
#include "gpu/device.h"

namespace matou::gpu {

struct Device::UploadRing {
    static constexpr VkDeviceSize kBytes = 32ull << 20;
    static constexpr const char* kName = "upload ring";
    static core::Result<std::unique_ptr<UploadRing>> create(Device& device);

    struct Part {
        VkBuffer buffer = VK_NULL_HANDLE;
        VkDeviceSize offset = 0;
        std::byte* mapped = nullptr;
    };
    /// A part of the ring, or memory of its own where it is larger than half of the ring. Waits where the ring is full.
    core::Result<Part> take(Device& device, VkDeviceSize bytes);

    Buffer staging;
    std::shared_ptr<RangeAllocator> ranges; // shared with retired releases
    struct Taken {
        std::uint64_t offset = 0, size = 0;
    };
    std::vector<Taken> pending;
    std::vector<Buffer> large;
    VkCommandBuffer recording = VK_NULL_HANDLE;
};

} // namespace matou::gpu
