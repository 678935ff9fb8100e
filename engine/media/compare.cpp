#include "media/compare.h"

#include <algorithm>
#include <cstdlib>

namespace matou::media {

namespace {

constexpr std::uint32_t kBlock = 16;

core::Result<void> checkSizes(const Picture& a, const Picture& b) {
    const auto size = [](const Picture& p) { return std::to_string(p.width) + "x" + std::to_string(p.height); };
    const auto whole = [](const Picture& p) { return p.rgba.size() == std::uint64_t{p.width} * p.height * 4; };
    if (a.width != b.width || a.height != b.height || !whole(a) || !whole(b) || a.width == 0 || a.height == 0)
        return core::fail("E_COMPARE_SIZE", "picture", {size(a), size(b)});
    return {};
}

std::uint32_t off(std::uint8_t a, std::uint8_t b) { return static_cast<std::uint32_t>(std::abs(int{a} - int{b})); }

} // namespace

core::Result<Difference> compare(const Picture& a, const Picture& b, std::uint32_t tolerance) {
    MATOU_CHECK(checkSizes(a, b));
    Difference result;
    const std::uint32_t across = (a.width + kBlock - 1) / kBlock, down = (a.height + kBlock - 1) / kBlock;
    std::vector<std::uint64_t> blocks(std::size_t{across} * down, 0);
    std::uint64_t sum = 0, differing = 0;
    for (std::uint32_t y = 0; y < a.height; ++y) {
        for (std::uint32_t x = 0; x < a.width; ++x) {
            const std::size_t at = (std::size_t{y} * a.width + x) * 4;
            std::uint32_t worst = 0, total = 0;
            for (std::size_t channel = 0; channel < 3; ++channel) {
                const std::uint32_t difference = off(a.rgba[at + channel], b.rgba[at + channel]);
                worst = std::max(worst, difference);
                total += difference;
            }
            sum += total;
            blocks[std::size_t{y / kBlock} * across + x / kBlock] += total;
            result.maximum = std::max(result.maximum, worst);
            if (worst > tolerance && differing++ == 0) {
                result.firstX = x;
                result.firstY = y;
            }
        }
    }
    const double pixels = static_cast<double>(a.width) * a.height;
    result.meanAbsolute = static_cast<double>(sum) / (pixels * 3.0);
    result.fractionDiffering = static_cast<double>(differing) / pixels;
    for (std::uint32_t by = 0; by < down; ++by) {
        for (std::uint32_t bx = 0; bx < across; ++bx) {
            const std::uint32_t width = std::min(kBlock, a.width - bx * kBlock), height = std::min(kBlock, a.height - by * kBlock);
            const double mean = static_cast<double>(blocks[std::size_t{by} * across + bx]) / (3.0 * width * height);
            if (mean <= result.worstBlock) continue;
            result.worstBlock = mean;
            result.worstX = bx * kBlock;
            result.worstY = by * kBlock;
        }
    }
    return result;
}

core::Result<Picture> differencePicture(const Picture& a, const Picture& b, std::uint32_t gain) {
    MATOU_CHECK(checkSizes(a, b));
    Picture result{a.width, a.height, std::vector<std::uint8_t>(a.rgba.size(), 255)};
    for (std::size_t at = 0; at < a.rgba.size(); ++at)
        if (at % 4 != 3) result.rgba[at] = static_cast<std::uint8_t>(std::min<std::uint64_t>(255, std::uint64_t{off(a.rgba[at], b.rgba[at])} * gain));
    return result;
}

} // namespace matou::media
