// Herds: what the GPU makes the commands of looks, hides, throws shadows and answers picks like draws by themselves; and
// what it culls was not to be seen.

#include <cstdlib>

#include <glm/gtc/matrix_transform.hpp>

#include "gpu/picture_fixture.h"

namespace matou::testing {
namespace {

constexpr glm::uvec2 kSize{320, 180};
constexpr int kSide = 28; // objects of a field in a row; more than resident::kHerdFrom in all

/// Boxes with a mesh, a place and a feature of their own; every third is double-sided, every seventh of another colour. Those with
/// numbers from `first` on to before `end` of a square field beside the city.
model::Content field(int first, int end) {
    model::Content content;
    content.materials.resize(3);
    for (model::Material& material : content.materials) material.metallic = 0.0f;
    content.materials[1].doubleSided = true;
    content.materials[2].baseColor = {0.7f, 0.2f, 0.1f, 1.0f};
    for (int i = first; i < end; ++i) {
        const auto row = static_cast<std::uint32_t>(i - first);
        model::Primitive box;
        const float height = 3.0f + static_cast<float>(i * 7 % 11);
        addBox(box, {-3, -3, 0}, {3, 3, height}, row, {230, 226, 218, 255});
        box.material = i % 3 == 0 ? 1 : i % 7 == 0 ? 2 : 0;
        content.primitives.push_back(std::move(box));
        model::Instance instance;
        instance.primitive = row;
        instance.contentFromMesh = glm::translate(glm::mat4(1.0f), {12.0f * static_cast<float>(i % kSide) - 168, 12.0f * static_cast<float>(i / kSide) - 500, 0.1f});
        content.instances.push_back(instance);
        content.features.ids.push_back("box" + std::to_string(i));
    }
    content.features.count = static_cast<std::uint32_t>(end - first);
    return content;
}

/// Of an orbit; MATOU_ORBIT_POSES asks for more than the default run takes.
int posesOf(int byDefault) {
    const char* whole = std::getenv("MATOU_ORBIT_POSES");
    return whole != nullptr ? std::atoi(whole) : byDefault;
}

class Herds : public Picture {
protected:
    static constexpr int kCount = kSide * kSide;
    static constexpr scene::FeatureNumber kFirst = 5000;

    /// The field in contents of so many objects each.
    void SetUp() override {
        herd = placed(kCount);
        apart = placed(60); // no herd
    }
    void TearDown() override {
        for (const auto* field : {&herd, &apart})
            for (const scene::DrawContent& draw : *field) contents->retire(draw.content);
    }
    static std::vector<scene::DrawContent> placed(int each) {
        std::vector<scene::DrawContent> out;
        for (int first = 0; first < kCount; first += each) {
            const int end = std::min(first + each, kCount);
            std::vector<scene::FeatureNumber> numbers;
            for (int i = first; i < end; ++i) numbers.push_back(kFirst + static_cast<scene::FeatureNumber>(i));
            scene::DrawContent draw;
            draw.content = contents->uploadNow(field(first, end), numbers).value();
            draw.ecefFromContent = city.ecefFromEnu;
            draw.role = scene::LayerRole::model;
            out.push_back(draw);
        }
        return out;
    }
    static scene::FrameSnapshot frameOf(const std::vector<scene::DrawContent>& field, double turn = 0.0) {
        scene::FrameSnapshot frame = snapshot();
        const glm::dvec3 middle(0, -330, 0);
        frame.views.push_back(viewOf(city, middle + glm::dvec3(210 * std::sin(turn), -210 * std::cos(turn), 60), middle, {0, 0, kSize}));
        frame.views[0].contents.insert(frame.views[0].contents.end(), field.begin(), field.end());
        return frame;
    }
    static double differing(const render::Pixels& a, const render::Pixels& b) {
        std::size_t count = 0;
        for (std::size_t i = 0; i < a.rgba.size(); i += 4)
            if (!std::equal(&a.rgba[i], &a.rgba[i] + 4, &b.rgba[i])) ++count;
        return static_cast<double>(count) / (static_cast<double>(a.width) * a.height);
    }

