#include "scene/feature_registry.h"

#include <mutex>

namespace matou::scene {

FeatureNumber FeatureRegistry::intern(const core::FeatureKey& key) {
    {
        std::shared_lock lock(_mutex);
        if (const auto found = _numbers.find(key); found != _numbers.end()) return found->second;
    }
    std::unique_lock lock(_mutex);
    const auto [position, inserted] = _numbers.try_emplace(key, static_cast<FeatureNumber>(_keys.size()));
    if (inserted) _keys.push_back(key);
    return position->second;
}

FeatureNumber FeatureRegistry::find(const core::FeatureKey& key) const {
    std::shared_lock lock(_mutex);
    const auto found = _numbers.find(key);
    return found == _numbers.end() ? 0 : found->second;
}

std::optional<core::FeatureKey> FeatureRegistry::key(FeatureNumber number) const {
    std::shared_lock lock(_mutex);
    if (number == 0 || number >= _keys.size()) return std::nullopt;
    return _keys[number];
}

std::size_t FeatureRegistry::size() const {
    std::shared_lock lock(_mutex);
    return _keys.size() - 1;
}

} // namespace matou::scene
