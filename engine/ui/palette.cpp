#include "ui/palette.h"

#include <algorithm>

namespace matou::ui {

namespace {
constexpr Color rgba(std::uint32_t rgb, std::uint32_t alpha) {
    return (alpha << 24) | ((rgb & 0xff) << 16) | (rgb & 0xff00) | (rgb >> 16);
}
constexpr Palette kDark{rgba(0x101820, 236), rgba(0x1B2732, 255), rgba(0x253441, 255), rgba(0x2C3B48, 255), rgba(0xECF2F6, 255),
                        rgba(0xA8B6C0, 255), rgba(0x6F7F8B, 255), rgba(0xBFD9E4, 255), rgba(0x101820, 255), rgba(0x000000, 70)};
constexpr Palette kLight{rgba(0xFBFCFD, 242), rgba(0xEEF2F5, 255), rgba(0xE2E9EE, 255), rgba(0xD3DCE3, 255), rgba(0x16202A, 255),
                         rgba(0x546270, 255), rgba(0x8B98A3, 255), rgba(0x24566E, 255), rgba(0xFFFFFF, 255), rgba(0x23313D, 40)};
} // namespace

const Palette& paletteOf(symbology::Theme theme) { return theme == symbology::Theme::dark ? kDark : kLight; }

Color colorOf(scene::Rgba c) {
    return (std::uint32_t{c.w} << 24) | (std::uint32_t{c.z} << 16) | (std::uint32_t{c.y} << 8) | std::uint32_t{c.x};
}

Color withAlpha(Color color, float alpha) {
    const float a = static_cast<float>(color >> 24) * std::clamp(alpha, 0.0f, 1.0f);
    return (color & 0x00ffffffu) | (static_cast<std::uint32_t>(a + 0.5f) << 24);
}

} // namespace matou::ui
