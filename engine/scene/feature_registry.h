#pragma once
// FeatureKey <-> a dense run-time number, one table for the whole process. Contents, picking, tint and hiding all go
// through it, so a key means the same feature at every level of detail and in every tile.

#include <cstdint>
#include <optional>
#include <shared_mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include "core/ids.h"

namespace matou::scene {

/// 0 is "nothing here".
using FeatureNumber = std::uint32_t;

/// Thread-safe: workers intern while decoding, the main lane reads. Numbers are never reused; they differ from run to
/// run and never leave the process.
class FeatureRegistry {
public:
    FeatureNumber intern(const core::FeatureKey& key);
    /// 0 where the key was never seen.
    FeatureNumber find(const core::FeatureKey& key) const;
    std::optional<core::FeatureKey> key(FeatureNumber number) const;
    /// Keys interned so far; the highest number equals it.
    std::size_t size() const;

private:
    mutable std::shared_mutex _mutex;
    std::unordered_map<core::FeatureKey, FeatureNumber> _numbers;
    std::vector<core::FeatureKey> _keys{core::FeatureKey{}};
};

} // namespace matou::scene
