#include <gtest/gtest.h>

#include "render/overlay_build.h"
#include "render/view_math.h"

using namespace matou;

namespace {
const geo::Ecef kAnchor = geo::ecefFromGeodetic({31.2, 121.5, 4.0});
}

TEST(OverlayBuild, ordersByPriorityAndPutsHalosBelowStrokes) {
    scene::Overlay overlay;
    scene::Label label;
    label.position = kAnchor;
    label.glyphs.resize(2);
    label.priority = 1;
    label.plate = {0, 0, 0, 200};
    label.platePixels = {-10, -10, 20, 20};
    overlay.labels.push_back(label);
    scene::Icon icon;
    icon.position = kAnchor;
    icon.priority = 5;
    icon.shape = scene::IconShape::octagon;
    overlay.icons.push_back(icon);
    icon.priority = -5;
    icon.shape = scene::IconShape::ring;
    icon.alwaysVisible = true;
    overlay.icons.push_back(icon);
    const auto batch = render::buildOverlay(overlay, render::shadingAxes(kAnchor), kAnchor);
    std::vector<std::uint32_t> kinds;
    for (const auto& quad : batch.quads)
        kinds.push_back(quad.kind);
    EXPECT_EQ(kinds, (std::vector<std::uint32_t>{6, MATOU_QUAD_PLATE, MATOU_QUAD_HALO, MATOU_QUAD_HALO,
                                                 MATOU_QUAD_GLYPH, MATOU_QUAD_GLYPH, 3}));
    EXPECT_EQ(batch.quads.front().anchor.w, 1.0f);
    EXPECT_LT(batch.quads.back().anchor.w, 1.0f);
}

TEST(OverlayBuild, linesCarryMetresAndAreasWholeTriangles) {
    scene::Overlay overlay;
    scene::Polyline line;
    for (int i = 0; i < 3; ++i)
        line.points.push_back({kAnchor.meters + glm::dvec3(10.0 * i, 0, 0)});
    overlay.lines.push_back(line);
    scene::FilledArea area;
    area.triangles.resize(5, kAnchor); // one triangle and a remainder
    overlay.areas.push_back(area);
    const auto batch = render::buildOverlay(overlay, render::shadingAxes(kAnchor), kAnchor);
    ASSERT_EQ(batch.lines.size(), 2u);
    EXPECT_FLOAT_EQ(batch.lines[1].a.w, 10.0f);
    EXPECT_FLOAT_EQ(batch.lines[1].b.w, 20.0f);
    EXPECT_EQ(batch.areas.size(), 3u);
}
