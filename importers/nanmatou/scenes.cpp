// district.toml, the three proposals and the storyboard.
#include <cmath>
#include <cstdio>
#include <numbers>

#include "core/file.h"
#include "nanmatou/builder.h"
#include "nanmatou/carpenter.h"
#include "nanmatou/glb.h"
#include "nanmatou/layers.h"
#include "nanmatou/record_parts.h"
#include "nanmatou/records.h"

namespace matou::importers::nanmatou {

namespace {

std::string fixed(double value, int places) {
    char text[48];
    std::snprintf(text, sizeof text, "%.*f", places, value);
    return text;
}

std::string poseText(const View& view, const geo::DistrictFrame& frame) {
    const auto eye = frame.toGeodetic({view.eye.x, view.eye.y, kGround + view.eye.z});
    // Angles in the eye's own east-north-up frame: grid north leans by the meridian's convergence.
    const auto to = frame.toEcef({view.target.x, view.target.y, kGround + view.target.z});
    const auto from = frame.toEcef({view.eye.x, view.eye.y, kGround + view.eye.z});
    const glm::dvec3 d = glm::transpose(glm::dmat3(geo::ecefFromEnu(from))) * (to.meters - from.meters);
    const double heading = std::fmod(std::atan2(d.x, d.y) * 180.0 / std::numbers::pi + 360.0, 360.0);
    const double pitch = std::atan2(d.z, std::hypot(d.x, d.y)) * 180.0 / std::numbers::pi;
    return "{ lat = " + fixed(eye.latitudeDegrees, 7) + ", lon = " + fixed(eye.longitudeDegrees, 7) +
           ", height = " + fixed(eye.heightMeters, 2) + ", heading = " + fixed(heading, 2) +
           ", pitch = " + fixed(pitch, 2) + ", roll = 0.0 }";
}

constexpr Color kWhite{206, 204, 198, 255}, kTimber{150, 104, 66, 255}, kGlassTone{110, 134, 146, 255},
    kGreenRoof{66, 104, 46, 255}, kTerrace{168, 156, 138, 255}, kBrick{150, 92, 70, 255}, kMetal{150, 154, 156, 255},
    kLeaf{60, 92, 42, 255};

Carpenter carpenter(double u, double v, double length, double depth) {
    return {Footprint{{u, v}, length, depth, 0}, 0};
}

void tree(Builder& b, double u, double v) {
    b.lathe({u, v, 0.2}, {{0.16, 0}, {0.1, 2.4}}, 5, kTimber);
    b.lathe({u, v, 0.2}, {{0.0, 1.9}, {1.9, 3.0}, {1.6, 4.4}, {0.0, 5.8}}, 7, kLeaf);
}

void block(Builder& b, double u, double v, double length, double depth, double floors, double storey, Color wall,
           Color roof) {
    Carpenter c = carpenter(u, v, length, depth);
    const double h = floors * storey, l = 0.5 * length, d = 0.5 * depth;
    c.house({-l, l, -d, d, -0.3, h}, wall, roof);
    c.parapet({-l, l, -d, d, h, h + 0.9}, 0.25, kWhite);
    for (int f = 1; f < floors; ++f)
        c.box({-l - 0.5, l + 0.5, -d - 0.9, d + 0.3, f * storey - 0.2, f * storey + 0.05}, kWhite, Carpenter::all);
    b.append(c.take());
}

struct Design {
    const char *id, *scene, *nameZh, *nameEn, *model;
    const char* at;
    double length, depth;
    Mesh (*build)();
};

Mesh riverHall() { // a stepped hall with planted terraces towards the water
    Builder b;
    b.append(box({0, 0, -0.2}, {86, 58, 0.4}, 0, kTerrace, true));
    for (int i = 0; i < 4; ++i)
        block(b, -12 + 6.0 * i, 6.0, 54 - 11.0 * i, 30 - 4.0 * i, 1.0 + i, 5.0, i % 2 ? kGlassTone : kWhite,
              kGreenRoof);
    block(b, 27, 8, 18, 18, 9, 4.0, kGlassTone, kGreenRoof);
    for (int i = 0; i < 9; ++i)
        b.beam({-38 + 3.0 * i, -22, 0.2}, {-38 + 3.0 * i, -12, 0.6}, 1.4, 0.5, kTimber);
    for (int i = 0; i < 12; ++i)
        tree(b, -38 + 7 * i, -25.5);
    for (int i = 0; i < 6; ++i)
        tree(b, -39, -14 + 7 * i);
    return b.take();
}

Mesh coreHub() { // a community hub round a square, with a slender tower
    Builder b;
    b.append(box({0, 0, -0.2}, {88, 60, 0.4}, 0, kTerrace, true));
    block(b, -28, 6, 20, 40, 4, 4.2, kBrick, kGreenRoof);
    block(b, 6, 20, 46, 14, 3, 4.2, kWhite, kGreenRoof);
    block(b, 32, 2, 16, 18, 14, 3.9, kGlassTone, kMetal);
    b.append(cylinder({4, -8, 0.2}, 8.0, 8.0, 0.35, 24, kGreenRoof, true));
    for (int i = 0; i < 8; ++i)
        tree(b, 4 + 11 * std::cos(i * 0.785), -8 + 11 * std::sin(i * 0.785));
    for (int i = 0; i < 11; ++i)
        tree(b, -40 + 8 * i, -26.5);
    b.beam({-18, -4, 8.6}, {24, 14, 8.6}, 3.0, 0.5, kTimber); // a bridge between the houses
    return b.take();
}

Mesh courtHomes() { // four houses round a garden
    Builder b;
    b.append(box({0, 0, -0.2}, {84, 62, 0.4}, 0, kTerrace, true));
    b.append(box({0, -3, 0.15}, {50, 16, 0.15}, 0, kGreenRoof, true));
    for (const double u : {-22.0, 22.0}) {
        block(b, u, 20, 36, 12, 6, 3.0, kWhite, kGreenRoof);
        block(b, u, -23, 36, 11, 4, 3.0, kBrick, kGreenRoof);
        for (const double v : {26.4})
            b.append(box({u, v + 1.2, 0}, {2.6, 2.4, 20.5}, 0, kGlassTone, true));
    }
    for (int i = 0; i < 7; ++i)
        tree(b, -24 + 8 * i, -6), tree(b, -22 + 7.5 * i, 2);
    return b.take();
}

constexpr Design kDesigns[] = {{"riverfront-a", "riverfront", "滨江会客厅(规划方案)", "Riverside hall (proposal)",
                                "hall", "proposal_riverfront", 88, 60, riverHall},
                               {"core-a", "core", "核心区社区中心(规划方案)", "Core community hub (proposal)", "hub",
                                "proposal_core", 90, 62, coreHub},
                               {"residential-a", "residential", "里弄更新合院(规划方案)",
                                "Courtyard renewal (proposal)", "homes", "proposal_residential", 86, 64, courtHomes}};

core::Result<void> writeProposal(const City& city, const geo::DistrictFrame& frame, const Design& design,
                                 const std::filesystem::path& folder) {
    const glm::dvec2 at = city.place.points.at(design.at);
    // Turned like the houses around it.
    double angle = 0, least = 1e300;
    for (const auto& b : city.buildings)
        if (const double d = glm::length(b.footprint.middle - at); d < least && b.form != Form::annex)
            least = d, angle = b.footprint.angle;
    const Footprint site{at, design.length, design.depth, angle};
    std::string text = "# 规划方案示意,非审定方案\nid = \"" + std::string(design.id) + "\"\nname = { zh = \"" +
                       design.nameZh + "\", en = \"" + design.nameEn + "\" }\nscene = \"" + design.scene +
                       "\"\nhide = [";
    std::vector<std::string> hidden;
    for (const auto& b : city.buildings)
        if (gapBetween(site, b.footprint) < 0.5) hidden.push_back("buildings/" + b.id);
    // What grows and stands on the site goes with the houses.
    for (std::size_t i = 0; i < city.trees.size(); ++i)
        if (gapBetween(site, {city.trees[i].at, 0.5, 0.5, 0}) < 1.5) hidden.push_back("trees/" + treeId(i));
    for (const auto& lamp : city.lamps)
        if (gapBetween(site, {lamp.at, 0.3, 0.3, 0}) < 0.3) hidden.push_back("lamps/" + lamp.id);
    for (std::size_t i = 0; i < hidden.size(); ++i)
        text += (i ? ", \"" : "\"") + hidden[i] + "\"";
    const auto g = frame.toGeodetic({at.x, at.y, kGround});
    // The grid's north against true north, and the site's own turn.
    const auto north = frame.toGeodetic({at.x, at.y + 100.0, kGround});
    const double convergence = std::atan2((north.longitudeDegrees - g.longitudeDegrees) *
                                              std::cos(g.latitudeDegrees * std::numbers::pi / 180.0),
                                          north.latitudeDegrees - g.latitudeDegrees) *
                               180.0 / std::numbers::pi;
    const double heading = std::fmod(convergence - angle * 180.0 / std::numbers::pi + 360.0, 360.0);
    text += "]\n[[add]]\nid = \"" + std::string(design.model) + "\"\nmodel = \"models/" + design.model +
            ".glb\"\nplace = { lon = " + fixed(g.longitudeDegrees, 7) + ", lat = " + fixed(g.latitudeDegrees, 7) +
            ", height = " + fixed(kGround, 2) + ", heading = " + fixed(heading, 2) + " }\n";
    MATOU_CHECK(core::writeFile(folder / "proposals" / (std::string(design.id) + ".toml"), text));
    const auto glb = glbOf(linear(design.build()), design.model);
    return core::writeFile(folder / "models" / (std::string(design.model) + ".glb"), std::span<const std::byte>(glb));
}

struct Step {
    const char *scene, *view, *endView, *date, *zh, *en, *layers, *proposal;
    double seconds;
};

constexpr Step kSteps[] = {
    {"riverfront", "tour.overview", "", "2023-09-18",
     "2023年9月，《南码头路街道整体提升打造精品城区专项行动计划(2023-2025)》印发：一核、两带、三片区",
     "September 2023: the three-year plan is issued: one core, two belts, three residential areas", "\"zones\"", "", 9},
    {"riverfront", "riverfront", "tour.bridge", "2023-12-01", "世博滨江“政务商务带”：南浦大桥下，滨水界面逐段连通",
     "The Expo riverfront belt: the water front is connected, stretch by stretch", "\"projects\"", "", 9},
    {"riverfront", "tour.ferry", "", "2024-03-15", "南码头渡口与滨江步道：从1523年的官渡到今天的会客厅(规划)",
     "The ferry and the riverside walk: a crossing since 1523, a meeting place to come (planned)", "", "riverfront-a",
     8},
    {"riverfront", "tour.creek", "tour.creek2", "2024-06-20", "白莲泾“产业聚集带”：绿脉贯通，盘活楼宇空间",
     "The Bailianjing belt: a green line along the creek, vacant space put to use", "\"projects\"", "", 9},
    {"core", "core", "tour.core2", "2024-09-30", "核心区域：临沂公园与浦东游泳馆一带，打造富有活力的街区",
     "The core: Linyi Park and the Pudong Natatorium, a lively quarter", "\"zones\", \"projects\"", "", 9},
    {"core", "core.mid", "", "2024-12-15", "高空慧眼与街面监控：AI烟火识别，智能感知点位预警告警",
     "High-point and street cameras: smoke and fire recognised, sensing points that warn", "\"sensors\", \"cameras\"",
     "", 8},
    {"residential", "residential", "tour.estate", "2025-03-20",
     "“怡养临沂”“人文滨江”：老旧小区改造、加装电梯，一老一小有所依",
     "Linyi and the riverfront quarter: estates improved, lifts added, services for old and young", "\"projects\"", "",
     9},
    {"residential", "tour.wedge", "", "2025-06-01", "“和美六里”居住区：500米见绿，社区巴士微循环(规划)",
     "Liuli: green within 500 m, a community bus (planned)", "\"zones\"", "", 8},
    {"residential", "tour.overview", "", "2025-12-20", "2025年底：精品城区建设任务按计划移交(规划)",
     "End of 2025: the plan's works are handed over (planned)", "\"projects\", \"zones\"", "", 8}};

std::string tourText(const Place& place, const geo::DistrictFrame& frame) {
    std::string text = "id = \"tour\"\nname = { zh = \"精品城区三年行动(2023-2025)\", en = \"Three years of the plan "
                       "(2023-2025)\" }\n";
    for (const auto& step : kSteps) {
        text += "\n[[step]]\nscene = \"" + std::string(step.scene) +
                "\"\ncamera = " + poseText(place.views.at(step.view), frame) + "\n";
        if (*step.endView) text += "end_camera = " + poseText(place.views.at(step.endView), frame) + "\n";
        text += "caption = { zh = \"" + std::string(step.zh) + "\", en = \"" + step.en +
                "\" }\nseconds = " + fixed(step.seconds, 1) + "\ntransition_s = 3.0\ndate = \"" + step.date +
                "\"\nlayers = [" + step.layers +
                "]\nlook = \"natural\"\ntime = \"2025-06-15T15:30:00+08:00\"\nproposal = \"" + step.proposal + "\"\n";
    }
    return text;
}

struct LayerRow {
    const char *id, *zh, *en, *role;
    int order;
};
constexpr LayerRow kLayers[] = {{"far-ground", "周边地面", "Surroundings", "ground", 0},
                                {"ground", "地面", "Ground", "ground", 0},
                                {"green", "绿地", "Green", "green", 1},
                                {"water", "水面", "Water", "water", 2},
                                {"roads", "道路", "Roads", "road", 3},
                                {"markings", "道路标线", "Road markings", "line", 4},
                                {"buildings", "建筑", "Buildings", "buildings", 0},
                                {"structures", "桥梁与防汛设施", "Bridges and flood works", "model", 0},
                                {"walls", "围墙", "Walls", "prop", 0},
                                {"trees", "树木", "Trees", "vegetation", 0},
                                {"lamps", "路灯", "Street lamps", "prop", 0},
                                {"furniture", "街道家具(示意)", "Street furniture (illustrative)", "prop", 0},
                                {"vehicles", "车辆(示意)", "Vehicles (illustrative)", "prop", 0},
                                {"context", "周边城市", "City beyond", "context", 0}};

std::string districtText(const City& city, const geo::DistrictFrame& frame, std::uint64_t seed) {
    const auto center = frame.toGeodetic({city.place.center.x, city.place.center.y, 0});
    std::string t = "version = 1\nid = \"nanmatou\"\nname = { zh = \"南码头路街道\", en = \"Nanmatou Road "
                    "Subdistrict\" }\ncrs = \"" +
                    std::string(kCrs) + "\"\n";
    t += "vertical_datum = { name = \"1985国家高程基准\", above_ellipsoid_m = " + fixed(kDatumAboveEllipsoid, 1) +
         ", accuracy_m = 1.0, provenance = \"One constant for the whole district: geoid undulation near Shanghai from "
         "global models, rounded to 1 m; no grid of the 1985 "
         "datum is public. Wusong datum = 1985 datum + 1.63 m here.\" }\n";
    t += "center = { lon = " + fixed(center.longitudeDegrees, 6) + ", lat = " + fixed(center.latitudeDegrees, 6) +
         " }\n";
    t += "start = \"2025-06-15T14:30:00+08:00\"\nsynthetic = true\nnotice = { zh = \"示意数据 "
         "界线仅为示意,不作为法定边界依据\", en = \"Illustrative data; boundaries are not legal "
         "boundaries\" }\nattribution = [\"Synthetic district; alignments of bridge, arterial roads and metro after © "
         "OpenStreetMap contributors (ODbL)\"]\n";
    for (const auto& l : kLayers)
        t += "\n[[layer]]\nid = \"" + std::string(l.id) + "\"\nname = { zh = \"" + l.zh + "\", en = \"" + l.en +
             "\" }\nrole = \"" + l.role + "\"\norder = " + std::to_string(l.order) + "\ntileset = \"tiles/" + l.id +
             "/tileset.json\"\nvisible = true\n";
    t += "\n[files]\nzones = \"layers/zones.geojson\"\nsensors = \"layers/sensors.geojson\"\ncameras = "
         "\"layers/cameras.geojson\"\nprojects = \"layers/projects.geojson\"\n"
         "labels = \"layers/labels.geojson\"\n";
    const struct {
        const char *id, *zh, *en, *proposal;
    } scenes[] = {{"riverfront", "世博滨江与白莲泾", "Riverfront and Bailianjing", "riverfront-a"},
                  {"core", "核心区域", "Central core", "core-a"},
                  {"residential", "人文滨江·怡养临沂·和美六里", "Residential areas", "residential-a"}};
    for (const auto& s : scenes) {
        t += "\n[[scene]]\nid = \"" + std::string(s.id) + "\"\nname = { zh = \"" + s.zh + "\", en = \"" + s.en +
             "\" }\ncamera = " + poseText(city.place.views.at(s.id), frame) + "\nlayers = []\nproposal = \"" +
             s.proposal + "\"\n";
        for (const char* mark : {"walk", "mid", "far"})
            t += "[[scene.bookmark]]\nid = \"" + std::string(mark) +
                 "\"\ncamera = " + poseText(city.place.views.at(std::string(s.id) + "." + mark), frame) + "\n";
    }
    t += "\n[[feed]]\nid = \"embedded\"\nkind = \"embedded\"\nexpected_interval_s = 5.0\nseed = " +
         std::to_string(seed) + "\n\n[simulation]\nrate_per_s = 200.0\nseed = " + std::to_string(seed) + "\n";
    return t;
}

} // namespace

core::Result<void> writeScenes(const City& city, const geo::DistrictFrame& frame, std::uint64_t seed,
                               const std::filesystem::path& folder) {
    for (const auto& design : kDesigns)
        MATOU_CHECK(writeProposal(city, frame, design, folder));
    MATOU_CHECK(core::writeFile(folder / "storyboards/tour.toml", tourText(city.place, frame)));
    std::string district = districtText(city, frame, seed);
    // Root keys of TOML stand before its tables.
    const auto tables = district.find("\n[[layer]]");
    district.insert(tables, "proposals = [\"proposals/riverfront-a.toml\", \"proposals/core-a.toml\", "
                            "\"proposals/residential-a.toml\"]\nstoryboards = [\"storyboards/tour.toml\"]\n");
    return core::writeFile(folder / "district.toml", district);
}

} // namespace matou::importers::nanmatou
