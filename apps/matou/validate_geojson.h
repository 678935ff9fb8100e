#pragma once
// GeoJSON (RFC 7946) as the engine reads it: structure, coordinates, rings.

#include <string>
#include <string_view>

#include "core/result.h"

namespace matou::apps {

struct GeoJsonReport {
    core::Diagnostics problems; // located: FILE:byte N or FILE#/pointer
    std::size_t features = 0;
};

bool looksLikeGeoJson(std::string_view text);
GeoJsonReport validateGeoJson(std::string_view text, const std::string& where);

} // namespace matou::apps
