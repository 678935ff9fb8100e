// Levels of detail that fade into one another: every sample of a place is one level's, and what is behind never shows.

#include <algorithm>
#include <cmath>
#include <fstream>
#include <limits>
#include <map>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/contents.h"
#include "engine/views.h"
#include "gpu/picture_fixture.h"
#include "support/box_glb.h"
#include "support/tiny_district.h"

namespace matou::testing {
namespace {

constexpr int kSize = 96;
using Rgb = std::array<std::uint8_t, 3>;

class Fade : public Picture {
protected:
    /// A plane that fills the picture, of one colour under any light.
    scene::DrawContent plane(const glm::u8vec4& color, float height) {
        model::Primitive p;
        addGround(p, {-300, -300}, {300, 300}, height, color);
        auto content = contentOf(p, 0, "");
        content.materials[0].unlit = true;
        return made.emplace_back(scene::DrawContent{contents->uploadNow(content, {}).value(), city.ecefFromEnu, scene::LayerRole::model, 0});
    }
    void TearDown() override {
        for (const auto& draw : made) contents->retire(draw.content);
    }
    static scene::DrawContent part(scene::DrawContent draw, float from, float to, bool leaving) {
        draw.keepFrom = from;
        draw.keepTo = to;
        draw.leaving = leaving;
        return draw;
    }
    static render::Pixels look(render::Renderer& r, std::vector<scene::DrawContent> draws, const char* name = "fade") {
        scene::FrameSnapshot frame = snapshot();
        scene::View v = viewOf(city, {10, 15, 120}, {0, 0, 0}, {0, 0, kSize, kSize});
        v.contents = std::move(draws);
        v.sunDirection = sunAt(200, 50);
        frame.views = {v};
        return draw(r, frame, name);
    }
    /// Tone mapping adds a half-step of noise.
    static bool near(const Rgb& a, const Rgb& b) {
        return std::abs(a[0] - b[0]) <= 1 && std::abs(a[1] - b[1]) <= 1 && std::abs(a[2] - b[2]) <= 1;
    }
    static Rgb pixel(const render::Pixels& p, int i) { return {p.rgba[4 * i], p.rgba[4 * i + 1], p.rgba[4 * i + 2]}; }

