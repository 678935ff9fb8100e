#pragma once
// The Vulkan 1.3 device: choosing it, its memory, its one queue with a timeline, and the retire queue.
// Thread: main lane, all of it; only the validation callback may come from elsewhere.

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include <vulkan/vulkan_core.h>

#include "core/result.h"
#include "gpu/memory.h"
#include "gpu/resources.h"

namespace matou::gpu {

/// What `matou doctor` prints of one device.
struct DeviceDescription {
    std::uint32_t number = 0;
    std::string name, driver, apiVersion;
    std::string kind; // "discrete", "integrated", "virtual", "cpu", "other"
    bool software = false;
    /// Names of needed features that it lacks; empty: usable.
    std::vector<std::string> missing;
    /// Optional features that it has.
    std::vector<std::string> optional;
    std::vector<std::pair<std::string, std::uint64_t>> limits;
    std::uint64_t memoryBytes = 0;
};

/// Errors: E_NO_VULKAN_DRIVER. An empty list is E_NO_DEVICE.
core::Result<std::vector<DeviceDescription>> listDevices();

using MakeSurface = std::function<VkSurfaceKHR(VkInstance)>;

struct DeviceOptions {
    /// Number in the list, or part of a name (case ignored); empty: the best usable one.
    std::string select;
    /// Validation with synchronization checks. Errors: E_NO_VALIDATION_LAYER.
    bool validation = false;
    /// Instance extensions that windows need (platform knows them); empty: headless, no surface extension at all.
    std::vector<std::string> surfaceExtensions;
};

/// Named booleans for what a device may lack.
struct OptionalFeatures {
    bool anisotropy = false;
    bool wireframe = false;
    bool pipelineStatistics = false; // counts of triangles and pixels
    bool rayQuery = false;           // acceleration structures (acceleration.h), and rays at them from shaders
    float maxAnisotropy = 1.0f;
};

class Device {
public:
    /// Errors: E_NO_VULKAN_DRIVER, E_NO_DEVICE, E_DEVICE_UNKNOWN, E_DEVICE_FEATURE (names them), E_NO_VALIDATION_LAYER.
    static core::Result<std::unique_ptr<Device>> create(const DeviceOptions& options);
    /// Waits for the GPU (the only idle wait), destroys what was retired; whatever is still alive is logged by name.
    ~Device();
    Device(const Device&) = delete;
    Device& operator=(const Device&) = delete;

    VkInstance instance() const { return _instance; }
    VkPhysicalDevice physical() const { return _physical; }
    VkDevice handle() const { return _device; }
    VkQueue queue() const { return _queue; }
    std::uint32_t queueFamily() const { return _queueFamily; }
    const DeviceDescription& description() const { return _description; }
    const VkPhysicalDeviceLimits& limits() const { return _limits; }
    const OptionalFeatures& optional() const { return _optional; }
    bool presents() const { return _presents; }
    bool validationOn() const { return _validation; }

    // ---- Objects. Errors: E_GPU_MEMORY. `name` appears in debuggers, validation messages and the leak report.
    core::Result<Buffer> createBuffer(BufferPurpose purpose, VkDeviceSize bytes, const std::string& name);
    core::Result<Image> createImage(ImagePurpose purpose, const ImageDescription& description, const std::string& name);
    /// Takes over a handle made with handle().
    template <typename Handle>
    Owned<Handle> own(Handle raw, VkObjectType type, const std::string& name) {
        Owned<Handle> owned;
        owned._device = this;
        owned._handle = raw;
        owned._id = track(name);
        nameObject(type, reinterpret_cast<std::uint64_t>(raw), name);
        return owned;
    }

    // ---- Work.
    /// A command buffer in recording state; give it to submit().
    VkCommandBuffer beginCommands(const char* name);
    struct SubmitOptions {
        VkSemaphore waitBinary = VK_NULL_HANDLE;   // waited for before color output and copies
        VkSemaphore signalBinary = VK_NULL_HANDLE; // signalled after all
    };
    /// Ends and submits; returns the timeline value that this work reaches. Errors: E_DEVICE_LOST.
    core::Result<std::uint64_t> submit(VkCommandBuffer commands, const SubmitOptions& options);
    core::Result<std::uint64_t> submit(VkCommandBuffer commands) { return submit(commands, SubmitOptions{}); }
    /// Blocks until the timeline reaches `value`. Errors: E_DEVICE_LOST.
    core::Result<void> wait(std::uint64_t value);
    std::uint64_t submittedValue() const { return _submitted; }
    std::uint64_t completedValue() const;
    /// Destroys what was retired and is no longer used. Called once a frame.
    void collect();

