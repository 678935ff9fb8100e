#include "decode/primitive_builder.h"

#include <algorithm>
#include <cmath>

#include "core/bounded_reader.h"
#include "decode/accessor.h"

namespace matou::decode {

using core::fail;
using core::Result;
using model::Primitive;
using model::Topology;
using model::Vertex;

namespace {

std::int8_t snorm(float value) { return static_cast<std::int8_t>(std::lround(std::clamp(value, -1.0f, 1.0f) * 127.0f)); }
glm::i8vec4 packedNormal(glm::vec3 normal) {
    const float length = glm::length(normal);
    if (!(length > 1e-20f)) return {0, 127, 0, 0};
    normal /= length;
    return {snorm(normal.x), snorm(normal.y), snorm(normal.z), 0};
}
std::uint8_t unorm(float value) { return static_cast<std::uint8_t>(std::lround(std::clamp(value, 0.0f, 1.0f) * 255.0f)); }

std::optional<std::uint64_t> attribute(const Json& primitive, const std::string& name) {
    return indexMember(primitive["attributes"], name.c_str());
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

/// glTF 2.0, 3.7.2.1: without normals, flat ones: every corner its own vertex.
void makeFlat(Primitive& primitive) {
    std::vector<Vertex> vertices(primitive.indices.size());
    for (std::size_t i = 0; i < vertices.size(); ++i) vertices[i] = primitive.vertices[primitive.indices[i]];
    for (std::size_t i = 0; i + 2 < vertices.size(); i += 3) {
        const auto normal = packedNormal(glm::cross(vertices[i + 1].position - vertices[i].position, vertices[i + 2].position - vertices[i].position));
        for (std::size_t c = 0; c < 3; ++c) vertices[i + c].normal = normal;
    }
    for (std::size_t i = 0; i < vertices.size(); ++i) primitive.indices[i] = static_cast<std::uint32_t>(i);
    primitive.vertices = std::move(vertices);
}

const Json* extensionOf(const Json& object, const char* name) {
    const auto all = object.find("extensions");
    if (all == object.end() || !all->is_object()) return nullptr;
    const auto one = all->find(name);
    return one == all->end() || !one->is_object() ? nullptr : &*one;
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

Result<std::optional<Primitive>> buildPrimitive(const Document& document, const Json& json, const std::string& pointer, const std::vector<UvSource>& uvs,
                                                const GltfOptions& options, FeatureRows& features, core::Diagnostics& diagnostics, std::uint64_t& remaining) {
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
    const auto need = core::checkedMultiply(vertexCount, sizeof(Vertex) + 16);
    if (count > UINT32_MAX || !need || *need + listedCount * 8 > remaining) return fail("E_GLTF_LIMIT", document.at(pointer), {std::to_string(options.decodedBytesLimit)});
    remaining -= *need + listedCount * 8;

    Primitive out;
    out.topology = mode == 0 ? Topology::points : mode <= 3 ? Topology::lines : Topology::triangles;
    const auto materialMember = json.find("material");
    out.material = materialMember == json.end() ? static_cast<std::uint32_t>(uvs.size() - 1) : static_cast<std::uint32_t>(*asIndex(*materialMember));
    out.vertices.resize(count);
    {
        const auto values = readFloats(document, *positions);
        for (std::size_t i = 0; i < count; ++i) out.vertices[i].position = {values[i * 3], values[i * 3 + 1], values[i * 3 + 2]};
    }
    if (normals) {
        const auto values = readFloats(document, *normals);
        for (std::size_t i = 0; i < count; ++i) out.vertices[i].normal = packedNormal({values[i * 3], values[i * 3 + 1], values[i * 3 + 2]});
    } else {
        for (auto& vertex : out.vertices) vertex.normal = {0, 127, 0, 0}; // glTF's up: lines and points are lit from above
    }
    const auto& uv = uvs[out.material];
    if (const auto accessor = attribute(json, "TEXCOORD_" + std::to_string(uv.set))) {
        const auto values = readFloats(document, *accessor);
        for (std::size_t i = 0; i < count; ++i) {
            glm::vec2 pair(values[i * 2], values[i * 2 + 1]);
            if (uv.moved) pair = glm::vec2(uv.matrix * glm::vec3(pair, 1.0f));
            out.vertices[i].uv = pair;
        }
    }
    if (const auto accessor = attribute(json, "COLOR_0")) {
        const auto values = readFloats(document, *accessor);
        const auto components = static_cast<std::size_t>(document.accessors[*accessor].components);
        for (std::size_t i = 0; i < count; ++i) {
            auto& color = out.vertices[i].color;
            for (std::size_t c = 0; c < components; ++c) color[static_cast<int>(c)] = unorm(values[i * components + c]);
        }
    }
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
        for (std::size_t i = 0; i < indices.size(); ++i)
            if (indices[i] >= count) return fail("E_GLTF_INDEX", document.at(pointer + "/indices"), {std::to_string(i), std::to_string(indices[i]), std::to_string(count)});
    } else {
        indices.resize(count);
        for (std::size_t i = 0; i < count; ++i) indices[i] = static_cast<std::uint32_t>(i);
    }
    out.indices = listed(indices, mode);
    const std::size_t per = out.topology == Topology::triangles ? 3 : out.topology == Topology::lines ? 2 : 1;
    out.indices.resize(out.indices.size() / per * per);
    if (out.topology == Topology::triangles && !normals) makeFlat(out);
    if (out.vertices.empty() || out.indices.empty()) return std::optional<Primitive>();
    out.minimum = out.maximum = out.vertices[0].position;
    for (const auto& vertex : out.vertices) {
        out.minimum = glm::min(out.minimum, vertex.position);
        out.maximum = glm::max(out.maximum, vertex.position);
    }
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
