#pragma once
// Move-only owners of GPU objects. Destroying one retires it: the object lives on until the device's timeline passes
// every submission that may use it, so owners may be dropped at any moment on the main lane.

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>

#include <vulkan/vulkan_core.h>

namespace matou::gpu {

class Device;

/// What the memory is for; decides usage flags and memory type.
enum class BufferPurpose : std::uint8_t {
    geometry, // vertices, indices, tables; device memory, written by uploads; has an address
    frame,    // written by the host each frame: uniforms, tables, indirect commands; mapped; has an address
    staging,  // source of uploads; mapped
    acceleration, // acceleration structures and their scratch memory; device memory; has an address
    readback, // written by copies and shaders for the host; mapped; has an address
};

enum class ImagePurpose : std::uint8_t {
    texture,     // sampled, written by uploads, mip levels made by blits
    colorTarget, // attachment and sampled
    depthTarget, // attachment and sampled
    finalTarget, // attachment, sampled, source of copies and blits
};

/// A part of a memory block; see memory.h.
struct MemoryPart {
    std::uint32_t block = 0xffffffffu;
    VkDeviceSize offset = 0;
    VkDeviceSize size = 0;
};

class Buffer {
public:
    Buffer() = default;
    Buffer(Buffer&& other) noexcept { *this = std::move(other); }
    Buffer& operator=(Buffer&& other) noexcept;
    ~Buffer() { reset(); }
    void reset();
    explicit operator bool() const { return _handle != VK_NULL_HANDLE; }
    VkBuffer handle() const { return _handle; }
    VkDeviceSize size() const { return _size; }
    /// Null where the purpose is not mapped.
    std::byte* mapped() const { return _mapped; }
    /// 0 where the purpose has none.
    VkDeviceAddress address() const { return _address; }

private:
    friend class Device;
    Device* _device = nullptr;
    VkBuffer _handle = VK_NULL_HANDLE;
    VkDeviceSize _size = 0;
    std::byte* _mapped = nullptr;
    VkDeviceAddress _address = 0;
    MemoryPart _memory;
    std::uint64_t _id = 0;
};

struct ImageDescription {
    VkFormat format = VK_FORMAT_R8G8B8A8_UNORM;
    std::uint32_t width = 1, height = 1;
    std::uint32_t mipLevels = 1;
    std::uint32_t layers = 1; // more than 1: a 2D array
    VkSampleCountFlagBits samples = VK_SAMPLE_COUNT_1_BIT;
};

class Image {
public:
    Image() = default;
    Image(Image&& other) noexcept { *this = std::move(other); }
    Image& operator=(Image&& other) noexcept;
    ~Image() { reset(); }
    void reset();
    explicit operator bool() const { return _handle != VK_NULL_HANDLE; }
    VkImage handle() const { return _handle; }
    /// All levels and layers.
    VkImageView view() const { return _view; }
    const ImageDescription& description() const { return _description; }
    VkImageAspectFlags aspect() const;
    /// What it occupies in memory.
    VkDeviceSize byteSize() const { return _memory.size; }

private:
    friend class Device;
    Device* _device = nullptr;
    VkImage _handle = VK_NULL_HANDLE;
    VkImageView _view = VK_NULL_HANDLE;
    ImageDescription _description;
    MemoryPart _memory;
    std::uint64_t _id = 0;
};

/// Destroys one handle of a known type; overloads in resources.cpp.
void destroyHandle(VkDevice device, VkPipeline handle);
void destroyHandle(VkDevice device, VkPipelineLayout handle);
void destroyHandle(VkDevice device, VkDescriptorSetLayout handle);
void destroyHandle(VkDevice device, VkDescriptorPool handle);
void destroyHandle(VkDevice device, VkSampler handle);
void destroyHandle(VkDevice device, VkImageView handle);
void destroyHandle(VkDevice device, VkQueryPool handle);
void destroyHandle(VkDevice device, VkSemaphore handle);
void destroyHandle(VkDevice device, VkPipelineCache handle);
void destroyHandle(VkDevice device, VkAccelerationStructureKHR handle);

/// Owner of any other object; made by Device::own.
template <typename Handle>
class Owned {
public:
    Owned() = default;
    Owned(Owned&& other) noexcept { *this = std::move(other); }
    Owned& operator=(Owned&& other) noexcept {
        if (this != &other) {
            reset();
            _device = std::exchange(other._device, nullptr);
            _handle = std::exchange(other._handle, VK_NULL_HANDLE);
            _id = other._id;
        }
        return *this;
    }
    ~Owned() { reset(); }
    void reset(); // device.h
    Handle get() const { return _handle; }
    explicit operator bool() const { return _handle != VK_NULL_HANDLE; }

private:
    friend class Device;
    Device* _device = nullptr;
    Handle _handle = VK_NULL_HANDLE;
    std::uint64_t _id = 0;
};

} // namespace matou::gpu
