#pragma once
// A folder that others put files into: how data comes through a one-way gateway (网闸).

#include "service/feed_adapter.h"

namespace matou::service {

/// A file is whole when it was renamed into the folder, or lay there unchanged for kQuiet. Then its messages are taken and, once they
/// are stored, it goes to `done/`, or to `bad/` where nothing of it could be used; `<name>.reason.txt` beside it says what was wrong.
/// Killed in between, it is read again: events are known by their ids. Names that begin with a dot or end in .part or .tmp are left
/// alone, links and files over kLargest go to `bad/` unread. E_FILE_DROP where the folder cannot be used.
core::Result<std::unique_ptr<FeedAdapter>> openFileDrop(FeedContext context);

inline constexpr core::Duration kFileDropQuiet{2000};
inline constexpr std::uint64_t kFileDropLargest = std::uint64_t{64} << 20;

} // namespace matou::service
