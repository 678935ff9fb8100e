#pragma once
// Colours of heights, shared by the picture and its legend. Hues keep off the four that alarms are reserved for (domain D.2),
// and follow one another so that light and shade, which change lightness, do not change what is read.

#include <array>

#include "scene/frame_snapshot.h"

namespace matou::scene {

struct HeightStop {
    float meters = 0; // above ViewAids::rampBaseMeters
    Rgba color{0, 0, 0, 255};
};

/// Between two stops the colours are mixed; beyond the ends they stay. Ground lies in the first three; 10, 24 and 100 m are
/// where low, multi-storey and high-rise buildings end (GB 50352).
inline constexpr std::array<HeightStop, 8> kHeightRamp{{
    {0.0f, {0x1F, 0x5B, 0x4A, 255}},
    {4.0f, {0x3E, 0x8E, 0x62, 255}},
    {6.0f, {0x8C, 0xBF, 0x7A, 255}},
    {10.0f, {0xCF, 0xD9, 0xC0, 255}},
    {24.0f, {0x7F, 0xC4, 0xC0, 255}},
    {50.0f, {0x5A, 0x8F, 0xA8, 255}},
    {100.0f, {0x7B, 0x5E, 0xA7, 255}},
    {200.0f, {0xB0, 0x3A, 0x8C, 255}},
}};

} // namespace matou::scene
