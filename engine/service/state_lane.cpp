#include "service/state_lane.h"

#include <algorithm>

#include "command/command_json.h"
#include "command/permission.h"
#include "core/log.h"
#include "core/messages.h"
#include "history/alarm_json.h"
#include "live/decode.h"
#include "service/feedback.h"

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
    if (_alarms)
        next->restore({}, _history.lastAlarmNumber(), _history.lastCandidateNumber());
    else
        next->restore(_history.openAlarms(), _history.lastAlarmNumber(), _history.lastCandidateNumber(),
                      history::suppressionsFromJson(_history.note("suppressions").value_or("[]")),
                      _history.note("drill").value_or("") == "on");
    _alarms = std::move(next);
    _now = _started = {};
    _urgent = true;
}

void StateLane::process(const std::vector<live::Message>& messages) {
    for (const live::Message& message : messages) {
        FeedLedger& feed = _feeds[message.feed];
        feed.lastReceived = std::max(feed.lastReceived, message.received);
        if (message.acknowledge) _tokens.emplace_back(message.feed, message.acknowledge);
        if (!message.nonce.empty()) _nonces.emplace_back(message.nonce, message.received);
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
        const auto applied = std::visit([this](auto& record) { return apply(std::move(record)); }, *decoded);
        if (applied == twin::Applied::duplicate)
            ++feed.duplicates;
        else if (applied == twin::Applied::older || message.received - at > twin::kLate)
            ++feed.late;
        if (applied == twin::Applied::unknown) ++feed.unclassified;
    }
    collectChanges();
}

twin::Applied StateLane::apply(twin::Observation observation) {
    const auto applied = _twin->apply(observation);
    if (applied == twin::Applied::duplicate) return applied;
    _history.addObservation(observation);
    if (applied == twin::Applied::updated) _alarms->observe(*_twin->sensorIndex(observation.sensor), observation);
    return applied;
}

twin::Applied StateLane::apply(twin::Event event) {
    const auto fresh = _history.addEvent(event, event.receiveTime);
    if (fresh && !*fresh) return twin::Applied::duplicate;
    if (!fresh) {
        // A database may have ended the transaction by itself, with the events before this one: all are written again at the
        // commit, so that none is confirmed that went with it.
        _history.rollback();
        _inTransaction = 0;
        _historyError = fresh.error();
    } else if (_inTransaction == _events.size())
        ++_inTransaction;
    _alarms->occur(event);
    _events.push_back(std::move(event));
    _urgent = true;
    return twin::Applied::updated;
}

twin::Applied StateLane::apply(twin::ProjectStatus status) {
    return _twin->apply(status);
}

twin::Applied StateLane::apply(twin::CameraStatus status) {
    return _twin->apply(status);
}

