#include "story/storyboard.h"

#include <array>
#include <cmath>
#include <utility>

namespace matou::story {

namespace {

constexpr std::size_t kMostSteps = 1000;

core::Result<scene::Look> lookOf(const std::string& name, const std::string& where) {
    constexpr std::array<std::pair<const char*, scene::Look>, 4> kLooks{{{"natural", scene::Look::natural},
                                                                        {"monitor", scene::Look::monitor},
                                                                        {"plan", scene::Look::plan},
                                                                        {"night", scene::Look::night}}};
    for (const auto& [known, look] : kLooks)
        if (name == known) return look;
    return core::fail("E_STORY_VALUE", where, {"look", name, "natural, monitor, plan, night"});
}

bool between(double value, double low, double high) { return value >= low && value <= high; }

} // namespace

core::Result<Storyboard> makeStoryboard(const district::Storyboard& written) {
    const std::string board = "storyboard " + written.id;
    if (written.steps.empty()) return core::fail("E_STORY_EMPTY", board);
    if (written.steps.size() > kMostSteps)
        return core::fail("E_STORY_STEPS", board, {std::to_string(written.steps.size()), std::to_string(kMostSteps)});
    Storyboard storyboard{written.id, written.name, {}};
    scene::Look look = scene::Look::natural;
    for (std::size_t i = 0; i < written.steps.size(); ++i) {
        const district::StoryStep& from = written.steps[i];
        const std::string where = board + ", step " + std::to_string(i + 1);
        if (!between(from.seconds, 0.1, 3600.0))
            return core::fail("E_STORY_VALUE", where, {"seconds", std::to_string(from.seconds), "0.1..3600"});
        if (!between(from.transitionSeconds, 0.0, from.seconds))
            return core::fail("E_STORY_VALUE", where, {"transition_s", std::to_string(from.transitionSeconds), "0..seconds"});
        if (!from.look.empty()) {
            MATOU_TRY(named, lookOf(from.look, where));
            look = named;
        }
        Step step;
        step.scene = from.scene;
        step.camera = from.camera;
        step.endCamera = from.endCamera;
        step.caption = from.caption;
        step.seconds = from.seconds;
        step.transitionSeconds = from.transitionSeconds;
        if (!from.date.empty()) {
            const auto midnight = core::parseInstant(from.date + "T00:00:00+08:00");
            if (!midnight) return core::fail("E_STORY_VALUE", where, {"date", from.date, "YYYY-MM-DD"});
            step.date = *midnight;
        }
        step.time = from.time;
        step.layers = from.layers;
        step.look = look;
        step.proposal = from.proposal;
        storyboard.steps.push_back(std::move(step));
    }
    return storyboard;
}

} // namespace matou::story
