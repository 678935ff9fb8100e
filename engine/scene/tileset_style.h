#pragma once
// A style of 3D Tiles: which features show, and in what colour, as expressions over their properties.

#include <array>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/json.h"
#include "core/result.h"
#include "model/content.h"
#include "scene/style_expression.h"

namespace matou::scene {

struct StyledFeature {
    bool show = true;
    /// sRGB with alpha, 0 … 1; absent: as it is.
    std::optional<std::array<double, 4>> color;
};

/// Immutable once parsed: any thread, with an evaluator of its own.
class TilesetStyle {
public:
    /// `show`, `color`, `pointSize`, `defines`, `meta`. Errors `WHERE:byte N` or `WHERE#/pointer`, those of an expression
    /// `WHERE#/pointer:char N`: E_JSON_*, E_STYLE_*.
    static core::Result<TilesetStyle> parse(std::string_view json, const std::string& where);

    /// What no condition covers, and what is not of the right type, stays as it is.
    StyledFeature apply(const model::FeatureTable& table, std::uint32_t row, StyleEvaluator& evaluator) const;
    /// `meta` of a feature, as text by name.
    std::map<std::string, std::string> meta(const model::FeatureTable& table, std::uint32_t row, StyleEvaluator& evaluator) const;

private:
    struct Condition {
        StyleExpression when, then;
    };
    using Conditions = std::vector<Condition>;
    static core::Result<Conditions> conditionsOf(const core::JsonCursor& value, const StyleExpression::Defines& defines);
    static StyleValue decide(const Conditions& conditions, const StyleProperties& properties, StyleEvaluator& evaluator);

    Conditions _show, _color;
    std::map<std::string, StyleExpression> _meta;
};

/// A property of a feature: its name as a column; else the part before the first `.` or `[` as a column and the rest as members of it
/// (vectors, lists, JSON objects). `feature.` in front is left out. `kept` holds what is made for it.
StyleValue propertyValue(const model::FeatureTable& table, std::uint32_t row, std::string_view name, std::deque<std::vector<StyleValue>>& lists,
                         std::deque<std::string>& texts);

} // namespace matou::scene
