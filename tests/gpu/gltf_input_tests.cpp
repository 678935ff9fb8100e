// glTF from its bytes to the picture: what is wrong in it is seen or said, and what is right looks as the specification asks.
// Generated; the public samples are in gltf_sample_tests.cpp.

#include <cmath>
#include <limits>

#include <png.h>

#include "decode/gltf.h"
#include "gpu/picture_fixture.h"
#include "model/environment_image.h"
#include "support/generated_gltf.h"

namespace matou::testing {
namespace {

using test::Bytes;

/// A wall of 4 by 4 m about the origin that faces glTF's front (+z), as two triangles; every number can be spoiled.
struct Wall {
    std::vector<float> positions{-2, -2, 0, 2, -2, 0, 2, 2, 0, -2, 2, 0};
    std::vector<float> normals{0, 0, 1, 0, 0, 1, 0, 0, 1, 0, 0, 1};
    std::vector<float> uvs{0, 1, 1, 1, 1, 0, 0, 0};
    std::vector<std::uint32_t> indices{0, 1, 2, 0, 2, 3};
    std::string material = R"({"pbrMetallicRoughness":{"metallicFactor":0,"baseColorFactor":[0.9,0.1,0.08,1]}})"; // red
    std::string more; // textures, images, extensionsUsed …
    std::string node;

