#include "service/replay.h"

#include "live/recording.h"
#include "service/state_lane.h"

namespace matou::service {

core::Result<ReplayResult> replay(std::shared_ptr<const district::District> district, const std::filesystem::path& recording) {
    MATOU_TRY(reader, live::RecordingReader::open(recording));
    return replay(std::move(district), [&] { return reader.next(); });
}

core::Result<ReplayResult> replay(std::shared_ptr<const district::District> district, const Messages& next) {
    core::Diagnostics remarks;
    MATOU_TRY(history, history::History::open({}, {}, remarks));
    FeedLedger feed;
    feed.id = "replay";
    feed.kind = "file";
    feed.connected = true;
    MATOU_TRY(lane, StateLane::open(std::move(district), std::move(history), {feed}));
    ReplayResult result;
    lane->onChange = [&](const alarm::Change& change) { result.alarmLog += alarm::logLine(change) + "\n"; };
    while (true) {
        MATOU_TRY(message, next());
        if (!message) break;
        ++result.messages;
        lane->process({*message});
        // Values are for looking at; alarms and events are kept.
        if (result.messages % 1000 == 0) lane->commit([](std::uint32_t, std::uint64_t) {});
    }
    lane->commit([](std::uint32_t, std::uint64_t) {});
    result.invalid = lane->feeds()[0].invalid;
    result.events = lane->history().eventsStored();
    return result;
}

} // namespace matou::service
