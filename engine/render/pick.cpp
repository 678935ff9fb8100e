#include <algorithm>

#include "render/impl.h"
#include "render/motion.h"
#include "render/overlay_build.h"

namespace matou::render {

core::Result<PickHit> Renderer::pick(const scene::FrameSnapshot& frame, std::int32_t x, std::int32_t y) {
    Impl& impl = *_impl;
    PickHit hit;
    // The view drawn last is on top.
    const scene::View* view = nullptr;
    for (std::size_t i = 0; i < frame.views.size(); ++i) {
        const glm::ivec4 r = frame.views[i].target;
        if (x >= r.x && y >= r.y && x < r.x + r.z && y < r.y + r.w) {
            view = &frame.views[i];
            hit.view = static_cast<std::uint32_t>(i);
        }
    }
    if (view == nullptr || x < 0 || y < 0 || x >= static_cast<int>(impl.size.x) || y >= static_cast<int>(impl.size.y))
        return hit;
    const glm::dmat3 axes = shadingAxes(frame.anchor), eye = eyeAxes(axes, *view);
    const ViewPlane whole = planeOf(*view);
    if (frame.overlayOn && hit.view < frame.overlays.size() && frame.overlays[hit.view] != nullptr) {
        const OverlayHit mark = pickOverlay(*frame.overlays[hit.view], axes, view->eye.eye, clipFromEye(whole, eye),
                                            glm::vec4(view->target), glm::vec2(x, y));
        if (mark.feature != 0) {
            hit.hit = hit.overlay = true;
            hit.feature = mark.feature;
            hit.position = mark.position;
            hit.distanceMeters = glm::length(mark.position.meters - view->eye.eye.meters);
            return hit;
        }
    }
    constexpr int kReach = static_cast<int>(PickPass::kSize) / 2;
    const glm::dvec2 size(view->target.z, view->target.w);
    const ViewPlane plane = cropped(whole, size,
                                    {x - view->target.x - kReach, y - view->target.y - kReach,
                                     static_cast<double>(PickPass::kSize), static_cast<double>(PickPass::kSize)});
    const ViewFrustum frustum = frustumOf(plane, eye);
    DrawList list = listDraws(*view, axes, frustum, impl.contents, {.seconds = frame.secondsSinceStart});
    std::vector<DrawItem> items = list.opaque;
    items.insert(items.end(), list.blend.begin(), list.blend.end());
    std::erase_if(items, [](const DrawItem& item) { return item.leaving; });
    if (items.empty()) return hit;

    MATOU_CHECK(impl.device.flushUploads());
    if (impl.pickSlot.memory == nullptr) {
        impl.pickSlot.memory = std::make_unique<FrameArena>(impl.device, "picking memory");
        MATOU_TRY(sets, impl.context->makePool("picking sets"));
        impl.pickSlot.sets = std::move(sets);
    }
    impl.pickSlot.memory->reset(); // draw() below waits, so nothing is in flight
    vkResetDescriptorPool(impl.device.handle(), impl.pickSlot.sets.get(), 0);
    MATOU_CHECK(writeMotion(list, frame.secondsSinceStart, 1.0f, *impl.pickSlot.memory));
    shared::GpuView gpuView{};
    gpuView.clipFromEye = clipFromEye(plane, eye);
    MATOU_TRY(viewPart, impl.pickSlot.memory->copyBytes(std::as_bytes(std::span(&gpuView, 1))));
    MATOU_TRY(styles, impl.styleUpload->of(view->styles));
    FrameSetContents contents;
    contents.viewBuffer = viewPart.buffer;
    contents.viewOffset = viewPart.offset;
    MATOU_TRY(set, impl.context->makeFrameSet(impl.pickSlot.sets.get(), contents));
    MATOU_TRY(texels,
              impl.pickPass->draw(list, items, *impl.herdPass, volumeOf(frustum), {0, styles->address, styles->count, 0}, set,
                                  *impl.pickSlot.memory));

    // The pixel itself; where nothing nameable is there, the nearest line or point within reach.
    const auto isThin = [&](const PickPass::Texel& texel) {
        for (const DrawItem& item : items)
            if (item.holds(texel.draw))
                return item.key.materialClass == resident::MaterialClass::lines ||
                       item.key.materialClass == resident::MaterialClass::points;
        return false;
    };
    int best = kReach * static_cast<int>(PickPass::kSize) + kReach;
    if (texels[best].feature == 0) {
        int bestDistance = kReach * kReach + 1;
        for (int i = 0; i < static_cast<int>(texels.size()); ++i) {
            const int dx = i % static_cast<int>(PickPass::kSize) - kReach,
                      dy = i / static_cast<int>(PickPass::kSize) - kReach;
            if (texels[i].feature == 0 || dx * dx + dy * dy >= bestDistance || !isThin(texels[i])) continue;
            best = i;
            bestDistance = dx * dx + dy * dy;
        }
    }
    const PickPass::Texel& texel = texels[best];
    if (texel.hit == 0) return hit;
    hit.hit = true;
    hit.feature = texel.feature;
    for (const DrawItem& item : items)
        if (item.holds(texel.draw)) hit.content = item.content;
    const double px = (best % static_cast<int>(PickPass::kSize) + 0.5) / PickPass::kSize;
    const double py = (best / static_cast<int>(PickPass::kSize) + 0.5) / PickPass::kSize;
    const glm::dvec3 ray = view->eye.axes * glm::dvec3(plane.left + (plane.right - plane.left) * px,
                                                       plane.top - (plane.top - plane.bottom) * py, -1.0);
    hit.position.meters = view->eye.eye.meters + ray * static_cast<double>(texel.distance);
    hit.distanceMeters = glm::length(ray) * texel.distance;
    return hit;
}

} // namespace matou::render
