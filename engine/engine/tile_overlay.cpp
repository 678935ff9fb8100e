#include "engine/tile_overlay.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <set>

#include "symbology/projector.h"

namespace matou {
namespace {

constexpr std::size_t kVolumesMost = 600;
constexpr double kShrunk = 0.985; // so that neighbours' edges stand apart
constexpr scene::Rgba kFailed{255, 70, 60, 255}, kQueued{190, 150, 255, 220}, kRequested{255, 170, 40, 255},
    kArrived{255, 235, 80, 255}, kInk{235, 242, 248, 255}, kPlate{10, 16, 22, 240};

/// Drawn tiles run from blue at the root to green at the sixth level.
scene::Rgba drawnColor(std::uint32_t depth) {
    const float t = std::min(1.0f, static_cast<float>(depth) / 6.0f);
    return {static_cast<std::uint8_t>(70 + 60 * t), static_cast<std::uint8_t>(150 + 90 * t),
            static_cast<std::uint8_t>(255 - 155 * t), 255};
}

std::string mebibytes(std::uint64_t bytes) {
    char text[32];
    std::snprintf(text, sizeof text, "%.1f", static_cast<double>(bytes) / 1048576.0);
    return text;
}

/// The eight corners of a box, the lower four first, each round.
std::array<glm::dvec3, 8> cornersOf(const geo::OrientedBox& box) {
    std::array<glm::dvec3, 8> out;
    for (int i = 0; i < 8; ++i) {
        const double x = (i & 3) == 1 || (i & 3) == 2 ? 1 : -1, y = (i & 3) >= 2 ? 1 : -1, z = i >= 4 ? 1 : -1;
        out[static_cast<std::size_t>(i)] = box.center + kShrunk * (box.halfAxes * glm::dvec3(x, y, z));
    }
    return out;
}

std::array<glm::dvec3, 8> cornersOf(const geo::Region& r) {
    std::array<glm::dvec3, 8> out;
    const glm::dvec2 middle{0.5 * (r.west + r.east), 0.5 * (r.south + r.north)},
        half{0.5 * kShrunk * (r.east - r.west), 0.5 * kShrunk * (r.north - r.south)};
    for (int i = 0; i < 8; ++i) {
        const double x = (i & 3) == 1 || (i & 3) == 2 ? 1 : -1, y = (i & 3) >= 2 ? 1 : -1;
        out[static_cast<std::size_t>(i)] =
            geo::ecefFromGeodetic({glm::degrees(middle.y + y * half.y), glm::degrees(middle.x + x * half.x),
                                   i >= 4 ? r.maximumHeight : r.minimumHeight})
                .meters;
    }
    return out;
}

/// How far along the ray the volume's sphere or box begins; nothing where it is missed.
std::optional<double> entered(const tiles::TileTree& tree, const tiles::Tile& tile, const glm::dvec3& eye,
                              const glm::dvec3& direction) {
    const auto* oriented = std::get_if<geo::OrientedBox>(&tile.volume);
    const auto* box = oriented ? oriented : tile.box != tiles::kNoVolume ? &tree.regionBoxes[tile.box] : nullptr;
    if (!box) {
        const auto to = tile.sphere.center - eye;
        const double along = glm::dot(to, direction), aside = glm::dot(to, to) - along * along,
                     rest = tile.sphere.radius * tile.sphere.radius - aside;
        if (rest < 0 || along + std::sqrt(rest) < 0) return std::nullopt;
        return std::max(0.0, along - std::sqrt(rest));
    }
    double in = 0, out = 1e30;
    for (int axis = 0; axis < 3; ++axis) {
        const auto& half = box->halfAxes[axis];
        const double size = glm::dot(half, half), from = glm::dot(eye - box->center, half),
                     step = glm::dot(direction, half);
        if (std::abs(step) < 1e-12 * size) {
            if (std::abs(from) > size) return std::nullopt;
            continue;
        }
        const double a = (-size - from) / step, b = (size - from) / step;
        in = std::max(in, std::min(a, b));
        out = std::min(out, std::max(a, b));
    }
    return in <= out ? std::optional(in) : std::nullopt;
}

class TileOverlay {
public:
    TileOverlay(const Contents& contents, const TileOverlayInput& input, text::TextShaper& shaper,
                scene::Overlay& overlay)
        : _contents(contents), _input(input), _shaper(shaper), _overlay(overlay), _projector(*input.view) {}

