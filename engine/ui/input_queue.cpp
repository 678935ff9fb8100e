#include "ui/input_queue.h"

#include <cfloat>

#include <imgui.h>

namespace matou::ui {

namespace {
constexpr std::size_t kMaximumEvents = 4096; // a window that is not drawn must not gather events for ever
} // namespace

void InputQueue::push(const InputEvent& event) {
    if (_events.size() >= kMaximumEvents) _events.pop_front();
    _events.push_back(event);
}

bool InputQueue::apply(ImGuiIO& io) {
    bool active = false, changed = false, moved = false;
    while (!_events.empty()) {
        const InputEvent event = _events.front();
        if (event.kind == InputEvent::Kind::pointerButton) {
            // A release after moves waits too: what is dragged must first be seen held where it is let go.
            if (changed || (moved && !event.pressed)) break;
            changed = true;
        } else if (event.kind == InputEvent::Kind::pointerMove && changed) {
            break; // a move after the press belongs to the next frame: drags start where they were pressed
        }
        _events.pop_front();
        switch (event.kind) {
        case InputEvent::Kind::pointerButton:
            if (event.button >= 0 && event.button < 3) io.MouseDown[event.button] = event.pressed;
            [[fallthrough]];
        case InputEvent::Kind::pointerMove:
            moved = moved || event.kind == InputEvent::Kind::pointerMove;
            io.MousePos = ImVec2(event.x, event.y);
            active = true;
            break;
        case InputEvent::Kind::wheel: io.MouseWheel += event.wheel; break;
        case InputEvent::Kind::leave: io.MousePos = ImVec2(-FLT_MAX, -FLT_MAX); break;
        case InputEvent::Kind::key:
            io.KeyCtrl = event.control;
            io.KeyShift = event.shift;
            io.KeyAlt = event.alt;
            io.KeysDown[static_cast<int>(event.key)] = event.pressed;
            break;
        case InputEvent::Kind::character:
            if (event.character >= 0x20 && event.character <= 0xFFFF) io.AddInputCharacter(static_cast<unsigned>(event.character));
            break;
        }
    }
    return active;
}

} // namespace matou::ui
