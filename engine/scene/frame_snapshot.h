#pragma once
// What one frame shows, frozen: N views over one set of resident contents. Made by the engine on the main lane, read by
// render. Nothing outside a View is "the current" camera, time or look.

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <glm/glm.hpp>

#include "geo/camera_pose.h"
#include "model/environment_image.h"
#include "scene/feature_registry.h"
#include "text/atlas_image.h"

namespace matou::scene {

/// How a layer takes part in the picture.
enum class LayerRole : std::uint8_t { buildings, ground, water, road, green, line, prop, context, model, vegetation };
/// What stands throws shadows; what lies does not.
constexpr bool throwsShadow(LayerRole role) {
    return role == LayerRole::buildings || role == LayerRole::prop || role == LayerRole::context ||
           role == LayerRole::model || role == LayerRole::vegetation;
}
enum class Look : std::uint8_t { natural, monitor, plan, night };
enum class Weather : std::uint8_t { clear, haze, overcast, rain };

/// Handle to an uploaded content (resident::ContentTable); generation guards against reuse.
struct ContentHandle {
    std::uint32_t index = 0xffffffffu;
    std::uint32_t generation = 0;
    bool valid() const { return index != 0xffffffffu; }
    auto operator<=>(const ContentHandle&) const = default;
};

/// One content to draw, chosen by selection. Sorted by (layerOrder, layer, tile path): never by arrival.
struct DrawContent {
    ContentHandle content;
    glm::dmat4 ecefFromContent{1.0};
    LayerRole role = LayerRole::buildings;
    /// Ground layers: painter's order, higher lies on top; the renderer pulls depth towards the eye by it.
    std::uint8_t layerOrder = 0;
    /// While one level of detail fades into another, the part of [0, 1) that is this one's: of each pixel's samples it is drawn
    /// on those whose threshold lies in it. Those that fade into one another share [0, 1) out among them.
    float keepFrom = 0.0f, keepTo = 1.0f;
    bool leaving = false; // on its way out: drawn, but neither picked nor emphasized, and it throws no shadow
    bool fades() const { return keepFrom > 0.0f || keepTo < 1.0f; }
};

/// Per-feature appearance, indexed by FeatureNumber; one table for all views of one appearance set. Immutable.
struct FeatureStyle {
    /// sRGB tint; alpha is its strength 0..255 (0: none).
    glm::u8vec4 tint{0, 0, 0, 0};
    std::uint32_t flags = 0;
};
inline constexpr std::uint32_t kStyleHidden = 1u;
inline constexpr std::uint32_t kStyleSelected = 2u;
inline constexpr std::uint32_t kStyleGhosted = 4u;
/// Bits 3 to 5: a mark, 1 … 4, larger wins where silhouettes lie over one another; what it means is ViewAids::markColors'.
inline constexpr std::uint32_t kStyleMarkShift = 3u, kStyleMarks = 4u;
inline constexpr std::uint32_t kStyleMarkMask = 7u << kStyleMarkShift;

struct StyleTable {
    std::uint64_t version = 0;
    std::vector<FeatureStyle> styles; // shorter than the registry: the rest have the default
};

using Rgba = glm::u8vec4; // sRGB, straight alpha

/// What helps to read a view, over any look. Nothing here streams anything or changes a shadow, so all of it switches in a frame.
struct ViewAids {
    /// Around what is selected: pixels, the colour, and a casing that keeps it apart from any background.
    float outlinePixels = 2.5f;
    Rgba outline{255, 255, 255, 255}, casing{8, 14, 20, 200};
    /// All but what is selected or marked is drawn faintly, and hides it no more. Nothing happens while nothing is.
    bool ghostContext = false;
    /// Features with a mark are drawn around in its colour, and hatched where the city hides them.
    bool xray = false;
    std::array<Rgba, kStyleMarks> markColors{}; // of marks 1 … 4
    /// Lines of equal height on what lies, one every so many metres; 0: none.
    float contourMeters = 0.0f;
    /// What stands and what lies takes its colour from its height (height_ramp.h).
    bool heightTint = false;
    /// Height of the snapshot's anchor in the datum that contours and tint count in, and where the ramp begins in it.
    double anchorHeightMeters = 0.0, rampBaseMeters = 0.0;
};

/// Where a view looks from and onto which part of the target. Off-axis allowed.
struct View {
    std::uint32_t id = 0;
    geo::EyeFrame eye;
    double fovYRadians = 0.9;
    /// Part of the full image plane that this view covers, 0..1 (left, top, right, bottom): (0,0,1,1) is all of it. Tiled
    /// walls and crops use parts; the whole plane has `planeAspect` width/height.
    glm::dvec4 window{0.0, 0.0, 1.0, 1.0};
    double planeAspect = 16.0 / 9.0;
    double nearMeters = 0.3;
    /// Pixels of the target that it fills: x, y, width, height. Swipe: two views with scissored halves of one plane.
    glm::ivec4 target{0, 0, 1920, 1080};
    Look look = Look::natural;
    Weather weather = Weather::clear;
    ViewAids aids;
    /// Unit vector to the sun in the anchor's ENU frame; below the horizon at night.
    glm::dvec3 sunDirection{0.0, 0.0, 1.0};
    /// The same for the moon, and how much of its disc is lit, 0..1.
    glm::dvec3 moonDirection{0.0, 0.0, -1.0};
    double moonLitFraction = 0.0;
    /// EV at ISO 100, or automatic from the light of sun, sky and lamps.
    bool autoExposure = true;
    float exposureEv = 14.0f;
    std::shared_ptr<const StyleTable> styles;
    std::vector<DrawContent> contents;
    /// Casters outside the view that shadows need; drawn into shadow maps only.
    std::vector<DrawContent> casters;
    /// Where not null: how much of the sun each pixel of `target` sees (0..255, rows from the top), whatever plants there are:
    /// their shadows, and those on them, are the maps' still.
    std::shared_ptr<const std::vector<std::uint8_t>> sunMask;
};

// ---- Overlay primitives: drawn after tone mapping, in exact sRGB, by the renderer without knowing what they mean. ----

/// Signed-distance shapes of the icon shader.
enum class IconShape : std::uint8_t { circle, triangle, diamond, octagon, square, camera, ring, drop };

/// A screen-aligned icon at a place in the world, offset in pixels (y down).
struct Icon {
    geo::Ecef position;
    glm::vec2 offsetPixels{0.0f};
    float sizePixels = 24.0f;
    IconShape shape = IconShape::circle;
    Rgba fill{255, 255, 255, 255};
    Rgba outline{0, 0, 0, 255};
    float outlinePixels = 1.5f;
    bool hollow = false; // dashed outline, no fill: stale data
    /// Drawn at full strength in front of everything (alarms); others fade where the city hides them.
    bool alwaysVisible = false;
    /// With alwaysVisible: while the city hides `place`, it is hatched, and hollow where it is small, so that nobody
    /// takes it for something that stands in the open.
    bool brokenBehind = false;
    geo::Ecef place;
    /// Answered by picking where not 0.
    FeatureNumber pick = 0;
    /// Draw order among overlays; higher on top.
    std::int32_t priority = 0;
};

/// A glyph quad of the atlas: rectPixels relative to the label's anchor (y down), atlasTexels in the atlas.
using GlyphQuad = text::Quad;

/// Shaped text with an optional plate behind it, placed by symbology after declutter.
struct Label {
    geo::Ecef position;
    glm::vec2 offsetPixels{0.0f};
    std::vector<GlyphQuad> glyphs;
    glm::vec4 platePixels{0.0f}; // relative to the anchor like glyphs; zero size: none
    Rgba color{255, 255, 255, 255};
    Rgba halo{0, 0, 0, 200};
    float haloPixels = 1.5f;
    Rgba plate{0, 0, 0, 0};
    bool alwaysVisible = false;
    FeatureNumber pick = 0;
    std::int32_t priority = 0;
};

/// World-space line of constant pixel width (zone outlines, stems, cones' edges).
struct Polyline {
    std::vector<geo::Ecef> points;
    Rgba color{255, 255, 255, 255};
    float widthPixels = 2.0f;
    bool dashed = false;
    bool alwaysVisible = false;
    bool brokenBehind = false; // with alwaysVisible: dashed where the city hides it
};

/// World-space filled triangles (view cones on the ground, rings, zone fills), blended; each three points a triangle.
struct FilledArea {
    std::vector<geo::Ecef> triangles;
    Rgba color{255, 255, 255, 60};
    bool alwaysVisible = false;
};

struct Overlay {
    std::vector<Icon> icons;
    std::vector<Label> labels;
    std::vector<Polyline> lines;
    std::vector<FilledArea> areas;
};

/// The text atlas as it stands: one channel, signed distance (128 = edge, text::kSdfSpreadTexels texels to 0 or 255).
using GlyphAtlasImage = text::AtlasImage;

struct FrameSnapshot {
    std::uint64_t number = 0;
    double secondsSinceStart = 0; // drives water and blinking: frame number × step, or the clock
    /// Shading works in east-north-up metres relative to each eye; the axes are those of this anchor (district centre).
    geo::Ecef anchor;
    bool neutralEnvironment = false; // --environment neutral: fixed light, no sky, for comparing pictures
    /// --environment FILE: lights everything and stands behind it, instead of sun and sky. Its values are relative: automatic
    /// exposure makes its mean a middle grey's light, a fixed one takes them as they are at EV 0.
    std::shared_ptr<const model::EnvironmentImage> environment;
    bool overlayOn = true;
    std::vector<View> views;
    /// One overlay per view (same order); may be shared.
    std::vector<std::shared_ptr<const Overlay>> overlays;
    std::shared_ptr<const GlyphAtlasImage> glyphs;
};

} // namespace matou::scene
