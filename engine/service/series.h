#pragma once
// A file of somebody's measurements or events (CSV, JSON) as the messages that they would have been, each at its own time.

#include <filesystem>
#include <string>
#include <vector>

#include "core/result.h"
#include "district/district.h"
#include "live/message.h"

namespace matou::service {

struct Series {
    std::vector<live::Message> messages; // by their stamps; received at them
    std::size_t refused = 0;             // items without a value, a time, …
    core::Diagnostics errors;            // the first of them, located
};

/// Through the mappings, charset and format of the district's feed `feed`. 64 MB and 100,000 rows at most. E_REPLAY_FEED {feed} where there is none
/// with a mapping; E_FILE_…, E_CSV_…, E_JSON_….
core::Result<Series> seriesOf(const district::District& district, const std::string& feed, const std::filesystem::path& file);

} // namespace matou::service