    std::vector<scene::DrawContent> made;
};

TEST_F(Fade, eachPixelIsExactlyOneLevelsAtEveryMoment) {
    auto r = renderer({kSize, kSize}, render::Quality::medium, 1);
    const auto parent = plane({220, 20, 20, 255}, 0), child = plane({20, 220, 20, 255}, 1); // not at the same depth: the nearer one would win
    const auto red = pixel(look(*r, {parent}), 0), green = pixel(look(*r, {child}), 0);
    ASSERT_NE(red, green);
    const auto behind = look(*r, {});
    for (const float fine : {0.0f, 0.01f, 0.13f, 0.5f, 0.77f, 1.0f}) {
        const auto outgoing = part(parent, fine, 1, true), incoming = part(child, 0, fine, false);
        const auto both = look(*r, {outgoing, incoming}, fine == 0.5f ? "fade_half" : "fade");
        const auto one = look(*r, {outgoing}), other = look(*r, {incoming});
        int greens = 0;
        for (int i = 0; i < kSize * kSize; ++i) {
            const auto a = pixel(one, i), b = pixel(other, i), c = pixel(both, i), nothing = pixel(behind, i);
            ASSERT_TRUE(!near(nothing, red) && !near(nothing, green));
            const bool isRed = near(a, red) && b == nothing && c == a, isGreen = a == nothing && near(b, green) && c == b;
            ASSERT_TRUE(isRed != isGreen) << "pixel " << i << ", " << fine;
            greens += isGreen ? 1 : 0;
        }
        EXPECT_NEAR(static_cast<double>(greens) / (kSize * kSize), fine, 0.011) << fine;
    }
    // Three that stand within one another: a fade in a fade.
    const auto third = plane({20, 20, 220, 255}, 2);
    const auto blue = pixel(look(*r, {third}), 0);
    std::map<Rgb, int> counts;
    const auto all = look(*r, {part(parent, 0.75f, 1, true), part(child, 0.25f, 0.75f, true), part(third, 0, 0.25f, false)}, "fade_three");
    for (int i = 0; i < kSize * kSize; ++i)
        for (const auto& color : {red, green, blue}) counts[color] += near(pixel(all, i), color) ? 1 : 0;
    EXPECT_EQ(counts[red] + counts[green] + counts[blue], kSize * kSize);
    EXPECT_NEAR(counts[red], kSize * kSize / 4, 100);
    EXPECT_NEAR(counts[green], kSize * kSize / 2, 100);
    EXPECT_NEAR(counts[blue], kSize * kSize / 4, 100);
}

TEST_F(Fade, withFourSamplesHalfWayIsEvenAndShowsNoPattern) {
    auto r = renderer({kSize, kSize}, render::Quality::medium, 4);
    const auto parent = plane({220, 20, 20, 255}, 0), child = plane({20, 220, 20, 255}, 1);
    const auto at = [&](float fine) { return look(*r, {part(parent, fine, 1, true), part(child, 0, fine, false)}, fine == 0.4f ? "fade_samples" : "fade"); };
    // One, two or three of four samples: the same in all pixels, between the two, and nothing else shows through.
    std::array<Rgb, 5> levels;
    for (int k = 0; k <= 4; ++k) {
        const auto picture = at(static_cast<float>(k) / 4);
        levels[k] = pixel(picture, 0);
        for (int i = 0; i < kSize * kSize; ++i) ASSERT_TRUE(near(pixel(picture, i), levels[k])) << k << " of four, pixel " << i;
    }
    for (int k = 1; k <= 4; ++k) {
        EXPECT_LT(levels[k][0], levels[k - 1][0] - 4);
        EXPECT_GT(levels[k][1], levels[k - 1][1] + 4);
        EXPECT_LE(levels[k][2], std::max(levels[0][2], levels[4][2]) + 20); // the sky has some 200 of it
    }
    for (const float fine : {0.4f, 0.9f}) {
        const auto picture = at(fine);
        const int low = static_cast<int>(fine * 4);
        int more = 0;
        for (int i = 0; i < kSize * kSize; ++i) {
            const bool high = near(pixel(picture, i), levels[low + 1]);
            ASSERT_TRUE(high || near(pixel(picture, i), levels[low])) << fine << ", pixel " << i;
            more += high ? 1 : 0;
        }
        EXPECT_NEAR((low + static_cast<double>(more) / (kSize * kSize)) / 4, fine, 0.011);
    }
}

TEST_F(Fade, whatLeavesThrowsNoShadowAndIsNotPicked) {
    auto r = renderer({kSize, kSize});
    model::Primitive ground, box;
    addGround(ground, {-300, -300}, {300, 300}, 0, {200, 200, 200, 255});
    addBox(box, {-6, -6, 0}, {6, 6, 20}, 0, {200, 120, 120, 255});
    const std::vector<scene::FeatureNumber> one{1};
    made.push_back({contents->uploadNow(contentOf(ground, 0, ""), {}).value(), city.ecefFromEnu, scene::LayerRole::ground, 0});
    made.push_back({contents->uploadNow(contentOf(box, 1, "b"), one).value(), city.ecefFromEnu, scene::LayerRole::buildings, 0});
    const auto without = look(*r, {made[0]}), with = look(*r, {made[0], made[1]}, "fade_box");
    const auto gone = look(*r, {made[0], part(made[1], 1, 1, true)}, "fade_box_gone");
    EXPECT_NE(without.rgba, with.rgba);
    EXPECT_EQ(without.rgba, gone.rgba);

    scene::FrameSnapshot frame = snapshot();
    frame.views = {viewOf(city, {10, 15, 120}, {0, 0, 10}, {0, 0, kSize, kSize})};
    frame.views[0].contents = {made[0], part(made[1], 0, 0.5f, false)};
    EXPECT_EQ(r->pick(frame, kSize / 2, kSize / 2)->feature, 1u);
    frame.views[0].contents = {made[0], part(made[1], 0, 0.5f, true)};
    EXPECT_EQ(r->pick(frame, kSize / 2, kSize / 2)->feature, 0u);
}

// ---- A film over a tileset of two levels ------------------------------------------------------------------------------

constexpr int kFilmWidth = 160, kFilmHeight = 90, kFilmFrames = 60;
constexpr double kFadeSeconds = 0.3, kFps = 30;

void writeColored(const std::filesystem::path& path, const std::vector<test::Box>& boxes, const std::string& color) {
    auto bytes = test::boxGlb(boxes);
    const std::string grey = "0.6,0.6,0.6";
    const auto* text = reinterpret_cast<const char*>(bytes.data());
    const auto at = std::string_view(text, bytes.size()).find(grey);
    ASSERT_NE(at, std::string_view::npos);
    ASSERT_EQ(color.size(), grey.size());
    std::copy(color.begin(), color.end(), reinterpret_cast<char*>(bytes.data()) + at);
    std::ofstream(path, std::ios::binary).write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
}

std::string boxVolume(double x, double y, double half) {
    char text[200];
    std::snprintf(text, sizeof text, R"({"box":[%g,%g,-1,%g,0,0,0,%g,0,0,0,1]})", x, y, half, half);
    return text;
}

class FadeFilm : public Fade {
protected:
    /// A red slab, and four green ones in its place; finer where the eye is lower than some 1600 m.
    void SetUp() override {
        const auto path = folder.path;
        const auto slab = [](double x, double y, double half) {
            return test::Box{{float(x - half), float(y - half), -2}, {float(x + half), float(y + half), 0}};
        };
        writeColored(path / "all.glb", {slab(0, 0, 3000)}, "0.9,0.1,0.1");
        std::string children, transform;
        for (int q = 0; q < 4; ++q) {
            const double x = (q & 1) != 0 ? 1500 : -1500, y = (q & 2) != 0 ? 1500 : -1500;
            const auto name = "part" + std::to_string(q) + ".glb";
            writeColored(path / name, {slab(x, y, 1500)}, "0.1,0.9,0.1");
            children += std::string(q != 0 ? "," : "") + R"({"geometricError":0,"boundingVolume":)" + boxVolume(x, y, 1500) + R"(,"content":{"uri":")" + name + R"("}})";
        }
        for (int i = 0; i < 16; ++i) {
            char text[40];
            std::snprintf(text, sizeof text, "%.17g%s", city.ecefFromEnu[i / 4][i % 4], i < 15 ? "," : "");
            transform += text;
        }
        support::writeText(path / "tileset.json", R"({"asset":{"version":"1.1"},"geometricError":1000,"root":{"transform":[)" + transform +
                                                       R"(],"geometricError":274,"refine":"REPLACE","boundingVolume":)" + boxVolume(0, 0, 3000) +
                                                       R"(,"content":{"uri":"all.glb"},"children":[)" + children + "]}}");
    }

