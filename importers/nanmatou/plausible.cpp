#include "nanmatou/plausible.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <map>
#include <numbers>

#include <toml++/toml.h>

#include "core/file.h"
#include "core/json.h"
#include "nanmatou/shares.h"
#include "nanmatou/spacing.h"

namespace matou::importers {

namespace {

using namespace nanmatou;
using core::Json;

// Coordinates are kept to 1e-7 degrees, which moves a corner by up to 1 cm.
constexpr double kTolerance = 0.05;
constexpr double kAlongStreet = 15.0, kMostFromSouthDegrees = 15.0;

struct House {
    std::string id, form, use, zone;
    int floors = 0;
    double height = 0;
    Footprint footprint;
};
struct Strip { // one straight piece of a street or lane, as a rectangle
    Footprint body;
    bool street = false;
    double rightOfWay = 0;
};
struct Device {
    std::string id, mount;
    glm::dvec2 at{0.0};
    double height = 0;
};
struct Plan {
    std::vector<House> houses;
    std::vector<Strip> strips;
    MultiPolygon water;
    std::map<std::string, glm::dvec2> lamps;
    std::vector<Device> sensors, cameras;
    double northTurn = 0; // grid north against true north, radians
};

class PlanReader {
public:
    PlanReader(const geo::DistrictFrame& frame, Plan& plan) : _frame(frame), _plan(plan) {}

    void feature(const Json& f) {
        const Json &p = f.at("properties"), &c = f.at("geometry").at("coordinates");
        const std::string what = p.at("what");
        if (what == "building") {
            House h{p.at("id"),
                    p.at("form"),
                    p.at("use"),
                    p.at("zone"),
                    p.at("floors").get<int>(),
                    p.at("height").get<double>(),
                    {}};
            const glm::dvec2 a = point(c.at(0).at(0)), b = point(c.at(0).at(1)), d = point(c.at(0).at(3));
            h.footprint = {0.5 * (b + d), glm::length(b - a), glm::length(d - a), std::atan2(b.y - a.y, b.x - a.x)};
            _plan.houses.push_back(std::move(h));
        } else if (what == "street" || what == "lane") {
            for (std::size_t i = 0; i + 1 < c.size(); ++i) {
                const glm::dvec2 a = point(c.at(i)), b = point(c.at(i + 1));
                if (glm::length(b - a) < 0.01) continue;
                _plan.strips.push_back(
                    {{0.5 * (a + b), glm::length(b - a), p.at("width").get<double>(), std::atan2(b.y - a.y, b.x - a.x)},
                     what == "street",
                     p.value("right_of_way", 0.0)});
            }
        } else if (what == "water") {
            for (const auto& polygon : c) {
                Polygon out;
                for (std::size_t i = 0; i < polygon.size(); ++i)
                    (i == 0 ? out.outer : out.holes.emplace_back()) = ring(polygon.at(i));
                _plan.water.push_back(normalized(std::move(out)));
            }
        } else if (what == "lamp") {
            _plan.lamps[p.at("id")] = point(c);
        }
    }
    Device device(const Json& f) const {
        const Json& c = f.at("geometry").at("coordinates");
        return {f.at("properties").at("id"), f.at("properties").at("mount"), point(c), c.at(2).get<double>()};
    }

private:
    glm::dvec2 point(const Json& lonLat) const {
        const auto p = _frame.fromLonLat(lonLat.at(0).get<double>(), lonLat.at(1).get<double>());
        return {p.east, p.north};
    }
    Ring ring(const Json& points) const {
        Ring out;
        for (const auto& p : points)
            out.push_back(point(p));
        if (!out.empty()) out.pop_back();
        return out;
    }
    const geo::DistrictFrame& _frame;
    Plan& _plan;
};

core::Result<Plan> readPlan(const std::filesystem::path& district) {
    MATOU_TRY(text, core::readTextFile(district / "district.toml"));
    std::string crs;
    double datum = 0;
    try { // toml++ throws on a syntax error
        const auto table = toml::parse(text);
        crs = table["crs"].value_or(std::string());
        datum = table["vertical_datum"]["above_ellipsoid_m"].value_or(0.0);
    } catch (const toml::parse_error& e) {
        return core::fail("E_PLAN", (district / "district.toml").string(), {std::string(e.description())});
    }
    MATOU_TRY(frame, geo::DistrictFrame::create(crs, datum));
    Plan plan;
    PlanReader reader(frame, plan);
    const struct {
        const char* file;
        std::vector<Device>* devices;
    } files[] = {{"plan", nullptr}, {"sensors", &plan.sensors}, {"cameras", &plan.cameras}};
    for (const auto& [name, devices] : files) {
        const auto path = district / "layers" / (std::string(name) + ".geojson");
        MATOU_TRY(content, core::readTextFile(path));
        MATOU_TRY(json, core::parseJson(content, path.string()));
        try { // nlohmann's exceptions end here
            for (const auto& f : json.at("features")) {
                if (devices)
                    devices->push_back(reader.device(f));
                else
                    reader.feature(f);
            }
        } catch (const Json::exception& e) {
            return core::fail("E_PLAN", path.string(), {e.what()});
        }
    }
    if (plan.houses.empty()) return core::fail("E_PLAN", (district / "layers/plan.geojson").string(), {"no building"});
    const auto here = frame.toGeodetic({plan.houses[0].footprint.middle.x, plan.houses[0].footprint.middle.y, 0});
    const auto north =
        frame.toGeodetic({plan.houses[0].footprint.middle.x, plan.houses[0].footprint.middle.y + 1000, 0});
    plan.northTurn = std::atan2((north.longitudeDegrees - here.longitudeDegrees) *
                                    std::cos(here.latitudeDegrees * std::numbers::pi / 180.0),
                                north.latitudeDegrees - here.latitudeDegrees);
    return plan;
}

class Checker {
public:
    Checker(const Plan& plan, core::Language language) : _plan(plan), _language(language) {
        for (std::size_t i = 0; i < plan.houses.size(); ++i) {
            _houses.add(static_cast<std::uint32_t>(i), plan.houses[i].footprint);
            _byId[plan.houses[i].id] = i;
        }
        for (std::size_t i = 0; i < plan.strips.size(); ++i)
            _strips.add(static_cast<std::uint32_t>(i), plan.strips[i].body);
    }

