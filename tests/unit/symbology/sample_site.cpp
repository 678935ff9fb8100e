#include "unit/symbology/sample_site.h"

#include <array>
#include <cmath>
#include <numbers>

#include "core/clock.h"

namespace matou::test {

namespace {

/// Numerical Recipes' quick generator: the same points everywhere.
struct Random {
    std::uint32_t state = 1;
    double next() {
        state = state * 1664525u + 1013904223u;
        return static_cast<double>(state >> 8) / 16777216.0;
    }
};

core::Instant day(int daysFromStart) { return *core::parseInstant("2023-01-01T00:00:00+08:00") + std::chrono::hours(24 * daysFromStart); }

} // namespace

core::Instant sampleNow() { return *core::parseInstant("2025-06-15T14:30:00+08:00"); }

twin::Alarm sampleAlarm(const std::string& id, int severity, double longitude, double latitude, core::Instant raised) {
    static const std::array<twin::Name, 4> kTitles{{{"烟火识别 · 胶南路", "Smoke detected, Jiaonan Rd"},
                                                    {"白莲泾水位超警", "Bailianjing above warning level"},
                                                    {"井盖异常开启", "Manhole cover opened"},
                                                    {"路灯离线", "Street lamp offline"}}};
    twin::Alarm alarm;
    alarm.id = id;
    alarm.dedupKey = id;
    alarm.alarmClass = severity == 1 ? "fire" : severity == 2 ? "flood" : severity == 3 ? "manhole" : "lamp";
    alarm.severity = severity;
    alarm.title = kTitles[static_cast<std::size_t>(severity - 1)];
    alarm.place = {longitude, latitude, 4.0};
    alarm.raised = alarm.lastOccurrence = raised;
    if (severity == 1) {
        alarm.errorMajorMeters = 60;
        alarm.errorMinorMeters = 22;
        alarm.errorBearingDegrees = 35;
    }
    return alarm;
}

SampleSite sampleSite(int sensors, int cameras, int projects) {
    SampleSite sample;
    auto registry = std::make_shared<twin::Registry>();
    auto state = std::make_shared<twin::StateSnapshot>();
    Random random;
    const double west = 121.499, east = 121.522, south = 31.184, north = 31.205;
    const auto inside = [&](double a, double b) { return a + (b - a) * random.next(); };

    registry->zones.push_back({"NMT", {"南码头路街道", "Nanmatou Road Subdistrict"}, "admin", "",
                               {{121.4985, 31.2050}, {121.5147, 31.2033}, {121.5247, 31.2011}, {121.5194, 31.1898}, {121.5157, 31.1801}, {121.5050, 31.1880}}});
    registry->zones.push_back({"CORE", {"核心区域", "Central Core"}, "core", "NMT",
                               {{121.5080, 31.1962}, {121.5115, 31.1962}, {121.5115, 31.1930}, {121.5080, 31.1930}}});
    registry->zones.push_back({"BELT-R", {"世博滨江“政务商务带”", "Expo Riverfront Belt"}, "belt", "NMT",
                               {{121.4990, 31.2045}, {121.5030, 31.2040}, {121.5060, 31.1985}, {121.5025, 31.1980}}});
    registry->zones.push_back({"RES-L", {"“怡养临沂”居住区", "Linyi Residential Area"}, "residential", "NMT",
                               {{121.5120, 31.2000}, {121.5200, 31.1985}, {121.5180, 31.1920}, {121.5120, 31.1930}}});
    registry->zones.push_back({"RES-U", {"“和美六里”居住区", "Liuli Residential Area"}, "residential", "NMT",
                               {{121.5070, 31.1920}, {121.5180, 31.1900}, {121.5160, 31.1830}, {121.5080, 31.1880}}});

    struct Kind {
        const char *kind, *zh, *en, *property, *unit;
        double low, high;
    };
    static const Kind kKinds[] = {{"smoke", "烟感", "Smoke detector", "烟雾浓度", "%", 0, 3},      {"air_pm25", "空气站", "Air station", "PM2.5", "ug/m3", 8, 60},
                                  {"noise", "噪声点", "Noise", "等效声级", "dB[A]", 42, 70},         {"water_level", "水位计", "Water level", "水位", "m", 1.8, 3.2},
                                  {"manhole", "井盖", "Manhole", "倾角", "deg", 0, 4},               {"traffic", "流量", "Traffic", "车流量", "{count}/h", 100, 1400},
                                  {"light", "路灯", "Street light", "电流", "A", 0.2, 1.1}};
    const auto now = sampleNow();
    state->now = now;
    state->version = 1;
    for (int i = 0; i < sensors; ++i) {
        const Kind& kind = kKinds[static_cast<std::size_t>(random.next() * 6.999)];
        twin::Sensor sensor;
        sensor.id = "S-" + std::to_string(10000 + i);
        sensor.name = {std::string(kind.zh) + std::to_string(i), std::string(kind.en) + " " + std::to_string(i)};
        sensor.kind = kind.kind;
        sensor.property = kind.property;
        sensor.unit = kind.unit;
        sensor.place = {inside(west, east), inside(south, north), 4 + 12 * random.next()};
        sensor.expectedInterval = core::Duration{60000};
        registry->sensors.push_back(sensor);
        twin::SensorState reading;
        reading.known = true;
        reading.value = inside(kind.low, kind.high);
        const double dice = random.next();
        reading.age = dice < 0.9 ? twin::Age::fresh : dice < 0.93 ? twin::Age::late : dice < 0.96 ? twin::Age::stale : dice < 0.99 ? twin::Age::lost : twin::Age::never;
        const double seconds = reading.age == twin::Age::fresh ? 90 * random.next() : reading.age == twin::Age::late ? 120 : reading.age == twin::Age::stale ? 400 : 750;
        reading.receiveTime = reading.eventTime = now - core::Duration{static_cast<std::int64_t>(seconds * 1000)};
        if (random.next() > 0.995) reading.severity = 3;
        state->sensors.push_back(reading);
    }
    for (int i = 0; i < cameras; ++i) {
        twin::Camera camera;
        camera.id = "C-" + std::to_string(1000 + i);
        camera.highPoint = i < 6;
        camera.name = {camera.highPoint ? "高空" + std::to_string(i + 1) + "号" : "街面监控" + std::to_string(i), "Camera " + std::to_string(i)};
        camera.place = {inside(west, east), inside(south, north), camera.highPoint ? 90.0 : 9.0};
        camera.headingDegrees = 360 * random.next();
        camera.rangeMeters = camera.highPoint ? 1500 : 60;
        registry->cameras.push_back(camera);
    }
    static const char* kPlaces[] = {"胶南路", "临沂路", "浦三路", "东方路", "南码头路", "微山路", "六里", "西三里桥"};
    static const char* kWorks[] = {"老旧小区改造", "口袋公园", "慢行步道贯通", "雨污混接改造", "社区食堂"};
    static const char* kStatus[] = {"on-track", "at-risk", "late", "paused", "done"};
    for (int i = 0; i < projects; ++i) {
        twin::Project project;
        project.id = "P-" + std::to_string(i);
        project.name = {std::string(kPlaces[i % 8]) + kWorks[i % 5], "Project " + std::to_string(i)};
        project.department = "社区建设办";
        const double x = inside(west, east), y = inside(south, north);
        project.place = {x, y, 4};
        project.outline = {{x - 0.0005, y - 0.0003}, {x + 0.0005, y - 0.0003}, {x + 0.0005, y + 0.0003}, {x - 0.0005, y + 0.0003}};
        project.features = {{"buildings", "NM-" + std::to_string(i)}};
        const int start = static_cast<int>(600 * random.next());
        project.phases = {{"设计", day(start), day(start + 90), day(start), day(start + 100)},
                          {"施工", day(start + 90), day(start + 330), day(start + 110), std::nullopt},
                          {"验收", day(start + 330), day(start + 360), std::nullopt, std::nullopt}};
        registry->projects.push_back(project);
        state->projects.push_back(twin::ProjectStatus{project.id, now - std::chrono::hours(5), now - std::chrono::hours(5), "施工", 100 * random.next(), kStatus[i % 5], "", "embedded"});
    }
    const auto minutes = [&](int m) { return now - std::chrono::minutes(m); };
    state->alarms = {sampleAlarm("A-1", 1, 121.5096, 31.1950, minutes(2)), sampleAlarm("A-2", 2, 121.5030, 31.1985, minutes(14)),
                     sampleAlarm("A-3", 3, 121.5125, 31.1938, minutes(21)), sampleAlarm("A-4", 4, 121.5150, 31.1965, minutes(48)),
                     sampleAlarm("A-5", 3, 121.5160, 31.1850, minutes(63))};
    state->alarms[1].workflow = twin::Workflow::acknowledged;
    state->alarms[2].count = 4;
    state->alarms[3].condition = twin::Condition::normal;
    state->alarms[4].workflow = twin::Workflow::dispatched;
    twin::FeedState feed;
    feed.id = "embedded";
    feed.kind = "embedded";
    feed.connected = true;
    feed.received = feed.applied = 184223;
    feed.lastReceived = now - core::Duration{400};
    feed.age = twin::Age::fresh;
    state->feeds.push_back(feed);
    feed.id = "mqtt";
    feed.kind = "mqtt";
    feed.connected = false;
    feed.invalid = 12;
    feed.received = 5120;
    feed.lastReceived = now - core::Duration{195000};
    feed.age = twin::Age::lost;
    state->feeds.push_back(feed);

    const struct {
        const char *zh, *en, *kind;
        int rank;
        double x, y;
    } kNames[] = {{"黄浦江", "Huangpu River", "water", 1, 121.4985, 31.2000},   {"白莲泾", "Bailianjing", "water", 2, 121.5045, 31.1900},
                  {"南浦大桥", "Nanpu Bridge", "bridge", 2, 121.5062, 31.2057}, {"浦东南路", "Pudong South Rd", "road", 3, 121.5080, 31.2000},
                  {"临沂新村站", "Linyi Xincun Stn", "metro", 2, 121.5132, 31.1958}, {"东方路", "Dongfang Rd", "road", 3, 121.5180, 31.1970},
                  {"高科西路", "Gaoke West Rd", "road", 3, 121.5120, 31.1885}, {"临沂公园", "Linyi Park", "green", 3, 121.5150, 31.1945}};
    for (const auto& name : kNames)
        sample.labels.push_back({name.en, {name.zh, name.en}, name.kind, name.rank, {name.x, name.y, 0}});
    state->registry = registry;
    sample.registry = std::move(registry);
    sample.state = std::move(state);
    return sample;
}

scene::View sampleView(double longitude, double latitude, double distance, double heading, double pitch, glm::ivec2 size) {
    const double h = heading * std::numbers::pi / 180, p = pitch * std::numbers::pi / 180;
    const geo::Ecef target = geo::ecefFromGeodetic({latitude, longitude, 15.0});
    const glm::dmat4 enu = geo::ecefFromEnu(target);
    const glm::dvec3 forward(std::sin(h) * std::cos(p), std::cos(h) * std::cos(p), std::sin(p));
    const geo::Ecef eye{glm::dvec3(enu * glm::dvec4(-forward * distance, 1.0))};
    scene::View view;
    view.eye = geo::eyeFrameLookingAt(eye, target, glm::dvec3(enu[2]));
    view.fovYRadians = 45.0 * std::numbers::pi / 180;
    view.planeAspect = static_cast<double>(size.x) / size.y;
    view.target = {0, 0, size.x, size.y};
    return view;
}

} // namespace matou::test
