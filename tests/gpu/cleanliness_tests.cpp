// What must hold of every picture: alarm colours are exact, no pixel is broken, light from all around is held back in
// corners only, and the quality may change at any time.

#include <cmath>
#include <limits>

#include "gpu/picture_fixture.h"

namespace matou::testing {
namespace {

const glm::ivec4 kWhole{0, 0, 480, 270};

class Cleanliness : public Picture {
protected:
    /// One sample a pixel, so that the scene's light can be read.
    static std::unique_ptr<render::Renderer> bare(glm::uvec2 size, render::Quality quality = render::Quality::high) {
        render::RendererOptions options;
        options.quality = quality;
        options.samples = 1;
        return render::Renderer::create(*device, *contents, size, options).value();
    }
    static std::size_t broken(const std::vector<glm::vec4>& light) {
        std::size_t count = 0;
        for (const glm::vec4& c : light)
            if (!std::isfinite(c.x) || !std::isfinite(c.y) || !std::isfinite(c.z)) ++count;
        return count;
    }
};

TEST_F(Cleanliness, alarmColoursAreExactUnderEveryLookAndExposure) {
    // The severities' colours and a pure grey: bytes that tone mapping or a glow would change.
    const std::vector<scene::Rgba> palette{{213, 43, 30, 255}, {255, 140, 0, 255}, {255, 214, 0, 255}, {47, 128, 237, 255}, {128, 128, 128, 255}};
    auto r = renderer({320, 180}, render::Quality::low);
    int compared = 0;
    for (const auto look : {scene::Look::natural, scene::Look::monitor, scene::Look::plan, scene::Look::night})
        for (const float ev : {-100.0f, 2.0f, 9.0f, 15.0f, 19.0f, 100.0f}) { // the first: automatic; the last too, with all aids on
            scene::FrameSnapshot frame = snapshot();
            scene::View view = viewOf(city, {-330, -420, 210}, {0, 20, 20}, {0, 0, 320, 180});
            view.look = look;
            view.autoExposure = std::abs(ev) > 50;
            const bool aided = ev > 50;
            if (aided) {
                auto styles = std::make_shared<scene::StyleTable>();
                styles->version = 900;
                styles->styles.resize(3);
                styles->styles[1].flags = scene::kStyleSelected | (3u << scene::kStyleMarkShift);
                view.styles = styles;
                view.aids.xray = view.aids.ghostContext = view.aids.heightTint = true;
                view.aids.contourMeters = 0.5f;
                view.aids.markColors[2] = {12, 34, 56, 255};
            }
            view.exposureEv = ev;
            if (look == scene::Look::night) view.sunDirection = sunAt(285, -12);
            auto overlay = std::make_shared<scene::Overlay>();
            for (std::size_t i = 0; i < palette.size(); ++i) {
                scene::Icon icon;
                icon.position = {city.point(-120.0 + 60.0 * static_cast<double>(i), 0, 95)};
                icon.fill = palette[i];
                icon.alwaysVisible = true;
                icon.brokenBehind = aided; // its foot stands in the tower or behind the city
                icon.place = {city.point(-120.0 + 60.0 * static_cast<double>(i), 30, 1)};
                overlay->icons.push_back(icon);
            }
            frame.views = {view};
            frame.overlays = {overlay};
            ASSERT_TRUE(r->render(frame));
            const render::Pixels pixels = r->readback().value();
            for (std::size_t i = 0; i < palette.size(); ++i) {
                const auto p = pixelOf(view, overlay->icons[i].position);
                const std::uint8_t* c = at(pixels, p.x, p.y);
                EXPECT_EQ(glm::ivec3(c[0], c[1], c[2]), glm::ivec3(palette[i])) << "look " << int(look) << " EV " << ev << " colour " << i;
                ++compared;
            }
        }
    std::printf("%d icons, each in exactly its colour\n", compared);
}

TEST_F(Cleanliness, noPixelIsBroken) {
    auto r = bare({240, 135}, render::Quality::medium);
    int pictures = 0;
    for (const auto look : {scene::Look::natural, scene::Look::monitor, scene::Look::plan, scene::Look::night})
        for (const double elevation : {60.0, 1.0, -3.0, -20.0})
            for (const auto& [eye, target] : {std::pair{glm::dvec3(-330, -420, 210), glm::dvec3(0, 20, 20)}, {glm::dvec3(4, -250, 1.7), glm::dvec3(0, 0, 14)}}) {
                scene::FrameSnapshot frame = snapshot();
                scene::View view = viewOf(city, eye, target, {0, 0, 240, 135});
                view.look = look;
                view.sunDirection = sunAt(250, elevation);
                frame.views = {view};
                ASSERT_TRUE(r->render(frame));
                EXPECT_EQ(broken(r->readbackLight().value()), 0u) << "look " << int(look) << ", sun " << elevation;
                ++pictures;
            }
    std::printf("%d pictures without a broken pixel\n", pictures);
}

TEST_F(Cleanliness, badGeometryBreaksNoPixelAndHidesNothing) {
    const float nan = std::numeric_limits<float>::quiet_NaN(), inf = std::numeric_limits<float>::infinity();
    auto r = bare({320, 180});
    scene::FrameSnapshot frame = snapshot();
    scene::View view = viewOf(city, {-330, -420, 210}, {0, 20, 20}, {0, 0, 320, 180});
    frame.views = {view};
    ASSERT_TRUE(r->render(frame));
    const auto before = r->readbackLight().value();
    // Over the tower: a box with one kind of harm each.
    std::vector<scene::DrawContent> added;
    for (int kind = 0; kind < 5; ++kind) {
        model::Primitive p;
        addBox(p, {-20.0f + 60 * float(kind - 2), -20, 100}, {20.0f + 60 * float(kind - 2), 20, 130}, 0, {200, 200, 200, 255});
        if (kind == 0) p.vertices[3].position = {nan, nan, nan};
        if (kind == 1) p.vertices[5].position.x = inf;
        for (auto& vertex : p.vertices) {
            if (kind == 2) vertex.normal = {0, 0, 0, 0};
            if (kind == 3) vertex.position.z = 100; // walls of no height
        }
        model::Content content = contentOf(std::move(p), 1, "bad");
        if (kind < 2) { // bounds as a decoder would give them, from what is finite
            content.minimum = content.primitives[0].minimum = {-500, -20, 100};
            content.maximum = content.primitives[0].maximum = {500, 20, 130};
        }
        if (kind == 4) content.materials[0].emissive = glm::vec3(1e30f, inf, 1e38f);
        added.push_back({contents->uploadNow(content, std::vector<scene::FeatureNumber>{1}).value(), city.ecefFromEnu, scene::LayerRole::model, 0});
    }
    frame.views[0].contents.insert(frame.views[0].contents.end(), added.begin(), added.end());
    for (const auto look : {scene::Look::natural, scene::Look::night}) {
        frame.views[0].look = look;
        ASSERT_TRUE(r->render(frame));
        EXPECT_EQ(broken(r->readbackLight().value()), 0u);
        writePicture(r->readback().value(), look == scene::Look::natural ? "bad_geometry" : "bad_geometry_night");
    }
    frame.views[0].look = scene::Look::natural;
    ASSERT_TRUE(r->render(frame));
    const auto after = r->readbackLight().value();
    std::size_t changed = 0;
    for (std::size_t i = 0; i < before.size(); ++i)
        if (glm::length(glm::vec3(before[i]) - glm::vec3(after[i])) > 0.05f) ++changed;
    EXPECT_GT(changed, 200u) << "the harmless parts are drawn";
    EXPECT_LT(changed, before.size() / 3) << "and cover no more than themselves";
    for (const auto& thing : added) contents->retire(thing.content);
}

TEST_F(Cleanliness, occlusionDarkensCornersInShadeAndNotWhatTheSunLights) {
    auto shot = [&](render::Quality quality, double sunAzimuth) {
        auto r = bare({480, 270}, quality);
        scene::FrameSnapshot frame = snapshot();
        scene::View view = viewOf(city, {-40, -54, 34}, {-12, -18, 0}, kWhole);
        view.look = scene::Look::plan;
        view.sunDirection = sunAt(sunAzimuth, 40);
        frame.views = {view};
        EXPECT_TRUE(r->render(frame));
        writePicture(r->readback().value(), "occlusion_" + std::to_string(int(quality)) + "_" + std::to_string(int(sunAzimuth)));
        const auto light = r->readbackLight().value();
        return [light, view](double east, double north) {
            const auto p = pixelOf(view, {city.point(east, north, 0.02)});
            return light[static_cast<std::size_t>(p.y) * 480 + static_cast<std::size_t>(p.x)].y;
        };
    };
    // The tower's south side: in its own shade with the sun in the north, lit with the sun in the south.
    const auto none = shot(render::Quality::low, 0), shade = shot(render::Quality::high, 0);
    const float corner = shade(-12, -20.5) / none(-12, -20.5), open = shade(-28, -40) / none(-28, -40);
    std::printf("in shade: %.2f of the light at the foot of the wall, %.2f out in the yard\n", corner, open);
    EXPECT_LT(corner, 0.85f);
    EXPECT_GT(open, 0.93f);
    const auto lowLit = shot(render::Quality::low, 180), lit = shot(render::Quality::high, 180);
    const float direct = lit(-12, -20.5) / lowLit(-12, -20.5);
    std::printf("in the sun: %.2f at the foot of the wall\n", direct);
    EXPECT_GT(direct, corner + 0.06f) << "the sun's own light is not held back";
}

TEST_F(Cleanliness, theQualityChangesWhileItRuns) {
    auto r = renderer({160, 90}, render::Quality::low);
    scene::FrameSnapshot frame = snapshot();
    frame.views.push_back(viewOf(city, {-330, -420, 210}, {0, 20, 20}, {0, 0, 160, 90}));
    ASSERT_TRUE(r->render(frame));
    const auto low = r->readback()->rgba;
    for (const auto quality : {render::Quality::medium, render::Quality::high, render::Quality::ultra}) {
        ASSERT_TRUE(r->setQuality(quality));
        ASSERT_TRUE(r->render(frame));
        const auto changed = r->readback()->rgba;
        EXPECT_NE(changed, low);
        auto fresh = renderer({160, 90}, quality);
        ASSERT_TRUE(fresh->render(frame));
        EXPECT_EQ(changed, fresh->readback()->rgba) << "as if it had been made so, quality " << int(quality);
    }
    ASSERT_TRUE(r->setQuality(render::Quality::low));
    ASSERT_TRUE(r->render(frame));
    EXPECT_EQ(r->readback()->rgba, low);
}

} // namespace
} // namespace matou::testing
