#include "render/renderer.h"

#include <algorithm>
#include <cstring>
#include <tuple>

#include <glm/gtc/packing.hpp>

#include "gpu/pipeline.h"
#include "render/impl.h"

namespace matou::render {

Quality defaultQuality(const gpu::DeviceDescription& device) {
    return device.software ? Quality::medium : Quality::high;
}

Renderer::Renderer(std::unique_ptr<Impl> impl) : _impl(std::move(impl)) {}
Renderer::~Renderer() = default;

Renderer::Impl::~Impl() = default;

core::Result<std::unique_ptr<Renderer>> Renderer::create(gpu::Device& device, resident::ContentTable& contents,
                                                         glm::uvec2 size, const RendererOptions& options) {
    auto impl = std::make_unique<Impl>(device, contents);
    MATOU_CHECK(impl->makePasses(options));
    for (std::size_t i = 0; i < impl->slots.size(); ++i) {
        FrameSlot& slot = impl->slots[i];
        slot.memory = std::make_unique<FrameArena>(device, "frame memory " + std::to_string(i));
        MATOU_TRY(sets, impl->context->makePool("frame sets"));
        slot.sets = std::move(sets);
        MATOU_TRY(timer, PassTimer::create(device, options.timestamps, options.counts));
        slot.timer = std::move(timer);
    }
    MATOU_TRY(herds, HerdPass::create(device, options.cullObjects));
    impl->herdPass = std::move(herds);
    MATOU_CHECK(impl->makeTargets(size));
    return std::unique_ptr<Renderer>(new Renderer(std::move(impl)));
}

core::Result<void> Renderer::Impl::makePasses(const RendererOptions& options) {
    MATOU_TRY(made, Context::create(device, contents, options));
    context =
        std::move(made); // what the passes before it made is kept by the retire queue until the GPU is done with it
    scenePass = std::make_unique<ScenePass>(*context);
    std::vector<ScenePipelineKey> keys;
    for (const auto role : options.expected) keys.push_back({.surface = surfaceOf(role)});
    scenePass->prepare(keys);
    shadowPass = std::make_unique<ShadowPass>(*context);
    skyPass = std::make_unique<ScreenPass>(*context, ScreenPass::Kind::sky);
    tonemapPass = std::make_unique<ScreenPass>(*context, ScreenPass::Kind::tonemap);
    layerPass = std::make_unique<ScreenPass>(*context, ScreenPass::Kind::layer);
    emphasisPass = std::make_unique<EmphasisPass>(*context);
    occlusionPass = std::make_unique<OcclusionPass>(*context);
    hiddenPass = std::make_unique<HiddenPass>(*context);
    bloomPass = std::make_unique<BloomPass>(*context);
    overlayPass = std::make_unique<OverlayPass>(*context);
    uiPass = std::make_unique<UiPass>(*context);
    pickPass = std::make_unique<PickPass>(*context);
    opaqueCopy = std::make_unique<OpaqueCopy>(*context);
    return {};
}

core::Result<void> Renderer::setQuality(Quality quality) {
    RendererOptions options = _impl->context->options;
    options.quality = quality;
    // Passes of one quality and targets of another do not go together: what is there stays until the new is whole.
    Impl& now = *_impl;
    const auto parts = std::tie(now.opaqueCopy, now.scenePass, now.shadowPass, now.skyPass, now.tonemapPass, now.layerPass, now.emphasisPass,
                                now.occlusionPass, now.hiddenPass, now.bloomPass, now.overlayPass, now.uiPass, now.pickPass, now.context);
    auto before = std::apply([](auto&... part) { return std::make_tuple(std::move(part)...); }, parts);
    auto made = now.makePasses(options);
    if (made) made = now.makeTargets(now.size);
    if (!made) {
        now.opaqueCopy.reset(); // gives its texture back through the context that it was made with
        std::apply([&](auto&... part) { std::apply([&](auto&... old) { ((part = std::move(old)), ...); }, before); }, parts);
        return made;
    }
    std::get<0>(before).reset();
    std::get<1>(before).reset(); // waits for the pipelines that it is making with its context
    for (const auto& view : now.views) { // their maps are of another size; their skies are the same
        view->shadow = {};
        view->shadowLayers.clear();
        view->shadowReadable = false;
    }
    return {};
}

core::Result<void> Renderer::Impl::makeTargets(glm::uvec2 newSize) {
    const std::uint32_t limit = std::min({device.limits().maxImageDimension2D, device.limits().maxFramebufferWidth,
                                          device.limits().maxFramebufferHeight});
    if (newSize.x == 0 || newSize.y == 0 || newSize.x > limit || newSize.y > limit)
        return core::fail("E_RENDER_SIZE", "--size",
                          {std::to_string(newSize.x) + "x" + std::to_string(newSize.y), std::to_string(limit)});
    gpu::ImageDescription d;
    d.width = newSize.x;
    d.height = newSize.y;
    d.samples = context->samples;
    d.format = kHdrFormat;
    MATOU_TRY(newHdr, device.createImage(gpu::ImagePurpose::colorTarget, d, "hdr target"));
    d.format = kDepthFormat;
    MATOU_TRY(newDepth, device.createImage(gpu::ImagePurpose::depthTarget, d, "depth target"));
    d.samples = VK_SAMPLE_COUNT_1_BIT;
    d.format = kFinalFormat;
    MATOU_TRY(newFinal, device.createImage(gpu::ImagePurpose::finalTarget, d, "final target"));
    MATOU_CHECK(occlusionPass->resize(newSize));
    MATOU_CHECK(bloomPass->resize(newSize));
    hdr = std::move(newHdr);
    depth = std::move(newDepth);
    final = std::move(newFinal);
    size = newSize;
    finalKept = false;
    return {};
}

core::Result<ViewResources*> Renderer::Impl::viewResources(std::size_t index) {
    while (views.size() <= index)
        views.push_back(std::make_unique<ViewResources>());
    if (ViewResources* made = views[index].get(); !made->shadow) {
        const std::string name = "view " + std::to_string(index);
        gpu::ImageDescription d;
        d.format = kDepthFormat;
        d.width = d.height = context->shadowTaps > 0 ? context->shadowTexels : 1;
        d.layers = context->options.referenceShadows ? 2 * MATOU_CASCADES : MATOU_CASCADES;
        MATOU_TRY(shadow, device.createImage(gpu::ImagePurpose::depthTarget, d, name + " shadow maps"));
        made->shadow = std::move(shadow);
        for (std::uint32_t layer = 0; layer < d.layers; ++layer) {
            VkImageViewCreateInfo info{VK_STRUCTURE_TYPE_IMAGE_VIEW_CREATE_INFO};
            info.image = made->shadow.handle();
            info.viewType = VK_IMAGE_VIEW_TYPE_2D;
            info.format = kDepthFormat;
            info.subresourceRange = {VK_IMAGE_ASPECT_DEPTH_BIT, 0, 1, layer, 1};
            VkImageView view = VK_NULL_HANDLE;
            if (vkCreateImageView(device.handle(), &info, nullptr, &view) != VK_SUCCESS)
                return core::fail("E_GPU_MEMORY", name + " shadow layer", {"0"});
            made->shadowLayers.push_back(device.own(view, VK_OBJECT_TYPE_IMAGE_VIEW, name + " shadow layer"));
        }
    }
    return views[index].get();
}

core::Result<void> Renderer::attachWindow(const gpu::MakeSurface& makeSurface, glm::uvec2 size, bool vsync) {
    MATOU_TRY(window, gpu::Swapchain::create(_impl->device, makeSurface, size.x, size.y, vsync));
    _impl->window = std::move(window);
    return {};
}

void Renderer::detachWindow() {
    _impl->window.reset();
}

core::Result<void> Renderer::resize(glm::uvec2 size) {
    MATOU_CHECK(_impl->makeTargets(size));
    if (_impl->window) MATOU_CHECK(_impl->window->resize(size.x, size.y));
    return {};
}

glm::uvec2 Renderer::size() const {
    return _impl->size;
}

core::Result<FrameReport> Renderer::render(const scene::FrameSnapshot& frame, const UiDrawData* ui) {
    return _impl->renderFrame(frame, ui);
}

core::Result<void> Renderer::waitForFrame() {
    return _impl->device.wait(_impl->lastValue);
}

core::Result<std::vector<std::byte>> Renderer::Impl::copyOut(const gpu::Image& image, gpu::ImageUse use,
                                                             std::size_t bytesPerPixel) {
    const std::size_t bytes = static_cast<std::size_t>(size.x) * size.y * bytesPerPixel;
    MATOU_TRY(buffer, device.createBuffer(gpu::BufferPurpose::readback, bytes, "readback"));
    VkCommandBuffer commands = device.beginCommands("readback");
    gpu::imageBarrier(commands, image, use, gpu::useCopySource());
    VkBufferImageCopy copy{};
    copy.imageSubresource = {VK_IMAGE_ASPECT_COLOR_BIT, 0, 0, 1};
    copy.imageExtent = {size.x, size.y, 1};
    vkCmdCopyImageToBuffer(commands, image.handle(), VK_IMAGE_LAYOUT_TRANSFER_SRC_OPTIMAL, buffer.handle(), 1, &copy);
    gpu::imageBarrier(commands, image, gpu::useCopySource(), use);
    VkMemoryBarrier2 barrier{VK_STRUCTURE_TYPE_MEMORY_BARRIER_2};
    barrier.srcStageMask = VK_PIPELINE_STAGE_2_ALL_TRANSFER_BIT;
    barrier.srcAccessMask = VK_ACCESS_2_TRANSFER_WRITE_BIT;
    barrier.dstStageMask = VK_PIPELINE_STAGE_2_HOST_BIT;
    barrier.dstAccessMask = VK_ACCESS_2_HOST_READ_BIT;
    VkDependencyInfo dependency{VK_STRUCTURE_TYPE_DEPENDENCY_INFO};
    dependency.memoryBarrierCount = 1;
    dependency.pMemoryBarriers = &barrier;
    vkCmdPipelineBarrier2(commands, &dependency);
    MATOU_TRY(value, device.submit(commands));
    MATOU_CHECK(device.wait(value));
    std::vector<std::byte> out(bytes);
    std::memcpy(out.data(), buffer.mapped(), bytes);
    return out;
}

core::Result<Pixels> Renderer::readback() {
    Impl& impl = *_impl;
    Pixels pixels;
    pixels.width = impl.size.x;
    pixels.height = impl.size.y;
    pixels.rgba.resize(static_cast<std::size_t>(impl.size.x) * impl.size.y * 4);
    if (impl.finalKept) { // else nothing was drawn yet: black
        MATOU_TRY(bytes, impl.copyOut(impl.final, gpu::useCopySource(), 4));
        std::memcpy(pixels.rgba.data(), bytes.data(), bytes.size());
    }
    for (std::size_t i = 3; i < pixels.rgba.size(); i += 4)
        pixels.rgba[i] = 255;
    return pixels;
}

core::Result<std::vector<glm::vec4>> Renderer::readbackLight() {
    Impl& impl = *_impl;
    std::vector<glm::vec4> light(static_cast<std::size_t>(impl.size.x) * impl.size.y);
    if (!impl.finalKept || impl.context->samples != VK_SAMPLE_COUNT_1_BIT) return light;
    MATOU_TRY(bytes, impl.copyOut(impl.hdr, gpu::useSampled(), sizeof(glm::u16vec4)));
    for (std::size_t i = 0; i < light.size(); ++i) {
        glm::u16vec4 half;
        std::memcpy(&half, bytes.data() + i * sizeof(half), sizeof(half));
        light[i] = glm::unpackHalf(half);
    }
    return light;
}

std::uint64_t Renderer::frameBytes() const {
    std::uint64_t bytes = _impl->hdr.byteSize() + _impl->depth.byteSize() + _impl->final.byteSize();
    bytes += _impl->styleUpload->byteSize() + _impl->hiddenPass->byteSize() + _impl->occlusionPass->byteSize() + _impl->bloomPass->byteSize() + _impl->emphasisPass->byteSize();
    for (const FrameSlot& slot : _impl->slots)
        bytes += slot.memory->reservedBytes();
    for (const auto& view : _impl->views)
        bytes += view->shadow.byteSize() + view->skyImage.byteSize() + view->probeImage.byteSize();
    return bytes;
}

const RendererOptions& Renderer::options() const {
    return _impl->context->options;
}

} // namespace matou::render
