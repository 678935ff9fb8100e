#pragma once
// What people do to a window, as plain values, so that headless runs and tests inject the same.

#include <cstdint>
#include <variant>

namespace matou::platform {

/// Physical keys by their US layout name; what a key writes comes as CharacterEvent.
enum class Key : std::uint8_t {
    unknown,
    a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, t, u, v, w, x, y, z,
    digit0, digit1, digit2, digit3, digit4, digit5, digit6, digit7, digit8, digit9,
    f1, f2, f3, f4, f5, f6, f7, f8, f9, f10, f11, f12,
    space, enter, escape, tab, backspace, insert, deleteKey, home, end, pageUp, pageDown, left, right, up, down,
    minus, equal, comma, period, slash, semicolon, apostrophe, leftBracket, rightBracket, backslash, grave,
    leftShift, rightShift, leftControl, rightControl, leftAlt, rightAlt, leftSuper, rightSuper,
    count
};

enum class MouseButton : std::uint8_t { left, right, middle, other };

struct Modifiers {
    bool shift = false, control = false, alt = false, super = false;
    bool operator==(const Modifiers&) const = default;
};

struct KeyEvent {
    Key key = Key::unknown;
    bool pressed = false;
    bool repeat = false; // pressed again by the keyboard's own repetition
    Modifiers modifiers;
};
/// Text typed: one Unicode code point.
struct CharacterEvent {
    char32_t codepoint = 0;
};
/// All positions: framebuffer pixels from the top left corner, y down.
struct MouseMoveEvent {
    double x = 0, y = 0;
};
struct MouseButtonEvent {
    MouseButton button = MouseButton::left;
    bool pressed = false;
    double x = 0, y = 0;
    Modifiers modifiers;
};
/// Wheel notches: y positive away from the user.
struct ScrollEvent {
    double deltaX = 0, deltaY = 0;
    double x = 0, y = 0;
    Modifiers modifiers;
};
/// New framebuffer size; 0x0 while minimised.
struct ResizeEvent {
    int width = 0, height = 0;
};
/// The window lost or won the keyboard. Keys held down count as released when it is lost.
struct FocusEvent {
    bool focused = false;
};
struct CloseEvent {};

using InputEvent = std::variant<KeyEvent, CharacterEvent, MouseMoveEvent, MouseButtonEvent, ScrollEvent, ResizeEvent, FocusEvent, CloseEvent>;

} // namespace matou::platform
