#pragma once
// Meshes in district coordinates: beams, decks, tubes.

#include "common/geometry.h"

namespace matou::importers::nanmatou {

using Color = glm::u8vec4;

class Builder {
public:
    /// Counter-clockwise seen from the front.
    void quad(const glm::dvec3& a, const glm::dvec3& b, const glm::dvec3& c, const glm::dvec3& d, Color color);
    /// The same with windows: a and d lie `left` metres along the wall, b and c `right`; heights count from `foot`.
    void pane(const glm::dvec3& a, const glm::dvec3& b, const glm::dvec3& c, const glm::dvec3& d, double left,
              double right, double foot, Color color);
    void triangle(const glm::dvec3& a, const glm::dvec3& b, const glm::dvec3& c, Color color);
    /// A bar from a to b, `width` across in plan and `depth` in height (or along the plan where the bar stands
    /// upright).
    void beam(const glm::dvec3& a, const glm::dvec3& b, double width, double depth, Color color);
    /// The same with its own sections at the two ends.
    void taper(const glm::dvec3& a, const glm::dvec3& b, const glm::dvec2& sectionA, const glm::dvec2& sectionB,
               const glm::dvec2& across, Color color);
    /// Three-sided: for stays.
    void stay(const glm::dvec3& a, const glm::dvec3& b, double radius, Color color);
    /// A road deck along points (its upper face), with its sides and soffit.
    void deck(const std::vector<glm::dvec3>& line, double width, double thickness, Color top, Color side);
    /// `windows`: walls keep their uv, on which the shader draws windows.
    void prism(const Polygon& polygon, double base, double top, Color wall, Color roof, bool windows = false);
    /// A body turned about a vertical axis: radius and height pairs from the foot up.
    void lathe(const glm::dvec3& foot, const std::vector<glm::dvec2>& radiusHeight, int sides, Color color,
               double turn = 0);
    void sphere(const glm::dvec3& middle, double radius, int sides, Color color);
    void append(const Mesh& mesh) { _mesh.append(mesh); }
    Mesh take() { return std::move(_mesh); }
    bool empty() const { return _mesh.indices.empty(); }

private:
    Mesh _mesh;
};

/// Points every `step` metres along a line with its own ends, and how far along each is.
struct Station {
    glm::dvec2 at{0.0}, along{1.0, 0.0};
    double distance = 0;
};
std::vector<Station> stations(const Polyline& line, double step);

} // namespace matou::importers::nanmatou