    PlausibleReport run() {
        ground();
        facing();
        shares();
        devices(_plan.sensors, "UI_PLAUSIBLE_SENSORS");
        devices(_plan.cameras, "UI_PLAUSIBLE_CAMERAS");
        say("UI_PLAUSIBLE_TOTAL", {std::to_string(_report.violations)});
        return std::move(_report);
    }

private:
    void say(const char* key, const std::vector<std::string>& arguments) {
        _report.lines.push_back(core::text(_language, key, arguments));
    }
    static std::string number(double value, int places = 1) {
        char text[32];
        std::snprintf(text, sizeof text, "%.*f", places, value);
        return text;
    }
    /// One line per question: how many were asked, how many fail, the first few that do.
    void verdict(const char* key, std::size_t asked, const std::vector<std::string>& failing) {
        std::string names;
        for (std::size_t i = 0; i < failing.size() && i < 5; ++i)
            names += (i ? ", " : ": ") + failing[i];
        say(key, {std::to_string(asked), std::to_string(failing.size()), names});
        _report.violations += failing.size();
    }

    void ground() {
        std::vector<std::string> onRoad, inWater, inOther, far;
        for (std::size_t i = 0; i < _plan.houses.size(); ++i) {
            const House& h = _plan.houses[i];
            Footprint shrunk = h.footprint;
            shrunk.length -= 2 * kTolerance, shrunk.depth -= 2 * kTolerance;
            double nearest = 1e9;
            bool road = false;
            for (const auto s : _strips.near(h.footprint, 60.0)) {
                const Strip& strip = _plan.strips[s];
                road = road || gapBetween(shrunk, strip.body) <= 0;
                const double pavement = strip.street ? 0.5 * (strip.rightOfWay - strip.body.depth) : 0.0;
                nearest = std::min(nearest, gapBetween(h.footprint, strip.body) - pavement);
            }
            if (road) onRoad.push_back(h.id);
            if (nearest > kAlongStreet) far.push_back(h.id + " " + number(nearest) + " m");
            if (intersects({shrunk.polygon()}, _plan.water)) inWater.push_back(h.id);
            for (const auto other : _houses.near(h.footprint, 1.0))
                if (other > i && gapBetween(shrunk, _plan.houses[other].footprint) <= 0)
                    inOther.push_back(h.id + "/" + _plan.houses[other].id);
        }
        verdict("UI_PLAUSIBLE_ROAD", _plan.houses.size(), onRoad);
        verdict("UI_PLAUSIBLE_WATER", _plan.houses.size(), inWater);
        verdict("UI_PLAUSIBLE_OVERLAP", _plan.houses.size(), inOther);
        verdict("UI_PLAUSIBLE_STREET", _plan.houses.size(), far);
    }

