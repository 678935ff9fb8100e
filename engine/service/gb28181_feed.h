#pragma once
// A feed that video devices and platforms register with: GB/T 28181 over UDP and TCP (live/video_platform.h has the protocol).

#include "service/feed_adapter.h"

namespace matou::service {

/// E_GB_PORT, E_GB_SECRET {place}, errors of its mappings.
core::Result<std::unique_ptr<FeedAdapter>> openGb28181(FeedContext context);

} // namespace matou::service
