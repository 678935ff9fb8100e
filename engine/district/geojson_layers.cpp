#include "district/geojson_layers.h"

#include <cmath>
#include <set>

#include "core/file.h"
#include "core/json.h"

namespace matou::district {
namespace fs = std::filesystem;
using core::Json;
namespace {

constexpr std::uint64_t kFileLimit = std::uint64_t{256} << 20;

/// One feature, read by field; the first failure is latched.
class Feature {
public:
    Feature(const Json& json, const std::string& file, std::size_t index)
        : _where(file + "#/features/" + std::to_string(index)) {
        if (!json.is_object()) {
            refuse("", "E_GEOJSON_TYPE", {"feature", "object", json.type_name()});
            return;
        }
        if (const auto found = json.find("properties"); found != json.end() && found->is_object())
            _properties = &*found;
        else
            refuse("/properties", "E_GEOJSON_MISSING", {"properties"});
        if (const auto found = json.find("geometry"); found != json.end() && found->is_object())
            _geometry = &*found;
        else
            refuse("/geometry", "E_GEOJSON_MISSING", {"geometry"});
    }

    const std::optional<core::Error>& error() const { return _error; }
    std::string where(const std::string& pointer = "") const { return _where + pointer; }
    void refuse(const std::string& pointer, std::string code, std::vector<std::string> arguments) {
        if (!_error) _error = core::Error{std::move(code), std::move(arguments), _where + pointer, nullptr};
    }

    /// Null counts as absent: many writers put it there.
    const Json* property(const char* name) const {
        if (!_properties) return nullptr;
        const auto found = _properties->find(name);
        return found == _properties->end() || found->is_null() ? nullptr : &*found;
    }
    std::string text(const char* name, bool required = false) {
        const Json* found = property(name);
        if (!found) {
            if (required) refuse(at(name), "E_GEOJSON_MISSING", {name});
            return {};
        }
        if (!found->is_string()) {
            refuse(at(name), "E_GEOJSON_TYPE", {name, "string", found->type_name()});
            return {};
        }
        auto value = found->get<std::string>();
        if (required && value.empty()) refuse(at(name), "E_GEOJSON_VALUE", {name, "a text that is not empty", "\"\""});
        return value;
    }
    double number(const char* name, double fallback, double minimum, double maximum) {
        const Json* found = property(name);
        return found ? numberOf(*found, at(name), name, fallback, minimum, maximum) : fallback;
    }
    double numberOf(const Json& found, const std::string& pointer, const char* name, double fallback, double minimum,
                    double maximum) {
        if (!found.is_number()) {
            refuse(pointer, "E_GEOJSON_TYPE", {name, "number", found.type_name()});
            return fallback;
        }
        const double value = found.get<double>();
        if (value >= minimum && value <= maximum) return value;
        refuse(pointer, "E_GEOJSON_VALUE",
               {name, "a number from " + Json(minimum).dump() + " to " + Json(maximum).dump(), found.dump()});
        return fallback;
    }
    bool boolean(const char* name, bool fallback) {
        const Json* found = property(name);
        if (!found) return fallback;
        if (!found->is_boolean()) refuse(at(name), "E_GEOJSON_TYPE", {name, "boolean", found->type_name()});
        return found->is_boolean() ? found->get<bool>() : fallback;
    }
    twin::Name name() {
        twin::Name result{text("name_zh", true), text("name_en")};
        if (result.en.empty()) result.en = result.zh;
        return result;
    }

