#pragma once
// Any JSON → canonical messages, by configuration (twin/feed_mapping.h).

#include <memory>
#include <string>
#include <vector>

#include "core/json.h"
#include "core/result.h"
#include "live/message.h"
#include "twin/feed_mapping.h"
#include "twin/records.h"

namespace matou::live {

struct Mapped {
    std::vector<Message> messages; // topic, payload and receive time; the rest is the feed's
    std::vector<core::Error> refused; // the first kRefusedKept; E_MAPPING_… with WHERE#/pointer of the item
    std::size_t refusedCount = 0;
    std::size_t unclassified = 0; // codes that no table knows

    static constexpr std::size_t kRefusedKept = 8;
};

/// Not thread-safe (PROJ inside): one per feed thread.
class Mapping {
public:
    /// E_MAPPING_FIELD {member, expected} (unknown, missing, a pointer that is none), E_CRS_UNKNOWN; `where` is the configuration's.
    /// `registry`: whose sensors' units values are converted to.
    static core::Result<Mapping> create(twin::FeedMapping config, std::string district, std::shared_ptr<const twin::Registry> registry);
    Mapping(Mapping&&) noexcept;
    Mapping& operator=(Mapping&&) noexcept;
    ~Mapping();

    /// Every item becomes one message or one refusal; `where` names the payload (a URL, FILE, `topic T`). At most kItems of a payload
    /// are looked at, the rest is one refusal. Texts with numbers in them are numbers where numbers are wanted.
    void apply(const core::Json& payload, const std::string& where, core::Instant received, Mapped& out) const;

    static constexpr std::size_t kItems = 100000;

private:
    struct Impl;
    explicit Mapping(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> _impl;
};

/// Mappings of a feed, in their order: each sees every payload.
core::Result<std::vector<Mapping>> createMappings(const std::vector<twin::FeedMapping>& configs, const std::string& district,
                                                  const std::shared_ptr<const twin::Registry>& registry);

/// RFC 3339; without a zone ("2026-01-01 08:00:00", "2026/01/01 08:00:00", "2026-1-1 8:00:00", "20260101080000", with T and fractions or not) taken `zoneMinutes` east of UTC;
/// numbers are seconds since 1970, from 1e11 on milliseconds.
core::Result<core::Instant> sourceTime(const core::Json& value, int zoneMinutes, const std::string& where);

} // namespace matou::live
