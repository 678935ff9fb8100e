#pragma once
// Collects per-feature appearance and freezes it into a StyleTable.

#include <memory>
#include <vector>

#include "scene/frame_snapshot.h"

namespace matou::scene {

/// Later calls win for tint, flags add up. Cost: linear in the highest number set.
class StyleTableBuilder {
public:
    void tint(FeatureNumber feature, Rgba color);
    void flag(FeatureNumber feature, std::uint32_t flags);
    /// Versions are unique in the process. Thread: any.
    std::shared_ptr<const StyleTable> freeze();
    const std::vector<FeatureStyle>& styles() const { return _styles; }

private:
    FeatureStyle& at(FeatureNumber feature);
    std::vector<FeatureStyle> _styles;
};

} // namespace matou::scene
