#pragma once
// What a Renderer holds. Split over renderer.cpp (life, targets, readback), frame.cpp (the order of passes),
// shadow_maps.cpp and pick.cpp.

#include <array>
#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "gpu/pipeline.h"
#include "gpu/swapchain.h"
#include "render/cascades.h"
#include "render/context.h"
#include "render/draw_list.h"
#include "render/environment.h"
#include "render/frame_arena.h"
#include "render/gpu_timer.h"
#include "render/kept_sky.h"
#include "render/opaque_copy.h"
#include "render/passes/bloom_pass.h"
#include "render/passes/emphasis_pass.h"
#include "render/passes/hidden_pass.h"
#include "render/passes/occlusion_pass.h"
#include "render/passes/overlay_pass.h"
#include "render/passes/pick_pass.h"
#include "render/passes/scene_pass.h"
#include "render/passes/ui_pass.h"
#include "render/picture_light.h"
#include "render/renderer.h"
#include "render/sky_model.h"
#include "render/style_upload.h"

namespace matou::render {

/// What stays between frames for the n-th view: its shadow maps and sky, remade only where what they show changed.
struct ViewResources {
    gpu::Image shadow; // one layer per cascade
    std::vector<gpu::Owned<VkImageView>> shadowLayers;
    bool shadowReadable = false; // false: its layout is still undefined
    std::array<std::uint64_t, 2 * MATOU_CASCADES> cascadeKeys{}; // of all, then of plants alone
    gpu::Image sunMask; // of a reference picture
    gpu::Image skyImage, probeImage;
    std::uint64_t exposedKey = ~0ull; // of what the images hold
    KeptSky sky;
    const void* pictureOf = nullptr;
    PictureLight picture; // in place of the sky where a picture lights everything
};

/// What one frame in flight needs.
struct FrameSlot {
    std::unique_ptr<FrameArena> memory;
    gpu::Owned<VkDescriptorPool> sets;
    PassTimer timer;
    std::uint64_t busyUntil = 0;
};

/// Fills what has to do with the aids in `out`. `eyeFromAnchor` in the shading frame; `chosen`: something is emphasized.
void aidView(const scene::View& view, const glm::dvec3& eyeFromAnchor, bool chosen, shared::GpuView& out);

struct Renderer::Impl {
    gpu::Device& device;
    resident::ContentTable& contents;
    std::unique_ptr<Context> context;
    glm::uvec2 size{0};
    gpu::Image hdr, depth, final;
    bool finalKept = false; // holds a frame, in TRANSFER_SRC layout
    std::array<FrameSlot, 2> slots;
    std::uint64_t frameNumber = 0, lastValue = 0;
    std::vector<std::unique_ptr<ViewResources>> views;
    std::unique_ptr<StyleUpload> styleUpload;
    std::unique_ptr<HerdPass> herdPass;
    std::unique_ptr<ScenePass> scenePass;
    std::unique_ptr<ShadowPass> shadowPass;
    std::unique_ptr<ScreenPass> skyPass, tonemapPass, layerPass;
    std::unique_ptr<EmphasisPass> emphasisPass;
    std::unique_ptr<OcclusionPass> occlusionPass;
    std::unique_ptr<HiddenPass> hiddenPass;
    std::unique_ptr<BloomPass> bloomPass;
    std::unique_ptr<OverlayPass> overlayPass;
    std::unique_ptr<UiPass> uiPass;
    std::unique_ptr<PickPass> pickPass;
    std::unique_ptr<OpaqueCopy> opaqueCopy;
    FrameSlot pickSlot;
    gpu::Image glyphs;
    std::uint64_t glyphsVersion = 0;
    std::unique_ptr<gpu::Swapchain> window;

    Impl(gpu::Device& d, resident::ContentTable& c) : device(d), contents(c), styleUpload(std::make_unique<StyleUpload>(d)) {}
    ~Impl();
    /// Layouts, samplers and passes for these options; targets are made after it.
    core::Result<void> makePasses(const RendererOptions& options);
    core::Result<void> makeTargets(glm::uvec2 newSize);
    /// The whole image (of the picture's size), which is in `use`. Waits for the GPU.
    core::Result<std::vector<std::byte>> copyOut(const gpu::Image& image, gpu::ImageUse use, std::size_t bytesPerPixel);
    core::Result<ViewResources*> viewResources(std::size_t index);

    core::Result<FrameReport> renderFrame(const scene::FrameSnapshot& frame, const UiDrawData* ui);
    core::Result<void> recordView(VkCommandBuffer commands, FrameSlot& slot, const scene::FrameSnapshot& frame,
                                  std::size_t index, FrameReport& report);
    core::Result<void> updateSunMask(ViewResources& resources, const scene::View& view);
    core::Result<void> updateGlyphs(const scene::GlyphAtlasImage* atlas);
    core::Result<void> updateSky(ViewResources& resources, const scene::View& view, bool neutral,
                                 const model::EnvironmentImage* image);
    Emphasis emphasisFor(const scene::View& view, const DrawList& list, const StylesOnGpu& styles, const glm::mat4& clipFromEye,
                         glm::ivec4 area) const;
    /// Over the tone-mapped picture; scene's depth and HDR are readable before and the depth after it. emphasis.cpp.
    core::Result<void> recordEmphasis(VkCommandBuffer commands, FrameSlot& slot, const scene::View& view, const Emphasis& emphasis,
                                      glm::ivec4 area, const HerdTarget& herds, const PushConstants& push,
                                      const FrameSetContents& setContents, VkDescriptorSet set, FrameReport& report);
    core::Result<void> recordChosenAlone(VkCommandBuffer commands, FrameSlot& slot, const Emphasis& emphasis, glm::ivec4 area,
                                         const HerdTarget& herds, PushConstants push, const FrameSetContents& setContents,
                                         VkDescriptorSet set, scene::Look look);
    core::Result<void> recordShadows(VkCommandBuffer commands, FrameSlot& slot, const scene::View& view,
                                     const DrawList& list, ViewResources& resources, const glm::dvec3& shadowLight,
                                     const std::array<Cascade, MATOU_CASCADES>& cascades, const StylesOnGpu& styles,
                                     const PushConstants& push, VkDescriptorSet set, FrameReport& report);
};

} // namespace matou::render