    static bool takesSun(const House& h) { return h.form == "slab" || h.form == "tower" || h.form == "school"; }

    void facing() {
        std::vector<std::string> turned, dark;
        std::size_t slabs = 0, pairs = 0;
        for (std::size_t i = 0; i < _plan.houses.size(); ++i) {
            const House& h = _plan.houses[i];
            if (!takesSun(h)) continue;
            if (h.form == "slab") {
                ++slabs;
                const double off = std::abs(h.footprint.angle - _plan.northTurn) * 180.0 / std::numbers::pi;
                if (off > kMostFromSouthDegrees) turned.push_back(h.id + " " + number(off) + "°");
            }
            for (const auto other : _houses.near(h.footprint, 70.0)) {
                const House& s = _plan.houses[other];
                if (other == i) continue;
                const double gap = southernGap(s.footprint, h.footprint, 3.0 + 2 * kTolerance);
                if (gap < 0) continue;
                ++pairs;
                if (gap + kTolerance < lawfulGap(s.height))
                    dark.push_back(h.id + "<" + s.id + " " + number(gap) + "/" + number(lawfulGap(s.height)) + " m");
            }
        }
        verdict("UI_PLAUSIBLE_SOUTH", slabs, turned);
        verdict("UI_PLAUSIBLE_SPACING", pairs, dark);
    }

    struct Tally {
        int count = 0;
        std::array<int, kStoreyClasses> storeys{};
        std::map<std::string, int> uses;
        std::vector<double> footprints;
        double tallest = 0;
        void add(const House& h) {
            ++count;
            ++storeys[static_cast<std::size_t>(storeyClass(h.floors))];
            ++uses[h.use];
            footprints.push_back(h.footprint.area());
            tallest = std::max(tallest, h.height);
        }
        double sum() const {
            double all = 0;
            for (const double f : footprints)
                all += f;
            return all;
        }
        double median() const {
            auto sorted = footprints;
            std::sort(sorted.begin(), sorted.end());
            return sorted.empty() ? 0 : sorted[sorted.size() / 2];
        }
    };

    void row(const std::string& name, const Tally& t) {
        std::vector<std::string> cells{name, std::to_string(t.count)};
        for (std::size_t c = 0; c < 5; ++c)
            cells.push_back(number(100.0 * t.storeys[c] / std::max(1, t.count)));
        cells.push_back(std::to_string(t.storeys[5]));
        for (const char* use : kUses) {
            const auto found = t.uses.find(use);
            cells.push_back(number(found == t.uses.end() ? 0.0 : 100.0 * found->second / std::max(1, t.count)));
        }
        cells.push_back(number(t.sum() / 1e6, 3));
        cells.push_back(number(t.median(), 0));
        std::string line;
        for (std::size_t i = 0; i < cells.size(); ++i) {
            line += cells[i];
            if (i + 1 < cells.size()) line += std::string(cells[i].size() < 7 ? 8 - cells[i].size() : 1, ' ');
        }
        _report.lines.push_back("  " + line);
    }

