#pragma once
// A chain of records in which each hash covers the one before: whoever changes, removes, swaps or inserts one must make all
// that follow anew, and the heads that were anchored elsewhere give him away. Bytes only, no file.

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/result.h"

namespace matou::history {

/// One link as it stands in the file.
struct AuditLink {
    std::int64_t sequence = 0;
    std::string record; // JSON text, hashed as it is
    std::string hash;   // lower-case hex
};

/// What was written elsewhere: at this time the chain ended here.
struct AuditAnchor {
    std::string chain; // random name of the chain, from its first record
    std::int64_t sequence = 0;
    std::string hash;
    std::string at; // RFC 3339
    std::string where; // FILE:LINE, or the topic
};

/// SHA-256 or SM3 (GB/T 32905-2016) by OpenSSL. Move-only, not thread-safe.
class AuditHash {
public:
    /// "sha256" or "sm3"; E_AUDIT_HASH.
    static core::Result<AuditHash> named(const std::string& name);
    AuditHash(AuditHash&&) noexcept;
    AuditHash& operator=(AuditHash&&) noexcept;
    ~AuditHash();
    /// H(previous "\n" sequence "\n" record), hex. The first link's previous is empty.
    std::string of(const std::string& previous, std::int64_t sequence, const std::string& record);
    const std::string& name() const { return _name; }

private:
    struct Impl;
    AuditHash(std::string name, std::unique_ptr<Impl> impl);
    std::string _name;
    std::unique_ptr<Impl> _impl;
};

struct AuditFinding {
    /// E_AUDIT_LINK (this or an earlier record was changed, removed, swapped or inserted), E_AUDIT_GAP (a number is
    /// missing), E_AUDIT_ANCHOR (an anchored head is not what stands here), E_AUDIT_SHORT (the chain ends before an
    /// anchored head: cut off, or an older file), E_AUDIT_CHAIN (an anchor of another chain), E_AUDIT_EMPTY.
    std::string code;
    std::int64_t sequence = 0;
    std::vector<std::string> arguments;
};

struct AuditReport {
    std::int64_t first = 0, last = 0;
    std::string chain, hash, lastHash;
    std::size_t anchors = 0; // that were compared
    std::vector<AuditFinding> findings; // empty: sound
};

/// Reads links in order (nothing: the end) from `base` (sequence and hash of what retention has taken away; 0 and empty for
/// none). Looks no further after a broken link. Cost: one hash per record.
AuditReport verifyChain(AuditHash& hash, std::int64_t baseSequence, const std::string& baseHash,
                        const std::function<std::optional<AuditLink>()>& next, const std::string& chain,
                        std::vector<AuditAnchor> anchors);

/// {"chain","seq","hash","t"}: a line of the anchor file, and what is published.
std::string anchorLine(const AuditAnchor& anchor);
/// E_AUDIT_ANCHOR_LINE.
core::Result<AuditAnchor> anchorFromLine(const std::string& line, const std::string& where);

} // namespace matou::history
