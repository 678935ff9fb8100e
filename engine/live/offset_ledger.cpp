#include "live/offset_ledger.h"

namespace matou::live {

std::uint64_t OffsetLedger::begin(const std::string& topic, std::int32_t partition, std::int64_t offset) {
    const Key key{topic, partition};
    _logs[key].handed.emplace_back(offset, ++_last);
    _tokens.emplace(_last, key);
    return _last;
}

void OffsetLedger::done(std::uint64_t token) {
    const auto found = _tokens.find(token);
    if (found == _tokens.end()) return;
    Log& log = _logs[found->second];
    _tokens.erase(found);
    log.done.insert(token);
    while (!log.handed.empty() && log.done.erase(log.handed.front().second) > 0) {
        log.next = log.handed.front().first + 1;
        log.moved = true;
        log.handed.pop_front();
    }
}

std::vector<OffsetLedger::Position> OffsetLedger::takeMoved() {
    std::vector<Position> moved;
    for (auto& [key, log] : _logs) {
        if (!log.moved) continue;
        log.moved = false;
        moved.push_back({key.first, key.second, log.next});
    }
    return moved;
}

void OffsetLedger::again(const std::vector<Position>& positions) {
    for (const auto& position : positions)
        if (const auto log = _logs.find({position.topic, position.partition}); log != _logs.end()) log->second.moved = true;
}

void OffsetLedger::forget(const std::string& topic, std::int32_t partition) {
    const auto log = _logs.find({topic, partition});
    if (log == _logs.end()) return;
    for (const auto& [offset, token] : log->second.handed)
        _tokens.erase(token);
    _logs.erase(log);
}

} // namespace matou::live
