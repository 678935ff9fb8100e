#include "osm/plan.h"

namespace matou::importers {

glm::dvec2 toPlan(const glm::dvec2& lonLat, const geo::DistrictFrame& frame) {
    const auto p = frame.fromLonLat(lonLat.x, lonLat.y);
    return {p.east, p.north};
}

Polyline toPlan(const Polyline& lonLat, const geo::DistrictFrame& frame) {
    Polyline out;
    for (const auto& p : lonLat) {
        const glm::dvec2 q = toPlan(p, frame);
        if (out.empty() || glm::length(q - out.back()) > 1e-3) out.push_back(q);
    }
    return out;
}

MultiPolygon toPlan(const MultiPolygon& lonLat, const geo::DistrictFrame& frame, std::size_t& repaired) {
    MultiPolygon out;
    for (const auto& source : lonLat) {
        Polygon polygon;
        for (const auto& p : source.outer) polygon.outer.push_back(toPlan(p, frame));
        for (const auto& hole : source.holes) {
            polygon.holes.emplace_back();
            for (const auto& p : hole) polygon.holes.back().push_back(toPlan(p, frame));
        }
        polygon = normalized(std::move(polygon));
        if (polygon.outer.empty()) continue;
        if (isValid(polygon)) {
            out.push_back(std::move(polygon));
            continue;
        }
        ++repaired;
        const MultiPolygon parts = makeValid({polygon});
        out.insert(out.end(), parts.begin(), parts.end());
    }
    return out;
}

std::string chineseName(const SourceFeature& feature) {
    for (const char* field : {"name:zh", "name_zh", "name"}) {
        std::string name = feature.text(field);
        if (!name.empty()) return name;
    }
    return {};
}

std::string englishName(const SourceFeature& feature) {
    for (const char* field : {"name:en", "name_en"}) {
        std::string name = feature.text(field);
        if (!name.empty()) return name;
    }
    return {};
}

bool hasChinese(const std::string& text) {
    // UTF-8 of U+3400–U+9FFF begins with E3 90 … E9 BF.
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte >= 0xe4 && byte <= 0xe9) return true;
    }
    return false;
}

} // namespace matou::importers
