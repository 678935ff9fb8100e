// A tour that crosses external tilesets again and again: nothing that a process holds grows with it. Two laps and a
// half here; MATOU_TOUR_CROSSINGS=2000 for the whole (label soak).

#include <algorithm>
#include <cstdlib>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/contents.h"
#include "geo/camera_pose.h"
#include "media/png.h"
#include "render/renderer.h"
#include "support/generated_gltf.h"
#include "support/tile_server.h"
#include "support/tiny_district.h"

namespace matou::testing {
namespace {

constexpr int kStations = 40;
constexpr double kRingMeters = 4000, kSideMeters = 200;

std::string number(double value) {
    char text[40];
    std::snprintf(text, sizeof text, "%.17g", value);
    return text;
}

/// A square of ground with a picture of its own on it.
test::Bytes texturedSquare(float size, unsigned color) {
    constexpr int kSide = 32;
    std::vector<std::uint8_t> rgba;
    for (int i = 0; i < kSide * kSide; ++i) {
        const bool dark = ((i / kSide / 8) + (i % kSide / 8)) % 2 == 0;
        for (int c = 0; c < 3; ++c)
            rgba.push_back(static_cast<std::uint8_t>((color >> (8 * c) & 0xff) / (dark ? 2 : 1)));
        rgba.push_back(255);
    }
    const auto png = media::encodePng(kSide, kSide, rgba).value();
    const float h = size / 2;
    test::Bytes binary;
    test::append(binary, std::vector<float>{-h, 0, h, h, 0, h, h, 0, -h, -h, 0, -h});
    test::append(binary, std::vector<float>{0, 1, 0, 0, 1, 0, 0, 1, 0, 0, 1, 0});
    test::append(binary, std::vector<float>{0, 1, 1, 1, 1, 0, 0, 0});
    test::append(binary, std::vector<std::uint16_t>{0, 1, 2, 0, 2, 3});
    const auto image = test::append(binary, png);
    const auto view = [](std::size_t offset, std::size_t length) {
        return R"({"buffer":0,"byteOffset":)" + std::to_string(offset) + R"(,"byteLength":)" + std::to_string(length) +
               "}";
    };
    return test::glbOf(R"({"asset":{"version":"2.0"},"scene":0,"scenes":[{"nodes":[0]}],"nodes":[{"mesh":0}],
"meshes":[{"primitives":[{"attributes":{"POSITION":0,"NORMAL":1,"TEXCOORD_0":2},"indices":3,"material":0}]}],
"materials":[{"pbrMetallicRoughness":{"baseColorTexture":{"index":0},"metallicFactor":0}}],"textures":[{"source":0}],"images":[{"bufferView":4,"mimeType":"image/png"}],
"accessors":[{"bufferView":0,"componentType":5126,"count":4,"type":"VEC3","min":[-1e4,0,-1e4],"max":[1e4,0,1e4]},{"bufferView":1,"componentType":5126,"count":4,"type":"VEC3"},
{"bufferView":2,"componentType":5126,"count":4,"type":"VEC2"},{"bufferView":3,"componentType":5123,"count":6,"type":"SCALAR"}],
"bufferViews":[)" + view(0, 48) +
                           "," + view(48, 48) + "," + view(96, 32) + "," + view(128, 12) + "," +
                           view(image, png.size()) + R"(],"buffers":[{"byteLength":)" + std::to_string(binary.size()) +
                           "}]}",
                       binary);
}

/// A ring of tilesets, each of which has another one under each of its quarters: 1 + 4 x 6 tiles a station.
struct Ring {
    geo::Ecef center = geo::ecefFromGeodetic({31.2, 121.5, 0});
    support::TemporaryFolder folder;

