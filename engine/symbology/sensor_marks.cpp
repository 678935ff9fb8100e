#include <algorithm>
#include <cmath>
#include <string_view>

#include "symbology/marks.h"

namespace matou::symbology {

namespace {

/// A cluster node that looks larger opens; far ones stay closed longer, because perspective crowds them.
constexpr float kOpenNearPixels = 170.0f, kOpenFarPixels = 290.0f, kOpenFewPixels = 64.0f;
constexpr double kNearMeters = 300.0, kFarMeters = 1500.0;
constexpr double kValueMeters = 420.0;     // values beside pins nearer than this
constexpr std::size_t kMaximumValues = 40; // the nearest ones; domain D.3: no more text than can be read
constexpr float kPinPixels = 24.0f;

/// One character that says what is measured; a pin has no room for more.
const char* kindMark(std::string_view kind, core::Language language) {
    struct Marks {
        std::string_view kind;
        const char *zh, *en;
    };
    static constexpr Marks kMarks[] = {
        {"water_level", "位", "W"}, {"tide", "潮", "W"},      {"ponding", "积", "P"},     {"air", "气", "A"},         {"noise", "噪", "N"},
        {"smoke", "烟", "S"},       {"manhole", "井", "M"},   {"traffic", "流", "T"},     {"light", "灯", "L"},       {"lamp", "灯", "L"},
        {"hydrant", "栓", "H"},     {"lift", "梯", "E"},      {"weather", "象", "C"},     {"wind", "风", "C"},        {"rain", "雨", "R"},
        {"temperature", "温", "°"}, {"crowd", "客", "F"},     {"pedestrian", "客", "F"},  {"parking", "泊", "P"},     {"gas", "燃", "G"},
        {"power", "电", "E"},       {"door", "门", "D"},      {"structure", "构", "B"},   {"tilt", "倾", "B"},        {"vibration", "振", "B"},
        {"pump", "泵", "U"}};
    for (const auto& mark : kMarks)
        if (kind.starts_with(mark.kind)) return language == core::Language::zh ? mark.zh : mark.en;
    return language == core::Language::zh ? "感" : "·";
}

struct Look {
    scene::Rgba fill, outline, mark;
    bool hollow = false;
    float outlinePixels = 1.5f;
};

/// Fresh, late, stale and lost differ in fill, outline and words, not only in shade.
Look lookOf(const Canvas& canvas, twin::Age age, int severity) {
    const bool dark = canvas.dark();
    Look look;
    if (severity > 0 && (age == twin::Age::fresh || age == twin::Age::late)) {
        look.fill = severityStyle(severity).color;
        look.outline = {16, 24, 32, 255};
        look.mark = {16, 24, 32, 255};
        return look;
    }
    switch (age) {
    case twin::Age::fresh:
        look.fill = dark ? scene::Rgba{214, 226, 234, 255} : scene::Rgba{38, 62, 82, 255};
        look.outline = dark ? scene::Rgba{16, 24, 32, 255} : scene::Rgba{255, 255, 255, 255};
        look.mark = look.outline;
        break;
    case twin::Age::late:
        look.fill = dark ? scene::Rgba{138, 152, 162, 255} : scene::Rgba{112, 130, 144, 255};
        look.outline = dark ? scene::Rgba{235, 240, 244, 255} : scene::Rgba{38, 62, 82, 255};
        look.mark = dark ? scene::Rgba{16, 24, 32, 255} : scene::Rgba{255, 255, 255, 255};
        break;
    case twin::Age::stale:
        look.fill = {0, 0, 0, 0};
        look.outline = dark ? scene::Rgba{214, 226, 234, 255} : scene::Rgba{38, 62, 82, 255};
        look.mark = look.outline;
        look.hollow = true;
        look.outlinePixels = 2.0f;
        break;
    case twin::Age::lost:
    case twin::Age::never:
        look.fill = {0, 0, 0, 0};
        look.outline = dark ? scene::Rgba{120, 130, 138, 255} : scene::Rgba{140, 150, 158, 255};
        look.mark = look.outline;
        look.hollow = true;
        look.outlinePixels = 2.0f;
        break;
    }
    return look;
}

struct Gathered {
    std::uint32_t count = 0, dead = 0; // dead: stale, lost or never
    int worst = 0;                     // severity, 0 none
};

struct Pin {
    std::uint32_t sensor = 0;
    Projected at;
    double distance = 0;
};

struct Cluster {
    geo::Ecef position;
    Projected at;
    Gathered gathered;
};

class SensorLayer {
public:
    SensorLayer(Canvas& canvas, const MarkInput& input) : _canvas(canvas), _input(input) {}

