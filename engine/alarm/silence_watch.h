#pragma once
// Who has said nothing for too long: gateways (all that hang on one are silent) and, where the district asks for it,
// single sensors.

#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "core/clock.h"
#include "twin/records.h"

namespace matou::alarm {

/// Not thread-safe. A thing that was never heard is not missed. Cost: a few steps per observation; one look per thing and
/// deadline.
class SilenceWatch {
public:
    explicit SilenceWatch(const twin::Registry& registry);

    struct Listener {
        std::function<void(const std::string& gateway, bool lost, core::Instant at)> gateway;
        std::function<void(std::uint32_t sensor, bool lost, core::Instant at)> sensor;
    };
    void heard(std::uint32_t sensor, core::Instant at, const Listener& listener);
    void advance(core::Instant at, const Listener& listener);
    /// What was lost before a restart stays lost until it speaks.
    void restoreLost(const std::string& gatewayOrSensor);
    void shift(core::Duration by);

    /// A gateway is lost after 3 intervals of its slowest sensor, a sensor after 10 of its own.
    static constexpr int kGatewayIntervals = 3, kSensorIntervals = 10;

private:
    struct Thing {
        core::Instant deadline{};
        bool waiting = false; // a look is planned
        bool lost = false;
    };
    void expect(std::size_t thing, core::Instant deadline);
    bool isGateway(std::size_t thing) const { return thing >= _registry.sensors.size(); }

    const twin::Registry& _registry;
    std::vector<Thing> _things; // sensors, then gateways
    std::vector<std::string> _gateways;
    std::vector<std::size_t> _gatewayOf; // sensor → thing, 0: none
    std::set<std::pair<core::Instant, std::size_t>> _looks;
};

} // namespace matou::alarm
