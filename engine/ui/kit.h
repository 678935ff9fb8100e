#pragma once
// What panels are drawn with: text in one type scale, cards, buttons, marks. Positions are framebuffer pixels; sizes given
// to functions are already scaled (px()).

#include <string>
#include <string_view>
#include <vector>

#include <glm/glm.hpp>

#include "command/command.h"
#include "core/messages.h"
#include "ui/font_image.h"
#include "ui/palette.h"
#include "ui/ui_model.h"

struct ImDrawList;

namespace matou::ui {

struct Rect {
    float x = 0, y = 0, w = 0, h = 0;
    float right() const { return x + w; }
    float bottom() const { return y + h; }
    glm::vec2 center() const { return {x + w * 0.5f, y + h * 0.5f}; }
    Rect inset(float d) const { return {x + d, y + d, w - 2 * d, h - 2 * d}; }
    bool contains(glm::vec2 p) const { return p.x >= x && p.y >= y && p.x < x + w && p.y < y + h; }
};

enum class Button : std::uint8_t { primary, quiet, ghost };
enum class Align : std::uint8_t { left, center, right };

/// Made for one frame.
class Kit {
public:
    Kit(FontSet& fonts, symbology::Theme theme, core::Language language, float scale, Rect screen);

    const Palette& palette;
    const symbology::Theme theme;
    const core::Language language;
    const float scale;
    const Rect screen;
    std::vector<command::Body> commands;
    std::vector<glm::vec4> covered;
    core::FeatureKey hovered;

    float px(float size) const { return std::round(size * scale); }
    float em(Type type) const { return _fonts.pixels(type); }
    glm::vec2 pointer() const;
    bool pointerIn(const Rect& rect) const;
    float wheel() const;
    std::string words(std::string_view key, std::initializer_list<std::string> arguments = {}) const { return core::text(language, key, arguments); }
    const std::string& name(const twin::Name& name) const { return symbology::nameOf(name, language); }
    void send(command::Body body) { commands.push_back(std::move(body)); }

    // Text. `y` is the top of the em box, so that text of one size fills exactly its em.
    float width(Type type, std::string_view text) const;
    void text(float x, float y, Type type, Color color, std::string_view text) const;
    void textIn(const Rect& rect, Type type, Color color, std::string_view text, Align align = Align::left) const;
    /// Cut with … where it is wider; returns the width drawn.
    float textCut(float x, float y, float maximum, Type type, Color color, std::string_view text) const;
    /// Lines of at most `maximum` pixels; Chinese breaks anywhere but before closing punctuation.
    std::vector<std::string> wrap(Type type, float maximum, std::string_view text) const;

    // Surfaces.
    void card(const Rect& rect, bool cover = true);
    void fill(const Rect& rect, Color color, float radius = 0) const;
    void frame(const Rect& rect, Color color, float radius, float width = 1.0f) const;
    void line(glm::vec2 a, glm::vec2 b, Color color, float width) const;
    void circle(glm::vec2 center, float radius, Color color) const;
    void ring(glm::vec2 center, float radius, Color color, float width) const;
    void polyline(const std::vector<glm::vec2>& points, Color color, float width) const;
    void triangle(glm::vec2 a, glm::vec2 b, glm::vec2 c, Color color) const;
    /// Severity by shape, colour and numeral; hollow: the condition has cleared.
    void severityMark(glm::vec2 center, float size, int severity, bool hollow = false) const;
    void clip(const Rect& rect);
    void unclip();

    // Controls. Ids must differ within one frame.
    bool area(const std::string& id, const Rect& rect);
    /// True while the button is held on it.
    bool held() const;
    bool button(const std::string& id, const Rect& rect, std::string_view label, Button kind = Button::quiet);
    float buttonWidth(std::string_view label) const { return std::round(width(Type::strong, label) + px(28)); }
    bool pill(const std::string& id, const Rect& rect, std::string_view label, bool chosen, std::string_view hint = {});
    /// A row with a switch at its right.
    bool toggle(const std::string& id, const Rect& rect, std::string_view label, bool on);

private:
    FontSet& _fonts;
    ImDrawList* _draw;
};

} // namespace matou::ui