    void draw() {
        if (_input.places.sensors.empty()) return;
        collect();
        std::sort(_pins.begin(), _pins.end(), [](const Pin& a, const Pin& b) {
            return a.distance != b.distance ? a.distance < b.distance : a.sensor < b.sensor;
        });
        std::size_t values = 0;
        for (const auto& pin : _pins) {
            const auto& state = stateOf(pin.sensor);
            const bool chosen = isSelected(pin.sensor);
            const bool active = state.severity > 0;
            const bool withValue = chosen || ((pin.distance < kValueMeters || active) && values < kMaximumValues);
            if (withValue) ++values;
            drawPin(pin, state, chosen, withValue);
        }
        for (const auto& cluster : _clusters) drawCluster(cluster);
        _canvas.counters.sensorPins += static_cast<std::uint32_t>(_pins.size());
        _canvas.counters.sensorClusters += static_cast<std::uint32_t>(_clusters.size());
    }

private:
    const twin::SensorState& stateOf(std::uint32_t sensor) const {
        static const twin::SensorState kUnknown;
        return sensor < _input.state.sensors.size() ? _input.state.sensors[sensor] : kUnknown;
    }
    bool isSelected(std::uint32_t sensor) const {
        const auto& id = _input.site.registry->sensors[sensor].id;
        const auto is = [&](const core::FeatureKey& key) { return key.layer == "sensors" && key.id == id; };
        return is(_canvas.request.selected) || is(_canvas.request.hovered);
    }

    void collect() {
        const auto& tree = _input.places.sensorTree;
        const auto& nodes = tree.nodes();
        auto& open = _canvas.memory.openSensors;
        if (open.size() != nodes.size()) open.assign(nodes.size(), false);
        tree.visit(
            [&](std::uint32_t index) {
                const auto& node = nodes[index];
                // The nearest corner decides; around the eye everything opens.
                const double distance = std::max(1.0, glm::length(node.center - _canvas.projector.eye()) - node.sizeMeters * 0.7);
                const double pixels = node.sizeMeters * _canvas.projector.pixelsPerMeter(distance);
                const auto far = static_cast<float>(std::clamp((distance - kNearMeters) / (kFarMeters - kNearMeters), 0.0, 1.0));
                // Two or three near ones are shown as themselves: a count would say less.
                const float threshold = (node.count <= 3 && distance < kFarMeters ? kOpenFewPixels : kOpenNearPixels + (kOpenFarPixels - kOpenNearPixels) * far) * _canvas.scale;
                open[index] = pixels > (open[index] ? threshold * 0.85f : threshold);
                return bool(open[index]);
            },
            [&](std::uint32_t index) { addNode(nodes[index]); });
    }

