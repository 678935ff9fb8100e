// The public glTF samples, drawn at the poses of tests/golden/gltf_cameras.json in even light, and what a person would look for
// in each. tests/golden/gltf.md tells of all of them.

#include <cmath>
#include <filesystem>

#include "core/file.h"
#include "decode/gltf.h"
#include "gpu/picture_fixture.h"
#include "support/test_data.h"
#include "view/camera_file.h"

namespace matou::testing {
namespace {

constexpr int kSide = 400;

class GltfSample : public Picture {
protected:
    struct Seen {
        render::Pixels pixels;
        /// Mean colour about a place given as parts of the picture from its left and top, `radius` pixels around.
        glm::vec3 mean(double x, double y, int radius = 2) const {
            glm::vec3 sum(0.0f);
            const int cx = static_cast<int>(x * kSide), cy = static_cast<int>(y * kSide);
            for (int j = -radius; j <= radius; ++j)
                for (int i = -radius; i <= radius; ++i) {
                    const auto* c = at(pixels, cx + i, cy + j);
                    sum += glm::vec3(c[0], c[1], c[2]);
                }
            return sum / static_cast<float>((2 * radius + 1) * (2 * radius + 1));
        }
        /// Pixels of a square that are clearly of that channel and of no other.
        int count(double x, double y, int radius, int channel) const {
            int found = 0;
            const int cx = static_cast<int>(x * kSide), cy = static_cast<int>(y * kSide);
            for (int j = -radius; j <= radius; ++j)
                for (int i = -radius; i <= radius; ++i) {
                    const auto* c = at(pixels, cx + i, cy + j);
                    if (c[channel] > c[(channel + 1) % 3] + 50 && c[channel] > c[(channel + 2) % 3] + 50) ++found;
                }
            return found;
        }
    };
    static Seen seen(const std::filesystem::path& folder, const std::string& file, double seconds = 0.25) {
        Seen out;
        const auto path = folder / file;
        const auto bytes = core::readFile(path);
        EXPECT_TRUE(bytes);
        decode::GltfOptions options;
        options.resolve = [&](const std::string& uri) { return core::readFile(path.parent_path() / uri); };
        const auto content = decode::decodeGltf(*bytes, file, options);
        EXPECT_TRUE(content) << (content ? "" : content.error().code + content.error().where);
        const auto name = path.stem().string();
        const auto camera = view::readCamera((std::filesystem::path(MATOU_SOURCE_DIR) / "tests/golden/gltf_cameras.json").string() + "#" + name);
        EXPECT_TRUE(camera);
        const auto handle = contents->uploadNow(*content, std::vector<scene::FeatureNumber>{}).value();
        auto r = renderer({kSide, kSide});
        scene::FrameSnapshot frame = snapshot();
        frame.neutralEnvironment = true;
        frame.secondsSinceStart = seconds;
        scene::View view = viewOf(city, {0, -1, 0}, {0, 0, 0}, {0, 0, kSide, kSide});
        view.eye = view::eyeFrameOf(camera->poses[0], city.ecefFromEnu);
        view.fovYRadians = glm::radians(*camera->file.fovYDegrees);
        view.contents = {{handle, city.ecefFromEnu, scene::LayerRole::model, 0}};
        frame.views.push_back(view);
        out.pixels = draw(*r, frame, ("sample_" + name).c_str());
        contents->retire(handle);
        return out;
    }
    static int colourfulness(const glm::vec3& c) { return static_cast<int>(std::max({c.x, c.y, c.z}) - std::min({c.x, c.y, c.z})); }
};
#define MATOU_SAMPLES(folder) MATOU_NEEDS_TEST_DATA(folder, "data/gltf-samples/khronos")

// Left of each pair a ball as triangles, right of it one as a normal map, turned with its coordinates: they must agree.
TEST_F(GltfSample, normalMapsWithoutTangentsAgreeWithTheGeometry) {
    MATOU_SAMPLES(folder);
    const auto s = seen(folder, "NormalTangentTest.glb");
    const double left[] = {0.109, 0.435}, right[] = {0.239, 0.565}, rows[] = {0.124, 0.286, 0.449, 0.612, 0.774};
    double worst = 0, spread = 0;
    for (int column = 0; column < 2; ++column) // the third is of metal: it mirrors
        for (const double row : rows)
            for (const auto& [dx, dy] : {std::pair{-0.025, 0.0}, {0.025, 0.0}, {0.0, -0.025}, {0.0, 0.025}}) {
                const auto a = s.mean(left[column] + dx, row + dy), b = s.mean(right[column] + dx, row + dy);
                worst = std::max(worst, static_cast<double>(glm::length(a - b)));
                spread = std::max(spread, static_cast<double>(glm::length(a - s.mean(left[column] - dx, row - dy))));
            }
    std::printf("balls against their maps: differ by %.1f of 255 at most; across a ball the light changes by %.1f\n", worst, spread);
    EXPECT_LT(worst, 32);
    EXPECT_GT(spread, 1.8 * worst) << "a map turned the wrong way would show";
}

TEST_F(GltfSample, everyMarkOfTheSamplersIsGreen) {
    MATOU_SAMPLES(folder);
    const auto s = seen(folder, "TextureSettingsTest.glb");
    for (const double x : {0.539, 0.729})
        for (int row = 0; row < 8; ++row) {
            const double y = 0.2214 + row * 0.0916;
            EXPECT_GT(s.count(x, y, 12, 1), 40) << "column " << x << ", row " << row;
            EXPECT_LT(s.count(x, y, 12, 0), 3) << "column " << x << ", row " << row;
        }
}

TEST_F(GltfSample, coordinatesAndTheirTransformsPointWhereTheySay) {
    MATOU_SAMPLES(folder);
    const auto s = seen(folder, "TextureCoordinateTest.glb");
    const auto yellow = s.mean(0.2, 0.3), red = s.mean(0.8, 0.3), blue = s.mean(0.2, 0.68), green = s.mean(0.8, 0.68);
    EXPECT_TRUE(yellow.x > yellow.z + 80 && yellow.y > yellow.z + 80);
    EXPECT_TRUE(red.x > red.y + 80 && red.x > red.z + 80);
    EXPECT_TRUE(blue.z > blue.x + 80 && blue.z > blue.y + 30);
    EXPECT_TRUE(green.y > green.x + 80 && green.y > green.z + 80);
    const auto t = seen(folder, "TextureTransformTest/TextureTransformTest.gltf");
    for (const auto& [x, y] : {std::pair{0.159, 0.797}, {0.505, 0.651}, {0.794, 0.716}}) // the arrows' ends
        EXPECT_GT(t.count(x, y, 4, 1), 20) << x;
    for (const auto& [x, y] : {std::pair{0.1, 0.3}, {0.15, 0.35}}) EXPECT_GT(t.mean(x, y).y, t.mean(x, y).x + 60); // no sign of an error
}

TEST_F(GltfSample, alphaIsCutWhereTheScaleSays) {
    MATOU_SAMPLES(folder);
    const auto s = seen(folder, "AlphaBlendModeTest.glb");
    const auto striped = [&](double x, double y) { // how much of a row of the bar has colour
        int found = 0;
        for (int i = -8; i <= 8; ++i) found += colourfulness(s.mean(x + i * 0.003, y, 0)) > 60 ? 1 : 0;
        return found / 17.0;
    };
    const double rows[] = {0.443, 0.483, 0.523, 0.563}; // alpha about 1/8, 3/8, 5/8, 7/8
    const double bars[] = {0.513, 0.667, 0.820};        // cut at 1/4, 1/2, 3/4
    for (int bar = 0; bar < 3; ++bar)
        for (int row = 0; row < 4; ++row) {
            const double coloured = striped(bars[bar], rows[row]);
            EXPECT_TRUE(row > bar ? coloured > 0.5 : coloured < 0.1) << "bar " << bar << ", row " << row << ": " << coloured;
        }
    for (const double row : rows) EXPECT_GT(striped(0.205, row), 0.5) << "opaque whatever its alpha, row " << row;
    EXPECT_GT(striped(0.36, rows[3]), striped(0.36, rows[0])) << "blended: more and more";
}

TEST_F(GltfSample, figuresStandOnTheirSides) {
    MATOU_SAMPLES(folder);
    const auto s = seen(folder, "OrientationTest.glb");
    EXPECT_GT(s.count(0.349, 0.5625, 6, 2), 60) << "blue in front";
    EXPECT_GT(s.count(0.76, 0.484, 6, 0), 60) << "red on the right";
    EXPECT_GT(s.count(0.5755, 0.258, 4, 1), 30) << "green on top";
}

TEST_F(GltfSample, whatMovesHasItsColoursAndInterpolatesAsItSays) {
    MATOU_SAMPLES(folder);
    const auto fox = seen(folder, "Fox.glb").mean(0.45, 0.47, 8);
    EXPECT_TRUE(fox.x > fox.y + 30 && fox.y > fox.z + 20) << "orange";
    const auto truck = seen(folder, "CesiumMilkTruck.glb").mean(0.5, 0.52, 8);
    EXPECT_GT(std::min({truck.x, truck.y, truck.z}), 150) << "white";
    const auto s = seen(folder, "InterpolationTest.glb");
    const auto there = [&](double x, double y) { return glm::length(s.mean(x, y) - s.mean(0.02, 0.02)) > 10; }; // even light leaves little between them
    EXPECT_TRUE(there(0.284, 0.81)) << "linear: half as large";
    EXPECT_FALSE(there(0.284 + 0.055, 0.81));
    EXPECT_TRUE(there(0.5 + 0.055, 0.81)) << "step: as large as at the start";
    EXPECT_TRUE(there(0.284, 0.24)) << "linear: half way up";
    EXPECT_FALSE(there(0.5, 0.24)) << "step: not yet";
    EXPECT_TRUE(there(0.5, 0.375));
}

TEST_F(GltfSample, glassShowsWhatIsBehindInItsColour) {
    MATOU_SAMPLES(folder);
    const auto s = seen(folder, "TransmissionTest.glb");
    const auto yellow = s.mean(0.322, 0.44, 6), green = s.mean(0.4667, 0.44, 14), red = s.mean(0.613, 0.44, 6);
    EXPECT_TRUE(yellow.x > yellow.z + 40 && yellow.y > yellow.z + 40);
    EXPECT_TRUE(green.y > green.x + 15 && green.y > 80) << "with holes: not black";
    EXPECT_TRUE(red.x > red.y + 40);
}

} // namespace
} // namespace matou::testing
