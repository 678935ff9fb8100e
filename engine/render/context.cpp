#include "render/context.h"

#include <algorithm>
#include <string>

#include "core/embedded.h"

namespace matou::assets {
extern const std::span<const EmbeddedFile> kShaders;
}

namespace matou::render {
namespace {

// Frame sets of one frame: views, picking, UI.
constexpr std::uint32_t kSetsPerPool = 80;

core::Result<gpu::Owned<VkSampler>> makeSampler(gpu::Device& device, const char* name, VkFilter filter, bool compare) {
    VkSamplerCreateInfo info{VK_STRUCTURE_TYPE_SAMPLER_CREATE_INFO};
    info.magFilter = info.minFilter = filter;
    info.mipmapMode = VK_SAMPLER_MIPMAP_MODE_NEAREST;
    info.addressModeU = info.addressModeV = info.addressModeW =
        compare ? VK_SAMPLER_ADDRESS_MODE_CLAMP_TO_BORDER : VK_SAMPLER_ADDRESS_MODE_CLAMP_TO_EDGE;
    info.borderColor = VK_BORDER_COLOR_FLOAT_OPAQUE_WHITE; // outside of a shadow map: lit
    info.compareEnable = compare;
    info.compareOp = VK_COMPARE_OP_LESS_OR_EQUAL;
    VkSampler sampler = VK_NULL_HANDLE;
    if (vkCreateSampler(device.handle(), &info, nullptr, &sampler) != VK_SUCCESS)
        return core::fail("E_GPU_MEMORY", name, {"0"});
    return device.own(sampler, VK_OBJECT_TYPE_SAMPLER, name);
}

VkSampleCountFlagBits samplesFor(const gpu::Device& device, const RendererOptions& options) {
    std::uint32_t wanted = options.samples;
    if (wanted == 0) {
        wanted = tierOf(options.quality).samples;
    }
    const VkSampleCountFlags able =
        device.limits().framebufferColorSampleCounts & device.limits().framebufferDepthSampleCounts &
        device.limits().sampledImageColorSampleCounts & device.limits().sampledImageDepthSampleCounts;
    while (wanted > 1 && (able & wanted) == 0)
        wanted /= 2;
    return static_cast<VkSampleCountFlagBits>(std::max(wanted, 1u));
}

} // namespace

std::span<const unsigned char> shader(std::string_view name) {
    const std::string file = std::string(name) + ".spv";
    for (const assets::EmbeddedFile& embedded : assets::kShaders)
        if (embedded.name == file) return embedded.bytes;
    return {};
}

core::Result<std::unique_ptr<Context>> Context::create(gpu::Device& device, resident::ContentTable& contents,
                                                       const RendererOptions& options) {
    auto context = std::make_unique<Context>(Context{device, contents, options});
    context->samples = samplesFor(device, options);
    context->tier = tierOf(options.quality);
    if (!options.contactShadows) context->tier.contactSteps = 0;
    context->shadowTexels = context->tier.shadowTexels;
    context->shadowTaps = options.shadows ? context->tier.shadowTaps : 0;

    std::vector<VkDescriptorSetLayoutBinding> bindings;
    constexpr VkShaderStageFlags kStages = VK_SHADER_STAGE_VERTEX_BIT | VK_SHADER_STAGE_FRAGMENT_BIT;
    bindings.push_back({kBindView, VK_DESCRIPTOR_TYPE_UNIFORM_BUFFER, 1, kStages, nullptr});
    for (std::uint32_t b = kBindShadow; b < kBindingCount; ++b)
        bindings.push_back({b, VK_DESCRIPTOR_TYPE_COMBINED_IMAGE_SAMPLER, 1, kStages, nullptr});
    // Passes bind the set before some of its images exist or are in a readable layout; they read only their own.
    const std::vector<VkDescriptorBindingFlags> flags(kBindingCount, VK_DESCRIPTOR_BINDING_PARTIALLY_BOUND_BIT);
    const VkDescriptorSetLayoutBindingFlagsCreateInfo flagsInfo{
        VK_STRUCTURE_TYPE_DESCRIPTOR_SET_LAYOUT_BINDING_FLAGS_CREATE_INFO, nullptr, kBindingCount, flags.data()};
    VkDescriptorSetLayoutCreateInfo layoutInfo{VK_STRUCTURE_TYPE_DESCRIPTOR_SET_LAYOUT_CREATE_INFO, &flagsInfo};
    layoutInfo.bindingCount = kBindingCount;
    layoutInfo.pBindings = bindings.data();
    VkDescriptorSetLayout layout = VK_NULL_HANDLE;
    if (vkCreateDescriptorSetLayout(device.handle(), &layoutInfo, nullptr, &layout) != VK_SUCCESS)
        return core::fail("E_GPU_MEMORY", "frame layout", {"0"});
    context->frameLayout = device.own(layout, VK_OBJECT_TYPE_DESCRIPTOR_SET_LAYOUT, "frame layout");
    const VkDescriptorSetLayout sets[] = {layout, contents.textures().layout()};
    const VkPushConstantRange range{kStages, 0, 128};
    VkPipelineLayoutCreateInfo pipelineInfo{VK_STRUCTURE_TYPE_PIPELINE_LAYOUT_CREATE_INFO};
    pipelineInfo.setLayoutCount = 2;
    pipelineInfo.pSetLayouts = sets;
    pipelineInfo.pushConstantRangeCount = 1;
    pipelineInfo.pPushConstantRanges = &range;
    VkPipelineLayout pipelineLayout = VK_NULL_HANDLE;
    if (vkCreatePipelineLayout(device.handle(), &pipelineInfo, nullptr, &pipelineLayout) != VK_SUCCESS)
        return core::fail("E_GPU_MEMORY", "pipeline layout", {"0"});
    context->pipelineLayout = device.own(pipelineLayout, VK_OBJECT_TYPE_PIPELINE_LAYOUT, "pipeline layout");
    MATOU_TRY(linear, makeSampler(device, "linear sampler", VK_FILTER_LINEAR, false));
    MATOU_TRY(nearest, makeSampler(device, "nearest sampler", VK_FILTER_NEAREST, false));
    MATOU_TRY(shadow, makeSampler(device, "shadow sampler", VK_FILTER_LINEAR, true));
    context->linear = std::move(linear);
    context->nearest = std::move(nearest);
    context->shadow = std::move(shadow);
    return context;
}

core::Result<gpu::Owned<VkDescriptorPool>> Context::makePool(const char* name) const {
    const VkDescriptorPoolSize sizes[] = {{VK_DESCRIPTOR_TYPE_UNIFORM_BUFFER, kSetsPerPool},
                                          {VK_DESCRIPTOR_TYPE_COMBINED_IMAGE_SAMPLER, kSetsPerPool * kBindingCount}};
    VkDescriptorPoolCreateInfo info{VK_STRUCTURE_TYPE_DESCRIPTOR_POOL_CREATE_INFO};
    info.maxSets = kSetsPerPool;
    info.poolSizeCount = 2;
    info.pPoolSizes = sizes;
    VkDescriptorPool pool = VK_NULL_HANDLE;
    if (vkCreateDescriptorPool(device.handle(), &info, nullptr, &pool) != VK_SUCCESS)
        return core::fail("E_GPU_MEMORY", name, {"0"});
    return device.own(pool, VK_OBJECT_TYPE_DESCRIPTOR_POOL, name);
}

core::Result<VkDescriptorSet> Context::makeFrameSet(VkDescriptorPool pool, const FrameSetContents& c) const {
    VkDescriptorSetLayout layout = frameLayout.get();
    VkDescriptorSetAllocateInfo info{VK_STRUCTURE_TYPE_DESCRIPTOR_SET_ALLOCATE_INFO};
    info.descriptorPool = pool;
    info.descriptorSetCount = 1;
    info.pSetLayouts = &layout;
    VkDescriptorSet set = VK_NULL_HANDLE;
    if (vkAllocateDescriptorSets(device.handle(), &info, &set) != VK_SUCCESS)
        return core::fail("E_GPU_MEMORY", "frame set", {std::to_string(kSetsPerPool)});
    const VkDescriptorBufferInfo view{c.viewBuffer, c.viewOffset, sizeof(shared::GpuView)};
    const std::pair<VkSampler, VkImageView> images[kBindingCount] = {{},
                                                                     {shadow.get(), c.shadow},
                                                                     {linear.get(), c.sky},
                                                                     {nearest.get(), c.hdr},
                                                                     {nearest.get(), c.depth},
                                                                     {linear.get(), c.glyphs},
                                                                     {linear.get(), c.font},
                                                                     {linear.get(), c.probe},
                                                                     {nearest.get(), c.shadow},
                                                                     {nearest.get(), c.occlusionDepth},
                                                                     {nearest.get(), c.occlusionRaw},
                                                                     {nearest.get(), c.occlusion},
                                                                     {linear.get(), c.bloom},
                                                                     {nearest.get(), c.mask},
                                                                     {nearest.get(), c.spread},
                                                                     {nearest.get(), c.sunMask}};
    std::vector<VkWriteDescriptorSet> writes;
    VkDescriptorImageInfo imageInfos[kBindingCount];
    VkWriteDescriptorSet write{VK_STRUCTURE_TYPE_WRITE_DESCRIPTOR_SET};
    write.dstSet = set;
    write.descriptorCount = 1;
    if (c.viewBuffer != VK_NULL_HANDLE) {
        write.dstBinding = kBindView;
        write.descriptorType = VK_DESCRIPTOR_TYPE_UNIFORM_BUFFER;
        write.pBufferInfo = &view;
        writes.push_back(write);
    }
    for (std::uint32_t b = kBindShadow; b < kBindingCount; ++b) {
        if (images[b].second == VK_NULL_HANDLE) continue;
        imageInfos[b] = {images[b].first, images[b].second, VK_IMAGE_LAYOUT_SHADER_READ_ONLY_OPTIMAL};
        write.dstBinding = b;
        write.descriptorType = VK_DESCRIPTOR_TYPE_COMBINED_IMAGE_SAMPLER;
        write.pBufferInfo = nullptr;
        write.pImageInfo = &imageInfos[b];
        writes.push_back(write);
    }
    vkUpdateDescriptorSets(device.handle(), static_cast<std::uint32_t>(writes.size()), writes.data(), 0, nullptr);
    return set;
}

void Context::push(VkCommandBuffer commands, const void* bytes, std::uint32_t size) const {
    vkCmdPushConstants(commands, pipelineLayout.get(), VK_SHADER_STAGE_VERTEX_BIT | VK_SHADER_STAGE_FRAGMENT_BIT, 0,
                       size, bytes);
}

void setViewport(VkCommandBuffer commands, glm::ivec4 r) {
    const VkViewport viewport{
        static_cast<float>(r.x), static_cast<float>(r.y), static_cast<float>(r.z), static_cast<float>(r.w), 0.0f, 1.0f};
    const VkRect2D scissor{{r.x, r.y}, {static_cast<std::uint32_t>(r.z), static_cast<std::uint32_t>(r.w)}};
    vkCmdSetViewport(commands, 0, 1, &viewport);
    vkCmdSetScissor(commands, 0, 1, &scissor);
}

} // namespace matou::render
