// An inspected glTF becomes model::Content: node tree to instances, primitives, materials, features.

#include <algorithm>
#include <cmath>
#include <functional>

#include <glm/gtc/matrix_transform.hpp>
#include <glm/gtc/quaternion.hpp>
#include <glm/gtc/type_ptr.hpp>
#include <tiny_gltf.h>

#include "decode/accessor.h"
#include "decode/gltf_document.h"
#include "decode/gltf_materials.h"
#include "decode/gltf_reader.h"
#include "decode/gltf_rig.h"
#include "decode/primitive_builder.h"

namespace matou::decode {

using core::fail;
using core::Result;

namespace {

/// Beyond this, an instance's translation no longer fits a float with millimetres to spare.
constexpr double kLargeTranslation = 10000.0;

glm::dmat4 localMatrix(const tinygltf::Node& node) {
    if (node.matrix.size() == 16) return glm::make_mat4(node.matrix.data());
    glm::dmat4 matrix(1.0);
    if (node.translation.size() == 3) matrix = glm::translate(matrix, glm::dvec3(node.translation[0], node.translation[1], node.translation[2]));
    if (node.rotation.size() == 4) {
        const glm::dquat q(node.rotation[3], node.rotation[0], node.rotation[1], node.rotation[2]);
        const double length = glm::length(q);
        if (length > 1e-12) matrix *= glm::mat4_cast(q / length);
    }
    if (node.scale.size() == 3) matrix = glm::scale(matrix, glm::dvec3(node.scale[0], node.scale[1], node.scale[2]));
    return matrix;
}

class Conversion {
public:
    Conversion(const Document& document, const GltfOptions& options) : _d(document), _options(options), _remaining(document.decodedBytesLimit - std::min(document.decodedBytesLimit, document.expandedBytes)) {}

    Result<model::Content> run() {
        _content.diagnostics = _d.remarks;
        MATOU_TRY(gltf, readWithTinygltf(_d));
        MATOU_TRY(uvs, convertMaterials(_d, *gltf, _options, _content, _remaining));
        chooseVariant();
        MATOU_CHECK(convertMeshes(uvs));
        MATOU_CHECK(walkNodes(*gltf));
        MATOU_CHECK(placeInstances());
        finishFeatures();
        findBounds();
        return std::move(_content);
    }

private:
    struct Placed {
        std::uint32_t primitive = 0;
        glm::dmat4 matrix{1.0};
        std::uint32_t feature = model::kNoFeature;
        std::uint32_t node = model::kNoNode; // that it follows when that moves
        glm::u8vec4 color{255}, topColor{255};
    };

    static const Json* extensionOf(const Json& object, const char* name) {
        const auto all = object.find("extensions");
        if (all == object.end() || !all->is_object()) return nullptr;
        const auto one = all->find(name);
        return one == all->end() || !one->is_object() ? nullptr : &*one;
    }

    /// KHR_materials_variants: the one that was asked for, by its name.
    void chooseVariant() {
        const auto* extension = extensionOf(_d.json, "KHR_materials_variants");
        if (extension && extension->contains("variants") && (*extension)["variants"].is_array())
            for (const auto& variant : (*extension)["variants"])
                _content.variants.push_back(variant.is_object() && variant.contains("name") && variant["name"].is_string() ? variant["name"].get<std::string>() : "");
        if (_options.variant.empty()) return;
        const auto found = std::find(_content.variants.begin(), _content.variants.end(), _options.variant);
        if (found != _content.variants.end()) {
            _variant = static_cast<std::uint64_t>(found - _content.variants.begin());
            return;
        }
        std::string names;
        for (const auto& name : _content.variants) names += (names.empty() ? "" : ", ") + name;
        _content.diagnostics.push_back({"W_GLTF_VARIANT", {_options.variant, names.empty() ? "-" : names}, _d.at("/extensions/KHR_materials_variants"), {}});
    }
    std::optional<std::uint32_t> materialInVariant(const Json& primitive) const {
        const auto* extension = _variant ? extensionOf(primitive, "KHR_materials_variants") : nullptr;
        if (!extension || !extension->contains("mappings") || !(*extension)["mappings"].is_array()) return std::nullopt;
        for (const auto& mapping : (*extension)["mappings"]) {
            if (!mapping.is_object() || !mapping.contains("variants") || !mapping["variants"].is_array()) continue;
            const auto material = indexMember(mapping, "material");
            for (const auto& variant : mapping["variants"])
                if (material && *material + 1 < _content.materials.size() && asIndex(variant) == _variant) return static_cast<std::uint32_t>(*material);
        }
        return std::nullopt;
    }

