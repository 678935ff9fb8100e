// Contact shadows: attached, on the side away from the sun, short, and nowhere else. Of each pair of pictures one is by shadow maps alone.

#include <algorithm>
#include <array>
#include <cmath>

#include "gpu/picture_fixture.h"

namespace matou::testing {
namespace {

const glm::ivec2 kSize{480, 270};
const glm::u8vec4 kLight{200, 200, 200, 255};

/// Things stand on a plane; the picture is an eighth of a larger one, whose pixels are finer than the maps' texels.
class ContactShadows : public Picture {
protected:
    using Renderers = std::array<std::unique_ptr<render::Renderer>, 2>; // without, with
    static void SetUpTestSuite() {
        Picture::SetUpTestSuite();
        for (const bool on : {false, true}) renderers[on] = make(render::Quality::high, on);
    }
    static void TearDownTestSuite() {
        for (auto& r : renderers) r.reset();
        Picture::TearDownTestSuite();
    }
    static std::unique_ptr<render::Renderer> make(render::Quality quality, bool contactShadows) {
        render::RendererOptions options;
        options.quality = quality;
        options.samples = 1; // so that the scene's light can be read
        options.contactShadows = contactShadows;
        return render::Renderer::create(*device, *contents, glm::uvec2(kSize), options).value();
    }

    /// Light of the same view by maps alone, and with contact shadows.
    struct Pair {
        scene::View view;
        std::array<std::vector<glm::vec4>, 2> light;
        /// What contact shadows leave of the light at a place; 1 outside of the picture.
        float left(double east, double north) const {
            const glm::dvec2 from(view.window.x, view.window.y), part = glm::dvec2(view.window.z, view.window.w) - from;
            scene::View whole = view;
            whole.target = {0, 0, glm::ivec2(glm::round(glm::dvec2(kSize) / part))};
            const glm::ivec2 p = pixelOf(whole, {city.point(east, north, 0)}) - glm::ivec2(glm::round(from * glm::dvec2(whole.target.z, whole.target.w)));
            if (p.x < 0 || p.y < 0 || p.x >= kSize.x || p.y >= kSize.y) return 1;
            const auto i = static_cast<std::size_t>(p.y) * static_cast<std::size_t>(kSize.x) + static_cast<std::size_t>(p.x);
            return light[1][i].y / light[0][i].y;
        }
        /// Mean over places along the board, in the middle of the picture, `aside` of its edge.
        double besideBoard(double aside) const {
            double sum = 0;
            int count = 0;
            for (double north = -4; north <= 4; north += 0.25, ++count) sum += static_cast<double>(left(aside + std::copysign(0.1, aside), north));
            return sum / count;
        }
    };
    static Pair drawn(model::Primitive things, const scene::View& view, const char* name, const Renderers& renderers = ContactShadows::renderers) {
        Pair pair{view, {}};
        model::Primitive ground, layer;
        addGround(ground, {-300, -300}, {300, 300}, 0, {190, 190, 190, 255});
        addGround(layer, {0.4f, -20}, {1.2f, 20}, 0.03f, {190, 190, 190, 255}); // drawn nearer to the eye than it lies
        pair.view.contents.clear();
        const auto add = [&](model::Primitive p, std::uint8_t order) {
            if (p.vertices.empty()) return;
            pair.view.contents.push_back({contents->uploadNow(contentOf(std::move(p), 0, ""), {}).value(), city.ecefFromEnu, scene::LayerRole::model, order});
        };
        add(std::move(ground), 0);
        add(std::move(layer), 9);
        add(std::move(things), 0);
        scene::FrameSnapshot frame = snapshot();
        frame.views = {pair.view};
        for (const bool on : {false, true}) {
            EXPECT_TRUE(renderers[on]->render(frame));
            pair.light[on] = renderers[on]->readbackLight().value();
            writePicture(renderers[on]->readback().value(), std::string("contact_") + name + (on ? "_with" : "_without"));
        }
        EXPECT_TRUE(renderers[1]->render(frame));
        EXPECT_TRUE(renderers[1]->readbackLight().value() == pair.light[1]) << "every frame is the same";
        for (std::size_t i = 0; i < pair.light[1].size(); ++i) {
            const glm::vec4 c = pair.light[1][i];
            EXPECT_TRUE(std::isfinite(c.x) && std::isfinite(c.y) && std::isfinite(c.z)) << i;
            EXPECT_LE(c.y, pair.light[0][i].y) << "they only take light, at " << i;
        }
        for (const auto& thing : pair.view.contents) contents->retire(thing.content);
        return pair;
    }
    static scene::View seen(const glm::dvec3& eye, const glm::dvec3& target, double azimuth, double elevation) {
        scene::View view = viewOf(city, eye, target, {0, 0, kSize.x, kSize.y});
        view.sunDirection = sunAt(azimuth, elevation);
        view.window = {0.4375, 0.4375, 0.5625, 0.5625};
        return view;
    }
    /// A board of 5 cm on the ground, along the view, and a post of 10 cm beside it.
    static model::Primitive boardAndPost(float north) {
        model::Primitive p;
        addBox(p, {-0.1f, north - 6, 0}, {0.1f, north + 6, 0.05f}, model::kNoFeature, kLight);
        addBox(p, {-1.65f, north - 0.05f, 0}, {-1.55f, north + 0.05f, 1}, model::kNoFeature, kLight);
        return p;
    }

