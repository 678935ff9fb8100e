#pragma once
// A small software picture: draws an Overlay as the renderer would, so that tests can look at one without a GPU.

#include <cstdint>
#include <string>
#include <vector>

#include "scene/frame_snapshot.h"

namespace matou::test {

class Picture {
public:
    Picture(int width, int height, glm::u8vec4 fill);
    int width() const { return _width; }
    int height() const { return _height; }
    glm::u8vec4 at(int x, int y) const { return _pixels[static_cast<std::size_t>(y * _width + x)]; }
    void blend(int x, int y, glm::vec3 color255, float alpha);
    /// Sets every pixel by a function of its place: a stand-in for the city.
    void ground(const scene::View& view);
    void draw(const scene::Overlay& overlay, const scene::View& view, const scene::GlyphAtlasImage& atlas);
    /// One textured triangle: positions in pixels, texture coordinates 0..1, straight colours; `alpha` is the texture's
    /// one channel. Clipped to clip (left, top, right, bottom).
    void triangle(const glm::vec2 (&p)[3], const glm::vec2 (&uv)[3], const glm::u8vec4 (&color)[3], const std::vector<std::uint8_t>& alpha,
                  int textureWidth, int textureHeight, const glm::vec4& clip);
    /// True where it was written.
    bool writePng(const std::string& path) const;

private:
    int _width, _height;
    std::vector<glm::u8vec4> _pixels;
};

} // namespace matou::test
