#pragma once
// The registry's places as ECEF, worked out once.

#include <vector>

#include "geo/frames.h"
#include "scene/feature_registry.h"
#include "symbology/cluster_tree.h"
#include "symbology/overlay_builder.h"

namespace matou::symbology {

struct SitePlaces {
    struct CameraPlace {
        glm::dvec3 position{0.0};
        std::vector<glm::dvec3> wedge; // apex on the ground, then the arc
    };
    struct ZonePlace {
        std::vector<glm::dvec3> outline; // closed, points at most 40 m apart, on the ground
        glm::dvec3 label{0.0};
        double areaSquareMeters = 0;
        bool parent = false; // other zones lie in it
    };

    SitePlaces(const Site& site, scene::FeatureRegistry& registry);

    glm::dvec3 ecef(double longitude, double latitude, double heightAboveDatum) const;
    double ground(double longitude, double latitude) const;

    glm::dvec3 up{0.0, 0.0, 1.0}; // at the site's middle: the district is small enough for one "up"
    glm::dvec3 east{1.0, 0.0, 0.0}, north{0.0, 1.0, 0.0};
    std::vector<glm::dvec3> sensors;
    std::vector<CameraPlace> cameras;
    std::vector<ZonePlace> zones;
    std::vector<glm::dvec3> projects; // above the roofs' usual height
    std::vector<std::vector<glm::dvec3>> projectOutlines;
    std::vector<glm::dvec3> labels;
    std::vector<scene::FeatureNumber> sensorNumbers, cameraNumbers, zoneNumbers, projectNumbers, labelNumbers;
    ClusterTree sensorTree, cameraTree;

private:
    std::vector<glm::dvec3> ringOnGround(const std::vector<std::pair<double, double>>& outline, double lift) const;

    const Site& _site;
};

} // namespace matou::symbology