    static inline Renderers renderers;
};

TEST_F(ContactShadows, attachAShadowToTheSideAwayFromTheSunNoLongerThanTheWalk) {
    for (const double away : {1.0, -1.0}) { // to the east with the sun in the west, and the other way round
        const Pair pair = drawn(boardAndPost(0), seen({0, -30, 3}, {0, 0, 0}, away > 0 ? 270 : 90, 20), away > 0 ? "east" : "west");
        const double shade = pair.besideBoard(away * 0.05), edge = pair.besideBoard(away * 0.3), sunny = pair.besideBoard(-away * 0.05);
        std::printf("shadow to the %s: %.2f of the maps' light 5 cm from a board of 5 cm, %.3f at 30 cm, %.3f before it\n", away > 0 ? "east" : "west", shade,
                    edge, sunny);
        EXPECT_LT(shade, 0.65); // the shadow is 14 cm long
        EXPECT_GT(edge, 0.995);
        EXPECT_GT(sunny, 0.995);
        for (double aside = 0.76; aside < 1; aside += 0.04) // the walk is of 75 cm
            for (const double side : {-1.0, 1.0}) EXPECT_EQ(pair.besideBoard(side * aside), 1.0) << side * aside;
        // A post is thin: ground that is seen beside it lies behind it.
        for (double behind = 0.45; behind < 3; behind += 0.25) EXPECT_GT(pair.left(-1.6 + away * 0.15, behind), 0.97f) << behind;
    }
}

TEST_F(ContactShadows, leaveBareGroundAsItIsHoweverLowTheSun) {
    for (const double elevation : {0.5, 2.0, 8.0})
        for (const auto& [eye, target] : {std::pair{glm::dvec3(0, -12, 1.6), glm::dvec3(0, 0, 0)}, {glm::dvec3(3, -30, 25), glm::dvec3(0, 0, 0)}}) {
            scene::View view = seen(eye, target, 310, elevation);
            view.window = {0, 0, 1, 1};
            const Pair pair = drawn({}, view, "bare");
            EXPECT_TRUE(pair.light[0] == pair.light[1]) << "sun at " << elevation << ", eye at " << eye.z;
        }
}

TEST_F(ContactShadows, endAtSixtyMetersFromTheEye) {
    const Pair far = drawn(boardAndPost(67), seen({0, 0, 3}, {0, 67, 0}, 270, 20), "far");
    EXPECT_TRUE(far.light[0] == far.light[1]);
    const Pair near = drawn(boardAndPost(40), seen({0, 0, 3}, {0, 40, 0}, 270, 20), "near");
    EXPECT_FALSE(near.light[0] == near.light[1]);
}

TEST_F(ContactShadows, areOfTheHigherQualitiesOnly) {
    const Renderers medium{make(render::Quality::medium, false), make(render::Quality::medium, true)};
    const Pair cheap = drawn(boardAndPost(0), seen({0, -30, 3}, {0, 0, 0}, 270, 20), "medium", medium);
    EXPECT_TRUE(cheap.light[0] == cheap.light[1]);
}

} // namespace
} // namespace matou::testing
