#pragma once
// How different two pictures look to an eye that flips between them: FLIP for displayed (LDR) pictures, Andersson, Nilsson,
// Akenine-Möller, Oskarsson, Åström and Fairchild (2020), "FLIP: A Difference Evaluator for Alternating Images". Own code after
// the paper. Alpha is not looked at.

#include <vector>

#include "core/result.h"
#include "media/picture.h"

namespace matou::media {

/// Pixels per degree of the paper's default: 0.7 m from a monitor of 3840 pixels on 0.7 m.
inline constexpr double kPixelsPerDegree = 67.0;

struct Perceived {
    std::uint32_t width = 0, height = 0;
    std::vector<float> error; // per pixel, 0 the same … 1
    double mean = 0;
    /// Largest mean of any 16x16 block (its top left pixel): a small thing that is gone shows here.
    double worstBlock = 0;
    std::uint32_t worstX = 0, worstY = 0;
};

/// E_COMPARE_SIZE where the sizes differ. Cost: some 0.5 s a megapixel.
core::Result<Perceived> perceive(const Picture& reference, const Picture& test, double pixelsPerDegree = kPixelsPerDegree);

/// The error as a picture, black over violet and orange to pale yellow.
Picture errorPicture(const Perceived& perceived);

} // namespace matou::media
