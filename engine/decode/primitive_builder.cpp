#include "decode/primitive_builder.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "core/bounded_reader.h"
#include "decode/accessor.h"
#include "decode/vertices.h"

namespace matou::decode {

using core::fail;
using core::Result;
using model::Primitive;
using model::Topology;
using model::Vertex;

namespace {

std::optional<std::uint64_t> attribute(const Json& primitive, const std::string& name) {
    return indexMember(primitive["attributes"], name.c_str());
}
/// Only where it has the right shape; a wrong one is as good as none.
std::optional<std::uint64_t> attribute(const Document& document, const Json& primitive, const std::string& name, int components) {
    const auto accessor = attribute(primitive, name);
    return accessor && document.accessors[*accessor].components == components ? accessor : std::nullopt;
}

/// Strips, fans and loops as lists (glTF 2.0, 3.7.2.1).
std::vector<std::uint32_t> listed(const std::vector<std::uint32_t>& in, std::uint64_t mode) {
    std::vector<std::uint32_t> out;
    const auto n = in.size();
    switch (mode) {
    case 2: // loop
        for (std::size_t i = 0; n > 1 && i < n; ++i) out.insert(out.end(), {in[i], in[(i + 1) % n]});
        break;
    case 3: // line strip
        for (std::size_t i = 0; i + 1 < n; ++i) out.insert(out.end(), {in[i], in[i + 1]});
        break;
    case 5: // triangle strip
        for (std::size_t i = 0; i + 2 < n; ++i) {
            if (i % 2 == 0) out.insert(out.end(), {in[i], in[i + 1], in[i + 2]});
            else out.insert(out.end(), {in[i + 1], in[i], in[i + 2]});
        }
        break;
    case 6: // fan
        for (std::size_t i = 1; i + 1 < n; ++i) out.insert(out.end(), {in[i], in[i + 1], in[0]});
        break;
    default: out = in;
    }
    return out;
}

template <typename T>
void expandBy(std::vector<T>& values, const std::vector<std::uint32_t>& indices, std::size_t each = 1) {
    if (values.empty()) return;
    std::vector<T> out(indices.size() * each);
    for (std::size_t i = 0; i < indices.size(); ++i) std::copy_n(values.begin() + static_cast<std::ptrdiff_t>(indices[i] * each), each, out.begin() + static_cast<std::ptrdiff_t>(i * each));
    values = std::move(out);
}

/// glTF 2.0, 3.7.2.1: without normals, flat ones: every corner its own vertex.
void makeFlat(Primitive& primitive) {
    const auto count = primitive.vertices.size();
    const auto corners = primitive.indices;
    expandBy(primitive.vertices, corners);
    expandBy(primitive.extras, corners);
    expandBy(primitive.joints, corners);
    if (primitive.morphTargets > 0) { // target by target
        std::vector<float> all;
        for (std::size_t t = 0; t < primitive.morphTargets; ++t) {
            std::vector<float> one(primitive.morph.begin() + static_cast<std::ptrdiff_t>(t * count * 6), primitive.morph.begin() + static_cast<std::ptrdiff_t>((t + 1) * count * 6));
            expandBy(one, corners, 6);
            all.insert(all.end(), one.begin(), one.end());
        }
        primitive.morph = std::move(all);
    }
    auto& vertices = primitive.vertices;
    for (std::size_t i = 0; i + 2 < vertices.size(); i += 3) {
        const auto across = glm::cross(vertices[i + 1].position - vertices[i].position, vertices[i + 2].position - vertices[i].position);
        const auto normal = packedNormal(across);
        const float length = glm::length(across);
        for (std::size_t c = 0; c < 3; ++c) {
            vertices[i + c].normal = normal;
            if (!primitive.extras.empty()) primitive.extras[i + c].normal = model::packedDirection(length > 1e-20f ? across / length : glm::vec3(0, 1, 0));
        }
    }
    for (std::size_t i = 0; i < vertices.size(); ++i) primitive.indices[i] = static_cast<std::uint32_t>(i);
    if (vertices.empty()) return;
    primitive.minimum = primitive.maximum = vertices[0].position; // of those that a triangle has
    for (const auto& vertex : vertices) {
        primitive.minimum = glm::min(primitive.minimum, vertex.position);
        primitive.maximum = glm::max(primitive.maximum, vertex.position);
    }
}

/// Second coordinates, fine normals and tangents, where the material wants them.
void addExtras(const Document& document, const Json& json, const UvSource& uv, Primitive& out) {
    const auto second = uv.second >= 0 ? attribute(document, json, "TEXCOORD_" + std::to_string(uv.second), 2) : std::nullopt;
    const auto normals = attribute(json, "NORMAL");
    const auto tangents = uv.tangents && normals ? attribute(document, json, "TANGENT", 4) : std::nullopt;
    if (!second && !tangents && !(uv.fineNormals && normals)) return;
    out.extras.resize(out.vertices.size());
    out.tangents = tangents.has_value();
    if (second) {
        const auto values = readFloats(document, *second);
        for (std::size_t i = 0; i < out.extras.size(); ++i) out.extras[i].uv = {values[i * 2], values[i * 2 + 1]};
    }
    const auto values = normals ? readFloats(document, *normals) : std::vector<float>();
    for (std::size_t i = 0; i < out.extras.size(); ++i) {
        const glm::vec3 n = normals ? glm::vec3(values[i * 3], values[i * 3 + 1], values[i * 3 + 2]) : glm::vec3(0, 1, 0);
        const float length = glm::length(n);
        out.extras[i].normal = model::packedDirection(length > 1e-20f ? n / length : glm::vec3(0, 1, 0));
    }
    if (!tangents) return;
    const auto t = readFloats(document, *tangents);
    for (std::size_t i = 0; i < out.extras.size(); ++i) {
        const glm::vec3 along(t[i * 4], t[i * 4 + 1], t[i * 4 + 2]);
        const float length = glm::length(along);
        out.extras[i].tangent = model::packedTangent(length > 1e-20f ? along / length : glm::vec3(1, 0, 0), t[i * 4 + 3]);
    }
}

void addJoints(const Document& document, const Json& json, const std::string& pointer, Primitive& out, core::Diagnostics& diagnostics) {
    const auto joints = attribute(document, json, "JOINTS_0", 4), weights = attribute(document, json, "WEIGHTS_0", 4);
    if (!joints || !weights) return;
    if (attribute(json, "JOINTS_1")) diagnostics.push_back({"W_GLTF_JOINTS", {}, document.at(pointer + "/attributes/JOINTS_1"), {}});
    const auto j = readUnsigned(document, *joints);
    const auto w = readFloats(document, *weights);
    out.joints.resize(out.vertices.size());
    for (std::size_t i = 0; i < out.joints.size(); ++i) {
        float sum = 0;
        for (std::size_t k = 0; k < 4; ++k) {
            out.joints[i].joint[k] = static_cast<std::uint16_t>(std::min(j[i * 4 + k], 65535u));
            sum += out.joints[i].weights[static_cast<int>(k)] = std::max(w[i * 4 + k], 0.0f);
        }
        if (sum > 1e-12f) out.joints[i].weights /= sum;
        else out.joints[i].weights = {1, 0, 0, 0};
    }
}

/// Most targets that a mesh may have: what glTF viewers commonly bear is 8; faces have some 50.
constexpr std::size_t kMorphTargets = 128;

Result<void> addMorphTargets(const Document& document, const Json& json, const std::string& pointer, const GltfOptions& options, Primitive& out, std::uint64_t& remaining) {
    const auto targets = json.find("targets");
    if (targets == json.end() || !targets->is_array() || targets->empty()) return {};
    const auto count = std::min(targets->size(), kMorphTargets);
    const auto need = core::checkedMultiply(out.vertices.size() * count, 6 * sizeof(float));
    if (!need || *need > remaining) return fail("E_GLTF_LIMIT", document.at(pointer + "/targets"), {std::to_string(options.decodedBytesLimit)});
    remaining -= *need;
    out.morphTargets = static_cast<std::uint32_t>(count);
    out.morph.assign(out.vertices.size() * count * 6, 0.0f);
    for (std::size_t t = 0; t < count; ++t) {
        const auto& target = (*targets)[t];
        if (!target.is_object()) continue;
        for (const auto& [name, first] : {std::pair{"POSITION", 0u}, {"NORMAL", 3u}}) {
            const auto accessor = indexMember(target, name);
            if (!accessor || document.accessors[*accessor].components != 3 || document.accessors[*accessor].count != out.vertices.size()) continue;
            const auto values = readFloats(document, *accessor);
            for (std::size_t i = 0; i < out.vertices.size(); ++i) std::copy_n(values.begin() + static_cast<std::ptrdiff_t>(i * 3), 3, out.morph.begin() + static_cast<std::ptrdiff_t>((t * out.vertices.size() + i) * 6 + first));
        }
    }
    return {};
}

const Json* extensionOf(const Json& object, const char* name) {
    const auto all = object.find("extensions");
    if (all == object.end() || !all->is_object()) return nullptr;
    const auto one = all->find(name);
    return one == all->end() || !one->is_object() ? nullptr : &*one;
}

/// Bounds hold every target at weights up to one.
void growByTargets(Primitive& primitive) {
    const auto count = primitive.vertices.size();
    for (std::size_t t = 0; t < primitive.morphTargets; ++t) {
        glm::vec3 low(0.0f), high(0.0f);
        for (std::size_t i = 0; i < count; ++i) {
            const float* d = primitive.morph.data() + (t * count + i) * 6;
            low = glm::min(low, glm::vec3(d[0], d[1], d[2]));
            high = glm::max(high, glm::vec3(d[0], d[1], d[2]));
        }
        primitive.minimum += low;
        primitive.maximum += high;
    }
}

} // namespace

std::vector<std::uint32_t> featureRowsOf(const Document& document, const Json& extension, const std::string& pointer, std::uint64_t count,
                                         const std::function<std::vector<std::uint32_t>(std::uint64_t set)>& read, const GltfOptions& options,
                                         FeatureRows& features, core::Diagnostics& diagnostics) {
    const auto sets = extension.find("featureIds");
    if (sets == extension.end() || !sets->is_array() || sets->empty()) return {};
    // The first set with a property table that we can read; without one, the first that we can read.
    std::size_t best = sets->size();
    for (std::size_t i = 0; i < sets->size(); ++i) {
        const auto& set = (*sets)[i];
        if (!set.is_object() || set.contains("texture")) continue;
        if (best == sets->size() || (set.contains("propertyTable") && !(*sets)[best].contains("propertyTable"))) best = i;
    }
    if (best == sets->size()) {
        diagnostics.push_back({"W_GLTF_FEATURES", {}, document.at(pointer + "/featureIds"), {}});
        return {};
    }
    const auto& set = (*sets)[best];
    const auto here = pointer + "/featureIds/" + std::to_string(best);
    std::vector<std::uint32_t> ids;
    if (const auto number = set.find("attribute"); number != set.end()) {
        const auto index = asIndex(*number);
        if (index) ids = read(*index);
        if (ids.size() != count) {
            diagnostics.push_back({"W_GLTF_FEATURES", {}, document.at(here + "/attribute"), {}});
            return {};
        }
    } else { // implicit: the element's own number
        ids.resize(count);
        for (std::uint64_t i = 0; i < count; ++i) ids[i] = static_cast<std::uint32_t>(i);
    }
    const auto nullId = indexMember(set, "nullFeatureId");
    std::uint32_t first = 0, rows = 0;
    const auto tableIndex = indexMember(set, "propertyTable");
    const auto known = tableIndex ? features.propertyTable(document, *tableIndex, options, diagnostics) : std::nullopt;
    if (known) {
        first = *known;
        rows = features.rows(*tableIndex);
    } else {
        const auto declared = indexMember(set, "featureCount");
        std::uint32_t most = 0;
        for (const auto id : ids)
            if ((!nullId || id != *nullId) && id < 0x40000000u) most = std::max(most, id + 1);
        // Ids beyond what is used need no row, whatever the declared count.
        rows = declared ? static_cast<std::uint32_t>(std::min<std::uint64_t>(*declared, most)) : most;
        if (rows > count * 16 + 65536) { // numbers without a table are kept as rows: not for a few vertices with huge numbers
            diagnostics.push_back({"W_GLTF_FEATURES", {}, document.at(here), {}});
            return {};
        }
        first = features.anonymous(rows);
    }
    bool outside = false;
    for (auto& id : ids) {
        if (nullId && id == *nullId) id = model::kNoFeature;
        else if (id < rows) id += first;
        else {
            outside = true;
            id = model::kNoFeature;
        }
    }
    if (outside) diagnostics.push_back({"W_GLTF_FEATURE_RANGE", {std::to_string(rows)}, document.at(here), {}});
    return ids;
}

Result<std::optional<Primitive>> buildPrimitive(const Document& document, const Json& json, const std::string& pointer, std::optional<std::uint32_t> material,
                                                const std::vector<UvSource>& uvs, const GltfOptions& options, FeatureRows& features, core::Diagnostics& diagnostics, std::uint64_t& remaining) {
    const auto positions = attribute(json, "POSITION");
    if (!positions) return std::optional<Primitive>();
    const auto mode = json.contains("mode") ? *asIndex(json["mode"]) : 4;
    const auto indexAccessor = indexMember(json, "indices");
    const auto count = document.accessors[*positions].count;
    const auto normals = attribute(json, "NORMAL");

    // What it will take, before it is taken: triples of a strip are the worst case of listing.
    const auto indexCount = indexAccessor ? document.accessors[*indexAccessor].count : count;
    const bool triangles = mode >= 4;
    const std::uint64_t listedCount = indexCount > UINT32_MAX ? UINT64_MAX / 64 : indexCount * (mode == 5 || mode == 6 ? 3 : mode == 2 || mode == 3 ? 2 : 1);
    const auto vertexCount = triangles && !normals ? std::max(count, listedCount) : count;
    const auto need = core::checkedMultiply(vertexCount, sizeof(Vertex) + sizeof(model::VertexExtra) + sizeof(model::Joints) + 16);
    if (count > UINT32_MAX || !need || *need + listedCount * 8 > remaining) return fail("E_GLTF_LIMIT", document.at(pointer), {std::to_string(options.decodedBytesLimit)});
    remaining -= *need + listedCount * 8;

    Primitive out;
    out.topology = mode == 0 ? Topology::points : mode <= 3 ? Topology::lines : Topology::triangles;
    const auto materialMember = json.find("material");
    out.material = material                      ? *material
                   : materialMember == json.end() ? static_cast<std::uint32_t>(uvs.size() - 1)
                                                  : static_cast<std::uint32_t>(*asIndex(*materialMember));
    const auto& uv = uvs[out.material];
    readVertices(document, {*positions, normals, attribute(json, "TEXCOORD_" + std::to_string(uv.set)), attribute(json, "COLOR_0")}, uv, out);
    if (const auto extras = json.find("extras"); extras != json.end() && extras->is_object())
        out.uvFollowsScale = extras->value("uvFollowsScale", Json(false)) == Json(true);
    if (triangles) addExtras(document, json, uv, out);
    addJoints(document, json, pointer, out, diagnostics);
    MATOU_CHECK(addMorphTargets(document, json, pointer, options, out, remaining));
    if (const auto* meshFeatures = extensionOf(json, "EXT_mesh_features")) {
        const auto read = [&](std::uint64_t set) {
            const auto accessor = attribute(json, "_FEATURE_ID_" + std::to_string(set));
            return accessor ? readUnsigned(document, *accessor) : std::vector<std::uint32_t>();
        };
        const auto rows = featureRowsOf(document, *meshFeatures, pointer + "/extensions/EXT_mesh_features", count, read, options, features, diagnostics);
        for (std::size_t i = 0; i < rows.size(); ++i) out.vertices[i].feature = rows[i];
    } else if (const auto batch = attribute(json, "_BATCHID")) { // b3dm
        const auto ids = readUnsigned(document, *batch);
        if (document.accessors[*batch].components == 1)
            for (std::size_t i = 0; i < count; ++i) out.vertices[i].feature = ids[i];
    }

    std::vector<std::uint32_t> indices;
    if (indexAccessor) {
        indices = readUnsigned(document, *indexAccessor);
        const bool outside = largestOf(indices) >= count;
        for (std::size_t i = 0; outside && i < indices.size(); ++i)
            if (indices[i] >= count) return fail("E_GLTF_INDEX", document.at(pointer + "/indices"), {std::to_string(i), std::to_string(indices[i]), std::to_string(count)});
    } else {
        indices.resize(count);
        for (std::size_t i = 0; i < count; ++i) indices[i] = static_cast<std::uint32_t>(i);
    }
    out.indices = mode == 4 ? std::move(indices) : listed(indices, mode);
    const std::size_t per = out.topology == Topology::triangles ? 3 : out.topology == Topology::lines ? 2 : 1;
    out.indices.resize(out.indices.size() / per * per);
    if (out.topology == Topology::triangles && !normals) makeFlat(out);
    if (out.vertices.empty() || out.indices.empty()) return std::optional<Primitive>();
    growByTargets(out);
    return std::optional<Primitive>(std::move(out));
}

Result<std::optional<Primitive>> buildOutline(const Document& document, const Json& json, const std::string& pointer, const Primitive& built, std::uint32_t material,
                                              const GltfOptions& options, std::uint64_t& remaining) {
    const auto* extension = extensionOf(json, "CESIUM_primitive_outline");
    const auto accessor = extension ? indexMember(*extension, "indices") : std::nullopt;
    if (!accessor || built.topology != Topology::triangles) return std::optional<Primitive>();
    const auto here = document.at(pointer + "/extensions/CESIUM_primitive_outline/indices");
    const auto count = document.accessors[*attribute(json, "POSITION")].count;
    const auto need = core::checkedMultiply(document.accessors[*accessor].count, sizeof(Vertex) + 12);
    if (!need || *need + count * 4 > remaining) return fail("E_GLTF_LIMIT", here, {std::to_string(options.decodedBytesLimit)});
    remaining -= *need;
    // Where flat normals were made, every corner is a vertex of its own: the first corner stands for the vertex that the edge names.
    const bool flat = !attribute(json, "NORMAL");
    std::vector<std::uint32_t> vertexOf;
    if (flat) {
        vertexOf.assign(count, model::kNoFeature);
        const auto indexAccessor = indexMember(json, "indices");
        const auto corners = indexAccessor ? readUnsigned(document, *indexAccessor) : std::vector<std::uint32_t>();
        for (std::uint32_t i = 0; i < built.vertices.size(); ++i) {
            const auto vertex = corners.empty() ? i : i < corners.size() ? corners[i] : i;
            if (vertex < count && vertexOf[vertex] == model::kNoFeature) vertexOf[vertex] = i;
        }
    }
    Primitive out;
    out.topology = Topology::lines;
    out.material = material;
    out.minimum = built.minimum;
    out.maximum = built.maximum;
    const auto ends = readUnsigned(document, *accessor);
    for (std::size_t i = 0; i < ends.size(); ++i) {
        if (ends[i] >= count) return fail("E_GLTF_INDEX", here, {std::to_string(i), std::to_string(ends[i]), std::to_string(count)});
        const auto at = flat ? vertexOf[ends[i]] : ends[i];
        if (at >= built.vertices.size()) continue; // of no triangle
        auto vertex = built.vertices[at];
        vertex.color = {255, 255, 255, 255};
        out.indices.push_back(static_cast<std::uint32_t>(out.vertices.size()));
        out.vertices.push_back(vertex);
    }
    out.indices.resize(out.indices.size() / 2 * 2);
    if (out.indices.empty()) return std::optional<Primitive>();
    return std::optional<Primitive>(std::move(out));
}

} // namespace matou::decode