    void addNode(const ClusterTree::Node& node) {
        const auto& order = _input.places.sensorTree.order();
        const auto at = _canvas.projector.project(node.center);
        const bool visible = at && _canvas.projector.inside(at->pixel, 24.0f * _canvas.scale);
        if (visible) _canvas.counters.sensorsInView += node.count;
        if (node.count == 1) {
            if (visible) addPin(order[node.first]);
            return;
        }
        Gathered gathered;
        for (std::uint32_t i = node.first; i < node.first + node.count; ++i) {
            const auto& state = stateOf(order[i]);
            if (isSelected(order[i])) {
                addPin(order[i]);
                continue;
            }
            ++gathered.count;
            gathered.dead += state.age == twin::Age::stale || state.age == twin::Age::lost || state.age == twin::Age::never;
            if (state.severity > 0) gathered.worst = gathered.worst == 0 ? state.severity : std::min(gathered.worst, state.severity);
        }
        if (!visible || gathered.count == 0) return;
        const float reach = 46.0f * _canvas.scale;
        for (auto& other : _clusters) {
            if (glm::length(other.at.pixel - at->pixel) > reach) continue;
            other.gathered.count += gathered.count;
            other.gathered.dead += gathered.dead;
            if (gathered.worst > 0)
                other.gathered.worst = other.gathered.worst == 0 ? gathered.worst : std::min(other.gathered.worst, gathered.worst);
            return;
        }
        // A cluster stands for an area: it may step aside for a name.
        Projected place = *at;
        geo::Ecef position{node.center};
        const float step = 30.0f * _canvas.scale;
        for (const glm::vec2 aside : {glm::vec2(0, 0), glm::vec2(0, 1), glm::vec2(0, -1), glm::vec2(1.4f, 0), glm::vec2(-1.4f, 0)}) {
            const glm::vec2 pixel = at->pixel + aside * step;
            if (!_canvas.isFree(pixel, 34.0f * _canvas.scale)) continue;
            place.pixel = pixel;
            if (aside != glm::vec2(0)) position = _canvas.projector.unproject(pixel, at->depth);
            break;
        }
        _clusters.push_back({position, place, gathered});
    }

    void addPin(std::uint32_t sensor) {
        const auto at = _canvas.projector.project(_input.places.sensors[sensor]);
        if (!at || !_canvas.projector.inside(at->pixel, 24.0f * _canvas.scale)) return;
        if (_canvas.underAlarm(at->pixel) && !isSelected(sensor) && stateOf(sensor).severity == 0) return;
        _pins.push_back({sensor, *at, _canvas.projector.distance(_input.places.sensors[sensor])});
    }

    void drawPin(const Pin& pin, const twin::SensorState& state, bool chosen, bool withValue) {
        const auto& sensor = _input.site.registry->sensors[pin.sensor];
        const Look look = lookOf(_canvas, state.age, state.severity);
        const geo::Ecef position{_input.places.sensors[pin.sensor]};
        const auto number = _input.places.sensorNumbers[pin.sensor];
        const int priority = chosen ? kPrioritySelected : state.severity > 0 ? kPrioritySensorActive - state.severity : kPrioritySensor;
        scene::Icon icon;
        icon.position = position;
        icon.shape = state.severity > 0 && !look.hollow ? severityStyle(state.severity).shape : scene::IconShape::circle;
        icon.sizePixels = kPinPixels * _canvas.scale * (chosen ? 1.25f : 1.0f);
        icon.fill = look.fill;
        icon.outline = look.outline;
        icon.outlinePixels = look.outlinePixels * _canvas.scale;
        icon.hollow = look.hollow;
        icon.alwaysVisible = chosen;
        icon.pick = number;
        icon.priority = priority;
        if (chosen) _canvas.ring(position, icon.sizePixels * 1.6f, _canvas.ink(), 2.5f, priority - 1, number);
        _canvas.icon(icon, true);
        _canvas.textOnIcon(position, {0.0f, 0.0f}, {kindMark(sensor.kind, _canvas.request.language), 13.0f, text::Weight::bold, look.mark}, priority, false, number);
        if (!withValue) return;

        LabelWish wish;
        wish.key = keyHash({"sensors", sensor.id});
        wish.position = position;
        wish.pixel = pin.at.pixel;
        wish.clearance = icon.sizePixels / _canvas.scale * 0.5f + 4.0f;
        wish.priority = priority;
        wish.must = chosen;
        wish.alwaysVisible = chosen;
        wish.pick = number;
        wish.plate = true;
        wish.plateColor = _canvas.plate();
        valueLines(sensor, state, wish.lines);
        if (chosen) wish.lines.insert(wish.lines.begin(), {nameOf(sensor.name, _canvas.request.language), 15.0f, text::Weight::bold, _canvas.ink()});
        _canvas.wish(std::move(wish));
    }