    Bytes glb(const Bytes& image = {}) const {
        Bytes binary;
        const auto view = [&](std::size_t offset, std::size_t length) {
            return R"({"buffer":0,"byteOffset":)" + std::to_string(offset) + R"(,"byteLength":)" + std::to_string(length) + "}";
        };
        std::string views = view(test::append(binary, positions), positions.size() * 4) + ",";
        views += view(test::append(binary, normals), normals.size() * 4) + ",";
        views += view(test::append(binary, uvs), uvs.size() * 4) + ",";
        views += view(test::append(binary, indices), indices.size() * 4);
        if (!image.empty()) views += "," + view(test::append(binary, image), image.size());
        const auto accessor = [](int view, int type, std::size_t count, const char* shape, const char* more) {
            return R"({"bufferView":)" + std::to_string(view) + R"(,"componentType":)" + std::to_string(type) + R"(,"count":)" + std::to_string(count) +
                   R"(,"type":")" + shape + "\"" + more + "}";
        };
        const std::size_t n = positions.size() / 3;
        return test::glbOf(R"({"asset":{"version":"2.0"},"scene":0,"scenes":[{"nodes":[0]}],"nodes":[{"mesh":0)" + node +
                               R"(}],"meshes":[{"primitives":[{"attributes":{"POSITION":0,"NORMAL":1,"TEXCOORD_0":2},"indices":3,"material":0}]}],"materials":[)" +
                               material + R"(],"accessors":[)" + accessor(0, 5126, n, "VEC3", R"(,"min":[-2,-2,0],"max":[2,2,0])") + "," +
                               accessor(1, 5126, n, "VEC3", "") + "," + accessor(2, 5126, n, "VEC2", "") + "," +
                               accessor(3, 5125, indices.size(), "SCALAR", "") + R"(],"bufferViews":[)" + views + R"(],"buffers":[{"byteLength":)" +
                               std::to_string((binary.size() + 3) / 4 * 4) + "}]" + more + "}",
                           binary);
    }
};

void bigEndian(Bytes& out, std::uint32_t value) {
    for (int shift = 24; shift >= 0; shift -= 8) out.push_back(static_cast<std::byte>(value >> shift));
}
void chunk(Bytes& png, const char* kind, const Bytes& data) {
    bigEndian(png, static_cast<std::uint32_t>(data.size()));
    Bytes body = test::bytesOf(kind);
    body.insert(body.end(), data.begin(), data.end());
    std::uint32_t crc = ~0u;
    for (const std::byte b : body) {
        crc ^= static_cast<std::uint32_t>(b);
        for (int i = 0; i < 8; ++i) crc = crc >> 1 ^ (crc & 1 ? 0xedb88320u : 0u);
    }
    png.insert(png.end(), body.begin(), body.end());
    bigEndian(png, ~crc);
}
/// A picture whose header says that size and which holds none of its pixels.
Bytes emptyPng(std::uint32_t width, std::uint32_t height) {
    Bytes out = test::bytesOf(std::string_view("\x89PNG\r\n\x1a\n", 8)), header;
    bigEndian(header, width);
    bigEndian(header, height);
    for (const int v : {8, 6, 0, 0, 0}) header.push_back(static_cast<std::byte>(v));
    chunk(out, "IHDR", header);
    chunk(out, "IDAT", {});
    return out;
}
Bytes pngOf(std::uint32_t width, std::uint32_t height, const std::vector<std::uint8_t>& rgba) {
    png_image image{};
    image.version = PNG_IMAGE_VERSION;
    image.width = width;
    image.height = height;
    image.format = PNG_FORMAT_RGBA;
    png_alloc_size_t size = 0;
    png_image_write_to_memory(&image, nullptr, &size, 0, rgba.data(), 0, nullptr);
    Bytes out(size);
    png_image_write_to_memory(&image, out.data(), &size, 0, rgba.data(), 0, nullptr);
    return out;
}

constexpr const char* kTextured = R"({"pbrMetallicRoughness":{"metallicFactor":0,"baseColorTexture":{"index":0}}})";
constexpr const char* kOneImage = R"(,"textures":[{"source":0}],"images":[{"mimeType":"image/png","bufferView":4}])";

class GltfInput : public Picture {
protected:
    struct Shot {
        core::Diagnostics said;
        render::Pixels pixels;
        std::vector<glm::vec4> light;
        const std::uint8_t* middle() const { return at(pixels, 64, 64); }
    };
    /// The content alone in even light, seen from glTF's front, 128 by 128 pixels of which the wall covers the inner half.
    static Shot shot(const model::Content& content, const char* name, double away = 16, render::Quality quality = render::Quality::low,
                     std::shared_ptr<const model::EnvironmentImage> light = nullptr) {
        Shot out;
        out.said = content.diagnostics;
        const auto handle = contents->uploadNow(content, std::vector<scene::FeatureNumber>{});
        EXPECT_TRUE(handle) << handle.error().code;
        if (!handle) return out;
        for (const auto& more : contents->diagnostics(*handle)) out.said.push_back(more);
        render::RendererOptions options;
        options.quality = quality;
        options.samples = 1;
        auto r = render::Renderer::create(*device, *contents, {128, 128}, options).value();
        scene::FrameSnapshot frame = snapshot();
        frame.neutralEnvironment = true;
        frame.environment = std::move(light);
        scene::View view = viewOf(city, {0, -away, 0}, {0, 0, 0}, {0, 0, 128, 128});
        view.fovYRadians = 2 * std::atan(4.0 / 16);
        view.contents = {{*handle, city.ecefFromEnu, scene::LayerRole::model, 0}};
        frame.views.push_back(view);
        out.pixels = draw(*r, frame, name);
        out.light = r->readbackLight().value();
        for (const glm::vec4& c : out.light)
            if (!std::isfinite(c.x + c.y + c.z) || std::min({c.x, c.y, c.z}) < 0) ADD_FAILURE() << name << ": a broken pixel";
        contents->retire(*handle);
        return out;
    }
    static Shot shot(const Bytes& glb, const char* name, double away = 16) {
        const auto content = decode::decodeGltf(glb, "t.glb");
        EXPECT_TRUE(content) << name << ": " << (content ? "" : content.error().code + " " + content.error().where);
        return content ? shot(*content, name, away) : Shot{};
    }
    static std::string refusal(const Bytes& glb) {
        const auto content = decode::decodeGltf(glb, "t.glb");
        return content ? "read" : content.error().code + " " + content.error().where;
    }
    static bool said(const Shot& shot, const std::string& code) {
        for (const auto& d : shot.said)
            for (const core::Error* e = &d; e != nullptr; e = e->cause.get())
                if (e->code == code) return true;
        return false;
    }
    static bool red(const std::uint8_t* c) { return c[0] > c[1] + 60 && c[0] > c[2] + 60; }
    static bool magenta(const std::uint8_t* c) { return c[0] > c[1] + 50 && c[2] > c[1] + 50; }
};

TEST_F(GltfInput, normalsOfNoLengthOrNoNumberAreDrawnAsTheFacesLie) {
    const Shot right = shot(Wall{}.glb(), "input_right");
    ASSERT_TRUE(red(right.middle()));
    Wall zero, long1, none;
    zero.normals.assign(12, 0.0f);
    long1.normals.assign(12, 1e30f);
    for (const auto& [wall, name] : {std::pair{zero, "input_zero_normals"}, {long1, "input_huge_normals"}}) {
        const Shot bad = shot(wall.glb(), name);
        EXPECT_TRUE(red(bad.middle())) << name;
    }
    const Shot flat = shot(zero.glb(), "input_zero_normals");
    EXPECT_NEAR(brightness(flat.pixels, 64, 64), brightness(right.pixels, 64, 64), 6) << "the face's own normal";
    none.normals[4] = std::numeric_limits<float>::quiet_NaN();
    EXPECT_EQ(refusal(none.glb()).substr(0, 5), "E_GLT");
}

TEST_F(GltfInput, trianglesWithoutAreaAreNothingAndTheOthersStay) {
    Wall wall;
    wall.indices = {0, 0, 0, 1, 1, 2, 0, 1, 2, 0, 2, 3}; // two of no area before the wall's own
    const Shot drawn = shot(wall.glb(), "input_no_area");
    EXPECT_TRUE(red(drawn.middle()));
    wall.positions.assign(12, 1.0f); // all of them
    EXPECT_FALSE(red(shot(wall.glb(), "input_all_no_area").middle()));
}

TEST_F(GltfInput, placesThatAreNoNumbersAreRefusedWhereTheyStand) {
    for (const float bad : {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity()}) {
        Wall wall;
        wall.positions[7] = bad;
        const auto said = refusal(wall.glb());
        EXPECT_NE(said.find("t.glb#/accessors/0"), std::string::npos) << said;
    }
}

TEST_F(GltfInput, aMissingOrOversizedTextureIsMagentaAndSaid) {
    Wall wall;
    wall.material = kTextured;
    wall.more = R"(,"textures":[{"source":0}],"images":[{"uri":"none.png"}])";
    const Shot missing = shot(wall.glb(), "input_missing_texture");
    EXPECT_TRUE(said(missing, "E_GLTF_IMAGE"));
    EXPECT_TRUE(magenta(missing.middle()));
    wall.more = kOneImage;
    const Shot huge = shot(wall.glb(emptyPng(16384, 16384)), "input_16k_square");
    EXPECT_TRUE(said(huge, "E_IMAGE_SIZE")) << "by the limit image.pixels of matou --limits, before a byte of it is unpacked";
    EXPECT_TRUE(magenta(huge.middle()));
}

TEST_F(GltfInput, aTextureSixteenThousandWideIsDrawnOrSaid) {
    Wall wall;
    wall.material = kTextured;
    wall.more = kOneImage;
    std::vector<std::uint8_t> green;
    for (int i = 0; i < 16384; ++i) green.insert(green.end(), {20, 200, 40, 255});
    const Shot wide = shot(wall.glb(pngOf(16384, 1, green)), "input_16k_wide");
    const auto* c = wide.middle();
    if (said(wide, "E_GPU_IMAGE_SIZE")) {
        EXPECT_TRUE(magenta(c));
    } else {
        EXPECT_GT(c[1], std::max(c[0], c[2]) + 40);
    }
}

TEST_F(GltfInput, aBrokenExtensionsImageGivesWayToThePlainOne) {
    Wall wall;
    wall.material = kTextured;
    wall.more = R"(,"extensionsUsed":["KHR_texture_basisu"],"textures":[{"source":0,"extensions":{"KHR_texture_basisu":{"source":1}}}],
"images":[{"mimeType":"image/png","bufferView":4},{"mimeType":"image/ktx2","uri":"data:image/ktx2;base64,q0tUWCAyMLsNChoK"}])";
    const Shot shown = shot(wall.glb(pngOf(1, 1, {20, 200, 40, 255})), "input_fallback_image");
    EXPECT_TRUE(said(shown, "W_GLTF_IMAGE_FALLBACK"));
    EXPECT_FALSE(said(shown, "E_GLTF_IMAGE"));
    EXPECT_GT(shown.middle()[1], std::max(shown.middle()[0], shown.middle()[2]) + 40);
}

