#pragma once
// The panels: reads a UiModel, gives Commands and draw data. Never touches the GPU, a window or the state.

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <glm/glm.hpp>

#include "command/command.h"
#include "core/result.h"
#include "symbology/theme.h"
#include "text/font.h"
#include "ui/input_event.h"
#include "ui/ui_model.h"

struct ImDrawData;

namespace matou::ui {

enum class Program : std::uint8_t { commandCenter, planner, presenter, viewer };

struct UiOptions {
    text::FontPair fonts;
    symbology::Theme theme = symbology::Theme::dark;
    /// 1: desk at 1920×1080. Walls: from pixel pitch and farthest seat (domain D.3); 0: from the picture's height.
    float scale = 0.0f;
};

/// What ImDrawCmd::TextureId 1 means. Straight white with coverage in alpha: one channel is enough.
struct FontImage {
    std::uint64_t version = 0;
    std::uint32_t width = 0, height = 0;
    std::vector<std::uint8_t> alpha;
};

/// One per window. Owner: the main lane. Texts may hold any character of the font: unseen ones are added by rebuilding
/// the font image before the frame that shows them (some tens of milliseconds, rare; new version).
class UiContext {
public:
    /// E_FONT_OPEN.
    static core::Result<std::unique_ptr<UiContext>> create(const UiOptions& options);
    ~UiContext();

    void feed(const InputEvent& event);
    /// True where the last frame's panels want the pointer or keys: the camera then leaves them alone.
    bool wantsPointer() const;
    bool wantsKeyboard() const;

    /// Builds one frame. Commands carry model.now, user and role. `seconds`: step since the last frame, > 0.
    std::vector<command::Command> build(const UiModel& model, Program program, glm::ivec2 framebuffer, double seconds);

    /// Of the last build(), valid until the next; positions in framebuffer pixels, TextureId 1 = fontImage().
    ImDrawData* drawData();
    std::shared_ptr<const FontImage> fontImage() const;
    /// Pixel rectangles (x, y, width, height) that panels cover: symbology's OverlayRequest::covered.
    const std::vector<glm::vec4>& covered() const;
    /// Alarm whose row the pointer is on, sensors/… and the like; empty: none.
    const core::FeatureKey& hovered() const;
    float scale() const;
    void setTheme(symbology::Theme theme);
    /// Distinct characters that were asked for and that the font lacks.
    std::size_t missingCharacters() const;

private:
    struct Impl;
    explicit UiContext(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> _impl;
};

} // namespace matou::ui
