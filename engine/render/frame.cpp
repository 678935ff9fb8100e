// The frame, readable from top to bottom: per view shadows, occlusion, scene, sky, bloom, tone mapping, overlay; then
// the UI and the window.

#include <algorithm>
#include <cstring>

#include "core/cpu_time.h"
#include "gpu/pipeline.h"
#include "render/impl.h"
#include "render/motion.h"
#include "render/passes/rendering.h"
#include "render/state_key.h"

namespace matou::render {
namespace {

/// The view's rectangle, cut to the target; zero size where nothing is left.
glm::ivec4 cutToTarget(glm::ivec4 r, glm::uvec2 size) {
    const int x0 = std::clamp(r.x, 0, static_cast<int>(size.x)), y0 = std::clamp(r.y, 0, static_cast<int>(size.y));
    const int x1 = std::clamp(r.x + r.z, x0, static_cast<int>(size.x)),
              y1 = std::clamp(r.y + r.w, y0, static_cast<int>(size.y));
    return {x0, y0, x1 - x0, y1 - y0};
}

/// Where the first pixel of `area` lies in the view's full image plane.
glm::ivec2 originInWholePlane(const scene::View& view, const glm::ivec4& area) {
    const glm::dvec2 part = glm::max(glm::dvec2(view.window.z - view.window.x, view.window.w - view.window.y), 1e-6);
    const glm::dvec2 first = glm::dvec2(view.window) * glm::dvec2(view.target.z, view.target.w) / part;
    return glm::ivec2(glm::round(first)) + glm::ivec2(area) - glm::ivec2(view.target);
}

/// Of the light that reaches the eye: what is scattered in it.
constexpr float kBloomShare = 0.06f;

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

core::Result<void> Renderer::Impl::updateSky(ViewResources& resources, const scene::View& view, bool neutral,
                                             const model::EnvironmentImage* image) {
    resources.sky.update(view, neutral, context->options.aside);
    if (image != nullptr && resources.pictureOf != image) resources.picture = lightOf(*image);
    resources.pictureOf = image;
    const SkyModel& model = resources.sky.sky();
    const LightProbe& probe = image != nullptr ? resources.picture.probe : resources.sky.probe();
    const bool fixed = lightIsFixed(view, neutral);
    const std::uint64_t exposedKey =
        mixKey(mixKey(mixKey(resources.sky.key(), reinterpret_cast<std::uintptr_t>(image)), bitsOf(exposureEv100(view, model))),
               static_cast<std::uint64_t>(view.look));
    if (resources.exposedKey == exposedKey) return {};
    const float exposure =
        image != nullptr ? pictureExposure(view, resources.picture) : probeExposure(view, model, neutral);
    const auto upload = [&](gpu::Image& target, const char* name, std::uint32_t width, std::uint32_t height,
                            const std::vector<glm::u16vec4>& texels) -> core::Result<void> {
        if (!target || target.description().width != width || target.description().height != height) {
            MATOU_TRY(made, device.createImage(gpu::ImagePurpose::texture, {kHdrFormat, width, height}, name));
            target = std::move(made);
        }
        return device.upload(target, std::as_bytes(std::span(texels)));
    };
    if (image != nullptr) {
        const Backdrop backdrop = backdropOf(*image, exposure);
        MATOU_CHECK(upload(resources.skyImage, "backdrop", backdrop.width, backdrop.height, backdrop.texels));
    } else {
        MATOU_CHECK(upload(resources.skyImage, "sky", SkyModel::kWidth, SkyModel::kHeight + SkyModel::kAirRows,
                           skyTexels(view, model, neutral)));
    }
    MATOU_CHECK(upload(resources.probeImage, "light probe", probe.width(), probe.height(),
                       probeTexels(probe, exposure, fixed ? scene::Look::natural : view.look)));
    resources.exposedKey = exposedKey;
    return {};
}

core::Result<void> Renderer::Impl::updateSunMask(ViewResources& resources, const scene::View& view) {
    const auto width = static_cast<std::uint32_t>(view.target.z), height = static_cast<std::uint32_t>(view.target.w);
    MATOU_TRY(image, device.createImage(gpu::ImagePurpose::texture, {VK_FORMAT_R8_UNORM, width, height}, "sun mask"));
    resources.sunMask = std::move(image);
    return device.upload(resources.sunMask, std::as_bytes(std::span(*view.sunMask)));
}

core::Result<void> Renderer::Impl::recordView(VkCommandBuffer commands, FrameSlot& slot,
                                              const scene::FrameSnapshot& frame, std::size_t index,
                                              FrameReport& report) {
    const scene::View& view = frame.views[index];
    const glm::ivec4 area = cutToTarget(view.target, size);
    if (area.z <= 0 || area.w <= 0 || view.target.z <= 0 || view.target.w <= 0) return {};
    MATOU_TRY(resources, viewResources(index));
    const model::EnvironmentImage* image = frame.environment.get();
    const bool neutral = frame.neutralEnvironment || image != nullptr; // no sky

    slot.timer.begin(commands, "prepare");
    MATOU_CHECK(updateSky(*resources, view, neutral, image));
    const bool shadows = context->shadowTaps > 0 && (image == nullptr || resources->picture.sun != glm::vec3(0.0f));
    // A view that is cut by the target's edge keeps its maps: the mask belongs to the whole of it.
    const bool traced = shadows && context->options.referenceShadows && view.sunMask != nullptr && area == view.target &&
                        view.sunMask->size() == static_cast<std::size_t>(area.z) * static_cast<std::size_t>(area.w);
    if (traced) MATOU_CHECK(updateSunMask(*resources, view));
    MATOU_CHECK(device.flushUploads());
    const glm::dmat3 axes = shadingAxes(frame.anchor);
    const glm::dmat3 eye = eyeAxes(axes, view);
    // Parts of the view's rectangle that lie outside of the target are cut from the plane as well.
    const ViewPlane plane = cropped(planeOf(view), {view.target.z, view.target.w},
                                    {area.x - view.target.x, area.y - view.target.y, area.z, area.w});
    const glm::dvec3 eyeFromAnchor = glm::transpose(axes) * (view.eye.eye.meters - frame.anchor.meters);
    MATOU_TRY(stylesKept, styleUpload->of(view.styles));
    const StylesOnGpu& styles = *stylesKept;
    const bool transmission = context->options.quality != Quality::low;
    const bool occluded = occlusionPass->on() && (!neutral || image != nullptr);
    const OcclusionGrid grid =
        occluded ? occlusionPass->gridOf(plane, area, originInWholePlane(view, area)) : OcclusionGrid{};
    const ViewFrustum frustum = frustumOf(plane, eye), wider = frustumOf(grid.plane, eye);
    DrawList list =
        listDraws(view, axes, frustum, contents,
                  {styles.styled, shadows, transmission, frame.secondsSinceStart, occluded ? &wider : nullptr});
    shared::GpuView gpuView{};
    lightView(view, resources->sky.sky(), image != nullptr ? resources->picture.probe : resources->sky.probe(), neutral,
              gpuView);
    if (image != nullptr) lightByPicture(view, resources->picture, gpuView);
    MATOU_CHECK(writeMotion(list, frame.secondsSinceStart, photometricExposure(gpuView), *slot.memory));
    MATOU_TRY(draws, writeDraws(list, commands, *herdPass, *slot.memory));
    const glm::dvec3 shadowLight =
        steppedLight(image != nullptr ? resources->picture.towardsSun : lightDirection(view, neutral));
    const auto cascades = placeCascades(wholePlaneOf(view), eye, eyeFromAnchor, shadowLight, context->shadowTexels);

    gpuView.clipFromEye = clipFromEye(withNearFor(plane, std::min(list.nearestMeters, 1e5f)), eye);
    gpuView.accent.w = static_cast<float>(plane.near); // marks may hang nearer than anything that is drawn
    gpuView.eyeFromClipFar = eyeFromClipFar(plane, eye);
    for (std::uint32_t c = 0; c < MATOU_CASCADES; ++c) {
        gpuView.shadowFromEye[c] = cascades[c].shadowFromEye;
        gpuView.cascadeTexelMeters[static_cast<int>(c)] = cascades[c].texelMeters;
        gpuView.cascadeFarMeters[static_cast<int>(c)] = cascades[c].farMeters;
        gpuView.cascadeDepthMeters[static_cast<int>(c)] = cascades[c].depthMeters;
    }
    gpuView.sun.w = shadows ? 1.0f : 0.0f;
    gpuView.groundAmbient.w = solarHour(view, frame.anchor);
    gpuView.forward = glm::vec4(glm::vec3(-eye[2]), static_cast<float>(std::fmod(frame.secondsSinceStart, 3600.0)));
    gpuView.anchor = glm::vec4(static_cast<float>(std::fmod(eyeFromAnchor.x, 1024.0)),
                               static_cast<float>(std::fmod(eyeFromAnchor.y, 1024.0)),
                               static_cast<float>(eyeFromAnchor.z), gpuView.anchor.w);
    gpuView.target = glm::vec4(area);
    gpuView.options.w = static_cast<float>(context->shadowTexels);
    if (occluded) gpuView.occlusion = grid.fromPixel;
    const bool glows = !neutral && bloomPass->on(view.look, gpuView.skyAmbient.w > 0);
    if (glows) gpuView.effects = {kBloomShare / BloomPass::kLevels, kBloomShare, 0.0f, 0.0f};
    if (traced) gpuView.effects.z = 1.0f;
    if (occluded && shadows && !traced && context->tier.contactSteps > 0) gpuView.effects.w = 1.0f;
    const Emphasis emphasis = emphasisFor(view, list, styles, gpuView.clipFromEye, area);
    if (emphasis.any()) MATOU_CHECK(emphasisPass->prepare(size, view.aids.ghostContext));
    aidView(view, eyeFromAnchor, emphasis.any(), gpuView);
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
    if (occluded) setContents.occlusion = occlusionPass->result();
    if (glows) setContents.bloom = bloomPass->result();
    if (traced) setContents.sunMask = resources->sunMask.view();
    if (emphasis.any()) {
        setContents.mask = emphasisPass->mask();
        setContents.spread = emphasisPass->spread();
    }
    MATOU_TRY(set, context->makeFrameSet(slot.sets.get(), setContents));
    PushConstants push{draws, styles.address, styles.count, 0};
    if (!list.transmissive.empty()) {
        MATOU_TRY(opaqueTexture, opaqueCopy->slotFor(hdr));
        push.opaqueTexture = opaqueTexture;
    }
    report.trianglesDrawn += list.trianglesDrawn;
    report.trianglesSubmitted += list.trianglesSubmitted;
    report.features += list.features;
    for (const auto* items : {&list.opaque, &list.transmissive, &list.blend})
        for (const DrawItem& item : *items)
            report.draws += item.draws();

    slot.timer.begin(commands, "shadow");
    if (shadows)
        MATOU_CHECK(
            recordShadows(commands, slot, view, list, *resources, shadowLight, cascades, styles, push, set, report));
    else if (!resources->shadowReadable) {
        gpu::imageBarrier(commands, resources->shadow, gpu::useNothing(), gpu::useSampled());
        resources->shadowReadable = true;
    }

    if (occluded) {
        slot.timer.begin(commands, "occlusion");
        MATOU_CHECK(occlusionPass->record(commands, grid, gpuView, eye, std::min(list.nearestAroundMeters, 1e5f),
                                          list.around, push, *herdPass, *slot.memory, slot.sets.get()));
    }

    const HerdTarget herds{*herdPass, commands, volumeOf(frustum), draws};
    HerdTarget unhidden = herds;
    if (hiddenPass->wanted(list)) {
        slot.timer.begin(commands, "hidden");
        MATOU_TRY(volume, hiddenPass->record(herds, list.opaque, size, area, setContents, gpuView.clipFromEye, push, *slot.memory, slot.sets.get()));
        unhidden.volume = volume;
    }

    slot.timer.begin(commands, "scene");
    MATOU_TRY(opaque, writeCommands(list.opaque, *slot.memory, RunSplit::byKey, unhidden));
    MATOU_TRY(transmissive, writeCommands(list.transmissive, *slot.memory, RunSplit::byKey, herds));
    MATOU_TRY(blend, writeCommands(list.blend, *slot.memory, RunSplit::byKey, herds));
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
    MATOU_CHECK(skyPass->record(commands, view.look, neutral && image == nullptr));
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

    gpu::imageBarrier(commands, hdr, gpu::useColorAttachment(), gpu::useSampled());
    gpu::imageBarrier(commands, depth, gpu::useDepthAttachment(), gpu::useSampled());
    if (glows) {
        slot.timer.begin(commands, "bloom");
        MATOU_CHECK(bloomPass->record(commands, hdr, area, slot.sets.get()));
    }

    slot.timer.begin(commands, "tonemap");
    const Attachment finalAttachment{final.view(), VK_ATTACHMENT_LOAD_OP_LOAD, {}};
    beginRendering(commands, area, &finalAttachment, nullptr);
    vkCmdBindDescriptorSets(commands, VK_PIPELINE_BIND_POINT_GRAPHICS, context->pipelineLayout.get(), 0, 2, sets, 0,
                            nullptr);
    MATOU_CHECK(tonemapPass->record(commands, view.look));
    report.drawCalls += 1;
    if (emphasis.any()) {
        vkCmdEndRendering(commands);
        slot.timer.begin(commands, "emphasis");
        MATOU_CHECK(recordEmphasis(commands, slot, view, emphasis, area, herds, push, setContents, set, report));
        beginRendering(commands, area, &finalAttachment, nullptr);
        vkCmdBindDescriptorSets(commands, VK_PIPELINE_BIND_POINT_GRAPHICS, context->pipelineLayout.get(), 0, 2, sets, 0,
                                nullptr);
    }
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
    const double begun = core::threadCpuMilliseconds();
    FrameReport report;
    FrameSlot& slot = slots[frameNumber++ % slots.size()];
    MATOU_CHECK(device.wait(slot.busyUntil));
    device.collect();
    slot.memory->reset();
    styleUpload->nextFrame();
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
    report.counts = slot.timer.counts();

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
    slot.timer.finish(commands);
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
    report.cpuMilliseconds = core::threadCpuMilliseconds() - begun;
    for (const PassTime& time : report.gpu)
        report.gpuMilliseconds += time.milliseconds;
    return report;
}

} // namespace matou::render
