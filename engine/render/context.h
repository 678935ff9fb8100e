#pragma once
// What all passes share: descriptor and pipeline layouts, samplers, options, embedded shaders.

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

#include "core/result.h"
#include "gpu/device.h"
#include "gpu/pipeline.h"
#include "render/renderer.h"
#include "render/tiers.h"
#include "resident/content_table.h"
#include "shared/host.h"

namespace matou::render {

inline constexpr VkFormat kHdrFormat = VK_FORMAT_R16G16B16A16_SFLOAT;
inline constexpr VkFormat kDepthFormat = VK_FORMAT_D32_SFLOAT;
inline constexpr VkFormat kFinalFormat = VK_FORMAT_R8G8B8A8_UNORM;

/// 128 bytes, the least that Vulkan promises; what a pass puts there is its own business.
struct PushConstants {
    std::uint64_t draws = 0, styles = 0;
    std::uint32_t styleCount = 0, cascade = 0;
    std::uint32_t opaqueTexture = 0; // of the bindless table; 0: none
    std::uint32_t onlyFlags = 0;     // style flags of which a feature must have one to be drawn; 0: all are
};
struct OverlayPush {
    std::uint64_t items = 0;
    float values[4] = {0, 0, 0, 0};
};

/// Bindings of set 0 (shaders/lib).
enum Binding : std::uint32_t {
    kBindView = 0,
    kBindShadow = 1,
    kBindSky = 2,
    kBindHdr = 3,
    kBindDepth = 4,
    kBindGlyphs = 5,
    kBindFont = 6,
    kBindProbe = 7,
    kBindShadowDepth = 8,
    kBindOcclusionDepth = 9,
    kBindOcclusionRaw = 10,
    kBindOcclusion = 11,
    kBindBloom = 12,
    kBindMask = 13,
    kBindSpread = 14,
    kBindSunMask = 15,
    kBindingCount = 16,
};

struct FrameSetContents {
    VkBuffer viewBuffer = VK_NULL_HANDLE;
    VkDeviceSize viewOffset = 0;
    VkImageView shadow = VK_NULL_HANDLE, sky = VK_NULL_HANDLE, hdr = VK_NULL_HANDLE, depth = VK_NULL_HANDLE;
    VkImageView glyphs = VK_NULL_HANDLE, font = VK_NULL_HANDLE, probe = VK_NULL_HANDLE;
    VkImageView occlusionDepth = VK_NULL_HANDLE, occlusionRaw = VK_NULL_HANDLE, occlusion = VK_NULL_HANDLE;
    VkImageView bloom = VK_NULL_HANDLE, mask = VK_NULL_HANDLE, spread = VK_NULL_HANDLE, sunMask = VK_NULL_HANDLE;
};

struct Context {
    gpu::Device& device;
    resident::ContentTable& contents;
    RendererOptions options;
    VkSampleCountFlagBits samples = VK_SAMPLE_COUNT_1_BIT;
    Tier tier;
    std::uint32_t shadowTexels = 1024, shadowTaps = 4;
    gpu::Owned<VkDescriptorSetLayout> frameLayout;
    gpu::Owned<VkPipelineLayout> pipelineLayout;
    gpu::Owned<VkSampler> linear, nearest, shadow;

    static core::Result<std::unique_ptr<Context>> create(gpu::Device& device, resident::ContentTable& contents,
                                                         const RendererOptions& options);
    core::Result<gpu::Owned<VkDescriptorPool>> makePool(const char* name) const;
    core::Result<VkDescriptorSet> makeFrameSet(VkDescriptorPool pool, const FrameSetContents& contents) const;
    void push(VkCommandBuffer commands, const void* bytes, std::uint32_t size) const;
};

/// SPIR-V by file name, "scene.frag". Empty where unknown (a broken build, caught by tests).
std::span<const unsigned char> shader(std::string_view name);

void setViewport(VkCommandBuffer commands, glm::ivec4 rectangle);

} // namespace matou::render
