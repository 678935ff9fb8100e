#pragma once
// One view's overlay while it is being made: collects marks, then places the labels by priority.

#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "scene/frame_snapshot.h"
#include "symbology/occupancy.h"
#include "symbology/overlay_builder.h"
#include "symbology/projector.h"
#include "text/text_shaper.h"

namespace matou::symbology {

struct TextLine {
    std::string text;
    float size = 14; // at scale 1
    text::Weight weight = text::Weight::regular;
    scene::Rgba color{255, 255, 255, 255};
};

enum class Placement : std::uint8_t {
    beside,   // right, left, below, above of an icon of `clearance` pixels, the first that fits
    above,    // above the anchor
    centered, // on the anchor
};

struct LabelWish {
    std::uint64_t key = 0; // for stickiness: hash of the feature key
    geo::Ecef position;
    glm::vec2 pixel{0.0f}; // of the position
    glm::vec2 offset{0.0f};
    std::vector<TextLine> lines;
    Placement placement = Placement::beside;
    float clearance = 12;
    int priority = 0;
    bool must = false; // placed even where it overlaps
    bool alwaysVisible = false;
    bool plate = false;
    scene::Rgba plateColor{16, 24, 32, 220};
    scene::FeatureNumber pick = 0;
};

/// What each view remembers between frames.
struct ViewMemory {
    std::unordered_map<std::uint64_t, std::uint8_t> shown; // label key → placement variant
    std::vector<bool> openSensors, openCameras;            // cluster nodes that were open
};

/// Priorities: higher wins place and lies on top.
inline constexpr int kPrioritySelected = 1000, kPriorityAlarm = 900, kPriorityZone = 620, kPriorityMapName = 600, kPriorityProject = 470,
                     kPriorityHighCamera = 430, kPrioritySensorActive = 520, kPriorityCluster = 300, kPrioritySensor = 260,
                     kPriorityCamera = 230, kPriorityGround = 10;

class Canvas {
public:
    Canvas(const scene::View& view, const OverlayRequest& request, text::TextShaper& shaper, ViewMemory& memory,
           OverlayCounters& counters, scene::Overlay& overlay);

    const OverlayRequest& request;
    const Projector projector;
    ViewMemory& memory;
    OverlayCounters& counters;
    scene::Overlay& overlay;
    Occupancy occupancy;
    /// Target less the panels that lie along its edges: x, y, width, height. Markers of things out of view stand on it.
    glm::vec4 freeArea{0.0f};
    float scale = 1;
    /// Heads of alarm pins with their rings: x, y, radius. Quiet pins keep out of them.
    std::vector<glm::vec3> alarmHeads;
    bool underAlarm(glm::vec2 pixel) const {
        for (const auto& head : alarmHeads)
            if (glm::length(pixel - glm::vec2(head)) < head.z) return true;
        return false;
    }

    bool dark() const { return request.theme == Theme::dark; }
    scene::Rgba ink() const { return dark() ? scene::Rgba{236, 242, 246, 255} : scene::Rgba{22, 32, 42, 255}; }
    scene::Rgba quietInk() const { return dark() ? scene::Rgba{168, 182, 192, 255} : scene::Rgba{84, 98, 110, 255}; }
    scene::Rgba halo() const { return dark() ? scene::Rgba{10, 16, 22, 215} : scene::Rgba{255, 255, 255, 225}; }
    scene::Rgba plate() const { return dark() ? scene::Rgba{16, 24, 32, 225} : scene::Rgba{255, 255, 255, 235}; }

    void icon(scene::Icon icon, bool reserve);
    /// A thin ring around a mark: a circle without filling, because a ring icon's band grows with its size.
    void ring(const geo::Ecef& position, float diameter, scene::Rgba color, float width, int priority, scene::FeatureNumber pick);
    /// Text without competition: numerals on icons, counts in clusters.
    void textOnIcon(const geo::Ecef& position, glm::vec2 offset, const TextLine& line, int priority, bool alwaysVisible,
                    scene::FeatureNumber pick);
    void wish(LabelWish wish) { _wishes.push_back(std::move(wish)); }
    /// A line through the world; parts behind the eye are left out.
    void line(const std::vector<glm::dvec3>& points, scene::Rgba color, float width, bool dashed, bool alwaysVisible = false);
    /// Places the labels wished for so far; what comes later finds their places taken.
    void placeWishes();
    /// Places the rest and sorts everything into drawing order.
    void finish();
    bool isFree(glm::vec2 center, float size) const {
        return occupancy.fits({center.x - size * 0.5f, center.y - size * 0.5f, size, size});
    }

private:
    struct Block {
        glm::vec2 size{0.0f};
        std::vector<float> widths;
    };
    Block blockOf(const LabelWish& wish) const;
    void emit(const LabelWish& wish, const Block& block, const glm::vec4& rect);

    text::TextShaper& _shaper;
    std::vector<LabelWish> _wishes;
    std::unordered_map<std::uint64_t, std::uint8_t> _shown;
};

/// Stable over runs within one process.
std::uint64_t keyHash(const core::FeatureKey& key);

} // namespace matou::symbology
