#include "service/state_lane.h"

#include <algorithm>

#include "command/command_json.h"
#include "command/permission.h"
#include "core/log.h"
#include "core/messages.h"
#include "history/alarm_json.h"
#include "history/word_json.h"
#include "live/decode.h"
#include "service/feedback.h"

namespace matou::service {
namespace {

/// Timers follow the clock this far behind, so that messages on their way are played before timers that come after
/// them.
constexpr core::Duration kBehind{2000};
/// A connection that is away for longer than this is a lost feed.
constexpr core::Duration kPatience{10000};
constexpr const char* kRetainedNote = "retained";
constexpr core::Duration kRetainedStep = std::chrono::hours(24);

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
}

core::Result<std::unique_ptr<StateLane>> StateLane::open(std::shared_ptr<const district::District> district, history::History history,
                                                         std::vector<FeedLedger> feeds) {
    std::unique_ptr<StateLane> lane(new StateLane(std::move(district), std::move(history), std::move(feeds)));
    MATOU_CHECK(lane->begin());
    return lane;
}

core::Result<void> StateLane::begin() {
    MATOU_TRY(closed, _history.closedAlarms());
    MATOU_TRY(open, _history.openAlarms());
    MATOU_TRY(lastAlarm, _history.lastAlarmNumber());
    MATOU_TRY(lastCandidate, _history.lastCandidateNumber());
    MATOU_TRY(suppressions, _history.note("suppressions"));
    MATOU_TRY(drill, _history.note("drill"));
    MATOU_TRY(candidates, _history.candidates());
    MATOU_TRY(projects, _history.projectsAt(core::Instant::max()));
    MATOU_TRY(retained, _history.note(kRetainedNote));
    if (retained) _retained = core::parseInstant(*retained).value_or(core::Instant{});
    _closedBefore = closed;
    makeTwin();
    for (const auto& status : projects) {
        _twin->apply(status);
        _projects[status.project] = status;
    }
    bool news = false;
    MATOU_TRY(cases, _history.wordsAt("case", core::Instant::max()));
    for (const auto& word : cases)
        if (auto item = history::caseFromJson(word)) _twin->apply(std::move(*item), news);
    MATOU_TRY(flood, _history.wordsAt("flood", core::Instant::max()));
    for (const auto& word : flood)
        if (auto item = history::floodFromJson(word)) _twin->apply(std::move(*item), news);
    _alarms = std::make_unique<alarm::AlarmEngine>(_district->registry);
    _alarms->restore(open, lastAlarm, lastCandidate, history::suppressionsFromJson(suppressions.value_or("[]")), drill.value_or("") == "on");
    _alarms->restore(candidates);
    _unstored = std::make_unique<Unstored>(_history, _alarms->candidates());
    return {};
}

void StateLane::makeTwin() {
    _twin = std::make_unique<twin::TwinState>(_district->registry, _district->initialProjects);
}

/// A clock that went back: nothing of what has not happened yet.
void StateLane::restart() {
    _closedBefore += _alarms->closed();
    makeTwin();
    auto next = std::make_unique<alarm::AlarmEngine>(_district->registry);
    next->restore({}, _alarms->lastNumber(), _alarms->lastCandidate());
    _alarms = std::move(next);
    _now = _started = {};
    _urgent = true;
}

void StateLane::clockSet(core::Duration by) {
    core::logWarning({"W_SERVICE_CLOCK_SET", {std::to_string(by.count() / 1000)}, "clock", nullptr});
    _alarms->clockSet(by);
    _twin->clockSet(by);
    for (FeedLedger& feed : _feeds)
        for (core::Instant* at : {&feed.lastReceived, &feed.disconnectedSince})
            if (*at != core::Instant{}) *at += by;
    for (core::Instant* at : {&_now, &_started, &_looked})
        if (*at != core::Instant{}) *at += by;
    _unstored->hurry();
    collectChanges();
}

void StateLane::process(const std::vector<live::Message>& messages) {
    for (const live::Message& message : messages) {
        FeedLedger& feed = _feeds[message.feed];
        if (message.acknowledge) _unstored->addToken(message.feed, message.acknowledge);
        if (!message.nonce.empty()) _unstored->addNonce(message.nonce, message.received);
        auto decoded = live::decode(message, _district->id, feed.id);
        if (!decoded) {
            ++feed.invalid;
            feed.lastError = std::move(decoded).error();
            continue;
        }
        ++feed.applied;
        feed.lastReceived = std::max(feed.lastReceived, message.received); // rubbish is no sign of life
        const core::Instant at = std::visit([](const auto& record) { return record.eventTime; }, *decoded);
        if (feed.latencies.size() < FeedLedger::kLatencies) feed.latencies.push_back(0);
        feed.latencies[feed.nextLatency++ % FeedLedger::kLatencies] =
            static_cast<float>((message.received - at).count());
        const auto applied = std::visit([&](auto& record) { return apply(std::move(record), message.feed); }, *decoded);
        if (applied == twin::Applied::duplicate)
            ++feed.duplicates;
        else if (applied == twin::Applied::older || message.received - at > twin::kLate)
            ++feed.late;
        if (applied == twin::Applied::unknown) ++feed.unclassified;
    }
    collectChanges();
}

twin::Applied StateLane::apply(twin::Observation observation, std::uint32_t feed) {
    const auto sensor = _twin->sensorIndex(observation.sensor);
    const auto applied = _twin->apply(observation, sensor, static_cast<int>(feed));
    if (applied == twin::Applied::duplicate) return applied;
    _history.addObservation(observation);
    if (applied == twin::Applied::updated) _alarms->observe(*sensor, observation);
    return applied;
}

twin::Applied StateLane::apply(twin::Event event, std::uint32_t) {
    if (!_unstored->add(event)) return twin::Applied::duplicate;
    _alarms->occur(event);
    _urgent = true;
    return twin::Applied::updated;
}

twin::Applied StateLane::apply(twin::ProjectStatus status, std::uint32_t) {
    // A date of the year 2062 must not be the last word on a project until then.
    status.eventTime = std::min(status.eventTime, status.receiveTime + twin::kFutureTolerance);
    const auto applied = _twin->apply(status);
    if (applied == twin::Applied::duplicate) return applied;
    // Sources repeat themselves; what they repeat is stored already.
    if (applied != twin::Applied::older) {
        const auto kept = _projects.find(status.project);
        if (kept != _projects.end() && twin::sameWords(kept->second, status)) return applied;
        if (kept == _projects.end() && _projects.size() >= _district->registry->projects.size() + twin::TwinState::kOtherProjects) return applied;
        _projects[status.project] = status;
        _urgent = true;
    }
    _unstored->add(std::move(status));
    return applied;
}

twin::Applied StateLane::apply(twin::CameraStatus status, std::uint32_t) {
    return _twin->apply(status);
}

template <typename Item>
twin::Applied StateLane::applyOfCity(Item item, const char* kind) {
    bool news = false;
    item.eventTime = std::min(item.eventTime, item.receiveTime + twin::kFutureTolerance); // as of projects
    const auto applied = _twin->apply(item, news);
    if (news) _unstored->add(history::Word{kind, item.id, item.eventTime, item.receiveTime, history::toJson(item)});
    _urgent = _urgent || news;
    return applied;
}

twin::Applied StateLane::apply(twin::Case item, std::uint32_t) {
    return applyOfCity(std::move(item), "case");
}

twin::Applied StateLane::apply(twin::FloodItem item, std::uint32_t) {
    return applyOfCity(std::move(item), "flood");
}

void StateLane::collectChanges() {
    for (auto& change : _alarms->takeChanges()) {
        if (onChange) onChange(change);
        if (const auto back = feedbackOf(change, _district->id); !back.topic.empty())
            if (std::any_of(_feeds.begin(), _feeds.end(), [&](const FeedLedger& feed) {
                    return feed.id == back.feed && feed.kind == "mqtt";
                }))
                _unstored->add(back);
        for (const auto& config : _district->feeds)
            if (config.handOut && config.kind == "mqtt")
                if (auto out = handOutOf(change, _district->id, config.id); !out.topic.empty()) _unstored->add(std::move(out));
        _unstored->add(std::move(change));
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
        const bool speaks = feed.expectedInterval > core::Duration{}; // else only when something happens: its silence says nothing
        const bool silent = speaks && twin::ageOf(now - heard, feed.expectedInterval) == twin::Age::lost;
        const bool away = !feed.connected && now - feed.disconnectedSince > kPatience;
        const bool back = feed.connected && (feed.lastReceived != core::Instant{} || !speaks) && !silent;
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
            keepRules();
        }
        if (const auto* end = std::get_if<command::EndSuppression>(&command.body)) {
            MATOU_CHECK(_alarms->endSuppression(end->rule, command.actor, command.at));
            keepRules();
        }
        if (const auto* drill = std::get_if<command::SetDrill>(&command.body)) {
            _alarms->setDrill(drill->on, command.actor, command.at);
            keepRules();
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
    _unstored->add(history::AuditRow{command.at, command.actor, command.role, command.origin, command::toJson(command), outcome});
}

void StateLane::keepRules() {
    std::string rules;
    for (const auto& rule : _alarms->operatorRules())
        rules += (rules.empty() ? "" : ",") + history::toJson(rule);
    _unstored->keepRules("[" + rules + "]", _alarms->drill());
}

void StateLane::commit(const Unstored::Stored& stored) {
    _unstored->commit(_alarms->candidates(), _now, stored);
}

std::vector<history::Outgoing> StateLane::takeOutgoing() {
    if (_unstored->outgoingStored()) _mayHaveOutgoing = true;
    if (!std::exchange(_mayHaveOutgoing, false)) return {};
    auto result = _history.outgoing(_lastOutgoing, 1000);
    if (!result.empty()) {
        _lastOutgoing = result.back().sequence;
        _mayHaveOutgoing = true; // perhaps more
    }
    return result;
}

bool StateLane::flush(std::optional<core::Duration> patience) {
    if (!_unstored->flushValues(_now, patience)) return false;
    if (patience && _history.holdsObservations()) return true;
    if (_looked == core::Instant{}) _looked = _now;
    if (_retained == core::Instant{}) keepRetained(_now);
    if (_now - _looked < std::chrono::hours(1)) return false;
    // What is too old is reckoned by a time that goes on a day an hour at most: a machine that starts in the wrong year must not
    // delete the years before.
    const core::Instant upTo = std::min(_now, _retained + kRetainedStep);
    const auto more = _history.retain(upTo, retention);
    if (!more) core::logError(more.error());
    if (more && *more) return false;
    _looked = _now;
    if (upTo < _now) core::logWarning({"W_SERVICE_RETENTION", {core::formatInstant(upTo)}, "history", nullptr});
    keepRetained(upTo);
    return false;
}

void StateLane::keepRetained(core::Instant upTo) {
    _retained = upTo;
    if (const auto kept = _history.setNote(kRetainedNote, core::formatInstant(upTo)); !kept) core::logError(kept.error());
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
        state.behind = feed.transport.behind;
        state.lastReceived = feed.lastReceived;
        state.expectedInterval = feed.expectedInterval;
        if (feed.lastReceived != core::Instant{})
            state.age = feed.expectedInterval > core::Duration{} ? twin::ageOf(now - feed.lastReceived, feed.expectedInterval)
                        : feed.connected                         ? twin::Age::fresh
                                                                 : twin::Age::lost;
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
    if (const core::Error& error = _unstored->trouble(); !error.code.empty()) {
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
