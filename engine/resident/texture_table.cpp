#include "resident/texture_table.h"

#include <algorithm>

#include "resident/split_sum.h"

namespace matou::resident {
namespace {

constexpr std::uint32_t kWantedSlots = 16384;

core::Result<gpu::Image> smallImage(gpu::Device& device, const char* name, VkFormat format, std::uint32_t size,
                                    const std::vector<std::uint8_t>& rgba) {
    MATOU_TRY(image, device.createImage(gpu::ImagePurpose::texture, {format, size, size}, name));
    MATOU_CHECK(device.upload(image, std::as_bytes(std::span(rgba))));
    return image;
}

/// Magenta and dark squares: nobody takes it for a real material.
std::vector<std::uint8_t> checker(std::uint32_t size, std::uint32_t square) {
    std::vector<std::uint8_t> rgba;
    for (std::uint32_t y = 0; y < size; ++y)
        for (std::uint32_t x = 0; x < size; ++x) {
            const bool lit = ((x / square + y / square) & 1u) == 0;
            const std::uint8_t texel[4] = {static_cast<std::uint8_t>(lit ? 214 : 52),
                                           static_cast<std::uint8_t>(lit ? 64 : 48),
                                           static_cast<std::uint8_t>(lit ? 190 : 56), 255};
            rgba.insert(rgba.end(), texel, texel + 4);
        }
    return rgba;
}

} // namespace

core::Result<std::unique_ptr<TextureTable>> TextureTable::create(gpu::Device& device) {
    std::unique_ptr<TextureTable> table(new TextureTable(device));
    VkPhysicalDeviceVulkan12Properties properties{VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_VULKAN_1_2_PROPERTIES};
    VkPhysicalDeviceProperties2 all{VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_PROPERTIES_2, &properties};
    vkGetPhysicalDeviceProperties2(device.physical(), &all);
    table->_capacity = std::min({kWantedSlots, properties.maxPerStageDescriptorUpdateAfterBindSampledImages / 2,
                                 properties.maxPerStageDescriptorUpdateAfterBindSamplers / 2,
                                 properties.maxDescriptorSetUpdateAfterBindSampledImages / 2,
                                 properties.maxDescriptorSetUpdateAfterBindSamplers / 2});
    const VkDescriptorSetLayoutBinding binding{0, VK_DESCRIPTOR_TYPE_COMBINED_IMAGE_SAMPLER, table->_capacity,
                                               VK_SHADER_STAGE_FRAGMENT_BIT, nullptr};
    const VkDescriptorBindingFlags flags = VK_DESCRIPTOR_BINDING_UPDATE_AFTER_BIND_BIT |
                                           VK_DESCRIPTOR_BINDING_PARTIALLY_BOUND_BIT |
                                           VK_DESCRIPTOR_BINDING_UPDATE_UNUSED_WHILE_PENDING_BIT;
    const VkDescriptorSetLayoutBindingFlagsCreateInfo flagsInfo{
        VK_STRUCTURE_TYPE_DESCRIPTOR_SET_LAYOUT_BINDING_FLAGS_CREATE_INFO, nullptr, 1, &flags};
    VkDescriptorSetLayoutCreateInfo layoutInfo{VK_STRUCTURE_TYPE_DESCRIPTOR_SET_LAYOUT_CREATE_INFO, &flagsInfo};
    layoutInfo.flags = VK_DESCRIPTOR_SET_LAYOUT_CREATE_UPDATE_AFTER_BIND_POOL_BIT;
    layoutInfo.bindingCount = 1;
    layoutInfo.pBindings = &binding;
    VkDescriptorSetLayout layout = VK_NULL_HANDLE;
    if (vkCreateDescriptorSetLayout(device.handle(), &layoutInfo, nullptr, &layout) != VK_SUCCESS)
        return core::fail("E_GPU_MEMORY", "texture table", {std::to_string(table->_capacity)});
    table->_layout = device.own(layout, VK_OBJECT_TYPE_DESCRIPTOR_SET_LAYOUT, "texture table layout");
    const VkDescriptorPoolSize size{VK_DESCRIPTOR_TYPE_COMBINED_IMAGE_SAMPLER, table->_capacity};
    VkDescriptorPoolCreateInfo poolInfo{VK_STRUCTURE_TYPE_DESCRIPTOR_POOL_CREATE_INFO};
    poolInfo.flags = VK_DESCRIPTOR_POOL_CREATE_UPDATE_AFTER_BIND_BIT;
    poolInfo.maxSets = 1;
    poolInfo.poolSizeCount = 1;
    poolInfo.pPoolSizes = &size;
    VkDescriptorPool pool = VK_NULL_HANDLE;
    if (vkCreateDescriptorPool(device.handle(), &poolInfo, nullptr, &pool) != VK_SUCCESS)
        return core::fail("E_GPU_MEMORY", "texture table", {std::to_string(table->_capacity)});
    table->_pool = device.own(pool, VK_OBJECT_TYPE_DESCRIPTOR_POOL, "texture table pool");
    VkDescriptorSetAllocateInfo setInfo{VK_STRUCTURE_TYPE_DESCRIPTOR_SET_ALLOCATE_INFO};
    setInfo.descriptorPool = pool;
    setInfo.descriptorSetCount = 1;
    setInfo.pSetLayouts = &layout;
    if (vkAllocateDescriptorSets(device.handle(), &setInfo, &table->_set) != VK_SUCCESS)
        return core::fail("E_GPU_MEMORY", "texture table", {std::to_string(table->_capacity)});
    table->_free = std::make_shared<std::vector<std::uint32_t>>();
    for (std::uint32_t slot = table->_capacity; slot-- > 0;)
        table->_free->push_back(slot);
    MATOU_TRY(white, smallImage(device, "white texture", VK_FORMAT_R8G8B8A8_UNORM, 1, {255, 255, 255, 255}));
    MATOU_TRY(missing, smallImage(device, "missing texture", VK_FORMAT_R8G8B8A8_SRGB, 64, checker(64, 8)));
    MATOU_TRY(flat, smallImage(device, "flat normal texture", VK_FORMAT_R8G8B8A8_UNORM, 1, {128, 128, 255, 255}));
    MATOU_TRY(split,
              device.createImage(gpu::ImagePurpose::texture,
                                 {VK_FORMAT_R16G16B16A16_SFLOAT, kSplitSumSize, kSplitSumSize}, "split-sum table"));
    MATOU_CHECK(device.upload(split, embeddedSplitSum()));
    table->_fixed = {std::move(white), std::move(missing), std::move(flat), std::move(split)};
    model::Sampler sampler;
    for (const gpu::Image& image : table->_fixed) {
        if (&image == &table->_fixed.back())
            sampler = {model::Wrap::clamp, model::Wrap::clamp, true, true, model::MipFilter::none};
        MATOU_TRY(slot, table->add(image, sampler));
        static_cast<void>(slot); // 0, 1, 2, 3 in this order
    }
    return table;
}

core::Result<VkSampler> TextureTable::samplerFor(const model::Sampler& asked) {
    model::Sampler wanted = asked;
    // Half-smooth minification (LINEAR without mip levels, NEAREST within them: a common exporter's default) shimmers
    // and is jagged; glTF lets a renderer do better. Who asks for NEAREST alone gets it.
    if (wanted.minifyLinear || wanted.mip == model::MipFilter::linear) {
        wanted.minifyLinear = true;
        wanted.mip = model::MipFilter::linear;
    }
    if (const auto found = _samplers.find(wanted); found != _samplers.end()) return found->second.get();
    const auto address = [](model::Wrap wrap) {
        return wrap == model::Wrap::repeat   ? VK_SAMPLER_ADDRESS_MODE_REPEAT
               : wrap == model::Wrap::mirror ? VK_SAMPLER_ADDRESS_MODE_MIRRORED_REPEAT
                                             : VK_SAMPLER_ADDRESS_MODE_CLAMP_TO_EDGE;
    };
    VkSamplerCreateInfo info{VK_STRUCTURE_TYPE_SAMPLER_CREATE_INFO};
    info.magFilter = wanted.magnifyLinear ? VK_FILTER_LINEAR : VK_FILTER_NEAREST;
    info.minFilter = wanted.minifyLinear ? VK_FILTER_LINEAR : VK_FILTER_NEAREST;
    info.mipmapMode =
        wanted.mip == model::MipFilter::linear ? VK_SAMPLER_MIPMAP_MODE_LINEAR : VK_SAMPLER_MIPMAP_MODE_NEAREST;
    info.addressModeU = info.addressModeW = address(wanted.wrapU);
    info.addressModeV = address(wanted.wrapV);
    info.maxLod = wanted.mip == model::MipFilter::none ? 0.25f : VK_LOD_CLAMP_NONE; // 0.25: still minifies, but level 0
    // A software driver pays every tap in full.
    info.anisotropyEnable = wanted.minifyLinear && wanted.magnifyLinear && wanted.mip == model::MipFilter::linear &&
                            _device.optional().anisotropy && !_device.description().software;
    info.maxAnisotropy = std::min(8.0f, _device.optional().maxAnisotropy);
    VkSampler sampler = VK_NULL_HANDLE;
    if (vkCreateSampler(_device.handle(), &info, nullptr, &sampler) != VK_SUCCESS)
        return core::fail("E_GPU_MEMORY", "texture sampler", {"0"});
    _samplers[wanted] = _device.own(sampler, VK_OBJECT_TYPE_SAMPLER, "texture sampler");
    return sampler;
}

core::Result<std::uint32_t> TextureTable::add(const gpu::Image& image, const model::Sampler& wanted) {
    if (_free->empty()) return core::fail("E_TEXTURE_SLOTS", "texture table", {std::to_string(_capacity)});
    MATOU_TRY(sampler, samplerFor(wanted));
    const std::uint32_t slot = _free->back();
    _free->pop_back();
    const VkDescriptorImageInfo info{sampler, image.view(), VK_IMAGE_LAYOUT_SHADER_READ_ONLY_OPTIMAL};
    VkWriteDescriptorSet write{VK_STRUCTURE_TYPE_WRITE_DESCRIPTOR_SET};
    write.dstSet = _set;
    write.dstBinding = 0;
    write.dstArrayElement = slot;
    write.descriptorCount = 1;
    write.descriptorType = VK_DESCRIPTOR_TYPE_COMBINED_IMAGE_SAMPLER;
    write.pImageInfo = &info;
    vkUpdateDescriptorSets(_device.handle(), 1, &write, 0, nullptr);
    return slot;
}

void TextureTable::remove(std::uint32_t slot) {
    _device.retire(0, [free = _free, slot] { free->push_back(slot); });
}

} // namespace matou::resident
