#pragma once
// Colours of the panels: calm, near-neutral; saturated hues belong to severities only.

#include <cstdint>

#include "scene/frame_snapshot.h"
#include "symbology/theme.h"

namespace matou::ui {

/// As ImDrawList takes them (ABGR in memory order RGBA).
using Color = std::uint32_t;

struct Palette {
    Color plate;       // bars and cards over the scene
    Color raised;      // rows, pills
    Color hover;
    Color stroke;
    Color ink, quiet, faint;
    Color accent, accentInk; // the chosen tab, primary buttons
    Color shadow;
};

const Palette& paletteOf(symbology::Theme theme);
Color colorOf(scene::Rgba color);
Color withAlpha(Color color, float alpha);

} // namespace matou::ui
