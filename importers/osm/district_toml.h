#pragma once
// district.toml and what else a written district says about itself.

#include <string>
#include <vector>

#include "common/geometry.h"
#include "geo/camera_pose.h"
#include "geo/district_frame.h"

namespace matou::importers {

struct VerticalDatum {
    std::string name;
    double aboveEllipsoidMeters = 0, accuracyMeters = 0;
    std::string provenance;
};

struct LayerEntry {
    std::string id, nameZh, nameEn, role;
    int order = 0;
};

struct DistrictText {
    std::string id, nameZh, nameEn;
    std::string crs;
    VerticalDatum datum;
    glm::dvec2 centerLonLat{0.0};
    std::vector<std::string> attribution;
    std::vector<LayerEntry> layers;
    bool hasLabels = false;
    geo::CameraPose overview;
};

/// A basic TOML string with what must be escaped escaped.
std::string tomlString(const std::string& text);
std::string toToml(const DistrictText& district);

} // namespace matou::importers
