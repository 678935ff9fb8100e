#include "ui/kit.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

#include <imgui.h>

#include "symbology/theme.h"

namespace matou::ui {

namespace {

ImVec2 v(glm::vec2 p) { return {p.x, p.y}; }
constexpr float kCardRadius = 12.0f;

} // namespace

Kit::Kit(FontSet& fonts, symbology::Theme look, core::Language tongue, float size, Rect whole)
    : palette(paletteOf(look)), theme(look), language(tongue), scale(size), screen(whole), _fonts(fonts), _draw(ImGui::GetWindowDrawList()) {}

glm::vec2 Kit::pointer() const {
    const ImVec2 p = ImGui::GetIO().MousePos;
    return {p.x, p.y};
}
bool Kit::pointerIn(const Rect& rect) const { return rect.contains(pointer()); }
float Kit::wheel() const { return ImGui::GetIO().MouseWheel; }

void Kit::fill(const Rect& r, Color color, float radius) const { _draw->AddRectFilled({r.x, r.y}, {r.right(), r.bottom()}, color, radius); }
void Kit::frame(const Rect& r, Color color, float radius, float width) const {
    _draw->AddRect({r.x, r.y}, {r.right(), r.bottom()}, color, radius, 0, width);
}
void Kit::line(glm::vec2 a, glm::vec2 b, Color color, float width) const { _draw->AddLine(v(a), v(b), color, width); }
void Kit::circle(glm::vec2 center, float radius, Color color) const { _draw->AddCircleFilled(v(center), radius, color, 0); }
void Kit::ring(glm::vec2 center, float radius, Color color, float width) const { _draw->AddCircle(v(center), radius, color, 0, width); }
void Kit::triangle(glm::vec2 a, glm::vec2 b, glm::vec2 c, Color color) const { _draw->AddTriangleFilled(v(a), v(b), v(c), color); }

void Kit::polyline(const std::vector<glm::vec2>& points, Color color, float width) const {
    std::vector<ImVec2> out;
    for (const auto& p : points) out.push_back(v(p));
    _draw->AddPolyline(out.data(), static_cast<int>(out.size()), color, 0, width);
}

void Kit::card(const Rect& r, bool cover) {
    const float radius = px(kCardRadius);
    // Two soft steps make a shadow; more would cost fill on a wall and show no difference.
    fill({r.x - px(2), r.y, r.w + px(4), r.h + px(5)}, withAlpha(palette.shadow, 0.5f), radius + px(2));
    fill({r.x - px(1), r.y, r.w + px(2), r.h + px(3)}, withAlpha(palette.shadow, 0.6f), radius + px(1));
    fill(r, palette.plate, radius);
    frame(r, withAlpha(palette.stroke, 0.8f), radius);
    if (cover) covered.push_back({r.x, r.y, r.w, r.h});
}

void Kit::severityMark(glm::vec2 center, float size, int severity, bool hollow) const {
    const auto& style = symbology::severityStyle(severity);
    const Color color = colorOf(style.color);
    const float r = size * 0.5f;
    std::vector<ImVec2> points;
    const auto polygon = [&](int sides, float turn, float radius, glm::vec2 shift) {
        for (int i = 0; i < sides; ++i) {
            const float a = turn + 2 * std::numbers::pi_v<float> * static_cast<float>(i) / static_cast<float>(sides);
            points.push_back({center.x + shift.x + radius * std::cos(a), center.y + shift.y + radius * std::sin(a)});
        }
    };
    constexpr float kPi = std::numbers::pi_v<float>;
    float sink = 0;
    switch (style.shape) {
    case scene::IconShape::octagon: polygon(8, kPi / 8, r, {}); break;
    case scene::IconShape::triangle:
        polygon(3, -kPi / 2, r * 1.2f, {0, r * 0.2f});
        sink = r * 0.22f;
        break;
    case scene::IconShape::diamond: polygon(4, -kPi / 2, r * 1.08f, {}); break;
    default: polygon(28, 0, r * 0.94f, {}); break;
    }
    const int count = static_cast<int>(points.size());
    if (hollow)
        _draw->AddPolyline(points.data(), count, color, ImDrawFlags_Closed, std::max(2.0f, px(2)));
    else
        _draw->AddConvexPolyFilled(points.data(), count, color);
    ImFont* font = _fonts.font(Type::title);
    // Smaller than the type's own size only: numerals are never blown up.
    const float em = std::min(size * (style.shape == scene::IconShape::triangle ? 0.46f : 0.58f), this->em(Type::title));
    const float fontSize = em * font->FontSize / this->em(Type::title);
    const ImVec2 extent = font->CalcTextSizeA(fontSize, 1e9f, 0, style.numeral);
    // On a light plate a hollow mark keeps a dark numeral: yellow on white is not readable.
    const Color ink = hollow ? (theme == symbology::Theme::dark ? color : palette.ink) : Color{0xFF201810};
    _draw->AddText(font, fontSize, {center.x - extent.x * 0.5f, center.y + sink - em * 0.5f - 0.28f * em}, ink, style.numeral);
}

void Kit::clip(const Rect& r) { ImGui::PushClipRect({r.x, r.y}, {r.right(), r.bottom()}, true); }
void Kit::unclip() { ImGui::PopClipRect(); }

bool Kit::area(const std::string& id, const Rect& r) {
    if (r.w <= 0 || r.h <= 0) return false;
    ImGui::SetCursorScreenPos({r.x, r.y});
    return ImGui::InvisibleButton(id.c_str(), {r.w, r.h});
}

bool Kit::held() const { return ImGui::IsItemActive(); }

bool Kit::button(const std::string& id, const Rect& r, std::string_view label, Button kind) {
    const bool pressed = area(id, r);
    const bool over = ImGui::IsItemHovered(), down = ImGui::IsItemActive();
    const float radius = px(8);
    if (kind == Button::primary) {
        fill(r, withAlpha(palette.accent, down ? 0.75f : over ? 1.0f : 0.9f), radius);
        textIn(r, Type::strong, palette.accentInk, label, Align::center);
    } else {
        if (kind == Button::quiet || over) fill(r, over ? palette.hover : palette.raised, radius);
        if (kind == Button::quiet) frame(r, palette.stroke, radius);
        textIn(r, Type::strong, over || kind == Button::quiet ? palette.ink : palette.quiet, label, Align::center);
    }
    return pressed;
}

bool Kit::pill(const std::string& id, const Rect& r, std::string_view label, bool chosen, std::string_view hint) {
    const bool pressed = area(id, r);
    const bool over = ImGui::IsItemHovered();
    if (chosen)
        fill(r, palette.accent, r.h * 0.5f);
    else if (over)
        fill(r, palette.hover, r.h * 0.5f);
    const float hintWidth = hint.empty() ? 0 : width(Type::caption, hint) + px(8);
    const float used = width(Type::strong, label) + hintWidth;
    float x = r.x + (r.w - used) * 0.5f;
    if (!hint.empty()) {
        text(x, r.y + (r.h - em(Type::caption)) * 0.5f, Type::caption, chosen ? withAlpha(palette.accentInk, 0.65f) : palette.faint, hint);
        x += hintWidth;
    }
    text(x, r.y + (r.h - em(Type::strong)) * 0.5f, Type::strong, chosen ? palette.accentInk : palette.ink, label);
    return pressed;
}

bool Kit::toggle(const std::string& id, const Rect& r, std::string_view label, bool on) {
    const bool pressed = area(id, r);
    if (ImGui::IsItemHovered()) fill({r.x - px(8), r.y, r.w + px(16), r.h}, withAlpha(palette.hover, 0.7f), px(8));
    const float w = px(34), h = px(18);
    textCut(r.x, r.y + (r.h - em(Type::body)) * 0.5f, r.w - w - px(10), Type::body, on ? palette.ink : palette.quiet, label);
    const Rect track{r.right() - w, r.y + (r.h - h) * 0.5f, w, h};
    fill(track, on ? palette.accent : palette.stroke, h * 0.5f);
    const float knob = h * 0.5f - px(3);
    circle({on ? track.right() - h * 0.5f : track.x + h * 0.5f, track.y + h * 0.5f}, knob, on ? palette.accentInk : palette.quiet);
    return pressed;
}

} // namespace matou::ui
