#pragma once
// One device with validation and one generated city for all picture tests; what is left over at the end is an error.

#include <cmath>
#include <memory>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "gpu/box_city.h"

namespace matou::testing {

class Picture : public ::testing::Test {
protected:
    static void SetUpTestSuite() {
        gpu::DeviceOptions options;
        options.validation = true;
        auto made = gpu::Device::create(options);
        ASSERT_TRUE(made) << made.error().code << " " << made.error().where;
        device = std::move(*made);
        contents = resident::ContentTable::create(*device).value();
        city = buildCity(*contents, 5);
    }
    static void TearDownTestSuite() {
        EXPECT_EQ(device->validationMessageCount(), 0u);
        for (const scene::DrawContent& draw : city.contents)
            contents->retire(draw.content);
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
        writePicture(*pixels, name);
        return std::move(*pixels);
    }
    static std::unique_ptr<render::Renderer> renderer(glm::uvec2 size,
                                                      render::Quality quality = render::Quality::medium,
                                                      std::uint32_t samples = 0) {
        render::RendererOptions options;
        options.quality = quality;
        options.samples = samples;
        return render::Renderer::create(*device, *contents, size, options).value();
    }

    static inline std::unique_ptr<gpu::Device> device;
    static inline std::unique_ptr<resident::ContentTable> contents;
    static inline BoxCity city;
};

inline const std::uint8_t* at(const render::Pixels& pixels, int x, int y) {
    return &pixels.rgba[(static_cast<std::size_t>(y) * pixels.width + static_cast<std::size_t>(x)) * 4];
}
inline int brightness(const render::Pixels& pixels, int x, int y) {
    const std::uint8_t* p = at(pixels, x, y);
    return p[0] + p[1] + p[2];
}

/// Mean brightness of a patch.
inline double patch(const render::Pixels& pixels, int x, int y, int radius = 2) {
    double sum = 0;
    int count = 0;
    for (int dy = -radius; dy <= radius; ++dy)
        for (int dx = -radius; dx <= radius; ++dx, ++count)
            sum += brightness(pixels, x + dx, y + dy);
    return sum / count;
}

/// Where a place of the city lies in a view's picture.
inline glm::ivec2 pixelOf(const scene::View& view, const geo::Ecef& place) {
    const glm::dvec3 p = glm::transpose(view.eye.axes) * (place.meters - view.eye.eye.meters);
    const double t = std::tan(view.fovYRadians / 2);
    const double x = p.x / -p.z / (t * view.planeAspect), y = p.y / -p.z / t;
    return {view.target.x + static_cast<int>((x * 0.5 + 0.5) * view.target.z),
            view.target.y + static_cast<int>((0.5 - y * 0.5) * view.target.w)};
}

} // namespace matou::testing
