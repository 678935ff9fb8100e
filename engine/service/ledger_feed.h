#pragma once
// The project ledger of an office as a feed: a CSV or JSON file, a GeoPackage, a PostgreSQL table, or an HTTP service.

#include "service/feed_adapter.h"

namespace matou::service {

/// Read every `interval`; what changed becomes one message for each project (live/project_ledger.h). Bad rows and cells are said with their place
/// and counted once as long as they stay as they are; the rest of them stands. A project that is no longer in the table is said, and stays
/// as it was last known. `url`: FILE.csv, FILE.json, FILE.gpkg (from the district's folder), postgresql://…, http[s]://….
core::Result<std::unique_ptr<FeedAdapter>> openLedger(FeedContext context);

/// What is wrong with its settings: {key, expected}; empty key: nothing.
std::pair<std::string, std::string> checkLedger(const district::Feed& feed);

} // namespace matou::service
