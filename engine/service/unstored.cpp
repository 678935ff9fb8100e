#include "service/unstored.h"

#include <algorithm>

#include "core/log.h"
#include "core/messages.h"
#include "live/charset.h"

namespace matou::service {
namespace {

std::string identityOf(const twin::Event& event) {
    return event.source + '\0' + event.id;
}

std::size_t bytesOf(const twin::Event& event) {
    return sizeof event + event.raw.size() + event.source.size() + event.id.size() + event.text.size();
}
std::size_t bytesOf(const alarm::Change& change) {
    std::size_t bytes = sizeof change + change.text.size();
    for (const auto& comment : change.alarm.comments)
        bytes += comment.size();
    return bytes;
}
std::size_t bytesOf(const history::AuditRow& row) {
    return sizeof row + row.what.size();
}
std::size_t bytesOf(const twin::ProjectStatus& status) {
    std::size_t bytes = sizeof status + status.note.size() + status.outline.size() * 16;
    for (const auto& milestone : status.milestones)
        bytes += sizeof milestone + milestone.outline.size() * 16;
    return bytes;
}
std::size_t bytesOf(const history::Word& word) {
    return sizeof word + word.json.size();
}
template <typename Plain>
std::size_t bytesOf(const Plain&) {
    return sizeof(Plain);
}

/// Lets the oldest go where there is too much, a tenth more than needed; how many went. `gone` hears each.
template <typename Kind, typename Gone>
std::uint64_t trim(std::vector<Kind>& list, const Gone& gone) {
    std::size_t bytes = 0;
    for (const auto& entry : list)
        bytes += bytesOf(entry);
    if (list.size() <= Unstored::kWaiting && bytes <= Unstored::kWaitingBytes) return 0;
    std::size_t count = 0;
    for (; list.size() - count > Unstored::kWaiting / 10 * 9 || bytes > Unstored::kWaitingBytes / 10 * 9; ++count) {
        bytes -= bytesOf(list[count]);
        gone(list[count]);
    }
    list.erase(list.begin(), list.begin() + static_cast<std::ptrdiff_t>(count));
    return count;
}

/// Of texts that a database refused, so that it takes the line that says so.
std::string printable(std::string text) {
    if (!live::isUtf8(text))
        for (char& c : text)
            if (static_cast<unsigned char>(c) >= 0x80) c = '?';
    for (char& c : text)
        if (static_cast<unsigned char>(c) < 0x20) c = '?';
    return text.substr(0, 200);
}

bool same(const twin::Candidate& a, const twin::Candidate& b) {
    return a.count == b.count && a.until == b.until && a.last == b.last;
}

} // namespace

Unstored::Unstored(history::History& history, std::map<std::string, twin::Candidate> candidates)
    : _history(history), _candidates(std::move(candidates)) {}

bool Unstored::add(const twin::Event& event) {
    const std::string identity = identityOf(event);
    if (_waiting.contains(identity)) return false;
    if (_error.code.empty()) { // else it waits for the next try
        const auto fresh = _history.addEvent(event, event.receiveTime);
        if (fresh && !*fresh) return false;
        if (!fresh) {
            // A database may have ended the transaction by itself, with the events before this one: all are written again at the
            // commit, so that none is confirmed that went with it.
            _history.rollback();
            _inTransaction = 0;
        } else if (_inTransaction == _events.size())
            ++_inTransaction;
    }
    _waiting.insert(identity);
    _events.push_back(event);
    return true;
}

core::Result<void> Unstored::writeRest(const std::map<std::string, twin::Candidate>& candidates) {
    for (const auto& [nonce, at] : _nonces)
        MATOU_CHECK(_history.addNonce(nonce, at));
    for (const auto& message : _outgoing)
        MATOU_CHECK(_history.addOutgoing(message));
    for (const auto sequence : _delivered)
        MATOU_CHECK(_history.removeOutgoing(sequence));
    for (const auto& [id, candidate] : candidates)
        if (const auto before = _candidates.find(id); before == _candidates.end() || !same(before->second, candidate))
            MATOU_CHECK(_history.saveCandidate(candidate));
    for (const auto& [id, candidate] : _candidates)
        if (!candidates.contains(id)) MATOU_CHECK(_history.removeCandidate(id));
    if (_gapLine) MATOU_CHECK(_history.addChange(*_gapLine));
    if (_rules) {
        MATOU_CHECK(_history.setNote("suppressions", _rules->first));
        MATOU_CHECK(_history.setNote("drill", _rules->second ? "on" : "off"));
    }
    return _history.commit();
}

core::Result<void> Unstored::writeAll(const std::map<std::string, twin::Candidate>& candidates) {
    // Events were added as they came, to learn whether they are new; only after a failure they are added again.
    for (std::size_t i = _inTransaction; i < _events.size(); ++i)
        MATOU_CHECK(_history.addEvent(_events[i], _events[i].receiveTime));
    for (const auto& change : _changes)
        MATOU_CHECK(_history.addChange(change));
    for (const auto& row : _audit)
        MATOU_CHECK(_history.addAudit(row));
    for (const auto& status : _projects)
        MATOU_CHECK(_history.addProject(status));
    for (const auto& word : _words)
        MATOU_CHECK(_history.addWord(word));
    return writeRest(candidates);
}

core::Result<void> Unstored::writeInParts(const std::map<std::string, twin::Candidate>& candidates) {
    // Each list whole, else in halves, until what cannot be written stands alone. What is written goes at once.
    const auto settle = [&](auto& list, const auto& write, const auto& nameOf) -> core::Result<void> {
        auto left = std::exchange(list, {});
        std::vector<std::pair<std::size_t, std::size_t>> parts{{0, left.size()}};
        while (!parts.empty()) {
            const auto [first, last] = parts.back();
            parts.pop_back();
            auto done = core::Result<void>();
            for (std::size_t i = first; i < last && done; ++i)
                done = write(left[i]);
            if (done) done = _history.commit();
            if (done) continue;
            _history.rollback();
            if (done.error().code != "E_HISTORY_REFUSED") { // now it is the disk: what is left waits
                parts.emplace_back(first, last);
                for (auto part = parts.rbegin(); part != parts.rend(); ++part)
                    std::move(left.begin() + static_cast<std::ptrdiff_t>(part->first), left.begin() + static_cast<std::ptrdiff_t>(part->second),
                              std::back_inserter(list));
                return done;
            }
            if (last - first == 1) {
                refuse(nameOf(left[first]), done.error());
                continue;
            }
            const std::size_t middle = first + (last - first) / 2;
            parts.emplace_back(middle, last);
            parts.emplace_back(first, middle); // the older half first
        }
        return {};
    };
    MATOU_CHECK(settle(
        _events, [&](const twin::Event& e) -> core::Result<void> { MATOU_CHECK(_history.addEvent(e, e.receiveTime)); return {}; },
        [&](const twin::Event& e) { return "event " + e.source + " " + e.id; }));
    MATOU_CHECK(settle(
        _changes, [&](const alarm::Change& c) { return _history.addChange(c); }, [](const alarm::Change& c) { return "transition " + c.alarm.id + " " + c.what; }));
    MATOU_CHECK(settle(
        _audit, [&](const history::AuditRow& r) { return _history.addAudit(r); }, [](const history::AuditRow& r) { return "record of " + r.actor; }));
    MATOU_CHECK(settle(
        _projects, [&](const twin::ProjectStatus& s) { return _history.addProject(s); },
        [](const twin::ProjectStatus& s) { return "project " + s.project; }));
    MATOU_CHECK(settle(
        _words, [&](const history::Word& w) { return _history.addWord(w); }, [](const history::Word& w) { return w.kind + " " + w.thing; }));
    return writeRest(candidates);
}

void Unstored::refuse(const std::string& what, const core::Error& error) {
    core::logError(error);
    alarm::Change line;
    line.of = alarm::Change::Of::district;
    line.at = _now;
    line.what = "history_refused";
    line.text = printable(what) + ": " + printable(error.arguments.empty() ? error.code : error.arguments[0]);
    _refusals.push_back(std::move(line));
}

void Unstored::commit(const std::map<std::string, twin::Candidate>& candidates, core::Instant now, const Stored& stored) {
    _now = now;
    if (!_error.code.empty() && now < _nextTry) return bound();
    lookAtGap(now);
    auto done = writeAll(candidates);
    if (!done) {
        _history.rollback();
        _inTransaction = 0;
        if (done.error().code == "E_HISTORY_REFUSED") done = writeInParts(candidates);
    }
    if (!done) return failed(done.error(), now);
    const bool known = !_error.code.empty();
    _error = {};
    _pause = {};
    _last = false;
    _inTransaction = 0;
    _events.clear();
    _waiting.clear();
    _changes = std::exchange(_refusals, {});
    _audit.clear();
    _projects.clear();
    _words.clear();
    if (_gapLine) gapTold();
    _outgoingStored = _outgoingStored || !_outgoing.empty();
    _outgoing.clear();
    _delivered.clear();
    _nonces.clear();
    _rules.reset();
    _candidates = candidates;
    if (_tokens.empty()) return;
    if (const auto settled = _history.settled(); !settled) { // no source may forget yet
        if (!known) core::logError(settled.error());
        _error = settled.error();
        _nextTry = now + (_pause = core::Duration(1000));
        return;
    }
    for (const auto& [feed, token] : std::exchange(_tokens, {}))
        stored(feed, token);
}

void Unstored::failed(const core::Error& error, core::Instant now) {
    _history.rollback();
    _inTransaction = 0;
    if (_error.code.empty()) core::logError(error);
    _error = error;
    if (_gap.since == core::Instant{}) _gap.since = now;
    _pause = std::clamp(_pause * 2, core::Duration(1000), core::Duration(4000));
    _nextTry = now + _pause;
    bound();
}

/// Memory is finite: what waits longest for a disk that does not come back goes first.
void Unstored::bound() {
    const auto ignored = [](const auto&) {};
    _gap.events += trim(_events, [&](const twin::Event& event) { _waiting.erase(identityOf(event)); });
    _gap.changes += trim(_changes, ignored) + trim(_audit, ignored) + trim(_projects, ignored) + trim(_words, ignored);
    trim(_outgoing, ignored);
    trim(_delivered, ignored);
    trim(_nonces, ignored);
    trim(_tokens, ignored);
}

/// How long the disk was away and what that cost, exactly, also where it cost nothing: in the transaction with which it is over. What was let go
/// is told at once, since the same commit lets its sources forget it.
void Unstored::lookAtGap(core::Instant now) {
    _gapLine.reset();
    if (const auto dropped = _history.takeDropped()) {
        _gap.values += dropped;
        _gap.lastDropped = now;
        if (_gap.since == core::Instant{}) _gap.since = now; // a disk that works, but too slowly
    }
    if (_gap.since == core::Instant{}) return;
    const bool over = _valuesError.code.empty() && (now - _gap.lastDropped >= kQuiet || _last);
    if (!over && _gap.events == 0 && _gap.changes == 0) return;
    _gapLine.emplace();
    _gapLine->of = alarm::Change::Of::district;
    _gapLine->at = now;
    _gapLine->what = "history_gap";
    _gapLine->text = "since " + core::formatInstant(_gap.since) + ", lost: " + std::to_string(_gap.events) + " events, " + std::to_string(_gap.changes) +
                     " transitions, " + std::to_string(_gap.values) + " values";
    _gapLineEnds = over;
}

void Unstored::gapTold() {
    core::logWarning({"W_SERVICE_HISTORY_GAP",
                      {core::formatInstant(_gap.since), std::to_string(_gap.events), std::to_string(_gap.changes), std::to_string(_gap.values)},
                      "history",
                      nullptr});
    const Gap rest{.since = _gapLineEnds ? core::Instant{} : _gap.since}; // only values are still lost
    _gap = rest;
    _gapLine.reset();
}

core::Result<void> Unstored::flushValues(core::Instant now, std::optional<core::Duration> patience) {
    auto done = _history.flushObservations(patience);
    if (!done && _valuesError.code.empty()) core::logError(done.error());
    if (!done && _gap.since == core::Instant{}) _gap.since = now;
    if (auto damage = _history.takeDamage()) {
        core::logError(*damage);
        _damage = std::move(*damage);
    }
    _valuesError = done ? core::Error{} : done.error();
    return done;
}

const core::Error& Unstored::trouble() const {
    if (!_error.code.empty()) return _error;
    return _valuesError.code.empty() ? _damage : _valuesError;
}

} // namespace matou::service
