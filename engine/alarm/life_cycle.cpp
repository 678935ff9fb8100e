#include "alarm/life_cycle.h"

#include <algorithm>
#include <array>
#include <span>

namespace matou::alarm {
using core::fail;
using twin::Condition;
using twin::Workflow;
namespace {

constexpr std::array kWords = {"unacknowledged", "acknowledged", "rejected", "dispatched", "returned",
                               "in_progress",    "verified",     "closed",   "shelved"};

constexpr std::array kSuppressed = {"no", "by_design", "out_of_service"};

struct Rule {
    const char* verb;
    std::array<Workflow, 6> from;
    int fromCount;
    Workflow to;
};
constexpr Rule kRules[] = {
    {"ack", {Workflow::unacknowledged}, 1, Workflow::acknowledged},
    {"reject", {Workflow::unacknowledged, Workflow::acknowledged}, 2, Workflow::rejected},
    {"dispatch", {Workflow::acknowledged, Workflow::returned}, 2, Workflow::dispatched},
    {"start", {Workflow::dispatched}, 1, Workflow::inProgress},
    {"return", {Workflow::dispatched, Workflow::inProgress}, 2, Workflow::returned},
    {"verify", {Workflow::acknowledged, Workflow::dispatched, Workflow::inProgress}, 3, Workflow::verified},
    {"close", {Workflow::verified}, 1, Workflow::closed},
    {"shelve",
     {Workflow::unacknowledged, Workflow::acknowledged, Workflow::dispatched, Workflow::returned, Workflow::inProgress},
     5,
     Workflow::shelved},
    {"unshelve", {Workflow::shelved}, 1, Workflow::unacknowledged},
};

/// Shelving has a reason from a list, so that it can be counted, and an end.
core::Result<void> shelve(twin::Alarm& alarm, const std::string& where, const std::string& text, core::Instant at,
                          const ActionDetail& detail) {
    if (alarm.severity == 1) return fail("E_ALARM_SHELVE", where);
    const std::string reason = detail.reason.empty() ? "other" : detail.reason;
    const auto& reasons = shelveReasons();
    if (std::find(reasons.begin(), reasons.end(), reason) == reasons.end()) {
        std::string all;
        for (const auto& known : reasons)
            all += (all.empty() ? "" : " ") + known;
        return fail("E_ALARM_SHELVE_REASON", where, {all});
    }
    if (reason == "other" && text.empty()) return fail("E_ALARM_TEXT", where, {"shelve"});
    const core::Duration time = detail.time == core::Duration{} ? std::min(kShelveTime, detail.longest) : detail.time;
    if (time <= core::Duration{} || time > detail.longest)
        return fail("E_ALARM_SHELVE_TIME", where, {std::to_string(detail.longest.count() / 60000)});
    alarm.shelvedUntil = at + time;
    alarm.shelvedFor = reason;
    return {};
}

bool permits(const Rule& rule, const twin::Alarm& alarm) {
    const auto from = std::span(rule.from).first(static_cast<std::size_t>(rule.fromCount));
    if (std::find(from.begin(), from.end(), alarm.workflow) != from.end()) return true;
    // Nothing left to do: an acknowledged alarm whose condition is gone may be closed without verifying on the spot.
    return std::string_view(rule.verb) == "close" && alarm.workflow == Workflow::acknowledged &&
           alarm.condition == Condition::normal;
}

} // namespace

const char* wordOf(Workflow workflow) {
    return kWords[static_cast<std::size_t>(workflow)];
}
const char* wordOf(Condition condition) {
    return condition == Condition::active ? "active" : "normal";
}
const char* wordOf(twin::Suppressed suppressed) {
    return kSuppressed[static_cast<std::size_t>(suppressed)];
}
twin::Suppressed suppressedFrom(const std::string& word) {
    for (std::size_t i = 0; i < kSuppressed.size(); ++i)
        if (word == kSuppressed[i]) return static_cast<twin::Suppressed>(i);
    return twin::Suppressed::no;
}
const std::vector<std::string>& shelveReasons() {
    static const std::vector<std::string> reasons = {"nuisance", "maintenance", "known", "test", "other"};
    return reasons;
}
Workflow workflowFrom(const std::string& word) {
    for (std::size_t i = 0; i < kWords.size(); ++i)
        if (word == kWords[i]) return static_cast<Workflow>(i);
    return Workflow::unacknowledged;
}

bool isOpen(const twin::Alarm& alarm) {
    return alarm.workflow != Workflow::rejected && alarm.workflow != Workflow::closed;
}

std::string possibleVerbs(const twin::Alarm& alarm) {
    std::string result;
    for (const Rule& rule : kRules)
        if (permits(rule, alarm) && !(std::string_view(rule.verb) == "shelve" && alarm.severity == 1))
            result += (result.empty() ? "" : " ") + std::string(rule.verb);
    return result + (result.empty() ? "comment" : " comment");
}

namespace {

void comment(twin::Alarm& alarm, std::string text) {
    if (alarm.comments.size() >= kComments) alarm.comments.erase(alarm.comments.begin());
    alarm.comments.push_back(std::move(text));
}

} // namespace

core::Result<void> act(twin::Alarm& alarm, const std::string& verb, const std::string& text, const std::string& actor,
                       core::Instant at, const ActionDetail& detail) {
    const std::string where = "alarm " + alarm.id;
    if (verb == "comment") {
        if (text.empty()) return fail("E_ALARM_TEXT", where, {verb});
        comment(alarm, core::formatInstant(at) + " " + actor + ": " + text);
        return {};
    }
    const auto rule = std::find_if(std::begin(kRules), std::end(kRules), [&](const Rule& r) { return verb == r.verb; });
    if (rule == std::end(kRules)) return fail("E_ALARM_VERB", where, {verb});
    if (!permits(*rule, alarm))
        return fail("E_ALARM_STATE", where, {verb, wordOf(alarm.workflow), possibleVerbs(alarm)});
    if (rule->to == Workflow::shelved) {
        MATOU_CHECK(shelve(alarm, where, text, at, detail));
    } else if (alarm.workflow == Workflow::shelved) {
        alarm.shelvedUntil = {};
        alarm.shelvedFor.clear();
    }
    if (rule->to == Workflow::dispatched) alarm.dispatched = at;
    if (rule->to != Workflow::shelved) alarm.overdue = 0; // another clock
    if (rule->to == Workflow::acknowledged) {
        alarm.acknowledged = at;
        alarm.acknowledgedBy = actor;
    }
    alarm.workflow = rule->to;
    if (!text.empty()) comment(alarm, core::formatInstant(at) + " " + actor + " (" + verb + "): " + text);
    return {};
}

} // namespace matou::alarm