    /// Value with unit, then its age; what is no longer known is not shown as if it were.
    void valueLines(const twin::Sensor& sensor, const twin::SensorState& state, std::vector<TextLine>& lines) const {
        const auto language = _canvas.request.language;
        const auto age = _canvas.request.now - state.receiveTime;
        const std::string unit = unitText(sensor.unit);
        std::string value = valueText(state.value) + (unit.empty() ? "" : " " + unit);
        if (state.quality != twin::Quality::good) value += core::text(language, "UI_QUALITY_MARK");
        switch (state.age) {
        case twin::Age::fresh:
            lines.push_back({value, 16.0f, text::Weight::bold, _canvas.ink()});
            lines.push_back({ageText(age, language), 12.0f, text::Weight::regular, _canvas.quietInk()});
            break;
        case twin::Age::late:
            lines.push_back({value, 16.0f, text::Weight::bold, _canvas.quietInk()});
            lines.push_back({core::text(language, "UI_AGE_LATE", {ageText(age, language)}), 12.0f, text::Weight::regular, _canvas.ink()});
            break;
        case twin::Age::stale:
            lines.push_back({core::text(language, "UI_AGE_STALE", {ageText(age, language)}), 13.0f, text::Weight::bold, _canvas.ink()});
            lines.push_back({core::text(language, "UI_LAST_VALUE", {value}), 12.0f, text::Weight::regular, _canvas.quietInk()});
            break;
        case twin::Age::lost:
            lines.push_back({core::text(language, "UI_AGE_LOST", {clockSpan(age)}), 13.0f, text::Weight::bold, _canvas.quietInk()});
            break;
        case twin::Age::never:
            lines.push_back({core::text(language, "UI_AGE_NEVER"), 13.0f, text::Weight::regular, _canvas.quietInk()});
            break;
        }
    }

    void drawCluster(const Cluster& cluster) {
        const auto& gathered = cluster.gathered;
        const bool mostlyDead = gathered.dead * 2 > gathered.count;
        const int priority = kPriorityCluster + (gathered.worst > 0 ? 5 - gathered.worst : 0);
        scene::Icon icon;
        icon.position = cluster.position;
        icon.sizePixels = (26.0f + 4.0f * std::log10(static_cast<float>(gathered.count))) * _canvas.scale;
        icon.fill = _canvas.plate();
        icon.outline = gathered.worst > 0 ? severityStyle(gathered.worst).color : _canvas.quietInk();
        icon.outlinePixels = (gathered.worst > 0 ? 3.0f : 1.5f) * _canvas.scale;
        icon.hollow = mostlyDead;
        icon.alwaysVisible = true; // a count stands for an area: half of it behind a house says nothing
        icon.priority = priority;
        _canvas.icon(icon, true);
        _canvas.textOnIcon(cluster.position, {0.0f, 0.0f},
                           {std::to_string(gathered.count), 13.0f, text::Weight::bold, mostlyDead ? _canvas.quietInk() : _canvas.ink()}, priority,
                           true, 0);
        if (gathered.worst > 0) {
            const auto& style = severityStyle(gathered.worst);
            scene::Icon badge;
            badge.position = cluster.position;
            badge.offsetPixels = glm::vec2(icon.sizePixels * 0.45f, -icon.sizePixels * 0.45f);
            badge.shape = style.shape;
            badge.sizePixels = 18.0f * _canvas.scale;
            badge.fill = style.color;
            badge.outline = {16, 24, 32, 255};
            badge.alwaysVisible = true;
            badge.priority = priority + 1;
            _canvas.icon(badge, false);
            _canvas.textOnIcon(cluster.position, badge.offsetPixels + glm::vec2(0.0f, style.shape == scene::IconShape::triangle ? 2.0f * _canvas.scale : 0.0f),
                               {style.numeral, 9.0f, text::Weight::bold, {16, 24, 32, 255}}, priority + 1, true, 0);
        }
    }

    Canvas& _canvas;
    const MarkInput& _input;
    std::vector<Pin> _pins;
    std::vector<Cluster> _clusters;
};

} // namespace

void drawSensors(Canvas& canvas, const MarkInput& input) { SensorLayer(canvas, input).draw(); }

} // namespace matou::symbology
