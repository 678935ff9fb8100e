#pragma once
// Where the end of the audit chain is written outside its file, so that a file put back or cut off is found out.

#include <filesystem>
#include <string>
#include <vector>

#include "core/result.h"
#include "history/audit_chain.h"

namespace matou::service {

/// Where the anchors of that history lie if nobody says: beside a file; of a server's in the user's state folder (XDG).
std::filesystem::path anchorsOf(const std::string& history);
/// Appends a line (history::anchorLine) and syncs it. E_FILE_WRITE.
core::Result<void> appendAnchor(const std::filesystem::path& file, const history::AuditAnchor& anchor);
/// E_FILE_…, E_AUDIT_ANCHOR_LINE at FILE:LINE. A last line without its end (a kill) is skipped.
core::Result<std::vector<history::AuditAnchor>> readAnchors(const std::filesystem::path& file);
/// The retained head on the broker at `url`: matou/v1/<district>/audit/head. Waits up to 5 s. E_AUDIT_BROKER.
core::Result<history::AuditAnchor> anchorOfBroker(const std::string& url, const std::string& district);

} // namespace matou::service