    void operator()() {
        collect();
        for (const auto& shown : _shown)
            drawVolume(shown);
        for (const auto& shown : _shown)
            if (shown.error) label(centerOf(shown), {0, 0}, {shown.error->code}, kFailed, 13);
        tellOne();
        corner();
    }

private:
    struct Shown {
        tiles::TileId id;
        scene::Rgba color{};
        const char* state = "";
        const core::Error* error = nullptr;
        bool dashed = false;
        float width = 1.5f;
    };
    const tiles::TileTree& tree(const Shown& shown) const { return *_contents.tree(shown.id.layer); }
    const tiles::Tile& tile(const Shown& shown) const { return tree(shown)[shown.id.tile]; }
    glm::dvec3 centerOf(const Shown& shown) const { return tile(shown).sphere.center; }
    std::string words(std::string_view key, std::initializer_list<std::string> arguments = {}) const {
        return core::text(_input.language, key, arguments);
    }

    void collect() {
        std::set<tiles::TileId> taken;
        const auto add = [&](Shown shown) {
            if (_shown.size() >= kVolumesMost || !taken.insert(shown.id).second) return;
            if (geo::classify(tile(shown).volume, _input.state->frustum) != geo::Containment::outside)
                _shown.push_back(shown);
        };
        for (const auto& [id, error] : _contents.failedTiles())
            add({id, kFailed, "UI_TILE_FAILED", error, false, 3.0f});
        const auto& selection = _contents.selection();
        for (const auto& draw : selection.draw)
            if (draw.views >> std::min<std::size_t>(_input.viewIndex, 63) & 1)
                add({draw.id, drawnColor((*_contents.tree(draw.id.layer))[draw.id.tile].depth), "UI_TILE_DRAWN"});
        for (const auto& load : selection.load) {
            const auto state = _contents.state(load.id);
            if (state == stream::LoadState::absent)
                add({load.id, kQueued, "UI_TILE_QUEUED", nullptr, true});
            else if (state == stream::LoadState::requested)
                add({load.id, kRequested, "UI_TILE_REQUESTED", nullptr, true});
            else
                add({load.id, kArrived, "UI_TILE_ARRIVED", nullptr, true});
        }
    }

    void line(const Shown& shown, std::initializer_list<glm::dvec3> points) {
        scene::Polyline part;
        for (const auto& point : points)
            part.points.push_back({point});
        part.color = shown.color;
        part.widthPixels = shown.width * _input.scale;
        part.dashed = shown.dashed;
        part.alwaysVisible = shown.error != nullptr;
        _overlay.lines.push_back(std::move(part));
    }

    void drawVolume(const Shown& shown) {
        const auto& volume = tile(shown).volume;
        if (const auto* sphere = std::get_if<geo::Sphere>(&volume)) return drawSphere(shown, *sphere);
        const auto* region = std::get_if<geo::Region>(&volume);
        const auto c = region ? cornersOf(*region) : cornersOf(std::get<geo::OrientedBox>(volume));
        line(shown, {c[0], c[1], c[2], c[3], c[0]});
        line(shown, {c[4], c[5], c[6], c[7], c[4]});
        for (std::size_t i = 0; i < 4; ++i)
            line(shown, {c[i], c[i + 4]});
        if (!shown.error) return;
        scene::FilledArea area;
        for (const std::size_t i : {0, 1, 2, 0, 2, 3, 4, 5, 6, 4, 6, 7})
            area.triangles.push_back({c[i]});
        area.color = {shown.color.x, shown.color.y, shown.color.z, 60};
        _overlay.areas.push_back(std::move(area));
    }

    void drawSphere(const Shown& shown, const geo::Sphere& sphere) {
        constexpr int kSteps = 48;
        for (int axis = 0; axis < 3; ++axis) {
            scene::Polyline part;
            for (int i = 0; i <= kSteps; ++i) {
                const double angle = 2 * 3.14159265358979323846 * i / kSteps;
                glm::dvec3 at(0.0);
                at[(axis + 1) % 3] = std::cos(angle);
                at[(axis + 2) % 3] = std::sin(angle);
                part.points.push_back({sphere.center + kShrunk * sphere.radius * at});
            }
            part.color = shown.color;
            part.widthPixels = shown.width * _input.scale;
            part.dashed = shown.dashed;
            _overlay.lines.push_back(std::move(part));
        }
    }