    std::vector<scene::DrawContent> herd, apart;
};

TEST_F(Herds, areOneDrawOfTheirContent) {
    ASSERT_EQ(herd.size(), 1u);
    const auto* content = contents->find(herd[0].content);
    ASSERT_EQ(content->draws.size(), 2u) << "one a pipeline: single-sided of both colours, and double-sided";
    EXPECT_EQ(content->draws[0].objects + content->draws[1].objects, static_cast<std::uint32_t>(kCount));
    EXPECT_EQ(content->triangles, kCount * 10u);
    for (const scene::DrawContent& draw : apart)
        for (const auto& one : contents->find(draw.content)->draws) EXPECT_EQ(one.objects, 0u);
}

TEST_F(Herds, lookLikeDrawsByThemselves) {
    auto drawn = renderer(kSize, render::Quality::high);
    const auto of = [&](const auto& field, const char* name) {
        const auto report = drawn->render(frameOf(field));
        EXPECT_TRUE(report);
        auto pixels = drawn->readback();
        EXPECT_TRUE(pixels);
        writePicture(*pixels, name);
        return std::pair(std::move(*pixels), *report);
    };
    const auto [together, one] = of(herd, "herd");
    const auto [separate, many] = of(apart, "herd-apart");
    // The near plane goes by a herd's box, so depth is rounded otherwise.
    EXPECT_LT(differing(together, separate), 0.002);
    EXPECT_GE(one.draws, static_cast<std::uint32_t>(kCount));
    EXPECT_LE(one.drawCalls, many.drawCalls);
    const auto without = of(std::vector<scene::DrawContent>{}, "herd-none");
    EXPECT_GT(differing(together, without.first), 0.2) << "boxes and their shadows are there";
}

TEST_F(Herds, areCulledWithoutATrace) {
    const int poses = posesOf(8);
    render::RendererOptions options;
    options.quality = render::Quality::medium;
    options.counts = true;
    auto culled = render::Renderer::create(*device, *contents, kSize, options).value();
    options.cullObjects = false;
    auto complete = render::Renderer::create(*device, *contents, kSize, options).value();
    std::uint64_t fewer = 0, all = 0;
    for (int i = 0; i < poses; ++i) {
        auto frame = frameOf(herd, i * 6.283185307 / poses);
        const auto less = culled->render(frame), more = complete->render(frame);
        ASSERT_TRUE(less && more);
        fewer += less->counts.triangles;
        all += more->counts.triangles;
        const auto a = culled->readback(), b = complete->readback();
        ASSERT_TRUE(a && b);
        ASSERT_EQ(a->rgba, b->rgba) << "pose " << i;
    }
    if (device->optional().pipelineStatistics) {
        EXPECT_LT(fewer, all);
    }
}

TEST_F(Herds, leaveOutWhatIsHiddenWithoutATrace) {
    const int poses = posesOf(6);
    model::Primitive box;
    addBox(box, {-400, -226, 0}, {400, -224, 80}, 0, {200, 196, 190, 255});
    scene::DrawContent wall;
    wall.content = contents->uploadNow(contentOf(box, 1, "wall"), std::vector<scene::FeatureNumber>{4000}).value();
    wall.ecefFromContent = city.ecefFromEnu;
    auto styles = std::make_shared<scene::StyleTable>(); // ghosts hide nothing, nor does what is not there
    styles->styles.resize(kFirst + kCount);
    for (std::size_t i = 0; i < kCount; ++i)
        styles->styles[kFirst + i].flags = i % 5 == 1 ? scene::kStyleGhosted : i % 5 == 3 ? scene::kStyleHidden : 0;
    for (const auto quality : {render::Quality::low, render::Quality::medium}) { // one sample a pixel, and four
        render::RendererOptions options;
        options.quality = quality;
        options.shadows = false;
        options.counts = true;
        options.occlusionCulling = render::OcclusionCulling::on;
        auto hiding = render::Renderer::create(*device, *contents, kSize, options).value();
        options.occlusionCulling = render::OcclusionCulling::off;
        auto complete = render::Renderer::create(*device, *contents, kSize, options).value();
        const auto sameFrom = [&](const glm::dvec3& eye, const glm::dvec3& along, bool behindWall, bool styled) {
            scene::FrameSnapshot frame = snapshot();
            frame.views.push_back(viewOf(city, eye, eye + along, {0, 0, kSize}));
            frame.views[0].contents.insert(frame.views[0].contents.end(), herd.begin(), herd.end());
            if (behindWall) frame.views[0].contents.push_back(wall);
            if (styled) frame.views[0].styles = styles;
            const auto a = hiding->render(frame), b = complete->render(frame);
            EXPECT_TRUE(a && b);
            const auto with = hiding->readback(), without = complete->readback();
            EXPECT_TRUE(with && without);
            EXPECT_EQ(with->rgba, without->rgba) << eye.x << " " << eye.y << " " << eye.z;
            return std::pair(a->counts.triangles, *with);
        };
        for (int i = 0; i < poses; ++i) { // from between the boxes
            const double turn = i * 6.283185307 / poses;
            sameFrom({6 + 100 * std::sin(turn * 3), -330 + 100 * std::cos(turn), 2.5 + 3 * (i % 4)}, {std::sin(turn), std::cos(turn), -0.02}, false, i % 2 == 1);
        }
        // Over the field, and the same behind a wall; counts are of a frame before.
        const auto trianglesFrom = [&](bool behindWall) {
            std::uint64_t triangles = 0;
            for (int round = 0; round < 3; ++round) triangles = sameFrom({20, -200, 50}, {0.2, -1, -0.4}, behindWall, false).first;
            return triangles;
        };
        const auto open = trianglesFrom(false), hidden = trianglesFrom(true);
        if (device->optional().pipelineStatistics) {
            EXPECT_LT(hidden + 100 * 10, open) << "a hundred boxes and more are not drawn behind the wall";
        }
    }
    contents->retire(wall.content);
}

TEST_F(Herds, takeStylesAndAnswerPicks) {
    auto drawn = renderer(kSize, render::Quality::low);
    auto frame = frameOf(herd);
    const int middle = kSide * kSide / 2 + kSide / 2;
    const geo::Ecef top{city.point(12.0 * (middle % kSide) - 168, 12.0 * (middle / kSide) - 500, 3.0 + middle * 7 % 11)};
    const glm::ivec2 pixel = pixelOf(frame.views[0], top);
    auto hit = drawn->pick(frame, pixel.x, pixel.y);
    ASSERT_TRUE(hit);
    EXPECT_EQ(hit->feature, kFirst + static_cast<scene::FeatureNumber>(middle));
    EXPECT_EQ(hit->content, frame.views[0].contents.size() - 1);
    EXPECT_LT(glm::length(hit->position.meters - top.meters), 1.0);
    const auto plain = draw(*drawn, frame, "herd-plain");

    auto styles = std::make_shared<scene::StyleTable>();
    styles->styles.resize(kFirst + kCount);
    for (int i = 0; i < kCount; ++i)
        if (i != middle) styles->styles[kFirst + static_cast<std::size_t>(i)].flags = scene::kStyleHidden;
    styles->styles[kFirst + static_cast<std::size_t>(middle)].tint = {255, 0, 0, 255};
    frame.views[0].styles = styles;
    const auto styled = draw(*drawn, frame, "herd-styled");
    const std::uint8_t* p = at(styled, pixel.x, pixel.y);
    EXPECT_GT(p[0], p[1] + 40) << "red, and the only one";
    EXPECT_GT(differing(plain, styled), 0.1);
    hit = drawn->pick(frame, pixel.x, pixel.y);
    ASSERT_TRUE(hit);
    EXPECT_EQ(hit->feature, kFirst + static_cast<scene::FeatureNumber>(middle));
}

TEST_F(Herds, areOutlinedWhereOneOfThemIsSelected) {
    auto drawn = renderer(kSize, render::Quality::low);
    auto frame = frameOf(herd);
    const auto plain = draw(*drawn, frame, "herd-plain");
    auto styles = std::make_shared<scene::StyleTable>();
    styles->styles.resize(kFirst + kCount);
    styles->styles[kFirst + kCount / 2 + kSide / 2].flags = scene::kStyleSelected;
    frame.views[0].styles = styles;
    frame.views[0].aids.ghostContext = true;
    const auto chosen = draw(*drawn, frame, "herd-selected");
    EXPECT_GT(differing(plain, chosen), 0.3);
}

} // namespace
} // namespace matou::testing
