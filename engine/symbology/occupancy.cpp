#include "symbology/occupancy.h"

#include <algorithm>
#include <cmath>

namespace matou::symbology {

namespace {
constexpr float kBucketPixels = 96.0f;
constexpr int kMaximumBuckets = 512; // a side; a wall of 15,360 pixels needs 160
} // namespace

Occupancy::Occupancy(const glm::vec4& area)
    : _area(area), _columns(std::clamp(static_cast<int>(std::ceil(area.z / kBucketPixels)), 1, kMaximumBuckets)),
      _rows(std::clamp(static_cast<int>(std::ceil(area.w / kBucketPixels)), 1, kMaximumBuckets)),
      _buckets(static_cast<std::size_t>(_columns) * static_cast<std::size_t>(_rows)) {}

template <typename Visit>
void Occupancy::buckets(const glm::vec4& rect, Visit&& visit) const {
    const auto column = [this](float x) { return std::clamp(static_cast<int>((x - _area.x) / kBucketPixels), 0, _columns - 1); };
    const auto row = [this](float y) { return std::clamp(static_cast<int>((y - _area.y) / kBucketPixels), 0, _rows - 1); };
    for (int y = row(rect.y); y <= row(rect.y + rect.w); ++y)
        for (int x = column(rect.x); x <= column(rect.x + rect.z); ++x)
            if (!visit(static_cast<std::size_t>(y * _columns + x))) return;
}

bool Occupancy::fits(const glm::vec4& rect) const {
    if (rect.x < _area.x || rect.y < _area.y || rect.x + rect.z > _area.x + _area.z || rect.y + rect.w > _area.y + _area.w) return false;
    bool free = true;
    buckets(rect, [&](std::size_t bucket) {
        free = std::none_of(_buckets[bucket].begin(), _buckets[bucket].end(), [&](const glm::vec4& other) {
            return rect.x < other.x + other.z && other.x < rect.x + rect.z && rect.y < other.y + other.w && other.y < rect.y + rect.w;
        });
        return free;
    });
    return free;
}

void Occupancy::take(const glm::vec4& rect) {
    buckets(rect, [&](std::size_t bucket) {
        _buckets[bucket].push_back(rect);
        return true;
    });
}

} // namespace matou::symbology