    /// KHR_lights_punctual of a node.
    void placeLight(const Json& node, std::size_t nodeIndex, const glm::dmat4& world) {
        const auto* reference = extensionOf(node, "KHR_lights_punctual");
        const auto* library = extensionOf(_d.json, "KHR_lights_punctual");
        const auto index = reference ? indexMember(*reference, "light") : std::nullopt;
        if (!index) return;
        const auto here = "/nodes/" + std::to_string(nodeIndex) + "/extensions/KHR_lights_punctual";
        if (!library || !library->contains("lights") || !(*library)["lights"].is_array() || *index >= (*library)["lights"].size() || !(*library)["lights"][*index].is_object()) {
            _content.diagnostics.push_back({"W_GLTF_LIGHT", {std::to_string(*index)}, _d.at(here), {}});
            return;
        }
        if (_content.lights.size() == model::kLightsPerContent) {
            if (!_lightsLeftOut) _content.diagnostics.push_back({"W_GLTF_LIGHTS", {std::to_string(model::kLightsPerContent)}, _d.at(here), {}});
            _lightsLeftOut = true;
            return;
        }
        const auto& json = (*library)["lights"][*index];
        const auto value = [](const Json& from, const char* name, float fallback) {
            const auto found = from.find(name);
            if (found == from.end() || !found->is_number() || !std::isfinite(found->get<double>())) return fallback;
            return static_cast<float>(std::clamp(found->get<double>(), 0.0, 1e9));
        };
        model::Light light;
        const auto kind = json.value("type", Json("point"));
        light.kind = kind == "directional" ? model::Light::Kind::directional : kind == "spot" ? model::Light::Kind::spot : model::Light::Kind::point;
        if (const auto color = json.find("color"); color != json.end() && color->is_array() && color->size() == 3)
            for (int c = 0; c < 3; ++c)
                if ((*color)[static_cast<std::size_t>(c)].is_number()) light.color[c] = std::clamp((*color)[static_cast<std::size_t>(c)].get<float>(), 0.0f, 1.0f);
        light.intensity = value(json, "intensity", 1.0f);
        light.rangeMeters = value(json, "range", 0.0f);
        if (const auto spot = json.find("spot"); spot != json.end() && spot->is_object()) {
            light.outerConeRadians = std::clamp(value(*spot, "outerConeAngle", 0.785398f), 1e-3f, 1.5707f);
            light.innerConeRadians = std::clamp(value(*spot, "innerConeAngle", 0.0f), 0.0f, light.outerConeRadians - 1e-4f);
        }
        light.contentFromLight = glm::mat4(world); // turned and shifted with the instances
        _lightMatrices.push_back(world);
        _content.lights.push_back(light);
    }

    Result<void> convertMeshes(const std::vector<UvSource>& uvs) {
        const auto* meshes = _d.array("meshes");
        if (!meshes) return {};
        _primitivesOfMesh.resize(meshes->size());
        for (std::size_t m = 0; m < meshes->size(); ++m) {
            const auto& primitives = (*meshes)[m]["primitives"];
            for (std::size_t p = 0; p < primitives.size(); ++p) {
                const auto pointer = "/meshes/" + std::to_string(m) + "/primitives/" + std::to_string(p);
                MATOU_TRY(primitive, buildPrimitive(_d, primitives[p], pointer, materialInVariant(primitives[p]), uvs, _options, _features, _content.diagnostics, _remaining));
                if (!primitive) continue;
                _primitivesOfMesh[m].push_back(static_cast<std::uint32_t>(_content.primitives.size()));
                MATOU_TRY(outline, buildOutline(_d, primitives[p], pointer, *primitive, static_cast<std::uint32_t>(uvs.size()), _options, _remaining));
                _content.primitives.push_back(std::move(*primitive));
                if (!outline) continue;
                if (_content.materials.size() == uvs.size()) _content.materials.push_back({.name = "outline", .baseColor = {0, 0, 0, 1}, .unlit = true});
                _primitivesOfMesh[m].push_back(static_cast<std::uint32_t>(_content.primitives.size()));
                _content.primitives.push_back(std::move(*outline));
            }
        }
        return {};
    }

