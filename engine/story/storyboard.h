#pragma once
// A storyboard: what is shown, from where, for how long, with which words. Module district reads it from its file.

#include <optional>
#include <string>
#include <vector>

#include "core/clock.h"
#include "core/result.h"
#include "district/district.h"
#include "geo/camera_pose.h"
#include "scene/frame_snapshot.h"
#include "twin/records.h"

namespace matou::story {

struct Step {
    std::string scene;
    geo::CameraPose camera;
    std::optional<geo::CameraPose> endCamera; // slow move to here while the step stands
    twin::Name caption;
    double seconds = 8.0;
    double transitionSeconds = 3.0; // inside `seconds`
    std::optional<core::Instant> date; // on the project timeline
    std::optional<core::Instant> time; // of the sun
    std::vector<std::string> layers;   // overlay groups besides labels
    scene::Look look = scene::Look::natural;
    std::string proposal;
};

struct Storyboard {
    std::string id;
    twin::Name name;
    std::vector<Step> steps;
};

/// From what the district's file says. A date is Beijing's midnight. E_STORY_EMPTY (no step), E_STORY_STEPS (over 1,000),
/// E_STORY_VALUE (seconds not in 0.1..3,600, transition negative or longer than its step, a date that is none, an unknown
/// look); `where` is "storyboard ID, step N". A step without a look keeps the one before.
core::Result<Storyboard> makeStoryboard(const district::Storyboard& written);

} // namespace matou::story
