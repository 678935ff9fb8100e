#pragma once
// GLFW's numbers for keys and mouse buttons, as ours.

#include "platform/input.h"

namespace matou::platform {

/// From GLFW_KEY_…; unknown for keys that we have no name for.
Key keyFromGlfw(int glfwKey);
MouseButton mouseButtonFromGlfw(int glfwButton);
Modifiers modifiersFromGlfw(int glfwModifiers);

} // namespace matou::platform
