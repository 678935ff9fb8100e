#include "symbology/site_places.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace matou::symbology {

namespace {

constexpr double kMetersPerDegree = 111320.0;
constexpr double kStepMeters = 40.0;
constexpr double kLiftMeters = 0.6; // over the ground, so that draped roads do not swallow the line
constexpr double kProjectLabelMeters = 22.0;

double cosLatitude(double latitude) { return std::cos(latitude * std::numbers::pi / 180.0); }

/// Point inside a polygon, away from its border: the best of a grid of candidates (a coarse "pole of inaccessibility").
std::pair<double, double> innerPoint(const std::vector<std::pair<double, double>>& ring) {
    double west = ring[0].first, east = west, south = ring[0].second, north = south;
    for (const auto& [x, y] : ring) {
        west = std::min(west, x);
        east = std::max(east, x);
        south = std::min(south, y);
        north = std::max(north, y);
    }
    const double k = cosLatitude((south + north) / 2);
    std::pair<double, double> best{(west + east) / 2, (south + north) / 2};
    double bestDistance = -1;
    constexpr int kGrid = 24;
    for (int gy = 1; gy < kGrid; ++gy)
        for (int gx = 1; gx < kGrid; ++gx) {
            const double x = west + (east - west) * gx / kGrid, y = south + (north - south) * gy / kGrid;
            bool inside = false;
            double nearest = 1e300;
            for (std::size_t i = 0, j = ring.size() - 1; i < ring.size(); j = i++) {
                const auto [ax, ay] = ring[j];
                const auto [bx, by] = ring[i];
                if ((ay > y) != (by > y) && x < (bx - ax) * (y - ay) / (by - ay) + ax) inside = !inside;
                const double dx = (bx - ax) * k, dy = by - ay, px = (x - ax) * k, py = y - ay;
                const double length = dx * dx + dy * dy;
                const double t = length > 0 ? std::clamp((px * dx + py * dy) / length, 0.0, 1.0) : 0.0;
                nearest = std::min(nearest, std::hypot(px - t * dx, py - t * dy));
            }
            if (inside && nearest > bestDistance) {
                bestDistance = nearest;
                best = {x, y};
            }
        }
    return best;
}

double areaOf(const std::vector<std::pair<double, double>>& ring) {
    double sum = 0;
    for (std::size_t i = 0, j = ring.size() - 1; i < ring.size(); j = i++)
        sum += (ring[j].first - ring[i].first) * (ring[j].second + ring[i].second);
    return std::fabs(sum) / 2 * kMetersPerDegree * kMetersPerDegree * cosLatitude(ring[0].second);
}

} // namespace

glm::dvec3 SitePlaces::ecef(double longitude, double latitude, double heightAboveDatum) const {
    return geo::ecefFromGeodetic({latitude, longitude, heightAboveDatum + _site.datumAboveEllipsoidMeters}).meters;
}

double SitePlaces::ground(double longitude, double latitude) const {
    if (!_site.groundHeight) return _site.defaultGroundHeight;
    const double height = _site.groundHeight(longitude, latitude);
    return std::isfinite(height) ? height : _site.defaultGroundHeight;
}

std::vector<glm::dvec3> SitePlaces::ringOnGround(const std::vector<std::pair<double, double>>& outline, double lift) const {
    std::vector<glm::dvec3> points;
    if (outline.size() < 3) return points;
    for (std::size_t i = 0; i < outline.size(); ++i) {
        const auto [ax, ay] = outline[i];
        const auto [bx, by] = outline[(i + 1) % outline.size()];
        const double meters = std::hypot((bx - ax) * kMetersPerDegree * cosLatitude(ay), (by - ay) * kMetersPerDegree);
        const int steps = std::clamp(static_cast<int>(std::ceil(meters / kStepMeters)), 1, 2000);
        for (int s = 0; s < steps; ++s) {
            const double x = ax + (bx - ax) * s / steps, y = ay + (by - ay) * s / steps;
            points.push_back(ecef(x, y, ground(x, y) + lift));
        }
    }
    if (!points.empty()) points.push_back(points.front());
    return points;
}

