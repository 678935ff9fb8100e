#include "scene/style_table_builder.h"

#include <atomic>

namespace matou::scene {

namespace {
std::atomic<std::uint64_t> nextVersion{1};
} // namespace

FeatureStyle& StyleTableBuilder::at(FeatureNumber feature) {
    if (feature >= _styles.size()) _styles.resize(std::size_t{feature} + 1);
    return _styles[feature];
}

void StyleTableBuilder::tint(FeatureNumber feature, Rgba color) {
    if (feature != 0) at(feature).tint = color;
}

void StyleTableBuilder::flag(FeatureNumber feature, std::uint32_t flags) {
    if (feature != 0) at(feature).flags |= flags;
}

std::shared_ptr<const StyleTable> StyleTableBuilder::freeze() {
    auto table = std::make_shared<StyleTable>();
    table->version = nextVersion.fetch_add(1, std::memory_order_relaxed);
    table->styles = std::move(_styles);
    _styles.clear();
    return table;
}

} // namespace matou::scene
