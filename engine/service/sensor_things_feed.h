#pragma once
// A SensorThings service as a feed: asked once for what it has, told by its broker what changes.

#include "service/feed_adapter.h"

namespace matou::service {

/// `url` is the service root (http[s]://…/v1.1), `mqtt` its broker (none: only asked, every `interval`). First the datastreams are listed, then
/// subscribed, then asked for their newest values, so that nothing falls between; what comes twice is known by its id or time. After each
/// break of the connection, and every `interval`, what is newer than the last round is asked for again. Datastreams are ours by `ids`, by
/// their property "sensor" or by their name; the others are kept as FEED-ID and counted as unclassified. Without mappings each observation
/// is a value; mappings see live::sta::itemOf. A value of the answer is as old as it says.
core::Result<std::unique_ptr<FeedAdapter>> openSensorThings(FeedContext context);

/// What is wrong with its settings: {key, expected}; empty key: nothing.
std::pair<std::string, std::string> checkSensorThings(const district::Feed& feed);

} // namespace matou::service
