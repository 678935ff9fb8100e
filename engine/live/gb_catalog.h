#pragma once
// One answer to a Catalog query, in its pages: keyed by SN, unordered, repeated, never quite sure to be complete.

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>

#include "core/clock.h"
#include "live/gb_body.h"

namespace matou::live::gb {

class CatalogPages {
public:
    /// `now` is a steady time, here and below.
    CatalogPages(std::uint32_t sn, core::Duration now) : _sn(sn), _heard(now) {}
    std::uint32_t sn() const { return _sn; }
    /// A Response body. false: it belongs to another query.
    bool add(const core::Json& members, core::Duration now);
    /// SumNum different items are there, usable or not.
    bool complete() const { return _sum && _items.size() + _refused.size() >= *_sum; }
    /// Nothing came for kSilence.
    bool over(core::Duration now) const { return now - _heard > kSilence; }
    std::size_t expected() const { return _sum.value_or(0); }
    /// Items without a usable id, and those beyond kItems.
    std::size_t refused() const { return _refused.size(); }
    const std::map<std::string, CatalogItem>& items() const { return _items; }

    static constexpr std::size_t kItems = 20000; // of one device
    static constexpr core::Duration kSilence{20000};

private:
    std::uint32_t _sn;
    core::Duration _heard;
    std::optional<std::size_t> _sum;
    std::map<std::string, CatalogItem> _items;
    std::set<std::size_t> _refused; // fingerprints: pages are repeated
};

} // namespace matou::live::gb
