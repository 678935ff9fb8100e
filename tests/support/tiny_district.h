#pragma once
// A whole district folder in a few kilobytes, made when asked for: 3 zones, 20 sensors, 4 cameras, 2 projects, 2
// scenes, one proposal, one storyboard. It has no tiles (its layers name tilesets that are not there). Same bytes each
// time.

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <string>
#include <unistd.h>

namespace matou::support {

/// A new empty folder below the system's temporary one, removed at the end of its life.
class TemporaryFolder {
public:
    explicit TemporaryFolder(const std::string& name = "matou") {
        std::string pattern = (std::filesystem::temp_directory_path() / (name + "-XXXXXX")).string();
        if (const char* made = ::mkdtemp(pattern.data())) path = made;
    }
    ~TemporaryFolder() {
        std::error_code ignored;
        if (!path.empty()) std::filesystem::remove_all(path, ignored);
    }
    TemporaryFolder(const TemporaryFolder&) = delete;
    TemporaryFolder& operator=(const TemporaryFolder&) = delete;
    std::filesystem::path path;
};

inline void writeText(const std::filesystem::path& path, const std::string& text) {
    std::filesystem::create_directories(path.parent_path());
    std::ofstream(path, std::ios::binary) << text;
}

inline const char* tinyDistrictToml() {
    return R"(version = 1
id = "tiny"
name = { zh = "小样街道", en = "Tiny District" }
crs = "EPSG:4549"
vertical_datum = { name = "1985国家高程基准", above_ellipsoid_m = 11.0, accuracy_m = 1.0, provenance = "assumed for tests" }
center = { lon = 121.5096, lat = 31.1946 }
start = "2025-06-15T14:30:00+08:00"
synthetic = true
notice = { zh = "示意数据 界线仅为示意,不作为法定边界依据", en = "Illustrative data; boundaries are not legal boundaries" }
attribution = ["Matou test data"]
proposals = ["proposals/river-a.toml"]
storyboards = ["storyboards/tour.toml"]

[[layer]]
id = "buildings"
name = { zh = "建筑", en = "Buildings" }
role = "buildings"
tileset = "tiles/buildings/tileset.json"

[[layer]]
id = "ground"
name = { zh = "地面", en = "Ground" }
role = "ground"
order = 0
tileset = "tiles/ground/tileset.json"
visible = true

[files]
zones = "layers/zones.geojson"
sensors = "layers/sensors.geojson"
cameras = "layers/cameras.geojson"
projects = "layers/projects.geojson"
labels = "layers/labels.geojson"

[[scene]]
id = "riverfront"
name = { zh = "世博滨江", en = "Riverfront" }
camera = { lat = 31.1930, lon = 121.5080, height = 300.0, heading = 45.0, pitch = -25.0, roll = 0.0 }
layers = ["buildings", "ground"]
proposal = "river-a"

[[scene.bookmark]]
id = "walk"
camera = { lat = 31.1946, lon = 121.5096, height = 15.6, heading = 0.0, pitch = 0.0 }

[[scene]]
id = "core"
name = { zh = "核心区域", en = "Core" }
camera = { lat = 31.1950, lon = 121.5100, height = 500.0, heading = 0.0, pitch = -45.0, roll = 0.0 }

[[feed]]
id = "embedded"
kind = "embedded"
expected_interval_s = 5.0
seed = 7

[simulation]
rate_per_s = 4.0
seed = 7
)";
}