    /// The scene's nodes with their own stack; every node has one parent at most, so this ends.
    Result<void> walkNodes(const tinygltf::Model& gltf) {
        struct Open {
            int node;
            glm::dmat4 parent;
        };
        std::vector<Open> open;
        if (gltf.scenes.empty()) { // a library: its roots
            std::vector<bool> child(gltf.nodes.size(), false);
            for (const auto& node : gltf.nodes)
                for (const int c : node.children) child[static_cast<std::size_t>(c)] = true;
            for (std::size_t i = gltf.nodes.size(); i-- > 0;)
                if (!child[i]) open.push_back({static_cast<int>(i), glm::dmat4(1.0)});
        } else {
            const auto scene = static_cast<std::size_t>(std::max(0, gltf.defaultScene));
            auto roots = gltf.scenes[scene].nodes;
            std::sort(roots.begin(), roots.end()); // a root named twice is drawn once
            roots.erase(std::unique(roots.begin(), roots.end()), roots.end());
            for (auto it = roots.rbegin(); it != roots.rend(); ++it) open.push_back({*it, glm::dmat4(1.0)});
        }
        std::vector<bool> seen(gltf.nodes.size(), false);
        while (!open.empty()) {
            const auto [index, parent] = open.back();
            open.pop_back();
            if (seen[static_cast<std::size_t>(index)]) continue; // a scene may list a root and its descendant
            seen[static_cast<std::size_t>(index)] = true;
            const auto& node = gltf.nodes[static_cast<std::size_t>(index)];
            const auto world = parent * localMatrix(node);
            placeLight((*_d.array("nodes"))[static_cast<std::size_t>(index)], static_cast<std::size_t>(index), world);
            if (node.mesh >= 0) MATOU_CHECK(placeMesh(static_cast<std::size_t>(index), static_cast<std::size_t>(node.mesh), world));
            for (auto it = node.children.rbegin(); it != node.children.rend(); ++it) open.push_back({*it, world});
        }
        return {};
    }

    Result<void> placeMesh(std::size_t nodeIndex, std::size_t mesh, const glm::dmat4& world) {
        const auto& primitives = _primitivesOfMesh[mesh];
        const auto& json = (*_d.array("nodes"))[nodeIndex];
        const auto extensions = json.find("extensions");
        if (extensions == json.end() || !extensions->is_object() || !extensions->contains("EXT_mesh_gpu_instancing")) {
            for (const auto primitive : primitives) _placed.push_back({primitive, world, model::kNoFeature, static_cast<std::uint32_t>(nodeIndex)});
            return {};
        }
        return placeInstanced((*extensions)["EXT_mesh_gpu_instancing"], *extensions, "/nodes/" + std::to_string(nodeIndex) + "/extensions/EXT_mesh_gpu_instancing",
                              primitives, world);
    }

