#include "engine/cards.h"

#include <algorithm>

#include "core/json.h"

namespace matou {
namespace {

struct ColumnWords {
    const char* column;
    const char* key;
    const char* unit;
};
constexpr ColumnWords kColumns[] = {
    {"name", "UI_PROPERTY_NAME", ""},           {"use", "UI_PROPERTY_USE", ""},
    {"height", "UI_PROPERTY_HEIGHT", "m"},      {"height_source", "UI_PROPERTY_HEIGHT_SOURCE", ""},
    {"floors", "UI_PROPERTY_FLOORS", ""},       {"year", "UI_PROPERTY_YEAR", ""},
    {"zone", "UI_PROPERTY_ZONE", ""},           {"compound", "UI_PROPERTY_COMPOUND", ""},
    {"id", "UI_PROPERTY_ID", ""},               {"width", "UI_PROPERTY_WIDTH", "m"},
    {"kind", "UI_PROPERTY_KIND", ""},           {"class", "UI_PROPERTY_KIND", ""},
};

std::string propertyOf(const FeatureFacts& facts, const std::string& column) {
    for (const auto& [name, value] : facts.properties)
        if (name == column) return value;
    return {};
}

/// "632.0000001" as people write it.
std::string rounded(const std::string& value) {
    char* end = nullptr;
    const double number = std::strtod(value.c_str(), &end);
    if (value.empty() || *end != 0 || value.find('.') == std::string::npos) return value;
    char text[32];
    std::snprintf(text, sizeof text, "%.1f", number);
    return text;
}

} // namespace

ui::Selection selectionCard(const core::FeatureKey& key, const Contents& contents, core::Language language) {
    ui::Selection card;
    card.key = key;
    if (key.id.empty()) return card;
    const auto facts = contents.facts(key);
    if (!facts) return card;
    const std::string name = propertyOf(*facts, "name");
    card.title = name.empty() ? core::toString(key) : name;
    card.subtitle = facts->layerName;
    for (const auto& words : kColumns) {
        if (std::string_view(words.column) == "name") continue;
        const auto value = propertyOf(*facts, words.column);
        if (!value.empty()) card.rows.push_back({core::text(language, words.key), rounded(value), words.unit, facts->layerName, ""});
    }
    return card;
}

std::string pickJson(const render::PickHit& hit, const scene::FeatureRegistry& registry, const Contents& contents,
                     const twin::StateSnapshot* state) {
    core::Json json;
    json["feature"] = nullptr;
    if (!hit.hit && hit.feature == 0) return json.dump();
    if (hit.hit) {
        const auto place = geo::geodeticFromEcef(hit.position);
        json["position"] = {{"lon", place.longitudeDegrees}, {"lat", place.latitudeDegrees}, {"height", place.heightMeters}};
        json["distance"] = hit.distanceMeters;
    }
    const auto key = registry.key(hit.feature);
    if (hit.feature == 0 || !key) return json.dump();
    json["feature"] = core::toString(*key);
    json["layer"] = key->layer;
    json["id"] = key->id;
    if (const auto facts = contents.facts(*key)) {
        json["properties"] = core::Json::object();
        for (const auto& [column, value] : facts->properties) json["properties"][column] = value;
        json["name"] = propertyOf(*facts, "name");
    } else if (state && state->registry) {
        for (const auto& sensor : state->registry->sensors)
            if (key->layer == "sensors" && sensor.id == key->id) json["name"] = sensor.name.zh;
        for (const auto& camera : state->registry->cameras)
            if (key->layer == "cameras" && camera.id == key->id) json["name"] = camera.name.zh;
        for (const auto& alarm : state->alarms)
            if (key->layer == "alarms" && alarm.id == key->id) json["name"] = alarm.title.zh;
    }
    return json.dump(-1, ' ', false, core::Json::error_handler_t::replace);
}

} // namespace matou
