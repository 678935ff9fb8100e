#include "live/outline.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstring>

namespace matou::live {
namespace {

constexpr std::size_t kCorners = 10000;

/// Reads hexadecimal WKB; what runs over the end stays `good == false`.
class Wkb {
public:
    explicit Wkb(const std::string& hex) : _hex(hex) {}
    bool good = true;

    std::uint8_t byte() {
        unsigned value = 0;
        if (_at + 2 > _hex.size() || std::from_chars(_hex.data() + _at, _hex.data() + _at + 2, value, 16).ptr != _hex.data() + _at + 2) {
            good = false;
            return 0;
        }
        _at += 2;
        return static_cast<std::uint8_t>(value);
    }
    template <typename T>
    T number() {
        std::uint8_t bytes[sizeof(T)];
        for (auto& b : bytes) b = byte();
        if (!little) std::reverse(std::begin(bytes), std::end(bytes));
        T value;
        std::memcpy(&value, bytes, sizeof value);
        return value;
    }
    std::size_t left() const { return (_hex.size() - _at) / 2; }
    bool little = true;

private:
    const std::string& _hex;
    std::size_t _at = 0;
};

std::optional<Outline> ofWkb(const std::string& hex, int srs) {
    Wkb in(hex);
    Outline outline;
    outline.srs = srs;
    for (int level = 0; level < 2; ++level) { // a MultiPolygon holds polygons with heads of their own
        in.little = in.byte() == 1;
        const auto kind = in.number<std::uint32_t>();
        const std::uint32_t plain = (kind & 0x0fffffff) % 1000, thousands = (kind & 0x0fffffff) / 1000;
        const std::size_t dimensions = 2 + ((kind & 0x80000000u) || thousands == 1 || thousands == 3) + ((kind & 0x40000000u) || thousands == 2 || thousands == 3);
        if (kind & 0x20000000u) outline.srs = in.number<std::int32_t>();
        const auto parts = in.number<std::uint32_t>();
        if (!in.good || parts == 0) return std::nullopt;
        if (plain == 6 && level == 0) continue;
        if (plain != 3) return std::nullopt;
        const auto corners = in.number<std::uint32_t>();
        if (!in.good || corners > kCorners || in.left() / (8 * dimensions) < corners) return std::nullopt;
        for (std::uint32_t i = 0; i < corners; ++i) {
            const double x = in.number<double>(), y = in.number<double>();
            for (std::size_t more = 2; more < dimensions; ++more) in.number<double>();
            outline.ring.emplace_back(x, y);
        }
        return in.good ? std::optional(outline) : std::nullopt;
    }
    return std::nullopt;
}

std::optional<Outline> ofWkt(std::string text) {
    Outline outline;
    for (char& c : text) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    if (text.starts_with("SRID=")) {
        const auto end = text.find(';');
        if (end == std::string::npos || std::from_chars(text.data() + 5, text.data() + end, outline.srs).ptr != text.data() + end) return std::nullopt;
        text.erase(0, end + 1);
    }
    if (!text.starts_with("POLYGON") && !text.starts_with("MULTIPOLYGON")) return std::nullopt;
    const auto open = text.find_first_of("0123456789-+."), close = text.find(')', open);
    if (open == std::string::npos || close == std::string::npos) return std::nullopt;
    for (std::size_t at = open; at < close;) {
        const auto end = std::min(text.find(',', at), close);
        double values[2] = {};
        const char* here = text.data() + at;
        for (double& value : values) {
            while (here < text.data() + end && *here == ' ') ++here;
            const auto parsed = std::from_chars(here, text.data() + end, value);
            if (parsed.ec != std::errc()) return std::nullopt;
            here = parsed.ptr;
        }
        outline.ring.emplace_back(values[0], values[1]);
        if (outline.ring.size() > kCorners) return std::nullopt;
        at = end + 1;
    }
    return outline;
}

std::optional<Outline> ofGeoJson(const core::Json& geometry) {
    const auto kind = geometry.find("type"), found = geometry.find("coordinates");
    if (kind == geometry.end() || found == geometry.end()) return std::nullopt;
    const core::Json* ring = &*found;
    for (int level = *kind == "Polygon" ? 1 : *kind == "MultiPolygon" ? 2 : 9; level > 0; --level) {
        if (level > 2 || !ring->is_array() || ring->empty()) return std::nullopt;
        ring = &(*ring)[0];
    }
    if (!ring->is_array() || ring->size() > kCorners) return std::nullopt;
    Outline outline;
    outline.srs = 4326;
    for (const auto& corner : *ring) {
        if (!corner.is_array() || corner.size() < 2 || !corner[0].is_number() || !corner[1].is_number()) return std::nullopt;
        outline.ring.emplace_back(corner[0].get<double>(), corner[1].get<double>());
    }
    return outline;
}

} // namespace

std::optional<Outline> outlineOf(const core::Json& geometry) {
    std::optional<Outline> outline;
    if (geometry.is_string()) {
        const auto text = geometry.get<std::string>();
        outline = text.starts_with("00") || text.starts_with("01") ? ofWkb(text, 0) : ofWkt(text);
    } else if (geometry.is_object() && geometry.contains("wkb") && geometry["wkb"].is_string()) {
        outline = ofWkb(geometry["wkb"].get<std::string>(), geometry.contains("srs") && geometry["srs"].is_number_integer() ? geometry["srs"].get<int>() : 0);
    } else if (geometry.is_object()) {
        outline = ofGeoJson(geometry);
    }
    if (!outline) return std::nullopt;
    auto& ring = outline->ring;
    if (ring.size() > 1 && ring.front() == ring.back()) ring.pop_back();
    const bool finite = std::all_of(ring.begin(), ring.end(), [](const auto& corner) { return std::isfinite(corner.first) && std::isfinite(corner.second); });
    return ring.size() >= 3 && finite ? outline : std::nullopt;
}

} // namespace matou::live
