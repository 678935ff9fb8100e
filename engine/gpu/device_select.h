#pragma once
// Instances, and which device to take.

#include <string>
#include <vector>

#include <vulkan/vulkan_core.h>

#include "core/result.h"
#include "gpu/device.h"

namespace matou::gpu {

/// The feature chain that Device asks for and that describe() checks.
struct FeatureChain {
    VkPhysicalDeviceFeatures2 core{VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_FEATURES_2};
    VkPhysicalDeviceVulkan11Features v11{VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_VULKAN_1_1_FEATURES};
    VkPhysicalDeviceVulkan12Features v12{VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_VULKAN_1_2_FEATURES};
    VkPhysicalDeviceVulkan13Features v13{VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_VULKAN_1_3_FEATURES};
    FeatureChain();
    FeatureChain(const FeatureChain&) = delete;
    FeatureChain& operator=(const FeatureChain&) = delete;
};

/// A needed feature: its name in the specification and where it stands in the chain.
struct NeededFeature {
    const char* name;
    VkBool32& (*flag)(FeatureChain&);
};
const std::vector<NeededFeature>& neededFeatures();

struct InstanceOptions {
    bool validation = false;
    std::vector<std::string> extensions;
    PFN_vkDebugUtilsMessengerCallbackEXT callback = nullptr;
    void* callbackUser = nullptr;
};
struct MadeInstance {
    VkInstance instance = VK_NULL_HANDLE;
    bool debugUtils = false;
};
/// Errors: E_NO_VULKAN_DRIVER, E_NO_VALIDATION_LAYER, E_NO_SURFACE_EXTENSION.
core::Result<MadeInstance> makeInstance(const InstanceOptions& options);

VkDebugUtilsMessengerCreateInfoEXT messengerInfo(const InstanceOptions& options);

/// Extensions of a device that offers ray queries, all of which it must have.
const std::vector<const char*>& rayQueryExtensions();
/// The features that go with them.
struct RayQueryFeatures {
    VkPhysicalDeviceAccelerationStructureFeaturesKHR structures{VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_ACCELERATION_STRUCTURE_FEATURES_KHR};
    VkPhysicalDeviceRayQueryFeaturesKHR query{VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_RAY_QUERY_FEATURES_KHR};
};
bool offersRayQuery(VkPhysicalDevice device);

DeviceDescription describe(VkPhysicalDevice device, std::uint32_t number);
std::vector<VkPhysicalDevice> physicalDevices(VkInstance instance);
/// Index of the chosen one. Errors: E_NO_DEVICE, E_DEVICE_UNKNOWN, E_DEVICE_FEATURE.
core::Result<std::size_t> chooseDevice(const std::vector<DeviceDescription>& devices, const std::string& select);

} // namespace matou::gpu
