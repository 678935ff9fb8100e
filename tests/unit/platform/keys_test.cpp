#include <set>

#define GLFW_INCLUDE_NONE
#include <GLFW/glfw3.h>
#include <gtest/gtest.h>

#include "platform/keys.h"

using namespace matou::platform;

TEST(Keys, lettersDigitsAndFunctionKeysMapInOrder) {
    EXPECT_EQ(keyFromGlfw(GLFW_KEY_A), Key::a);
    EXPECT_EQ(keyFromGlfw(GLFW_KEY_Z), Key::z);
    EXPECT_EQ(keyFromGlfw(GLFW_KEY_0), Key::digit0);
    EXPECT_EQ(keyFromGlfw(GLFW_KEY_9), Key::digit9);
    EXPECT_EQ(keyFromGlfw(GLFW_KEY_KP_5), Key::digit5);
    EXPECT_EQ(keyFromGlfw(GLFW_KEY_F12), Key::f12);
}

TEST(Keys, everyNamedKeyIsReachable) {
    std::set<Key> reached;
    for (int key = 0; key <= GLFW_KEY_LAST; ++key) reached.insert(keyFromGlfw(key));
    EXPECT_EQ(reached.size(), static_cast<std::size_t>(Key::count)); // unknown among them
}

TEST(Keys, unknownOnesAreUnknown) {
    EXPECT_EQ(keyFromGlfw(GLFW_KEY_UNKNOWN), Key::unknown);
    EXPECT_EQ(keyFromGlfw(100000), Key::unknown);
}

TEST(Keys, modifiersAndButtons) {
    EXPECT_EQ(modifiersFromGlfw(GLFW_MOD_SHIFT | GLFW_MOD_ALT), (Modifiers{true, false, true, false}));
    EXPECT_EQ(mouseButtonFromGlfw(GLFW_MOUSE_BUTTON_RIGHT), MouseButton::right);
    EXPECT_EQ(mouseButtonFromGlfw(GLFW_MOUSE_BUTTON_8), MouseButton::other);
}
