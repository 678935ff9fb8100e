#pragma once
// One decoded content: what a glTF (or a tile holding one) says, ready to upload. Plain data; nothing of Vulkan, no file.
// Frame: "content" = glTF axes already turned to z-up (3D Tiles 1.1, "glTF transforms"): x, y, z metres about an origin
// that keeps floats exact; the tile's transform takes it to ECEF.

#include <array>
#include <cstdint>
#include <limits>
#include <map>
#include <string>
#include <variant>
#include <vector>

#include <glm/glm.hpp>

#include "core/result.h"

namespace matou::model {

inline constexpr std::uint32_t kNoFeature = 0xffffffffu;

/// 36 bytes, uploaded as it is (shaders/shared/vertex.h mirrors it).
struct Vertex {
    glm::vec3 position{0.0f};
    glm::i8vec4 normal{0, 0, 127, 0}; // snorm; w unused
    glm::vec2 uv{0.0f};
    glm::u8vec4 color{255, 255, 255, 255}; // linear factor, COLOR_0
    std::uint32_t feature = kNoFeature;    // row of Content::features
    std::uint32_t reserved = 0;
};
static_assert(sizeof(Vertex) == 36);

enum class Topology : std::uint8_t { triangles, lines, points };
enum class AlphaMode : std::uint8_t { opaque, mask, blend };

struct TextureRef {
    std::int32_t image = -1; // Content::images, -1: none
    bool repeat = true;
    bool linearFilter = true;
};

/// glTF 2.0 metallic-roughness.
struct Material {
    std::string name;
    glm::vec4 baseColor{1.0f};
    float metallic = 1.0f;
    float roughness = 1.0f;
    glm::vec3 emissive{0.0f};
    float alphaCutoff = 0.5f;
    AlphaMode alphaMode = AlphaMode::opaque;
    bool doubleSided = false;
    bool unlit = false;
    TextureRef baseColorTexture, metallicRoughnessTexture, normalTexture, emissiveTexture, occlusionTexture;
};

/// RGBA8; colour images are sRGB.
struct Image {
    std::uint32_t width = 0, height = 0;
    std::uint32_t levels = 1; // mip levels in `rgba`, the largest first, each half as large (at least 1); with one the GPU makes the others
    bool srgb = true;
    std::vector<std::uint8_t> rgba;
};

struct Primitive {
    Topology topology = Topology::triangles;
    std::vector<Vertex> vertices;
    std::vector<std::uint32_t> indices; // always present
    std::uint32_t material = 0;         // Content::materials, which has at least one
    glm::vec3 minimum{0.0f}, maximum{0.0f};
};

/// A primitive drawn at a place. EXT_mesh_gpu_instancing gives many of one primitive.
struct Instance {
    std::uint32_t primitive = 0;
    glm::mat4 contentFromMesh{1.0f};
    std::uint32_t feature = kNoFeature; // where set, wins over the vertices' own
};

/// One column of a property table (EXT_structural_metadata) or batch table: one value per feature.
using PropertyColumn = std::variant<std::vector<double>, std::vector<std::int64_t>, std::vector<std::string>, std::vector<std::uint8_t>>;

struct FeatureTable {
    std::uint32_t count = 0;
    /// Source id per feature: the column "id" where there is one, else the row number as text.
    std::vector<std::string> ids;
    std::map<std::string, PropertyColumn> columns;
};

struct Content {
    std::vector<Primitive> primitives;
    std::vector<Instance> instances;
    std::vector<Material> materials;
    std::vector<Image> images;
    FeatureTable features;
    glm::vec3 minimum{0.0f}, maximum{0.0f};
    /// Added to positions in double before the tile transform (CESIUM_RTC, RTC_CENTER, large node translations).
    glm::dvec3 rtcCenter{0.0};
    /// What was wrong but did not stop it (a missing texture, say).
    core::Diagnostics diagnostics;

    /// What it occupies, for the memory budget.
    std::size_t byteSize() const;
    std::size_t triangleCount() const;
};

/// The property's value as text, "" where absent.
std::string propertyText(const FeatureTable& table, const std::string& column, std::uint32_t row);

} // namespace matou::model
