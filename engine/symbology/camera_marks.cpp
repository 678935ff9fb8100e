#include <algorithm>

#include "symbology/marks.h"

namespace matou::symbology {

namespace {

constexpr float kOpenPixels = 150.0f;
constexpr double kStreetCameraMeters = 750.0; // street cameras farther than this are not shown; high points always are
constexpr double kConeMeters = 260.0;
constexpr std::size_t kMaximumCones = 12;
constexpr double kNameMeters = 300.0;
/// Neutral blue-grey, none of the severity hues.
constexpr scene::Rgba kConeDark{150, 196, 214, 52}, kConeEdgeDark{178, 214, 228, 190};
constexpr scene::Rgba kConeLight{44, 96, 122, 52}, kConeEdgeLight{44, 96, 122, 190};

struct Shown {
    std::uint32_t camera = 0;
    Projected at;
    double distance = 0;
    bool chosen = false;
};

void drawCone(Canvas& canvas, const std::vector<glm::dvec3>& wedge) {
    scene::FilledArea area;
    area.color = canvas.dark() ? kConeDark : kConeLight;
    for (std::size_t i = 1; i + 1 < wedge.size(); ++i) {
        if (!canvas.projector.project(wedge[0]) || !canvas.projector.project(wedge[i]) || !canvas.projector.project(wedge[i + 1])) continue;
        for (const auto& p : {wedge[0], wedge[i], wedge[i + 1]}) area.triangles.push_back({p});
    }
    if (area.triangles.empty()) return;
    canvas.overlay.areas.push_back(std::move(area));
    auto edge = wedge;
    edge.push_back(wedge.front());
    canvas.line(edge, canvas.dark() ? kConeEdgeDark : kConeEdgeLight, 1.5f, false);
    ++canvas.counters.cones;
}

void drawIcon(Canvas& canvas, const MarkInput& input, const Shown& shown, bool withName) {
    const auto& camera = input.site.registry->cameras[shown.camera];
    const geo::Ecef position{input.places.cameras[shown.camera].position};
    scene::Icon icon;
    icon.position = position;
    icon.shape = scene::IconShape::camera;
    icon.sizePixels = (camera.highPoint ? 30.0f : 22.0f) * canvas.scale * (shown.chosen ? 1.25f : 1.0f);
    icon.fill = canvas.dark() ? scene::Rgba{188, 214, 226, 255} : scene::Rgba{32, 70, 92, 255};
    icon.outline = canvas.dark() ? scene::Rgba{16, 24, 32, 255} : scene::Rgba{255, 255, 255, 255};
    icon.outlinePixels = 1.5f * canvas.scale;
    icon.alwaysVisible = camera.highPoint || shown.chosen;
    icon.pick = input.places.cameraNumbers[shown.camera];
    icon.priority = shown.chosen ? kPrioritySelected : camera.highPoint ? kPriorityHighCamera : kPriorityCamera;
    if (shown.chosen) canvas.ring(position, icon.sizePixels * 1.6f, canvas.ink(), 2.5f, icon.priority - 1, icon.pick);
    canvas.icon(icon, true);
    ++canvas.counters.cameraIcons;
    if (!withName) return;
    LabelWish wish;
    wish.key = keyHash({"cameras", camera.id});
    wish.position = position;
    wish.pixel = shown.at.pixel;
    wish.clearance = icon.sizePixels / canvas.scale * 0.5f + 4.0f;
    wish.priority = icon.priority;
    wish.must = shown.chosen;
    wish.alwaysVisible = icon.alwaysVisible;
    wish.pick = icon.pick;
    wish.lines.push_back({nameOf(camera.name, canvas.request.language), camera.highPoint ? 15.0f : 13.0f,
                          camera.highPoint ? text::Weight::bold : text::Weight::regular, canvas.ink()});
    canvas.wish(std::move(wish));
}

} // namespace

void drawCameras(Canvas& canvas, const MarkInput& input) {
    const auto& places = input.places;
    if (places.cameras.empty()) return;
    const auto& cameras = input.site.registry->cameras;
    const auto chosen = [&](std::uint32_t i) {
        const auto is = [&](const core::FeatureKey& key) { return key.layer == "cameras" && key.id == cameras[i].id; };
        return is(canvas.request.selected) || is(canvas.request.hovered);
    };
    std::vector<Shown> shown;
    const auto add = [&](std::uint32_t i, bool always) {
        const auto at = canvas.projector.project(places.cameras[i].position);
        if (!at || !canvas.projector.inside(at->pixel, 24.0f * canvas.scale)) return;
        if (!always && canvas.underAlarm(at->pixel)) return;
        const double distance = canvas.projector.distance(places.cameras[i].position);
        if (always || distance < kStreetCameraMeters) shown.push_back({i, *at, distance, chosen(i)});
    };
    for (std::uint32_t i = 0; i < cameras.size(); ++i)
        if (cameras[i].highPoint || chosen(i)) add(i, true);

    // Of street cameras that fall together only one stands for the group, always the same one.
    const auto& tree = places.cameraTree;
    auto& open = canvas.memory.openCameras;
    if (open.size() != tree.nodes().size()) open.assign(tree.nodes().size(), false);
    const float threshold = kOpenPixels * canvas.scale;
    tree.visit(
        [&](std::uint32_t index) {
            const auto& node = tree.nodes()[index];
            const double distance = std::max(1.0, glm::length(node.center - canvas.projector.eye()) - node.sizeMeters * 0.7);
            open[index] = node.sizeMeters * canvas.projector.pixelsPerMeter(distance) > (open[index] ? threshold * 0.85f : threshold);
            return bool(open[index]);
        },
        [&](std::uint32_t index) {
            const auto& node = tree.nodes()[index];
            for (std::uint32_t k = node.first; k < node.first + node.count; ++k) {
                const auto i = tree.order()[k];
                if (cameras[i].highPoint || chosen(i)) continue;
                add(i, false);
                return;
            }
        });
    std::sort(shown.begin(), shown.end(), [](const Shown& a, const Shown& b) {
        if (a.chosen != b.chosen) return a.chosen;
        return a.distance != b.distance ? a.distance < b.distance : a.camera < b.camera;
    });
    std::size_t cones = 0, names = 0;
    for (const auto& one : shown) {
        const bool high = cameras[one.camera].highPoint;
        if (one.chosen || (!high && one.distance < kConeMeters && cones < kMaximumCones)) {
            drawCone(canvas, places.cameras[one.camera].wedge);
            ++cones;
        }
        const bool named = one.chosen || high || (one.distance < kNameMeters && names < 16);
        names += named;
        drawIcon(canvas, input, one, named);
    }
}

} // namespace matou::symbology
