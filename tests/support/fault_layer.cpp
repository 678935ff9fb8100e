// A Vulkan layer that fails on demand: what no healthy driver does. Looks for files in $MATOU_FAULTS at each call:
//   lose       the device is lost with the next submission; the file is taken away, a device made afterwards is whole
//   no-memory  no image can be made as long as the file is there
//   no-device  no device can be made as long as the file is there
//   freeze     whoever submits or waits stands still as long as the file is there

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <map>
#include <mutex>
#include <thread>

#include <vulkan/vk_layer.h>
#include <vulkan/vulkan.h>

namespace {

std::mutex mutex;
std::map<void*, PFN_vkGetInstanceProcAddr> instances; // by dispatch table
struct Below {
    VkDevice device;
    PFN_vkGetDeviceProcAddr get;
};
std::map<void*, Below> devices; // a queue has the dispatch table of its device
std::atomic<bool> lost{false};

void* keyOf(const void* handle) {
    return *static_cast<void* const*>(handle);
}
std::filesystem::path faultFile(const char* name) {
    const char* folder = std::getenv("MATOU_FAULTS");
    return folder ? std::filesystem::path(folder) / name : std::filesystem::path();
}
bool there(const char* name) {
    std::error_code ignored;
    return std::filesystem::exists(faultFile(name), ignored);
}
void standStill() {
    while (there("freeze")) std::this_thread::sleep_for(std::chrono::milliseconds(20));
}

template <typename Function>
Function nextOf(const void* handle, const char* name) {
    const std::lock_guard lock(mutex);
    const auto found = devices.find(keyOf(handle));
    return found == devices.end() ? nullptr : reinterpret_cast<Function>(found->second.get(found->second.device, name));
}

template <typename Info>
Info* linkOf(const void* next, VkStructureType type) {
    for (auto* info = const_cast<Info*>(static_cast<const Info*>(next)); info; info = const_cast<Info*>(static_cast<const Info*>(info->pNext)))
        if (info->sType == type && info->function == VK_LAYER_LINK_INFO) return info;
    return nullptr;
}

VKAPI_ATTR VkResult VKAPI_CALL createInstance(const VkInstanceCreateInfo* info, const VkAllocationCallbacks* allocator, VkInstance* instance) {
    auto* link = linkOf<VkLayerInstanceCreateInfo>(info->pNext, VK_STRUCTURE_TYPE_LOADER_INSTANCE_CREATE_INFO);
    if (!link) return VK_ERROR_INITIALIZATION_FAILED;
    const auto next = link->u.pLayerInfo->pfnNextGetInstanceProcAddr;
    link->u.pLayerInfo = link->u.pLayerInfo->pNext;
    const VkResult result = reinterpret_cast<PFN_vkCreateInstance>(next(nullptr, "vkCreateInstance"))(info, allocator, instance);
    const std::lock_guard lock(mutex);
    if (result == VK_SUCCESS) instances[keyOf(*instance)] = next;
    return result;
}

VKAPI_ATTR VkResult VKAPI_CALL createDevice(VkPhysicalDevice physical, const VkDeviceCreateInfo* info, const VkAllocationCallbacks* allocator, VkDevice* device) {
    auto* link = linkOf<VkLayerDeviceCreateInfo>(info->pNext, VK_STRUCTURE_TYPE_LOADER_DEVICE_CREATE_INFO);
    if (!link) return VK_ERROR_INITIALIZATION_FAILED;
    const auto nextInstance = link->u.pLayerInfo->pfnNextGetInstanceProcAddr;
    const auto nextDevice = link->u.pLayerInfo->pfnNextGetDeviceProcAddr;
    link->u.pLayerInfo = link->u.pLayerInfo->pNext;
    if (there("no-device")) return VK_ERROR_INITIALIZATION_FAILED;
    const VkResult result = reinterpret_cast<PFN_vkCreateDevice>(nextInstance(nullptr, "vkCreateDevice"))(physical, info, allocator, device);
    const std::lock_guard lock(mutex);
    if (result == VK_SUCCESS) {
        devices[keyOf(*device)] = {*device, nextDevice};
        lost = false;
    }
    return result;
}

VKAPI_ATTR VkResult VKAPI_CALL queueSubmit2(VkQueue queue, std::uint32_t count, const VkSubmitInfo2* infos, VkFence fence) {
    standStill();
    std::error_code ignored;
    if (!lost && std::filesystem::remove(faultFile("lose"), ignored)) lost = true;
    return lost ? VK_ERROR_DEVICE_LOST : nextOf<PFN_vkQueueSubmit2>(queue, "vkQueueSubmit2")(queue, count, infos, fence);
}
VKAPI_ATTR VkResult VKAPI_CALL waitSemaphores(VkDevice device, const VkSemaphoreWaitInfo* info, std::uint64_t timeout) {
    standStill();
    return lost ? VK_ERROR_DEVICE_LOST : nextOf<PFN_vkWaitSemaphores>(device, "vkWaitSemaphores")(device, info, timeout);
}
VKAPI_ATTR VkResult VKAPI_CALL createImage(VkDevice device, const VkImageCreateInfo* info, const VkAllocationCallbacks* allocator, VkImage* image) {
    return there("no-memory") ? VK_ERROR_OUT_OF_DEVICE_MEMORY : nextOf<PFN_vkCreateImage>(device, "vkCreateImage")(device, info, allocator, image);
}

VKAPI_ATTR PFN_vkVoidFunction VKAPI_CALL getDeviceProc(VkDevice device, const char* name);
VKAPI_ATTR PFN_vkVoidFunction VKAPI_CALL getInstanceProc(VkInstance instance, const char* name);

PFN_vkVoidFunction ours(const char* name) {
    const std::pair<const char*, PFN_vkVoidFunction> functions[] = {
        {"vkGetInstanceProcAddr", reinterpret_cast<PFN_vkVoidFunction>(getInstanceProc)},
        {"vkGetDeviceProcAddr", reinterpret_cast<PFN_vkVoidFunction>(getDeviceProc)},
        {"vkCreateInstance", reinterpret_cast<PFN_vkVoidFunction>(createInstance)},
        {"vkCreateDevice", reinterpret_cast<PFN_vkVoidFunction>(createDevice)},
        {"vkQueueSubmit2", reinterpret_cast<PFN_vkVoidFunction>(queueSubmit2)},
        {"vkWaitSemaphores", reinterpret_cast<PFN_vkVoidFunction>(waitSemaphores)},
        {"vkCreateImage", reinterpret_cast<PFN_vkVoidFunction>(createImage)},
    };
    for (const auto& [known, function] : functions)
        if (std::strcmp(known, name) == 0) return function;
    return nullptr;
}

VKAPI_ATTR PFN_vkVoidFunction VKAPI_CALL getDeviceProc(VkDevice device, const char* name) {
    if (const auto own = ours(name)) return own;
    const std::lock_guard lock(mutex);
    const auto found = devices.find(keyOf(device));
    return found == devices.end() ? nullptr : found->second.get(device, name);
}

VKAPI_ATTR PFN_vkVoidFunction VKAPI_CALL getInstanceProc(VkInstance instance, const char* name) {
    if (const auto own = ours(name)) return own;
    if (!instance) return nullptr;
    const std::lock_guard lock(mutex);
    const auto found = instances.find(keyOf(instance));
    return found == instances.end() ? nullptr : found->second(instance, name);
}

} // namespace

extern "C" VK_LAYER_EXPORT VKAPI_ATTR VkResult VKAPI_CALL vkNegotiateLoaderLayerInterfaceVersion(VkNegotiateLayerInterface* version) {
    version->loaderLayerInterfaceVersion = 2;
    version->pfnGetInstanceProcAddr = getInstanceProc;
    version->pfnGetDeviceProcAddr = getDeviceProc;
    version->pfnGetPhysicalDeviceProcAddr = nullptr;
    return VK_SUCCESS;
}