    twin::Place point() {
        if (!isKind("Point")) return {};
        const auto found = _geometry->find("coordinates");
        if (found == _geometry->end()) {
            refuse("/geometry/coordinates", "E_GEOJSON_MISSING", {"coordinates"});
            return {};
        }
        return position(*found, "/geometry/coordinates");
    }
    /// The outer ring of a Polygon, or of the first polygon of a MultiPolygon.
    std::vector<std::pair<double, double>> outline() {
        std::vector<std::pair<double, double>> result;
        if (!_geometry) return result;
        const auto kind = _geometry->value("type", Json());
        const auto found = _geometry->find("coordinates");
        if ((kind != "Polygon" && kind != "MultiPolygon") || found == _geometry->end()) {
            isKind("Polygon");
            return result;
        }
        const Json* ring = &*found;
        std::string pointer = "/geometry/coordinates";
        for (int level = kind == "Polygon" ? 1 : 2; level > 0; --level) {
            if (!ring->is_array() || ring->empty()) {
                refuse(pointer, "E_GEOJSON_TYPE", {"coordinates", "array that is not empty", ring->type_name()});
                return result;
            }
            ring = &(*ring)[0];
            pointer += "/0";
        }
        if (!ring->is_array() || ring->size() < 4) {
            refuse(pointer, "E_GEOJSON_VALUE",
                   {"coordinates", "a ring of at least 4 positions", std::to_string(ring->size())});
            return result;
        }
        for (std::size_t i = 0; i < ring->size(); ++i) {
            const auto place = position((*ring)[i], pointer + "/" + std::to_string(i));
            result.emplace_back(place.longitude, place.latitude);
        }
        if (result.front() == result.back()) result.pop_back();
        return result;
    }
    std::string at(const char* name) const { return std::string("/properties/") + name; }

private:
    bool isKind(const char* kind) {
        if (!_geometry) return false;
        const Json found = _geometry->value("type", Json());
        if (found == kind) return true;
        refuse("/geometry/type", "E_GEOJSON_KIND", {kind, found.dump()});
        return false;
    }
    twin::Place position(const Json& json, const std::string& pointer) {
        const bool numbers = json.is_array() && json.size() >= 2 && json.size() <= 4 && json[0].is_number() &&
                             json[1].is_number() && (json.size() < 3 || json[2].is_number());
        if (!numbers) {
            refuse(pointer, "E_GEOJSON_TYPE", {"position", "array of 2 or 3 numbers", json.type_name()});
            return {};
        }
        twin::Place place{json[0].get<double>(), json[1].get<double>(), json.size() > 2 ? json[2].get<double>() : 0.0};
        if (std::abs(place.longitude) > 180 || std::abs(place.latitude) > 90 || !(std::abs(place.height) < 1e6))
            refuse(pointer, "E_GEOJSON_COORDINATE", {json.dump()});
        return place;
    }