TEST_F(GltfInput, absurdEmissionIsWhiteOrNothingAndSpoilsNoNeighbour) {
    Wall wall;
    const auto with = [&](const char* strength) {
        wall.material = std::string(R"({"emissiveFactor":[1,1,1],"pbrMetallicRoughness":{"baseColorFactor":[0,0,0,1]},"extensions":{"KHR_materials_emissive_strength":{"emissiveStrength":)") +
                        strength + "}}}";
        wall.more = R"(,"extensionsUsed":["KHR_materials_emissive_strength"])";
        return shot(wall.glb(), "input_emissive");
    };
    const Shot plain = shot(Wall{}.glb(), "input_right");
    for (const char* strength : {"1e38", "1e300"}) {
        const Shot bright = with(strength);
        EXPECT_GT(brightness(bright.pixels, 64, 64), 740) << strength;
        EXPECT_EQ(brightness(bright.pixels, 8, 8), brightness(plain.pixels, 8, 8)) << "what is beside it stays as it was";
    }
    EXPECT_LT(brightness(with("-1e38").pixels, 64, 64), 120);
}

TEST_F(GltfInput, aModelAMillionMetresWideIsSeen) {
    Wall wall;
    wall.node = R"(,"scale":[250000,250000,250000])";
    const Shot wide = shot(wall.glb(), "input_million", 16 * 250000.0);
    EXPECT_TRUE(red(wide.middle()));
    EXPECT_FALSE(red(at(wide.pixels, 8, 8)));
}

