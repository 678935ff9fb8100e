#include "service/state_lane.h"

#include <algorithm>

#include "command/command_json.h"
#include "command/permission.h"
#include "core/log.h"
#include "core/messages.h"
#include "live/decode.h"

namespace matou::service {
namespace {

/// Timers follow the clock this far behind, so that messages on their way are played before timers that come after
/// them.
constexpr core::Duration kBehind{2000};
/// A connection that is away for longer than this is a lost feed.
constexpr core::Duration kPatience{10000};

double percentile(std::vector<float> values, double share) {
    if (values.empty()) return 0;
    const auto at = values.begin() + static_cast<std::ptrdiff_t>(share * static_cast<double>(values.size() - 1));
    std::nth_element(values.begin(), at, values.end());
    return *at;
}

} // namespace

StateLane::StateLane(std::shared_ptr<const district::District> district, history::History history,
                     std::vector<FeedLedger> feeds)
    : _district(std::move(district)), _history(std::move(history)), _feeds(std::move(feeds)) {
    for (std::uint32_t i = 0; i < _district->registry->sensors.size(); ++i)
        if (!_district->registry->sensors[i].thresholds.empty()) _watched.push_back(i);
    _closedBefore = _history.closedAlarms();
    restart();
}

void StateLane::restart() {
    if (_alarms) _closedBefore += _alarms->closed();
    _twin = std::make_unique<twin::TwinState>(_district->registry, _district->initialProjects);
    auto next = std::make_unique<alarm::AlarmEngine>(_district->registry);
    // The first time: what an earlier run left. A clock that went back: nothing of what has not happened yet.
    next->restore(_alarms ? std::vector<twin::Alarm>() : _history.openAlarms(), _history.lastAlarmNumber());
    _alarms = std::move(next);
    _now = _started = {};
    _urgent = true;
}

void StateLane::process(const std::vector<live::Message>& messages) {
    for (const live::Message& message : messages) {
        FeedLedger& feed = _feeds[message.feed];
        feed.lastReceived = std::max(feed.lastReceived, message.received);
        if (message.acknowledge) _tokens.emplace_back(message.feed, message.acknowledge);
        auto decoded = live::decode(message, _district->id, feed.id);
        if (!decoded) {
            ++feed.invalid;
            feed.lastError = std::move(decoded).error();
            continue;
        }
        ++feed.applied;
        const core::Instant at = std::visit([](const auto& record) { return record.eventTime; }, *decoded);
        if (feed.latencies.size() < FeedLedger::kLatencies) feed.latencies.push_back(0);
        feed.latencies[feed.nextLatency++ % FeedLedger::kLatencies] =
            static_cast<float>((message.received - at).count());
        std::visit([this](auto& record) { apply(std::move(record)); }, *decoded);
    }
    collectChanges();
}

void StateLane::apply(twin::Observation observation) {
    const auto applied = _twin->apply(observation);
    if (applied == twin::Applied::duplicate) return;
    _history.addObservation(observation);
    if (applied == twin::Applied::updated) _alarms->observe(*_twin->sensorIndex(observation.sensor), observation);
}

void StateLane::apply(twin::Event event) {
    const auto fresh = _history.addEvent(event, event.receiveTime);
    if (fresh && !*fresh) return;
    if (!fresh)
        _historyError = fresh.error();
    else if (_inTransaction == _events.size())
        ++_inTransaction;
    _alarms->occur(event);
    _events.push_back(std::move(event));
    _urgent = true;
}

void StateLane::apply(twin::ProjectStatus status) {
    _twin->apply(status);
}

void StateLane::collectChanges() {
    for (auto& change : _alarms->takeChanges()) {
        if (onChange) onChange(change);
        _changes.push_back(std::move(change));
        _urgent = true;
    }
}

void StateLane::tick(core::Instant now) {
    if (_started == core::Instant{}) _started = now;
    _now = now;
    _alarms->advance(now - kBehind);
    for (FeedLedger& feed : _feeds) {
        if (feed.connected)
            feed.disconnectedSince = {};
        else if (feed.disconnectedSince == core::Instant{})
            feed.disconnectedSince = now;
        const core::Instant heard = std::max(feed.lastReceived, _started);
        const bool silent = twin::ageOf(now - heard, feed.expectedInterval) == twin::Age::lost;
        const bool away = !feed.connected && now - feed.disconnectedSince > kPatience;
        const bool back = feed.connected && feed.lastReceived != core::Instant{} && !silent;
        if ((silent || away) && !feed.lost) {
            feed.lost = true;
            _alarms->feedLost(feed.id, now);
        } else if (back && !away && feed.lost) {
            feed.lost = false;
        }
        // Also after a restart, where the alarm is older than this run.
        if (back && !away) _alarms->feedBack(feed.id, now);
    }
    collectChanges();
}

core::Result<void> StateLane::act(const command::Command& command) {
    auto result = command::permitted(command);
    if (result) {
        if (const auto* action = std::get_if<command::AlarmAction>(&command.body))
            result = _alarms->act(action->alarm, action->verb, action->text, command.actor, command.at);
    }
    audit(command, result ? "done" : result.error().code);
    collectChanges();
    return result;
}

void StateLane::audit(const command::Command& command, const std::string& outcome) {
    _audit.push_back({command.at, command.actor, command.role, command.origin, command::toJson(command), outcome});
}

void StateLane::commit(const std::function<void(std::uint32_t, std::uint64_t)>& stored) {
    const auto write = [&]() -> core::Result<void> {
        // Events were added as they came, to learn whether they are new; only after a failure they are added again.
        for (std::size_t i = _inTransaction; i < _events.size(); ++i)
            MATOU_CHECK(_history.addEvent(_events[i], _events[i].receiveTime));
        for (const auto& change : _changes)
            MATOU_CHECK(_history.addChange(change));
        for (const auto& row : _audit)
            MATOU_CHECK(_history.addAudit(row));
        return _history.commit();
    };
    const bool something = !_events.empty() || !_changes.empty() || !_audit.empty();
    if (const auto done = write(); !done) {
        _history.rollback();
        _inTransaction = 0;
        if (_historyError.code.empty()) core::logError(done.error());
        _historyError = done.error();
        // Memory is finite: what waits longest for a disk that does not come back goes first.
        constexpr std::size_t kWaiting = 200000;
        if (_events.size() > kWaiting) _events.erase(_events.begin(), _events.begin() + kWaiting / 10);
        if (_changes.size() > kWaiting) _changes.erase(_changes.begin(), _changes.begin() + kWaiting / 10);
        return;
    }
    if (something) _historyError = {};
    _inTransaction = 0;
    _events.clear();
    _changes.clear();
    _audit.clear();
    for (const auto& [feed, token] : std::exchange(_tokens, {}))
        stored(feed, token);
}

void StateLane::flush() {
    const auto done = _history.flushObservations();
    if (!done && _valuesError.code.empty()) core::logError(done.error());
    _valuesError = done ? core::Error{} : done.error();
}

std::shared_ptr<const twin::StateSnapshot> StateLane::snapshot(core::Instant now) {
    for (const std::uint32_t sensor : _watched)
        _twin->setSeverity(sensor, _alarms->severity(sensor));
    auto result = std::make_shared<twin::StateSnapshot>(_twin->snapshot(now));
    result->alarms = _alarms->open();
    result->alarmsClosed = _closedBefore + _alarms->closed();
    result->eventsStored = _history.eventsStored();
    for (const FeedLedger& feed : _feeds) {
        twin::FeedState state;
        state.id = feed.id;
        state.kind = feed.kind;
        state.connected = feed.connected;
        state.received = feed.received;
        state.applied = feed.applied;
        state.dropped = feed.dropped;
        state.invalid = feed.invalid;
        state.lastReceived = feed.lastReceived;
        state.expectedInterval = feed.expectedInterval;
        if (feed.lastReceived != core::Instant{})
            state.age = twin::ageOf(now - feed.lastReceived, feed.expectedInterval);
        if (!feed.transportError.empty())
            state.lastError = feed.transportError;
        else if (!feed.lastError.code.empty())
            state.lastError = core::describe(feed.lastError, core::Language::zh);
        state.latencyMsP50 = percentile(feed.latencies, 0.5);
        state.latencyMsP95 = percentile(feed.latencies, 0.95);
        result->feeds.push_back(std::move(state));
    }
    if (const core::Error& error = _historyError.code.empty() ? _valuesError : _historyError; !error.code.empty()) {
        // A disk that fails must not look like quiet: it stands beside the feeds.
        twin::FeedState state;
        state.id = state.kind = "history";
        state.lastError = core::describe(error, core::Language::zh);
        state.age = twin::Age::lost;
        result->feeds.push_back(std::move(state));
    }
    _urgent = false;
    return result;
}

} // namespace matou::service
