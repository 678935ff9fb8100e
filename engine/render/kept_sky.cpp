#include "render/kept_sky.h"

#include <atomic>
#include <cmath>
#include <numbers>

#include "render/state_key.h"

namespace matou::render {
namespace {

// Farther than this in one step is another time of day, not the sun moving on: waiting would show the wrong light.
constexpr double kStepRadians = 3.0 * std::numbers::pi / 180;

} // namespace

struct KeptSky::Job {
    std::uint64_t key = 0;
    std::shared_ptr<const Made> made; // written before `done`
    std::atomic<bool> done{false};
};

KeptSky::Request KeptSky::requestOf(const scene::View& view, bool neutral) {
    Request request;
    request.fixed = lightIsFixed(view, neutral);
    request.neutral = neutral;
    request.weather = request.fixed ? scene::Weather::clear : view.weather;
    request.elevation = request.fixed ? 0.7 : skyElevation(view);
    request.key = mixKey(mixKey(bitsOf(request.elevation), static_cast<std::uint64_t>(request.weather) + 1),
                         (request.fixed ? 2u : 0u) + (neutral ? 1u : 0u));
    return request;
}

std::shared_ptr<const Atmosphere> KeptSky::airFor(scene::Weather weather) const {
    if (_now && _now->air && _now->of.weather == weather) return _now->air;
    return std::make_shared<const Atmosphere>(aerosolOf(weather));
}

KeptSky::Made KeptSky::make(const Request& request, std::shared_ptr<const Atmosphere> air) {
    Made made{request, std::move(air), {}, {}};
    if (request.fixed) { // nobody looks at the sky under a light that knows none
        made.sky.table.resize(SkyModel::kWidth * (SkyModel::kHeight + SkyModel::kAirRows));
        made.probe = fixedProbe(request.neutral);
        return made;
    }
    made.sky = computeSky(*made.air, request.elevation, request.weather);
    made.probe = probeOf(made.sky);
    return made;
}

void KeptSky::update(const scene::View& view, bool neutral, const RunAside& aside) {
    const Request wanted = requestOf(view, neutral);
    if (_next && _next->done.load(std::memory_order_acquire)) {
        _now = _next->made;
        _next.reset();
    }
    if (_now && _now->of.key == wanted.key) return;
    const bool movedOn = _now && !wanted.fixed && !_now->of.fixed && wanted.weather == _now->of.weather &&
                         std::abs(wanted.elevation - _now->of.elevation) < kStepRadians;
    if (!movedOn || !aside) {
        _next.reset(); // one that is still on its way is of another time
        _now = std::make_shared<const Made>(make(wanted, wanted.fixed ? nullptr : airFor(wanted.weather)));
        return;
    }
    if (_next) return; // one at a time: what is wanted by then is asked for next
    _next = std::make_shared<Job>();
    aside([job = _next, wanted, air = _now->air] {
        job->made = std::make_shared<const Made>(make(wanted, air));
        job->done.store(true, std::memory_order_release);
    });
}

} // namespace matou::render
