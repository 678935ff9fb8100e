#include "unit/symbology/picture.h"

#include <algorithm>
#include <cmath>

#include <png.h>

#include "symbology/projector.h"

namespace matou::test {

namespace {

glm::vec3 rgb(glm::u8vec4 c) { return {c.x, c.y, c.z}; }

/// Signed distance (negative inside) of the icon shapes, in units of the half size.
float shapeDistance(scene::IconShape shape, glm::vec2 p) {
    using scene::IconShape;
    const glm::vec2 a = glm::abs(p);
    switch (shape) {
    case IconShape::square: return std::max(a.x, a.y) - 0.82f;
    case IconShape::diamond: return (a.x + a.y) * 0.7071f - 0.7071f;
    case IconShape::octagon: return std::max({a.x, a.y, (a.x + a.y) * 0.7071f}) - 0.924f;
    case IconShape::triangle: return std::max(p.y - 0.75f, 0.866f * a.x - 0.5f * p.y - 0.5f);
    case IconShape::ring: return std::fabs(glm::length(p) - 0.94f) - 0.06f;
    case IconShape::camera: {
        const glm::vec2 b = glm::abs(p - glm::vec2(-0.2f, 0.0f)) - glm::vec2(0.6f, 0.5f);
        const glm::vec2 q = p - glm::vec2(0.7f, 0.0f);
        return std::min(std::max(b.x, b.y), std::max(std::fabs(q.x) - 0.25f, std::fabs(q.y) - 0.25f - 0.5f * (q.x + 0.25f)));
    }
    case IconShape::drop: return glm::length(p) - 0.9f;
    case IconShape::circle: break;
    }
    return glm::length(p) - 1.0f;
}

} // namespace

Picture::Picture(int width, int height, glm::u8vec4 fill)
    : _width(width), _height(height), _pixels(static_cast<std::size_t>(width) * static_cast<std::size_t>(height), fill) {}

void Picture::blend(int x, int y, glm::vec3 color, float alpha) {
    if (x < 0 || y < 0 || x >= _width || y >= _height || alpha <= 0) return;
    auto& pixel = _pixels[static_cast<std::size_t>(y * _width + x)];
    const glm::vec3 mixed = glm::mix(rgb(pixel), color, std::min(alpha, 1.0f));
    pixel = glm::u8vec4(mixed + 0.5f, 255);
}

void Picture::ground(const scene::View& view) {
    const symbology::Projector projector(view);
    const glm::dmat4 enu = geo::ecefFromEnu(view.eye.eye);
    const double eyeHeight = geo::geodeticFromEcef(view.eye.eye).heightMeters - 15.0;
    const glm::dmat3 axes(enu);
    for (int y = 0; y < _height; ++y)
        for (int x = 0; x < _width; ++x) {
            const glm::dvec3 ray = glm::transpose(axes) * (projector.unproject({x, y}, 1.0).meters - view.eye.eye.meters);
            glm::vec3 color(62, 78, 92);
            if (ray.z < -1e-3) {
                const double t = eyeHeight / -ray.z;
                const double e = ray.x * t, n = ray.y * t;
                // City blocks of 90 m with streets between them.
                const double bx = std::fabs(std::remainder(e, 90.0)), by = std::fabs(std::remainder(n, 120.0));
                const bool street = bx < 7 || by < 9;
                const double h = std::fabs(std::sin(std::floor(e / 90.0) * 12.9898 + std::floor(n / 120.0) * 78.233) * 43758.5453);
                color = street ? glm::vec3(58, 64, 70) : glm::vec3(84, 90, 94) + 22.0f * static_cast<float>(h - std::floor(h));
                const auto fog = static_cast<float>(std::clamp(t / 6000.0, 0.0, 0.9));
                color = glm::mix(color, glm::vec3(62, 78, 92), fog);
            }
            _pixels[static_cast<std::size_t>(y * _width + x)] = glm::u8vec4(color, 255);
        }
}

void Picture::triangle(const glm::vec2 (&p)[3], const glm::vec2 (&uv)[3], const glm::u8vec4 (&color)[3], const std::vector<std::uint8_t>& alpha,
                       int textureWidth, int textureHeight, const glm::vec4& clip) {
    const float area = (p[1].x - p[0].x) * (p[2].y - p[0].y) - (p[2].x - p[0].x) * (p[1].y - p[0].y);
    if (std::fabs(area) < 1e-6f) return;
    const auto low = [&](float a, float b, float c, float limit) { return static_cast<int>(std::floor(std::max(std::min({a, b, c}), limit))); };
    const auto high = [&](float a, float b, float c, float limit) { return static_cast<int>(std::ceil(std::min(std::max({a, b, c}), limit))); };
    const int x0 = std::max(0, low(p[0].x, p[1].x, p[2].x, clip.x)), x1 = std::min(_width, high(p[0].x, p[1].x, p[2].x, clip.z));
    const int y0 = std::max(0, low(p[0].y, p[1].y, p[2].y, clip.y)), y1 = std::min(_height, high(p[0].y, p[1].y, p[2].y, clip.w));
    for (int y = y0; y < y1; ++y)
        for (int x = x0; x < x1; ++x) {
            const glm::vec2 q(static_cast<float>(x) + 0.5f, static_cast<float>(y) + 0.5f);
            if (q.x < clip.x || q.y < clip.y || q.x >= clip.z || q.y >= clip.w) continue;
            const auto edge = [&](int a, int b) { return ((p[b].x - p[a].x) * (q.y - p[a].y) - (p[b].y - p[a].y) * (q.x - p[a].x)) / area; };
            const float w0 = edge(1, 2), w1 = edge(2, 0), w2 = edge(0, 1);
            // The fill rule that shared edges need: a pixel centre on an edge belongs to one side only, nearly enough.
            if (w0 < 0 || w1 < 0 || w2 < 0) continue;
            const glm::vec2 t = uv[0] * w0 + uv[1] * w1 + uv[2] * w2;
            const glm::vec4 c = glm::vec4(color[0]) * w0 + glm::vec4(color[1]) * w1 + glm::vec4(color[2]) * w2;
            const float u = std::clamp(t.x * static_cast<float>(textureWidth) - 0.5f, 0.0f, static_cast<float>(textureWidth - 1));
            const float v = std::clamp(t.y * static_cast<float>(textureHeight) - 0.5f, 0.0f, static_cast<float>(textureHeight - 1));
            const int iu = std::min(static_cast<int>(u), textureWidth - 2), iv = std::min(static_cast<int>(v), textureHeight - 2);
            const float fu = u - static_cast<float>(iu), fv = v - static_cast<float>(iv);
            const auto texel = [&](int a, int b) { return static_cast<float>(alpha[static_cast<std::size_t>((iv + b) * textureWidth + iu + a)]); };
            const float coverage = ((texel(0, 0) * (1 - fu) + texel(1, 0) * fu) * (1 - fv) + (texel(0, 1) * (1 - fu) + texel(1, 1) * fu) * fv) / 255.0f;
            blend(x, y, {c.x, c.y, c.z}, coverage * c.w / 255.0f);
        }
}

void Picture::draw(const scene::Overlay& overlay, const scene::View& view, const scene::GlyphAtlasImage& atlas) {
    const symbology::Projector projector(view);
    const std::vector<std::uint8_t> white(4, 255);
    const glm::vec4 clip = {projector.target().x, projector.target().y, projector.target().x + projector.target().z,
                            projector.target().y + projector.target().w};
    const glm::vec2 uv[3] = {};
    for (const auto& area : overlay.areas)
        for (std::size_t i = 0; i + 2 < area.triangles.size(); i += 3) {
            glm::vec2 p[3];
            bool ok = true;
            for (std::size_t k = 0; k < 3; ++k)
                if (const auto at = projector.project(area.triangles[i + k].meters))
                    p[k] = at->pixel;
                else
                    ok = false;
            const glm::u8vec4 colors[3] = {area.color, area.color, area.color};
            if (ok) triangle(p, uv, colors, white, 2, 2, clip);
        }
    for (const auto& line : overlay.lines) {
        float along = 0;
        for (std::size_t i = 1; i < line.points.size(); ++i) {
            const auto a = projector.project(line.points[i - 1].meters), b = projector.project(line.points[i].meters);
            if (!a || !b) continue;
            const glm::vec2 d = b->pixel - a->pixel;
            const float length = glm::length(d);
            if (length < 1e-3f || length > 20000) continue;
            const float pad = line.widthPixels;
            const int x0 = std::max(0, static_cast<int>(std::min(a->pixel.x, b->pixel.x) - pad)), x1 = std::min(_width - 1, static_cast<int>(std::max(a->pixel.x, b->pixel.x) + pad));
            const int y0 = std::max(0, static_cast<int>(std::min(a->pixel.y, b->pixel.y) - pad)), y1 = std::min(_height - 1, static_cast<int>(std::max(a->pixel.y, b->pixel.y) + pad));
            for (int y = y0; y <= y1; ++y)
                for (int x = x0; x <= x1; ++x) {
                    const glm::vec2 q = glm::vec2(x, y) + 0.5f - a->pixel;
                    const float t = std::clamp(glm::dot(q, d) / (length * length), 0.0f, 1.0f);
                    const float distance = glm::length(q - d * t) - line.widthPixels * 0.5f;
                    if (line.dashed && std::fmod(along + t * length, 16.0f) > 9.0f) continue;
                    blend(x, y, rgb(line.color), std::clamp(0.5f - distance, 0.0f, 1.0f) * static_cast<float>(line.color.w) / 255.0f);
                }
            along += length;
        }
    }
    const auto drawIcon = [&](const scene::Icon& icon) {
        const auto at = projector.project(icon.position.meters);
        if (!at) return;
        const glm::vec2 center = at->pixel + icon.offsetPixels;
        const float half = icon.sizePixels * 0.5f;
        for (int y = static_cast<int>(center.y - half - 3); y <= static_cast<int>(center.y + half + 3); ++y)
            for (int x = static_cast<int>(center.x - half - 3); x <= static_cast<int>(center.x + half + 3); ++x) {
                const glm::vec2 q = (glm::vec2(x, y) + 0.5f - center) / half;
                const float d = shapeDistance(icon.shape, q) * half;
                if (icon.shape == scene::IconShape::ring) {
                    blend(x, y, rgb(icon.outline), std::clamp(0.5f - d, 0.0f, 1.0f) * static_cast<float>(icon.outline.w) / 255.0f);
                    continue;
                }
                const float inside = std::clamp(0.5f - d, 0.0f, 1.0f);
                const float core = std::clamp(0.5f - d - icon.outlinePixels, 0.0f, 1.0f);
                const bool gap = icon.hollow && std::fmod(std::atan2(q.y, q.x) + 7.0f, 0.7f) > 0.42f;
                blend(x, y, rgb(icon.outline), gap ? 0.0f : (inside - core) * static_cast<float>(icon.outline.w) / 255.0f);
                blend(x, y, rgb(icon.fill), core * static_cast<float>(icon.fill.w) / 255.0f);
            }
    };
    const auto drawLabel = [&](const scene::Label& label) {
        const auto at = projector.project(label.position.meters);
        if (!at) return;
        const glm::vec2 origin = at->pixel + label.offsetPixels;
        if (label.platePixels.z > 0) {
            const glm::vec2 half(label.platePixels.z * 0.5f, label.platePixels.w * 0.5f);
            const glm::vec2 center = origin + glm::vec2(label.platePixels.x, label.platePixels.y) + half;
            const float radius = std::min(6.0f, half.y);
            for (int y = static_cast<int>(center.y - half.y - 1); y <= static_cast<int>(center.y + half.y + 1); ++y)
                for (int x = static_cast<int>(center.x - half.x - 1); x <= static_cast<int>(center.x + half.x + 1); ++x) {
                    const glm::vec2 q = glm::abs(glm::vec2(x, y) + 0.5f - center) - half + radius;
                    const float d = glm::length(glm::max(q, glm::vec2(0))) + std::min(std::max(q.x, q.y), 0.0f) - radius;
                    blend(x, y, rgb(label.plate), std::clamp(0.5f - d, 0.0f, 1.0f) * static_cast<float>(label.plate.w) / 255.0f);
                }
        }
        for (int pass = label.haloPixels > 0 ? 0 : 1; pass < 2; ++pass)
            for (const auto& glyph : label.glyphs) {
                const auto& r = glyph.rectPixels;
                const auto& t = glyph.atlasTexels;
                const float pixelsPerTexel = r.z / std::max(t.z, 1.0f);
                for (int y = static_cast<int>(origin.y + r.y); y <= static_cast<int>(origin.y + r.y + r.w); ++y)
                    for (int x = static_cast<int>(origin.x + r.x); x <= static_cast<int>(origin.x + r.x + r.z); ++x) {
                        const float u = (static_cast<float>(x) + 0.5f - origin.x - r.x) / r.z * t.z - 0.5f;
                        const float v = (static_cast<float>(y) + 0.5f - origin.y - r.y) / r.w * t.w - 0.5f;
                        if (u < 0 || v < 0 || u >= t.z - 1 || v >= t.w - 1) continue;
                        const auto iu = static_cast<std::size_t>(u), iv = static_cast<std::size_t>(v);
                        const float fu = u - static_cast<float>(iu), fv = v - static_cast<float>(iv);
                        const auto texel = [&](std::size_t a, std::size_t b) {
                            return static_cast<float>(atlas.texels[(static_cast<std::size_t>(t.y) + iv + b) * atlas.width + static_cast<std::size_t>(t.x) + iu + a]);
                        };
                        const float value = (texel(0, 0) * (1 - fu) + texel(1, 0) * fu) * (1 - fv) + (texel(0, 1) * (1 - fu) + texel(1, 1) * fu) * fv;
                        const float distance = (value - 128.0f) / 127.5f * text::kSdfSpreadTexels * pixelsPerTexel;
                        if (pass == 0)
                            blend(x, y, rgb(label.halo), std::clamp(distance + label.haloPixels + 0.5f, 0.0f, 1.0f) * static_cast<float>(label.halo.w) / 255.0f);
                        else
                            blend(x, y, rgb(label.color), std::clamp(distance + 0.5f, 0.0f, 1.0f) * static_cast<float>(label.color.w) / 255.0f);
                    }
            }
    };
    // Icons and labels share one order.
    std::size_t i = 0, l = 0;
    while (i < overlay.icons.size() || l < overlay.labels.size()) {
        const bool takeIcon = l >= overlay.labels.size() || (i < overlay.icons.size() && overlay.icons[i].priority <= overlay.labels[l].priority);
        if (takeIcon)
            drawIcon(overlay.icons[i++]);
        else
            drawLabel(overlay.labels[l++]);
    }
}

bool Picture::writePng(const std::string& path) const {
    png_image image{};
    image.version = PNG_IMAGE_VERSION;
    image.width = static_cast<png_uint_32>(_width);
    image.height = static_cast<png_uint_32>(_height);
    image.format = PNG_FORMAT_RGBA;
    return png_image_write_to_file(&image, path.c_str(), 0, _pixels.data(), 0, nullptr) != 0;
}

} // namespace matou::test
