#pragma once
// The one writer of 3D Tiles 1.1: features with levels of detail in, a quadtree of glb tiles out. Used by every importer
// and by the bundled district's generator.

#include <array>
#include <cstdint>
#include <filesystem>
#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include <glm/glm.hpp>

#include "core/result.h"
#include "geo/district_frame.h"

namespace matou::importers {

/// Triangles (or lines) in the district frame: east, north, height above datum; doubles, exact where the writer makes
/// them relative to the tile's origin. Flat-shaded where normals are empty.
struct Mesh {
    std::vector<glm::dvec3> positions;
    std::vector<glm::vec3> normals;         // empty or one per position
    std::vector<glm::u8vec4> colors;        // empty or one per position; linear factor on the material
    std::vector<glm::vec2> uvs;             // empty or one per position; metres along the facade, metres above its foot
    std::vector<std::uint32_t> indices;     // triangles
    std::size_t triangleCount() const { return indices.size() / 3; }
    void append(const Mesh& other);
};

/// A plain box, for levels where no more is seen of a building. All those of a tile are written as instances of one unit box:
/// a tenth of the bytes of as many meshes, on disk and in memory.
struct BoxShape {
    glm::dvec3 foot{0.0};    // middle of its lower face, district frame
    glm::dvec3 size{1.0};    // metres along, across and up
    double angleRadians = 0; // counter-clockwise from east to its long side
    glm::u8vec4 wall{255}, roof{255};
};
/// Four walls, each with uv in metres from its own left foot, and a lid without uv. Open below.
Mesh meshOf(const BoxShape& box);

using PropertyValue = std::variant<double, std::int64_t, std::string>;
using Properties = std::vector<std::pair<std::string, PropertyValue>>;

/// One feature with its stand-ins. lods[0] is full detail; each coarser one is what a tile that many levels above the leaf
/// shows. An empty coarser mesh means the feature is left out there (the writer checks the 95 % footprint rule).
struct LodFeature {
    std::string id;
    Properties properties;      // the same names in every feature of a layer; "id" is added by the writer
    std::vector<Mesh> lods;
    std::uint32_t material = 0; // index into TilesetSpec::materials
    double footprintArea = 0;   // m², for the coverage rule; 0: not a building
    /// Where set, every mesh from lods[boxLevel] on is either empty or meshOf(*box), and written as an instance.
    std::optional<BoxShape> box;
    std::size_t boxLevel = std::numeric_limits<std::size_t>::max();
};

struct MaterialSpec {
    std::string name;
    glm::vec4 baseColor{0.8f, 0.8f, 0.8f, 1.0f};
    float metallic = 0.0f;
    float roughness = 0.9f;
    glm::vec3 emissive{0.0f};
    bool doubleSided = false;
    bool blend = false;
    bool mask = false; // cut at an alpha of a half
};

/// Things repeated by the thousand (trees, lamps): EXT_mesh_gpu_instancing, one feature per instance.
struct InstancedThing {
    std::string id;
    glm::dvec3 position; // district frame
    double headingDegrees = 0;
    double scale = 1;
    std::uint32_t prototype = 0;
    glm::u8vec4 color{255}; // linear factor on the prototype's
};
struct Prototype {
    std::vector<Mesh> lods; // about its foot, z up; lods[0] full detail
    std::uint32_t material = 0;
};

struct TilesetSpec {
    std::string layer;
    std::vector<MaterialSpec> materials;
    std::vector<LodFeature> features;
    std::vector<Prototype> prototypes;
    std::vector<InstancedThing> instances;
    /// Geometric error in metres per level, leaf first (leaf is 0): size = number of levels; the quadtree has as many.
    std::vector<double> geometricErrors{0.0, 8.0, 24.0};
    /// A leaf is split no further than this edge length.
    double leafEdgeMeters = 300.0;
};

struct TilesetReport {
    std::size_t tiles = 0, features = 0, triangles = 0, bytes = 0;
    std::vector<std::size_t> trianglesPerLevel; // leaf first
};

/// Writes tileset.json and its glb files under `folder`. Deterministic: same spec, same bytes. glb: y-up glTF with the
/// root node's rotation, tile transform = ENU at the tile's centre; EXT_mesh_features + EXT_structural_metadata.
core::Result<TilesetReport> writeTileset(const TilesetSpec& spec, const geo::DistrictFrame& frame, const std::filesystem::path& folder);

} // namespace matou::importers
