#pragma once
// Events between frames, handed to ImGui so that no click is lost.

#include <deque>

#include "ui/input_event.h"

struct ImGuiIO;

namespace matou::ui {

/// ImGui 1.86 sees the state at each frame only: a press and its release between two frames would be no click. So at
/// most one change of a button reaches one frame; the rest waits.
class InputQueue {
public:
    void push(const InputEvent& event);
    /// True where the pointer moved or pressed.
    bool apply(ImGuiIO& io);

private:
    std::deque<InputEvent> _events;
};

} // namespace matou::ui
