// What glTF asks of the picture: energy, masks, things that move, and numbers that must not spoil it.

#include <cmath>

#include "gpu/picture_fixture.h"
#include "model/environment_image.h"

using namespace matou;
using namespace matou::testing;

namespace {

model::Primitive ball(const glm::vec3& center, float radius, std::uint32_t material) {
    model::Primitive p;
    p.material = material;
    constexpr int kRings = 32, kSectors = 64;
    for (int r = 0; r <= kRings; ++r)
        for (int s = 0; s <= kSectors; ++s) {
            const float a = 3.14159265f * float(r) / kRings, b = 6.2831853f * float(s) / kSectors;
            const glm::vec3 n(std::sin(a) * std::cos(b), std::sin(a) * std::sin(b), std::cos(a));
            model::Vertex v;
            v.position = center + n * radius;
            v.normal = glm::i8vec4(glm::round(n * 127.0f), 0);
            v.feature = 0;
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
model::Content balls(const std::vector<model::Material>& materials) {
    model::Content content;
    content.materials = materials;
    for (std::uint32_t i = 0; i < materials.size(); ++i) {
        content.primitives.push_back(ball({-5 + 2.0f * float(i % 6), 0, i < 6 ? 2.0f : 0.0f}, 0.9f, i));
        content.instances.push_back({i});
    }
    content.features.count = 1;
    content.features.ids = {"ball"};
    return content;
}
std::shared_ptr<const model::EnvironmentImage> whiteRoom() {
    auto image = std::make_shared<model::EnvironmentImage>();
    image->width = 16;
    image->height = 8;
    image->rgb.assign(std::size_t{16} * 8 * 3, 1.0f);
    return image;
}

} // namespace

// In a room that is equally bright everywhere, what returns all light cannot be seen.
TEST_F(Picture, whiteFurnaceHidesWhatReturnsAllLight) {
    std::vector<model::Material> materials(12);
    for (std::size_t i = 0; i < materials.size(); ++i) {
        materials[i].metallic = i < 6 ? 0.0f : 1.0f;
        materials[i].roughness = static_cast<float>(i % 6) / 5.0f;
    }
    const auto white = contents->uploadNow(balls(materials), std::vector<scene::FeatureNumber>{7}).value();
    for (auto& material : materials)
        material.baseColor = {0.5f, 0.5f, 0.5f, 1.0f};
    const auto grey = contents->uploadNow(balls(materials), std::vector<scene::FeatureNumber>{7}).value();
    auto r = renderer({384, 160}, render::Quality::low);
    scene::FrameSnapshot frame = snapshot();
    frame.environment = whiteRoom();
    scene::View view = viewOf(city, {0, -22, 1}, {0, 0, 1}, {0, 0, 384, 160});
    view.contents = {{white, city.ecefFromEnu, scene::LayerRole::model, 0}};
    frame.views.push_back(view);
    draw(*r, frame, "furnace");
    const auto room = r->readbackLight().value();
    double worst = 0;
    for (const glm::vec4& pixel : room)
        for (int c = 0; c < 3; ++c)
            worst = std::max(worst, std::abs(static_cast<double>(pixel[c]) / room[0][c] - 1));
    std::printf("white furnace: roughness 0..1, metal 0 and 1: within %.3f %% of the room\n", worst * 100);
    EXPECT_LT(worst, 0.01);
    const auto middle = pixelOf(view, {city.point(1, 0, 2)});
    EXPECT_EQ(r->pick(frame, middle.x, middle.y)->feature, 7u); // it was there
    frame.views[0].contents[0].content = grey;
    draw(*r, frame, "furnace_grey");
    const auto dim = r->readbackLight().value();
    EXPECT_LT(dim[static_cast<std::size_t>(middle.y) * 384 + static_cast<std::size_t>(middle.x)].x, 0.75f * room[0].x);
    contents->retire(white);
    contents->retire(grey);
}

TEST_F(Picture, holesOfAMaskLetPicksAndLightThrough) {
    model::Content content;
    content.images.push_back({.width = 2, .height = 1, .rgba = {255, 255, 255, 255, 255, 255, 255, 0}});
    model::Material mask;
    mask.alphaMode = model::AlphaMode::mask;
    mask.doubleSided = true;
    mask.baseColorTexture.image = 0;
    mask.baseColorTexture.sampler.magnifyLinear = false;
    mask.baseColorTexture.sampler.mip = model::MipFilter::none;
    content.materials = {mask};
    model::Primitive sheet; // lies 4 m above the ground; its eastern half is a hole
    for (const glm::vec2 corner : {glm::vec2(0, 0), glm::vec2(1, 0), glm::vec2(1, 1), glm::vec2(0, 1)}) {
        model::Vertex v;
        v.position = {corner.x * 8 - 4, corner.y * 8 - 4, 4};
        v.normal = {0, 0, 127, 0};
        v.uv = corner;
        v.feature = 0;
        sheet.vertices.push_back(v);
    }
    sheet.indices = {0, 1, 2, 0, 2, 3};
    content.primitives = {sheet};
    content.instances.push_back({});
    content.features.count = 1;
    content.features.ids = {"sheet"};
    const auto handle = contents->uploadNow(content, std::vector<scene::FeatureNumber>{31}).value();
    model::Primitive floor;
    addGround(floor, {-30, -30}, {30, 30}, 0, {180, 180, 180, 255});
    const auto floorHandle = contents->uploadNow(contentOf(floor, 0, ""), {}).value();
    auto r = renderer({320, 320});
    scene::FrameSnapshot frame = snapshot();
    scene::View view = viewOf(city, {0, -6, 24}, {0, 0, 2}, {0, 0, 320, 320});
    view.sunDirection = glm::normalize(glm::dvec3(0, -1.2, 1)); // from the south: shadows fall behind
    view.contents = {{floorHandle, city.ecefFromEnu, scene::LayerRole::ground, 0},
                     {handle, city.ecefFromEnu, scene::LayerRole::model, 0}};
    frame.views.push_back(view);
    const auto picture = draw(*r, frame, "mask_shadow");
    const auto west = pixelOf(view, {city.point(-2, 0, 4)}), east = pixelOf(view, {city.point(2, 0, 4)});
    EXPECT_EQ(r->pick(frame, west.x, west.y)->feature, 31u);
    EXPECT_EQ(r->pick(frame, east.x, east.y)->feature, 0u);
    const auto shaded = pixelOf(view, {city.point(-2, 7.5, 0)}), lit = pixelOf(view, {city.point(2, 7.5, 0)});
    EXPECT_GT(patch(picture, lit.x, lit.y), patch(picture, shaded.x, shaded.y) * 1.15);
    contents->retire(handle);
    contents->retire(floorHandle);
}

TEST_F(Picture, whatMovesIsDrawnAndPickedWhereItIsNow) {
    model::Content content = balls({model::Material{}});
    auto rig = std::make_shared<model::Rig>();
    rig->nodes.resize(1);
    model::AnimationChannel channel;
    channel.times = {0, 2};
    channel.values = {0, 0, 0, 8, 0, 0};
    rig->animations.push_back({"slide", 2.0f, {channel}});
    model::RigInstance instance;
    instance.node = 0;
    instance.minimum = {-6, -1, 1};
    instance.maximum = {4, 1, 3};
    rig->instances = {instance};
    // One target pulls the whole ball up by 3 m.
    auto& primitive = content.primitives[0];
    primitive.morphTargets = 1;
    for (std::size_t i = 0; i < primitive.vertices.size(); ++i)
        primitive.morph.insert(primitive.morph.end(), {0, 0, 3, 0, 0, 0});
    rig->nodes[0].weights = {0.0f};
    content.rig = rig;
    const auto handle = contents->uploadNow(content, std::vector<scene::FeatureNumber>{5}).value();
    auto raised = std::make_shared<model::Rig>(*rig);
    raised->nodes[0].weights = {1.0f};
    raised->instances[0].maximum.z = 6;
    content.rig = raised;
    const auto raisedHandle = contents->uploadNow(content, std::vector<scene::FeatureNumber>{6}).value();
    auto r = renderer({320, 160}, render::Quality::low);
    scene::FrameSnapshot frame = snapshot();
    scene::View view = viewOf(city, {0, -20, 2}, {0, 0, 2}, {0, 0, 320, 160});
    view.contents = {{handle, city.ecefFromEnu, scene::LayerRole::model, 0},
                     {raisedHandle, city.ecefFromEnu, scene::LayerRole::model, 0}};
    frame.views.push_back(view);
    const auto start = pixelOf(view, {city.point(-5, 0, 2)}), later = pixelOf(view, {city.point(-1, 0, 2)}),
               up = pixelOf(view, {city.point(-5, 0, 5)});
    const auto first = draw(*r, frame, "moving_0s");
    EXPECT_GT(patch(first, start.x, start.y), 250) << "white as the material says, not black";
    EXPECT_EQ(r->pick(frame, start.x, start.y)->feature, 5u);
    EXPECT_EQ(r->pick(frame, up.x, up.y)->feature, 6u);
    EXPECT_EQ(r->pick(frame, later.x, later.y)->feature, 0u);
    frame.secondsSinceStart = 1;
    draw(*r, frame, "moving_1s");
    EXPECT_EQ(r->pick(frame, start.x, start.y)->feature, 0u);
    EXPECT_EQ(r->pick(frame, later.x, later.y)->feature, 5u);
    frame.secondsSinceStart = 2; // once around: the same picture
    EXPECT_EQ(draw(*r, frame, "moving_2s").rgba, first.rgba);
    contents->retire(handle);
    contents->retire(raisedHandle);
}

TEST_F(Picture, badNumbersNeverReachTheScreen) {
    std::vector<model::Material> materials(6);
    materials[0].emissive = glm::vec3(6e4f);
    materials[1].roughness = 0;
    materials[1].lobes =
        model::MaterialLobes{.ior = 1e3f, .clearcoat = 1.0f, .sheenColor = glm::vec3(1.0f), .anisotropy = 1.0f};
    materials[2].lobes = model::MaterialLobes{.transmission = 1.0f,
                                              .thickness = 1e6f,
                                              .dispersion = 20.0f,
                                              .attenuationColor = glm::vec3(0.0f),
                                              .attenuationDistance = 1e-6f};
    materials[3].lobes = model::MaterialLobes{.iridescence = 1.0f, .iridescenceThicknessMaximum = 1e5f};
    materials[3].metallic = 1;
    materials[4].unlit = true;
    auto content = balls(materials);
    for (auto& vertex : content.primitives[1].vertices)
        vertex.normal = {0, 0, 0, 0}; // degenerate normals
    for (auto& vertex : content.primitives[4].vertices)
        vertex.position = content.primitives[4].vertices[0].position; // no area
    content.instances.push_back({5});
    content.instances.back().contentFromMesh = glm::mat4(1e6f); // a million metres wide
    content.instances.back().contentFromMesh[3] = {0, 2e6f, 0, 1};
    content.instances.push_back({5});
    content.instances.back().contentFromMesh = glm::mat4(0.0f); // nowhere
    content.instances.back().contentFromMesh[3] = {0, 0, 0, 1};
    content.lights.push_back({.intensity = 1e9f});
    const auto handle = contents->uploadNow(content, std::vector<scene::FeatureNumber>{9}).value();
    for (const auto quality : {render::Quality::low, render::Quality::medium}) {
        render::RendererOptions options;
        options.quality = quality;
        options.samples = 1;
        auto r = render::Renderer::create(*device, *contents, {320, 160}, options).value();
        scene::FrameSnapshot frame = snapshot();
        scene::View view = viewOf(city, {0, -22, 1}, {0, 0, 1}, {0, 0, 320, 160});
        view.contents = {{handle, city.ecefFromEnu, scene::LayerRole::model, 0}};
        frame.views.push_back(view);
        draw(*r, frame, quality == render::Quality::low ? "bad_numbers_low" : "bad_numbers");
        std::size_t bad = 0;
        const auto light = r->readbackLight().value();
        for (const glm::vec4& pixel : light)
            if (!std::isfinite(pixel.x + pixel.y + pixel.z) || pixel.x < 0 || pixel.y < 0 || pixel.z < 0) ++bad;
        EXPECT_EQ(bad, 0u);
    }
    contents->retire(handle);
}
