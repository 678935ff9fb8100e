#pragma once
// What each quality means: the one table. Everything that costs is here; what is right (units, colours, where a shadow's
// edge lies, which tiles are drawn) is the same in all.

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "render/renderer.h"

namespace matou::render {

struct Tier {
    const char* name;
    std::uint32_t samples;      // per pixel, where the device has them
    std::uint32_t shadowTexels; // width of each of the four maps
    std::uint32_t shadowTaps;   // 1: unfiltered but for the hardware's four texels
    float occlusionScale;       // of the picture's size; 0: none
    std::uint32_t occlusionSlices, occlusionSteps;
    std::uint32_t contactSteps; // towards the sun, per texel of the occlusion; 0: no contact shadows
    std::uint32_t detail; // of walls, ground, water and leaves: 0 as from afar, 1 whole
    bool bloom;      // at night, in looks that are photographs
    bool bloomByDay; // and by day
    bool hides;      // objects that others hide are left out, where they are many and the driver is not software
};

inline constexpr std::array<Tier, 4> kTiers{{
    // name    samples shadow taps  occlusion contact detail bloom hides
    {"low", 1, 1024, 1, 0.0f, 0, 0, 0, 0, false, false, false},    // a software driver without patience
    {"medium", 4, 1536, 6, 0.5f, 2, 2, 0, 1, true, false, false},  // a software driver, an integrated GPU
    {"high", 4, 2048, 16, 0.5f, 3, 4, 10, 1, true, true, true},    // a GPU; stills
    {"ultra", 8, 4096, 32, 1.0f, 4, 6, 16, 1, true, true, true},   // a wall GPU; stills that may take their time
}};

/// By its name in the table.
constexpr std::optional<Quality> qualityFrom(std::string_view name) {
    for (std::size_t i = 0; i < kTiers.size(); ++i)
        if (name == kTiers[i].name) return static_cast<Quality>(i);
    return std::nullopt;
}

constexpr const Tier& tierOf(Quality quality) {
    return kTiers[static_cast<std::size_t>(quality)];
}

} // namespace matou::render
