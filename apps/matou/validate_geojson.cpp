#include "apps/matou/validate_geojson.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "core/json.h"

namespace matou::apps {
namespace {

using core::Json;

constexpr std::size_t kProblemLimit = 1000;

/// Depth of `coordinates` above a position, by type; -1: no geometry type.
int nesting(const std::string& type) {
    if (type == "Point") return 0;
    if (type == "MultiPoint" || type == "LineString") return 1;
    if (type == "MultiLineString" || type == "Polygon") return 2;
    if (type == "MultiPolygon") return 3;
    return -1;
}

class Checker {
public:
    explicit Checker(const std::string& where) : _where(where) {}

    void geometry(const Json& value, const std::string& pointer) {
        if (value.is_null()) return; // RFC 7946, 3.2: a feature without a place
        if (!value.is_object()) return problem(pointer, "E_GEOJSON_MEMBER", {"geometry"});
        const auto type = value.find("type");
        if (type == value.end() || !type->is_string()) return problem(pointer + "/type", "E_GEOJSON_MEMBER", {"type"});
        if (*type == "GeometryCollection") {
            const auto parts = value.find("geometries");
            if (parts == value.end() || !parts->is_array()) return problem(pointer + "/geometries", "E_GEOJSON_MEMBER", {"geometries"});
            for (std::size_t i = 0; i < parts->size(); ++i) {
                const auto& part = (*parts)[i];
                if (part.is_object() && part.value("type", Json()) == "GeometryCollection") // RFC 7946, 3.1.8: should not nest
                    problem(pointer + "/geometries/" + std::to_string(i), "E_GEOJSON_MEMBER", {"geometries"});
                else geometry(part, pointer + "/geometries/" + std::to_string(i));
            }
            return;
        }
        const int depth = nesting(type->get<std::string>());
        const auto coordinates = value.find("coordinates");
        if (depth < 0) return problem(pointer + "/type", "E_GEOJSON_GEOMETRY", {type->get<std::string>()});
        if (coordinates == value.end()) return problem(pointer + "/coordinates", "E_GEOJSON_MEMBER", {"coordinates"});
        const bool rings = *type == "Polygon" || *type == "MultiPolygon";
        const bool lines = *type == "LineString" || *type == "MultiLineString";
        walk(*coordinates, depth, rings, lines, pointer + "/coordinates");
    }

    void problem(const std::string& pointer, const char* code, std::vector<std::string> arguments) {
        if (problems.size() < kProblemLimit) problems.push_back({code, std::move(arguments), _where + "#" + pointer, nullptr});
    }

    core::Diagnostics problems;

private:
    /// `depth` is at most 3: it comes from the type, not from the input.
    void walk(const Json& value, int depth, bool rings, bool lines, const std::string& pointer) {
        if (!value.is_array()) return problem(pointer, "E_GEOJSON_MEMBER", {"coordinates"});
        if (depth == 0) return position(value, pointer);
        for (std::size_t i = 0; i < value.size(); ++i) walk(value[i], depth - 1, rings, lines, pointer + "/" + std::to_string(i));
        if (depth != 1) return;
        if (rings && value.size() < 4) problem(pointer, "E_GEOJSON_RING_SHORT", {std::to_string(value.size())});
        else if (rings && value.front() != value.back()) problem(pointer, "E_GEOJSON_RING_OPEN", {});
        else if (lines && value.size() < 2) problem(pointer, "E_GEOJSON_LINE_SHORT", {});
    }

    void position(const Json& value, const std::string& pointer) {
        const bool numbers = value.size() >= 2 && value.size() <= 4 && std::all_of(value.begin(), value.end(), [](const Json& n) { return n.is_number(); });
        if (!numbers) return problem(pointer, "E_GEOJSON_POSITION", {});
        const double longitude = value[0].get<double>(), latitude = value[1].get<double>();
        if (!(std::abs(longitude) <= 180.0) || !(std::abs(latitude) <= 90.0))
            problem(pointer, "E_GEOJSON_RANGE", {std::to_string(longitude), std::to_string(latitude)});
    }

    std::string _where;
};

} // namespace

bool looksLikeGeoJson(std::string_view text) {
    const auto head = text.substr(0, 4096);
    return head.find("\"FeatureCollection\"") != head.npos || head.find("\"Feature\"") != head.npos || head.find("\"coordinates\"") != head.npos;
}

GeoJsonReport validateGeoJson(std::string_view text, const std::string& where) {
    GeoJsonReport report;
    auto document = core::parseJson(text, where);
    if (!document) {
        report.problems.push_back(document.error());
        return report;
    }
    Checker checker(where);
    const auto feature = [&](const Json& value, const std::string& pointer) {
        ++report.features;
        if (!value.is_object() || value.value("type", Json()) != "Feature") return checker.problem(pointer + "/type", "E_GEOJSON_MEMBER", {"Feature"});
        if (!value.contains("geometry")) return checker.problem(pointer + "/geometry", "E_GEOJSON_MEMBER", {"geometry"});
        checker.geometry(value["geometry"], pointer + "/geometry");
        const auto properties = value.find("properties");
        if (properties == value.end() || !(properties->is_object() || properties->is_null()))
            checker.problem(pointer + "/properties", "E_GEOJSON_MEMBER", {"properties"});
    };
    const Json type = document->is_object() ? document->value("type", Json()) : Json();
    if (type == "FeatureCollection") {
        const auto features = document->find("features");
        if (features == document->end() || !features->is_array()) checker.problem("/features", "E_GEOJSON_MEMBER", {"features"});
        else
            for (std::size_t i = 0; i < features->size(); ++i) feature((*features)[i], "/features/" + std::to_string(i));
    } else if (type == "Feature") {
        feature(*document, "");
    } else {
        checker.geometry(*document, "");
    }
    report.problems = std::move(checker.problems);
    return report;
}

} // namespace matou::apps
