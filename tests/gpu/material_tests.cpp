// glTF materials: textures, metal, glass, masks, lines and points, in one row; and styles of features.

#include <cmath>

#include "gpu/picture_fixture.h"

using namespace matou;
using namespace matou::testing;

namespace {

model::Image checkerImage(bool holes) {
    model::Image image;
    image.width = image.height = 64;
    for (std::uint32_t y = 0; y < 64; ++y)
        for (std::uint32_t x = 0; x < 64; ++x) {
            const bool lit = ((x / 8 + y / 8) & 1u) == 0;
            const std::uint8_t alpha = holes && !lit ? 0 : 255;
            for (const std::uint8_t v :
                 {std::uint8_t(lit ? 230 : 40), std::uint8_t(lit ? 120 : 60), std::uint8_t(lit ? 60 : 110), alpha})
                image.rgba.push_back(v);
        }
    return image;
}

model::Primitive sphere(const glm::vec3& center, float radius, std::uint32_t material, std::uint32_t feature) {
    model::Primitive p;
    p.material = material;
    constexpr int kRings = 24, kSectors = 48;
    for (int r = 0; r <= kRings; ++r)
        for (int s = 0; s <= kSectors; ++s) {
            const float a = 3.14159265f * float(r) / kRings, b = 6.2831853f * float(s) / kSectors;
            const glm::vec3 n(std::sin(a) * std::cos(b), std::sin(a) * std::sin(b), std::cos(a));
            model::Vertex v;
            v.position = center + n * radius;
            v.normal = glm::i8vec4(n * 127.0f, 0);
            v.uv = {float(s) / kSectors * 2, float(r) / kRings};
            v.feature = feature;
            p.vertices.push_back(v);
        }
    for (std::uint32_t r = 0; r < kRings; ++r)
        for (std::uint32_t s = 0; s < kSectors; ++s) {
            const std::uint32_t i = r * (kSectors + 1) + s, j = i + kSectors + 1;
            for (const std::uint32_t k : {i, j, j + 1, i, j + 1, i + 1})
                p.indices.push_back(k);
        }
    return p;
}

TEST_F(Picture, materialsOfAModel) {
    model::Content content;
    content.images = {checkerImage(false), checkerImage(true), {}};
    const auto material = [&](glm::vec4 color, float metallic, float roughness) -> model::Material& {
        model::Material m;
        m.baseColor = color;
        m.metallic = metallic;
        m.roughness = roughness;
        content.materials.push_back(m);
        return content.materials.back();
    };
    material({1, 1, 1, 1}, 0, 0.6f).baseColorTexture.image = 0;
    material({0.95f, 0.70f, 0.35f, 1}, 1, 0.25f);
    material({0.7f, 0.1f, 0.08f, 1}, 0, 0.15f);
    auto& glass = material({0.5f, 0.8f, 0.9f, 0.35f}, 0, 0.1f);
    glass.alphaMode = model::AlphaMode::blend;
    auto& mask = material({1, 1, 1, 1}, 0, 0.8f);
    mask.alphaMode = model::AlphaMode::mask;
    mask.doubleSided = true;
    mask.baseColorTexture.image = 1;
    material({1, 1, 1, 1}, 0, 0.6f).baseColorTexture.image = 2; // broken: the substitute
    material({0.2f, 0.6f, 1.0f, 1}, 0, 1).unlit = true;
    for (std::uint32_t i = 0; i < 7; ++i) {
        content.primitives.push_back(sphere({-9 + 3 * float(i), 0, 1.3f}, 1.2f, i, i));
        model::Instance instance;
        instance.primitive = i;
        content.instances.push_back(instance);
    }
    for (const auto topology : {model::Topology::lines, model::Topology::points}) {
        model::Primitive p;
        p.topology = topology;
        p.material = 6;
        for (int i = 0; i < 20; ++i) {
            model::Vertex v;
            v.position = {-9 + float(i), -2, topology == model::Topology::lines ? 0.3f : 0.7f};
            v.feature = 7;
            p.vertices.push_back(v);
            p.indices.push_back(static_cast<std::uint32_t>(i));
        }
        content.instances.push_back({static_cast<std::uint32_t>(content.primitives.size())});
        content.primitives.push_back(p);
    }
    content.features.count = 8;
    for (int i = 0; i < 8; ++i)
        content.features.ids.push_back("part" + std::to_string(i));
    const std::vector<scene::FeatureNumber> numbers{1001, 1002, 1003, 1004, 1005, 1006, 1007, 1008};
    const auto handle = contents->uploadNow(content, numbers).value();
    EXPECT_EQ(contents->diagnostics(handle).size(), 1u);
    model::Primitive floor;
    addGround(floor, {-60, -60}, {60, 60}, 0, {180, 178, 172, 255});
    const auto floorHandle = contents->uploadNow(contentOf(floor, 0, ""), {}).value();

    auto r = renderer({960, 540});
    scene::FrameSnapshot frame = snapshot();
    scene::View view = viewOf(city, {0, -13, 5}, {0, 0, 1.2}, {0, 0, 960, 540});
    view.contents = {{floorHandle, city.ecefFromEnu, scene::LayerRole::ground, 0},
                     {handle, city.ecefFromEnu, scene::LayerRole::model, 0}};
    frame.views.push_back(view);
    const render::Pixels plain = draw(*r, frame, "materials");
    const auto unlit = pixelOf(view, {city.point(9, 0, 1.3)});
    EXPECT_GT(at(plain, unlit.x, unlit.y)[2], at(plain, unlit.x, unlit.y)[0] + 60);
    const auto line = pixelOf(view, {city.point(-4.5, -2, 0.3)});
    const auto hit = r->pick(frame, line.x, line.y + 2);
    ASSERT_TRUE(hit);
    EXPECT_EQ(hit->feature, 1008u);

    auto styles = std::make_shared<scene::StyleTable>();
    styles->version = 3;
    styles->styles.resize(1009);
    styles->styles[1001].tint = {20, 200, 60, 200};
    styles->styles[1002].flags = scene::kStyleSelected;
    styles->styles[1003].flags = scene::kStyleGhosted;
    styles->styles[1007].flags = scene::kStyleHidden;
    frame.views[0].styles = styles;
    const render::Pixels styled = draw(*r, frame, "materials_styled");
    const auto tinted = pixelOf(view, {city.point(-9, 0, 1.3)});
    EXPECT_GT(at(styled, tinted.x, tinted.y)[1], at(styled, tinted.x, tinted.y)[0]);
    EXPECT_LT(at(styled, unlit.x, unlit.y)[2], at(plain, unlit.x, unlit.y)[2]);
    frame.views[0].styles = nullptr;
    frame.neutralEnvironment = true;
    draw(*r, frame, "materials_neutral");
    contents->retire(handle);
    contents->retire(floorHandle);
}

/// Level 0 is red, level 1 green, level 2 blue: what is small must show the content's own small levels, not averages of the large one.
TEST_F(Picture, contentsOwnMipLevelsAreDrawn) {
    model::Primitive quads; // on the left a texel is 25 m wide, on the right thousands share a pixel
    for (const float left : {-100.0f, 0.0f}) {
        const auto first = static_cast<std::uint32_t>(quads.vertices.size());
        for (const glm::vec2 corner : {glm::vec2(0, 0), glm::vec2(1, 0), glm::vec2(1, 1), glm::vec2(0, 1)}) {
            model::Vertex v;
            v.position = {left + corner.x * 100, corner.y * 100 - 50, 300};
            v.uv = left < 0 ? corner : corner * 50000.0f;
            quads.vertices.push_back(v);
        }
        for (const std::uint32_t i : {0, 1, 2, 0, 2, 3}) quads.indices.push_back(first + i);
    }
    auto content = contentOf(std::move(quads), 1, "mips");
    model::Image image{.width = 4, .height = 4, .levels = 3};
    for (std::size_t level = 0; level < 3; ++level)
        for (std::size_t t = 0; t < (std::size_t{16} >> level * 2); ++t)
            for (std::size_t c = 0; c < 4; ++c) image.rgba.push_back(c == level || c == 3 ? 255 : 0);
    content.images = {image};
    content.materials[0].unlit = true;
    content.materials[0].baseColorTexture.image = 0;
    const auto handle = contents->uploadNow(content, std::vector<scene::FeatureNumber>{1});
    ASSERT_TRUE(handle) << handle.error().code;
    EXPECT_TRUE(contents->diagnostics(*handle).empty());
    auto frame = snapshot();
    frame.views = {viewOf(city, {0, 0, 420}, {0, 1, 300}, {0, 0, 64, 64})};
    frame.views[0].contents = {{*handle, city.ecefFromEnu, scene::LayerRole::model, 0}};
    auto painter = renderer({64, 64}, render::Quality::low);
    const auto pixels = draw(*painter, frame, "mip_levels");
    const auto* large = at(pixels, 20, 32);
    EXPECT_GT(large[0], std::max(large[1], large[2]) + 60);
    const auto* small = at(pixels, 44, 32);
    EXPECT_GT(small[2], std::max(small[0], small[1]) + 60);
    contents->retire(*handle);
}

TEST_F(Picture, layersDoNotFightFromTwoMetresToFiveKilometres) {
    auto r = renderer({480, 270}, render::Quality::low);
    model::Primitive lower, upper;
    addGround(lower, {-5980, -5980}, {5980, 5980}, 0, {40, 40, 40, 255});
    // The upper layer is cut differently, so that its planes differ by rounding.
    for (int i = 0; i < 40; ++i)
        addGround(upper, {-6000 + 300.0f * float(i), -5990.3f}, {-5700 + 300.0f * float(i), 5990.7f}, 0,
                  {250, 250, 250, 255});
    const auto a = contents->uploadNow(contentOf(lower, 0, ""), {}).value(),
               b = contents->uploadNow(contentOf(upper, 0, ""), {}).value();
    scene::FrameSnapshot frame = snapshot();
    for (const double height : {2.0, 40.0, 600.0, 5000.0}) {
        scene::View view =
            viewOf(city, {0.3, 0.7, height}, {0.3 + height * 0.6, 0.7 + height * 0.8, 0}, {0, 0, 480, 270});
        view.contents = {{b, city.ecefFromEnu, scene::LayerRole::road, 1},
                         {a, city.ecefFromEnu, scene::LayerRole::ground, 0}};
        frame.views = {view};
        ASSERT_TRUE(r->render(frame));
        const auto pixels = r->readback().value();
        int dark = 0;
        for (int y = 140; y < 270; ++y)
            for (int x = 0; x < 480; ++x)
                dark += brightness(pixels, x, y) < 300 ? 1 : 0;
        EXPECT_EQ(dark, 0) << height;
    }
    contents->retire(a);
    contents->retire(b);
}

} // namespace