    /// Down through the border, back up in the middle of the fade, down again and at last up; drifting and turning.
    static double heightAt(int frame) {
        const bool low = (frame >= 10 && frame < 14) || (frame >= 17 && frame < 40);
        return low ? 1300 : 1900;
    }
    struct Film {
        std::vector<std::vector<std::uint8_t>> frames;
        std::vector<bool> fading;
    };
    Film film(double fadeSeconds, std::size_t uploadBytes) {
        Film out;
        scene::FeatureRegistry registry;
        Subject subject;
        subject.layers = {{"slabs", {}, scene::LayerRole::model, 0, (folder.path / "tileset.json").string(), true}};
        subject.anchor = city.anchor;
        ContentsOptions options;
        options.rayCasting = false;
        options.fadeSeconds = fadeSeconds;
        options.uploadBytesPerFrame = uploadBytes;
        auto tiles = Contents::create(*device, subject, registry, options).value();
        render::RendererOptions rendererOptions;
        rendererOptions.quality = render::Quality::medium;
        auto r = render::Renderer::create(*device, tiles->table(), {kFilmWidth, kFilmHeight}, rendererOptions).value();
        std::uint64_t updates = 0;
        for (int f = 0; f < kFilmFrames; ++f) {
            scene::View v = viewOf(city, {-200.0 + 6 * f, 40, heightAt(f)}, {-180.0 + 7 * f, 60, 0}, {0, 0, kFilmWidth, kFilmHeight});
            v.sunDirection = sunAt(200, 50);
            const auto seen = tiles::viewStateOf(v.eye, v.fovYRadians, v.planeAspect, v.window, v.nearMeters, v.target.w);
            const std::vector<tiles::ViewState> states{seen, castersFor(v, seen, *tiles, city.anchor, true)};
            do {
                EXPECT_TRUE(tiles->update(states, 16, ++updates));
                const auto stats = tiles->stats();
                EXPECT_LE(stats.cpuBytes + stats.gpuBytes, stats.budgetBytes);
            } while (!tiles->complete());
            tiles->moveFades(f == 0 ? std::numeric_limits<double>::infinity() : 1 / kFps);
            v.contents = tiles->drawList(0);
            v.casters = tiles->casterList(0, 1);
            scene::FrameSnapshot frame = snapshot();
            frame.neutralEnvironment = true;
            frame.views = {v};
            EXPECT_TRUE(r->render(frame));
            auto pixels = r->readback().value();
            if (fadeSeconds > 0 && (f == 12 || f == 15 || f == 20 || f == 43)) writePicture(pixels, "fade_film_" + std::to_string(f));
            out.frames.push_back(std::move(pixels.rgba));
            out.fading.push_back(tiles->fading());
        }
        return out;
    }

