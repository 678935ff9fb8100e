#pragma once
// Which font file Chinese is drawn with.

#include <filesystem>
#include <vector>

#include "core/result.h"

namespace matou::text {

struct FontFile {
    std::filesystem::path path;
    int face = 0; // in a .ttc collection
};

struct FontPair {
    FontFile regular;
    FontFile bold; // equal to regular where there is no bold one
};

/// Looks in `extra` first, then in the usual font folders, for Noto Sans CJK SC (or Source Han Sans SC), and checks that
/// the face really has the characters of "南码头路街道". No fontconfig: the answer depends on the files only.
/// E_NO_CJK_FONT (where: the folders searched) names the Debian package to install. Cost: opens a few files.
core::Result<FontPair> findCjkFonts(const std::vector<std::filesystem::path>& extra = {});

} // namespace matou::text
