#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <numbers>

#include "symbology/marks.h"

namespace matou::symbology {

namespace {

constexpr scene::Rgba kNumeral{16, 24, 32, 255};
constexpr double kFastHertz = 1.5, kSlowHertz = 0.6; // IEC 60073's bands; never above 3 Hz on a wall
constexpr float kStemPixels = 78.0f;
constexpr double kAskedAboveGroundMeters = 1.0; // what is at eye level decides, not the kerb before it

/// On for the first half of each period.
bool flashOn(double seconds, double hertz) { return std::fmod(seconds * hertz, 1.0) < 0.5; }

std::string distanceText(double meters) {
    char text[32];
    if (meters < 1000)
        std::snprintf(text, sizeof text, "%.0f m", std::round(meters / 10) * 10);
    else
        std::snprintf(text, sizeof text, "%.1f km", meters / 1000);
    return text;
}

/// Eight winds, clockwise from north.
const char* bearingKey(double degrees) {
    static constexpr std::array<const char*, 8> kKeys{"UI_WIND_N", "UI_WIND_NE", "UI_WIND_E", "UI_WIND_SE",
                                                      "UI_WIND_S", "UI_WIND_SW", "UI_WIND_W", "UI_WIND_NW"};
    const int index = static_cast<int>(std::lround(degrees / 45.0));
    return kKeys[static_cast<std::size_t>(((index % 8) + 8) % 8)];
}

/// The way on screen, as one of the font's arrows.
const char* arrowOf(glm::vec2 direction) {
    static constexpr std::array<const char*, 8> kArrows{"→", "↘", "↓", "↙", "←", "↖", "↑", "↗"};
    const double angle = std::atan2(direction.y, direction.x) * 4.0 / std::numbers::pi;
    return kArrows[static_cast<std::size_t>((static_cast<int>(std::lround(angle)) + 8) % 8)];
}

struct EdgeMarker {
    glm::vec2 pixel{0.0f};
    glm::vec2 direction{0.0f};
    const twin::Alarm* alarm = nullptr; // the worst of those gathered here
    double distance = 0, bearing = 0;
    int count = 1;
};

void drawPin(Canvas& canvas, const MarkInput& input, const twin::Alarm& alarm, const glm::dvec3& ground, const glm::dvec3& head) {
    const auto& style = severityStyle(alarm.severity);
    const bool selected = canvas.request.selected == core::FeatureKey{"alarms", alarm.id};
    const bool hovered = canvas.request.hovered == core::FeatureKey{"alarms", alarm.id};
    const bool unacknowledged = alarm.workflow == twin::Workflow::unacknowledged && !isAside(alarm);
    const bool cleared = alarm.condition == twin::Condition::normal;
    const bool aside = isAside(alarm);
    const bool lit = aside || !unacknowledged || flashOn(canvas.request.secondsSinceStart, cleared ? kSlowHertz : kFastHertz);
    const scene::FeatureNumber pick = input.registry.intern({"alarms", alarm.id});
    const int priority = kPriorityAlarm + (isAside(alarm) ? -10 : (4 - std::clamp(alarm.severity, 1, 4)) * 10) + (selected ? 50 : 0);
    const float size = style.sizePixels * canvas.scale * (isAside(alarm) ? 0.7f : 1.0f) * (selected || hovered ? 1.2f : 1.0f);
    const geo::Ecef at{head};

    // The uncertainty on the ground: an honest alarm says how well it knows its place.
    if (alarm.errorMajorMeters > 0.5) {
        const double major = std::min(alarm.errorMajorMeters, 2000.0), minor = std::clamp(alarm.errorMinorMeters, 0.5, major);
        const double turn = alarm.errorBearingDegrees * std::numbers::pi / 180.0;
        const glm::dvec3 along = input.places.north * std::cos(turn) + input.places.east * std::sin(turn);
        const glm::dvec3 across = input.places.east * std::cos(turn) - input.places.north * std::sin(turn);
        std::vector<glm::dvec3> ring;
        constexpr int kSteps = 48;
        for (int i = 0; i <= kSteps; ++i) {
            const double a = 2 * std::numbers::pi * i / kSteps;
            ring.push_back(ground + along * (major * std::cos(a)) + across * (minor * std::sin(a)));
        }
        scene::FilledArea area;
        area.color = {style.color.x, style.color.y, style.color.z, 46};
        area.alwaysVisible = true;
        for (int i = 0; i < kSteps; ++i)
            if (canvas.projector.project(ring[static_cast<std::size_t>(i)]) && canvas.projector.project(ring[static_cast<std::size_t>(i) + 1]) &&
                canvas.projector.project(ground))
                for (const auto& p : {ground, ring[static_cast<std::size_t>(i)], ring[static_cast<std::size_t>(i) + 1]})
                    area.triangles.push_back({p});
        if (!area.triangles.empty()) canvas.overlay.areas.push_back(std::move(area));
        canvas.line(ring, {style.color.x, style.color.y, style.color.z, 230}, 1.5f, true, true);
    }
    canvas.line({ground, head}, {style.color.x, style.color.y, style.color.z, 255}, 2.5f, false, true);
    // An overlay's marks know where they hang; whether they are hidden is asked of the alarm's own place.
    const auto roof = canvas.request.seenAt ? canvas.request.seenAt(alarm.id) : std::nullopt;
    const geo::Ecef place = roof.value_or(geo::Ecef{ground + input.places.up * kAskedAboveGroundMeters});
    if (canvas.request.xray && !canvas.overlay.lines.empty()) canvas.overlay.lines.back().brokenBehind = true;
    scene::Icon foot;
    foot.position = {ground};
    foot.sizePixels = 9 * canvas.scale;
    foot.fill = style.color;
    foot.outline = kNumeral;
    foot.alwaysVisible = true;
    foot.pick = pick;
    foot.priority = priority - 2;
    foot.brokenBehind = canvas.request.xray;
    foot.place = place;
    canvas.icon(foot, false);

    // Rings flash, numeral and words never do.
    const scene::Rgba ringColor{style.color.x, style.color.y, style.color.z, static_cast<std::uint8_t>(lit ? 255 : 70)};
    for (int ring = 0; ring < (aside ? 0 : style.rings); ++ring)
        canvas.ring(at, size * (1.5f + 0.42f * static_cast<float>(ring)), ringColor, 3.0f, priority - 1, pick);
    scene::Icon body;
    body.position = at;
    body.shape = style.shape;
    body.sizePixels = size;
    body.fill = style.color;
    body.outline = unacknowledged && lit ? scene::Rgba{255, 255, 255, 255} : kNumeral;
    body.outlinePixels = (unacknowledged ? 3.0f : 1.5f) * canvas.scale;
    if (cleared || aside) { // nothing burns here now, or nobody is to look at it
        body.fill = canvas.plate();
        body.outline = lit ? style.color : scene::Rgba{style.color.x, style.color.y, style.color.z, 90};
        body.outlinePixels = 3.0f * canvas.scale;
    }
    body.alwaysVisible = true;
    body.pick = pick;
    body.priority = priority;
    body.brokenBehind = canvas.request.xray;
    body.place = place;
    canvas.icon(body, true);
    const float sink = style.shape == scene::IconShape::triangle ? size * 0.13f : 0.0f;
    const TextLine numeral{style.numeral, size / canvas.scale * (style.shape == scene::IconShape::triangle ? 0.40f : 0.52f), text::Weight::bold,
                           cleared || aside ? style.color : kNumeral};
    canvas.textOnIcon(at, {0.0f, sink}, numeral, priority, true, pick);

    const auto projected = canvas.projector.project(head);
    if (!projected) return;
    canvas.alarmHeads.push_back({projected->pixel.x, projected->pixel.y, size * (0.6f + 0.25f * static_cast<float>(style.rings))});
    LabelWish wish;
    wish.key = keyHash({"alarms", alarm.id});
    wish.position = at;
    wish.pixel = projected->pixel;
    wish.clearance = size / canvas.scale * (style.rings > 1 ? 1.0f : style.rings > 0 ? 0.8f : 0.6f) + 4.0f;
    wish.priority = priority;
    wish.must = selected || hovered || (alarm.severity == 1 && !aside);
    wish.alwaysVisible = true;
    wish.plate = true;
    wish.plateColor = canvas.plate();
    wish.pick = pick;
    const std::string& title = nameOf(alarm.title, canvas.request.language);
    wish.lines.push_back({title.empty() ? alarm.id : title, alarm.severity <= 2 ? 17.0f : 15.0f, text::Weight::bold, canvas.ink()});
    std::string second = core::text(canvas.request.language, style.nameKey) + "  " +
                         ageText(canvas.request.now - alarm.raised, canvas.request.language);
    if (alarm.count > 1) second += "  ×" + std::to_string(alarm.count);
    // Words stay in ink: 13 px of red on a dark plate are 4.8:1, alarm text needs 7:1. The mark beside them has the colour.
    wish.lines.push_back({second, 13.0f, text::Weight::regular, alarm.severity <= 2 ? canvas.ink() : canvas.quietInk()});
    canvas.wish(std::move(wish));
}

void drawEdgeMarker(Canvas& canvas, const MarkInput& input, const EdgeMarker& marker) {
    const auto& style = severityStyle(marker.alarm->severity);
    const geo::Ecef at = canvas.projector.unproject(marker.pixel, 10.0);
    const scene::FeatureNumber pick = input.registry.intern({"alarms", marker.alarm->id});
    const int priority = kPriorityAlarm + (4 - std::clamp(marker.alarm->severity, 1, 4)) * 10;
    scene::Icon body;
    body.position = at;
    body.shape = style.shape;
    body.sizePixels = style.sizePixels * 0.72f * canvas.scale;
    body.fill = style.color;
    body.outline = kNumeral;
    body.outlinePixels = 2.0f * canvas.scale;
    body.alwaysVisible = true;
    body.pick = pick;
    body.priority = priority;
    canvas.icon(body, true);
    const float sink = style.shape == scene::IconShape::triangle ? body.sizePixels * 0.13f : 0.0f;
    canvas.textOnIcon(at, {0.0f, sink}, {style.numeral, style.sizePixels * 0.34f, text::Weight::bold, kNumeral}, priority, true, pick);
    LabelWish wish;
    wish.key = keyHash({"alarm-edge", marker.alarm->id});
    wish.position = at;
    wish.pixel = marker.pixel;
    wish.clearance = style.sizePixels * 0.36f + 4.0f;
    wish.priority = priority;
    wish.must = true;
    wish.alwaysVisible = true;
    wish.plate = true;
    wish.plateColor = canvas.plate();
    wish.pick = pick;
    std::string words = std::string(arrowOf(marker.direction)) + " " + core::text(canvas.request.language, bearingKey(marker.bearing)) + " " +
                        distanceText(marker.distance);
    if (marker.count > 1) words += "  ×" + std::to_string(marker.count);
    wish.lines.push_back({words, 14.0f, text::Weight::bold, canvas.ink()});
    canvas.wish(std::move(wish));
}

} // namespace

void drawAlarms(Canvas& canvas, const MarkInput& input) {
    // The worst first: it gets the shortest stem and stands for those gathered with it; drawing order is by priority.
    std::vector<const twin::Alarm*> alarms;
    for (const auto& alarm : input.state.alarms) alarms.push_back(&alarm);
    std::stable_sort(alarms.begin(), alarms.end(), [](const auto* a, const auto* b) {
        return a->severity != b->severity ? a->severity < b->severity : a->raised > b->raised;
    });
    std::vector<glm::vec2> heads;
    std::vector<EdgeMarker> markers;
    const float margin = 34.0f * canvas.scale;
    const glm::vec4 area = canvas.freeArea + glm::vec4(margin, margin, -2 * margin, -2 * margin);
    for (const auto* alarm : alarms) {
        const auto& place = alarm->place;
        const glm::dvec3 ground = input.places.ecef(place.longitude, place.latitude, input.places.ground(place.longitude, place.latitude));
        const auto foot = canvas.projector.project(ground);
        const bool inView = foot && foot->pixel.x > area.x && foot->pixel.y > canvas.freeArea.y && foot->pixel.x < area.x + area.z &&
                            foot->pixel.y < area.y + area.w + margin;
        if (inView) {
            double height = std::max(kStemPixels * canvas.scale / canvas.projector.pixelsPerMeter(foot->depth),
                                     place.height - input.places.ground(place.longitude, place.latitude));
            glm::dvec3 head = ground + input.places.up * height;
            // Pins that would hide one another grow taller, so each keeps its own head.
            for (int tries = 0; tries < 6; ++tries) {
                const auto at = canvas.projector.project(head);
                if (!at || std::none_of(heads.begin(), heads.end(), [&](const glm::vec2& other) {
                        return glm::length(other - at->pixel) < 40.0f * canvas.scale;
                    }))
                    break;
                height += 42.0 * canvas.scale / canvas.projector.pixelsPerMeter(foot->depth);
                head = ground + input.places.up * height;
            }
            auto top = canvas.projector.project(head);
            if (!top || top->pixel.y < area.y) {
                // Close to the upper edge the stem is shortened until the head is inside.
                for (int k = 0; k < 12 && (!top || top->pixel.y < area.y); ++k) {
                    height *= 0.7;
                    head = ground + input.places.up * height;
                    top = canvas.projector.project(head);
                }
            }
            if (top) heads.push_back(top->pixel);
            drawPin(canvas, input, *alarm, ground, head);
            ++canvas.counters.alarmPins;
            continue;
        }
        if (isAside(*alarm) || (foot && canvas.projector.inOtherPart(foot->pixel))) continue;
        ++canvas.counters.alarmsAtEdge;
        EdgeMarker marker;
        marker.alarm = alarm;
        marker.distance = canvas.projector.distance(ground);
        const glm::dvec3 offset = ground - canvas.projector.eye();
        marker.bearing = std::atan2(glm::dot(offset, input.places.east), glm::dot(offset, input.places.north)) * 180.0 / std::numbers::pi;
        const glm::vec2 center(area.x + area.z * 0.5f, area.y + area.w * 0.5f);
        glm::vec2 direction = foot ? foot->pixel - center : canvas.projector.directionTo(ground);
        if (glm::length(direction) < 1e-4f) direction = {0.0f, 1.0f};
        marker.direction = direction;
        const float reach = std::min(area.z * 0.5f / std::max(std::fabs(direction.x), 1e-6f), area.w * 0.5f / std::max(std::fabs(direction.y), 1e-6f));
        marker.pixel = center + direction * reach;
        const auto near = std::find_if(markers.begin(), markers.end(), [&](const EdgeMarker& other) {
            return std::fabs(other.pixel.x - marker.pixel.x) < 190.0f * canvas.scale && std::fabs(other.pixel.y - marker.pixel.y) < 44.0f * canvas.scale;
        });
        // Markers that would overlap become one with a count; it shows the worst, which came first.
        if (near != markers.end())
            ++near->count;
        else
            markers.push_back(marker);
    }
    for (const auto& marker : markers) drawEdgeMarker(canvas, input, marker);
}

} // namespace matou::symbology
