#pragma once
// Which pixels of a view are taken by icons, labels and panels.

#include <cstdint>
#include <unordered_map>
#include <vector>

#include <glm/glm.hpp>

namespace matou::symbology {

/// Rectangles are x, y, width, height. Cost of a query: the few rectangles in the buckets that it touches.
class Occupancy {
public:
    /// `area`: outside it nothing fits.
    explicit Occupancy(const glm::vec4& area);
    bool fits(const glm::vec4& rect) const;
    void take(const glm::vec4& rect);

private:
    template <typename Visit>
    void buckets(const glm::vec4& rect, Visit&& visit) const;

    glm::vec4 _area;
    int _columns, _rows;
    std::vector<std::vector<glm::vec4>> _buckets;
};

} // namespace matou::symbology