    std::string _where;
    const Json* _properties = nullptr;
    const Json* _geometry = nullptr;
    std::optional<core::Error> _error;
};

/// Calls `each(feature)` for every feature; things that `each` gives an id seen before are to be dropped by the caller.
template <typename Each>
core::Result<void> forFeatures(const fs::path& path, Each each) {
    MATOU_TRY(content, core::readTextFile(path, kFileLimit));
    MATOU_TRY(document, core::parseJson(content, path.string(), {.depth = 64, .bytes = kFileLimit}));
    const core::JsonCursor root(document, path.string());
    MATOU_TRY(kind, root.string("type"));
    if (kind != "FeatureCollection")
        return core::fail("E_GEOJSON_KIND", path.string() + "#/type", {"FeatureCollection", kind});
    MATOU_TRY(features, root.array("features"));
    for (std::size_t i = 0; i < features.size(); ++i) {
        Feature feature(features.json()[i], path.string(), i);
        if (!feature.error()) each(feature);
        if (feature.error()) return tl::unexpected<core::Error>(*feature.error());
    }
    return {};
}

/// The id, or nothing (and a warning) where it was seen before.
std::optional<std::string> newId(Feature& feature, std::set<std::string>& seen, core::Diagnostics& warnings) {
    std::string id = feature.text("id", true);
    if (feature.error()) return std::nullopt;
    if (seen.insert(id).second) return id;
    warnings.push_back(core::Error{"W_DISTRICT_DUPLICATE", {id}, feature.where("/properties/id"), nullptr});
    return std::nullopt;
}

std::vector<twin::Threshold> thresholds(Feature& feature) {
    std::vector<twin::Threshold> result;
    const Json* list = feature.property("thresholds");
    if (!list) return result;
    if (!list->is_array()) {
        feature.refuse(feature.at("thresholds"), "E_GEOJSON_TYPE", {"thresholds", "array", list->type_name()});
        return result;
    }
    for (std::size_t i = 0; i < list->size(); ++i) {
        const Json& entry = (*list)[i];
        const std::string pointer = feature.at("thresholds") + "/" + std::to_string(i);
        if (!entry.is_object()) {
            feature.refuse(pointer, "E_GEOJSON_TYPE", {"threshold", "object", entry.type_name()});
            return result;
        }
        const auto number = [&](const char* name, std::optional<double> fallback, double minimum, double maximum) {
            const auto found = entry.find(name);
            if (found != entry.end()) return feature.numberOf(*found, pointer + "/" + name, name, 0, minimum, maximum);
            if (!fallback) feature.refuse(pointer, "E_GEOJSON_MISSING", {name});
            return fallback.value_or(0);
        };
        twin::Threshold threshold;
        threshold.severity = static_cast<int>(number("severity", std::nullopt, 1, 4));
        const Json op = entry.value("op", Json("above"));
        if (op != "above" && op != "below")
            feature.refuse(pointer + "/op", "E_GEOJSON_VALUE", {"op", "above or below", op.dump()});
        threshold.above = op == "above";
        threshold.value = number("value", std::nullopt, -1e12, 1e12);
        threshold.hysteresis = number("hysteresis", 0.0, 0, 1e12);
        threshold.onDelaySeconds = number("on_delay_s", 0.0, 0, 86400);
        result.push_back(threshold);
    }
    return result;
}

std::optional<core::Instant> date(Feature& feature, const Json& phase, const char* name, const std::string& pointer) {
    const auto found = phase.find(name);
    if (found == phase.end() || found->is_null()) return std::nullopt;
    if (found->is_string()) {
        const auto parsed = core::parseInstant(found->get<std::string>() + "T00:00:00+08:00");
        if (parsed) return *parsed;
    }
    feature.refuse(pointer + "/" + name, "E_GEOJSON_VALUE", {name, "a date YYYY-MM-DD", found->dump()});
    return std::nullopt;
}

std::vector<twin::Phase> phases(Feature& feature) {
    std::vector<twin::Phase> result;
    const Json* list = feature.property("phases");
    if (!list) return result;
    if (!list->is_array()) {
        feature.refuse(feature.at("phases"), "E_GEOJSON_TYPE", {"phases", "array", list->type_name()});
        return result;
    }
    for (std::size_t i = 0; i < list->size(); ++i) {
        const Json& entry = (*list)[i];
        const std::string pointer = feature.at("phases") + "/" + std::to_string(i);
        if (!entry.is_object() || !entry.contains("name") || !entry["name"].is_string()) {
            feature.refuse(pointer, "E_GEOJSON_TYPE", {"phase", "object with a name", entry.type_name()});
            return result;
        }
        twin::Phase phase;
        phase.name = entry["name"].get<std::string>();
        phase.plannedStart = date(feature, entry, "planned_start", pointer);
        phase.plannedEnd = date(feature, entry, "planned_end", pointer);
        phase.actualStart = date(feature, entry, "actual_start", pointer);
        phase.actualEnd = date(feature, entry, "actual_end", pointer);
        result.push_back(std::move(phase));
    }
    return result;
}

} // namespace

core::Result<std::vector<twin::Zone>> readZones(const fs::path& path, core::Diagnostics& warnings) {
    std::vector<twin::Zone> result;
    std::set<std::string> seen;
    MATOU_CHECK(forFeatures(path, [&](Feature& feature) {
        const auto id = newId(feature, seen, warnings);
        if (!id) return;
        result.push_back({*id, feature.name(), feature.text("kind"), feature.text("parent"), feature.outline()});
    }));
    return result;
}

core::Result<std::vector<twin::Sensor>> readSensors(const fs::path& path, core::Diagnostics& warnings) {
    std::vector<twin::Sensor> result;
    std::set<std::string> seen;
    MATOU_CHECK(forFeatures(path, [&](Feature& feature) {
        const auto id = newId(feature, seen, warnings);
        if (!id) return;
        twin::Sensor sensor;
        sensor.id = *id;
        sensor.name = feature.name();
        sensor.kind = feature.text("kind", true);
        sensor.property = feature.text("property_zh");
        sensor.unit = feature.text("unit");
        sensor.zone = feature.text("zone");
        sensor.mount = feature.text("mount");
        sensor.gateway = feature.text("gateway");
        sensor.place = feature.point();
        sensor.expectedInterval =
            core::Duration(std::llround(1000 * feature.number("expected_interval_s", 60, 0.1, 366 * 86400.0)));
        sensor.typicalMinimum = feature.number("typical_min", 0, -1e12, 1e12);
        sensor.typicalMaximum = feature.number("typical_max", 1, -1e12, 1e12);
        sensor.thresholds = thresholds(feature);
        result.push_back(std::move(sensor));
    }));
    return result;
}

core::Result<std::vector<twin::Camera>> readCameras(const fs::path& path, core::Diagnostics& warnings) {
    std::vector<twin::Camera> result;
    std::set<std::string> seen;
    MATOU_CHECK(forFeatures(path, [&](Feature& feature) {
        const auto id = newId(feature, seen, warnings);
        if (!id) return;
        twin::Camera camera;
        camera.id = *id;
        camera.name = feature.name();
        camera.highPoint = feature.boolean("high_point", false);
        camera.zone = feature.text("zone");
        camera.mount = feature.text("mount");
        camera.place = feature.point();
        camera.headingDegrees = feature.number("heading", 0, -360, 720);
        camera.pitchDegrees = feature.number("pitch", -15, -90, 90);
        camera.horizontalFovDegrees = feature.number("hfov", 60, 0.1, 360);
        camera.rangeMeters = feature.number("range_m", 60, 0, 20000);
        camera.errorMajorMeters = feature.number("error_major_m", 5, 0, 5000);
        camera.errorMinorMeters = feature.number("error_minor_m", 2, 0, 5000);
        camera.smokeFireAi = feature.boolean("smoke_fire_ai", true);
        result.push_back(std::move(camera));
    }));
    return result;
}

core::Result<Projects> readProjects(const fs::path& path, core::Diagnostics& warnings) {
    Projects result;
    std::set<std::string> seen;
    MATOU_CHECK(forFeatures(path, [&](Feature& feature) {
        const auto id = newId(feature, seen, warnings);
        if (!id) return;
        twin::Project project;
        project.id = *id;
        project.name = feature.name();
        project.kind = feature.text("kind");
        project.department = feature.text("department_zh");
        project.zone = feature.text("zone");
        if (const Json* list = feature.property("features")) {
            for (const Json& key : *list) {
                if (key.is_string())
                    project.features.push_back(core::featureKeyFrom(key.get<std::string>()));
                else
                    feature.refuse(feature.at("features"), "E_GEOJSON_TYPE",
                                   {"features", "array of strings", key.type_name()});
            }
        }
        project.outline = feature.outline();
        for (const auto& [lon, lat] : project.outline) {
            project.place.longitude += lon / static_cast<double>(project.outline.size());
            project.place.latitude += lat / static_cast<double>(project.outline.size());
        }
        project.budgetTenThousandYuan = feature.number("budget_wan", 0, 0, 1e9);
        project.phases = phases(feature);

        std::optional<twin::ProjectStatus> initial;
        if (feature.property("status") || feature.property("phase") || feature.property("percent"))
            initial = twin::ProjectStatus{.project = *id,
                                          .phase = feature.text("phase"),
                                          .percent = feature.number("percent", 0, 0, 100),
                                          .status = feature.text("status"),
                                          .feed = "district"};
        result.projects.push_back(std::move(project));
        result.initial.push_back(std::move(initial));
    }));
    return result;
}

core::Result<std::vector<Label>> readLabels(const fs::path& path, core::Diagnostics&) {
    std::vector<Label> result;
    MATOU_CHECK(forFeatures(path, [&](Feature& feature) {
        Label label;
        label.name = feature.name();
        label.kind = feature.text("kind");
        label.rank = static_cast<int>(feature.number("rank", 5, 1, 100));
        label.place = feature.point();
        result.push_back(std::move(label));
    }));
    return result;
}

} // namespace matou::district
