#include "gpu/resources.h"

#include "gpu/device.h"

namespace matou::gpu {
namespace {

VkBufferUsageFlags usageOf(BufferPurpose purpose) {
    switch (purpose) {
    case BufferPurpose::geometry:
        return VK_BUFFER_USAGE_VERTEX_BUFFER_BIT | VK_BUFFER_USAGE_INDEX_BUFFER_BIT |
               VK_BUFFER_USAGE_STORAGE_BUFFER_BIT | VK_BUFFER_USAGE_TRANSFER_DST_BIT |
               VK_BUFFER_USAGE_SHADER_DEVICE_ADDRESS_BIT;
    case BufferPurpose::frame:
        return VK_BUFFER_USAGE_VERTEX_BUFFER_BIT | VK_BUFFER_USAGE_INDEX_BUFFER_BIT |
               VK_BUFFER_USAGE_STORAGE_BUFFER_BIT | VK_BUFFER_USAGE_UNIFORM_BUFFER_BIT |
               VK_BUFFER_USAGE_INDIRECT_BUFFER_BIT | VK_BUFFER_USAGE_SHADER_DEVICE_ADDRESS_BIT;
    case BufferPurpose::staging:
        return VK_BUFFER_USAGE_TRANSFER_SRC_BIT;
    case BufferPurpose::acceleration:
        return VK_BUFFER_USAGE_ACCELERATION_STRUCTURE_STORAGE_BIT_KHR | VK_BUFFER_USAGE_STORAGE_BUFFER_BIT |
               VK_BUFFER_USAGE_SHADER_DEVICE_ADDRESS_BIT;
    case BufferPurpose::readback:
        return VK_BUFFER_USAGE_TRANSFER_DST_BIT | VK_BUFFER_USAGE_STORAGE_BUFFER_BIT | VK_BUFFER_USAGE_SHADER_DEVICE_ADDRESS_BIT;
    }
    return 0;
}

MemoryBlocks::Request memoryOf(BufferPurpose purpose) {
    constexpr VkMemoryPropertyFlags kHost = VK_MEMORY_PROPERTY_HOST_VISIBLE_BIT | VK_MEMORY_PROPERTY_HOST_COHERENT_BIT;
    MemoryBlocks::Request request;
    switch (purpose) {
    case BufferPurpose::geometry:
    case BufferPurpose::acceleration:
        request.wanted = VK_MEMORY_PROPERTY_DEVICE_LOCAL_BIT;
        break;
    case BufferPurpose::frame:
        request.needed = kHost;
        request.wanted = VK_MEMORY_PROPERTY_DEVICE_LOCAL_BIT;
        break;
    case BufferPurpose::staging:
        request.needed = kHost;
        break;
    case BufferPurpose::readback:
        request.needed = kHost;
        request.wanted = VK_MEMORY_PROPERTY_HOST_CACHED_BIT;
        break;
    }
    return request;
}

VkImageUsageFlags usageOf(ImagePurpose purpose) {
    switch (purpose) {
    case ImagePurpose::texture:
        return VK_IMAGE_USAGE_SAMPLED_BIT | VK_IMAGE_USAGE_TRANSFER_DST_BIT | VK_IMAGE_USAGE_TRANSFER_SRC_BIT;
    case ImagePurpose::colorTarget:
        return VK_IMAGE_USAGE_COLOR_ATTACHMENT_BIT | VK_IMAGE_USAGE_SAMPLED_BIT | VK_IMAGE_USAGE_TRANSFER_SRC_BIT;
    case ImagePurpose::depthTarget:
        return VK_IMAGE_USAGE_DEPTH_STENCIL_ATTACHMENT_BIT | VK_IMAGE_USAGE_SAMPLED_BIT |
               VK_IMAGE_USAGE_TRANSFER_SRC_BIT;
    case ImagePurpose::finalTarget:
        return VK_IMAGE_USAGE_COLOR_ATTACHMENT_BIT | VK_IMAGE_USAGE_SAMPLED_BIT | VK_IMAGE_USAGE_TRANSFER_SRC_BIT |
               VK_IMAGE_USAGE_TRANSFER_DST_BIT;
    }
    return 0;
}

bool isDepth(VkFormat format) {
    return format == VK_FORMAT_D32_SFLOAT || format == VK_FORMAT_D16_UNORM;
}

} // namespace

Buffer& Buffer::operator=(Buffer&& other) noexcept {
    if (this != &other) {
        reset();
        _device = std::exchange(other._device, nullptr);
        _handle = std::exchange(other._handle, VK_NULL_HANDLE);
        _size = std::exchange(other._size, 0);
        _mapped = std::exchange(other._mapped, nullptr);
        _address = std::exchange(other._address, 0);
        _memory = other._memory;
        _id = other._id;
    }
    return *this;
}

void Buffer::reset() {
    if (_device != nullptr && _handle != VK_NULL_HANDLE)
        _device->retire(_id, [device = _device, handle = _handle, memory = _memory] {
            vkDestroyBuffer(device->handle(), handle, nullptr);
            device->memory().release(memory);
        });
    _device = nullptr;
    _handle = VK_NULL_HANDLE;
    _size = 0;
    _mapped = nullptr;
    _address = 0;
}

Image& Image::operator=(Image&& other) noexcept {
    if (this != &other) {
        reset();
        _device = std::exchange(other._device, nullptr);
        _handle = std::exchange(other._handle, VK_NULL_HANDLE);
        _view = std::exchange(other._view, VK_NULL_HANDLE);
        _description = other._description;
        _memory = other._memory;
        _id = other._id;
    }
    return *this;
}

void Image::reset() {
    if (_device != nullptr && _handle != VK_NULL_HANDLE)
        _device->retire(_id, [device = _device, handle = _handle, view = _view, memory = _memory] {
            vkDestroyImageView(device->handle(), view, nullptr);
            vkDestroyImage(device->handle(), handle, nullptr);
            device->memory().release(memory);
        });
    _device = nullptr;
    _handle = VK_NULL_HANDLE;
    _view = VK_NULL_HANDLE;
}

VkImageAspectFlags Image::aspect() const {
    return isDepth(_description.format) ? VK_IMAGE_ASPECT_DEPTH_BIT : VK_IMAGE_ASPECT_COLOR_BIT;
}

void destroyHandle(VkDevice device, VkPipeline handle) {
    vkDestroyPipeline(device, handle, nullptr);
}
void destroyHandle(VkDevice device, VkPipelineLayout handle) {
    vkDestroyPipelineLayout(device, handle, nullptr);
}
void destroyHandle(VkDevice device, VkDescriptorSetLayout handle) {
    vkDestroyDescriptorSetLayout(device, handle, nullptr);
}
void destroyHandle(VkDevice device, VkDescriptorPool handle) {
    vkDestroyDescriptorPool(device, handle, nullptr);
}
void destroyHandle(VkDevice device, VkSampler handle) {
    vkDestroySampler(device, handle, nullptr);
}
void destroyHandle(VkDevice device, VkImageView handle) {
    vkDestroyImageView(device, handle, nullptr);
}
void destroyHandle(VkDevice device, VkQueryPool handle) {
    vkDestroyQueryPool(device, handle, nullptr);
}
void destroyHandle(VkDevice device, VkSemaphore handle) {
    vkDestroySemaphore(device, handle, nullptr);
}
void destroyHandle(VkDevice device, VkPipelineCache handle) {
    vkDestroyPipelineCache(device, handle, nullptr);
}
void destroyHandle(VkDevice device, VkAccelerationStructureKHR handle) {
    reinterpret_cast<PFN_vkDestroyAccelerationStructureKHR>(vkGetDeviceProcAddr(device, "vkDestroyAccelerationStructureKHR"))(device, handle, nullptr);
}

core::Result<Buffer> Device::createBuffer(BufferPurpose purpose, VkDeviceSize bytes, const std::string& name) {
    Buffer buffer;
    VkBufferCreateInfo info{VK_STRUCTURE_TYPE_BUFFER_CREATE_INFO};
    info.size = bytes > 0 ? bytes : 16;
    info.usage = usageOf(purpose);
    if (_optional.rayQuery && (purpose == BufferPurpose::geometry || purpose == BufferPurpose::frame))
        info.usage |= VK_BUFFER_USAGE_ACCELERATION_STRUCTURE_BUILD_INPUT_READ_ONLY_BIT_KHR;
    VkBuffer handle = VK_NULL_HANDLE;
    if (vkCreateBuffer(_device, &info, nullptr, &handle) != VK_SUCCESS)
        return core::fail("E_GPU_MEMORY", name, {std::to_string(bytes)});
    MemoryBlocks::Request request = memoryOf(purpose);
    vkGetBufferMemoryRequirements(_device, handle, &request.requirements);
    auto memory = _memory->allocate(request, name);
    if (!memory) {
        vkDestroyBuffer(_device, handle, nullptr);
        return tl::unexpected(memory.error());
    }
    vkBindBufferMemory(_device, handle, _memory->memoryOf(*memory), memory->offset);
    buffer._device = this;
    buffer._handle = handle;
    buffer._size = info.size;
    buffer._memory = *memory;
    if (purpose != BufferPurpose::geometry && purpose != BufferPurpose::acceleration) buffer._mapped = _memory->mappedOf(*memory);
    if ((info.usage & VK_BUFFER_USAGE_SHADER_DEVICE_ADDRESS_BIT) != 0) {
        const VkBufferDeviceAddressInfo address{VK_STRUCTURE_TYPE_BUFFER_DEVICE_ADDRESS_INFO, nullptr, handle};
        buffer._address = vkGetBufferDeviceAddress(_device, &address);
    }
    buffer._id = track(name);
    nameObject(VK_OBJECT_TYPE_BUFFER, reinterpret_cast<std::uint64_t>(handle), name);
    return buffer;
}

core::Result<Image> Device::createImage(ImagePurpose purpose, const ImageDescription& description,
                                        const std::string& name) {
    const std::string size = std::to_string(description.width) + "x" + std::to_string(description.height);
    if (description.width == 0 || description.height == 0 || description.width > _limits.maxImageDimension2D ||
        description.height > _limits.maxImageDimension2D)
        return core::fail("E_GPU_IMAGE_SIZE", name, {size, std::to_string(_limits.maxImageDimension2D)});
    VkImageCreateInfo info{VK_STRUCTURE_TYPE_IMAGE_CREATE_INFO};
    info.imageType = VK_IMAGE_TYPE_2D;
    info.format = description.format;
    info.extent = {description.width, description.height, 1};
    info.mipLevels = description.mipLevels;
    info.arrayLayers = description.layers;
    info.samples = description.samples;
    info.tiling = VK_IMAGE_TILING_OPTIMAL;
    info.usage = usageOf(purpose);
    VkImage handle = VK_NULL_HANDLE;
    if (vkCreateImage(_device, &info, nullptr, &handle) != VK_SUCCESS) return core::fail("E_GPU_MEMORY", name, {size});
    MemoryBlocks::Request request;
    request.image = true;
    request.wanted = VK_MEMORY_PROPERTY_DEVICE_LOCAL_BIT;
    vkGetImageMemoryRequirements(_device, handle, &request.requirements);
    auto memory = _memory->allocate(request, name);
    if (!memory) {
        vkDestroyImage(_device, handle, nullptr);
        return tl::unexpected(memory.error());
    }
    vkBindImageMemory(_device, handle, _memory->memoryOf(*memory), memory->offset);
    Image image;
    image._device = this;
    image._handle = handle;
    image._description = description;
    image._memory = *memory;
    image._id = track(name);
    VkImageViewCreateInfo viewInfo{VK_STRUCTURE_TYPE_IMAGE_VIEW_CREATE_INFO};
    viewInfo.image = handle;
    viewInfo.viewType = description.layers > 1 ? VK_IMAGE_VIEW_TYPE_2D_ARRAY : VK_IMAGE_VIEW_TYPE_2D;
    viewInfo.format = description.format;
    viewInfo.subresourceRange = {image.aspect(), 0, description.mipLevels, 0, description.layers};
    if (vkCreateImageView(_device, &viewInfo, nullptr, &image._view) != VK_SUCCESS)
        return core::fail("E_GPU_MEMORY", name, {size});
    nameObject(VK_OBJECT_TYPE_IMAGE, reinterpret_cast<std::uint64_t>(handle), name);
    nameObject(VK_OBJECT_TYPE_IMAGE_VIEW, reinterpret_cast<std::uint64_t>(image._view), name);
    return image;
}

} // namespace matou::gpu
