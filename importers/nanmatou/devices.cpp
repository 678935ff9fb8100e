// The registry of sensors and cameras: each on something that can carry it.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <functional>
#include <numbers>

#include "nanmatou/builder.h"
#include "nanmatou/random.h"
#include "nanmatou/record_parts.h"

namespace matou::importers::nanmatou {

namespace {

struct Limit {
    int severity;
    bool above;
    double value, hysteresis, delay;
};

struct SensorKind {
    const char *kind, *zh, *en, *propertyZh, *unit;
    double interval, low, high;
    std::vector<Limit> limits;
};

// Levels are heights above the 1985 datum; 2.92 is the warning level 4.55 of the Wusong datum at Huangpu Park.
const SensorKind kSmoke{
    "smoke", "烟感", "smoke detector", "烟雾浓度", "%/m", 60, 0, 0.6, {{2, true, 3.0, 0.8, 5}, {1, true, 6.0, 1.0, 2}}};
const SensorKind kLift{"lift",     "电梯监测", "lift monitor",
                       "轿厢振动", "m/s2",     60,
                       0.02,       0.3,        {{3, true, 0.6, 0.1, 10}, {2, true, 1.0, 0.2, 5}}};
const SensorKind kLight{"light", "路灯监测", "street light monitor", "功率", "W", 60, 0, 160, {{4, true, 220, 10, 30}}};
const SensorKind kManhole{"manhole", "井盖监测", "manhole cover", "倾角", "deg", 60, 0, 2, {{2, true, 15, 5, 5}}};
const SensorKind kHydrant{"hydrant", "消火栓", "hydrant",
                          "水压",    "MPa",    60,
                          0.22,      0.42,     {{3, false, 0.14, 0.02, 20}, {2, false, 0.07, 0.02, 20}}};
const SensorKind kPonding{"ponding",  "积水监测", "ponding gauge",
                          "积水深度", "cm",       60,
                          0,          2,          {{4, true, 5, 1, 30}, {3, true, 15, 2, 30}, {2, true, 27, 2, 30}}};
const SensorKind kAir{
    "air_pm25",  "空气质量", "air quality",
    "PM2.5浓度", "ug/m3",    60,
    8,           80,         {{4, true, 75, 5, 120}, {3, true, 115, 8, 120}, {2, true, 150, 10, 120}}};
const SensorKind kNoise{
    "noise", "噪声监测", "noise monitor", "等效声级", "dB", 60, 42, 68, {{4, true, 70, 2, 60}, {3, true, 80, 2, 30}}};
const SensorKind kTraffic{"traffic", "交通流监测", "traffic monitor",     "平均车速", "km/h", 60,
                          16,        48,           {{4, false, 8, 2, 60}}};
const SensorKind kRiver{
    "water_level",
    "黄浦江水位",
    "river level",
    "水位(1985国家高程基准)",
    "m",
    30,
    -0.4,
    1.9,
    {{4, true, 2.3, 0.1, 60}, {3, true, 2.62, 0.1, 60}, {2, true, 2.92, 0.1, 60}, {1, true, 3.3, 0.1, 60}}};
const SensorKind kPump{"pump", "排涝泵站", "drainage pump", "排水流量", "m3/s", 30, 0, 6, {}};
const SensorKind kCreek{
    "water_level",
    "白莲泾水位",
    "creek level",
    "水位(1985国家高程基准)",
    "m",
    30,
    0.45,
    1.3,
    {{4, true, 1.7, 0.08, 60}, {3, true, 1.95, 0.08, 60}, {2, true, 2.15, 0.08, 60}, {1, true, 2.35, 0.08, 60}}};

/// Radio gateways stand 700 m apart; what hangs on one falls silent with it. Levels and pumps have lines of their own.
std::string gatewayAt(const City& city, const glm::dvec2& at) {
    const glm::dvec2 cell = glm::floor((at - city.place.center) / 700.0) + 8.0;
    return std::string("LW-") + static_cast<char>('A' + std::clamp(static_cast<int>(cell.x), 0, 25)) + std::to_string(static_cast<int>(cell.y));
}

class Registry {
public:
    Registry(const City& city, GeoJson& out) : _city(city), _out(out) {}
    void add(const SensorKind& kind, const glm::dvec2& at, double height, const std::string& mount,
             const std::string& where, const std::string& whereEn) {
        OrderedJson limits = OrderedJson::array();
        for (const auto& l : kind.limits)
            limits.push_back({{"severity", l.severity},
                              {"op", l.above ? "above" : "below"},
                              {"value", l.value},
                              {"hysteresis", l.hysteresis},
                              {"on_delay_s", l.delay}});
        char id[16];
        std::snprintf(id, sizeof id, "S-%05d", ++_count);
        const bool wired = kind.kind == std::string("water_level") || kind.kind == std::string("pump");
        _out.point(at, height,
                   {{"id", id},
                    {"name_zh", where + " " + kind.zh},
                    {"name_en", std::string(kind.en) + " " + whereEn},
                    {"kind", kind.kind},
                    {"property_zh", kind.propertyZh},
                    {"unit", kind.unit},
                    {"zone", _city.layout.zoneAt(at)},
                    {"mount", mount},
                    {"gateway", wired ? "" : gatewayAt(_city, at)},
                    {"expected_interval_s", kind.interval},
                    {"typical_min", kind.low},
                    {"typical_max", kind.high},
                    {"thresholds", limits}});
    }

private:
    const City& _city;
    GeoJson& _out;
    int _count = 0;
};

const Street& nearestStreet(const City& city, const glm::dvec2& p) {
    const Street* best = &city.place.streets.front();
    double least = 1e300;
    for (const auto& street : city.place.streets)
        if (const double d = distanceTo(street.line, p); d < least) least = d, best = &street;
    return *best;
}

/// Points on streets inside the boundary, at an offset from the middle.
std::vector<std::pair<glm::dvec2, const Street*>> alongStreets(const City& city, double step,
                                                               const std::function<double(const Street&)>& offset) {
    std::vector<std::pair<glm::dvec2, const Street*>> out;
    for (const auto& street : city.place.streets) {
        if (!street.inside) continue;
        double side = 1;
        for (const auto& s : stations(street.line, step)) {
            side = -side;
            const glm::dvec2 p = s.at + glm::dvec2(-s.along.y, s.along.x) * offset(street) * side;
            if (contains(city.layout.district, p) && !contains(city.layout.water, p)) out.push_back({p, &street});
        }
    }
    return out;
}

std::string number(const char* format, int n) {
    char text[32];
    std::snprintf(text, sizeof text, format, n);
    return text;
}

/// The first place of its kind that no house stands on: pavements are narrow where a landmark reaches out.
bool clearOfBuildings(const City& city, const glm::dvec2& p) {
    const Footprint probe{p, 0.3, 0.3, 0};
    for (const auto id : city.index.near(probe, 1.0))
        if (gapBetween(city.buildings[id].footprint, probe) < 0.3) return false;
    return true;
}

} // namespace

void addSensors(const City& city, std::uint64_t seed, GeoJson& out) {
    Random random(seed, "sensors");
    Registry registry(city, out);
    // Smoke: one for every stairwell of dwellings, one for shops, schools and public buildings.
    for (const auto& b : city.buildings) {
        if (b.form == Form::annex && b.use != "公共服务") continue;
        const int units = b.form == Form::slab ? std::min(b.units, 2) : b.form == Form::tower ? 2 : 1;
        if (b.form == Form::works || b.form == Form::house)
            if (!random.chance(0.55)) continue;
        for (int i = 0; i < units; ++i) {
            const double u = b.footprint.length * ((i + 0.5) / units - 0.5);
            const double z =
                kGround + std::min(b.height - 0.4, 2.6 + 2.8 * random.integer(0, std::max(0, b.floors - 1)));
            const std::string unit = units > 1 ? " " + std::to_string(i + 1) + "单元" : "";
            registry.add(kSmoke, b.footprint.at(u, 0.5 * b.footprint.depth), z, "buildings/" + b.id, b.name + unit,
                         b.id);
        }
    }
    for (const auto& b : city.buildings) {
        const int lifts = b.form == Form::tower    ? (b.floors >= 19 ? 2 : 1)
                          : b.form == Form::office ? 1
                          : b.addedLift            ? 1
                                                   : 0;
        for (int i = 0; i < lifts; ++i)
            registry.add(kLift, b.footprint.at(i * 2.0, 0.5 * b.footprint.depth), kGround + b.height,
                         "buildings/" + b.id, b.name + " " + std::to_string(i + 1) + "号梯", b.id);
    }
    for (std::size_t i = 0; i < city.lamps.size(); i += 3)
        registry.add(kLight, city.lamps[i].at, kGround + (city.lamps[i].tall ? 10.0 : 6.0), "lamps/" + city.lamps[i].id,
                     nearestStreet(city, city.lamps[i].at).nameZh + " " + city.lamps[i].id, city.lamps[i].id);
    int n = 0;
    for (const auto& [p, street] : alongStreets(city, 42.0, [](const Street& s) { return 0.25 * s.carriageway(); })) {
        ++n;
        registry.add(kManhole, p, kGround, "ground", street->nameZh + number(" 井盖%03d", n), "M" + std::to_string(n));
    }
    n = 0;
    for (const auto& [p, street] :
         alongStreets(city, 60.0, [](const Street& s) { return 0.5 * s.carriageway() + 0.8; })) {
        if (!clearOfBuildings(city, p)) continue;
        ++n;
        registry.add(kHydrant, p, kGround + 0.7, "ground", street->nameZh + number(" 消火栓%03d", n),
                     "H" + std::to_string(n));
    }
    n = 0;
    for (const auto& [p, street] : alongStreets(city, 420.0, [](const Street& s) { return 0.42 * s.carriageway(); })) {
        ++n;
        registry.add(kPonding, p, kGround, "ground", street->nameZh + number(" 积水点%02d", n),
                     "P" + std::to_string(n));
    }
    // On lamps, spread evenly.
    auto onLamps = [&](const SensorKind& kind, std::size_t every, std::size_t first, bool tallOnly,
                       const char* format) {
        int k = 0;
        for (std::size_t i = first; i < city.lamps.size(); i += every) {
            std::size_t at = i;
            while (tallOnly && at < city.lamps.size() && !city.lamps[at].tall)
                ++at;
            if (at >= city.lamps.size() || (tallOnly && at >= i + every)) continue;
            const auto& lamp = city.lamps[at];
            registry.add(kind, lamp.at, kGround + 4.5, "lamps/" + lamp.id,
                         nearestStreet(city, lamp.at).nameZh + number(format, ++k), lamp.id);
        }
    };
    onLamps(kAir, 52, 7, false, " 空气站%02d");
    onLamps(kNoise, 41, 11, false, " 噪声点%02d");
    onLamps(kTraffic, 9, 2, true, " 流量点%02d");
    // Water levels on the flood wall and on the creek's quay.
    n = 0;
    const glm::dvec2 mouth = city.place.fairway.front();
    for (const auto& s : stations(city.place.fairway, 260.0)) {
        const glm::dvec2 land(s.along.y, -s.along.x);
        const glm::dvec2 p = s.at + land * (0.5 * city.place.riverWidth + 6.2);
        if (glm::length(s.at - mouth) < 150.0) continue;
        ++n;
        registry.add(kRiver, p, kGround + 1.2, "structures/flood-wall", number("防汛墙%02d", n),
                     "W" + std::to_string(n));
    }
    n = 0;
    for (const auto& s : stations(city.place.creek, 270.0)) {
        const glm::dvec2 side(-s.along.y, s.along.x);
        for (const double turn : {-1.0, 1.0}) {
            const glm::dvec2 p = s.at + side * turn * (0.5 * city.place.creekWidth + 0.5);
            if (contains(city.layout.water, p) || !contains(city.layout.district, p)) continue;
            ++n;
            registry.add(kCreek, p, kGround + 0.8, "structures/quay-c", number("白莲泾%02d", n),
                         "C" + std::to_string(n));
            break;
        }
    }
    // Pumps lift the streets' water into the creek.
    n = 0;
    for (const auto& s : stations(city.place.creek, 560.0)) {
        const glm::dvec2 side(-s.along.y, s.along.x);
        for (const double turn : {1.0, -1.0}) {
            const glm::dvec2 p = s.at + side * turn * (0.5 * city.place.creekWidth + 9.0);
            if (contains(city.layout.water, p) || !contains(city.layout.district, p) || !clearOfBuildings(city, p)) continue;
            ++n;
            registry.add(kPump, p, kGround + 1.5, "ground", number("白莲泾%02d号", n), "D" + std::to_string(n));
            break;
        }
    }
}

void addCameras(const City& city, std::uint64_t seed, GeoJson& out) {
    Random random(seed, "cameras");
    int n = 0;
    auto add = [&](const std::string& name, const std::string& nameEn, bool high, const glm::dvec2& at, double height,
                   const std::string& mount, double heading, double pitch, double fov, double range, double major,
                   double minor) {
        out.point(at, height,
                  {{"id", number("C-%04d", n)},
                   {"name_zh", name},
                   {"name_en", nameEn},
                   {"high_point", high},
                   {"zone", city.layout.zoneAt(at)},
                   {"mount", mount},
                   {"heading", decimals(std::fmod(heading + 720.0, 360.0), 1)},
                   {"pitch", pitch},
                   {"hfov", fov},
                   {"range_m", decimals(range, 0)},
                   {"error_major_m", decimals(major, 1)},
                   {"error_minor_m", decimals(minor, 1)},
                   {"smoke_fire_ai", true}});
    };
    // High points: the tallest roofs that stand at least 450 m apart.
    std::vector<const Building*> tall;
    for (const auto& b : city.buildings)
        if (b.form == Form::tower || b.form == Form::office) tall.push_back(&b);
    std::stable_sort(tall.begin(), tall.end(),
                     [](const Building* a, const Building* b) { return a->height > b->height; });
    std::vector<const Building*> chosen;
    for (const double apart : {650.0, 500.0, 350.0})
        for (const auto* b : tall) {
            bool far = chosen.size() < 6;
            for (const auto* c : chosen)
                far = far && glm::length(b->footprint.middle - c->footprint.middle) > apart;
            if (far) chosen.push_back(b);
        }
    for (const auto* b : chosen) {
        const glm::dvec2 d = city.place.center - b->footprint.middle;
        ++n;
        add(number("高空慧眼%02d", n), number("high-point camera %02d", n), true,
            b->footprint.at(0, -0.45 * b->footprint.depth), kGround + b->height + 2.5, "buildings/" + b->id,
            90.0 - std::atan2(d.y, d.x) * 180.0 / std::numbers::pi, -7.0, 32.0, 2200, 65, 14);
    }
    // Street cameras: most on lamps, looking along their street; the rest on houses at the gates.
    const int wanted = 1500, onHouses = 280;
    std::vector<std::size_t> lamps(city.lamps.size());
    for (std::size_t i = 0; i < lamps.size(); ++i)
        lamps[i] = i;
    random.shuffle(lamps);
    lamps.resize(std::min<std::size_t>(lamps.size(), static_cast<std::size_t>(wanted - onHouses) - chosen.size()));
    std::sort(lamps.begin(), lamps.end());
    for (const auto i : lamps) {
        const Lamp& lamp = city.lamps[i];
        const double turn = random.chance(0.5) ? 68.0 : -68.0,
                     range = lamp.tall ? random.range(70, 120) : random.range(40, 75);
        ++n;
        add(nearestStreet(city, lamp.at).nameZh + " 街面" + number("%04d", n), number("street camera %04d", n), false,
            lamp.at, kGround + (lamp.tall ? 6.5 : 4.6), "lamps/" + lamp.id, lamp.heading + turn,
            lamp.tall ? -12.0 : -14.0, random.range(55, 88), range, 0.07 * range, 0.025 * range);
    }
    std::vector<std::size_t> houses;
    for (std::size_t i = 0; i < city.buildings.size(); ++i)
        if (const Form f = city.buildings[i].form; f != Form::annex && f != Form::house) houses.push_back(i);
    random.shuffle(houses);
    houses.resize(std::min<std::size_t>(houses.size(), static_cast<std::size_t>(wanted - n)));
    std::sort(houses.begin(), houses.end());
    for (const auto i : houses) {
        const Building& b = city.buildings[i];
        const bool south = random.chance(0.5);
        const double side = south ? -1.0 : 1.0, corner = random.chance(0.5) ? -1.0 : 1.0;
        const double facing = (south ? 180.0 : 0.0) - b.footprint.angle * 180.0 / std::numbers::pi,
                     range = random.range(35, 60);
        ++n;
        add(b.name + " 街面" + number("%04d", n), number("street camera %04d", n), false,
            b.footprint.at(corner * 0.49 * b.footprint.length, side * (0.5 * b.footprint.depth + 0.05)),
            kGround + std::min(4.8, b.height - 0.3), "buildings/" + b.id, facing - corner * side * 35.0, -16.0,
            random.range(60, 92), range, 0.07 * range, 0.025 * range);
    }
}

} // namespace matou::importers::nanmatou
