#include "live/sip_transactions.h"

#include <algorithm>

namespace matou::live::sip {

std::string ServerTransactions::keyOf(const Message& request, const Via& via, const Peer& from) {
    const std::string branch = via.branch();
    std::string key = from.host + "|" + via.host + ":" + std::to_string(via.port) + "|" + request.method + "|" + branch;
    if (branch.size() <= 7 || !branch.starts_with("z9hG4bK")) key += "|" + request.headerOr("call-id") + "|" + request.headerOr("cseq") + "|" + request.headerOr("from");
    return key;
}

ServerTransactions::Seen ServerTransactions::see(const std::string& key, core::Duration now) {
    const auto [found, fresh] = _all.try_emplace(key);
    if (!fresh) return found->second.answer ? Seen::answered : Seen::waiting;
    _order.emplace_back(now + kTransactionLife, key);
    while (_order.size() > kKept) {
        _all.erase(_order.front().second);
        _order.pop_front();
    }
    return Seen::fresh;
}

void ServerTransactions::answered(const std::string& key, Datagram bytes) {
    if (const auto found = _all.find(key); found != _all.end()) found->second.answer = std::move(bytes);
}

const Datagram* ServerTransactions::answerOf(const std::string& key) const {
    const auto found = _all.find(key);
    return found != _all.end() && found->second.answer ? &*found->second.answer : nullptr;
}

void ServerTransactions::expire(core::Duration now) {
    while (!_order.empty() && _order.front().first <= now) {
        _all.erase(_order.front().second);
        _order.pop_front();
    }
}

void ClientTransactions::begin(const std::string& branch, Datagram bytes, std::uint64_t context, core::Duration now) {
    const core::Duration first = bytes.to.tcp() ? kTransactionLife : kT1; // TCP repeats by itself
    _all.insert_or_assign(branch, Entry{std::move(bytes), context, now + kTransactionLife, now + first, first});
}

std::optional<std::uint64_t> ClientTransactions::answered(const std::string& branch, int status, core::Duration now) {
    const auto found = _all.find(branch);
    if (found == _all.end()) return std::nullopt;
    if (status < 200) { // somebody is at it: only slowly again
        found->second.wait = kT2;
        found->second.next = now + kT2;
        return std::nullopt;
    }
    const std::uint64_t context = found->second.context;
    _all.erase(found);
    return context;
}

std::vector<Datagram> ClientTransactions::due(core::Duration now, std::vector<std::uint64_t>& lost) {
    std::vector<Datagram> result;
    for (auto at = _all.begin(); at != _all.end();) {
        Entry& entry = at->second;
        if (now >= entry.until) {
            lost.push_back(entry.context);
            at = _all.erase(at);
            continue;
        }
        if (now >= entry.next) {
            result.push_back(entry.bytes);
            entry.wait = std::min(entry.wait * 2, kT2);
            entry.next = now + entry.wait;
        }
        ++at;
    }
    return result;
}

} // namespace matou::live::sip