// ---- What is right.

// A front and a back wall in one primitive, the front one first: the back one must be drawn before it all the same.
TEST_F(GltfInput, farFacesOfWhatIsBlendedAndTwoSidedAreDrawnFirst) {
    model::Content content;
    model::Material glass;
    glass.metallic = 0;
    glass.alphaMode = model::AlphaMode::blend;
    glass.doubleSided = true;
    glass.unlit = true;
    content.materials = {glass};
    model::Primitive p;
    for (const int side : {0, 1})
        for (const glm::vec2 c : {glm::vec2(-2, -2), glm::vec2(2, -2), glm::vec2(2, 2), glm::vec2(-2, 2)}) {
            model::Vertex v;
            v.position = {side == 0 ? c.x : -c.x, side == 0 ? -1.0f : 1.0f, c.y}; // both look outwards
            v.normal = {0, side == 0 ? -127 : 127, 0, 0};
            v.color = side == 0 ? glm::u8vec4(0, 255, 0, 160) : glm::u8vec4(255, 0, 0, 160);
            p.vertices.push_back(v);
        }
    p.indices = {0, 1, 2, 0, 2, 3, 4, 5, 6, 4, 6, 7};
    content.primitives = {p};
    content.instances.push_back({});
    const Shot ordered = shot(content, "blend_two_sided");
    const auto* c = ordered.middle();
    EXPECT_GT(c[1], c[0] + 30) << "green in front of red";
    EXPECT_GT(c[0], c[2] + 20) << "red through it";
}

