#pragma once
// Acceleration structures for ray queries: what OptionalFeatures::rayQuery promises. Thread: main lane.

#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include <vulkan/vulkan_core.h>

#include "core/result.h"
#include "gpu/device.h"

namespace matou::gpu {

/// Holds its memory; retires with it.
struct Acceleration {
    Buffer memory; // before the handle, which goes first
    Owned<VkAccelerationStructureKHR> handle;
    VkDeviceAddress address = 0; // for instances and for shaders
};

/// Triangles of three places each, floats, one behind the other, in a buffer of purpose geometry or frame.
struct TriangleInput {
    VkDeviceAddress corners = 0;
    std::uint32_t triangles = 0;
    std::string name;
};

/// One structure for each input. The work is recorded; later commands of the queue see it. Errors: E_GPU_MEMORY.
core::Result<std::vector<std::unique_ptr<Acceleration>>> buildTriangles(Device& device, VkCommandBuffer commands,
                                                                        std::span<const TriangleInput> inputs);

/// A scene of `count` VkAccelerationStructureInstanceKHR at that address, 16-byte aligned. As above.
core::Result<std::unique_ptr<Acceleration>> buildScene(Device& device, VkCommandBuffer commands, VkDeviceAddress instances,
                                                       std::uint32_t count, const std::string& name);

} // namespace matou::gpu
