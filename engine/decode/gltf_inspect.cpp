// The strict pass over a glTF's JSON: whatever the conversion relies on is checked here, once, with a pointer to the culprit.

#include <cmath>
#include <set>

#include "decode/gltf_inspector.h"

namespace matou::decode {

namespace {

/// What may stand in extensionsRequired: read, or without effect on geometry and identity.
const std::set<std::string, std::less<>>& supportedExtensions() {
    static const std::set<std::string, std::less<>> names{
        "CESIUM_primitive_outline", "CESIUM_RTC", "EXT_instance_features", "EXT_mesh_features", "EXT_mesh_gpu_instancing", "EXT_meshopt_compression", "EXT_structural_metadata",
        "EXT_texture_webp", "KHR_draco_mesh_compression", "KHR_meshopt_compression", "KHR_texture_basisu",
        "KHR_lights_punctual", "KHR_materials_anisotropy", "KHR_materials_clearcoat", "KHR_materials_dispersion",
        "KHR_materials_emissive_strength", "KHR_materials_ior", "KHR_materials_iridescence", "KHR_materials_sheen", "KHR_materials_specular",
        "KHR_materials_transmission", "KHR_materials_unlit", "KHR_materials_variants", "KHR_materials_volume", "KHR_mesh_quantization",
        "KHR_texture_transform", "KHR_xmp", "KHR_xmp_json_ld"};
    return names;
}

/// "WHERE:byte N" of the JSON chunk as a byte of the file.
core::Error shifted(core::Error error, const std::string& where, std::uint64_t offset) {
    const auto mark = where + ":byte ";
    if (offset == 0 || !error.where.starts_with(mark)) return error;
    std::uint64_t byte = 0;
    for (const char c : error.where.substr(mark.size()))
        if (c >= '0' && c <= '9') byte = byte * 10 + static_cast<std::uint64_t>(c - '0');
    error.where = mark + std::to_string(byte + offset);
    return error;
}

} // namespace

void Inspector::run() {
    if (!_d.json.is_object()) return problem("E_GLTF_TYPE", "", {"glTF", "object"});
    checkAsset();
    checkExtensions();
    for (const char* name : {"accessors", "animations", "buffers", "bufferViews", "cameras", "images", "materials", "meshes", "nodes",
                             "samplers", "scenes", "skins", "textures"})
        checkCollection(name);
    if (!_problems.empty()) return; // what follows walks these collections
    readBuffers();
    boundDecodedBytes();
    readViews();
    if (!_problems.empty()) return;
    readAccessors();
    checkImages();
    checkMaterials();
    checkMeshes();
    checkNodes();
    checkSkinsAndAnimations();
    checkMetadata();
    if (_problems.empty()) expand(_d, _problems);
    if (_problems.empty()) checkFloats();
}

void Inspector::checkAsset() {
    const auto asset = _d.json.find("asset");
    if (asset == _d.json.end()) return problem("E_GLTF_MISSING", "/", {"asset"});
    if (!asset->is_object()) return problem("E_GLTF_TYPE", "/asset", {"asset", "object"});
    const auto version = asset->find("version");
    if (version == asset->end()) return problem("E_GLTF_MISSING", "/asset", {"version"});
    if (!version->is_string()) return problem("E_GLTF_TYPE", "/asset/version", {"version", "string"});
    const auto& text = version->get_ref<const std::string&>();
    if (!text.starts_with("2.") || text.size() < 3) problem("E_GLTF_VERSION", "/asset/version", {text});
    const auto least = asset->find("minVersion");
    if (least != asset->end() && (!least->is_string() || *least != "2.0")) problem("E_GLTF_VERSION", "/asset/minVersion", {least->dump()});
}

void Inspector::checkExtensions() {
    for (const char* name : {"extensionsUsed", "extensionsRequired"}) {
        const auto list = _d.json.find(name);
        if (list == _d.json.end()) continue;
        const std::string pointer = std::string("/") + name;
        if (!list->is_array()) {
            problem("E_GLTF_TYPE", pointer, {name, "array"});
            continue;
        }
        for (std::size_t i = 0; i < list->size(); ++i) {
            if (!(*list)[i].is_string()) problem("E_GLTF_TYPE", sub(pointer, i), {name, "string"});
            else if (name == std::string_view("extensionsRequired") && !supportedExtensions().contains((*list)[i].get_ref<const std::string&>()))
                problem("E_GLTF_EXTENSION", sub(pointer, i), {(*list)[i].get<std::string>()});
            else if (name == std::string_view("extensionsUsed") && !supportedExtensions().contains((*list)[i].get_ref<const std::string&>()))
                _d.remarks.push_back({"W_GLTF_EXTENSION", {(*list)[i].get<std::string>()}, _d.at(sub(pointer, i)), {}});
        }
    }
}

void Inspector::checkCollection(const char* name) {
    const auto found = _d.json.find(name);
    if (found == _d.json.end()) return;
    const std::string pointer = std::string("/") + name;
    if (!found->is_array()) return problem("E_GLTF_TYPE", pointer, {name, "array"});
    for (std::size_t i = 0; i < found->size(); ++i)
        if (!(*found)[i].is_object()) problem("E_GLTF_TYPE", sub(pointer, i), {name, "object"});
}

/// Member as index into `size` elements. Nothing where it is absent; a bad one is a problem.
std::optional<std::uint64_t> Inspector::reference(const Json& object, const char* member, const std::string& pointer, std::size_t size, bool required) {
    const auto found = object.find(member);
    if (found == object.end()) {
        if (required) problem("E_GLTF_MISSING", pointer, {member});
        return std::nullopt;
    }
    return referenceValue(*found, pointer + "/" + member, size);
}

std::optional<std::uint64_t> Inspector::referenceValue(const Json& value, const std::string& pointer, std::size_t size) {
    const auto index = asIndex(value);
    if (!index) {
        problem("E_GLTF_TYPE", pointer, {"index", "integer"});
        return std::nullopt;
    }
    if (*index < size) return index;
    problem("E_GLTF_REFERENCE", pointer, {std::to_string(*index), std::to_string(size)});
    return std::nullopt;
}

std::uint64_t Inspector::size(const Json& object, const char* member, const std::string& pointer, std::uint64_t fallback, bool required) {
    const auto found = object.find(member);
    if (found == object.end()) {
        if (required) problem("E_GLTF_MISSING", pointer, {member});
        return fallback;
    }
    const auto value = asIndex(*found);
    if (!value) problem("E_GLTF_TYPE", pointer + "/" + member, {member, "integer"});
    return value.value_or(fallback);
}

std::uint64_t AccessorInfo::componentBytes() const {
    switch (componentType) {
    case 5120:
    case 5121: return 1;
    case 5122:
    case 5123: return 2;
    case 5125:
    case 5126: return 4;
    default: return 0;
    }
}

std::optional<std::uint64_t> asIndex(const Json& value) {
    if (value.is_number_unsigned()) return value.get<std::uint64_t>();
    if (value.is_number_float()) {
        const double number = value.get<double>();
        if (number >= 0 && number <= 9007199254740992.0 && number == std::floor(number)) return static_cast<std::uint64_t>(number);
    }
    return std::nullopt;
}

std::optional<std::uint64_t> indexMember(const Json& object, const char* name) {
    const auto found = object.find(name);
    if (found == object.end()) return std::nullopt;
    return asIndex(*found);
}

void inspect(Document& document, std::span<const std::byte> bytes, const GltfOptions& options, core::Diagnostics& problems) {
    auto parts = splitContainer(bytes, document.where);
    if (!parts) {
        problems.push_back(parts.error());
        return;
    }
    document.parts = *parts;
    if (parts->json.starts_with("\xEF\xBB\xBF")) {
        problems.push_back({"E_GLTF_JSON", {"byte order mark"}, document.where + ":byte " + std::to_string(parts->jsonOffset), {}});
        return;
    }
    auto json = core::parseJson(parts->json, document.where, {.depth = 64, .bytes = std::size_t{256} << 20});
    if (!json) {
        problems.push_back(shifted(json.error(), document.where, parts->jsonOffset));
        return;
    }
    document.json = std::move(*json);
    Inspector(document, options, problems).run();
}

} // namespace matou::decode
