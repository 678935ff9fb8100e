#pragma once
// Builds meshes in a building's own frame: u along its length, v towards its northern face, z up from its foot, origin
// in the middle of the footprint. Flat normals; colours on every vertex.

#include "nanmatou/footprint.h"

namespace matou::importers::nanmatou {

using Color = glm::u8vec4;

class Carpenter {
public:
    Carpenter(const Footprint& footprint, double foot) : _footprint(footprint), _foot(foot) {}

    /// a, b, c, d counter-clockwise seen from outside.
    void quad(const glm::dvec3& a, const glm::dvec3& b, const glm::dvec3& c, const glm::dvec3& d, Color color);
    void triangle(const glm::dvec3& a, const glm::dvec3& b, const glm::dvec3& c, Color color);
    /// A wall from a to b (its foot, seen from outside left to right) up to z1, with uv in metres for the window
    /// shader.
    void facade(const glm::dvec2& a, const glm::dvec2& b, double z0, double z1, Color color);

    enum Faces : unsigned {
        south = 1,
        east = 2,
        north = 4,
        west = 8,
        top = 16,
        bottom = 32,
        sides = 15,
        closed = 31,
        all = 63
    };
    struct Box {
        double u0, u1, v0, v1, z0, z1;
    };
    /// Without uv: nothing that the shader would draw windows on.
    void box(const Box& box, Color color, unsigned faces = closed);
    /// Four façades with uv and a flat lid.
    void house(const Box& box, Color wall, Color lid);
    /// Ridge along u over the rectangle, eaves overhanging by `over`; gable ends in `wall`.
    void gable(const Box& box, double ridge, double over, Color roof, Color wall);
    /// A wall round a flat roof.
    void parapet(const Box& rim, double thickness, Color color);

    Mesh take() { return std::move(_mesh); }

private:
    void vertex(const glm::dvec3& p, const glm::vec3& normal, Color color, const glm::vec2& uv);
    glm::dvec3 place(const glm::dvec3& p) const;

    Footprint _footprint;
    double _foot;
    Mesh _mesh;
};

} // namespace matou::importers::nanmatou
