#pragma once
// How different two pictures are, for golden tests. Alpha is not looked at.

#include "core/result.h"
#include "media/picture.h"

namespace matou::media {

struct Difference {
    double meanAbsolute = 0;        // over all channels, 0..255
    std::uint32_t maximum = 0;      // of one channel, 0..255
    double fractionDiffering = 0;   // pixels with a channel off by more than `tolerance`
    std::uint32_t firstX = 0, firstY = 0; // of the first such pixel
    /// Largest mean absolute difference of any 16x16 block: a small thing that is gone shows here.
    double worstBlock = 0;
    std::uint32_t worstX = 0, worstY = 0; // that block's top left pixel
};

/// E_COMPARE_SIZE where the sizes differ.
core::Result<Difference> compare(const Picture& a, const Picture& b, std::uint32_t tolerance = 2);

/// Absolute differences, times `gain`, for looking at. Same size as both.
core::Result<Picture> differencePicture(const Picture& a, const Picture& b, std::uint32_t gain = 8);

} // namespace matou::media