// Four walls side by side: coordinates as they are and turned over, each with tangents and without. A map that leans along u or up
// the picture leans to the same side by both ways, and to the other where the coordinates are turned.
TEST_F(GltfInput, normalMapsLeanWithTheirCoordinatesWithAndWithoutTangents) {
    for (const bool up : {false, true}) {
        model::Content content;
        content.images.push_back({.width = 1, .height = 1, .srgb = false, .rgba = {std::uint8_t(up ? 128 : 215), std::uint8_t(up ? 215 : 128), 215, 255}});
        model::Material rough;
        rough.metallic = 0;
        rough.baseColor = {0.5f, 0.5f, 0.5f, 1};
        rough.normalTexture.image = 0;
        content.materials = {rough};
        for (int i = 0; i < 4; ++i) {
            const bool turned = (i & 1) != 0;
            model::Primitive p;
            p.tangents = i >= 2;
            for (const glm::vec2 c : {glm::vec2(0, 0), glm::vec2(1, 0), glm::vec2(1, 1), glm::vec2(0, 1)}) {
                model::Vertex v;
                v.position = {-2.0f + static_cast<float>(i) + c.x * 0.9f, 0, c.y * 4 - 2};
                v.normal = {0, -127, 0, 0};
                v.uv = {turned && !up ? 1 - c.x : c.x, turned && up ? c.y : 1 - c.y}; // v grows downwards
                p.vertices.push_back(v);
                if (p.tangents) p.extras.push_back({v.uv, model::packedDirection({0, -1, 0}), model::packedTangent({turned && !up ? -1.0f : 1.0f, 0, 0}, turned ? -1.0f : 1.0f)});
            }
            p.indices = {0, 1, 2, 0, 2, 3};
            content.primitives.push_back(p);
            content.instances.push_back({static_cast<std::uint32_t>(i)});
        }
        const Shot seen = shot(content, up ? "normal_maps_up" : "normal_maps_along");
        int light[4];
        for (int i = 0; i < 4; ++i) light[i] = static_cast<int>(patch(seen.pixels, 40 + 16 * i, 64));
        std::printf("%s: %d %d derived, %d %d given\n", up ? "up" : "along u", light[0], light[1], light[2], light[3]);
        EXPECT_NEAR(light[0], light[2], 6);
        EXPECT_NEAR(light[1], light[3], 6);
        EXPECT_GT(light[0], light[1] + 40) << "the light stands right above";
    }
}

// A bump that stands out to the one side lies in to the other: from behind, what leaned east leans west.
TEST_F(GltfInput, bumpsSeenFromBehindAreTurnedWhole) {
    model::Content content;
    content.images.push_back({.width = 1, .height = 1, .srgb = false, .rgba = {215, 128, 215, 255}});
    model::Material rough;
    rough.metallic = 0;
    rough.doubleSided = true;
    rough.baseColor = {0.5f, 0.5f, 0.5f, 1};
    rough.normalTexture.image = 0;
    content.materials = {rough};
    for (int i = 0; i < 2; ++i) {
        model::Primitive p;
        for (const glm::vec2 c : {glm::vec2(1, 0), glm::vec2(0, 0), glm::vec2(0, 1), glm::vec2(1, 1)}) { // faces north, away from the eye
            model::Vertex v;
            v.position = {-2.0f + 2 * static_cast<float>(i) + c.x * 1.9f, 0, c.y * 4 - 2};
            v.normal = {0, 127, 0, 0};
            v.uv = {i == 0 ? c.x : 1 - c.x, 1 - c.y};
            p.vertices.push_back(v);
        }
        p.indices = {0, 1, 2, 0, 2, 3};
        content.primitives.push_back(p);
        content.instances.push_back({static_cast<std::uint32_t>(i)});
    }
    const Shot seen = shot(content, "bumps_behind");
    EXPECT_LT(patch(seen.pixels, 48, 64), patch(seen.pixels, 80, 64) - 40) << "the light stands in the east";
}

