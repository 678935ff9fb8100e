#pragma once
// Topics of a Kafka cluster as a feed.

#include "service/feed_adapter.h"

namespace matou::service {

/// Each record goes through the mappings (those of its topic, FeedMapping::topic); without mappings it is canonical: the topic's name ends in
/// obs, event, project or camera and the key is the thing's id. A record's place is committed once what it caused is stored, so that a
/// kill brings it again and history knows its events. What cannot be understood is counted and passed. Records over 1 MB are refused.
core::Result<std::unique_ptr<FeedAdapter>> openKafka(FeedContext context);

/// What is wrong with its settings: {key, expected}; empty key: nothing.
std::pair<std::string, std::string> checkKafka(const district::Feed& feed);

} // namespace matou::service
