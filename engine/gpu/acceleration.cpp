#include "gpu/acceleration.h"

#include <algorithm>
#include <vector>

namespace matou::gpu {
namespace {

template <typename Function>
Function load(Device& device, const char* name) {
    return reinterpret_cast<Function>(vkGetDeviceProcAddr(device.handle(), name));
}

/// A geometry and what its structure needs; `count` triangles or instances.
struct Build {
    VkAccelerationStructureGeometryKHR geometry{VK_STRUCTURE_TYPE_ACCELERATION_STRUCTURE_GEOMETRY_KHR};
    VkAccelerationStructureTypeKHR type = VK_ACCELERATION_STRUCTURE_TYPE_BOTTOM_LEVEL_KHR;
    std::uint32_t count = 0;
    std::string name;
    VkAccelerationStructureBuildSizesInfoKHR sizes{VK_STRUCTURE_TYPE_ACCELERATION_STRUCTURE_BUILD_SIZES_INFO_KHR};

    VkAccelerationStructureBuildGeometryInfoKHR info() const {
        VkAccelerationStructureBuildGeometryInfoKHR info{VK_STRUCTURE_TYPE_ACCELERATION_STRUCTURE_BUILD_GEOMETRY_INFO_KHR};
        info.type = type;
        info.flags = VK_BUILD_ACCELERATION_STRUCTURE_PREFER_FAST_TRACE_BIT_KHR;
        info.mode = VK_BUILD_ACCELERATION_STRUCTURE_MODE_BUILD_KHR;
        info.geometryCount = 1;
        info.pGeometries = &geometry;
        return info;
    }
};

core::Result<std::unique_ptr<Acceleration>> reserve(Device& device, const Build& build) {
    auto made = std::make_unique<Acceleration>();
    MATOU_TRY(memory, device.createBuffer(BufferPurpose::acceleration, build.sizes.accelerationStructureSize, build.name));
    made->memory = std::move(memory);
    VkAccelerationStructureCreateInfoKHR info{VK_STRUCTURE_TYPE_ACCELERATION_STRUCTURE_CREATE_INFO_KHR};
    info.buffer = made->memory.handle();
    info.size = build.sizes.accelerationStructureSize;
    info.type = build.type;
    VkAccelerationStructureKHR handle = VK_NULL_HANDLE;
    if (load<PFN_vkCreateAccelerationStructureKHR>(device, "vkCreateAccelerationStructureKHR")(device.handle(), &info, nullptr, &handle) != VK_SUCCESS)
        return core::fail("E_GPU_MEMORY", build.name, {std::to_string(info.size)});
    made->handle = device.own(handle, VK_OBJECT_TYPE_ACCELERATION_STRUCTURE_KHR, build.name);
    const VkAccelerationStructureDeviceAddressInfoKHR address{VK_STRUCTURE_TYPE_ACCELERATION_STRUCTURE_DEVICE_ADDRESS_INFO_KHR, nullptr, handle};
    made->address = load<PFN_vkGetAccelerationStructureDeviceAddressKHR>(device, "vkGetAccelerationStructureDeviceAddressKHR")(device.handle(), &address);
    return made;
}

void builtBarrier(VkCommandBuffer commands) {
    VkMemoryBarrier2 barrier{VK_STRUCTURE_TYPE_MEMORY_BARRIER_2};
    barrier.srcStageMask = VK_PIPELINE_STAGE_2_ACCELERATION_STRUCTURE_BUILD_BIT_KHR;
    barrier.srcAccessMask = VK_ACCESS_2_ACCELERATION_STRUCTURE_WRITE_BIT_KHR;
    // The next build (which uses the same scratch memory), and shaders.
    barrier.dstStageMask = VK_PIPELINE_STAGE_2_ACCELERATION_STRUCTURE_BUILD_BIT_KHR | VK_PIPELINE_STAGE_2_COMPUTE_SHADER_BIT;
    barrier.dstAccessMask = VK_ACCESS_2_ACCELERATION_STRUCTURE_READ_BIT_KHR | VK_ACCESS_2_ACCELERATION_STRUCTURE_WRITE_BIT_KHR;
    VkDependencyInfo dependency{VK_STRUCTURE_TYPE_DEPENDENCY_INFO};
    dependency.memoryBarrierCount = 1;
    dependency.pMemoryBarriers = &barrier;
    vkCmdPipelineBarrier2(commands, &dependency);
}

VkDeviceSize scratchAlignment(const Device& device) {
    VkPhysicalDeviceAccelerationStructurePropertiesKHR own{VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_ACCELERATION_STRUCTURE_PROPERTIES_KHR};
    VkPhysicalDeviceProperties2 all{VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_PROPERTIES_2, &own};
    vkGetPhysicalDeviceProperties2(device.physical(), &all);
    return own.minAccelerationStructureScratchOffsetAlignment;
}

/// One after the other, so that the scratch memory is that of the largest.
core::Result<std::vector<std::unique_ptr<Acceleration>>> record(Device& device, VkCommandBuffer commands, std::vector<Build>& builds) {
    std::vector<std::unique_ptr<Acceleration>> all;
    VkDeviceSize scratchBytes = 0;
    const auto sizesOf = load<PFN_vkGetAccelerationStructureBuildSizesKHR>(device, "vkGetAccelerationStructureBuildSizesKHR");
    for (Build& build : builds) {
        const auto info = build.info();
        sizesOf(device.handle(), VK_ACCELERATION_STRUCTURE_BUILD_TYPE_DEVICE_KHR, &info, &build.count, &build.sizes);
        scratchBytes = std::max(scratchBytes, build.sizes.buildScratchSize);
        MATOU_TRY(made, reserve(device, build));
        all.push_back(std::move(made));
    }
    const VkDeviceSize alignment = std::max<VkDeviceSize>(1, scratchAlignment(device));
    MATOU_TRY(scratch, device.createBuffer(BufferPurpose::acceleration, scratchBytes + alignment, "acceleration scratch"));
    const auto run = load<PFN_vkCmdBuildAccelerationStructuresKHR>(device, "vkCmdBuildAccelerationStructuresKHR");
    for (std::size_t i = 0; i < builds.size(); ++i) {
        auto info = builds[i].info();
        info.dstAccelerationStructure = all[i]->handle.get();
        info.scratchData.deviceAddress = (scratch.address() + alignment - 1) / alignment * alignment;
        const VkAccelerationStructureBuildRangeInfoKHR range{builds[i].count, 0, 0, 0}, *ranges = &range;
        run(commands, 1, &info, &ranges);
        builtBarrier(commands);
    }
    return all;
}

} // namespace

core::Result<std::vector<std::unique_ptr<Acceleration>>> buildTriangles(Device& device, VkCommandBuffer commands,
                                                                        std::span<const TriangleInput> inputs) {
    std::vector<Build> builds;
    for (const TriangleInput& input : inputs) {
        Build build;
        build.count = input.triangles;
        build.name = input.name;
        build.geometry.geometryType = VK_GEOMETRY_TYPE_TRIANGLES_KHR;
        auto& triangles = build.geometry.geometry.triangles;
        triangles = {VK_STRUCTURE_TYPE_ACCELERATION_STRUCTURE_GEOMETRY_TRIANGLES_DATA_KHR};
        triangles.vertexFormat = VK_FORMAT_R32G32B32_SFLOAT;
        triangles.vertexData.deviceAddress = input.corners;
        triangles.vertexStride = 12;
        triangles.maxVertex = 3 * input.triangles - 1;
        triangles.indexType = VK_INDEX_TYPE_NONE_KHR;
        builds.push_back(std::move(build));
    }
    return record(device, commands, builds);
}

core::Result<std::unique_ptr<Acceleration>> buildScene(Device& device, VkCommandBuffer commands, VkDeviceAddress instances,
                                                       std::uint32_t count, const std::string& name) {
    std::vector<Build> builds(1);
    builds[0].type = VK_ACCELERATION_STRUCTURE_TYPE_TOP_LEVEL_KHR;
    builds[0].count = count;
    builds[0].name = name;
    builds[0].geometry.geometryType = VK_GEOMETRY_TYPE_INSTANCES_KHR;
    auto& input = builds[0].geometry.geometry.instances;
    input = {VK_STRUCTURE_TYPE_ACCELERATION_STRUCTURE_GEOMETRY_INSTANCES_DATA_KHR};
    input.data.deviceAddress = instances;
    MATOU_TRY(made, record(device, commands, builds));
    return std::move(made.front());
}

} // namespace matou::gpu
