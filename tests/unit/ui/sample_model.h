#pragma once
// A full model of panels for tests, and hands: a pointer that clicks.

#include <memory>
#include <vector>

#include "ui/ui.h"
#include "unit/symbology/sample_site.h"

namespace matou::test {

ui::UiModel sampleModel(const SampleSite& site);
std::unique_ptr<ui::UiContext> makeUi(float scale = 1.0f, symbology::Theme theme = symbology::Theme::dark);

/// Moves to, presses and releases at a pixel; gives every command that came of it.
std::vector<command::Command> click(ui::UiContext& context, const ui::UiModel& model, ui::Program program, glm::vec2 at, glm::ivec2 size = {1920, 1080});
void moveTo(ui::UiContext& context, glm::vec2 at);

/// Draws the panels' triangles over a picture.
class Picture;
void drawPanels(Picture& picture, ui::UiContext& context);

} // namespace matou::test
