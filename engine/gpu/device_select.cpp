#include "gpu/device_select.h"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cstring>

namespace matou::gpu {
namespace {

constexpr const char* kValidationLayer = "VK_LAYER_KHRONOS_validation";

std::string versionText(std::uint32_t version) {
    return std::to_string(VK_API_VERSION_MAJOR(version)) + "." + std::to_string(VK_API_VERSION_MINOR(version)) + "." +
           std::to_string(VK_API_VERSION_PATCH(version));
}

std::string lower(std::string text) {
    std::transform(text.begin(), text.end(), text.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return text;
}

std::string joined(const std::vector<std::string>& words) {
    std::string text;
    for (const std::string& word : words)
        text += (text.empty() ? "" : ", ") + word;
    return text;
}

bool hasInstanceExtension(const char* layer, const char* name) {
    std::uint32_t count = 0;
    vkEnumerateInstanceExtensionProperties(layer, &count, nullptr);
    std::vector<VkExtensionProperties> extensions(count);
    vkEnumerateInstanceExtensionProperties(layer, &count, extensions.data());
    return std::any_of(extensions.begin(), extensions.end(),
                       [&](const VkExtensionProperties& e) { return std::strcmp(e.extensionName, name) == 0; });
}

bool hasValidationLayer() {
    std::uint32_t count = 0;
    vkEnumerateInstanceLayerProperties(&count, nullptr);
    std::vector<VkLayerProperties> layers(count);
    vkEnumerateInstanceLayerProperties(&count, layers.data());
    return std::any_of(layers.begin(), layers.end(),
                       [](const VkLayerProperties& l) { return std::strcmp(l.layerName, kValidationLayer) == 0; });
}

} // namespace

FeatureChain::FeatureChain() {
    core.pNext = &v11;
    v11.pNext = &v12;
    v12.pNext = &v13;
}

#define MATOU_FEATURE(name, part)                                                                                      \
    NeededFeature {                                                                                                    \
#name, [](FeatureChain & chain) -> VkBool32& { return chain.part.name; }                                       \
    }

const std::vector<NeededFeature>& neededFeatures() {
    static const std::vector<NeededFeature> kNeeded{
        MATOU_FEATURE(multiDrawIndirect, core.features),
        MATOU_FEATURE(depthClamp, core.features),
        MATOU_FEATURE(drawIndirectFirstInstance, core.features),
        MATOU_FEATURE(shaderInt64, core.features),
        MATOU_FEATURE(shaderDrawParameters, v11),
        MATOU_FEATURE(drawIndirectCount, v12),
        MATOU_FEATURE(descriptorIndexing, v12),
        MATOU_FEATURE(shaderSampledImageArrayNonUniformIndexing, v12),
        MATOU_FEATURE(descriptorBindingSampledImageUpdateAfterBind, v12),
        MATOU_FEATURE(descriptorBindingUpdateUnusedWhilePending, v12),
        MATOU_FEATURE(descriptorBindingPartiallyBound, v12),
        MATOU_FEATURE(runtimeDescriptorArray, v12),
        MATOU_FEATURE(scalarBlockLayout, v12),
        MATOU_FEATURE(timelineSemaphore, v12),
        MATOU_FEATURE(bufferDeviceAddress, v12),
        MATOU_FEATURE(hostQueryReset, v12),
        MATOU_FEATURE(synchronization2, v13),
        MATOU_FEATURE(dynamicRendering, v13),
        MATOU_FEATURE(maintenance4, v13), // compute shaders as glslang writes them for 1.3
    };
    return kNeeded;
}
#undef MATOU_FEATURE

VkDebugUtilsMessengerCreateInfoEXT messengerInfo(const InstanceOptions& options) {
    VkDebugUtilsMessengerCreateInfoEXT info{VK_STRUCTURE_TYPE_DEBUG_UTILS_MESSENGER_CREATE_INFO_EXT};
    info.messageSeverity =
        VK_DEBUG_UTILS_MESSAGE_SEVERITY_WARNING_BIT_EXT | VK_DEBUG_UTILS_MESSAGE_SEVERITY_ERROR_BIT_EXT;
    // Only what the validation layer says: messages of type "general" come from the loader and other drivers.
    info.messageType = VK_DEBUG_UTILS_MESSAGE_TYPE_VALIDATION_BIT_EXT;
    info.pfnUserCallback = options.callback;
    info.pUserData = options.callbackUser;
    return info;
}

core::Result<MadeInstance> makeInstance(const InstanceOptions& options) {
    std::uint32_t version = VK_API_VERSION_1_0;
    vkEnumerateInstanceVersion(&version);
    if (version < VK_API_VERSION_1_3) return core::fail("E_NO_VULKAN_DRIVER", "Vulkan", {versionText(version)});
    VkApplicationInfo application{VK_STRUCTURE_TYPE_APPLICATION_INFO};
    application.pApplicationName = "matou";
    application.pEngineName = "matou";
    application.apiVersion = VK_API_VERSION_1_3;
    VkInstanceCreateInfo info{VK_STRUCTURE_TYPE_INSTANCE_CREATE_INFO};
    info.pApplicationInfo = &application;
    std::vector<const char*> layers, extensions;
    const VkDebugUtilsMessengerCreateInfoEXT messenger = messengerInfo(options);
    const VkValidationFeatureEnableEXT enabled[] = {VK_VALIDATION_FEATURE_ENABLE_SYNCHRONIZATION_VALIDATION_EXT};
    VkValidationFeaturesEXT features{VK_STRUCTURE_TYPE_VALIDATION_FEATURES_EXT, &messenger, 1, enabled, 0, nullptr};
    if (options.validation) {
        if (!hasValidationLayer()) return core::fail("E_NO_VALIDATION_LAYER", kValidationLayer);
        layers.push_back(kValidationLayer);
        extensions.push_back(VK_EXT_VALIDATION_FEATURES_EXTENSION_NAME);
        info.pNext = &features;
    }
    MadeInstance made;
    made.debugUtils = options.validation || hasInstanceExtension(nullptr, VK_EXT_DEBUG_UTILS_EXTENSION_NAME);
    if (made.debugUtils) extensions.push_back(VK_EXT_DEBUG_UTILS_EXTENSION_NAME);
    for (const std::string& name : options.extensions) {
        if (!hasInstanceExtension(nullptr, name.c_str())) return core::fail("E_NO_SURFACE_EXTENSION", name);
        extensions.push_back(name.c_str());
    }
    info.enabledLayerCount = static_cast<std::uint32_t>(layers.size());
    info.ppEnabledLayerNames = layers.data();
    info.enabledExtensionCount = static_cast<std::uint32_t>(extensions.size());
    info.ppEnabledExtensionNames = extensions.data();
    const VkResult result = vkCreateInstance(&info, nullptr, &made.instance);
    if (result == VK_ERROR_LAYER_NOT_PRESENT || (result == VK_ERROR_EXTENSION_NOT_PRESENT && options.validation))
        return core::fail("E_NO_VALIDATION_LAYER", kValidationLayer);
    if (result != VK_SUCCESS) return core::fail("E_NO_VULKAN_DRIVER", "Vulkan", {std::to_string(result)});
    return made;
}

std::vector<VkPhysicalDevice> physicalDevices(VkInstance instance) {
    std::uint32_t count = 0;
    if (vkEnumeratePhysicalDevices(instance, &count, nullptr) != VK_SUCCESS) return {};
    std::vector<VkPhysicalDevice> devices(count);
    vkEnumeratePhysicalDevices(instance, &count, devices.data());
    devices.resize(count);
    return devices;
}

const std::vector<const char*>& rayQueryExtensions() {
    static const std::vector<const char*> kNames{VK_KHR_ACCELERATION_STRUCTURE_EXTENSION_NAME, VK_KHR_RAY_QUERY_EXTENSION_NAME,
                                                 VK_KHR_DEFERRED_HOST_OPERATIONS_EXTENSION_NAME};
    return kNames;
}

bool offersRayQuery(VkPhysicalDevice device) {
    std::uint32_t count = 0;
    vkEnumerateDeviceExtensionProperties(device, nullptr, &count, nullptr);
    std::vector<VkExtensionProperties> there(count);
    vkEnumerateDeviceExtensionProperties(device, nullptr, &count, there.data());
    for (const char* name : rayQueryExtensions())
        if (std::none_of(there.begin(), there.end(), [&](const VkExtensionProperties& e) { return std::strcmp(e.extensionName, name) == 0; })) return false;
    RayQueryFeatures features;
    VkPhysicalDeviceFeatures2 all{VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_FEATURES_2, &features.structures};
    features.structures.pNext = &features.query;
    vkGetPhysicalDeviceFeatures2(device, &all);
    return features.structures.accelerationStructure != 0 && features.query.rayQuery != 0;
}

DeviceDescription describe(VkPhysicalDevice device, std::uint32_t number) {
    VkPhysicalDeviceDriverProperties driver{VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_DRIVER_PROPERTIES};
    VkPhysicalDeviceProperties2 properties{VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_PROPERTIES_2, &driver};
    VkPhysicalDeviceProperties basic{};
    vkGetPhysicalDeviceProperties(device, &basic);
    DeviceDescription description;
    description.number = number;
    description.name = basic.deviceName;
    description.apiVersion = versionText(basic.apiVersion);
    description.software = basic.deviceType == VK_PHYSICAL_DEVICE_TYPE_CPU;
    switch (basic.deviceType) {
    case VK_PHYSICAL_DEVICE_TYPE_DISCRETE_GPU:
        description.kind = "discrete";
        break;
    case VK_PHYSICAL_DEVICE_TYPE_INTEGRATED_GPU:
        description.kind = "integrated";
        break;
    case VK_PHYSICAL_DEVICE_TYPE_VIRTUAL_GPU:
        description.kind = "virtual";
        break;
    case VK_PHYSICAL_DEVICE_TYPE_CPU:
        description.kind = "cpu";
        break;
    default:
        description.kind = "other";
        break;
    }
    if (basic.apiVersion < VK_API_VERSION_1_3) {
        description.missing.push_back("Vulkan 1.3");
        return description;
    }
    vkGetPhysicalDeviceProperties2(device, &properties);
    description.driver = std::string(driver.driverName) + " " + driver.driverInfo;
    FeatureChain chain;
    vkGetPhysicalDeviceFeatures2(device, &chain.core);
    for (const NeededFeature& feature : neededFeatures())
        if (feature.flag(chain) != VK_TRUE) description.missing.push_back(feature.name);
    const VkPhysicalDeviceFeatures& f = chain.core.features;
    if (f.samplerAnisotropy != 0) description.optional.push_back("samplerAnisotropy");
    if (f.textureCompressionBC != 0) description.optional.push_back("textureCompressionBC");
    if (f.fillModeNonSolid != 0) description.optional.push_back("fillModeNonSolid");
    if (f.pipelineStatisticsQuery != 0) description.optional.push_back("pipelineStatisticsQuery");
    if (f.depthClamp != 0) description.optional.push_back("depthClamp");
    if (offersRayQuery(device)) description.optional.push_back("rayQuery");
    const VkPhysicalDeviceLimits& limits = basic.limits;
    description.limits = {
        {"maxImageDimension2D", limits.maxImageDimension2D},
        {"maxFramebufferSamples", 1u << (31 - __builtin_clz(limits.framebufferColorSampleCounts | 1u))},
        {"maxDrawIndirectCount", limits.maxDrawIndirectCount},
        {"maxMemoryAllocationCount", limits.maxMemoryAllocationCount},
        {"maxPerStageDescriptorSampledImages", limits.maxPerStageDescriptorSampledImages},
        {"maxSamplerAnisotropy", static_cast<std::uint64_t>(limits.maxSamplerAnisotropy)},
    };
    VkPhysicalDeviceMemoryProperties memory{};
    vkGetPhysicalDeviceMemoryProperties(device, &memory);
    for (std::uint32_t i = 0; i < memory.memoryHeapCount; ++i)
        if ((memory.memoryHeaps[i].flags & VK_MEMORY_HEAP_DEVICE_LOCAL_BIT) != 0)
            description.memoryBytes += memory.memoryHeaps[i].size;
    return description;
}

core::Result<std::size_t> chooseDevice(const std::vector<DeviceDescription>& devices, const std::string& select) {
    if (devices.empty()) return core::fail("E_NO_DEVICE", "Vulkan");
    std::vector<std::size_t> fitting;
    std::uint32_t number = 0;
    const auto parsed = std::from_chars(select.data(), select.data() + select.size(), number);
    const bool isNumber = !select.empty() && parsed.ec == std::errc{} && parsed.ptr == select.data() + select.size();
    for (std::size_t i = 0; i < devices.size(); ++i)
        if (select.empty() ||
            (isNumber ? devices[i].number == number : lower(devices[i].name).find(lower(select)) != std::string::npos))
            fitting.push_back(i);
    if (fitting.empty()) {
        std::vector<std::string> names;
        for (const DeviceDescription& device : devices)
            names.push_back(std::to_string(device.number) + " " + device.name);
        return core::fail("E_DEVICE_UNKNOWN", "--device " + select, {joined(names)});
    }
    const auto rank = [&](std::size_t i) {
        static const char* const kOrder[] = {"discrete", "integrated", "virtual", "cpu", "other"};
        int r = devices[i].missing.empty() ? 0 : 100;
        for (const char* kind : kOrder) {
            if (devices[i].kind == kind) break;
            ++r;
        }
        return r;
    };
    const std::size_t best = *std::min_element(fitting.begin(), fitting.end(),
                                               [&](std::size_t a, std::size_t b) { return rank(a) < rank(b); });
    if (!devices[best].missing.empty())
        return core::fail("E_DEVICE_FEATURE", devices[best].name, {joined(devices[best].missing)});
    return best;
}

core::Result<std::vector<DeviceDescription>> listDevices() {
    MATOU_TRY(made, makeInstance({}));
    std::vector<DeviceDescription> descriptions;
    for (VkPhysicalDevice device : physicalDevices(made.instance))
        descriptions.push_back(describe(device, static_cast<std::uint32_t>(descriptions.size())));
    vkDestroyInstance(made.instance, nullptr);
    if (descriptions.empty()) return core::fail("E_NO_DEVICE", "Vulkan");
    return descriptions;
}

} // namespace matou::gpu
