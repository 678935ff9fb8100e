// The frame, readable from top to bottom: per view shadows, scene, sky, tone mapping, overlay; then the UI and the
// window.

#include <algorithm>
#include <chrono>
#include <cstring>

#include "gpu/pipeline.h"
#include "render/impl.h"
#include "render/motion.h"

namespace matou::render {
namespace {

std::uint64_t mixKey(std::uint64_t key, std::uint64_t value) {
    return (key ^ value) * 0x9e3779b97f4a7c15ull + (key >> 29);
}
std::uint64_t bitsOf(double value) {
    std::uint64_t bits = 0;
    std::memcpy(&bits, &value, 8);
    return bits;
}

struct Attachment {
    VkImageView view = VK_NULL_HANDLE;
    VkAttachmentLoadOp load = VK_ATTACHMENT_LOAD_OP_CLEAR;
    VkClearValue clear{};
};

void beginRendering(VkCommandBuffer commands, glm::ivec4 area, const Attachment* color, const Attachment* depth) {
    const auto info = [](const Attachment& a, VkImageLayout layout) {
        VkRenderingAttachmentInfo i{VK_STRUCTURE_TYPE_RENDERING_ATTACHMENT_INFO};
        i.imageView = a.view;
        i.imageLayout = layout;
        i.loadOp = a.load;
        i.storeOp = VK_ATTACHMENT_STORE_OP_STORE;
        i.clearValue = a.clear;
        return i;
    };
    VkRenderingAttachmentInfo colorInfo{}, depthInfo{};
    VkRenderingInfo rendering{VK_STRUCTURE_TYPE_RENDERING_INFO};
    rendering.renderArea = {{area.x, area.y}, {static_cast<std::uint32_t>(area.z), static_cast<std::uint32_t>(area.w)}};
    rendering.layerCount = 1;
    if (color != nullptr) {
        colorInfo = info(*color, VK_IMAGE_LAYOUT_COLOR_ATTACHMENT_OPTIMAL);
        rendering.colorAttachmentCount = 1;
        rendering.pColorAttachments = &colorInfo;
    }
    if (depth != nullptr) {
        depthInfo = info(*depth, VK_IMAGE_LAYOUT_DEPTH_ATTACHMENT_OPTIMAL);
        rendering.pDepthAttachment = &depthInfo;
    }
    vkCmdBeginRendering(commands, &rendering);
    setViewport(commands, area);
}

/// The view's rectangle, cut to the target; zero size where nothing is left.
glm::ivec4 cutToTarget(glm::ivec4 r, glm::uvec2 size) {
    const int x0 = std::clamp(r.x, 0, static_cast<int>(size.x)), y0 = std::clamp(r.y, 0, static_cast<int>(size.y));
    const int x1 = std::clamp(r.x + r.z, x0, static_cast<int>(size.x)),
              y1 = std::clamp(r.y + r.w, y0, static_cast<int>(size.y));
    return {x0, y0, x1 - x0, y1 - y0};
}

} // namespace

core::Result<void> Renderer::Impl::updateGlyphs(const scene::GlyphAtlasImage* atlas) {
    const bool present = atlas != nullptr && atlas->width > 0 && atlas->height > 0 &&
                         atlas->texels.size() == static_cast<std::size_t>(atlas->width) * atlas->height;
    static const scene::GlyphAtlasImage kEmpty{0, 1, 1, {0}};
    const scene::GlyphAtlasImage& image = present ? *atlas : kEmpty;
    if (glyphs && glyphsVersion == image.version && glyphs.description().width == image.width &&
        glyphs.description().height == image.height)
        return {};
    gpu::ImageDescription d;
    d.format = VK_FORMAT_R8_UNORM;
    d.width = image.width;
    d.height = image.height;
    MATOU_TRY(fresh, device.createImage(gpu::ImagePurpose::texture, d, "glyph atlas"));
    MATOU_CHECK(device.upload(fresh, std::as_bytes(std::span(image.texels))));
    glyphs = std::move(fresh);
    glyphsVersion = image.version;
    return {};
}

core::Result<StylesOnGpu> Renderer::Impl::uploadStyles(FrameSlot& slot, const scene::StyleTable* styles) {
    StylesOnGpu out;
    if (styles == nullptr || styles->styles.empty()) return out;
    std::vector<shared::GpuStyle> rows(styles->styles.size());
    for (std::size_t i = 0; i < rows.size(); ++i) {
        const scene::FeatureStyle& style = styles->styles[i];
        std::memcpy(&rows[i].tint, &style.tint, 4);
        rows[i].flags = style.flags;
        if (const std::uint32_t shadowless = style.flags & (scene::kStyleHidden | scene::kStyleGhosted);
            shadowless != 0)
            out.shadowKey = mixKey(out.shadowKey, i * 8 + shadowless);
        out.styled = out.styled || (style.flags & (scene::kStyleSelected | scene::kStyleGhosted)) != 0;
    }
    MATOU_TRY(part, slot.memory->copy(std::span<const shared::GpuStyle>(rows)));
    out.address = part.address;
    out.count = static_cast<std::uint32_t>(rows.size());
    return out;
}

core::Result<void> Renderer::Impl::updateSky(ViewResources& resources, const scene::View& view, bool neutral,
                                             const model::EnvironmentImage* image) {
    const bool fixed = lightIsFixed(view, neutral);
    const auto weather = fixed ? scene::Weather::clear : view.weather;
    const double elevation = fixed ? 0.7 : skyElevation(view);
    const std::uint64_t airKey = static_cast<std::uint64_t>(weather);
    if (resources.airKey != airKey) {
        resources.air.emplace(aerosolOf(weather));
        resources.airKey = airKey;
    }
    const std::uint64_t skyKey = mixKey(mixKey(bitsOf(elevation), airKey + 1),
                                        (fixed ? 2u : 0u) + (neutral ? 1u : 0u) + (image != nullptr ? 4u : 0u));
    if (resources.skyKey != skyKey) {
        resources.sky = computeSky(*resources.air, elevation, weather);
        resources.probe = image != nullptr ? probeOf(*image) : fixed ? fixedProbe(view, neutral) : probeOf(resources.sky);
        resources.skyKey = skyKey;
    }
    const std::uint64_t exposedKey =
        mixKey(mixKey(skyKey, bitsOf(exposureEv100(view, resources.sky))), static_cast<std::uint64_t>(view.look));
    if (resources.exposedKey == exposedKey) return {};
    gpu::ImageDescription d{kHdrFormat, resources.probe.width(), resources.probe.height()};
    if (!resources.probeImage || resources.probeImage.description().width != d.width) {
        MATOU_TRY(image, device.createImage(gpu::ImagePurpose::texture, d, "light probe"));
        resources.probeImage = std::move(image);
    }
    const auto sky = skyTexels(view, resources.sky, neutral);
    const float exposure = image != nullptr ? imageExposure(view, resources.probe) : probeExposure(view, resources.sky, neutral);
    const auto mirror = probeTexels(resources.probe, exposure, fixed ? scene::Look::natural : view.look);
    MATOU_CHECK(device.upload(resources.skyImage, std::as_bytes(std::span(sky))));
    MATOU_CHECK(device.upload(resources.probeImage, std::as_bytes(std::span(mirror))));
    resources.exposedKey = exposedKey;
    return {};
}

core::Result<void> Renderer::Impl::recordShadows(VkCommandBuffer commands, FrameSlot& slot, const scene::View& view,
                                                 const DrawList& list, ViewResources& resources,
                                                 const glm::dvec3& shadowLight,
                                                 const std::array<Cascade, MATOU_CASCADES>& cascades,
                                                 const StylesOnGpu& styles, const PushConstants& basePush,
                                                 VkDescriptorSet set, FrameReport& report) {
    for (std::uint32_t c = 0; c < MATOU_CASCADES; ++c) {
        const Cascade& cascade = cascades[c];
        std::vector<DrawItem> items;
        // All that the map shows: its place, the light, and what throws shadows into it.
        std::uint64_t key = mixKey(bitsOf(cascade.center.x), bitsOf(cascade.center.y));
        key = mixKey(mixKey(key, bitsOf(cascade.center.z)), bitsOf(cascade.radius));
        for (int axis = 0; axis < 3; ++axis)
            key = mixKey(key, bitsOf(shadowLight[axis]));
        key = mixKey(key, styles.shadowKey); // a blinking tint draws no map again
        for (const DrawItem& item : list.casters) {
            if (!cascade.touches(list.matrices[item.content], item.draw->minimum, item.draw->maximum)) continue;
            // A box thinner than a texel in a far map is worth nothing.
            items.push_back(item);
            const scene::DrawContent& placed = item.content < view.contents.size()
                                                   ? view.contents[item.content]
                                                   : view.casters[item.content - view.contents.size()];
            key = mixKey(key, (static_cast<std::uint64_t>(placed.content.index) << 32) ^ placed.content.generation);
            key = mixKey(mixKey(key, item.draw->firstIndex), bitsOf(placed.ecefFromContent[3].x));
            key = mixKey(key, item.motion);
        }
        if (resources.shadowReadable && resources.cascadeKeys[c] == key) continue;
        resources.cascadeKeys[c] = key;
        // Solid ones first, in one run per arena; masks by themselves.
        std::stable_partition(items.begin(), items.end(), [](const DrawItem& item) { return item.key.materialClass != resident::MaterialClass::mask; });
        MATOU_TRY(runs, writeCommands(items, *slot.memory, RunSplit::byMask));
        VkImageMemoryBarrier2 barrier{VK_STRUCTURE_TYPE_IMAGE_MEMORY_BARRIER_2};
        barrier.srcStageMask = VK_PIPELINE_STAGE_2_FRAGMENT_SHADER_BIT | VK_PIPELINE_STAGE_2_LATE_FRAGMENT_TESTS_BIT;
        barrier.srcAccessMask = VK_ACCESS_2_NONE;
        barrier.dstStageMask = gpu::useDepthAttachment().stage;
        barrier.dstAccessMask = gpu::useDepthAttachment().access;
        barrier.oldLayout = VK_IMAGE_LAYOUT_UNDEFINED;
        barrier.newLayout = VK_IMAGE_LAYOUT_DEPTH_ATTACHMENT_OPTIMAL;
        barrier.srcQueueFamilyIndex = barrier.dstQueueFamilyIndex = VK_QUEUE_FAMILY_IGNORED;
        barrier.image = resources.shadow.handle();
        barrier.subresourceRange = {VK_IMAGE_ASPECT_DEPTH_BIT, 0, 1, c, 1};
        VkDependencyInfo dependency{VK_STRUCTURE_TYPE_DEPENDENCY_INFO};
        dependency.imageMemoryBarrierCount = 1;
        dependency.pImageMemoryBarriers = &barrier;
        vkCmdPipelineBarrier2(commands, &dependency);
        Attachment depthAttachment{resources.shadowLayers[c].get()};
        depthAttachment.clear.depthStencil = {1.0f, 0};
        const int texels = static_cast<int>(context->shadowTexels);
        beginRendering(commands, {0, 0, texels, texels}, nullptr, &depthAttachment);
        const VkDescriptorSet sets[] = {set, contents.textures().set()};
        vkCmdBindDescriptorSets(commands, VK_PIPELINE_BIND_POINT_GRAPHICS, context->pipelineLayout.get(), 0, 2, sets, 0,
                                nullptr);
        PushConstants push = basePush;
        push.cascade = c;
        context->push(commands, &push, sizeof(push));
        MATOU_CHECK(shadowPass->record(commands, runs));
        report.drawCalls += static_cast<std::uint32_t>(runs.size());
        vkCmdEndRendering(commands);
        barrier.srcStageMask =
            VK_PIPELINE_STAGE_2_EARLY_FRAGMENT_TESTS_BIT | VK_PIPELINE_STAGE_2_LATE_FRAGMENT_TESTS_BIT;
        barrier.srcAccessMask = VK_ACCESS_2_DEPTH_STENCIL_ATTACHMENT_WRITE_BIT;
        barrier.dstStageMask = VK_PIPELINE_STAGE_2_FRAGMENT_SHADER_BIT;
        barrier.dstAccessMask = VK_ACCESS_2_SHADER_READ_BIT;
        barrier.oldLayout = VK_IMAGE_LAYOUT_DEPTH_ATTACHMENT_OPTIMAL;
        barrier.newLayout = VK_IMAGE_LAYOUT_SHADER_READ_ONLY_OPTIMAL;
        vkCmdPipelineBarrier2(commands, &dependency);
    }
    resources.shadowReadable = true;
    return {};
}

core::Result<void> Renderer::Impl::recordView(VkCommandBuffer commands, FrameSlot& slot,
                                              const scene::FrameSnapshot& frame, std::size_t index,
                                              FrameReport& report) {
    const scene::View& view = frame.views[index];
    const glm::ivec4 area = cutToTarget(view.target, size);
    if (area.z <= 0 || area.w <= 0 || view.target.z <= 0 || view.target.w <= 0) return {};
    MATOU_TRY(resources, viewResources(index));
    const model::EnvironmentImage* image = frame.environment.get();
    const bool neutral = frame.neutralEnvironment || image != nullptr; // no sun, no sky
    const bool shadows = context->shadowTaps > 0;

    slot.timer.begin(commands, "prepare");
    MATOU_CHECK(updateSky(*resources, view, neutral, image));
    MATOU_CHECK(device.flushUploads());
    const glm::dmat3 axes = shadingAxes(frame.anchor);
    const glm::dmat3 eye = eyeAxes(axes, view);
    // Parts of the view's rectangle that lie outside of the target are cut from the plane as well.
    const ViewPlane plane = cropped(planeOf(view), {view.target.z, view.target.w},
                                    {area.x - view.target.x, area.y - view.target.y, area.z, area.w});
    const glm::dvec3 eyeFromAnchor = glm::transpose(axes) * (view.eye.eye.meters - frame.anchor.meters);
    MATOU_TRY(styles, uploadStyles(slot, view.styles.get()));
    const bool transmission = context->options.quality != Quality::low;
    DrawList list = listDraws(view, axes, frustumOf(plane, eye), contents,
                              {styles.styled, shadows, transmission, frame.secondsSinceStart});
    shared::GpuView gpuView{};
    lightView(view, resources->sky, resources->probe, neutral, gpuView);
    if (image != nullptr) lightByImage(view, resources->probe, gpuView);
    MATOU_CHECK(writeMotion(list, frame.secondsSinceStart, photometricExposure(gpuView), *slot.memory));
    MATOU_TRY(draws, slot.memory->copy(std::span<const shared::GpuDraw>(list.gpuDraws)));
    const glm::dvec3 shadowLight = steppedLight(lightDirection(view, neutral));
    const auto cascades = placeCascades(wholePlaneOf(view), eye, eyeFromAnchor, shadowLight, context->shadowTexels);

    gpuView.clipFromEye = clipFromEye(withNearFor(plane, std::min(list.nearestMeters, 1e5f)), eye);
    gpuView.accent.w = static_cast<float>(plane.near); // marks may hang nearer than anything that is drawn
    const glm::dmat3 turn =
        eye * glm::dmat3(glm::dvec3((plane.right - plane.left) / 2, 0, 0),
                         glm::dvec3(0, -(plane.top - plane.bottom) / 2, 0),
                         glm::dvec3((plane.right + plane.left) / 2, (plane.top + plane.bottom) / 2, -1));
    gpuView.eyeFromClipFar = glm::mat4(glm::dmat4(turn));
    for (std::uint32_t c = 0; c < MATOU_CASCADES; ++c) {
        gpuView.shadowFromEye[c] = cascades[c].shadowFromEye;
        gpuView.cascadeTexelMeters[static_cast<int>(c)] = cascades[c].texelMeters;
        gpuView.cascadeFarMeters[static_cast<int>(c)] = cascades[c].farMeters;
        gpuView.cascadeDepthMeters[static_cast<int>(c)] = cascades[c].depthMeters;
    }
    gpuView.sun.w = shadows ? 1.0f : 0.0f;
    gpuView.forward = glm::vec4(glm::vec3(-eye[2]), static_cast<float>(std::fmod(frame.secondsSinceStart, 3600.0)));
    gpuView.anchor = glm::vec4(static_cast<float>(std::fmod(eyeFromAnchor.x, 1024.0)),
                               static_cast<float>(std::fmod(eyeFromAnchor.y, 1024.0)),
                               static_cast<float>(eyeFromAnchor.z), gpuView.anchor.w);
    gpuView.target = glm::vec4(area);
    gpuView.options.w = static_cast<float>(context->shadowTexels);
    MATOU_TRY(viewPart, slot.memory->copyBytes(std::as_bytes(std::span(&gpuView, 1))));
    FrameSetContents setContents;
    setContents.viewBuffer = viewPart.buffer;
    setContents.viewOffset = viewPart.offset;
    setContents.shadow = resources->shadow.view();
    setContents.sky = resources->skyImage.view();
    setContents.probe = resources->probeImage.view();
    setContents.hdr = hdr.view();
    setContents.depth = depth.view();
    setContents.glyphs = glyphs.view();
    MATOU_TRY(set, context->makeFrameSet(slot.sets.get(), setContents));
    PushConstants push{draws.address, styles.address, styles.count, 0};
    if (!list.transmissive.empty()) {
        MATOU_TRY(opaqueTexture, opaqueCopy->slotFor(hdr));
        push.opaqueTexture = opaqueTexture;
    }
    report.trianglesDrawn += list.trianglesDrawn;
    report.trianglesSubmitted += list.trianglesSubmitted;
    report.features += list.features;
    report.draws += static_cast<std::uint32_t>(list.opaque.size() + list.transmissive.size() + list.blend.size());

    slot.timer.begin(commands, "shadow");
    if (shadows)
        MATOU_CHECK(
            recordShadows(commands, slot, view, list, *resources, shadowLight, cascades, styles, push, set, report));
    else if (!resources->shadowReadable) {
        gpu::imageBarrier(commands, resources->shadow, gpu::useNothing(), gpu::useSampled());
        resources->shadowReadable = true;
    }

    slot.timer.begin(commands, "scene");
    MATOU_TRY(opaque, writeCommands(list.opaque, *slot.memory, RunSplit::byKey));
    MATOU_TRY(transmissive, writeCommands(list.transmissive, *slot.memory, RunSplit::byKey));
    MATOU_TRY(blend, writeCommands(list.blend, *slot.memory, RunSplit::byKey));
    gpu::imageBarrier(commands, hdr, gpu::useNothing(), gpu::useColorAttachment());
    gpu::imageBarrier(commands, depth, gpu::useNothing(), gpu::useDepthAttachment());
    Attachment color{hdr.view()}, depthAttachment{depth.view()};
    depthAttachment.clear.depthStencil = {0.0f, 0};
    beginRendering(commands, area, &color, &depthAttachment);
    const VkDescriptorSet sets[] = {set, contents.textures().set()};
    vkCmdBindDescriptorSets(commands, VK_PIPELINE_BIND_POINT_GRAPHICS, context->pipelineLayout.get(), 0, 2, sets, 0,
                            nullptr);
    context->push(commands, &push, sizeof(push));
    MATOU_CHECK(scenePass->record(commands, opaque));
    MATOU_CHECK(skyPass->record(commands, view.look));
    if (!transmissive.empty()) { // glass sees what was drawn so far
        vkCmdEndRendering(commands);
        opaqueCopy->record(commands, hdr, area);
        gpu::imageBarrier(commands, depth, gpu::useDepthAttachment(), gpu::useDepthAttachment());
        color.load = depthAttachment.load = VK_ATTACHMENT_LOAD_OP_LOAD;
        beginRendering(commands, area, &color, &depthAttachment);
        MATOU_CHECK(scenePass->record(commands, transmissive));
    }
    MATOU_CHECK(scenePass->record(commands, blend));
    vkCmdEndRendering(commands);
    report.drawCalls += static_cast<std::uint32_t>(opaque.size() + transmissive.size() + blend.size()) + 1;

    slot.timer.begin(commands, "tonemap");
    gpu::imageBarrier(commands, hdr, gpu::useColorAttachment(), gpu::useSampled());
    gpu::imageBarrier(commands, depth, gpu::useDepthAttachment(), gpu::useSampled());
    const Attachment finalAttachment{final.view(), VK_ATTACHMENT_LOAD_OP_LOAD, {}};
    beginRendering(commands, area, &finalAttachment, nullptr);
    MATOU_CHECK(tonemapPass->record(commands, view.look));
    report.drawCalls += 1;
    if (frame.overlayOn && index < frame.overlays.size() && frame.overlays[index] != nullptr) {
        slot.timer.begin(commands, "overlay");
        const OverlayBatch batch = buildOverlay(*frame.overlays[index], axes, view.eye.eye);
        MATOU_TRY(calls, overlayPass->record(commands, batch, *slot.memory));
        report.drawCalls += calls;
    }
    vkCmdEndRendering(commands);
    slot.timer.end(commands);
    return {};
}

core::Result<FrameReport> Renderer::Impl::renderFrame(const scene::FrameSnapshot& frame, const UiDrawData* ui) {
    const auto begun = std::chrono::steady_clock::now();
    FrameReport report;
    FrameSlot& slot = slots[frameNumber++ % slots.size()];
    MATOU_CHECK(device.wait(slot.busyUntil));
    device.collect();
    slot.memory->reset();
    vkResetDescriptorPool(device.handle(), slot.sets.get(), 0);
    gpu::Swapchain::Acquired acquired;
    if (window) {
        MATOU_TRY(got, window->acquire());
        acquired = got;
        report.windowOutdated = got.outdated;
    }
    MATOU_CHECK(updateGlyphs(frame.glyphs.get()));
    if (ui != nullptr) MATOU_CHECK(uiPass->updateFont(*ui));
    MATOU_CHECK(device.flushUploads());
    VkCommandBuffer commands = device.beginCommands("frame");
    slot.timer.restart(commands);
    report.gpu = slot.timer.gpu();

    gpu::imageBarrier(commands, final, gpu::useNothing(), gpu::useColorAttachment());
    const Attachment black{final.view()};
    beginRendering(commands, {0, 0, static_cast<int>(size.x), static_cast<int>(size.y)}, &black, nullptr);
    vkCmdEndRendering(commands);
    VkMemoryBarrier2 attachments{VK_STRUCTURE_TYPE_MEMORY_BARRIER_2};
    attachments.srcStageMask = attachments.dstStageMask = VK_PIPELINE_STAGE_2_COLOR_ATTACHMENT_OUTPUT_BIT;
    attachments.srcAccessMask = VK_ACCESS_2_COLOR_ATTACHMENT_WRITE_BIT;
    attachments.dstAccessMask = VK_ACCESS_2_COLOR_ATTACHMENT_READ_BIT | VK_ACCESS_2_COLOR_ATTACHMENT_WRITE_BIT;
    VkDependencyInfo between{VK_STRUCTURE_TYPE_DEPENDENCY_INFO};
    between.memoryBarrierCount = 1;
    between.pMemoryBarriers = &attachments;
    for (std::size_t i = 0; i < frame.views.size(); ++i) {
        vkCmdPipelineBarrier2(commands, &between);
        MATOU_CHECK(recordView(commands, slot, frame, i, report));
    }
    if (ui != nullptr && ui->draw != nullptr && uiPass->font() != VK_NULL_HANDLE) {
        slot.timer.begin(commands, "ui");
        vkCmdPipelineBarrier2(commands, &between);
        FrameSetContents setContents;
        setContents.font = uiPass->font();
        MATOU_TRY(set, context->makeFrameSet(slot.sets.get(), setContents));
        const Attachment target{final.view(), VK_ATTACHMENT_LOAD_OP_LOAD, {}};
        beginRendering(commands, {0, 0, static_cast<int>(size.x), static_cast<int>(size.y)}, &target, nullptr);
        vkCmdBindDescriptorSets(commands, VK_PIPELINE_BIND_POINT_GRAPHICS, context->pipelineLayout.get(), 0, 1, &set, 0,
                                nullptr);
        MATOU_TRY(calls, uiPass->record(commands, *ui, size, *slot.memory));
        report.drawCalls += calls;
        vkCmdEndRendering(commands);
        slot.timer.end(commands);
    }
    gpu::imageBarrier(commands, final, gpu::useColorAttachment(), gpu::useCopySource());
    if (acquired.ready) window->recordCopy(commands, acquired, final);
    gpu::Device::SubmitOptions submission;
    if (acquired.ready) {
        submission.waitBinary = acquired.available;
        submission.signalBinary = acquired.finished;
    }
    MATOU_TRY(value, device.submit(commands, submission));
    slot.busyUntil = lastValue = value;
    finalKept = true;
    if (acquired.ready) {
        MATOU_TRY(fits, window->present(acquired));
        report.presented = true;
        report.windowOutdated = report.windowOutdated || !fits;
    }
    report.cpu = slot.timer.cpu();
    report.cpuMilliseconds =
        std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begun).count();
    for (const PassTime& time : report.gpu)
        report.gpuMilliseconds += time.milliseconds;
    return report;
}

} // namespace matou::render