// The disc of a picture stands in the south: what it lights throws a shadow northwards, and without the disc there is none.
TEST_F(GltfInput, aPicturesSunThrowsAShadow) {
    const auto sky = [](float disc) {
        auto image = std::make_shared<model::EnvironmentImage>();
        image->width = 256;
        image->height = 128;
        for (int y = 0; y < 128; ++y)
            for (int x = 0; x < 256; ++x) image->rgb.insert(image->rgb.end(), 3, y >= 30 && y < 34 && (x < 2 || x > 253) ? disc : 1.0f);
        return image;
    };
    model::Primitive scene;
    addGround(scene, {-6, -6}, {6, 6}, -2, {180, 180, 180, 255});
    addBox(scene, {-1, -1, -2}, {1, 0, 0}, 0, {180, 180, 180, 255});
    model::Content content = contentOf(std::move(scene), 1, "scene");
    content.materials[0].doubleSided = true;
    const auto contrast = [&](float disc, const char* name) {
        const auto handle = contents->uploadNow(content, std::vector<scene::FeatureNumber>{1}).value();
        auto r = renderer({160, 160}, render::Quality::low);
        scene::FrameSnapshot frame = snapshot();
        frame.environment = sky(disc);
        scene::View view = viewOf(city, {0, -1, 14}, {0, 0.2, -2}, {0, 0, 160, 160});
        view.contents = {{handle, city.ecefFromEnu, scene::LayerRole::model, 0}};
        frame.views.push_back(view);
        const auto pixels = draw(*r, frame, name);
        contents->retire(handle);
        const auto behind = pixelOf(view, {city.point(0, 0.9, -2)}), beside = pixelOf(view, {city.point(3, 0.9, -2)});
        return patch(pixels, beside.x, beside.y) / patch(pixels, behind.x, behind.y);
    };
    const double with = contrast(2000, "picture_sun"), without = contrast(1, "picture_even");
    std::printf("lit ground is %.2f times as bright as shaded; without the sun %.2f\n", with, without);
    EXPECT_GT(with, 1.25);
    EXPECT_LT(without, 1.05);
}

