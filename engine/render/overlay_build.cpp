#include "render/overlay_build.h"

#include <algorithm>
#include <cstring>

#include "render/view_math.h"

namespace matou::render {
namespace {

std::uint32_t packed(const scene::Rgba& c) {
    std::uint32_t bits = 0;
    std::memcpy(&bits, &c, 4);
    return bits;
}

struct Ordered {
    std::int32_t priority = 0;
    bool label = false;
    std::uint32_t index = 0;
};

std::vector<Ordered> drawingOrder(const scene::Overlay& overlay) {
    std::vector<Ordered> order;
    order.reserve(overlay.icons.size() + overlay.labels.size());
    for (std::uint32_t i = 0; i < overlay.icons.size(); ++i)
        order.push_back({overlay.icons[i].priority, false, i});
    for (std::uint32_t i = 0; i < overlay.labels.size(); ++i)
        order.push_back({overlay.labels[i].priority, true, i});
    std::stable_sort(order.begin(), order.end(),
                     [](const Ordered& a, const Ordered& b) { return a.priority < b.priority; });
    return order;
}

/// Always visible things that are drawn broken where hidden have no strength there: the shaders know them by its sign.
constexpr float kBroken = -1.0f;

void addIcon(std::vector<shared::GpuOverlayQuad>& quads, const scene::Icon& icon, const glm::vec3& position, const glm::vec3& place) {
    shared::GpuOverlayQuad quad{};
    quad.anchor = glm::vec4(position, !icon.alwaysVisible ? kHiddenStrength : icon.brokenBehind ? kBroken : 1.0f);
    quad.place = place;
    quad.rect = {icon.offsetPixels - icon.sizePixels * 0.5f, icon.sizePixels, icon.sizePixels};
    quad.kind = static_cast<std::uint32_t>(icon.shape);
    quad.fill = packed(icon.fill);
    quad.outline = packed(icon.outline);
    quad.edgePixels = icon.outlinePixels;
    quad.hollow = icon.hollow ? 1 : 0;
    quads.push_back(quad);
}

void addLabel(std::vector<shared::GpuOverlayQuad>& quads, const scene::Label& label, const glm::vec3& place) {
    shared::GpuOverlayQuad quad{};
    quad.anchor = glm::vec4(place, label.alwaysVisible ? 1.0f : kHiddenStrength);
    const glm::vec4 shift(label.offsetPixels, 0.0f, 0.0f);
    if (label.platePixels.z > 0 && label.platePixels.w > 0 && label.plate.w > 0) {
        quad.rect = label.platePixels + shift;
        quad.kind = MATOU_QUAD_PLATE;
        quad.fill = packed(label.plate);
        quads.push_back(quad);
    }
    quad.fill = packed(label.color);
    quad.outline = packed(label.halo);
    quad.edgePixels = label.haloPixels;
    // All halos lie below all strokes, or they would eat into the neighbours.
    const bool haloed = label.haloPixels > 0 && label.halo.w > 0;
    for (const std::uint32_t kind : {MATOU_QUAD_HALO, MATOU_QUAD_GLYPH}) {
        if (kind == MATOU_QUAD_HALO && !haloed) continue;
        quad.kind = kind;
        for (const scene::GlyphQuad& glyph : label.glyphs) {
            quad.rect = glyph.rectPixels + shift;
            quad.texels = glyph.atlasTexels;
            quads.push_back(quad);
        }
    }
}

} // namespace

OverlayBatch buildOverlay(const scene::Overlay& overlay, const glm::dmat3& axes, const geo::Ecef& eye) {
    OverlayBatch batch;
    for (const scene::FilledArea& area : overlay.areas)
        for (std::size_t i = 0; i + 2 < area.triangles.size(); i += 3)
            for (std::size_t k = 0; k < 3; ++k)
                batch.areas.push_back({eyeFromEcef(axes, eye, area.triangles[i + k]), packed(area.color),
                                       area.alwaysVisible ? 1.0f : kHiddenStrength});
    for (const scene::Polyline& line : overlay.lines) {
        double along = 0;
        for (std::size_t i = 0; i + 1 < line.points.size(); ++i) {
            const double length = glm::length(line.points[i + 1].meters - line.points[i].meters);
            shared::GpuLineSegment segment{};
            segment.a = glm::vec4(eyeFromEcef(axes, eye, line.points[i]), static_cast<float>(along));
            segment.b = glm::vec4(eyeFromEcef(axes, eye, line.points[i + 1]), static_cast<float>(along + length));
            segment.color = packed(line.color);
            segment.widthPixels = line.widthPixels;
            segment.dashed = line.dashed ? 1 : 0;
            segment.hiddenFactor = !line.alwaysVisible ? kHiddenStrength : line.brokenBehind ? kBroken : 1.0f;
            batch.lines.push_back(segment);
            along += length;
        }
    }
    for (const Ordered& item : drawingOrder(overlay)) {
        if (item.label) {
            const scene::Label& label = overlay.labels[item.index];
            addLabel(batch.quads, label, eyeFromEcef(axes, eye, label.position));
        } else {
            const scene::Icon& icon = overlay.icons[item.index];
            addIcon(batch.quads, icon, eyeFromEcef(axes, eye, icon.position), eyeFromEcef(axes, eye, icon.brokenBehind ? icon.place : icon.position));
        }
    }
    return batch;
}

OverlayHit pickOverlay(const scene::Overlay& overlay, const glm::dmat3& axes, const geo::Ecef& eye,
                       const glm::mat4& clipFromEye, glm::vec4 target, glm::vec2 pixel) {
    // As quad.vert places them: whole pixels.
    const auto within = [&](const geo::Ecef& position, glm::vec4 rect) {
        const glm::vec4 clip = clipFromEye * glm::vec4(eyeFromEcef(axes, eye, position), 1.0f);
        if (clip.w < clipFromEye[3].z) return false;
        const glm::vec2 anchor =
            glm::floor(glm::vec2(target.x, target.y) +
                       (glm::vec2(clip) / clip.w * 0.5f + 0.5f) * glm::vec2(target.z, target.w) + 0.5f);
        const glm::vec2 at = pixel + 0.5f - anchor - glm::vec2(rect);
        return at.x >= 0 && at.y >= 0 && at.x <= rect.z && at.y <= rect.w;
    };
    const std::vector<Ordered> order = drawingOrder(overlay);
    for (auto item = order.rbegin(); item != order.rend(); ++item) {
        if (item->label) {
            const scene::Label& label = overlay.labels[item->index];
            if (label.pick == 0) continue;
            glm::vec4 rect = label.platePixels;
            if (rect.z <= 0 || rect.w <= 0) { // without a plate: what the glyphs cover
                if (label.glyphs.empty()) continue;
                glm::vec2 low(1e9f), high(-1e9f);
                for (const scene::GlyphQuad& glyph : label.glyphs) {
                    low = glm::min(low, glm::vec2(glyph.rectPixels));
                    high =
                        glm::max(high, glm::vec2(glyph.rectPixels) + glm::vec2(glyph.rectPixels.z, glyph.rectPixels.w));
                }
                rect = {low, high - low};
            }
            if (within(label.position, rect + glm::vec4(label.offsetPixels, 0, 0))) return {label.pick, label.position};
        } else {
            const scene::Icon& icon = overlay.icons[item->index];
            if (icon.pick == 0) continue;
            if (within(icon.position, {icon.offsetPixels - icon.sizePixels * 0.5f, icon.sizePixels, icon.sizePixels}))
                return {icon.pick, icon.position};
        }
    }
    return {};
}

} // namespace matou::render