    Ring() {
        const glm::dmat4 m = geo::ecefFromEnu(center);
        std::string transform, children;
        for (int i = 0; i < 16; ++i)
            transform += (i ? "," : "") + number(m[i / 4][i % 4]);
        write("ground.glb", texturedSquare(2.5f * static_cast<float>(kRingMeters), 0x406040));
        for (int s = 0; s < kStations; ++s) {
            const auto name = "s" + std::to_string(s);
            const auto at = placeOf(s);
            children += (s ? "," : "") + ("{" + volume(kSideMeters) + R"(,"geometricError":30,"content":{"uri":")" +
                                          name + R"(.json"},"transform":[1,0,0,0,0,1,0,0,0,0,1,0,)" + number(at.x) +
                                          "," + number(at.y) + ",1,1]}");
            std::string quarters, leaves;
            for (int q = 0; q < 4; ++q) {
                const auto place = R"(,"transform":[1,0,0,0,0,1,0,0,0,0,1,0,)" +
                                   number((q & 1 ? 0.25 : -0.25) * kSideMeters) + "," +
                                   number((q & 2 ? 0.25 : -0.25) * kSideMeters) + ",0,1]}";
                quarters +=
                    (q ? "," : "") + ("{" + volume(kSideMeters / 2) + R"(,"geometricError":10,"content":{"uri":")" +
                                      name + "q" + std::to_string(q) + ".json\"}" + place);
                leaves += (q ? "," : "") +
                          ("{" + volume(kSideMeters / 4) +
                           R"(,"geometricError":0,"content":{"uri":"leaf.glb"},"transform":[1,0,0,0,0,1,0,0,0,0,1,0,)" +
                           number((q & 1 ? 0.125 : -0.125) * kSideMeters) + "," +
                           number((q & 2 ? 0.125 : -0.125) * kSideMeters) + ",0,1]}");
            }
            const auto color = static_cast<unsigned>(0x203040 + s * 0x050301);
            write(name + ".glb", texturedSquare(static_cast<float>(kSideMeters), color));
            write(name + ".json",
                  tileset("{" + volume(kSideMeters) + R"(,"geometricError":20,"refine":"REPLACE","content":{"uri":")" +
                          name + R"(.glb"},"children":[)" + quarters + "]}"));
            for (int q = 0; q < 4; ++q)
                write(name + "q" + std::to_string(q) + ".json",
                      tileset("{" + volume(kSideMeters / 2) +
                              R"(,"geometricError":10,"refine":"REPLACE","content":{"uri":")" + name +
                              R"(q.glb"},"children":[)" + leaves + "]}"));
            write(name + "q.glb", texturedSquare(static_cast<float>(kSideMeters) / 2, color ^ 0x404000));
        }
        write("leaf.glb", texturedSquare(static_cast<float>(kSideMeters) / 4, 0xc0a080));
        write("tileset.json",
              tileset(
                  R"({"transform":[)" + transform +
                  R"(],"boundingVolume":{"box":[0,0,0,5000,0,0,0,5000,0,0,0,5]},"geometricError":500,"refine":"ADD",)" +
                  R"("content":{"uri":"ground.glb"},"children":[)" + children + "]}"));
    }

    static glm::dvec2 placeOf(int station) {
        const double angle = 2 * 3.14159265358979 * station / kStations;
        return {kRingMeters * std::sin(angle), kRingMeters * std::cos(angle)};
    }
    static std::string volume(double side) {
        return R"("boundingVolume":{"box":[0,0,0,)" + number(side / 2) + ",0,0,0," + number(side / 2) + ",0,0,0,5]}";
    }
    static std::string tileset(const std::string& root) {
        return R"({"asset":{"version":"1.1"},"geometricError":500,"root":)" + root + "}";
    }
    void write(const std::string& name, const test::Bytes& bytes) {
        std::ofstream(folder.path / name, std::ios::binary)
            .write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
    }
    void write(const std::string& name, const std::string& text) { write(name, test::bytesOf(text)); }
    geo::EyeFrame above(int station) const {
        const auto at = placeOf(station);
        const auto point = [&](double north, double up) {
            return geo::Ecef{glm::dvec3(geo::ecefFromEnu(center) * glm::dvec4(at.x, at.y + north, up, 1))};
        };
        return geo::eyeFrameLookingAt(point(-120, 160), point(0, 0), glm::normalize(center.meters));
    }
};

/// What a process holds. Kilobytes of memory.
struct Held {
    std::size_t rss = 0, pss = 0, own = 0, files = 0, threads = 0, gpuObjects = 0, pools = 0, textures = 0,
                gpuBytes = 0, budgetBytes = 0, tiles = 0, grafts = 0;
};

std::size_t kilobytesOf(const char* file, const std::string& key) {
    std::ifstream in(file);
    for (std::string word; in >> word;)
        if (std::size_t value = 0; word == key && in >> value) return value;
    return 0;
}

Held heldBy(const gpu::Device& device, Contents& contents) {
    Held held;
    held.rss = kilobytesOf("/proc/self/status", "VmRSS:");
    held.pss = kilobytesOf("/proc/self/smaps_rollup", "Pss:");
    held.own =
        kilobytesOf("/proc/self/smaps_rollup", "Private_Dirty:"); // a share of libraries depends on who else runs
    held.threads = kilobytesOf("/proc/self/status", "Threads:");
    for ([[maybe_unused]] const auto& file : std::filesystem::directory_iterator("/proc/self/fd"))
        ++held.files;
    const auto objects = device.liveObjects();
    held.gpuObjects = objects.size();
    held.pools = static_cast<std::size_t>(std::count_if(objects.begin(), objects.end(), [](const auto& name) {
        return name.find("pool") != std::string::npos || name.find("sets") != std::string::npos;
    }));
    held.textures = contents.table().textures().used();
    held.gpuBytes = device.memoryBytesReserved();
    const auto stats = contents.stats();
    held.budgetBytes = stats.cpuBytes + stats.gpuBytes;
    held.tiles = stats.tiles;
    held.grafts = stats.grafts;
    return held;
}

void print(int crossing, const Held& h) {
    std::printf("%5d crossings: RSS %zu kB, PSS %zu kB, %zu kB of its own, %zu files, %zu threads, %zu Vulkan objects "
                "(%zu descriptor "
                "pools; %zu texture descriptors), %zu bytes of GPU memory, "
                "%zu bytes in the budget, %zu tiles, %zu tilesets hung in\n",
                crossing, h.rss, h.pss, h.own, h.files, h.threads, h.gpuObjects, h.pools, h.textures, h.gpuBytes,
                h.budgetBytes, h.tiles, h.grafts);
}

