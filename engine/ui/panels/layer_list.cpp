#include <algorithm>
#include <cmath>

#include "symbology/theme.h"
#include "ui/panels.h"

namespace matou::ui {

namespace {

const char* groupKey(const std::string& id) {
    if (id == "alarms") return "UI_GROUP_ALARMS";
    if (id == "sensors") return "UI_GROUP_SENSORS";
    if (id == "cameras") return "UI_GROUP_CAMERAS";
    if (id == "projects") return "UI_GROUP_PROJECTS";
    if (id == "cases") return "UI_GROUP_CASES";
    if (id == "flood") return "UI_GROUP_FLOOD";
    if (id == "zones") return "UI_GROUP_ZONES";
    if (id == "labels") return "UI_GROUP_LABELS";
    return nullptr;
}

struct LegendItem {
    const char* key;
    int kind; // 0 age, 1 project, 2 severity
    int index;
};

/// Two columns of a mark and its word.
float legend(Kit& kit, float x, float y, float w, const std::string& group, bool draw) {
    std::vector<LegendItem> items;
    if (group == "sensors")
        items = {{"UI_STATE_FRESH", 0, 1}, {"UI_LEGEND_LATE", 0, 2}, {"UI_LEGEND_STALE", 0, 3}, {"UI_LEGEND_LOST", 0, 4}};
    if (group == "alarms")
        for (int severity = 1; severity <= 4; ++severity) items.push_back({symbology::severityStyle(severity).nameKey, 2, severity});
    static constexpr const char* kStatus[] = {"on-track", "at-risk", "late", "paused", "done", "planned"};
    if (group == "projects")
        for (int i = 0; i < 6; ++i) items.push_back({symbology::projectStyle(kStatus[i]).nameKey, 1, i});
    if (items.empty()) return 0;
    const float row = kit.px(22);
    if (draw)
        for (std::size_t i = 0; i < items.size(); ++i) {
            const float left = x + (i % 2 != 0 ? w * 0.5f : 0.0f), top = y + static_cast<float>(i / 2) * row;
            const glm::vec2 center(left + kit.px(6), top + row * 0.5f);
            if (items[i].kind == 0) {
                ageMark(kit, center, kit.px(5), static_cast<twin::Age>(items[i].index));
            } else if (items[i].kind == 2) {
                kit.severityMark(center, kit.px(15), items[i].index);
            } else {
                const auto tint = symbology::projectStyle(kStatus[items[i].index]).tint;
                kit.fill({center.x - kit.px(5), center.y - kit.px(5), kit.px(10), kit.px(10)}, colorOf({tint.x, tint.y, tint.z, 255}), kit.px(2));
            }
            kit.text(left + kit.px(20), top + (row - kit.em(Type::caption)) * 0.5f, Type::caption, kit.palette.quiet, kit.words(items[i].key));
        }
    return std::ceil(static_cast<float>(items.size()) / 2) * row + kit.px(6);
}

} // namespace

float scrolled(Kit& kit, const Rect& view, float contentHeight, float& offset) {
    const float most = contentHeight > view.h + 1.0f ? contentHeight - view.h : 0.0f;
    if (kit.pointerIn(view)) offset -= kit.wheel() * kit.px(64);
    offset = std::clamp(offset, 0.0f, most);
    if (most > 0) {
        const float length = std::max(kit.px(24), view.h * view.h / contentHeight);
        const float top = view.y + (view.h - length) * offset / most;
        kit.fill({view.right() - kit.px(3), top, kit.px(3), length}, withAlpha(kit.palette.faint, 0.7f), kit.px(2));
    }
    return std::round(offset);
}

float layerList(Kit& kit, const UiModel& model, PanelMemory& memory, const Layout& layout) {
    if (model.layers.empty()) return layout.top;
    const float pad = kit.px(18), row = kit.px(34), w = kit.px(288);
    std::vector<const LayerSwitch*> overlays, tiles;
    for (const auto& layer : model.layers) (layer.overlayGroup ? overlays : tiles).push_back(&layer);
    float content = 0;
    for (const auto* layer : overlays) content += row + (layer->visible ? legend(kit, 0, 0, 0, layer->id, false) : 0);
    if (!tiles.empty()) content += kit.px(18) + static_cast<float>(tiles.size()) * row;
    const float gap = kit.px(18), looks = kit.px(44);
    content += gap + looks + displaySwitches(kit, model, {0, 0, 0, 0}, true, false);
    const float head = kit.px(46);
    const float room = layout.bottom - layout.top;
    // The lower half belongs to the card of what is selected.
    const float most = model.selection.key.id.empty() ? room : room * 0.5f;
    const Rect card{layout.margin, layout.top, w, std::min(head + content + kit.px(10), most)};
    kit.card(card);
    kit.text(card.x + pad, card.y + kit.px(16), Type::title, kit.palette.ink, kit.words("UI_LAYERS"));
    const Rect view{card.x, card.y + head, card.w, card.h - head - kit.px(8)};
    const float offset = scrolled(kit, {view.x, view.y, view.w - kit.px(4), view.h}, content, memory.layerScroll);
    kit.clip(view);
    float y = view.y - offset;
    const auto line = [&](const LayerSwitch& layer) {
        const char* key = layer.overlayGroup ? groupKey(layer.id) : nullptr;
        const std::string label = key != nullptr ? kit.words(key) : kit.name(layer.name).empty() ? layer.id : kit.name(layer.name);
        const Rect rect{card.x + pad, y, w - 2 * pad, row};
        if (rect.bottom() > view.y && rect.y < view.bottom() && kit.toggle("layer/" + layer.id, rect, label, layer.visible))
            kit.send(command::SetLayerVisible{layer.id, !layer.visible});
        y += row;
        if (layer.overlayGroup && layer.visible) y += legend(kit, card.x + pad + kit.px(2), y, w - 2 * pad, layer.id, true);
    };
    for (const auto* layer : overlays) line(*layer);
    kit.line({card.x + pad, y + kit.px(9)}, {card.right() - pad, y + kit.px(9)}, kit.palette.stroke, 1.0f);
    y += gap;
    const auto look = segments(kit, "look", {card.x + pad, y, w - 2 * pad, kit.px(36)},
                               {{"natural", kit.words("UI_LOOK_NATURAL")}, {"monitor", kit.words("UI_LOOK_MONITOR")}, {"plan", kit.words("UI_LOOK_PLAN")}, {"night", kit.words("UI_LOOK_NIGHT")}},
                               model.display.look);
    if (!look.empty()) kit.send(command::SetLook{look});
    y += looks;
    y += displaySwitches(kit, model, {card.x + pad, y, w - 2 * pad, 0}, true, true);
    if (!tiles.empty()) {
        kit.line({card.x + pad, y + kit.px(9)}, {card.right() - pad, y + kit.px(9)}, kit.palette.stroke, 1.0f);
        y += kit.px(18);
        for (const auto* layer : tiles) line(*layer);
    }
    kit.unclip();
    return card.bottom();
}

} // namespace matou::ui