    void shares() {
        Tally all;
        std::map<std::string, Tally> zones;
        for (const auto& h : _plan.houses)
            all.add(h), zones[h.zone].add(h);
        say("UI_PLAUSIBLE_TABLE", {});
        _report.lines.push_back("  zone    n       1-3     4-6     7-9     10-18   19-33   >33     住宅      办公      "
                                "公共      商业      教育      km2     m2");
        for (const auto& [zone, tally] : zones)
            row(zone, tally);
        row("all", all);
        _report.lines.push_back("  facts   2570    43      33      6       12      4       11      60      15      11  "
                                "    7       6       0.82    207");
        std::vector<std::string> off;
        auto within = [&](const std::string& what, double is, double should, double tolerance) {
            if (std::abs(is - should) > tolerance)
                off.push_back(what + " " + number(is, 2) + " / " + number(should, 2));
        };
        const double n = all.count;
        for (std::size_t c = 0; c < 5; ++c)
            within("storeys " + std::to_string(c), 100.0 * all.storeys[c] / n, 100.0 * kStoreyShares[c], 3.0);
        within(">33", all.storeys[5], kOverThirtyThree, 0.5);
        for (const char* use : kUses)
            within(use, 100.0 * all.uses[use] / n, 100.0 * shareOfUse(use), 3.0);
        within("n", n, kBuildings, 0.10 * kBuildings);
        within("km2", all.sum() / 1e6, kFootprintsKm2, 0.12 * kFootprintsKm2);
        within("median m2", all.median(), kMedianFootprint, 0.15 * kMedianFootprint);
        within("tallest m", all.tallest, kTallestMeters, 8.0);
        verdict("UI_PLAUSIBLE_SHARES", 15, off);
    }

    void devices(const std::vector<Device>& list, const char* key) {
        std::vector<std::string> loose;
        for (const auto& d : list) {
            const Footprint probe{d.at, 0.02, 0.02, 0};
            const auto slash = d.mount.find('/');
            const std::string layer = d.mount.substr(0, slash),
                              id = slash == std::string::npos ? "" : d.mount.substr(slash + 1);
            bool held = false;
            if (layer == "buildings") {
                const auto house = _byId.find(id);
                held = house != _byId.end() && gapBetween(probe, _plan.houses[house->second].footprint) < 0.6;
            } else if (layer == "lamps") {
                const auto lamp = _plan.lamps.find(id);
                held = lamp != _plan.lamps.end() && glm::length(lamp->second - d.at) < 0.5;
            } else if (layer == "structures") { // on a wall at the water's edge
                held = intersects({rectangle(d.at, 16, 16)}, _plan.water) && !contains(_plan.water, d.at);
            } else if (layer == "ground") {
                held = !contains(_plan.water, d.at);
                for (const auto h : _houses.near(probe, 1.0))
                    held = held && gapBetween(probe, _plan.houses[h].footprint) > 0;
                // A bridge carries what lies on its road.
                for (const auto s : _strips.near(probe, 1.0))
                    held = held || gapBetween(probe, _plan.strips[s].body) <= 0;
            }
            if (!held) loose.push_back(d.id + " (" + d.mount + ")");
        }
        verdict(key, list.size(), loose);
    }

    static constexpr std::array<const char*, 5> kUses{"住宅", "办公", "公共服务", "商业", "教育"};
    const Plan& _plan;
    core::Language _language;
    FootprintIndex _houses, _strips;
    std::map<std::string, std::size_t> _byId;
    PlausibleReport _report;
};

} // namespace

core::Result<PlausibleReport> plausibleReport(const std::filesystem::path& district, core::Language language) {
    MATOU_TRY(plan, readPlan(district));
    return Checker(plan, language).run();
}

} // namespace matou::importers
