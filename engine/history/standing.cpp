// What stands until something newer is said: candidates that nothing proves yet, and what projects say of themselves.

#include "history/alarm_json.h"
#include "history/history_impl.h"

namespace matou::history {

core::Result<void> History::saveCandidate(const twin::Candidate& candidate) {
    const std::lock_guard lock(_impl->writing);
    MATOU_CHECK(_impl->begin());
    MATOU_TRY(save, _impl->writer.prepare("INSERT INTO candidates VALUES(?,?) ON CONFLICT(id) DO UPDATE SET json=excluded.json"));
    return save.bind(1, candidate.id).bind(2, toJson(candidate)).run();
}

core::Result<void> History::removeCandidate(const std::string& id) {
    const std::lock_guard lock(_impl->writing);
    MATOU_CHECK(_impl->begin());
    MATOU_TRY(remove, _impl->writer.prepare("DELETE FROM candidates WHERE id=?"));
    return remove.bind(1, id).run();
}

core::Result<std::vector<twin::Candidate>> History::candidates() const {
    std::vector<twin::Candidate> result;
    const auto lock = _impl->readLock();
    MATOU_TRY(statement, _impl->readDatabase().prepare("SELECT json FROM candidates ORDER BY id"));
    while (true) {
        MATOU_TRY(row, statement.step());
        if (!row) return result;
        if (auto candidate = candidateFromJson(statement.text(0))) result.push_back(std::move(*candidate));
    }
}

core::Result<void> History::addProject(const twin::ProjectStatus& status) {
    const std::lock_guard lock(_impl->writing);
    MATOU_CHECK(_impl->begin());
    MATOU_TRY(insert, _impl->writer.prepare("INSERT INTO projects(project,t,received,json) VALUES(?,?,?,?)"));
    insert.bind(1, status.project).bind(2, std::int64_t{status.eventTime.time_since_epoch().count()});
    return insert.bind(3, std::int64_t{status.receiveTime.time_since_epoch().count()}).bind(4, toJson(status)).run();
}

core::Result<std::vector<twin::ProjectStatus>> History::projectsAt(core::Instant at) const {
    std::vector<twin::ProjectStatus> result;
    const auto lock = _impl->readLock();
    MATOU_TRY(statement, _impl->readDatabase().prepare(
                             "SELECT json FROM projects WHERE seq IN (SELECT (SELECT seq FROM projects WHERE project=each.project AND received<=? ORDER BY t DESC, "
                             "seq DESC LIMIT 1) FROM (SELECT DISTINCT project FROM projects) AS each) ORDER BY project"));
    statement.bind(1, std::int64_t{at.time_since_epoch().count()});
    while (true) {
        MATOU_TRY(row, statement.step());
        if (!row) return result;
        if (auto status = projectFromJson(statement.text(0))) result.push_back(std::move(*status));
    }
}

core::Result<void> History::addWord(const Word& word) {
    const std::lock_guard lock(_impl->writing);
    MATOU_CHECK(_impl->begin());
    MATOU_TRY(insert, _impl->writer.prepare("INSERT INTO words(kind,thing,t,received,json) VALUES(?,?,?,?,?)"));
    insert.bind(1, word.kind).bind(2, word.thing).bind(3, std::int64_t{word.eventTime.time_since_epoch().count()});
    return insert.bind(4, std::int64_t{word.receiveTime.time_since_epoch().count()}).bind(5, word.json).run();
}

core::Result<std::vector<std::string>> History::wordsAt(const std::string& kind, core::Instant at) const {
    std::vector<std::string> result;
    const auto lock = _impl->readLock();
    MATOU_TRY(statement, _impl->readDatabase().prepare(
                             "SELECT json FROM words WHERE seq IN (SELECT (SELECT seq FROM words WHERE kind=?1 AND thing=each.thing AND received<=?2 ORDER BY t DESC, "
                             "seq DESC LIMIT 1) FROM (SELECT DISTINCT thing FROM words WHERE kind=?1) AS each) ORDER BY thing"));
    statement.bind(1, kind).bind(2, std::int64_t{at.time_since_epoch().count()});
    while (true) {
        MATOU_TRY(row, statement.step());
        if (!row) return result;
        result.push_back(statement.text(0));
    }
}

} // namespace matou::history
