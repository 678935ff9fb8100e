#include "symbology/canvas.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace matou::symbology {

namespace {

constexpr float kLineGap = 1.22f;
constexpr int kStickyBonus = 45; // a label that was shown wins against newcomers of its own kind, not of the next one up
constexpr glm::vec2 kPlatePadding{9.0f, 6.0f};
constexpr float kTextMargin = 3.0f;

glm::vec4 freeAreaOf(const glm::vec4& target, const std::vector<PixelRect>& covered) {
    float left = target.x, top = target.y, right = target.x + target.z, bottom = target.y + target.w;
    for (const auto& rect : covered) {
        // A panel eats the side that costs least of the picture.
        const float fromLeft = rect.x + rect.z - left, fromRight = right - rect.x;
        const float fromTop = rect.y + rect.w - top, fromBottom = bottom - rect.y;
        if (fromLeft <= 0 || fromRight <= 0 || fromTop <= 0 || fromBottom <= 0) continue;
        const std::array<float, 4> cost{fromLeft / target.z, fromRight / target.z, fromTop / target.w, fromBottom / target.w};
        const auto side = std::min_element(cost.begin(), cost.end()) - cost.begin();
        if (cost[static_cast<std::size_t>(side)] > 0.45f) continue;
        if (side == 0) left = rect.x + rect.z;
        if (side == 1) right = rect.x;
        if (side == 2) top = rect.y + rect.w;
        if (side == 3) bottom = rect.y;
    }
    return {left, top, std::max(right - left, 1.0f), std::max(bottom - top, 1.0f)};
}

} // namespace

std::uint64_t keyHash(const core::FeatureKey& key) { return std::hash<core::FeatureKey>{}(key); }

Canvas::Canvas(const scene::View& view, const OverlayRequest& wanted, text::TextShaper& shaper, ViewMemory& remembered,
               OverlayCounters& counted, scene::Overlay& result)
    : request(wanted), projector(view), memory(remembered), counters(counted), overlay(result), occupancy(projector.target()),
      freeArea(freeAreaOf(projector.target(), wanted.covered)), scale(std::clamp(wanted.scale, 0.5f, 6.0f)), _shaper(shaper) {
    for (const auto& rect : wanted.covered) occupancy.take(rect);
}

void Canvas::icon(scene::Icon icon, bool reserve) {
    if (reserve) {
        if (const auto at = projector.project(icon.position.meters)) {
            const float half = icon.sizePixels * 0.5f;
            const glm::vec2 center = at->pixel + icon.offsetPixels;
            occupancy.take({center.x - half, center.y - half, icon.sizePixels, icon.sizePixels});
        }
    }
    overlay.icons.push_back(icon);
}

void Canvas::ring(const geo::Ecef& position, float diameter, scene::Rgba color, float width, int priority, scene::FeatureNumber pick) {
    scene::Icon circle;
    circle.position = position;
    circle.sizePixels = diameter;
    circle.fill = {color.x, color.y, color.z, 0};
    circle.outline = color;
    circle.outlinePixels = width * scale;
    circle.alwaysVisible = true;
    circle.pick = pick;
    circle.priority = priority;
    overlay.icons.push_back(circle);
}

void Canvas::textOnIcon(const geo::Ecef& position, glm::vec2 offset, const TextLine& line, int priority, bool alwaysVisible,
                        scene::FeatureNumber pick) {
    const auto shaped = _shaper.shape(line.text, line.size * scale, line.weight);
    scene::Label label;
    label.position = position;
    label.offsetPixels = offset + glm::vec2(-shaped.width * 0.5f, (shaped.ascent - shaped.descent) * 0.5f);
    label.glyphs = shaped.quads;
    label.color = line.color;
    label.haloPixels = 0;
    label.alwaysVisible = alwaysVisible;
    label.pick = pick;
    label.priority = priority;
    overlay.labels.push_back(std::move(label));
}

void Canvas::line(const std::vector<glm::dvec3>& points, scene::Rgba color, float width, bool dashed, bool alwaysVisible) {
    scene::Polyline part;
    part.color = color;
    part.widthPixels = width * scale;
    part.dashed = dashed;
    part.alwaysVisible = alwaysVisible;
    const auto flush = [&] {
        if (part.points.size() >= 2) overlay.lines.push_back(part);
        part.points.clear();
    };
    for (const auto& point : points) {
        if (projector.project(point))
            part.points.push_back({point});
        else
            flush();
    }
    flush();
}

Canvas::Block Canvas::blockOf(const LabelWish& wish) const {
    Block block;
    for (const auto& line : wish.lines) {
        const float width = _shaper.measure(line.text, line.size * scale, line.weight).x;
        block.widths.push_back(width);
        block.size.x = std::max(block.size.x, width);
        block.size.y += line.size * scale * (block.widths.size() == 1 ? 1.0f : kLineGap);
    }
    const glm::vec2 padding = wish.plate ? kPlatePadding * scale : glm::vec2(kTextMargin * scale);
    block.size += padding * 2.0f;
    return block;
}

