#include "history/audit_chain.h"

#include <algorithm>

#include <openssl/evp.h>

#include "core/expect.h"
#include "core/json.h"

namespace matou::history {
using core::fail;

struct AuditHash::Impl {
    struct Free {
        void operator()(EVP_MD* digest) const { EVP_MD_free(digest); }
        void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
    };
    std::unique_ptr<EVP_MD, Free> digest;
    std::unique_ptr<EVP_MD_CTX, Free> context;
};

AuditHash::AuditHash(std::string name, std::unique_ptr<Impl> impl) : _name(std::move(name)), _impl(std::move(impl)) {}
AuditHash::AuditHash(AuditHash&&) noexcept = default;
AuditHash& AuditHash::operator=(AuditHash&&) noexcept = default;
AuditHash::~AuditHash() = default;

core::Result<AuditHash> AuditHash::named(const std::string& name) {
    if (name != "sha256" && name != "sm3") return fail("E_AUDIT_HASH", "audit hash", {name});
    auto impl = std::make_unique<Impl>();
    impl->digest.reset(EVP_MD_fetch(nullptr, name == "sm3" ? "SM3" : "SHA256", nullptr));
    impl->context.reset(EVP_MD_CTX_new());
    if (!impl->digest || !impl->context) return fail("E_AUDIT_HASH", "audit hash", {name});
    return AuditHash(name, std::move(impl));
}

std::string AuditHash::of(const std::string& previous, std::int64_t sequence, const std::string& record) {
    const std::string head = previous + "\n" + std::to_string(sequence) + "\n";
    unsigned char bytes[EVP_MAX_MD_SIZE];
    unsigned size = 0;
    const bool done = EVP_DigestInit_ex2(_impl->context.get(), _impl->digest.get(), nullptr) == 1 &&
                      EVP_DigestUpdate(_impl->context.get(), head.data(), head.size()) == 1 &&
                      EVP_DigestUpdate(_impl->context.get(), record.data(), record.size()) == 1 &&
                      EVP_DigestFinal_ex(_impl->context.get(), bytes, &size) == 1;
    MATOU_EXPECT(done); // a digest of memory has no other way to fail
    std::string hex;
    hex.reserve(size * 2);
    for (unsigned i = 0; i < size; ++i) {
        hex += "0123456789abcdef"[bytes[i] >> 4];
        hex += "0123456789abcdef"[bytes[i] & 15];
    }
    return hex;
}

AuditReport verifyChain(AuditHash& hash, std::int64_t baseSequence, const std::string& baseHash,
                        const std::function<std::optional<AuditLink>()>& next, const std::string& chain,
                        std::vector<AuditAnchor> anchors) {
    AuditReport report;
    report.chain = chain;
    report.hash = hash.name();
    report.last = baseSequence;
    report.lastHash = baseHash;
    std::stable_sort(anchors.begin(), anchors.end(),
                     [](const AuditAnchor& a, const AuditAnchor& b) { return a.sequence < b.sequence; });
    auto anchor = anchors.begin();
    const auto found = [&](const char* code, std::int64_t sequence, std::vector<std::string> arguments) {
        report.findings.push_back({code, sequence, std::move(arguments)});
    };
    for (const auto& entry : anchors)
        if (entry.chain != chain) {
            found("E_AUDIT_CHAIN", entry.sequence, {entry.where, entry.chain, chain});
            return report;
        }
    while (anchor != anchors.end() && anchor->sequence < baseSequence)
        ++anchor; // of what retention has taken away
    const auto compare = [&] {
        for (; anchor != anchors.end() && anchor->sequence == report.last; ++anchor) {
            ++report.anchors;
            if (anchor->hash != report.lastHash)
                found("E_AUDIT_ANCHOR", report.last, {std::to_string(report.last), anchor->where, anchor->at});
        }
    };
    compare();
    bool any = baseSequence > 0;
    while (auto link = next()) {
        if (!any || report.first == 0) report.first = link->sequence;
        any = true;
        if (link->sequence != report.last + 1) {
            found("E_AUDIT_GAP", link->sequence, {std::to_string(report.last + 1), std::to_string(link->sequence)});
            return report;
        }
        if (hash.of(report.lastHash, link->sequence, link->record) != link->hash) {
            found("E_AUDIT_LINK", link->sequence, {std::to_string(link->sequence)});
            return report;
        }
        report.last = link->sequence;
        report.lastHash = std::move(link->hash);
        compare();
        if (!report.findings.empty()) return report;
    }
    if (!any) found("E_AUDIT_EMPTY", 0, {});
    if (anchor != anchors.end()) {
        const auto& furthest = anchors.back();
        found("E_AUDIT_SHORT", report.last,
              {std::to_string(report.last), std::to_string(furthest.sequence), furthest.where, furthest.at});
    }
    return report;
}

std::string anchorLine(const AuditAnchor& anchor) {
    const nlohmann::ordered_json json = {
        {"chain", anchor.chain}, {"seq", anchor.sequence}, {"hash", anchor.hash}, {"t", anchor.at}};
    return json.dump();
}

core::Result<AuditAnchor> anchorFromLine(const std::string& line, const std::string& where) {
    const auto parsed = core::parseJson(line, where, {.depth = 4, .bytes = 4096});
    AuditAnchor anchor;
    anchor.where = where;
    if (parsed && parsed->is_object()) {
        const core::JsonCursor root(*parsed, where);
        anchor.chain = root.stringOr("chain", "").value_or("");
        anchor.hash = root.stringOr("hash", "").value_or("");
        anchor.at = root.stringOr("t", "").value_or("");
        anchor.sequence = static_cast<std::int64_t>(root.numberOr("seq", -1).value_or(-1));
    }
    if (anchor.chain.empty() || anchor.hash.empty() || anchor.sequence < 0) return fail("E_AUDIT_ANCHOR_LINE", where);
    return anchor;
}

} // namespace matou::history