    /// Lines of text on one plate; `at` in pixels from where `place` is seen, which is their middle, or their corner.
    void label(const glm::dvec3& place, glm::vec2 at, const std::vector<std::string>& lines, scene::Rgba color,
               float size, bool centered = true, const scene::Rgba* plate = &kPlate) {
        const float em = size * _input.scale, step = 1.35f * em, pad = 5 * _input.scale;
        float width = 0;
        for (const auto& text : lines)
            width = std::max(width, _shaper.measure(text, em).x);
        const float height = step * static_cast<float>(lines.size());
        const glm::vec2 corner = centered ? at - glm::vec2(width, height) / 2.0f : at;
        for (std::size_t i = 0; i < lines.size(); ++i) {
            const auto shaped = _shaper.shape(lines[i], em);
            scene::Label part;
            part.position = {place};
            part.offsetPixels = corner + glm::vec2(0, step * static_cast<float>(i) + shaped.ascent);
            part.glyphs = shaped.quads;
            part.color = color;
            part.haloPixels = 0;
            if (i == 0 && plate) {
                part.platePixels = {-pad, -shaped.ascent - pad, width + 2 * pad, height + 2 * pad};
                part.plate = *plate;
            }
            part.alwaysVisible = true;
            part.priority = 1000 + static_cast<std::int32_t>(i);
            _overlay.labels.push_back(std::move(part));
        }
    }

    /// True where `above` is one of those that `below` hangs under.
    bool stands(const Shown& above, const Shown& below) const {
        if (above.id.layer != below.id.layer) return false;
        auto up = below.id.tile;
        while (up != tiles::kNoTile && up != above.id.tile)
            up = tree(below)[up].parent;
        return up != tiles::kNoTile && above.id.tile != below.id.tile;
    }

    /// The tile under the pointer, or in the middle: the first that the ray enters, and of those that hang under it the
    /// lowest.
    void tellOne() {
        const auto& view = *_input.view;
        const auto target = glm::vec4(view.target);
        const glm::vec2 pixel = _input.pointer.value_or(glm::vec2(target.x + target.z / 2, target.y + target.w / 2));
        const auto direction = glm::normalize(at(pixel) - view.eye.eye.meters);
        const Shown* told = nullptr;
        double nearest = 0;
        for (const auto& shown : _shown) {
            const auto at = entered(tree(shown), tile(shown), view.eye.eye.meters, direction);
            if (!at) continue;
            const bool inside = told && stands(*told, shown);
            if (told && !inside && (*at >= nearest || stands(shown, *told))) continue;
            told = &shown;
            nearest = *at;
        }
        if (!told) return;
        const auto& t = tile(*told);
        char error[32];
        std::snprintf(error, sizeof error, "%.1f", tiles::screenSpaceError(t, *_input.state));
        std::vector<std::string> lines{words(
            "UI_TILE_TOLD", {tree(*told).path(told->id.tile), std::to_string(t.depth), error, words(told->state)})};
        if (t.contentCount > 0) lines.push_back(std::string(tree(*told).contents[t.firstContent].uri));
        if (told->error) lines.push_back(core::describe(*told->error, _input.language));
        for (auto& text : lines)
            if (text.size() > 110)
                text = "…" + text.substr(text.find_first_not_of("\x80\x81\x82\x83", text.size() - 107));
        Shown marked = *told;
        marked.width = 3.5f;
        drawVolume(marked);
        if (_input.pointer)
            label(at(pixel), glm::vec2(18, 18) * _input.scale, lines, kInk, 14, false);
        else
            _told = std::move(lines); // in the corner: over the middle it would hide what it tells of
    }

    glm::dvec3 at(glm::vec2 pixel) const { return _projector.unproject(pixel, 100.0).meters; }