void Canvas::emit(const LabelWish& wish, const Block& block, const glm::vec4& rect) {
    const glm::vec2 padding = wish.plate ? kPlatePadding * scale : glm::vec2(kTextMargin * scale);
    float y = rect.y + padding.y;
    for (std::size_t i = 0; i < wish.lines.size(); ++i) {
        const auto& line = wish.lines[i];
        const float size = line.size * scale;
        if (i > 0) y += size * (kLineGap - 1.0f);
        const auto shaped = _shaper.shape(line.text, size, line.weight);
        const float free = block.size.x - 2 * padding.x - block.widths[i];
        const float x = rect.x + padding.x + (wish.placement == Placement::beside ? 0.0f : free * 0.5f);
        scene::Label label;
        label.position = wish.position;
        label.offsetPixels = glm::vec2(x, y + shaped.ascent) - wish.pixel;
        label.glyphs = shaped.quads;
        label.color = line.color;
        label.halo = wish.plate ? scene::Rgba{0, 0, 0, 0} : halo();
        label.haloPixels = wish.plate ? 0.0f : std::clamp(size * 0.11f, 1.5f, 4.0f);
        if (wish.plate && i == 0) {
            label.platePixels = {rect.x - x, rect.y - y - shaped.ascent, rect.z, rect.w};
            label.plate = wish.plateColor;
        }
        label.alwaysVisible = wish.alwaysVisible;
        label.pick = wish.pick;
        label.priority = wish.priority;
        overlay.labels.push_back(std::move(label));
        y += size;
    }
}

void Canvas::placeWishes() {
    const auto weight = [this](const LabelWish& wish) {
        return wish.priority + (memory.shown.contains(wish.key) ? kStickyBonus : 0);
    };
    std::stable_sort(_wishes.begin(), _wishes.end(), [&](const LabelWish& a, const LabelWish& b) {
        if (a.must != b.must) return a.must;
        const int left = weight(a), right = weight(b);
        return left != right ? left > right : a.key < b.key;
    });
    for (const auto& wish : _wishes) {
        const Block block = blockOf(wish);
        const glm::vec2 at = wish.pixel + wish.offset;
        const float gap = wish.clearance * scale;
        const std::array<glm::vec2, 4> corners{
            wish.placement == Placement::centered ? at - block.size * 0.5f
            : wish.placement == Placement::above  ? at - glm::vec2(block.size.x * 0.5f, block.size.y + gap)
                                                  : at + glm::vec2(gap, -block.size.y * 0.5f),
            at - glm::vec2(block.size.x + gap, block.size.y * 0.5f), at + glm::vec2(-block.size.x * 0.5f, gap),
            at - glm::vec2(block.size.x * 0.5f, block.size.y + gap)};
        const std::size_t variants = wish.placement == Placement::beside ? 4 : 1;
        const auto previous = memory.shown.find(wish.key);
        const std::size_t first = previous == memory.shown.end() ? 0 : std::min<std::size_t>(previous->second, variants - 1);
        bool placed = false;
        for (std::size_t k = 0; k < variants && !placed; ++k) {
            const std::size_t variant = (first + k) % variants;
            const glm::vec4 rect(corners[variant].x, corners[variant].y, block.size.x, block.size.y);
            if (!occupancy.fits(rect)) continue;
            occupancy.take(rect);
            emit(wish, block, rect);
            _shown[wish.key] = static_cast<std::uint8_t>(variant);
            placed = true;
        }
        if (!placed && wish.must) {
            // Something is overlapped; let it at least not be the mark itself, nor fall off the picture.
            std::size_t best = 0;
            for (std::size_t k = variants; k-- > 0;)
                if (corners[k].x >= freeArea.x && corners[k].y >= freeArea.y && corners[k].x + block.size.x <= freeArea.x + freeArea.z &&
                    corners[k].y + block.size.y <= freeArea.y + freeArea.w)
                    best = k;
            glm::vec4 rect(corners[best].x, corners[best].y, block.size.x, block.size.y);
            rect.x = std::clamp(rect.x, freeArea.x, std::max(freeArea.x, freeArea.x + freeArea.z - rect.z));
            rect.y = std::clamp(rect.y, freeArea.y, std::max(freeArea.y, freeArea.y + freeArea.w - rect.w));
            occupancy.take(rect);
            emit(wish, block, rect);
            _shown[wish.key] = static_cast<std::uint8_t>(best);
            placed = true;
        }
        ++(placed ? counters.labelsShown : counters.labelsDropped);
    }
    _wishes.clear();
}

void Canvas::finish() {
    placeWishes();
    memory.shown = std::move(_shown);
    const auto byPriority = [](const auto& a, const auto& b) { return a.priority < b.priority; };
    std::stable_sort(overlay.icons.begin(), overlay.icons.end(), byPriority);
    std::stable_sort(overlay.labels.begin(), overlay.labels.end(), byPriority);
}

} // namespace matou::symbology
