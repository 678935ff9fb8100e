#include "platform/keys.h"

#define GLFW_INCLUDE_NONE
#include <GLFW/glfw3.h>

namespace matou::platform {

namespace {

Key offsetFrom(Key first, int distance) { return static_cast<Key>(static_cast<int>(first) + distance); }

struct Named {
    int glfwKey;
    Key key;
};
constexpr Named kNamed[] = {
    {GLFW_KEY_SPACE, Key::space},
    {GLFW_KEY_ENTER, Key::enter},
    {GLFW_KEY_KP_ENTER, Key::enter},
    {GLFW_KEY_ESCAPE, Key::escape},
    {GLFW_KEY_TAB, Key::tab},
    {GLFW_KEY_BACKSPACE, Key::backspace},
    {GLFW_KEY_INSERT, Key::insert},
    {GLFW_KEY_DELETE, Key::deleteKey},
    {GLFW_KEY_HOME, Key::home},
    {GLFW_KEY_END, Key::end},
    {GLFW_KEY_PAGE_UP, Key::pageUp},
    {GLFW_KEY_PAGE_DOWN, Key::pageDown},
    {GLFW_KEY_LEFT, Key::left},
    {GLFW_KEY_RIGHT, Key::right},
    {GLFW_KEY_UP, Key::up},
    {GLFW_KEY_DOWN, Key::down},
    {GLFW_KEY_MINUS, Key::minus},
    {GLFW_KEY_KP_SUBTRACT, Key::minus},
    {GLFW_KEY_EQUAL, Key::equal},
    {GLFW_KEY_KP_ADD, Key::equal},
    {GLFW_KEY_COMMA, Key::comma},
    {GLFW_KEY_PERIOD, Key::period},
    {GLFW_KEY_SLASH, Key::slash},
    {GLFW_KEY_SEMICOLON, Key::semicolon},
    {GLFW_KEY_APOSTROPHE, Key::apostrophe},
    {GLFW_KEY_LEFT_BRACKET, Key::leftBracket},
    {GLFW_KEY_RIGHT_BRACKET, Key::rightBracket},
    {GLFW_KEY_BACKSLASH, Key::backslash},
    {GLFW_KEY_GRAVE_ACCENT, Key::grave},
    {GLFW_KEY_LEFT_SHIFT, Key::leftShift},
    {GLFW_KEY_RIGHT_SHIFT, Key::rightShift},
    {GLFW_KEY_LEFT_CONTROL, Key::leftControl},
    {GLFW_KEY_RIGHT_CONTROL, Key::rightControl},
    {GLFW_KEY_LEFT_ALT, Key::leftAlt},
    {GLFW_KEY_RIGHT_ALT, Key::rightAlt},
    {GLFW_KEY_LEFT_SUPER, Key::leftSuper},
    {GLFW_KEY_RIGHT_SUPER, Key::rightSuper},
};

} // namespace

Key keyFromGlfw(int glfwKey) {
    if (glfwKey >= GLFW_KEY_A && glfwKey <= GLFW_KEY_Z) return offsetFrom(Key::a, glfwKey - GLFW_KEY_A);
    if (glfwKey >= GLFW_KEY_0 && glfwKey <= GLFW_KEY_9) return offsetFrom(Key::digit0, glfwKey - GLFW_KEY_0);
    if (glfwKey >= GLFW_KEY_KP_0 && glfwKey <= GLFW_KEY_KP_9) return offsetFrom(Key::digit0, glfwKey - GLFW_KEY_KP_0);
    if (glfwKey >= GLFW_KEY_F1 && glfwKey <= GLFW_KEY_F12) return offsetFrom(Key::f1, glfwKey - GLFW_KEY_F1);
    for (const Named& named : kNamed)
        if (named.glfwKey == glfwKey) return named.key;
    return Key::unknown;
}

MouseButton mouseButtonFromGlfw(int glfwButton) {
    switch (glfwButton) {
    case GLFW_MOUSE_BUTTON_LEFT:
        return MouseButton::left;
    case GLFW_MOUSE_BUTTON_RIGHT:
        return MouseButton::right;
    case GLFW_MOUSE_BUTTON_MIDDLE:
        return MouseButton::middle;
    default:
        return MouseButton::other;
    }
}

Modifiers modifiersFromGlfw(int glfwModifiers) {
    return {(glfwModifiers & GLFW_MOD_SHIFT) != 0, (glfwModifiers & GLFW_MOD_CONTROL) != 0,
            (glfwModifiers & GLFW_MOD_ALT) != 0, (glfwModifiers & GLFW_MOD_SUPER) != 0};
}

} // namespace matou::platform
