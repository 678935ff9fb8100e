#include "gpu/device.h"

#include <algorithm>

#include "core/expect.h"
#include "core/log.h"
#include "gpu/device_select.h"
#include "gpu/upload_ring.h"

namespace matou::gpu {
namespace {

VKAPI_ATTR VkBool32 VKAPI_CALL onMessage(VkDebugUtilsMessageSeverityFlagBitsEXT, VkDebugUtilsMessageTypeFlagsEXT,
                                         const VkDebugUtilsMessengerCallbackDataEXT* data, void* user) {
    static_cast<Device*>(user)->noteValidationMessage(data->pMessage != nullptr ? data->pMessage : "");
    return VK_FALSE;
}

template <typename Function>
Function load(VkInstance instance, const char* name) {
    return reinterpret_cast<Function>(vkGetInstanceProcAddr(instance, name));
}

} // namespace

core::Result<std::unique_ptr<Device>> Device::create(const DeviceOptions& options) {
    std::unique_ptr<Device> device(new Device());
    MATOU_CHECK(device->createDevice(options));
    return device;
}

core::Result<void> Device::createDevice(const DeviceOptions& options) {
    InstanceOptions instanceOptions{options.validation, options.surfaceExtensions, onMessage, this};
    MATOU_TRY(made, makeInstance(instanceOptions));
    _instance = made.instance;
    _validation = options.validation;
    if (_validation) {
        const VkDebugUtilsMessengerCreateInfoEXT info = messengerInfo(instanceOptions);
        load<PFN_vkCreateDebugUtilsMessengerEXT>(_instance, "vkCreateDebugUtilsMessengerEXT")(_instance, &info, nullptr,
                                                                                              &_messenger);
    }
    if (made.debugUtils) {
        _setName = load<PFN_vkSetDebugUtilsObjectNameEXT>(_instance, "vkSetDebugUtilsObjectNameEXT");
        _beginLabel = load<PFN_vkCmdBeginDebugUtilsLabelEXT>(_instance, "vkCmdBeginDebugUtilsLabelEXT");
        _endLabel = load<PFN_vkCmdEndDebugUtilsLabelEXT>(_instance, "vkCmdEndDebugUtilsLabelEXT");
    }
    const std::vector<VkPhysicalDevice> physicals = physicalDevices(_instance);
    std::vector<DeviceDescription> descriptions;
    for (VkPhysicalDevice physical : physicals)
        descriptions.push_back(describe(physical, static_cast<std::uint32_t>(descriptions.size())));
    MATOU_TRY(chosen, chooseDevice(descriptions, options.select));
    _physical = physicals[chosen];
    _description = descriptions[chosen];
    VkPhysicalDeviceProperties properties{};
    vkGetPhysicalDeviceProperties(_physical, &properties);
    _limits = properties.limits;

    std::uint32_t familyCount = 0;
    vkGetPhysicalDeviceQueueFamilyProperties(_physical, &familyCount, nullptr);
    std::vector<VkQueueFamilyProperties> families(familyCount);
    vkGetPhysicalDeviceQueueFamilyProperties(_physical, &familyCount, families.data());
    constexpr VkQueueFlags kNeeded = VK_QUEUE_GRAPHICS_BIT | VK_QUEUE_COMPUTE_BIT;
    _queueFamily = familyCount;
    for (std::uint32_t i = 0; i < familyCount && _queueFamily == familyCount; ++i)
        if ((families[i].queueFlags & kNeeded) == kNeeded) _queueFamily = i;
    if (_queueFamily == familyCount) return core::fail("E_DEVICE_FEATURE", _description.name, {"graphics queue"});

    FeatureChain available, wanted;
    vkGetPhysicalDeviceFeatures2(_physical, &available.core);
    for (const NeededFeature& feature : neededFeatures())
        feature.flag(wanted) = VK_TRUE;
    wanted.core.features.samplerAnisotropy = available.core.features.samplerAnisotropy;
    wanted.core.features.fillModeNonSolid = available.core.features.fillModeNonSolid;
    wanted.core.features.pipelineStatisticsQuery = available.core.features.pipelineStatisticsQuery;
    _optional.anisotropy = available.core.features.samplerAnisotropy != 0;
    _optional.wireframe = available.core.features.fillModeNonSolid != 0;
    _optional.pipelineStatistics = available.core.features.pipelineStatisticsQuery != 0;
    _optional.maxAnisotropy = _limits.maxSamplerAnisotropy;

    const float priority = 1.0f;
    VkDeviceQueueCreateInfo queueInfo{VK_STRUCTURE_TYPE_DEVICE_QUEUE_CREATE_INFO};
    queueInfo.queueFamilyIndex = _queueFamily;
    queueInfo.queueCount = 1;
    queueInfo.pQueuePriorities = &priority;
    std::vector<const char*> extensions;
    if (!options.surfaceExtensions.empty()) extensions.push_back(VK_KHR_SWAPCHAIN_EXTENSION_NAME);
    _optional.rayQuery = offersRayQuery(_physical);
    RayQueryFeatures rays;
    if (_optional.rayQuery) {
        extensions.insert(extensions.end(), rayQueryExtensions().begin(), rayQueryExtensions().end());
        rays.structures.accelerationStructure = rays.query.rayQuery = VK_TRUE;
        rays.structures.pNext = &rays.query;
        wanted.v13.pNext = &rays.structures;
    }
    VkDeviceCreateInfo info{VK_STRUCTURE_TYPE_DEVICE_CREATE_INFO, &wanted.core};
    info.queueCreateInfoCount = 1;
    info.pQueueCreateInfos = &queueInfo;
    info.enabledExtensionCount = static_cast<std::uint32_t>(extensions.size());
    info.ppEnabledExtensionNames = extensions.data();
    const VkResult result = vkCreateDevice(_physical, &info, nullptr, &_device);
    if (result != VK_SUCCESS)
        return core::fail(
            "E_DEVICE_FEATURE", _description.name,
            {options.surfaceExtensions.empty() ? "VkResult " + std::to_string(result) : VK_KHR_SWAPCHAIN_EXTENSION_NAME});
    _presents = !options.surfaceExtensions.empty();
    vkGetDeviceQueue(_device, _queueFamily, 0, &_queue);
    _memory = std::make_unique<MemoryBlocks>(_physical, _device);
    VkSemaphoreTypeCreateInfo timeline{VK_STRUCTURE_TYPE_SEMAPHORE_TYPE_CREATE_INFO};
    timeline.semaphoreType = VK_SEMAPHORE_TYPE_TIMELINE;
    const VkSemaphoreCreateInfo semaphore{VK_STRUCTURE_TYPE_SEMAPHORE_CREATE_INFO, &timeline};
    if (vkCreateSemaphore(_device, &semaphore, nullptr, &_timeline) != VK_SUCCESS)
        return core::fail("E_GPU_MEMORY", "timeline semaphore", {"0"});
    MATOU_TRY(ring, UploadRing::create(*this));
    _ring = std::move(ring);
    return {};
}

Device::~Device() {
    if (_device != VK_NULL_HANDLE) {
        waitIdle();
        _ring.reset();
        waitIdle();
        // A device that was lost never reaches the values that are waited for; it does nothing more all the same.
        while (!_retired.empty()) {
            Retired retired = std::move(_retired.front());
            _retired.pop_front();
            retired.destroy();
            if (retired.id != 0) _live.erase(retired.id);
        }
        for (const auto& [id, name] : _live)
            core::log(core::LogLevel::error, "GPU object still alive at the end: " + name);
        for (const Commands& commands : _commands)
            vkDestroyCommandPool(_device, commands.pool, nullptr);
        if (_timeline != VK_NULL_HANDLE) vkDestroySemaphore(_device, _timeline, nullptr);
        _memory.reset();
        vkDestroyDevice(_device, nullptr);
    }
    if (_messenger != VK_NULL_HANDLE)
        load<PFN_vkDestroyDebugUtilsMessengerEXT>(_instance, "vkDestroyDebugUtilsMessengerEXT")(_instance, _messenger,
                                                                                                nullptr);
    if (_instance != VK_NULL_HANDLE) vkDestroyInstance(_instance, nullptr);
}

VkCommandBuffer Device::beginCommands(const char* name) {
    const std::uint64_t done = completedValue();
    Commands* chosen = nullptr;
    for (Commands& commands : _commands)
        if (commands.busyUntil <= done) {
            chosen = &commands;
            break;
        }
    if (chosen == nullptr) {
        Commands fresh;
        VkCommandPoolCreateInfo pool{VK_STRUCTURE_TYPE_COMMAND_POOL_CREATE_INFO};
        pool.flags = VK_COMMAND_POOL_CREATE_TRANSIENT_BIT;
        pool.queueFamilyIndex = _queueFamily;
        MATOU_EXPECT(vkCreateCommandPool(_device, &pool, nullptr, &fresh.pool) == VK_SUCCESS);
        VkCommandBufferAllocateInfo info{VK_STRUCTURE_TYPE_COMMAND_BUFFER_ALLOCATE_INFO};
        info.commandPool = fresh.pool;
        info.level = VK_COMMAND_BUFFER_LEVEL_PRIMARY;
        info.commandBufferCount = 1;
        MATOU_EXPECT(vkAllocateCommandBuffers(_device, &info, &fresh.buffer) == VK_SUCCESS);
        _commands.push_back(fresh);
        chosen = &_commands.back();
    } else {
        vkResetCommandPool(_device, chosen->pool, 0);
    }
    chosen->busyUntil = ~0ull; // recording
    nameObject(VK_OBJECT_TYPE_COMMAND_BUFFER, reinterpret_cast<std::uint64_t>(chosen->buffer), name);
    VkCommandBufferBeginInfo begin{VK_STRUCTURE_TYPE_COMMAND_BUFFER_BEGIN_INFO};
    begin.flags = VK_COMMAND_BUFFER_USAGE_ONE_TIME_SUBMIT_BIT;
    vkBeginCommandBuffer(chosen->buffer, &begin);
    return chosen->buffer;
}

core::Result<std::uint64_t> Device::submit(VkCommandBuffer buffer, const SubmitOptions& options) {
    vkEndCommandBuffer(buffer);
    const std::uint64_t value = _submitted + 1;
    VkSemaphoreSubmitInfo wait{VK_STRUCTURE_TYPE_SEMAPHORE_SUBMIT_INFO};
    wait.semaphore = options.waitBinary;
    wait.stageMask = VK_PIPELINE_STAGE_2_COLOR_ATTACHMENT_OUTPUT_BIT | VK_PIPELINE_STAGE_2_ALL_TRANSFER_BIT;
    VkSemaphoreSubmitInfo signals[2]{};
    signals[0] = {VK_STRUCTURE_TYPE_SEMAPHORE_SUBMIT_INFO};
    signals[0].semaphore = _timeline;
    signals[0].value = value;
    signals[0].stageMask = VK_PIPELINE_STAGE_2_ALL_COMMANDS_BIT;
    signals[1] = signals[0];
    signals[1].semaphore = options.signalBinary;
    VkCommandBufferSubmitInfo commands{VK_STRUCTURE_TYPE_COMMAND_BUFFER_SUBMIT_INFO};
    commands.commandBuffer = buffer;
    VkSubmitInfo2 info{VK_STRUCTURE_TYPE_SUBMIT_INFO_2};
    info.waitSemaphoreInfoCount = options.waitBinary != VK_NULL_HANDLE ? 1 : 0;
    info.pWaitSemaphoreInfos = &wait;
    info.commandBufferInfoCount = 1;
    info.pCommandBufferInfos = &commands;
    info.signalSemaphoreInfoCount = options.signalBinary != VK_NULL_HANDLE ? 2 : 1;
    info.pSignalSemaphoreInfos = signals;
    const VkResult result = vkQueueSubmit2(_queue, 1, &info, VK_NULL_HANDLE);
    if (result != VK_SUCCESS) return core::fail("E_DEVICE_LOST", _description.name, {std::to_string(result)});
    _submitted = value;
    for (Commands& c : _commands)
        if (c.buffer == buffer) c.busyUntil = value;
    return value;
}

core::Result<void> Device::wait(std::uint64_t value) {
    VkSemaphoreWaitInfo info{VK_STRUCTURE_TYPE_SEMAPHORE_WAIT_INFO};
    info.semaphoreCount = 1;
    info.pSemaphores = &_timeline;
    info.pValues = &value;
    const VkResult result = vkWaitSemaphores(_device, &info, ~0ull);
    if (result != VK_SUCCESS) return core::fail("E_DEVICE_LOST", _description.name, {std::to_string(result)});
    return {};
}

std::uint64_t Device::completedValue() const {
    std::uint64_t value = 0;
    vkGetSemaphoreCounterValue(_device, _timeline, &value);
    return value;
}

void Device::collect() {
    const std::uint64_t done = completedValue();
    while (!_retired.empty() && _retired.front().value <= done) {
        Retired retired = std::move(_retired.front());
        _retired.pop_front();
        retired.destroy();
        if (retired.id != 0) _live.erase(retired.id);
    }
}

void Device::waitIdle() {
    if (_ring != nullptr && _ring->recording != VK_NULL_HANDLE) static_cast<void>(flushUploads());
    vkDeviceWaitIdle(_device);
    collect();
}

void Device::retire(std::uint64_t id, std::function<void()> destroy) {
    // Command buffers that are being recorded may hold the object: each of them becomes one submission to come.
    std::uint64_t value = _submitted;
    for (const Commands& commands : _commands)
        if (commands.busyUntil == ~0ull) ++value;
    if (!_retired.empty()) value = std::max(value, _retired.back().value);
    _retired.push_back({value, id, std::move(destroy)});
}

std::uint64_t Device::track(const std::string& name) {
    _live[_nextId] = name;
    return _nextId++;
}

std::vector<std::string> Device::liveObjects() const {
    std::vector<std::string> names;
    for (const auto& [id, name] : _live)
        if (_ring == nullptr || name != UploadRing::kName) names.push_back(name);
    return names;
}

void Device::nameObject(VkObjectType type, std::uint64_t handle, const std::string& name) const {
    if (_setName == nullptr) return;
    VkDebugUtilsObjectNameInfoEXT info{VK_STRUCTURE_TYPE_DEBUG_UTILS_OBJECT_NAME_INFO_EXT};
    info.objectType = type;
    info.objectHandle = handle;
    info.pObjectName = name.c_str();
    _setName(_device, &info);
}

void Device::beginLabel(VkCommandBuffer commands, const char* name) const {
    if (_beginLabel == nullptr) return;
    VkDebugUtilsLabelEXT label{VK_STRUCTURE_TYPE_DEBUG_UTILS_LABEL_EXT};
    label.pLabelName = name;
    _beginLabel(commands, &label);
}

void Device::endLabel(VkCommandBuffer commands) const {
    if (_endLabel != nullptr) _endLabel(commands);
}

void Device::noteValidationMessage(std::string message) {
    const std::scoped_lock lock(_messageMutex);
    ++_messageCount;
    core::log(core::LogLevel::warn, "validation: " + message);
    if (_messages.size() < 200) _messages.push_back(std::move(message));
}

std::uint64_t Device::validationMessageCount() const {
    const std::scoped_lock lock(_messageMutex);
    return _messageCount;
}

std::vector<std::string> Device::validationMessages() const {
    const std::scoped_lock lock(_messageMutex);
    return _messages;
}

} // namespace matou::gpu
