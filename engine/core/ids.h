#pragma once
// One identity for whatever can be picked, tinted, alarmed, planned or logged.

#include <compare>
#include <functional>
#include <string>

namespace matou::core {

/// Layer id + source id: the same in every tile, level of detail, run and re-import. As text: "buildings/NM-00123".
struct FeatureKey {
    std::string layer;
    std::string id;
    auto operator<=>(const FeatureKey&) const = default;
};

inline std::string toString(const FeatureKey& key) { return key.layer + "/" + key.id; }
/// Splits at the first '/'; without one the layer is empty.
inline FeatureKey featureKeyFrom(const std::string& text) {
    const auto slash = text.find('/');
    return slash == std::string::npos ? FeatureKey{"", text} : FeatureKey{text.substr(0, slash), text.substr(slash + 1)};
}

} // namespace matou::core

template <>
struct std::hash<matou::core::FeatureKey> {
    std::size_t operator()(const matou::core::FeatureKey& key) const noexcept {
        return std::hash<std::string>{}(key.layer) * 1000003u ^ std::hash<std::string>{}(key.id);
    }
};