    void corner() {
        const auto stats = _contents.stats();
        std::size_t queued = 0;
        for (const auto& load : _contents.selection().load)
            queued += _contents.state(load.id) == stream::LoadState::absent;
        const auto count = [&](stream::LoadState state) {
            return std::to_string(stats.states[static_cast<std::size_t>(state)]);
        };
        std::vector<std::string> lines{
            words("UI_TILES_COUNTS", {std::to_string(stats.drawn), std::to_string(stats.visited),
                                      std::to_string(stats.tiles), std::to_string(stats.grafts)}),
            words("UI_TILES_QUEUES",
                  {std::to_string(queued), count(stream::LoadState::requested), count(stream::LoadState::decoded),
                   count(stream::LoadState::uploading), std::to_string(stats.prefetched)}),
            words("UI_TILES_FAILURES", {count(stream::LoadState::failed), std::to_string(stats.refused)}),
            words("UI_TILES_MEMORY", {mebibytes(stats.cpuBytes + stats.gpuBytes), mebibytes(stats.budgetBytes),
                                      mebibytes(stats.neededBytes)}),
            " ",
            " "};
        lines.insert(lines.end(), _told.begin(), _told.end());
        const float s = _input.scale, em = 14 * s;
        float width = 300 * s;
        for (const auto& text : lines)
            width = std::max(width, _shaper.measure(text, em).x);
        const float height = 1.35f * em * static_cast<float>(lines.size()) + 10 * s;
        const auto corner = freeCorner({width + 24 * s, height});
        const auto place = at(corner);
        label(place, {0, 0}, lines, kInk, 14, false);
        const float bar = 1.35f * em * 4.0f + 4 * s;
        bars(place, bar, width, stats);
        legend(place, 1.35f * em * 5.0f);
    }

    /// Held bytes in the budget; the mark is what the cut needs.
    void bars(const glm::dvec3& place, float y, float width, const stream::StreamStats& stats) {
        const auto budget = static_cast<float>(std::max<std::uint64_t>(stats.budgetBytes, 1));
        const auto plate = [&](float x, float w, scene::Rgba color, int priority) {
            scene::Label part;
            part.position = {place};
            part.offsetPixels = {x, y};
            part.platePixels = {0, 0, std::max(w, 1.0f), 8 * _input.scale};
            part.plate = color;
            part.alwaysVisible = true;
            part.priority = priority;
            _overlay.labels.push_back(std::move(part));
        };
        const float held = std::min(1.0f, static_cast<float>(stats.gpuBytes) / budget),
                    all = std::min(1.0f, static_cast<float>(stats.gpuBytes + stats.cpuBytes) / budget);
        plate(0, width, {70, 80, 92, 255}, 1010);
        plate(0, width * all, stats.limited ? kRequested : scene::Rgba{110, 190, 140, 255}, 1011);
        plate(0, width * held, stats.limited ? kFailed : scene::Rgba{70, 150, 250, 255}, 1012);
        plate(std::min(width - 2 * _input.scale, width * static_cast<float>(stats.neededBytes) / budget),
              2 * _input.scale, kInk, 1013);
    }

    void legend(const glm::dvec3& place, float y) {
        const std::pair<const char*, scene::Rgba> entries[] = {{"UI_TILE_DRAWN", drawnColor(4)},
                                                               {"UI_TILE_QUEUED", kQueued},
                                                               {"UI_TILE_REQUESTED", kRequested},
                                                               {"UI_TILE_ARRIVED", kArrived},
                                                               {"UI_TILE_FAILED", kFailed}};
        float x = 0;
        for (const auto& [key, color] : entries) {
            const auto text = words(key);
            label(place, {x, y}, {text}, color, 12, false, nullptr);
            x += _shaper.measure(text, 12 * _input.scale).x + 14 * _input.scale;
        }
    }

    /// The upper left corner of the first place on the left that no panel covers.
    glm::vec2 freeCorner(glm::vec2 size) const {
        const auto target = glm::vec4(_input.view->target);
        const float margin = 16 * _input.scale;
        for (float y = margin; y + size.y < target.w; y += 8)
            for (const float x : {margin, target.z - size.x - margin}) {
                const bool free = std::none_of(_input.covered.begin(), _input.covered.end(), [&](const auto& c) {
                    return target.x + x < c.x + c.z && c.x < target.x + x + size.x && target.y + y < c.y + c.w &&
                           c.y < target.y + y + size.y;
                });
                if (free) return {target.x + x, target.y + y};
            }
        return {target.x + margin, target.y + margin};
    }

    const Contents& _contents;
    const TileOverlayInput& _input;
    text::TextShaper& _shaper;
    scene::Overlay& _overlay;
    symbology::Projector _projector;
    std::vector<Shown> _shown;
    std::vector<std::string> _told;
};

} // namespace

void addTileOverlay(const Contents& contents, const TileOverlayInput& input, text::TextShaper& shaper,
                    scene::Overlay& overlay) {
    TileOverlay(contents, input, shaper, overlay)();
}

} // namespace matou