    /// Copies into a geometry buffer through the upload ring; visible to all later submissions. Never stalls unless the
    /// ring is full. Errors: E_DEVICE_LOST.
    core::Result<void> upload(const Buffer& target, VkDeviceSize offset, std::span<const std::byte> bytes);
    /// Fills the first `levels` mip levels of every layer (tightly packed, one level after the other), makes those below by
    /// blits; ends in SHADER_READ_ONLY. Uncompressed formats; `levels` at most what the image has.
    core::Result<void> upload(const Image& target, std::span<const std::byte> bytes, std::uint32_t levels = 1);
    /// Submits the recorded uploads; called by the renderer before each frame.
    core::Result<void> flushUploads();

    // ---- What tests and --stats read.
    std::uint64_t validationMessageCount() const;
    /// The messages so far, newest last; at most the first 200 are kept.
    std::vector<std::string> validationMessages() const;
    /// Names of objects alive or waiting to be destroyed.
    std::vector<std::string> liveObjects() const;
    std::uint64_t memoryBytesUsed() const { return _memory ? _memory->usedBytes() : 0; }
    std::uint64_t memoryBytesReserved() const { return _memory ? _memory->reservedBytes() : 0; }
    void waitIdle();

    // ---- For owners.
    void nameObject(VkObjectType type, std::uint64_t handle, const std::string& name) const;
    void retire(std::uint64_t id, std::function<void()> destroy);
    std::uint64_t track(const std::string& name);
    MemoryBlocks& memory() { return *_memory; }
    void beginLabel(VkCommandBuffer commands, const char* name) const;
    void endLabel(VkCommandBuffer commands) const;

    /// For the validation callback.
    void noteValidationMessage(std::string message);

private:
    Device() = default;
    core::Result<void> createDevice(const DeviceOptions& options);
    struct UploadRing;

    VkInstance _instance = VK_NULL_HANDLE;
    VkPhysicalDevice _physical = VK_NULL_HANDLE;
    VkDevice _device = VK_NULL_HANDLE;
    VkQueue _queue = VK_NULL_HANDLE;
    std::uint32_t _queueFamily = 0;
    VkDebugUtilsMessengerEXT _messenger = VK_NULL_HANDLE;
    bool _validation = false, _presents = false;
    DeviceDescription _description;
    VkPhysicalDeviceLimits _limits{};
    OptionalFeatures _optional;
    std::unique_ptr<MemoryBlocks> _memory;

    VkSemaphore _timeline = VK_NULL_HANDLE;
    std::uint64_t _submitted = 0;
    struct Commands {
        VkCommandPool pool = VK_NULL_HANDLE;
        VkCommandBuffer buffer = VK_NULL_HANDLE;
        std::uint64_t busyUntil = 0;
    };
    std::vector<Commands> _commands;

    struct Retired {
        std::uint64_t value = 0;
        std::uint64_t id = 0;
        std::function<void()> destroy;
    };
    std::deque<Retired> _retired;
    std::map<std::uint64_t, std::string> _live;
    std::uint64_t _nextId = 1;
    std::unique_ptr<UploadRing> _ring;

    mutable std::mutex _messageMutex;
    std::vector<std::string> _messages;
    std::uint64_t _messageCount = 0;

    PFN_vkSetDebugUtilsObjectNameEXT _setName = nullptr;
    PFN_vkCmdBeginDebugUtilsLabelEXT _beginLabel = nullptr;
    PFN_vkCmdEndDebugUtilsLabelEXT _endLabel = nullptr;
};

template <typename Handle>
void Owned<Handle>::reset() {
    if (_device != nullptr && _handle != VK_NULL_HANDLE) {
        _device->retire(_id, [device = _device->handle(), raw = _handle] { destroyHandle(device, raw); });
    }
    _device = nullptr;
    _handle = VK_NULL_HANDLE;
}

} // namespace matou::gpu
