#include "osm/buildings.h"

#include <algorithm>
#include <cmath>
#include <set>
#include <unordered_map>

#include "osm/plan.h"

namespace matou::importers {
namespace {

constexpr double kPartsStandIn = 0.9;  // share of the whole's footprint
constexpr double kSmallestPiece = 0.5; // m²
constexpr double kTallest = 1000.0;
constexpr double kFlatPart = 3.0;     // a part whose height is given as 0

/// All pieces of one source id, joined.
struct Joined {
    std::string id, root;
    const SourceFeature* first = nullptr;
    MultiPolygon footprint;
    bool isPart = false;
    bool saysZero = false; // flat, as the feet of towers are drawn
    double height = 0, minHeight = 0; // 0: not given
};

/// Rings as text: equal copies have equal coordinates.
std::string shapeKey(const SourceFeature& feature) {
    std::string key;
    const auto add = [&](const Ring& ring) {
        key.append(reinterpret_cast<const char*>(ring.data()), ring.size() * sizeof(glm::dvec2));
        key.push_back('|');
    };
    for (const auto& polygon : feature.polygons) {
        add(polygon.outer);
        for (const auto& hole : polygon.holes) add(hole);
    }
    return key;
}

std::string useOf(const SourceFeature& feature) {
    std::string use = feature.text("kind_detail");
    if (use.empty()) use = feature.text("building");
    if (use == "yes" || use == "1") use.clear();
    if (use.empty()) use = feature.text("landuse_kind");
    return use;
}

double heightOf(const SourceFeature& feature, const BuildingOptions& options, bool& fromFloors) {
    double value = 0;
    fromFloors = false;
    if (feature.number(options.heightField, value) && value > 0 && value <= kTallest) return value;
    if (feature.number(options.floorsField, value) && value > 0 && value * options.floorHeightMeters <= kTallest) {
        fromFloors = true;
        return value * options.floorHeightMeters;
    }
    return 0;
}

bool isResidential(const std::string& use) {
    return use == "apartments" || use == "residential" || use == "house" || use == "dormitory" || use == "terrace";
}

bool isMarkedPart(const SourceFeature& feature) {
    return feature.text("kind") == "building_part" || !feature.text("building:part").empty();
}

/// Where the source does not say it (root_id): the outline that holds at least half of the part; empty without one.
std::string wholeAround(const Joined& part, const std::vector<Joined>& all) {
    double best = 0.5 * area(part.footprint);
    std::string found;
    for (const auto& other : all) {
        if (other.isPart || !intersects(other.footprint, part.footprint)) continue;
        const double shared = area(intersect(other.footprint, part.footprint));
        if (shared <= best) continue;
        best = shared;
        found = other.id;
    }
    return found;
}

} // namespace

const char* nameOf(HeightSource source) {
    switch (source) {
    case HeightSource::measured: return "source";
    case HeightSource::floors: return "floors";
    case HeightSource::part: return "parts";
    case HeightSource::whole: return "whole";
    case HeightSource::assumed: break;
    }
    return "assumed";
}

double assumedHeight(const std::string& use, double footprintArea) {
    if (use == "shed" || use == "garage" || footprintArea < 40) return 3.0;
    if (use == "house" || footprintArea < 120) return 6.0;
    if (isResidential(use)) return 18.0; // six storeys, the walk-up that the city is full of
    if (use == "commercial" || use == "office" || use == "hotel" || use == "retail") return 16.0;
    return footprintArea < 600 ? 9.0 : 12.0;
}

BuildingImport importBuildings(const std::vector<SourceFeature>& features, const geo::DistrictFrame& frame, const BuildingOptions& options) {
    BuildingImport out;
    BuildingCounts& counts = out.counts;
    std::vector<Joined> joined;
    std::unordered_map<std::string, std::size_t> byId;
    std::unordered_map<std::string, std::vector<const SourceFeature*>> copies;
    std::unordered_map<std::string, std::pair<std::string, std::string>> pointNames;
    std::vector<std::string> order;

    for (const auto& feature : features) {
        ++counts.features;
        if (feature.polygons.empty()) {
            ++(feature.points.empty() ? counts.other : counts.points);
            if (!chineseName(feature).empty()) pointNames.try_emplace(feature.id, chineseName(feature), englishName(feature));
            continue;
        }
        ++counts.polygons;
        double given = 0;
        if (feature.number(options.heightField, given)) ++(given > 0 ? counts.polygonsWithHeight : counts.zeroHeights);
        auto& same = copies[feature.id];
        if (same.empty()) order.push_back(feature.id);
        same.push_back(&feature);
    }
    counts.distinctIds = order.size();

    for (const auto& id : order) {
        const auto& same = copies[id];
        std::vector<const SourceFeature*> different;
        std::set<std::string> shapes;
        for (const auto* feature : same)
            if (shapes.insert(shapeKey(*feature)).second) different.push_back(feature);
        if (same.size() > 1) ++counts.repeatedIds;
        counts.equalCopiesDropped += same.size() - different.size();

        Joined one;
        one.id = id;
        one.first = same.front();
        MultiPolygon pieces;
        for (const auto* feature : different) {
            const MultiPolygon plan = toPlan(feature->polygons, frame, counts.invalidRepaired);
            pieces.insert(pieces.end(), plan.begin(), plan.end());
        }
        if (different.size() > 1) {
            ++counts.repeatedInDifferentPieces;
            counts.piecesJoined += different.size();
            counts.areaBeforeJoining += area(pieces);
            one.footprint = unite(pieces);
            counts.areaAfterJoining += area(one.footprint);
        } else {
            one.footprint = std::move(pieces);
        }
        bool fromFloors = false;
        for (const auto* feature : same) {
            const double height = heightOf(*feature, options, fromFloors);
            if (height > 0 && one.height > 0 && height != one.height) ++counts.conflicting;
            one.height = std::max(one.height, height);
            double low = 0;
            if (feature->number(options.heightField, low) && low == 0) one.saysZero = true;
            low = 0;
            if (feature->number("min_height", low) && low > 0) one.minHeight = low;
        }
        if (one.height > 0) ++counts.idsWithHeight;
        if (area(one.footprint) < kSmallestPiece) {
            ++counts.vanished;
            continue;
        }
        if (std::any_of(one.footprint.begin(), one.footprint.end(), [](const Polygon& p) { return !p.holes.empty(); })) ++counts.withHoles;
        one.root = one.first->text("root_id");
        one.isPart = isMarkedPart(*one.first);
        byId[id] = joined.size();
        joined.push_back(std::move(one));
    }

    std::unordered_map<std::string, std::vector<const Joined*>> partsOf;
    for (auto& one : joined) {
        if (!one.isPart) continue;
        ++counts.parts;
        const auto whole = byId.find(one.root);
        if (whole == byId.end() || joined[whole->second].isPart) one.root = wholeAround(one, joined);
        if (one.root.empty()) ++counts.partsWithoutWhole;
        else partsOf[one.root].push_back(&one);
    }

    for (const auto& one : joined) {
        const bool standsAlone = !one.isPart || partsOf.find(one.root) == partsOf.end();
        if (!standsAlone) continue;
        Building building;
        building.id = one.id;
        building.name = chineseName(*one.first);
        building.nameEn = englishName(*one.first);
        if (building.name.empty()) {
            const auto point = pointNames.find(one.id);
            if (point != pointNames.end()) {
                std::tie(building.name, building.nameEn) = point->second;
                ++counts.namedFromPoints;
            }
        }
        building.use = useOf(*one.first);
        building.roofShape = one.first->text("roof_shape");
        const auto parts = partsOf.find(one.id);

        bool fromFloors = false;
        heightOf(*one.first, options, fromFloors);
        building.height = one.height;
        building.heightSource = fromFloors ? HeightSource::floors : HeightSource::measured;
        if (building.height <= 0 && parts != partsOf.end()) {
            for (const auto* part : parts->second) building.height = std::max(building.height, part->height);
            building.heightSource = HeightSource::part;
        }
        if (building.height <= 0) {
            building.height = assumedHeight(building.use, area(one.footprint));
            building.heightSource = HeightSource::assumed;
            ++counts.assumed;
        }

        const auto addPiece = [&](const std::string& id, const MultiPolygon& footprint, double base, double top, const SourceFeature* source) {
            Piece piece;
            piece.id = id;
            piece.footprint = footprint;
            piece.top = top;
            if (base > 0 && base < top - 0.1) {
                piece.base = base;
                ++counts.withMinHeight;
            } else if (base > 0) {
                ++counts.badMinHeight;
            }
            if (source) {
                piece.roofShape = source->text("roof_shape");
                source->number("roof_height", piece.roofHeight);
            }
            building.pieces.push_back(std::move(piece));
        };
        if (parts == partsOf.end()) {
            addPiece("", one.footprint, one.minHeight, building.height, one.first);
            building.footprint = one.footprint;
        } else {
            MultiPolygon covered;
            double tallest = 0;
            for (const auto* part : parts->second) {
                const double top = part->height > 0 ? part->height : part->saysZero ? kFlatPart : building.height;
                addPiece(part->id, part->footprint, part->minHeight, top, part->first);
                covered.insert(covered.end(), part->footprint.begin(), part->footprint.end());
                tallest = std::max(tallest, top);
            }
            const double whole = area(one.footprint);
            const double shared = area(intersect(one.footprint, covered));
            if (shared >= kPartsStandIn * whole) {
                ++counts.wholesHidden;
            } else {
                // The whole's height is that of its highest point, which the parts may reach already; the rest is then a podium.
                ++counts.wholesTrimmed;
                const bool ownHeight = one.height > 0 && std::abs(tallest - one.height) > 0.05 * one.height;
                const double rest = ownHeight ? one.height : std::min(building.height, assumedHeight(building.use, whole));
                addPiece("", subtract(one.footprint, covered), 0, rest, nullptr);
            }
            for (const auto& piece : building.pieces) building.height = std::max(building.height, piece.top);
            covered.insert(covered.end(), one.footprint.begin(), one.footprint.end());
            building.footprint = unite(covered);
        }
        const double perFloor = isResidential(building.use) ? options.floorHeightMeters : 4.0;
        building.floors = std::max(1, static_cast<int>(std::lround(building.height / perFloor)));
        double floors = 0;
        if (one.first->number(options.floorsField, floors) && floors >= 1 && floors < 400) building.floors = static_cast<int>(floors);
        out.buildings.push_back(std::move(building));
    }
    counts.buildings = out.buildings.size();
    return out;
}

} // namespace matou::importers