    support::TemporaryFolder folder;
};

TEST_F(FadeFilm, noFrameShowsWhatIsBehindAndTwoFilmsAreEqual) {
    const auto whole = film(0, 1 << 24), one = film(kFadeSeconds, 1 << 24), two = film(kFadeSeconds, 1);
    int fading = 0;
    for (int f = 0; f < kFilmFrames; ++f) {
        const auto i = static_cast<std::size_t>(f);
        ASSERT_EQ(one.frames[i], two.frames[i]) << "two films differ in frame " << f;
        int reds = 0, greens = 0;
        for (std::size_t p = 0; p < one.frames[i].size(); p += 4) {
            const int r = one.frames[i][p], g = one.frames[i][p + 1], b = one.frames[i][p + 2];
            ASSERT_LT(b, std::max(r, g) * 0.7) << "frame " << f << ": " << r << " " << g << " " << b; // what is behind is grey
            reds += r > g ? 1 : 0;
            greens += g > r ? 1 : 0;
        }
        if (one.fading[i]) ++fading;
        else EXPECT_EQ(one.frames[i], whole.frames[i]) << "frame " << f << " fades no more";
        if (f == 9 || f == 59) {
            EXPECT_EQ(greens, 0);
        }
        if (f == 30) {
            EXPECT_EQ(reds, 0);
        }
    }
    // 4 frames in, 3 back, and from there (1 of 9) on; 9 at the end. A frame in which a fade ends shows none.
    std::printf("fading in %d of %d frames\n", fading, kFilmFrames);
    EXPECT_GE(fading, 4 + 3 + 7 + 8);
    EXPECT_LE(fading, 4 + 3 + 8 + 9);
}

} // namespace
} // namespace matou::testing