/// Writes the folder; `path` is made. Sensors S-001…S-020 report every 5 s, S-001 measures water level with two
/// thresholds (3 above 3.2 m, 1 above 4.0 m; hysteresis 0.1; the higher one without delay).
inline void writeTinyDistrict(const std::filesystem::path& path) {
    writeText(path / "district.toml", tinyDistrictToml());
    const auto number = [](double value) {
        char text[32];
        std::snprintf(text, sizeof text, "%.6f", value);
        return std::string(text);
    };
    const auto square = [&](double lon, double lat, double half) {
        std::string ring;
        const double corners[5][2] = {{-1, -1}, {1, -1}, {1, 1}, {-1, 1}, {-1, -1}};
        for (const auto& c : corners)
            ring += (ring.empty() ? "[" : ",[") + number(lon + c[0] * half) + "," + number(lat + c[1] * half) + "]";
        return R"({"type":"Polygon","coordinates":[[)" + ring + "]]}";
    };
    const auto collection = [](const std::string& features) {
        return "{\"type\":\"FeatureCollection\",\"features\":[\n" + features + "\n]}\n";
    };
    const auto feature = [](const std::string& properties, const std::string& geometry) {
        return R"({"type":"Feature","properties":{)" + properties + R"(},"geometry":)" + geometry + "}";
    };

    const char* zoneNames[3][2] = {
        {"世博滨江", "World Expo Riverfront"}, {"核心区域", "Core"}, {"人文滨江", "Cultural Riverfront"}};
    std::string zones;
    for (int i = 0; i < 3; ++i)
        zones +=
            std::string(i ? ",\n" : "") +
            feature("\"id\":\"z" + std::to_string(i + 1) + "\",\"name_zh\":\"" + zoneNames[i][0] + "\",\"name_en\":\"" +
                        zoneNames[i][1] + "\",\"kind\":\"" + (i == 1 ? "core" : "residential") + "\",\"parent\":\"\"",
                    square(121.505 + 0.005 * i, 31.1946, 0.002));
    writeText(path / "layers/zones.geojson", collection(zones));

    struct Kind {
        const char *kind, *zh, *unit;
        double low, high;
        const char* thresholds;
    };
    const Kind kinds[5] = {
        {"water_level", "水位", "m", 1.5, 3.0,
         R"([{"severity":3,"op":"above","value":3.2,"hysteresis":0.1,"on_delay_s":10},{"severity":1,"op":"above","value":4.0,"hysteresis":0.1}])"},
        {"air_pm25", "细颗粒物", "ug/m3", 5, 75,
         R"([{"severity":3,"op":"above","value":150,"hysteresis":10,"on_delay_s":30}])"},
        {"noise", "噪声", "dB", 40, 70, R"([{"severity":4,"op":"above","value":85,"hysteresis":3,"on_delay_s":10}])"},
        {"smoke", "烟感", "%/m", 0, 1, R"([{"severity":2,"op":"above","value":8,"hysteresis":2}])"},
        {"traffic", "车流量", "veh/h", 100, 1800, "[]"}};
    std::string sensors;
    for (int i = 0; i < 20; ++i) {
        const Kind& kind = kinds[i % 5];
        char id[16];
        std::snprintf(id, sizeof id, "S-%03d", i + 1);
        sensors += std::string(i ? ",\n" : "") +
                   feature("\"id\":\"" + std::string(id) + "\",\"name_zh\":\"" + kind.zh + std::to_string(i + 1) +
                               "号\",\"name_en\":\"" + kind.kind + " " + std::to_string(i + 1) + "\",\"kind\":\"" +
                               kind.kind + "\",\"property_zh\":\"" + kind.zh + "\",\"unit\":\"" + kind.unit +
                               "\",\"zone\":\"z" + std::to_string(i % 3 + 1) +
                               "\",\"mount\":\"ground\",\"expected_interval_s\":5,\"typical_min\":" + number(kind.low) +
                               ",\"typical_max\":" + number(kind.high) + ",\"thresholds\":" + kind.thresholds,
                           R"({"type":"Point","coordinates":[)" + number(121.504 + 0.0006 * i) + "," +
                               number(31.1940 + 0.0001 * i) + ",4.5]}");
    }
    writeText(path / "layers/sensors.geojson", collection(sensors));

    std::string cameras;
    for (int i = 0; i < 4; ++i)
        cameras +=
            std::string(i ? ",\n" : "") +
            feature("\"id\":\"C-" + std::to_string(i + 1) + "\",\"name_zh\":\"" + (i ? "街面监控" : "高空") +
                        std::to_string(i + 1) + "\",\"name_en\":\"Camera " + std::to_string(i + 1) +
                        "\",\"high_point\":" + (i ? "false" : "true") +
                        ",\"zone\":\"z1\",\"mount\":\"buildings/NM-00001\",\"heading\":" + std::to_string(90 * i) +
                        ",\"pitch\":-15,\"hfov\":60,\"range_m\":" + (i ? "60" : "2000") +
                        ",\"error_major_m\":" + (i ? "5" : "30") + ",\"error_minor_m\":2,\"smoke_fire_ai\":true",
                    R"({"type":"Point","coordinates":[)" + number(121.506 + 0.002 * i) + ",31.1946," +
                        (i ? "6" : "90") + "]}");
    writeText(path / "layers/cameras.geojson", collection(cameras));

    std::string projects;
    for (int i = 0; i < 2; ++i)
        projects +=
            std::string(i ? ",\n" : "") +
            feature(
                "\"id\":\"P-0" + std::to_string(i + 1) + "\",\"name_zh\":\"" + (i ? "口袋公园" : "滨江贯通") +
                    "\",\"name_en\":\"" + (i ? "Pocket park" : "Riverside walk") +
                    "\",\"kind\":\"public_space\",\"department_zh\":\"建设管理部\",\"zone\":\"z1\",\"features\":["
                    "\"buildings/NM-0000" +
                    std::to_string(i + 1) +
                    "\"],\"budget_wan\":1200,\"phases\":[{\"name\":\"设计\",\"planned_start\":\"2023-01-01\","
                    "\"planned_end\":\"2023-12-31\",\"actual_start\":\"2023-02-01\",\"actual_end\":\"2024-01-31\"},{"
                    "\"name\":\"施工\","
                    "\"planned_start\":\"2024-01-01\",\"planned_end\":\"2025-12-31\",\"actual_start\":\"2024-03-01\"}],"
                    "\"status\":\"on-track\",\"percent\":62,\"phase\":\"施工\"",
                square(121.507 + 0.004 * i, 31.196, 0.0005));
    writeText(path / "layers/projects.geojson", collection(projects));
    writeText(path / "layers/labels.geojson",
              collection(feature(R"("name_zh":"南浦大桥","name_en":"Nanpu Bridge","kind":"landmark","rank":1)",
                                 R"({"type":"Point","coordinates":[121.5000,31.2060,50]})")));
    writeText(path / "proposals/river-a.toml", R"(id = "river-a"
name = { zh = "滨江方案A", en = "Riverside A" }
scene = "riverfront"
hide = ["buildings/NM-00001"]

[[add]]
id = "hall"
model = "models/hall.glb"
place = { lon = 121.5090, lat = 31.1940, height = 4.2, heading = 12.0 }
)");
    writeText(path / "storyboards/tour.toml", R"(id = "tour"
name = { zh = "导览", en = "Tour" }

[[step]]
scene = "riverfront"
camera = { lat = 31.1930, lon = 121.5080, height = 300.0, heading = 45.0, pitch = -25.0, roll = 0.0 }
caption = { zh = "滨江", en = "The riverfront" }
seconds = 6.0
transition_s = 2.0
date = "2023-10-01"
layers = ["projects"]
look = "natural"
time = "2025-06-15T16:00:00+08:00"

[[step]]
scene = "core"
camera = { lat = 31.1950, lon = 121.5100, height = 500.0, heading = 0.0, pitch = -45.0, roll = 0.0 }
caption = { zh = "核心区域", en = "The core" }
)");
}

} // namespace matou::support