    Result<void> placeInstanced(const Json& extension, const Json& extensions, const std::string& pointer, const std::vector<std::uint32_t>& primitives,
                                const glm::dmat4& world) {
        if (!extension.is_object() || !extension.contains("attributes") || !extension["attributes"].is_object())
            return fail("E_GLTF_MISSING", _d.at(pointer), {"attributes"});
        std::uint64_t count = 0;
        const auto attribute = [&](const std::string& name, int components, std::optional<std::uint64_t>& out) -> Result<void> {
            const auto found = extension["attributes"].find(name);
            if (found == extension["attributes"].end()) return {};
            const auto here = _d.at(pointer + "/attributes/" + name);
            const auto accessor = asIndex(*found);
            if (!accessor || *accessor >= _d.accessors.size()) return fail("E_GLTF_REFERENCE", here, {found->dump(), std::to_string(_d.accessors.size())});
            const auto& info = _d.accessors[*accessor];
            if (info.components != components) return fail("E_GLTF_ATTRIBUTE", here, {name});
            if (count != 0 && info.count != count) return fail("E_GLTF_COUNTS", here, {std::to_string(info.count), std::to_string(count)});
            count = info.count;
            out = accessor;
            return {};
        };
        std::optional<std::uint64_t> translations, rotations, scales;
        MATOU_CHECK(attribute("TRANSLATION", 3, translations));
        MATOU_CHECK(attribute("ROTATION", 4, rotations));
        MATOU_CHECK(attribute("SCALE", 3, scales));
        std::optional<std::uint64_t> ids;
        MATOU_CHECK(attribute("_FEATURE_ID_0", 1, ids));
        std::optional<std::uint64_t> colors, topColors; // custom attributes; the first is a custom of other readers as well
        MATOU_CHECK(attribute("_COLOR_0", 4, colors));
        MATOU_CHECK(attribute("_COLOR_1", 4, topColors));
        const auto each = sizeof(Placed) + sizeof(model::Instance) + 64;
        if (count > UINT32_MAX || count * each * std::max<std::size_t>(1, primitives.size()) > _remaining)
            return fail("E_GLTF_LIMIT", _d.at(pointer), {std::to_string(_options.decodedBytesLimit)});
        _remaining -= count * each * std::max<std::size_t>(1, primitives.size());
        const auto t = translations ? readFloats(_d, *translations) : std::vector<float>();
        const auto r = rotations ? readFloats(_d, *rotations) : std::vector<float>();
        const auto s = scales ? readFloats(_d, *scales) : std::vector<float>();
        const auto c = colors ? readFloats(_d, *colors) : std::vector<float>();
        const auto top = topColors ? readFloats(_d, *topColors) : std::vector<float>();
        const auto features = instanceFeatures(extension, extensions, pointer, count);
        const auto colorAt = [](const std::vector<float>& values, std::uint64_t i) {
            if (values.empty()) return glm::u8vec4(255);
            const glm::vec4 color(values[i * 4], values[i * 4 + 1], values[i * 4 + 2], values[i * 4 + 3]);
            return glm::u8vec4(glm::round(glm::clamp(color, 0.0f, 1.0f) * 255.0f));
        };
        for (std::uint64_t i = 0; i < count; ++i) {
            glm::dmat4 local(1.0);
            if (!t.empty()) local = glm::translate(local, glm::dvec3(t[i * 3], t[i * 3 + 1], t[i * 3 + 2]));
            if (!r.empty()) {
                const glm::dquat q(r[i * 4 + 3], r[i * 4], r[i * 4 + 1], r[i * 4 + 2]);
                const double length = glm::length(q);
                if (length > 1e-12) local *= glm::mat4_cast(q / length);
            }
            if (!s.empty()) local = glm::scale(local, glm::dvec3(s[i * 3], s[i * 3 + 1], s[i * 3 + 2]));
            const auto feature = i < features.size() ? features[i] : model::kNoFeature;
            for (const auto primitive : primitives)
                _placed.push_back({primitive, world * local, feature, model::kNoNode, colorAt(c, i), topColors ? colorAt(top, i) : colorAt(c, i)});
        }
        return {};
    }

    std::vector<std::uint32_t> instanceFeatures(const Json& extension, const Json& extensions, const std::string& pointer, std::uint64_t count) {
        const auto read = [&](std::uint64_t set) {
            const auto found = extension["attributes"].find("_FEATURE_ID_" + std::to_string(set));
            const auto accessor = found == extension["attributes"].end() ? std::nullopt : asIndex(*found);
            if (!accessor || *accessor >= _d.accessors.size() || _d.accessors[*accessor].components != 1) return std::vector<std::uint32_t>();
            return readUnsigned(_d, *accessor);
        };
        if (const auto features = extensions.find("EXT_instance_features"); features != extensions.end() && features->is_object())
            return featureRowsOf(_d, *features, pointer.substr(0, pointer.rfind('/')) + "/EXT_instance_features", count, read, _options, _features, _content.diagnostics);
        if (!extension["attributes"].contains("_FEATURE_ID_0")) return {};
        // Ids without the extension that explains them: numbers only.
        const Json implied = {{"featureIds", Json::array({{{"attribute", 0}}})}};
        return featureRowsOf(_d, implied, pointer, count, read, _options, _features, _content.diagnostics);
    }

