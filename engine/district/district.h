#pragma once
// A district folder, read: what exists (twin::Registry), what is drawn (layers, scenes), what can be shown (proposals,
// storyboards) and where live data comes from (feeds). Plain values; README.md is the contract of the files.

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/clock.h"
#include "core/ids.h"
#include "core/result.h"
#include "geo/camera_pose.h"
#include "twin/feed_mapping.h"
#include "twin/records.h"

namespace matou::district {

using twin::Name;

struct VerticalDatum {
    std::string name;
    double aboveEllipsoidMeters = 0; // ellipsoidal height of the datum's zero here
    double accuracyMeters = 0;
    std::string provenance;
};

struct Layer {
    std::string id;
    Name name;
    std::string role; // buildings ground water road green line prop vegetation context model
    int order = 0;    // of ground layers: higher on top
    std::filesystem::path tileset; // absolute; may not exist
    bool visible = true;
};

/// A name on the map.
struct Label {
    Name name;
    std::string kind;
    int rank = 5; // 1 most important
    twin::Place place; // height above the district's datum
};

struct Bookmark {
    std::string id;
    Name name;
    geo::CameraPose camera;
};

struct Scene {
    std::string id;
    Name name;
    geo::CameraPose camera;
    std::vector<std::string> layers; // empty: all
    std::string proposal;            // empty: none offered
    std::vector<Bookmark> bookmarks;
};

/// What a feed of kind gb28181 is as a platform (live/video_platform.h).
struct VideoPlatform {
    std::string id, realm;   // 20 digits; its domain, else their first ten
    std::string address;     // HOST:PORT that devices reach us at; empty: found out
    core::Duration keepalive{60000}, catalog{3600000}, moving{0};
    std::string digest = "auto"; // md5, sha-256; auto: MD5, and SHA-256 first for devices of the 2022 edition
    std::string crs = "wgs84"; // of the catalogue's and all other places
    std::map<std::string, double> northDegrees; // camera → where its pan 0 looks
    double messagesPerSecond = 1000;            // of one address
};

struct Feed {
    std::string id;
    std::string kind; // embedded, mqtt, webhook, http-poll, file-drop, gb28181, kafka, sensorthings, ledger
    std::string url;  // mqtt[s]://host:port, http[s]://…, kafka[s]://…; of a webhook HOST:PORT, where it listens
    std::string secret; // by its place: @FILE or env:NAME
    core::Duration expectedInterval{5000};
    std::uint64_t seed = 1;
    std::string where; // FILE:LINE:COL
    core::Duration interval{60000}, timeout{10000}; // between two questions, for one answer
    std::string format = "json", charset;           // json, csv; of texts that are not UTF-8
    char separator = ',';                           // of csv
    std::string folder;                             // of file-drop
    int keepDays = 30;                              // of file-drop: how long done/ and bad/ are kept; 0: for ever
    bool envelope = false; // of kafka: mappings see {key, topic, time, value: the payload}
    bool handOut = false;  // of mqtt: alarms that are dispatched are told to the case system there
    std::string mqtt;                               // of sensorthings: the broker of its deltas
    std::map<std::string, std::string> units;       // of sensorthings: the source's word → UCUM code
    std::string table, crs = "wgs84";               // of ledger
    std::map<std::string, std::string> columns;     // of ledger: canonical name → the table's column
    std::map<std::string, std::string> ids;         // the source's id of a thing → ours
    std::vector<twin::FeedMapping> mappings;        // empty: the payloads are canonical
    VideoPlatform video;                            // of gb28181
};

struct Simulation {
    double ratePerSecond = 0; // 0: what the sensors' own intervals give
    std::uint64_t seed = 1;
};

struct ProposalModel {
    core::FeatureKey feature; // proposal id / add id
    std::filesystem::path model; // absolute; glTF, y up, metres
    twin::Place place;           // height above the district's datum
    double headingDegrees = 0;
};

struct Proposal {
    std::string id;
    Name name;
    std::string scene;
    std::vector<core::FeatureKey> hide;
    std::vector<ProposalModel> add;
};

/// One step of a storyboard, as written; module `story` makes its own of it.
struct StoryStep {
    std::string scene;
    geo::CameraPose camera;
    std::optional<geo::CameraPose> endCamera;
    Name caption;
    double seconds = 8;
    double transitionSeconds = 3;
    std::string date; // YYYY-MM-DD of the project timeline, empty: today's
    std::vector<std::string> layers; // overlay groups
    std::string look;                // empty: unchanged
    std::optional<core::Instant> time;
    std::string proposal;
};

struct Storyboard {
    std::string id;
    Name name;
    std::vector<StoryStep> steps;
};

struct District {
    std::filesystem::path folder;
    std::string id;
    Name name;
    std::string crs;
    VerticalDatum datum;
    double centerLongitude = 0, centerLatitude = 0;
    core::Instant start{};
    bool synthetic = false;
    Name notice;
    std::vector<std::string> attribution;

    std::vector<Layer> layers;
    std::vector<Label> labels;
    std::vector<Scene> scenes;
    std::vector<Feed> feeds; // never empty: an embedded one stands in where none is given
    Simulation simulation;
    std::vector<Proposal> proposals;
    std::vector<Storyboard> storyboards;
    std::shared_ptr<const twin::Registry> registry; // indexed
    /// Status that the district file gives, parallel to registry->projects.
    std::vector<std::optional<twin::ProjectStatus>> initialProjects;
    /// Unknown keys (W_DISTRICT_KEY, with the nearest known one), missing tilesets (W_DISTRICT_TILESET).
    core::Diagnostics warnings;

    /// `folder` holds district.toml. Errors are located: `FILE:LINE:COL` in TOML, `FILE#/pointer` in GeoJSON.
    /// E_DISTRICT_MISSING, E_TOML_SYNTAX, E_TOML_TYPE, E_TOML_MISSING, E_TOML_VALUE, E_GEOJSON_…, core's E_FILE_… and E_JSON_….
    static core::Result<District> open(const std::filesystem::path& folder);

    const Scene* scene(const std::string& id) const;
    const Layer* layer(const std::string& id) const;
    const Proposal* proposal(const std::string& id) const;
};

/// A path that holds district.toml (or is that file), or a bundled name looked for in, by turn: $MATOU_DISTRICTS/<name>,
/// `districts/<name>` beside the build folder of this program and inside it, $XDG_DATA_HOME/matou/districts/<name>,
/// /usr/share/matou/districts/<name>. E_DISTRICT_MISSING says where it looked.
core::Result<std::filesystem::path> findDistrict(const std::string& nameOrPath);

} // namespace matou::district