TEST(Tour, acrossExternalTilesetsHoldsNoMoreAtItsEndThanAfterItsFirstLap) {
    const char* asked = std::getenv("MATOU_TOUR_CROSSINGS");
    const int crossings = asked ? std::max(kStations * 2, std::atoi(asked)) : kStations * 5 / 2;
    const Ring ring;
    const test::TileServer server(ring.folder.path);
    ASSERT_NE(server.port, 0) << "python3 is needed";
    gpu::DeviceOptions deviceOptions;
    deviceOptions.validation = true;
    auto device = std::move(gpu::Device::create(deviceOptions).value());
    scene::FeatureRegistry registry;
    {
        Subject subject;
        subject.layers = {{"ring", {}, scene::LayerRole::ground, 0, server.url("none", "tileset.json"), true}};
        subject.anchor = ring.center;
        ContentsOptions options;
        options.budgetBytes = std::uint64_t{1} << 20; // a lap takes three times as much
        options.trimAfterUpdates = 100;
        auto contents = Contents::create(*device, subject, registry, options).value();
        render::RendererOptions rendererOptions;
        rendererOptions.quality = render::Quality::low;
        auto renderer = render::Renderer::create(*device, contents->table(), {96, 54}, rendererOptions).value();

        std::uint64_t updates = 0;
        std::vector<Held> after; // by crossing
        for (int crossing = 0; crossing < crossings; ++crossing) {
            scene::View view;
            view.eye = ring.above(crossing % kStations);
            view.planeAspect = 16.0 / 9.0;
            view.window = {0, 0, 1, 1};
            view.target = {0, 0, 96, 54};
            const std::vector states{
                tiles::viewStateOf(view.eye, view.fovYRadians, view.planeAspect, view.window, view.nearMeters, 54)};
            const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(20);
            do {
                ASSERT_TRUE(contents->update(states, 0.5, ++updates));
                std::this_thread::sleep_for(std::chrono::milliseconds(1));
            } while (!contents->complete() && std::chrono::steady_clock::now() < until);
            ASSERT_TRUE(contents->complete()) << "crossing " << crossing;
            scene::FrameSnapshot frame;
            frame.anchor = ring.center;
            view.contents = contents->drawList(0);
            ASSERT_GE(view.contents.size(), 8u) << "the leaves of what lies below, crossing " << crossing;
            frame.views = {view};
            ASSERT_TRUE(renderer->render(frame));
            after.push_back(heldBy(*device, *contents));
            if (crossing + 1 == kStations || crossing + 1 == crossings / 2 || crossing + 1 == crossings)
                print(crossing + 1, after.back());
        }
        EXPECT_TRUE(contents->takeErrors().empty());
        const auto pruned = contents->stats().pruned;
        std::printf("%llu tilesets were cut back, %llu tiles loaded, %llu updates\n",
                    static_cast<unsigned long long>(pruned), static_cast<unsigned long long>(contents->stats().loaded),
                    static_cast<unsigned long long>(updates));
        EXPECT_GT(pruned, static_cast<std::uint64_t>(crossings - kStations)) << "they come and go";

        // The first lap warms up; the most of any later moment is compared with it, and of memory the end with the
        // second lap.
        const auto most = [&](auto member, std::size_t from, std::size_t to) {
            std::size_t value = 0;
            for (auto i = from; i < to; ++i)
                value = std::max(value, after[i].*member);
            return value;
        };
        const std::size_t lap = kStations, end = after.size();
        EXPECT_EQ(most(&Held::threads, lap, end), most(&Held::threads, 0, lap));
        EXPECT_LE(most(&Held::files, lap, end), most(&Held::files, 0, lap) + 2) << "a connection to the server more or less";
        EXPECT_EQ(most(&Held::pools, lap, end), most(&Held::pools, 0, lap));
        for (const auto member : {&Held::gpuObjects, &Held::textures, &Held::tiles, &Held::grafts, &Held::gpuBytes}) {
            const auto before = most(member, lap / 2, 3 * lap / 2);
            EXPECT_LE(most(member, 3 * lap / 2, end), before + before / 4)
                << "they differ with the moment, but do not grow";
        }
        EXPECT_LE(most(&Held::tiles, 0, end), 1 + kStations * std::size_t{26}) << "less than all of them";
        EXPECT_LE(most(&Held::budgetBytes, 0, end), options.budgetBytes);
        EXPECT_LE(most(&Held::rss, end - lap, end), most(&Held::rss, lap, 2 * lap) + 3 * 1024);
        EXPECT_LE(most(&Held::own, end - lap, end), most(&Held::own, lap, 2 * lap) + 3 * 1024);
    }
    device->waitIdle();
    device->collect();
    EXPECT_EQ(device->validationMessageCount(), 0u);
    EXPECT_THAT(device->liveObjects(), ::testing::IsEmpty());
}

} // namespace
} // namespace matou::testing
