#pragma once
// GeoJSON out: WGS 84 lon, lat to 1e-7 degrees (1 cm), members in the order that they were added.

#include <cmath>
#include <string>

#include <nlohmann/json.hpp>

#include "geo/district_frame.h"
#include "nanmatou/city.h"

namespace matou::importers::nanmatou {

using OrderedJson = nlohmann::ordered_json;

inline double rounded(double value, double unit) {
    return std::round(value / unit) * unit;
}
/// To a number of decimals, as the shortest text that says so.
inline double decimals(double value, int places) {
    const double scale = std::pow(10.0, places);
    return std::round(value * scale) / scale;
}

class GeoJson {
public:
    explicit GeoJson(const geo::DistrictFrame& frame) : _frame(frame) {}
    OrderedJson lonLat(const glm::dvec2& p) const {
        const auto g = _frame.toGeodetic({p.x, p.y, 0});
        return OrderedJson::array({decimals(g.longitudeDegrees, 7), decimals(g.latitudeDegrees, 7)});
    }
    void point(const glm::dvec2& p, double height, OrderedJson properties) {
        OrderedJson at = lonLat(p);
        at.push_back(decimals(height, 2));
        add("Point", std::move(at), std::move(properties));
    }
    void polygon(const Polygon& polygon, OrderedJson properties) {
        add("Polygon", rings(polygon), std::move(properties));
    }
    void multiPolygon(const MultiPolygon& polygons, OrderedJson properties) {
        OrderedJson all = OrderedJson::array();
        for (const auto& p : polygons)
            all.push_back(rings(p));
        add("MultiPolygon", std::move(all), std::move(properties));
    }
    void line(const Polyline& line, OrderedJson properties) {
        OrderedJson points = OrderedJson::array();
        for (const auto& p : line)
            points.push_back(lonLat(p));
        add("LineString", std::move(points), std::move(properties));
    }
    /// One feature a line.
    std::string text() const {
        std::string out = "{\"type\":\"FeatureCollection\",\"features\":[\n";
        for (std::size_t i = 0; i < _features.size(); ++i)
            out += _features[i].dump() + (i + 1 < _features.size() ? ",\n" : "\n");
        return out + "]}\n";
    }
    std::size_t size() const { return _features.size(); }

private:
    OrderedJson ring(const Ring& points) const {
        OrderedJson out = OrderedJson::array();
        for (const auto& p : points)
            out.push_back(lonLat(p));
        if (!points.empty()) out.push_back(lonLat(points.front()));
        return out;
    }
    OrderedJson rings(const Polygon& polygon) const {
        OrderedJson out = OrderedJson::array({ring(polygon.outer)});
        for (const auto& hole : polygon.holes)
            out.push_back(ring(hole));
        return out;
    }
    void add(const char* type, OrderedJson coordinates, OrderedJson properties) {
        OrderedJson feature;
        feature["type"] = "Feature";
        feature["geometry"] = {{"type", type}, {"coordinates", std::move(coordinates)}};
        feature["properties"] = std::move(properties);
        _features.push_back(std::move(feature));
    }

    const geo::DistrictFrame& _frame;
    std::vector<OrderedJson> _features;
};

} // namespace matou::importers::nanmatou
