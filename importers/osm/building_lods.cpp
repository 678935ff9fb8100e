#include "osm/building_lods.h"

#include <algorithm>
#include <cmath>

namespace matou::importers {
namespace {

constexpr double kParapet = 0.9;
constexpr double kGlassFrom = 60.0; // metres: towers are taken for curtain walls

struct Paint {
    glm::u8vec4 wall, roof, trim;
};

std::uint32_t hashOf(const std::string& text) { // FNV-1a: the same on every machine
    std::uint32_t hash = 2166136261u;
    for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 16777619u;
    return hash;
}

glm::u8vec4 shade(const glm::vec3& color, double factor) {
    const glm::vec3 c = glm::clamp(color * static_cast<float>(factor), glm::vec3(0), glm::vec3(255));
    return glm::u8vec4(glm::vec4(c, 255.0f));
}

/// Linear colours (COLOR_0 is linear); a little different from house to house.
Paint paintOf(const Building& building) {
    const double vary = 0.88 + 0.24 * static_cast<double>(hashOf(building.id) % 1000) / 1000.0;
    glm::vec3 wall(150, 143, 132);
    if (building.use == "residential" || building.use == "apartments" || building.use == "house") wall = {164, 146, 122};
    if (building.use == "commercial" || building.use == "office" || building.use == "hotel" || building.use == "retail" || building.use == "bank")
        wall = {136, 141, 146};
    if (building.height >= kGlassFrom) wall = {98, 116, 132};
    return {shade(wall, vary), shade({112, 110, 108}, vary), shade(wall, 1.15 * vary)};
}

std::size_t corners(const Polygon& polygon) {
    std::size_t count = polygon.outer.size();
    for (const auto& hole : polygon.holes) count += hole.size();
    return count;
}

double farthestCornerFrom(const Polygon& polygon, const Polygon& box) {
    double worst = 0;
    for (const auto& corner : box.outer) {
        Polyline ring = polygon.outer;
        ring.push_back(polygon.outer.front());
        if (!contains(polygon, corner)) worst = std::max(worst, distanceTo(ring, corner));
    }
    return worst;
}

/// The coarsest outline that stays within `reach` of the true one and keeps its area: a box, else a simplified outline.
Polygon coarseOutline(const Polygon& polygon, double reach) {
    const Polygon box = orientedBox(polygon);
    if (box.outer.size() == 4 && farthestCornerFrom(polygon, box) <= reach) return box;
    Polygon best = polygon;
    best.holes.clear();
    for (const double tolerance : {0.25 * reach, 0.5 * reach, 0.8 * reach}) {
        const MultiPolygon simple = simplify({Polygon{polygon.outer, {}}}, tolerance);
        if (simple.size() != 1 || area(simple) < 0.98 * area(polygon)) break;
        best = simple.front();
        best.holes.clear();
    }
    return best;
}

/// Small corners go, the area stays within 3 %.
Polygon plainOutline(const Polygon& polygon) {
    const MultiPolygon simple = simplify({polygon}, area(polygon) > 400 ? 1.0 : 0.4);
    if (simple.size() != 1) return polygon;
    const double ratio = area(simple) / std::max(area(polygon), 1e-9);
    return ratio > 0.97 && ratio < 1.03 && simple.front().holes.size() == polygon.holes.size() ? simple.front() : polygon;
}

ExtrudeOptions optionsFor(const Piece& piece, const Paint& paint) {
    ExtrudeOptions options;
    options.base = piece.base;
    options.top = piece.top;
    options.floor = piece.base > 0;
    options.withColors = true;
    options.wallColor = paint.wall;
    options.roofColor = paint.roof;
    return options;
}

/// Courses round the walls until the mesh has `wanted` triangles: cornice first, then plinth and storey bands.
void addCourses(Mesh& mesh, const Polygon& outline, const Piece& piece, const Paint& paint, std::size_t wanted) {
    const std::size_t each = 6 * corners(outline);
    if (mesh.triangleCount() >= wanted || each == 0) return;
    const std::size_t count = (wanted - mesh.triangleCount() + each - 1) / each;
    const double height = piece.top - piece.base;
    const double thick = std::min(0.35, 0.25 * height / static_cast<double>(count + 1));
    const double out = std::min(0.12, 0.5 * thick);
    for (std::size_t i = 0; i < count; ++i) {
        // Top edges at the top itself, then evenly down; snapped to storeys of 3 m where the building is tall enough.
        double top = piece.top - height * static_cast<double>(i) / static_cast<double>(count);
        const double snapped = piece.base + 3.0 * std::round((top - piece.base) / 3.0);
        if (i > 0 && height > 9.0 * static_cast<double>(count) && snapped < piece.top) top = snapped;
        mesh.append(ledge(outline, top - thick, top, out, paint.trim, true));
    }
}

Mesh fullDetail(const Polygon& polygon, const Piece& piece, const Paint& paint, std::size_t wanted) {
    ExtrudeOptions options = optionsFor(piece, paint);
    const double height = piece.top - piece.base;
    Mesh mesh;
    const Polygon box = piece.roofShape == "gabled" && polygon.holes.empty() ? orientedBox(polygon) : Polygon{};
    const bool gabled = box.outer.size() == 4 && area(polygon) > 0.85 * area(box) && height > 3.0;
    if (gabled) {
        const double rise = std::clamp(piece.roofHeight > 0 ? piece.roofHeight : 0.3 * height, 0.8, 0.6 * height);
        options.top = piece.top - rise;
        options.roof = false;
        mesh = extrude(polygon, options);
        mesh.append(gableRoof(box, options.top, piece.top, paint.roof, true));
    } else {
        if (height > 4.0) options.parapetHeight = kParapet;
        mesh = extrude(polygon, options);
        const double side = std::sqrt(area(polygon));
        const glm::dvec2 middle = centroid(polygon);
        if (side > 8.0 && height > 9.0 && contains(polygon, middle)) { // lift and stairs, no higher than the parapet
            const double size = std::min(0.25 * side, 6.0);
            mesh.append(matou::importers::box({middle, piece.top - kParapet}, {size, 0.7 * size, kParapet}, 0, paint.wall, true));
        }
    }
    Piece walls = piece;
    walls.top = options.top;
    addCourses(mesh, polygon, walls, paint, wanted);
    return mesh;
}

std::string joinedParts(const Building& building) {
    std::string out;
    for (const auto& piece : building.pieces)
        if (!piece.id.empty()) out += (out.empty() ? "" : ",") + piece.id;
    return out;
}

} // namespace

TilesetSpec buildingTileset(const std::string& layer, const std::vector<Building>& buildings) {
    TilesetSpec spec;
    spec.layer = layer;
    MaterialSpec plaster, glass;
    plaster.name = "plaster";
    plaster.baseColor = glm::vec4(1);
    glass.name = "glass";
    glass.baseColor = glm::vec4(1);
    glass.metallic = 0.25f;
    glass.roughness = 0.35f;
    spec.materials = {plaster, glass};
    spec.geometricErrors.assign(std::begin(kBuildingErrors), std::end(kBuildingErrors));
    for (const auto& building : buildings) {
        const Paint paint = paintOf(building);
        LodFeature feature;
        feature.id = building.id;
        feature.properties = {{"name", building.name},
                              {"name_en", building.nameEn},
                              {"use", building.use},
                              {"height", building.height},
                              {"height_source", std::string(nameOf(building.heightSource))},
                              {"floors", static_cast<std::int64_t>(building.floors)},
                              {"roof_shape", building.roofShape},
                              {"parts", joinedParts(building)}};
        feature.material = building.height >= kGlassFrom ? 1 : 0;
        feature.footprintArea = area(building.footprint);
        feature.lods.resize(3);
        for (const auto& piece : building.pieces)
            for (const auto& polygon : piece.footprint) {
                if (area(polygon) < 0.5) continue;
                const ExtrudeOptions options = optionsFor(piece, paint);
                const Mesh coarse = extrude(coarseOutline(polygon, 0.7 * kBuildingErrors[2]), options);
                const Polygon outline = plainOutline(polygon);
                Mesh plain = extrude(outline, options);
                addCourses(plain, outline, piece, paint, 3 * coarse.triangleCount());
                feature.lods[0].append(fullDetail(polygon, piece, paint, 3 * plain.triangleCount()));
                feature.lods[1].append(plain);
                feature.lods[2].append(coarse);
            }
        spec.features.push_back(std::move(feature));
    }
    return spec;
}

} // namespace matou::importers
