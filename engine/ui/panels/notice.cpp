#include "ui/panels.h"

namespace matou::ui {

void notice(Kit& kit, const UiModel& model, float bottom) {
    const std::string& words = kit.name(model.notice);
    if (words.empty()) return;
    const float h = kit.px(26), x = kit.px(16);
    const Rect plate{x, bottom - h, kit.width(Type::caption, words) + kit.px(24), h};
    kit.fill(plate, withAlpha(kit.palette.plate, 0.72f), h * 0.5f);
    kit.textIn({plate.x + kit.px(12), plate.y, plate.w, h}, Type::caption, kit.palette.ink, words);
    kit.covered.push_back({plate.x, plate.y, plate.w, plate.h});
}

} // namespace matou::ui
