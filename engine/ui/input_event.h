#pragma once
// What people do with mouse and keyboard, free of any window system; the engine translates platform events into these,
// headless tests write them by hand.

#include <cstdint>
#include <string>

namespace matou::ui {

enum class Key : std::uint8_t {
    none, left, right, up, down, pageUp, pageDown, home, end, tab, enter, escape, space, backspace, del,
    a, c, v, x, y, z,
};

struct InputEvent {
    enum class Kind : std::uint8_t { pointerMove, pointerButton, wheel, key, character, leave } kind = Kind::pointerMove;
    /// Framebuffer pixels, y down (pointerMove, pointerButton).
    float x = 0, y = 0;
    int button = 0; // 0 left, 1 right, 2 middle
    bool pressed = false;
    float wheel = 0; // notches, up positive
    Key key = Key::none;
    bool control = false, shift = false, alt = false;
    char32_t character = 0;
};

} // namespace matou::ui
