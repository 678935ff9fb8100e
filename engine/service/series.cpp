#include "service/series.h"

#include <algorithm>

#include "core/file.h"
#include "core/json.h"
#include "live/charset.h"
#include "live/csv.h"
#include "live/mapping.h"

namespace matou::service {
namespace {

constexpr std::uint64_t kBytes = std::uint64_t{64} << 20;

/// The stamp that a mapping has just written.
core::Instant stampOf(const live::Message& message) {
    const auto payload = core::parseJson(message.payload, message.topic);
    if (!payload) return message.received;
    return core::parseInstant(payload->value("ts", "")).value_or(message.received);
}

} // namespace

core::Result<Series> seriesOf(const district::District& district, const std::string& feed, const std::filesystem::path& file) {
    const auto config = std::find_if(district.feeds.begin(), district.feeds.end(), [&](const auto& each) { return each.id == feed; });
    if (config == district.feeds.end() || config->mappings.empty()) return core::fail("E_REPLAY_FEED", district.folder.string(), {feed});
    MATOU_TRY(mappings, live::createMappings(config->mappings, district.id, district.registry));
    MATOU_TRY(bytes, core::readTextFile(file, kBytes));
    const auto text = live::toUtf8(bytes, config->charset);
    const std::string where = file.string();
    MATOU_TRY(payload, config->format == "csv" ? live::parseCsv(text.utf8, where, config->separator) : core::parseJson(text.utf8, where, {.depth = 32, .bytes = kBytes}));
    Series series;
    for (const auto& mapping : mappings) {
        live::Mapped mapped;
        mapping.apply(payload, where, core::RealClock().now(), mapped);
        series.refused += mapped.refusedCount;
        std::move(mapped.refused.begin(), mapped.refused.end(), std::back_inserter(series.errors));
        std::move(mapped.messages.begin(), mapped.messages.end(), std::back_inserter(series.messages));
    }
    for (auto& message : series.messages) message.received = stampOf(message);
    std::stable_sort(series.messages.begin(), series.messages.end(), [](const auto& a, const auto& b) { return a.received < b.received; });
    return series;
}

} // namespace matou::service