    /// Matrices to float about a centre that keeps them exact; y-up to z-up.
    Result<void> placeInstances() {
        const glm::dmat4 turn = _options.turnToZUp ? glm::dmat4(1, 0, 0, 0, 0, 0, 1, 0, 0, -1, 0, 0, 0, 0, 0, 1) : glm::dmat4(1.0);
        glm::dvec3 low(1e300), high(-1e300);
        _content.instances.reserve(_placed.size());
        for (auto& placed : _placed) {
            placed.matrix = turn * placed.matrix;
            low = glm::min(low, glm::dvec3(placed.matrix[3]));
            high = glm::max(high, glm::dvec3(placed.matrix[3]));
        }
        glm::dvec3 center(0.0);
        if (!_placed.empty() && glm::length(glm::max(glm::abs(low), glm::abs(high))) > kLargeTranslation) center = 0.5 * (low + high);
        for (auto& placed : _placed) {
            placed.matrix[3] -= glm::dvec4(center, 0.0);
            _content.instances.push_back({placed.primitive, glm::mat4(placed.matrix), placed.feature, placed.color, placed.topColor});
        }
        glm::dmat4 contentFromRoot = turn;
        contentFromRoot[3] -= glm::dvec4(center, 0.0);
        for (std::size_t i = 0; i < _lightMatrices.size(); ++i) _content.lights[i].contentFromLight = glm::mat4(contentFromRoot * _lightMatrices[i]);
        std::vector<NodeOfInstance> nodes;
        for (const auto& placed : _placed) nodes.push_back({placed.node});
        MATOU_CHECK(buildRig(_d, nodes, contentFromRoot, _options, _content, _remaining));
        _content.rtcCenter = center;
        const auto extensions = _d.json.find("extensions");
        if (extensions == _d.json.end() || !extensions->is_object() || !extensions->contains("CESIUM_RTC")) return {};
        const auto& rtc = (*extensions)["CESIUM_RTC"];
        if (!rtc.is_object() || !rtc.contains("center") || !rtc["center"].is_array() || rtc["center"].size() != 3) return {};
        for (int i = 0; i < 3; ++i)
            if (rtc["center"][static_cast<std::size_t>(i)].is_number()) _content.rtcCenter[i] += rtc["center"][static_cast<std::size_t>(i)].get<double>();
        return {};
    }

    void finishFeatures() {
        const auto anonymousCount = _features.anonymousCount();
        _content.features = std::move(_features).finish();
        if (anonymousCount == 0) return;
        // Rows without a table stand behind those of the tables, whose number is known only now.
        const auto first = _content.features.count - anonymousCount;
        const auto settle = [first](std::uint32_t& feature) {
            if (feature != model::kNoFeature && (feature & 0x80000000u)) feature = first + (feature & 0x7fffffffu);
        };
        for (auto& primitive : _content.primitives)
            for (auto& vertex : primitive.vertices) settle(vertex.feature);
        for (auto& instance : _content.instances) settle(instance.feature);
    }

    void findBounds() {
        if (_content.instances.empty()) return;
        glm::vec3 low(std::numeric_limits<float>::max()), high(std::numeric_limits<float>::lowest());
        for (std::size_t i = 0; i < _content.instances.size(); ++i) {
            if (_content.rig) {
                low = glm::min(low, _content.rig->instances[i].minimum);
                high = glm::max(high, _content.rig->instances[i].maximum);
                continue;
            }
            const auto& instance = _content.instances[i];
            const auto& primitive = _content.primitives[instance.primitive];
            for (int corner = 0; corner < 8; ++corner) {
                const glm::vec3 p(corner & 1 ? primitive.maximum.x : primitive.minimum.x, corner & 2 ? primitive.maximum.y : primitive.minimum.y,
                                  corner & 4 ? primitive.maximum.z : primitive.minimum.z);
                const glm::vec3 placed(instance.contentFromMesh * glm::vec4(p, 1.0f));
                low = glm::min(low, placed);
                high = glm::max(high, placed);
            }
        }
        _content.minimum = low;
        _content.maximum = high;
    }

    const Document& _d;
    const GltfOptions& _options;
    std::uint64_t _remaining;
    model::Content _content;
    FeatureRows _features;
    std::optional<std::uint64_t> _variant;
    std::vector<glm::dmat4> _lightMatrices;
    bool _lightsLeftOut = false;
    std::vector<std::vector<std::uint32_t>> _primitivesOfMesh;
    std::vector<Placed> _placed;
};

} // namespace

Result<model::Content> convert(const Document& document, const GltfOptions& options) { return Conversion(document, options).run(); }

} // namespace matou::decode
