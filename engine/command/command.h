#pragma once
// Nothing on screen and no remote call changes anything directly: it says what it wants here, and one place on each side
// checks the role, applies it and writes it to the audit log.

#include <optional>
#include <string>
#include <variant>

#include "core/clock.h"
#include "core/ids.h"
#include "geo/camera_pose.h"
#include "twin/alarm_policy.h"

namespace matou::command {

struct AlarmAction {
    std::string alarm;
    std::string verb; // ack reject dispatch start return verify close shelve unshelve comment join leave; confirm dismiss
    std::string text;
    std::string reason; // of shelving: nuisance maintenance known test other
    int minutes = 0;    // of shelving; 0: the usual hour
};
/// Takes alarms off the list by a rule (twin::Suppression), until it ends.
struct SuppressAlarms {
    twin::Suppression rule;
};
struct EndSuppression {
    std::string rule;
};
struct SetDrill {
    bool on = false;
};
struct ShowScene {
    std::string scene;
};
struct MoveCamera {
    geo::CameraPose pose;
    double seconds = 1.0;
};
struct SelectFeature {
    core::FeatureKey feature; // empty: nothing
};
struct SetLayerVisible {
    std::string layer; // a tile layer's id, or overlay group: sensors cameras alarms projects zones labels
    bool visible = true;
};
struct SetProposal {
    std::string proposal; // empty: existing
};
struct SetSwipe {
    double position = -1; // 0..1 of the width; negative: off
};
struct SetTime {
    core::Instant instant;
};
struct TourControl {
    std::string verb; // start pause stop next previous
};
/// The camera goes to where the thing stands, keeping its heading.
struct FlyTo {
    core::FeatureKey feature;
};
struct SetNavigation {
    std::string mode; // orbit walk fly
};
struct SetLook {
    std::string look; // natural monitor plan night
};
struct SetQuality {
    std::string quality; // low medium high ultra
};
/// What helps to read the picture, over any look (scene::ViewAids); what is not given stays as it is.
struct SetAids {
    std::optional<bool> xray, ghost, heightTint;
    std::optional<double> contourMeters; // 0: off
};

/// The picture shows what was known then, going on `speed` times as fast as the clock (0: stands still); the live state and its
/// alarms go on beside it. No time: back to the present.
struct LookBack {
    core::Instant at{};
    double speed = 1; // 0…60
};

using Body = std::variant<AlarmAction, ShowScene, MoveCamera, SelectFeature, SetLayerVisible, SetProposal, SetSwipe, SetTime, TourControl,
                          FlyTo, SetNavigation, SetLook, SetAids, SuppressAlarms, EndSuppression, SetDrill, LookBack, SetQuality>;

struct Command {
    std::string actor = "operator";
    std::string role = "operator";
    std::string origin = "ui"; // ui, control, tour
    core::Instant at{};
    Body body;
};

} // namespace matou::command