SitePlaces::SitePlaces(const Site& site, scene::FeatureRegistry& registry) : _site(site) {
    for (const auto& label : site.labels) {
        const double height = label.place.height != 0 ? label.place.height : ground(label.place.longitude, label.place.latitude);
        labels.push_back(ecef(label.place.longitude, label.place.latitude, height + 4.0));
        labelNumbers.push_back(registry.intern({"labels", label.id.empty() ? label.name.zh : label.id}));
    }
    if (!site.registry) return;
    const auto& all = *site.registry;

    double longitude = 0, latitude = 0;
    std::size_t counted = 0;
    const auto count = [&](const twin::Place& place) {
        longitude += place.longitude;
        latitude += place.latitude;
        ++counted;
    };
    for (const auto& sensor : all.sensors) count(sensor.place);
    for (const auto& camera : all.cameras) count(camera.place);
    for (const auto& project : all.projects) count(project.place);
    if (counted > 0) {
        longitude /= static_cast<double>(counted);
        latitude /= static_cast<double>(counted);
    } else if (!all.zones.empty() && !all.zones[0].outline.empty()) {
        longitude = all.zones[0].outline[0].first;
        latitude = all.zones[0].outline[0].second;
    }
    const glm::dmat4 enu = geo::ecefFromEnu({ecef(longitude, latitude, 0)});
    east = glm::dvec3(enu[0]);
    north = glm::dvec3(enu[1]);
    up = glm::dvec3(enu[2]);
    const double metersEast = kMetersPerDegree * cosLatitude(latitude);
    const auto plane = [&](const twin::Place& place) {
        return glm::dvec2((place.longitude - longitude) * metersEast, (place.latitude - latitude) * kMetersPerDegree);
    };

    std::vector<glm::dvec2> flat;
    for (const auto& sensor : all.sensors) {
        sensors.push_back(ecef(sensor.place.longitude, sensor.place.latitude, sensor.place.height));
        sensorNumbers.push_back(registry.intern({"sensors", sensor.id}));
        flat.push_back(plane(sensor.place));
    }
    sensorTree.build(flat, sensors);

    flat.clear();
    std::vector<glm::dvec3> cameraPoints;
    for (const auto& camera : all.cameras) {
        CameraPlace place;
        place.position = ecef(camera.place.longitude, camera.place.latitude, camera.place.height);
        const double half = std::clamp(camera.horizontalFovDegrees, 1.0, 360.0) / 2;
        const int steps = std::clamp(static_cast<int>(half / 4.0), 4, 48);
        place.wedge.push_back(
            ecef(camera.place.longitude, camera.place.latitude, ground(camera.place.longitude, camera.place.latitude) + kLiftMeters));
        for (int i = 0; i <= steps; ++i) {
            const double angle = (camera.headingDegrees - half + 2 * half * i / steps) * std::numbers::pi / 180.0;
            const double x = camera.place.longitude + std::sin(angle) * camera.rangeMeters / metersEast;
            const double y = camera.place.latitude + std::cos(angle) * camera.rangeMeters / kMetersPerDegree;
            place.wedge.push_back(ecef(x, y, ground(x, y) + kLiftMeters));
        }
        cameraPoints.push_back(place.position);
        cameras.push_back(std::move(place));
        cameraNumbers.push_back(registry.intern({"cameras", camera.id}));
        flat.push_back(plane(camera.place));
    }
    cameraTree.build(flat, cameraPoints);

    for (const auto& zone : all.zones) {
        ZonePlace place;
        if (zone.outline.size() >= 3) {
            place.outline = ringOnGround(zone.outline, kLiftMeters);
            const auto [x, y] = innerPoint(zone.outline);
            place.label = ecef(x, y, ground(x, y) + 30.0);
            place.areaSquareMeters = areaOf(zone.outline);
        }
        place.parent = std::any_of(all.zones.begin(), all.zones.end(), [&](const twin::Zone& other) { return other.parent == zone.id; });
        zones.push_back(std::move(place));
        zoneNumbers.push_back(registry.intern({"zones", zone.id}));
    }
    for (const auto& project : all.projects) {
        auto place = project.place;
        if (place.longitude == 0 && place.latitude == 0 && project.outline.size() >= 3)
            std::tie(place.longitude, place.latitude) = innerPoint(project.outline);
        projects.push_back(ecef(place.longitude, place.latitude, ground(place.longitude, place.latitude) + kProjectLabelMeters));
        projectOutlines.push_back(ringOnGround(project.outline, kLiftMeters));
        projectNumbers.push_back(registry.intern({"projects", project.id}));
    }
}

} // namespace matou::symbology
