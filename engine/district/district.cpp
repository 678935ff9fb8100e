#include "district/district.h"

#include <algorithm>
#include <array>
#include <cstdio>

#include "district/documents.h"
#include "district/feeds.h"
#include "district/geojson_layers.h"
#include "district/toml_section.h"

namespace matou::district {
namespace fs = std::filesystem;
namespace {

constexpr std::int64_t kVersion = 1;

void readLayers(TomlSection& root, District& district) {
    for (auto& section : root.tables("layer")) {
        Layer layer;
        layer.id = section.text("id");
        layer.name = section.name("name", false);
        if (layer.name.zh.empty()) layer.name = {layer.id, layer.id};
        layer.role = section.wordOr(
            "role", "model", {"buildings", "ground", "water", "road", "green", "line", "prop", "context", "model", "vegetation"});
        layer.order = static_cast<int>(section.integerOr("order", 0, -1000, 1000));
        layer.tileset = section.path("tileset");
        layer.visible = section.booleanOr("visible", true);
        section.finish();
        std::error_code ignored;
        if (!layer.tileset.empty() && !fs::exists(layer.tileset, ignored))
            district.warnings.push_back(core::Error{
                "W_DISTRICT_TILESET", {layer.id, layer.tileset.string()}, section.where("tileset"), nullptr});
        district.layers.push_back(std::move(layer));
    }
}

void readScenes(TomlSection& root, District& district) {
    for (auto& section : root.tables("scene")) {
        Scene scene;
        scene.id = section.text("id");
        scene.name = section.name("name");
        scene.camera = section.pose("camera");
        scene.layers = section.texts("layers");
        scene.proposal = section.textOr("proposal", "");
        for (auto& inner : section.tables("bookmark")) {
            Bookmark bookmark;
            bookmark.id = inner.text("id");
            bookmark.name = inner.name("name", false);
            if (bookmark.name.zh.empty()) bookmark.name = {bookmark.id, bookmark.id};
            bookmark.camera = inner.pose("camera");
            inner.finish();
            scene.bookmarks.push_back(std::move(bookmark));
        }
        section.finish();
        district.scenes.push_back(std::move(scene));
    }
}

core::Duration seconds(double value) {
    return core::Duration(static_cast<std::int64_t>(value * 1000));
}

/// "HH:MM" as minutes; "24:00" is the day's end.
int minutes(TomlSection& section, std::string_view key) {
    const std::string text = section.textOr(key, "00:00");
    int hour = 0, minute = 0;
    char more = 0;
    if (std::sscanf(text.c_str(), "%2d:%2d%c", &hour, &minute, &more) != 2 || hour < 0 || minute < 0 || minute > 59 ||
        hour * 60 + minute > 1440) {
        section.refuse(key, "a time of day HH:MM");
        return 0;
    }
    return hour * 60 + minute;
}

twin::Suppression suppression(TomlSection& section) {
    twin::Suppression rule;
    rule.id = section.text("id");
    rule.kind = section.wordOr("kind", "state", {"state", "maintenance", "out_of_service"});
    rule.source = section.textOr("source", "");
    rule.zone = section.textOr("zone", "");
    rule.alarmClass = section.textOr("class", "");
    rule.reason = section.text("reason");
    rule.from = section.instantOr("from");
    rule.until = section.instantOr("until");
    rule.fromMinute = minutes(section, "daily_from");
    rule.toMinute = minutes(section, "daily_to");
    if (section.has("days")) {
        constexpr std::string_view kDays[] = {"mon", "tue", "wed", "thu", "fri", "sat", "sun"};
        rule.days = 0;
        for (const auto& word : section.texts("days")) {
            const auto found = std::find(std::begin(kDays), std::end(kDays), word);
            if (found == std::end(kDays))
                section.refuse("days", "words of mon tue wed thu fri sat sun");
            else
                rule.days = static_cast<std::uint8_t>(rule.days | 1u << (found - std::begin(kDays)));
        }
    }
    if (rule.source.empty() && rule.zone.empty() && rule.alarmClass.empty())
        section.refuse("source", "a source, zone or class that the rule is about");
    section.finish();
    return rule;
}

twin::AlarmPolicy readAlarms(TomlSection& root) {
    twin::AlarmPolicy policy;
    auto section = root.table("alarms", false);
    if (!section) return policy;
    const auto bySeverity = [&](const char* name, std::array<core::Duration, 4>& values) {
        auto table = section->table(name, false);
        if (!table) return;
        for (std::size_t i = 0; i < values.size(); ++i)
            values[i] = seconds(table->numberOr(std::to_string(i + 1), static_cast<double>(values[i].count()) / 1000, 0, 604800));
        table->finish();
    };
    bySeverity("acknowledge_within_s", policy.acknowledgeWithin);
    bySeverity("start_within_s", policy.startWithin);
    policy.chatterCount = static_cast<int>(section->integerOr("chatter_count", policy.chatterCount, 2, 100));
    policy.chatterWindow = seconds(section->numberOr("chatter_window_s", 60, 1, 86400));
    policy.chatterQuiet = seconds(section->numberOr("chatter_quiet_s", 300, 1, 86400));
    policy.floodStart = static_cast<std::size_t>(section->integerOr("flood_start", 10, 2, 10000));
    policy.floodEnd = static_cast<std::size_t>(section->integerOr("flood_end", 5, 1, static_cast<std::int64_t>(policy.floodStart)));
    policy.floodWindow = seconds(section->numberOr("flood_window_s", 600, 1, 86400));
    policy.shelveLimit = seconds(section->numberOr("shelve_limit_s", 8 * 3600, 60, 7 * 86400));
    policy.candidateLife = seconds(section->numberOr("candidate_life_s", 600, 1, 86400));
    policy.sensorLost = section->booleanOr("sensor_lost", false);
    for (auto& entry : section->tables("suppression"))
        policy.suppressions.push_back(suppression(entry));
    section->finish();
    return policy;
}

} // namespace

core::Result<District> District::open(const fs::path& folder) {
    std::error_code code;
    fs::path absolute = fs::absolute(folder, code).lexically_normal();
    if (absolute.filename() == "district.toml") absolute = absolute.parent_path();
    if (!fs::exists(absolute / "district.toml", code))
        return core::fail("E_DISTRICT_MISSING", folder.string(), {absolute.string()});

    District district;
    district.folder = absolute;
    MATOU_TRY(file, readToml(absolute / "district.toml", absolute, district.warnings));
    TomlSection root(file, file.root, "");
    const auto version = root.integerOr("version", 0, 0, INT64_MAX);
    if (version != kVersion) root.refuse("version", "1 (the only version that this program reads)");
    district.id = root.text("id");
    if (district.id.find_first_of("/+#") != std::string::npos)
        root.refuse("id", "a word without / + #, because it is part of MQTT topics");
    district.name = root.name("name");
    district.crs = root.text("crs");
    if (auto datum = root.table("vertical_datum", true)) {
        district.datum.name = datum->text("name");
        district.datum.aboveEllipsoidMeters = datum->number("above_ellipsoid_m", -200, 200);
        district.datum.accuracyMeters = datum->numberOr("accuracy_m", 0, 0, 100);
        district.datum.provenance = datum->textOr("provenance", "");
        datum->finish();
    }
    if (auto center = root.table("center", true)) {
        district.centerLongitude = center->number("lon", -180, 180);
        district.centerLatitude = center->number("lat", -90, 90);
        center->finish();
    }
    district.start = root.instant("start");
    district.synthetic = root.booleanOr("synthetic", false);
    district.notice = root.name("notice", false);
    district.attribution = root.texts("attribution");
    readLayers(root, district);
    readScenes(root, district);
    readFeeds(root, district);
    twin::AlarmPolicy alarms = readAlarms(root);

    fs::path zones, sensors, cameras, projects, labels;
    if (auto files = root.table("files", false)) {
        const auto optional = [&](const char* key) { return files->has(key) ? files->path(key) : fs::path(); };
        zones = optional("zones");
        sensors = optional("sensors");
        cameras = optional("cameras");
        projects = optional("projects");
        labels = optional("labels");
        files->finish();
    }
    std::vector<fs::path> proposals, storyboards;
    for (const auto& name : root.texts("proposals"))
        proposals.push_back(root.insideFolder(name, *root.node("proposals")));
    for (const auto& name : root.texts("storyboards"))
        storyboards.push_back(root.insideFolder(name, *root.node("storyboards")));
    root.finish();
    if (file.error) return tl::unexpected<core::Error>(*file.error);

    auto registry = std::make_shared<twin::Registry>();
    registry->alarms = std::move(alarms);
    if (!zones.empty()) {
        MATOU_TRY(read, readZones(zones, district.warnings));
        registry->zones = std::move(read);
    }
    if (!sensors.empty()) {
        MATOU_TRY(read, readSensors(sensors, district.warnings));
        registry->sensors = std::move(read);
    }
    if (!cameras.empty()) {
        MATOU_TRY(read, readCameras(cameras, district.warnings));
        registry->cameras = std::move(read);
    }
    if (!projects.empty()) {
        MATOU_TRY(read, readProjects(projects, district.warnings));
        registry->projects = std::move(read.projects);
        district.initialProjects = std::move(read.initial);
        // Event time 0: what the folder says yields to any word from a feed.
        for (auto& status : district.initialProjects)
            if (status) status->receiveTime = district.start;
    }
    if (!labels.empty()) {
        MATOU_TRY(read, readLabels(labels, district.warnings));
        district.labels = std::move(read);
    }
    registry->index();
    district.registry = std::move(registry);
    for (const auto& path : proposals) {
        MATOU_TRY(read, readProposal(path, absolute, district.warnings));
        district.proposals.push_back(std::move(read));
    }
    for (const auto& path : storyboards) {
        MATOU_TRY(read, readStoryboard(path, absolute, district.warnings));
        district.storyboards.push_back(std::move(read));
    }
    return district;
}

namespace {
template <typename T>
const T* byId(const std::vector<T>& things, const std::string& id) {
    for (const T& thing : things)
        if (thing.id == id) return &thing;
    return nullptr;
}
} // namespace

const Scene* District::scene(const std::string& sceneId) const {
    return byId(scenes, sceneId);
}
const Layer* District::layer(const std::string& layerId) const {
    return byId(layers, layerId);
}
const Proposal* District::proposal(const std::string& proposalId) const {
    return byId(proposals, proposalId);
}

} // namespace matou::district
