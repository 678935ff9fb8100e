#pragma once
// The sky of a view as it stays between frames. As the sun moves on, the next one is made aside, so that no frame waits for it.

#include <cstdint>
#include <functional>
#include <memory>

#include "render/environment.h"

namespace matou::render {

/// Hands work to another thread; it runs once, soon. Empty: there is none, work is done at once.
using RunAside = std::function<void(std::function<void()>)>;

class KeptSky {
public:
    /// Brings it up to `view`. With `aside`, where nothing but the sun has moved, and by less than three degrees, the
    /// newest finished sky stays until the next is there; else it is made at once (some 15 ms).
    void update(const scene::View& view, bool neutral, const RunAside& aside = {});

    const SkyModel& sky() const { return _now->sky; }
    const LightProbe& probe() const { return _now->probe; }
    /// Of what it shows; differs where that differs. Before the first update: 0.
    std::uint64_t key() const { return _now ? _now->of.key : 0; }
    /// The next one is on its way.
    bool waiting() const { return _next != nullptr; }

private:
    struct Request {
        double elevation = 0;
        scene::Weather weather = scene::Weather::clear;
        bool fixed = false, neutral = false;
        std::uint64_t key = 0;
    };
    struct Made {
        Request of;
        std::shared_ptr<const Atmosphere> air;
        SkyModel sky;
        LightProbe probe;
    };
    struct Job; // shared with the other thread

    static Request requestOf(const scene::View& view, bool neutral);
    static Made make(const Request& request, std::shared_ptr<const Atmosphere> air);
    std::shared_ptr<const Atmosphere> airFor(scene::Weather weather) const;

    std::shared_ptr<const Made> _now;
    std::shared_ptr<Job> _next;
};

} // namespace matou::render
