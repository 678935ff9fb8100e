// Marks, labels, lines and areas over the picture, and the UI on top.

#include <cmath>
#include <cstdio>

#include <imgui/imgui.h>

#include "gpu/picture_fixture.h"
#include "text/text_shaper.h"

using namespace matou;
using namespace matou::testing;

namespace {

scene::Label labelOf(text::TextShaper& shaper, const char* words, float size, const geo::Ecef& position, bool plate) {
    scene::Label label;
    label.position = position;
    const text::ShapedText shaped = shaper.shape(words, size, text::Weight::bold);
    for (const text::Quad& quad : shaped.quads)
        label.glyphs.push_back(
            {quad.rectPixels + glm::vec4(-std::round(shaped.width / 2), -18, 0, 0), quad.atlasTexels});
    if (plate) {
        label.platePixels = {-std::round(shaped.width / 2) - 6, -18 - std::round(shaped.ascent) - 2,
                             std::round(shaped.width) + 12, std::round(shaped.lineHeight) + 2};
        label.plate = {16, 24, 36, 215};
        label.haloPixels = 0;
    }
    return label;
}

std::shared_ptr<scene::Overlay> fullOverlay(const BoxCity& city, text::TextShaper* shaper) {
    auto overlay = std::make_shared<scene::Overlay>();
    scene::FilledArea cone;
    const geo::Ecef apex{city.point(-120, -330, 1)};
    for (int i = 0; i < 12; ++i) {
        const auto rim = [&](int k) {
            const double a = (20 + 60.0 * k / 12) * 3.14159 / 180;
            return geo::Ecef{city.point(-120 + 150 * std::cos(a), -330 + 150 * std::sin(a), 1)};
        };
        cone.triangles.insert(cone.triangles.end(), {apex, rim(i), rim(i + 1)});
    }
    cone.color = {64, 196, 255, 90};
    overlay->areas.push_back(cone);
    scene::Polyline zone;
    for (const auto& [x, y] :
         {std::pair{-280.0, -280.0}, {285.0, -280.0}, {285.0, 335.0}, {-280.0, 335.0}, {-280.0, -280.0}})
        zone.points.push_back({city.point(x, y, 1)});
    zone.color = {255, 208, 64, 255};
    zone.widthPixels = 3;
    overlay->lines.push_back(zone);
    for (auto& point : zone.points)
        point.meters += glm::normalize(city.anchor.meters) * 40.0;
    zone.dashed = true;
    zone.color = {255, 255, 255, 230};
    overlay->lines.push_back(zone);
    for (int i = 0; i < 8; ++i) {
        scene::Icon icon;
        icon.position = {city.point(-230 + 60 * i, -290, 30)};
        icon.shape = static_cast<scene::IconShape>(i);
        icon.sizePixels = 30;
        icon.fill = {213, static_cast<std::uint8_t>(40 + 24 * i), 30, 255};
        icon.outline = {255, 255, 255, 255};
        icon.alwaysVisible = true;
        overlay->icons.push_back(icon);
        icon.position = {city.point(-230 + 60 * i, -290, 75)};
        icon.hollow = true;
        overlay->icons.push_back(icon);
    }
    if (shaper != nullptr) {
        overlay->labels.push_back(labelOf(*shaper, "核心区域 Nanmatou", 22, {city.point(0, 0, 95)}, false));
        overlay->labels.push_back(
            labelOf(*shaper, "PM2.5  37 μg/m³ · 12 秒前", 16, {city.point(-200, -120, 60)}, true));
        overlay->labels.push_back(labelOf(*shaper, "一级·紧急 烟雾", 18, {city.point(180, -200, 60)}, true));
    }
    return overlay;
}

TEST_F(Picture, overlayIsCrisp) {
    auto r = renderer({960, 540});
    scene::FrameSnapshot frame = snapshot();
    frame.views.push_back(viewOf(city, {-330, -480, 210}, {0, -20, 20}, {0, 0, 960, 540}));
    std::unique_ptr<text::TextShaper> shaper;
    if (const auto fonts = text::findCjkFonts())
        shaper = std::move(*text::TextShaper::create(*fonts));
    else
        std::printf("not run: labels, no Chinese font is installed\n");
    const auto overlay = fullOverlay(city, shaper.get());
    frame.overlays.push_back(overlay);
    if (shaper) {
        const auto atlas = shaper->image();
        frame.glyphs = std::make_shared<scene::GlyphAtlasImage>(
            scene::GlyphAtlasImage{atlas->version, atlas->width, atlas->height, atlas->texels});
    }
    const render::Pixels pixels = draw(*r, frame, "overlay");
    const auto p = pixelOf(frame.views[0], overlay->icons[0].position);
    EXPECT_EQ(at(pixels, p.x, p.y)[0], 213);
    const auto corner = pixelOf(frame.views[0], overlay->lines[0].points[3]);
    EXPECT_GT(at(pixels, corner.x, corner.y)[0], 200);
    frame.overlayOn = false;
    const render::Pixels off = draw(*r, frame, "overlay_off");
    EXPECT_NE(at(off, p.x, p.y)[0], 213);
}

TEST_F(Picture, uiIsDrawnFromImguisPlainData) {
    ImGui::CreateContext();
    ImGuiIO& io = ImGui::GetIO();
    io.IniFilename = nullptr;
    io.DisplaySize = ImVec2(480, 270);
    unsigned char* alpha = nullptr;
    int width = 0, height = 0;
    io.Fonts->GetTexDataAsAlpha8(&alpha, &width, &height);
    ImGui::NewFrame();
    ImGui::SetNextWindowPos(ImVec2(20, 20));
    ImGui::SetNextWindowSize(ImVec2(180, 90));
    ImGui::Begin("Alarms");
    ImGui::Text("Nothing to report");
    ImGui::End();
    ImGui::GetForegroundDrawList()->AddRectFilled(ImVec2(300, 100), ImVec2(340, 140), IM_COL32(10, 200, 90, 255));
    ImGui::Render();
    auto r = renderer({480, 270});
    scene::FrameSnapshot frame = snapshot();
    frame.views.push_back(viewOf(city, {-330, -420, 210}, {0, 20, 20}, {0, 0, 480, 270}));
    render::UiDrawData ui;
    ui.draw = ImGui::GetDrawData();
    ui.fontPixels = alpha;
    ui.fontWidth = static_cast<std::uint32_t>(width);
    ui.fontHeight = static_cast<std::uint32_t>(height);
    ui.fontVersion = 1;
    ASSERT_TRUE(r->render(frame, &ui));
    const auto pixels = r->readback().value();
    writePicture(pixels, "ui");
    const std::uint8_t* c = at(pixels, 320, 120);
    EXPECT_EQ(c[0], 10);
    EXPECT_EQ(c[1], 200);
    EXPECT_EQ(c[2], 90);
    ImGui::DestroyContext();
}

} // namespace