// Light that is even from left to right: along u without a picture means that the mirror stays even, too.
TEST_F(GltfInput, anisotropyWithoutAPictureRunsAlongU) {
    auto room = std::make_shared<model::EnvironmentImage>();
    room->width = 128;
    room->height = 64;
    for (std::uint32_t y = 0; y < 64; ++y)
        for (std::uint32_t x = 0; x < 128; ++x) {
            const float fromNorth = std::abs((static_cast<float>(x) + 0.5f) / 64 - 1);
            room->rgb.insert(room->rgb.end(), 3, std::fmod(fromNorth * 8, 2.0f) < 1 ? 1.6f : y < 20 ? 0.9f : 0.1f);
        }
    const auto ball = [](float anisotropy) {
        model::Content content;
        model::Material metal;
        metal.roughness = 0.1f;
        metal.lobes = model::MaterialLobes{.anisotropy = anisotropy};
        content.materials = {metal};
        model::Primitive p;
        p.tangents = true;
        for (int r = 0; r <= 48; ++r)
            for (int s = 0; s <= 96; ++s) {
                const float a = 3.14159265f * float(r) / 48, b = 6.2831853f * float(s) / 96;
                const glm::vec3 n(std::sin(a) * std::cos(b), std::sin(a) * std::sin(b), std::cos(a));
                model::Vertex v;
                v.position = n * 2.0f;
                v.normal = glm::i8vec4(glm::round(n * 127.0f), 0);
                v.uv = {float(s) / 96, float(r) / 48};
                p.vertices.push_back(v);
                p.extras.push_back({v.uv, model::packedDirection(n), model::packedTangent({-std::sin(b), std::cos(b), 0}, 1)});
            }
        for (std::uint32_t r = 0; r < 48; ++r)
            for (std::uint32_t s = 0; s < 96; ++s) {
                const std::uint32_t i = r * 97 + s, j = i + 97;
                for (const std::uint32_t k : {i, j, j + 1, i, j + 1, i + 1}) p.indices.push_back(k);
            }
        content.primitives = {p};
        content.instances.push_back({});
        return content;
    };
    const auto unevenness = [&](const Shot& s) { // left against right
        double sum = 0;
        for (int y = 40; y < 88; ++y)
            for (int x = 40; x < 64; ++x) sum += std::abs(brightness(s.pixels, x, y) - brightness(s.pixels, 127 - x, y));
        return sum / (48 * 24);
    };
    const auto streaks = [&](const Shot& s) { // change along a row of the middle
        double sum = 0;
        for (int x = 48; x < 80; ++x) sum += std::abs(brightness(s.pixels, x + 1, 60) - brightness(s.pixels, x, 60));
        return sum / 32;
    };
    const Shot even = shot(ball(0), "anisotropy_0", 16, render::Quality::low, room), along = shot(ball(1), "anisotropy_1", 16, render::Quality::low, room);
    std::printf("left against right: %.1f without, %.1f with; along a row: %.1f without, %.1f with\n", unevenness(even), unevenness(along), streaks(even), streaks(along));
    EXPECT_LT(unevenness(along), 12) << "a slanted lobe would be uneven";
    EXPECT_LT(streaks(along), 0.5 * streaks(even)) << "wide along u";
}

// A mask on glass: holes let through everything, the rest what stands behind, in the glass's colour.
TEST_F(GltfInput, glassWithHolesShowsWhatIsBehind) {
    model::Content content;
    content.images.push_back({.width = 2, .height = 1, .rgba = {255, 255, 255, 255, 255, 255, 255, 0}});
    model::Material back, glass;
    back.metallic = 0;
    back.unlit = true;
    glass.baseColor = {0.2f, 0.9f, 0.2f, 1};
    glass.metallic = 0;
    glass.roughness = 0;
    glass.alphaMode = model::AlphaMode::mask;
    glass.doubleSided = true;
    glass.baseColorTexture.image = 0;
    glass.baseColorTexture.sampler.magnifyLinear = false;
    glass.lobes = model::MaterialLobes{.transmission = 1.0f};
    content.materials = {back, glass};
    for (const std::uint32_t material : {0u, 1u}) {
        model::Primitive p;
        p.material = material;
        for (const glm::vec2 c : {glm::vec2(0, 0), glm::vec2(1, 0), glm::vec2(1, 1), glm::vec2(0, 1)}) {
            model::Vertex v;
            v.position = {c.x * 4 - 2, material == 0 ? 1 : 0, c.y * 4 - 2};
            v.normal = {0, -127, 0, 0};
            v.uv = c;
            p.vertices.push_back(v);
        }
        p.indices = {0, 1, 2, 0, 2, 3};
        content.primitives.push_back(p);
        content.instances.push_back({material});
    }
    for (const auto quality : {render::Quality::low, render::Quality::medium}) {
        const Shot seen = shot(content, quality == render::Quality::low ? "glass_mask_low" : "glass_mask", 16, quality);
        const auto *pane = at(seen.pixels, 46, 64), *hole = at(seen.pixels, 82, 64);
        EXPECT_GT(pane[1], 110) << "not black";
        if (quality != render::Quality::low) { // there it only dims
            EXPECT_GT(pane[1], pane[0] + 30) << "green";
        }
        EXPECT_LT(std::abs(hole[0] - hole[1]), 12);
        EXPECT_GT(hole[0], 180) << "the white wall";
    }
}

} // namespace
} // namespace matou::testing
