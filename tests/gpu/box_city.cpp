#include "gpu/box_city.h"

#include <cmath>
#include <filesystem>

#include <glm/gtc/matrix_transform.hpp>
#include <png.h>

namespace matou::testing {
namespace {

using glm::vec2;
using glm::vec3;

/// COLOR_0 is a linear factor; these colours are thought in sRGB.
glm::u8vec4 linear(const glm::u8vec4& srgb) {
    const glm::vec3 c = glm::pow(glm::vec3(srgb) / 255.0f, glm::vec3(2.2f)) * 255.0f;
    return {static_cast<std::uint8_t>(c.x), static_cast<std::uint8_t>(c.y), static_cast<std::uint8_t>(c.z), srgb.w};
}

float unitHash(std::uint32_t x) {
    x ^= x >> 16;
    x *= 0x7feb352du;
    x ^= x >> 15;
    x *= 0x846ca68bu;
    x ^= x >> 16;
    return static_cast<float>(x >> 8) / 16777216.0f;
}

void quad(model::Primitive& p, const vec3 (&corners)[4], const vec3& normal, const vec2 (&uvs)[4],
          std::uint32_t feature, const glm::u8vec4& color) {
    const auto first = static_cast<std::uint32_t>(p.vertices.size());
    for (int i = 0; i < 4; ++i) {
        model::Vertex v;
        v.position = corners[i];
        v.normal = glm::i8vec4(normal * 127.0f, 0);
        v.uv = uvs[i];
        v.color = linear(color);
        v.feature = feature;
        p.vertices.push_back(v);
    }
    for (const std::uint32_t i : {0u, 1u, 2u, 0u, 2u, 3u})
        p.indices.push_back(first + i);
}

scene::DrawContent placed(resident::ContentTable& table, const BoxCity& city, const model::Content& content,
                          std::vector<scene::FeatureNumber> numbers, scene::LayerRole role, std::uint8_t order) {
    scene::DrawContent draw;
    draw.content = table.uploadNow(content, numbers).value();
    draw.ecefFromContent = city.ecefFromEnu;
    draw.role = role;
    draw.layerOrder = order;
    return draw;
}

model::Content trees() {
    model::Primitive cone;
    constexpr int kSides = 7;
    for (int i = 0; i < kSides; ++i) {
        const float a = static_cast<float>(i) / kSides * 6.2832f, b = static_cast<float>(i + 1) / kSides * 6.2832f;
        const vec3 n = glm::normalize(vec3(std::cos((a + b) / 2), std::sin((a + b) / 2), 0.4f));
        const vec3 corners[4] = {vec3(std::cos(a), std::sin(a), 0.25f) * vec3(1, 1, 4),
                                 vec3(std::cos(b), std::sin(b), 0.25f) * vec3(1, 1, 4), vec3(0, 0, 5.5f),
                                 vec3(0, 0, 5.5f)};
        const vec2 none[4] = {};
        quad(cone, corners, n, none, model::kNoFeature, {96, 132, 70, 255});
    }
    model::Content content = contentOf(cone, 0, "");
    content.instances.clear();
    for (std::uint32_t i = 0; i < 160; ++i) {
        model::Instance instance;
        const float x = -290 + static_cast<float>(i % 40) * 15, y = (i / 40) % 2 == 0 ? -58.0f : -42.0f;
        const float s = 0.8f + 0.5f * unitHash(i);
        instance.contentFromMesh = glm::scale(glm::translate(glm::mat4(1.0f), vec3(x, y - 110.0f * (i / 80), 0)),
                                              vec3(1.8f * s, 1.8f * s, 1.6f * s));
        content.instances.push_back(instance);
    }
    return content;
}

} // namespace

void addBox(model::Primitive& p, const vec3& low, const vec3& high, std::uint32_t feature, const glm::u8vec4& color) {
    const float w = high.x - low.x, d = high.y - low.y, h = high.z - low.z;
    const vec2 roof[4] = {};
    const auto wall = [&](const vec3& a, const vec3& b, const vec3& normal, float from, float length) {
        const vec3 corners[4] = {a, b, {b.x, b.y, high.z}, {a.x, a.y, high.z}};
        const vec2 uvs[4] = {{from, 0.01f}, {from + length, 0.01f}, {from + length, h}, {from, h}};
        quad(p, corners, normal, uvs, feature, color);
    };
    wall({low.x, low.y, low.z}, {high.x, low.y, low.z}, {0, -1, 0}, 0, w);
    wall({high.x, low.y, low.z}, {high.x, high.y, low.z}, {1, 0, 0}, w, d);
    wall({high.x, high.y, low.z}, {low.x, high.y, low.z}, {0, 1, 0}, w + d, w);
    wall({low.x, high.y, low.z}, {low.x, low.y, low.z}, {-1, 0, 0}, 2 * w + d, d);
    const vec3 top[4] = {
        {low.x, low.y, high.z}, {high.x, low.y, high.z}, {high.x, high.y, high.z}, {low.x, high.y, high.z}};
    quad(p, top, {0, 0, 1}, roof, feature, color);
}

void addGround(model::Primitive& p, const vec2& low, const vec2& high, float z, const glm::u8vec4& color) {
    const vec3 corners[4] = {{low.x, low.y, z}, {high.x, low.y, z}, {high.x, high.y, z}, {low.x, high.y, z}};
    const vec2 uvs[4] = {low / 10.0f, {high.x / 10, low.y / 10}, high / 10.0f, {low.x / 10, high.y / 10}};
    quad(p, corners, {0, 0, 1}, uvs, model::kNoFeature, color);
}

model::Content contentOf(model::Primitive primitive, std::uint32_t features, const std::string& prefix) {
    model::Content content;
    model::Material material;
    material.metallic = 0.0f;
    material.roughness = 0.9f;
    content.materials.push_back(material);
    content.minimum = vec3(1e30f);
    content.maximum = vec3(-1e30f);
    for (const model::Vertex& v : primitive.vertices) {
        content.minimum = glm::min(content.minimum, v.position);
        content.maximum = glm::max(content.maximum, v.position);
    }
    primitive.minimum = content.minimum;
    primitive.maximum = content.maximum;
    content.primitives.push_back(std::move(primitive));
    content.instances.push_back({});
    content.features.count = features;
    for (std::uint32_t i = 0; i < features; ++i)
        content.features.ids.push_back(prefix + std::to_string(i));
    return content;
}

glm::dvec3 BoxCity::point(double east, double north, double up) const {
    return glm::dvec3(ecefFromEnu * glm::dvec4(east, north, up, 1.0));
}

BoxCity buildCity(resident::ContentTable& table, int tiles, int slices) {
    BoxCity city;
    city.anchor = geo::ecefFromGeodetic({31.2, 121.5, 4.0});
    city.ecefFromEnu = geo::ecefFromEnu(city.anchor);
    constexpr float kTile = 110.0f;
    const float half = static_cast<float>(tiles) * kTile / 2;
    const auto ground = [&](scene::LayerRole role, std::uint8_t order, const glm::u8vec4& color, auto&& fill) {
        model::Primitive p;
        fill(p, color);
        city.contents.push_back(placed(table, city, contentOf(p, 0, ""), {}, role, order));
    };
    ground(scene::LayerRole::ground, 0, {196, 192, 182, 255}, [&](model::Primitive& p, const glm::u8vec4& c) {
        addGround(p, {-2500, -2500}, {2500, 2500}, 0, c);
    });
    ground(scene::LayerRole::green, 1, {128, 150, 92, 255}, [&](model::Primitive& p, const glm::u8vec4& c) {
        addGround(p, {-half, half + 8}, {half, half + 60}, 0, c);
    });
    ground(scene::LayerRole::road, 2, {118, 118, 122, 255}, [&](model::Primitive& p, const glm::u8vec4& c) {
        for (int i = 0; i <= tiles; ++i) {
            const float x = -half + static_cast<float>(i) * kTile;
            addGround(p, {x - 7, -half - 7}, {x + 7, half + 7}, 0, c);
            addGround(p, {-half - 7, x - 7}, {half + 7, x + 7}, 0, c);
        }
    });
    ground(scene::LayerRole::water, 3, {92, 104, 92, 255}, [&](model::Primitive& p, const glm::u8vec4& c) {
        addGround(p, {-2500, half + 70}, {2500, half + 470}, 0, c);
    });
    std::vector<scene::FeatureNumber> one{1};
    model::Primitive tower;
    addBox(tower, {-20, -20, 0}, {20, 20, 90}, 0, {214, 222, 240, 255});
    city.contents.push_back(placed(table, city, contentOf(tower, 1, "tower"), one, scene::LayerRole::buildings, 0));
    city.featureCount = 1;
    for (int ty = 0; ty < tiles; ++ty)
        for (int tx = 0; tx < tiles; ++tx) {
            const vec2 origin(-half + static_cast<float>(tx) * kTile, -half + static_cast<float>(ty) * kTile);
            if (std::abs(origin.x + kTile / 2) < kTile * 0.75f && std::abs(origin.y + kTile / 2) < kTile * 0.75f)
                continue;
            model::Primitive p;
            std::vector<scene::FeatureNumber> numbers;
            const auto seed = static_cast<std::uint32_t>(ty * 64 + tx);
            const int rows = unitHash(seed) > 0.6f ? 2 : 4;
            for (int r = 0; r < rows; ++r)
                for (int c = 0; c < 2; ++c) {
                    const float h = rows == 2 ? 24.0f + 54.0f * unitHash(seed * 31 + r * 7 + c)
                                              : 15.0f + 3.2f * std::floor(3 * unitHash(seed * 17 + r));
                    const vec2 low = origin + vec2(13 + static_cast<float>(c) * 45,
                                                   14 + static_cast<float>(r) * (84.0f / static_cast<float>(rows)));
                    const vec2 size = rows == 2 ? vec2(26, 22) : vec2(39, 11);
                    const float shade = 0.86f + 0.14f * unitHash(seed * 13 + r * 3 + c);
                    const glm::u8vec4 color = rows == 2 && c == 1 ? glm::u8vec4(176, 196, 222, 255)
                                                                  : glm::u8vec4(vec3(226, 220, 208) * shade, 255);
                    for (int slice = 0; slice < slices; ++slice)
                        addBox(p, {low, h * static_cast<float>(slice) / static_cast<float>(slices)},
                               {low + size, h * static_cast<float>(slice + 1) / static_cast<float>(slices)},
                               static_cast<std::uint32_t>(numbers.size()), color);
                    numbers.push_back(++city.featureCount);
                }
            city.contents.push_back(placed(
                table, city, contentOf(p, static_cast<std::uint32_t>(numbers.size()), "t" + std::to_string(seed) + "-"),
                numbers, scene::LayerRole::buildings, 0));
        }
    city.contents.push_back(placed(table, city, trees(), {}, scene::LayerRole::prop, 0));
    return city;
}

scene::View viewOf(const BoxCity& city, const glm::dvec3& eye, const glm::dvec3& target, glm::ivec4 rectangle) {
    scene::View view;
    const geo::Ecef from{city.point(eye.x, eye.y, eye.z)}, to{city.point(target.x, target.y, target.z)};
    view.eye = geo::eyeFrameLookingAt(from, to, glm::normalize(city.anchor.meters));
    view.target = rectangle;
    view.planeAspect = static_cast<double>(rectangle.z) / rectangle.w;
    view.sunDirection = sunAt(215, 42);
    view.contents = city.contents;
    return view;
}

glm::dvec3 sunAt(double azimuthDegrees, double elevationDegrees) {
    const double a = glm::radians(azimuthDegrees), e = glm::radians(elevationDegrees);
    return {std::sin(a) * std::cos(e), std::cos(a) * std::cos(e), std::sin(e)};
}

std::string writePicture(const render::Pixels& pixels, const std::string& name) {
    const std::filesystem::path folder = std::filesystem::path(MATOU_SOURCE_DIR) / "build" / "pictures";
    std::filesystem::create_directories(folder);
    const std::string path = (folder / (name + ".png")).string();
    png_image image{};
    image.version = PNG_IMAGE_VERSION;
    image.width = pixels.width;
    image.height = pixels.height;
    image.format = PNG_FORMAT_RGBA;
    png_image_write_to_file(&image, path.c_str(), 0, pixels.rgba.data(), 0, nullptr);
    return path;
}

} // namespace matou::testing
