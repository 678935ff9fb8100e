#pragma once
// One decoded content: what a glTF (or a tile holding one) says, ready to upload. Plain data; nothing of Vulkan, no file.
// Frame: "content" = glTF axes already turned to z-up (3D Tiles 1.1, "glTF transforms"): x, y, z metres about an origin
// that keeps floats exact; the tile's transform takes it to ECEF.

#include <array>
#include <cstdint>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include <glm/glm.hpp>

#include "core/result.h"
#include "model/rig.h"

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

enum class Wrap : std::uint8_t { repeat, mirror, clamp };
enum class MipFilter : std::uint8_t { none, nearest, linear };

struct Sampler {
    Wrap wrapU = Wrap::repeat, wrapV = Wrap::repeat;
    bool magnifyLinear = true, minifyLinear = true;
    MipFilter mip = MipFilter::linear;
    auto operator<=>(const Sampler&) const = default;
};

/// One texture slot of a material: image, sampler, and where it takes its coordinates from.
struct TextureRef {
    std::int32_t image = -1; // Content::images, -1: none
    Sampler sampler;
    bool secondUv = false; // VertexExtra::uv instead of Vertex::uv
    /// KHR_texture_transform: coordinates = matrix × uv + offset.
    glm::mat2 matrix{1.0f};
    glm::vec2 offset{0.0f};
    bool placed() const { return secondUv || matrix != glm::mat2(1.0f) || offset != glm::vec2(0.0f); }
};

/// What the material extensions of glTF add to metallic-roughness; names, units and defaults are theirs.
struct MaterialLobes {
    float ior = 1.5f, specular = 1.0f; // KHR_materials_ior, _specular
    glm::vec3 specularColor{1.0f};
    float transmission = 0.0f, thickness = 0.0f, dispersion = 0.0f; // _transmission, _volume, _dispersion
    glm::vec3 attenuationColor{1.0f};
    float attenuationDistance = 0.0f; // metres; 0: infinite
    float clearcoat = 0.0f, clearcoatRoughness = 0.0f, clearcoatNormalScale = 1.0f;
    glm::vec3 sheenColor{0.0f};
    float sheenRoughness = 0.0f;
    float anisotropy = 0.0f, anisotropyRotation = 0.0f; // radians
    float iridescence = 0.0f, iridescenceIor = 1.3f, iridescenceThicknessMinimum = 100.0f, iridescenceThicknessMaximum = 400.0f; // nm
    TextureRef specularTexture, specularColorTexture, transmissionTexture, thicknessTexture, clearcoatTexture, clearcoatRoughnessTexture,
        clearcoatNormalTexture, sheenColorTexture, sheenRoughnessTexture, anisotropyTexture, iridescenceTexture, iridescenceThicknessTexture;
    /// In the order of MATOU_LOBE_* of shaders/shared.
    std::array<TextureRef*, 12> textures() {
        return {&specularTexture,    &specularColorTexture,   &transmissionTexture,    &thicknessTexture,
                &clearcoatTexture,   &clearcoatRoughnessTexture, &clearcoatNormalTexture, &sheenColorTexture,
                &sheenRoughnessTexture, &anisotropyTexture,   &iridescenceTexture,     &iridescenceThicknessTexture};
    }
};

/// glTF 2.0 metallic-roughness.
struct Material {
    std::string name;
    glm::vec4 baseColor{1.0f};
    float metallic = 1.0f;
    float roughness = 1.0f;
    glm::vec3 emissive{0.0f};
    float alphaCutoff = 0.5f;
    float normalScale = 1.0f, occlusionStrength = 1.0f;
    AlphaMode alphaMode = AlphaMode::opaque;
    bool doubleSided = false;
    bool unlit = false;
    TextureRef baseColorTexture, metallicRoughnessTexture, normalTexture, emissiveTexture, occlusionTexture;
    std::optional<MaterialLobes> lobes;
    /// In the order of MATOU_SLOT_* of shaders/shared.
    std::array<TextureRef*, 5> textures() {
        return {&baseColorTexture, &metallicRoughnessTexture, &normalTexture, &occlusionTexture, &emissiveTexture};
    }
};

