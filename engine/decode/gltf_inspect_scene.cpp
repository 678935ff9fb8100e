// Images, materials, meshes, nodes, rigs, metadata: every reference to something that is there.

#include "decode/gltf_inspector.h"

#include <cmath>

namespace matou::decode {

void Inspector::checkImages() {
    const auto& images = collection("images");
    for (std::size_t i = 0; i < images.size(); ++i) {
        reference(images[i], "bufferView", sub("/images", i), _d.views.size());
        const auto uri = images[i].find("uri");
        if (uri != images[i].end() && !uri->is_string()) problem("E_GLTF_TYPE", sub("/images", i) + "/uri", {"uri", "string"});
    }
    const auto& textures = collection("textures");
    for (std::size_t i = 0; i < textures.size(); ++i) {
        reference(textures[i], "source", sub("/textures", i), images.size());
        reference(textures[i], "sampler", sub("/textures", i), collection("samplers").size());
        for (const char* name : {"EXT_texture_webp", "KHR_texture_basisu"})
            if (const auto* holder = extension(textures[i], name)) reference(*holder, "source", sub("/textures", i) + "/extensions/" + name, images.size());
    }
}

void Inspector::checkMaterials() {
    const auto& list = collection("materials");
    const auto textureCount = collection("textures").size();
    const auto texture = [&](const Json& holder, const char* member, const std::string& pointer) {
        const auto info = holder.find(member);
        if (info == holder.end()) return;
        if (!info->is_object()) return problem("E_GLTF_TYPE", pointer + "/" + member, {member, "object"});
        reference(*info, "index", pointer + "/" + member, textureCount, true);
    };
    for (std::size_t i = 0; i < list.size(); ++i) {
        const auto pointer = sub("/materials", i);
        for (const char* member : {"normalTexture", "occlusionTexture", "emissiveTexture"}) texture(list[i], member, pointer);
        const auto pbr = list[i].find("pbrMetallicRoughness");
        if (pbr == list[i].end()) continue;
        if (!pbr->is_object()) {
            problem("E_GLTF_TYPE", pointer + "/pbrMetallicRoughness", {"pbrMetallicRoughness", "object"});
            continue;
        }
        for (const char* member : {"baseColorTexture", "metallicRoughnessTexture"}) texture(*pbr, member, pointer + "/pbrMetallicRoughness");
    }
}

void Inspector::checkMeshes() {
    const auto& list = collection("meshes");
    for (std::size_t m = 0; m < list.size(); ++m) {
        const auto pointer = sub("/meshes", m);
        const auto primitives = list[m].find("primitives");
        if (primitives == list[m].end()) {
            problem("E_GLTF_MISSING", pointer, {"primitives"});
            continue;
        }
        if (!primitives->is_array()) {
            problem("E_GLTF_TYPE", pointer + "/primitives", {"primitives", "array"});
            continue;
        }
        for (std::size_t p = 0; p < primitives->size(); ++p) checkPrimitive((*primitives)[p], sub(pointer + "/primitives", p));
    }
}

void Inspector::checkPrimitive(const Json& primitive, const std::string& pointer) {
    if (!primitive.is_object()) return problem("E_GLTF_TYPE", pointer, {"primitive", "object"});
    const auto attributes = primitive.find("attributes");
    if (attributes == primitive.end()) return problem("E_GLTF_MISSING", pointer, {"attributes"});
    if (!attributes->is_object()) return problem("E_GLTF_TYPE", pointer + "/attributes", {"attributes", "object"});
    std::optional<std::uint64_t> vertexCount;
    for (const auto& [name, value] : attributes->items()) {
        const auto here = pointer + "/attributes/" + name;
        const auto accessor = referenceValue(value, here, _d.accessors.size());
        if (!accessor) continue;
        const auto& info = _d.accessors[*accessor];
        if (!vertexCount) vertexCount = info.count;
        if (info.count != *vertexCount) problem("E_GLTF_COUNTS", here, {std::to_string(info.count), std::to_string(*vertexCount)});
        // Integers are taken as KHR_mesh_quantization means them, declared or not: many writers forget to.
        if (name == "POSITION" && (info.components != 3 || info.componentType == 5125)) problem("E_GLTF_ATTRIBUTE", here, {name});
        if (name == "NORMAL" && info.components != 3) problem("E_GLTF_ATTRIBUTE", here, {name});
        if (name.starts_with("TEXCOORD_") && info.components != 2) problem("E_GLTF_ATTRIBUTE", here, {name});
        if (name.starts_with("COLOR_") && info.components != 3 && info.components != 4) problem("E_GLTF_ATTRIBUTE", here, {name});
        if (name.starts_with("_FEATURE_ID_") && info.components != 1) problem("E_GLTF_ATTRIBUTE", here, {name});
    }
    if (const auto indices = reference(primitive, "indices", pointer, _d.accessors.size())) {
        const auto& info = _d.accessors[*indices];
        if (info.components != 1 || (info.componentType != 5121 && info.componentType != 5123 && info.componentType != 5125))
            problem("E_GLTF_ATTRIBUTE", pointer + "/indices", {"indices"});
    }
    if (const auto* outline = extension(primitive, "CESIUM_primitive_outline")) {
        const auto here = pointer + "/extensions/CESIUM_primitive_outline";
        if (const auto edges = reference(*outline, "indices", here, _d.accessors.size())) {
            const auto& info = _d.accessors[*edges];
            if (info.components != 1 || (info.componentType != 5121 && info.componentType != 5123 && info.componentType != 5125) || info.count % 2 != 0)
                problem("E_GLTF_ATTRIBUTE", here + "/indices", {"indices"});
        }
    }
    if (const auto* draco = extension(primitive, "KHR_draco_mesh_compression")) {
        const auto here = pointer + "/extensions/KHR_draco_mesh_compression";
        reference(*draco, "bufferView", here, _d.views.size(), true);
        const auto ids = draco->find("attributes");
        if (ids == draco->end() || !ids->is_object()) problem("E_GLTF_MISSING", here, {"attributes"});
        else
            for (const auto& [name, id] : ids->items())
                if (!asIndex(id)) problem("E_GLTF_TYPE", here + "/attributes/" + name, {name, "integer"});
    }
    reference(primitive, "material", pointer, collection("materials").size());
    const auto mode = size(primitive, "mode", pointer, 4);
    if (mode > 6) problem("E_GLTF_VALUE", pointer + "/mode", {"mode", "0..6"});
    if (const auto targets = primitive.find("targets"); targets != primitive.end() && targets->is_array())
        for (std::size_t t = 0; t < targets->size(); ++t)
            if ((*targets)[t].is_object())
                for (const auto& [name, value] : (*targets)[t].items()) referenceValue(value, sub(pointer + "/targets", t) + "/" + name, _d.accessors.size());
}

void Inspector::checkNodes() {
    const auto& nodes = collection("nodes");
    std::vector<std::int64_t> parent(nodes.size(), -1);
    for (std::size_t i = 0; i < nodes.size(); ++i) {
        const auto pointer = sub("/nodes", i);
        reference(nodes[i], "mesh", pointer, collection("meshes").size());
        reference(nodes[i], "camera", pointer, collection("cameras").size());
        reference(nodes[i], "skin", pointer, collection("skins").size());
        for (const auto& [member, count] : {std::pair{"matrix", 16u}, {"translation", 3u}, {"rotation", 4u}, {"scale", 3u}}) checkNumbers(nodes[i], member, count, pointer);
        const auto children = nodes[i].find("children");
        if (children == nodes[i].end()) continue;
        if (!children->is_array()) {
            problem("E_GLTF_TYPE", pointer + "/children", {"children", "array"});
            continue;
        }
        for (std::size_t c = 0; c < children->size(); ++c) {
            const auto here = sub(pointer + "/children", c);
            const auto child = referenceValue((*children)[c], here, nodes.size());
            if (!child) continue;
            if (parent[*child] >= 0 || *child == i) problem("E_GLTF_NODE_LOOP", here, {std::to_string(*child)});
            else parent[*child] = static_cast<std::int64_t>(i);
        }
    }
    // With one parent each, what does not lead up to a root is a circle. Every node is walked once.
    std::vector<std::uint8_t> known(nodes.size(), 0); // 1: on this walk, 2: leads to a root
    std::vector<std::size_t> walk;
    for (std::size_t i = 0; i < nodes.size(); ++i) {
        walk.clear();
        auto at = static_cast<std::int64_t>(i);
        while (at >= 0 && known[static_cast<std::size_t>(at)] == 0) {
            known[static_cast<std::size_t>(at)] = 1;
            walk.push_back(static_cast<std::size_t>(at));
            at = parent[static_cast<std::size_t>(at)];
        }
        if (at >= 0 && known[static_cast<std::size_t>(at)] == 1) problem("E_GLTF_NODE_LOOP", sub("/nodes", static_cast<std::size_t>(at)), {std::to_string(at)});
        for (const auto node : walk) known[node] = 2;
    }
    const auto& scenes = collection("scenes");
    reference(_d.json, "scene", "", scenes.size());
    for (std::size_t s = 0; s < scenes.size(); ++s) {
        const auto list = scenes[s].find("nodes");
        if (list == scenes[s].end()) continue;
        const auto pointer = sub("/scenes", s) + "/nodes";
        if (!list->is_array()) problem("E_GLTF_TYPE", pointer, {"nodes", "array"});
        else
            for (std::size_t n = 0; n < list->size(); ++n) referenceValue((*list)[n], sub(pointer, n), nodes.size());
    }
}

void Inspector::checkNumbers(const Json& object, const char* member, std::size_t count, const std::string& pointer) {
    const auto found = object.find(member);
    if (found == object.end()) return;
    const auto here = pointer + "/" + member;
    if (!found->is_array() || found->size() != count) return problem("E_GLTF_VALUE", here, {member, std::to_string(count) + " numbers"});
    for (const auto& value : *found)
        if (!value.is_number() || !std::isfinite(value.get<double>())) return problem("E_GLTF_VALUE", here, {member, std::to_string(count) + " numbers"});
}

void Inspector::checkSkinsAndAnimations() {
    const auto nodes = collection("nodes").size();
    const auto& skins = collection("skins");
    for (std::size_t i = 0; i < skins.size(); ++i) {
        const auto pointer = sub("/skins", i);
        reference(skins[i], "inverseBindMatrices", pointer, _d.accessors.size());
        reference(skins[i], "skeleton", pointer, nodes);
        const auto joints = skins[i].find("joints");
        if (joints == skins[i].end() || !joints->is_array()) continue;
        for (std::size_t j = 0; j < joints->size(); ++j) referenceValue((*joints)[j], sub(pointer + "/joints", j), nodes);
    }
    const auto& animations = collection("animations");
    for (std::size_t i = 0; i < animations.size(); ++i) {
        const auto pointer = sub("/animations", i);
        const auto samplers = animations[i].find("samplers"), channels = animations[i].find("channels");
        const bool hasSamplers = samplers != animations[i].end() && samplers->is_array();
        if (hasSamplers)
            for (std::size_t s = 0; s < samplers->size(); ++s) {
                if (!(*samplers)[s].is_object()) continue;
                reference((*samplers)[s], "input", sub(pointer + "/samplers", s), _d.accessors.size());
                reference((*samplers)[s], "output", sub(pointer + "/samplers", s), _d.accessors.size());
            }
        if (channels == animations[i].end() || !channels->is_array()) continue;
        for (std::size_t c = 0; c < channels->size(); ++c) {
            if (!(*channels)[c].is_object()) continue;
            const auto here = sub(pointer + "/channels", c);
            reference((*channels)[c], "sampler", here, hasSamplers ? samplers->size() : 0);
            const auto target = (*channels)[c].find("target");
            if (target != (*channels)[c].end() && target->is_object()) reference(*target, "node", here + "/target", nodes);
        }
    }
}

/// Types only: what a column says is read, and judged, where it is decoded.
void Inspector::checkMetadata() {
    const auto expect = [&](const Json& holder, const char* member, const std::string& pointer, bool array) -> const Json* {
        const auto found = holder.find(member);
        if (found == holder.end()) return nullptr;
        if (array ? found->is_array() : found->is_object()) return &*found;
        problem("E_GLTF_TYPE", pointer + "/" + member, {member, array ? "array" : "object"});
        return nullptr;
    };
    const auto integers = [&](const Json& array, const std::string& pointer, std::size_t size) {
        for (std::size_t i = 0; i < array.size(); ++i) referenceValue(array[i], sub(pointer, i), size);
    };
    std::size_t textures = 0, attributes = 0;
    if (const auto* metadata = extension(_d.json, "EXT_structural_metadata")) {
        const std::string pointer = "/extensions/EXT_structural_metadata";
        const auto* schema = expect(*metadata, "schema", pointer, false);
        if (!schema && !metadata->contains("schemaUri")) problem("E_GLTF_MISSING", pointer, {"schema"});
        expect(*metadata, "propertyTables", pointer, true);
        if (const auto* list = expect(*metadata, "propertyTextures", pointer, true)) {
            textures = list->size();
            for (std::size_t i = 0; i < list->size(); ++i) checkPropertyTexture((*list)[i], sub(pointer + "/propertyTextures", i));
        }
        if (const auto* list = expect(*metadata, "propertyAttributes", pointer, true)) attributes = list->size();
    }
    const auto& meshes = collection("meshes");
    for (std::size_t m = 0; m < meshes.size(); ++m) {
        const auto primitives = meshes[m].find("primitives");
        if (primitives == meshes[m].end() || !primitives->is_array()) continue;
        for (std::size_t p = 0; p < primitives->size(); ++p) {
            const auto* metadata = extension((*primitives)[p], "EXT_structural_metadata");
            if (!metadata) continue;
            const auto pointer = sub(sub("/meshes", m) + "/primitives", p) + "/extensions/EXT_structural_metadata";
            if (const auto* list = expect(*metadata, "propertyTextures", pointer, true)) integers(*list, pointer + "/propertyTextures", textures);
            if (const auto* list = expect(*metadata, "propertyAttributes", pointer, true)) integers(*list, pointer + "/propertyAttributes", attributes);
        }
    }
}

void Inspector::checkPropertyTexture(const Json& texture, const std::string& pointer) {
    if (!texture.is_object()) return problem("E_GLTF_TYPE", pointer, {"propertyTexture", "object"});
    const auto properties = texture.find("properties");
    if (properties == texture.end() || !properties->is_object()) return;
    for (const auto& [name, property] : properties->items())
        if (property.is_object()) reference(property, "index", pointer + "/properties/" + name, collection("textures").size(), true);
}

} // namespace matou::decode
