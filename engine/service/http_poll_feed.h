#pragma once
// A service that is asked every so often: JSON or CSV over HTTP.

#include "service/feed_adapter.h"

namespace matou::service {

/// Asks every `interval`, conditionally where the source gives ETag or Last-Modified. After a failure the waits double, to ten intervals
/// or 15 minutes at most, ±10 %. Values age from their own stamps (twin::Observation::pulled), so that a source that repeats an old
/// answer looks as old as it is. `secret`: a bearer token, or a whole Authorization value that begins with its scheme.
core::Result<std::unique_ptr<FeedAdapter>> openHttpPoll(FeedContext context);

/// A secret file's or variable's word as an Authorization value.
std::string authorizationOf(const std::string& secret);

} // namespace matou::service