void StateLane::collectChanges() {
    for (auto& change : _alarms->takeChanges()) {
        if (onChange) onChange(change);
        if (const auto back = feedbackOf(change, _district->id); !back.topic.empty())
            if (std::any_of(_feeds.begin(), _feeds.end(), [&](const FeedLedger& feed) {
                    return feed.id == back.feed && feed.kind == "mqtt";
                }))
                _outgoing.push_back(back);
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
    const auto apply = [&]() -> core::Result<void> {
        MATOU_CHECK(command::permitted(command));
        if (const auto* action = std::get_if<command::AlarmAction>(&command.body)) {
            const alarm::ActionDetail detail{action->reason, std::chrono::minutes(action->minutes)};
            return _alarms->act(action->alarm, action->verb, action->text, command.actor, command.at, detail);
        }
        if (const auto* suppress = std::get_if<command::SuppressAlarms>(&command.body)) {
            twin::Suppression rule = suppress->rule;
            rule.actor = command.actor;
            MATOU_CHECK(_alarms->suppress(std::move(rule), command.at));
            _keepRules = true;
        }
        if (const auto* end = std::get_if<command::EndSuppression>(&command.body)) {
            MATOU_CHECK(_alarms->endSuppression(end->rule, command.actor, command.at));
            _keepRules = true;
        }
        if (const auto* drill = std::get_if<command::SetDrill>(&command.body)) {
            _alarms->setDrill(drill->on, command.actor, command.at);
            _keepRules = true;
        }
        return {};
    };
    auto result = apply();
    audit(command, result ? "done" : result.error().code);
    collectChanges();
    _urgent = true;
    return result;
}

void StateLane::audit(const command::Command& command, const std::string& outcome) {
    _audit.push_back({command.at, command.actor, command.role, command.origin, command::toJson(command), outcome});
}

core::Result<void> StateLane::writeAll() {
    // Events were added as they came, to learn whether they are new; only after a failure they are added again.
    for (std::size_t i = _inTransaction; i < _events.size(); ++i)
        MATOU_CHECK(_history.addEvent(_events[i], _events[i].receiveTime));
    for (const auto& change : _changes)
        MATOU_CHECK(_history.addChange(change));
    for (const auto& row : _audit)
        MATOU_CHECK(_history.addAudit(row));
    for (const auto& [nonce, at] : _nonces)
        MATOU_CHECK(_history.addNonce(nonce, at));
    for (const auto& message : _outgoing)
        MATOU_CHECK(_history.addOutgoing(message));
    for (const auto sequence : _delivered)
        MATOU_CHECK(_history.removeOutgoing(sequence));
    if (_keepRules) {
        std::string rules;
        for (const auto& rule : _alarms->operatorRules())
            rules += (rules.empty() ? "" : ",") + history::toJson(rule);
        MATOU_CHECK(_history.setNote("suppressions", "[" + rules + "]"));
        MATOU_CHECK(_history.setNote("drill", _alarms->drill() ? "on" : "off"));
    }
    return _history.commit();
}

void StateLane::commit(const std::function<void(std::uint32_t, std::uint64_t)>& stored) {
    const bool something = !_events.empty() || !_changes.empty() || !_audit.empty();
    if (const auto done = writeAll(); !done) {
        _history.rollback();
        _inTransaction = 0;
        if (_historyError.code.empty()) core::logError(done.error());
        _historyError = done.error();
        // Memory is finite: what waits longest for a disk that does not come back goes first.
        constexpr std::size_t kWaiting = 200000;
        if (_gap.since == core::Instant{}) _gap.since = _now;
        if (_events.size() > kWaiting) {
            _events.erase(_events.begin(), _events.begin() + kWaiting / 10);
            _gap.events += kWaiting / 10;
        }
        if (_changes.size() > kWaiting) {
            _changes.erase(_changes.begin(), _changes.begin() + kWaiting / 10);
            _gap.changes += kWaiting / 10;
        }
        return;
    }
    if (something) _historyError = {};
    _inTransaction = 0;
    _events.clear();
    _changes.clear();
    _audit.clear();
    noteGap();
    _mayHaveOutgoing = _mayHaveOutgoing || !_outgoing.empty();
    _outgoing.clear();
    _delivered.clear();
    _nonces.clear();
    _keepRules = false;
    for (const auto& [feed, token] : std::exchange(_tokens, {}))
        stored(feed, token);
}

/// How long the disk was away and what that cost, exactly, also where it cost nothing.
void StateLane::noteGap() {
    _gap.values += _history.takeDropped();
    if (_gap.since == core::Instant{}) return;
    if (!_valuesError.code.empty()) return; // not over yet
    alarm::Change gap;
    gap.of = alarm::Change::Of::district;
    gap.at = _now;
    gap.what = "history_gap";
    gap.text = "since " + core::formatInstant(_gap.since) + ", lost: " + std::to_string(_gap.events) + " events, " +
               std::to_string(_gap.changes) + " transitions, " + std::to_string(_gap.values) + " values";
    core::logWarning({"W_SERVICE_HISTORY_GAP",
                      {core::formatInstant(_gap.since), std::to_string(_gap.events), std::to_string(_gap.changes),
                       std::to_string(_gap.values)},
                      "history",
                      nullptr});
    _changes.push_back(std::move(gap));
    _gap = {};
}

std::vector<history::Outgoing> StateLane::takeOutgoing() {
    if (!std::exchange(_mayHaveOutgoing, false)) return {};
    auto result = _history.outgoing(_lastOutgoing, 1000);
    if (!result.empty()) {
        _lastOutgoing = result.back().sequence;
        _mayHaveOutgoing = true; // perhaps more
    }
    return result;
}

void StateLane::flush() {
    const auto done = _history.flushObservations();
    if (!done && _valuesError.code.empty()) core::logError(done.error());
    if (!done && _gap.since == core::Instant{}) _gap.since = _now;
    if (auto damage = _history.takeDamage()) {
        core::logError(*damage);
        _damage = std::move(*damage);
    }
    _valuesError = done ? core::Error{} : done.error();
    if (!done || _now - _retained < std::chrono::hours(1)) return;
    const auto more = _history.retain(_now, retention);
    if (!more)
        core::logError(more.error());
    if (!more || !*more) _retained = _now;
}

std::shared_ptr<const twin::StateSnapshot> StateLane::snapshot(core::Instant now) {
    for (const std::uint32_t sensor : _watched)
        _twin->setSeverity(sensor, _alarms->severity(sensor));
    auto result = std::make_shared<twin::StateSnapshot>(_twin->snapshot(now));
    _alarms->show(*result);
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
        state.invalid = feed.invalid + feed.transport.refused;
        state.duplicates = feed.duplicates + feed.transport.duplicates;
        state.late = feed.late;
        state.unclassified = feed.unclassified + feed.transport.unclassified;
        state.limited = feed.transport.limited;
        state.lastReceived = feed.lastReceived;
        state.expectedInterval = feed.expectedInterval;
        if (feed.lastReceived != core::Instant{})
            state.age = twin::ageOf(now - feed.lastReceived, feed.expectedInterval);
        if (!feed.transportError.empty())
            state.lastError = feed.transportError;
        else if (!feed.lastError.code.empty())
            state.lastError = core::describe(feed.lastError, core::Language::zh);
        else if (!feed.transport.lastError.code.empty())
            state.lastError = core::describe(feed.transport.lastError, core::Language::zh);
        state.latencyMsP50 = percentile(feed.latencies, 0.5);
        state.latencyMsP95 = percentile(feed.latencies, 0.95);
        result->feeds.push_back(std::move(state));
    }
    const core::Error& writing = _historyError.code.empty() ? _valuesError : _historyError;
    if (const core::Error& error = writing.code.empty() ? _damage : writing; !error.code.empty()) {
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
