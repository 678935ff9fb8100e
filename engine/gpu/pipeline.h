#pragma once
// Graphics pipelines for dynamic rendering and compute pipelines from embedded SPIR-V, and the small recording helpers that passes share.

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include <vulkan/vulkan_core.h>

#include "core/result.h"
#include "gpu/device.h"

namespace matou::gpu {

enum class Blend : std::uint8_t { none, alpha, add, maximum };

/// Viewport and scissor are dynamic. Reversed depth: greater is nearer.
struct PipelineDescription {
    std::string name;
    std::span<const unsigned char> vertexSpirv, fragmentSpirv; // fragment may be empty: depth only
    VkPipelineLayout layout = VK_NULL_HANDLE;
    std::vector<VkVertexInputBindingDescription> bindings;
    std::vector<VkVertexInputAttributeDescription> attributes;
    VkPrimitiveTopology topology = VK_PRIMITIVE_TOPOLOGY_TRIANGLE_LIST;
    VkCullModeFlags cull = VK_CULL_MODE_NONE;
    std::vector<VkFormat> colorFormats;
    VkFormat depthFormat = VK_FORMAT_UNDEFINED;
    bool depthTest = false, depthWrite = false;
    VkCompareOp depthCompare = VK_COMPARE_OP_GREATER;
    float depthBias = 0.0f, depthBiasSlope = 0.0f;
    bool depthClamp = false; // what lies outside the depth range is drawn at its end
    Blend blend = Blend::none;
    VkSampleCountFlagBits samples = VK_SAMPLE_COUNT_1_BIT;
    bool alphaToCoverage = false;
    /// Specialization constants 0, 1, 2, … of both stages.
    std::vector<std::uint32_t> constants;
};

/// What takes long of making one; the shaders' constants are set before the driver sees them (specialize.h). Thread: any. The caller
/// owns it: Device::own on the main lane, or vkDestroyPipeline. Errors: E_SHADER.
core::Result<VkPipeline> compilePipeline(Device& device, const PipelineDescription& description);
/// Errors: E_SHADER.
core::Result<Owned<VkPipeline>> makePipeline(Device& device, const PipelineDescription& description);

/// A compute pipeline; its shader's entry is main. Errors: E_SHADER.
core::Result<Owned<VkPipeline>> makeComputePipeline(Device& device, const std::string& name, std::span<const unsigned char> spirv,
                                                    VkPipelineLayout layout);

struct ImageUse {
    VkImageLayout layout = VK_IMAGE_LAYOUT_UNDEFINED;
    VkPipelineStageFlags2 stage = VK_PIPELINE_STAGE_2_NONE;
    VkAccessFlags2 access = VK_ACCESS_2_NONE;
};
/// The uses that passes make of their images.
ImageUse useNothing(); // contents are not needed any more; earlier work of any kind is waited for
ImageUse useColorAttachment();
ImageUse useDepthAttachment();
ImageUse useSampled(); // in vertex and fragment shaders
ImageUse useCopySource();

void imageBarrier(VkCommandBuffer commands, const Image& image, const ImageUse& from, const ImageUse& to);

} // namespace matou::gpu
