// Showing in a window, through VK_EXT_headless_surface: the same code as with a display, without one.

#include <gtest/gtest.h>

#include "gpu/picture_fixture.h"

using namespace matou;
using namespace matou::testing;

namespace {

VkSurfaceKHR headlessSurface(VkInstance instance) {
    const auto create =
        reinterpret_cast<PFN_vkCreateHeadlessSurfaceEXT>(vkGetInstanceProcAddr(instance, "vkCreateHeadlessSurfaceEXT"));
    const VkHeadlessSurfaceCreateInfoEXT info{VK_STRUCTURE_TYPE_HEADLESS_SURFACE_CREATE_INFO_EXT};
    VkSurfaceKHR surface = VK_NULL_HANDLE;
    return create != nullptr && create(instance, &info, nullptr, &surface) == VK_SUCCESS ? surface : VK_NULL_HANDLE;
}

TEST(Window, showsEveryFrameAndFollowsItsSize) {
    gpu::DeviceOptions options;
    options.validation = true;
    options.surfaceExtensions = {"VK_KHR_surface", "VK_EXT_headless_surface"};
    auto made = gpu::Device::create(options);
    if (!made && made.error().code == "E_NO_SURFACE_EXTENSION") {
        std::printf("not run: no headless surface in this driver\n");
        return;
    }
    ASSERT_TRUE(made);
    auto device = std::move(*made);
    auto contents = resident::ContentTable::create(*device).value();
    {
        const BoxCity city = buildCity(*contents, 3);
        auto renderer = render::Renderer::create(*device, *contents, {320, 180}, {}).value();
        ASSERT_TRUE(renderer->attachWindow(headlessSurface, {320, 180}));
        scene::FrameSnapshot frame;
        frame.anchor = city.anchor;
        frame.views.push_back(viewOf(city, {-330, -420, 210}, {0, 20, 20}, {0, 0, 320, 180}));
        for (int i = 0; i < 5; ++i) {
            const auto report = renderer->render(frame);
            ASSERT_TRUE(report);
            EXPECT_TRUE(report->presented);
        }
        ASSERT_TRUE(renderer->resize({400, 200}));
        frame.views[0].target = {0, 0, 400, 200};
        for (int i = 0; i < 3; ++i)
            EXPECT_TRUE(renderer->render(frame)->presented);
        EXPECT_GT(patch(*renderer->readback(), 200, 150), 60);
        renderer->detachWindow();
        EXPECT_FALSE(renderer->render(frame)->presented);
        for (const scene::DrawContent& draw : city.contents)
            contents->retire(draw.content);
    }
    contents.reset();
    device->waitIdle();
    EXPECT_THAT(device->liveObjects(), ::testing::IsEmpty());
    EXPECT_EQ(device->validationMessageCount(), 0u);
}

TEST(Window, headlessDeviceRefusesOne) {
    auto device = gpu::Device::create({}).value();
    auto contents = resident::ContentTable::create(*device).value();
    auto renderer = render::Renderer::create(*device, *contents, {64, 64}, {}).value();
    const auto attached = renderer->attachWindow(headlessSurface, {64, 64});
    ASSERT_FALSE(attached);
    EXPECT_EQ(attached.error().code, "E_NO_PRESENT");
}

TEST(Device, unloadableLayerIsALocatedError) {
    // The layer is looked for in this folder only: it is not there.
    setenv("VK_LAYER_PATH", "/nonexistent", 1);
    gpu::DeviceOptions options;
    options.validation = true;
    const auto device = gpu::Device::create(options);
    unsetenv("VK_LAYER_PATH");
    ASSERT_FALSE(device);
    EXPECT_EQ(device.error().code, "E_NO_VALIDATION_LAYER");
}

TEST(Device, noDriverIsALocatedError) {
    setenv("VK_DRIVER_FILES", "/nonexistent.json", 1);
    const auto device = gpu::Device::create({});
    const auto list = gpu::listDevices();
    unsetenv("VK_DRIVER_FILES");
    ASSERT_FALSE(device);
    EXPECT_EQ(device.error().code, "E_NO_VULKAN_DRIVER");
    EXPECT_FALSE(list);
}

TEST(Device, isListedForTheDoctor) {
    const auto list = gpu::listDevices();
    ASSERT_TRUE(list);
    for (const auto& d : *list) {
        EXPECT_FALSE(d.name.empty());
        std::printf("%u %s, %s, Vulkan %s, %s, missing %zu\n", d.number, d.name.c_str(), d.driver.c_str(),
                    d.apiVersion.c_str(), d.kind.c_str(), d.missing.size());
    }
    const auto unknown = gpu::Device::create({.select = "no such card"});
    ASSERT_FALSE(unknown);
    EXPECT_EQ(unknown.error().code, "E_DEVICE_UNKNOWN");
}

TEST(Contents, uploadSpreadsOverCallsAndMissingTexturesAreNamed) {
    auto device = gpu::Device::create({.validation = true}).value();
    auto table = resident::ContentTable::create(*device).value();
    model::Primitive primitive;
    addGround(primitive, {-5, -5}, {5, 5}, 0, {255, 255, 255, 255});
    auto content = std::make_shared<model::Content>(contentOf(primitive, 1, "q"));
    for (int i = 0; i < 4; ++i)
        content->images.push_back({.width = 64, .height = 64, .rgba = std::vector<std::uint8_t>(64 * 64 * 4, 128)});
    content->images.push_back({.width = 64, .height = 64}); // broken
    content->materials[0].baseColorTexture.image = 4;
    const auto handle = table->enqueue(content, {5});
    EXPECT_FALSE(table->isResident(handle));
    EXPECT_EQ(table->byteSize(handle), resident::ContentTable::gpuBytes(*content));
    EXPECT_GT(table->queuedBytes(), 0u);
    int calls = 0;
    while (!table->isResident(handle) && calls < 50) {
        const auto copied = table->upload(16 * 1024);
        ASSERT_TRUE(copied);
        EXPECT_LE(*copied, 40u * 1024);
        ++calls;
    }
    EXPECT_GE(calls, 4);
    EXPECT_EQ(table->queuedBytes(), 0u);
    ASSERT_EQ(table->diagnostics(handle).size(), 1u);
    EXPECT_EQ(table->diagnostics(handle)[0].code, "E_TEXTURE_MISSING");
    auto broken = std::make_shared<model::Content>(*content);
    broken->primitives[0].indices[0] = 99;
    const auto bad = table->enqueue(broken, {});
    EXPECT_FALSE(table->upload(1 << 20));
    EXPECT_TRUE(table->failed(bad));
    table->retire(bad);
    table->retire(handle);
    EXPECT_EQ(table->totalBytes(), 0u);
    EXPECT_EQ(table->count(), 0u);
    table.reset();
    device->waitIdle();
    EXPECT_THAT(device->liveObjects(), ::testing::IsEmpty());
    EXPECT_EQ(device->validationMessageCount(), 0u);
}

} // namespace
