#pragma once
// The district's things and what is known of them: registry records (what exists) and states (what was last heard).
// Plain values; every live value carries event time, receive time, source, quality; age is derived.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/clock.h"
#include "core/ids.h"
#include "twin/alarm_policy.h"

namespace matou::twin {

struct Name {
    std::string zh;
    std::string en;
};

/// Place of a thing: WGS 84 degrees and metres above the district's vertical datum.
struct Place {
    double longitude = 0;
    double latitude = 0;
    double height = 0;
};

enum class Quality : std::uint8_t { good, uncertain, bad };
/// fresh ≤ 1.5 × expected interval < late ≤ 3 × < stale ≤ 10 × < lost; `never` until the first value.
enum class Age : std::uint8_t { never, fresh, late, stale, lost };
Age ageOf(core::Duration sinceReceived, core::Duration expectedInterval);

struct Zone {
    std::string id;
    Name name;
    std::string kind; // admin, core, belt, residential
    std::string parent;
    std::vector<std::pair<double, double>> outline; // lon, lat; closed implicitly
};

struct Threshold {
    int severity = 4;        // 1..4
    bool above = true;       // else below
    double value = 0;        // in the sensor's unit
    double hysteresis = 0;   // returns to normal beyond value ∓ hysteresis
    double onDelaySeconds = 0;
};

struct Sensor {
    std::string id;
    Name name;
    std::string kind;     // water_level, air_pm25, noise, smoke, manhole, ponding, traffic, light, …
    std::string property; // what it measures, as shown
    std::string unit;     // UCUM code
    std::string zone;
    Place place;
    std::string mount; // the feature or thing that carries it, "buildings/NM-00012", "lamps/L-33", "ground"
    std::string gateway; // what it speaks through; silence of all of them is one alarm. Empty: itself
    core::Duration expectedInterval{60000};
    double typicalMinimum = 0, typicalMaximum = 1; // for ramps
    std::vector<Threshold> thresholds;
};

struct Camera {
    std::string id;
    Name name;
    bool highPoint = false; // 高空; else 街面监控
    std::string zone;
    Place place;
    std::string mount;
    double headingDegrees = 0, pitchDegrees = -15, horizontalFovDegrees = 60, rangeMeters = 60;
    double errorMajorMeters = 5, errorMinorMeters = 2; // of an AI event's ground point at range
    bool smokeFireAi = true;
};

struct Phase {
    std::string name; // 储备 立项 设计 招标 施工 验收 移交
    std::optional<core::Instant> plannedStart, plannedEnd, actualStart, actualEnd;
};

struct Project {
    std::string id;
    Name name;
    std::string kind;
    std::string department;
    std::string zone;
    std::vector<core::FeatureKey> features; // buildings that it touches
    std::vector<std::pair<double, double>> outline;
    Place place;
    std::vector<Phase> phases;
    double budgetTenThousandYuan = 0;
};

/// What exists; made once from the district folder, immutable, shared.
struct Registry {
    std::vector<Zone> zones;
    std::vector<Sensor> sensors;
    std::vector<Camera> cameras;
    std::vector<Project> projects;
    AlarmPolicy alarms;
    std::map<std::string, std::uint32_t> sensorIndex, cameraIndex, projectIndex;
    void index();
};

struct Observation {
    std::string sensor;
    core::Instant eventTime;
    core::Instant receiveTime;
    double value = 0; // of several `values`: the first
    std::string unit;
    Quality quality = Quality::good;
    std::optional<std::int64_t> sequence;
    core::Duration life{}; // not 0: after it the sender does not vouch for the value any more
    bool pulled = false;   // fetched, not sent: nobody has vouched for it since its stamp, so that it ages from there
    std::vector<std::pair<std::string, double>> values; // empty for a device that measures one thing
    std::string feed;
};

/// A raw detection or device event; identity is (source, id).
struct Event {
    std::string source;
    std::string id;
    core::Instant eventTime;
    core::Instant receiveTime;
    std::string eventClass; // fire, smoke, intrusion, flood, …; unknown ones are kept and shown as unclassified
    int severity = 4;
    double confidence = 1;
    std::string camera, sensor;
    std::optional<Place> place;
    std::string text;
    bool drill = false; // of an exercise: never mixed with what is real
    std::string feed;
    std::string raw; // the payload as received
};

/// What a camera says of itself: whether it can be reached, where it looks.
struct CameraStatus {
    std::string camera;
    core::Instant eventTime;
    core::Instant receiveTime;
    std::optional<bool> online;
    std::optional<double> headingDegrees, pitchDegrees, horizontalFovDegrees, rangeMeters;
    std::optional<Place> place; // height 0: not told
    std::string name;           // empty: not told
    std::string feed;
};

/// A dated step of a project, as its ledger has it; a renewal has 意愿征询, 签约 and 搬迁 among them. Days begin at midnight in Beijing.
struct Milestone {
    std::string name;
    std::optional<core::Instant> planned, actual;
    std::vector<std::pair<double, double>> outline; // where; lon, lat; empty: the project's
    std::string before, after;                      // what shows it: a model, a proposal
    friend bool operator==(const Milestone&, const Milestone&) = default;
};

struct ProjectStatus {
    std::string project;
    core::Instant eventTime;
    core::Instant receiveTime;
    std::string phase;
    double percent = 0;
    std::string status; // on-track, at-risk, late, paused, done
    std::string note;
    std::string feed;
    // What only a ledger says:
    std::string name, department;
    std::optional<double> budgetTenThousandYuan, spentTenThousandYuan;
    std::optional<double> consultationPercent, signingPercent, movingPercent; // of a renewal: 意愿征询率 签约率 搬迁率
    std::vector<Milestone> milestones;
    std::vector<std::pair<double, double>> outline;
};
/// They say the same, whenever and by whomever.
bool sameWords(const ProjectStatus& a, const ProjectStatus& b);

/// Days behind the plan: of one that was reached by `at`, actual − planned (negative: early); of one whose day is over, `at` − planned.
/// Nothing for one that is still in time or has no plan.
std::optional<int> slipDays(const Milestone& milestone, core::Instant at);
/// Of the milestone that is most overdue; where none is, of the one that was reached last.
std::optional<int> slipDays(const ProjectStatus& status, core::Instant at);

} // namespace matou::twin
