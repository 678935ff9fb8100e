#include "control/event_stream.h"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "core/clock.h"

namespace matou::control {

core::Result<std::optional<std::string>> EventStream::next() {
    if (_ended) return std::optional<std::string>();
    std::string out = _begun ? "" : "{\"events\":[";
    history::EventQuery page = _query;
    page.limit = std::min(kPage, _left);
    MATOU_TRY(rows, _fetch(page));
    const std::size_t count = rows.size();
    for (std::size_t i = 0; i < count; ++i) {
        const auto& row = rows[i];
        nlohmann::ordered_json entry = {{"id", row.id},
                                        {"source", row.source},
                                        {"ts", core::formatInstant(row.eventTime)},
                                        {"stored", core::formatInstant(row.stored)},
                                        {"seq", row.sequence},
                                        {"class", row.eventClass},
                                        {"severity", row.severity},
                                        {"confidence", row.confidence},
                                        {"feed", row.feed}};
        std::string text = entry.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
        // The payload was checked to be JSON when it came; it goes out as it came in.
        if (!row.raw.empty()) text.insert(text.size() - 1, ",\"payload\":" + row.raw);
        out += (_begun || i ? ",\n" : "\n") + text;
        _query.after = row.sequence;
    }
    _begun = true; // a page without rows is the last
    _left -= static_cast<std::int64_t>(count);
    if (static_cast<std::int64_t>(count) < page.limit || _left <= 0) {
        out += "],\"next\":" + std::to_string(_query.after) + "}";
        _ended = true;
    }
    return std::optional(std::move(out));
}

} // namespace matou::control
