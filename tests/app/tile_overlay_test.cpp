// --debug tiles: a tile that did not come is seen where it should stand, with its reason.

#include <fstream>

#include "app/app_support.h"
#include "media/png.h"
#include "support/box_glb.h"

namespace matou::tests {
namespace {

void write(const std::filesystem::path& path, const test::Bytes& bytes) {
    std::ofstream(path, std::ios::binary)
        .write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
}

/// Pixels that are reddish, as a failed tile's lines and faces make them.
std::size_t redPixels(const std::filesystem::path& path) {
    const auto picture = media::readPng(path);
    EXPECT_TRUE(picture) << path;
    std::size_t count = 0;
    for (std::size_t i = 0; picture && i + 3 < picture->rgba.size(); i += 4)
        count += picture->rgba[i] > picture->rgba[i + 1] + 40 && picture->rgba[i] > picture->rgba[i + 2] + 40;
    return count;
}

TEST(TileOverlay, showsAFailedTileWithItsReasonAndNothingWithoutBeingAsked) {
    const ScratchFolder scratch;
    const auto good = test::boxGlb({{{-20, -20, 0}, {20, 20, 30}}});
    write(scratch / "good.glb", good);
    write(scratch / "cut.glb", test::Bytes(good.begin(), good.begin() + 40));
    const auto tile = [](int x, const char* name) {
        return R"({"geometricError":0,"boundingVolume":{"box":[)" + std::to_string(x) +
               R"(,0,15,20,0,0,0,20,0,0,0,15]},"content":{"uri":")" + name +
               R"("},"transform":[1,0,0,0,0,1,0,0,0,0,1,0,)" + std::to_string(x) + ",0,0,1]}";
    };
    std::ofstream(scratch / "tileset.json")
        << R"({"asset":{"version":"1.1"},"geometricError":100,"root":{"geometricError":100,"refine":"ADD","boundingVolume":{"box":[0,0,15,80,0,0,0,40,0,0,0,15]},"children":[)"
        << tile(-20, "good.glb") << "," << tile(20, "cut.glb") << "]}}";
    const auto drawn = [&](const std::vector<std::string>& more) {
        const auto png = scratch / ("picture" + std::to_string(more.size()) + ".png");
        std::vector<std::string> arguments{
            "render",  scratch / "tileset.json", "--size",       "640x360", "--quality", "low", "--environment",
            "neutral", "--validation",           "--screenshot", png};
        arguments.insert(arguments.end(), more.begin(), more.end());
        const auto done = runProgram("matou", arguments, 120);
        EXPECT_EQ(done.status, 0) << done.err;
        EXPECT_NE(done.err.find("E_GLB_"), std::string::npos) << "said in words too: " << done.err;
        return redPixels(png);
    };
    EXPECT_EQ(drawn({}), 0u);
    EXPECT_GT(drawn({"--debug", "tiles"}), 100u);
    EXPECT_GT(drawn({"--debug", "tiles", "--overlay", "off"}), 100u) << "of its own, without the other overlay";
}

} // namespace
} // namespace matou::tests
