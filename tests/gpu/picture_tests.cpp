// The whole renderer on a generated district, with validation and synchronization checks on.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "gpu/box_city.h"

using namespace matou;

namespace {

class Picture : public ::testing::Test {
protected:
    static void SetUpTestSuite() {
        gpu::DeviceOptions options;
        options.validation = true;
        auto made = gpu::Device::create(options);
        ASSERT_TRUE(made) << made.error().code << " " << made.error().where;
        device = std::move(*made);
        contents = resident::ContentTable::create(*device).value();
        city = matou::testing::buildCity(*contents, 5);
    }
    static void TearDownTestSuite() {
        EXPECT_EQ(device->validationMessageCount(), 0u);
        for (const scene::DrawContent& draw : city.contents) contents->retire(draw.content);
        contents.reset();
        device->waitIdle();
        EXPECT_THAT(device->liveObjects(), ::testing::IsEmpty());
        device.reset();
    }
    static scene::FrameSnapshot snapshot() {
        scene::FrameSnapshot frame;
        frame.anchor = city.anchor;
        return frame;
    }
    static render::Pixels draw(render::Renderer& renderer, const scene::FrameSnapshot& frame, const char* name) {
        auto report = renderer.render(frame);
        EXPECT_TRUE(report) << (report ? "" : report.error().code + report.error().where);
        auto pixels = renderer.readback();
        EXPECT_TRUE(pixels);
        matou::testing::writePicture(*pixels, name);
        return std::move(*pixels);
    }
    static std::unique_ptr<render::Renderer> renderer(glm::uvec2 size, render::Quality quality = render::Quality::medium) {
        render::RendererOptions options;
        options.quality = quality;
        return render::Renderer::create(*device, *contents, size, options).value();
    }

    static std::unique_ptr<gpu::Device> device;
    static std::unique_ptr<resident::ContentTable> contents;
    static matou::testing::BoxCity city;
};
std::unique_ptr<gpu::Device> Picture::device;
std::unique_ptr<resident::ContentTable> Picture::contents;
matou::testing::BoxCity Picture::city;

TEST_F(Picture, showsTheDistrictByDay) {
    auto r = renderer({960, 540});
    scene::FrameSnapshot frame = snapshot();
    frame.views.push_back(matou::testing::viewOf(city, {-330, -420, 210}, {0, 20, 20}, {0, 0, 960, 540}));
    const render::Pixels pixels = draw(*r, frame, "day");
    (void)pixels;
    auto second = r->render(frame).value();
    second = r->render(frame).value();
    second = r->render(frame).value();
    for (const auto& t : second.gpu) std::printf("gpu %s %.1f ms\n", t.name.c_str(), t.milliseconds);
}

} // namespace