/// RGBA8; colour images are sRGB.
struct Image {
    std::uint32_t width = 0, height = 0;
    std::uint32_t levels = 1; // mip levels in `rgba`, the largest first, each half as large (at least 1); with one the GPU makes the others
    bool srgb = true;
    std::vector<std::uint8_t> rgba;
};

/// What only some vertices need beside the common layout, so that city tiles do not pay for it. 16 bytes, uploaded as they are.
struct VertexExtra {
    glm::vec2 uv{0.0f};        // second texture coordinates
    std::uint32_t normal = 0;  // finer than Vertex::normal: mirrors show the steps of eight bits
    std::uint32_t tangent = 0; // lowest bit of the second half: bitangent turned
};
static_assert(sizeof(VertexExtra) == 16);

/// Octahedral: two times 16 bits (Cigolle et al. 2014, "A survey of efficient representations for independent unit vectors").
std::uint32_t packedDirection(glm::vec3 unit);
std::uint32_t packedTangent(glm::vec3 unit, float bitangentSign);

struct Joints {
    std::array<std::uint16_t, 4> joint{}; // of the instance's skin
    glm::vec4 weights{0.0f};              // their sum is 1
};
static_assert(sizeof(Joints) == 24);

struct Primitive {
    Topology topology = Topology::triangles;
    std::vector<Vertex> vertices;
    std::vector<VertexExtra> extras; // empty, or one per vertex
    bool tangents = false;           // extras have them
    std::vector<Joints> joints;      // empty, or one per vertex
    std::uint32_t morphTargets = 0;
    std::vector<float> morph;           // per target, per vertex: position and normal to add, three floats each
    std::vector<std::uint32_t> indices; // always present
    std::uint32_t material = 0;         // Content::materials, which has at least one
    bool uvFollowsScale = false;        // uv is in the mesh's own lengths: an instance's scale stretches it (unit boxes)
    glm::vec3 minimum{0.0f}, maximum{0.0f};
};

/// A primitive drawn at a place. EXT_mesh_gpu_instancing gives many of one primitive.
struct Instance {
    std::uint32_t primitive = 0;
    glm::mat4 contentFromMesh{1.0f};
    std::uint32_t feature = kNoFeature; // where set, wins over the vertices' own
    /// Linear factors on the vertices' colours; `topColor` on those that look up in the mesh's frame (roofs of unit boxes).
    glm::u8vec4 color{255}, topColor{255};
};

/// KHR_lights_punctual, in the content frame.
struct Light {
    enum class Kind : std::uint8_t { directional, point, spot };
    Kind kind = Kind::point;
    glm::vec3 color{1.0f}; // linear
    float intensity = 1.0f; // lux (directional) or candela
    float rangeMeters = 0.0f; // 0: unlimited
    float innerConeRadians = 0.0f, outerConeRadians = 0.785398f;
    glm::mat4 contentFromLight{1.0f}; // shines along its -z
};
/// More are left out, and said.
inline constexpr std::size_t kLightsPerContent = 16;

/// Vectors, matrices and arrays: the rows' values one behind another.
struct ListColumn {
    std::variant<std::vector<double>, std::vector<std::int64_t>, std::vector<std::string>, std::vector<std::uint8_t>> values;
    std::vector<std::uint32_t> ends; // per row
    std::uint32_t components = 1;    // of one element: 2, 3, 4 of a vector, 4, 9, 16 of a matrix (by columns)
    std::uint32_t begin(std::uint32_t row) const { return row == 0 ? 0 : ends[row - 1]; }
    std::size_t size() const { return ends.size(); }
};

/// One column of a property table (EXT_structural_metadata) or batch table: one value per feature.
using PropertyColumn = std::variant<std::vector<double>, std::vector<std::int64_t>, std::vector<std::string>, std::vector<std::uint8_t>, ListColumn>;

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
    std::vector<Light> lights;
    /// What moves; null where nothing does.
    std::shared_ptr<const Rig> rig;
    /// KHR_materials_variants: the names that the model offers.
    std::vector<std::string> variants;
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

/// The property's value as text, "" where absent; lists as "[1, 2, 3]".
std::string propertyText(const FeatureTable& table, const std::string& column, std::uint32_t row);

} // namespace matou::model
