// Point Cloud (3D Tiles 1.0): points with colours, normals and batch ids.

#include <algorithm>
#include <cmath>
#include <cstring>

#include "decode/draco_geometry.h"
#include "decode/tile_tables.h"

namespace matou::decode {

using core::fail;
using core::Result;

namespace {

/// Colours of point clouds are sRGB; a vertex' colour is linear.
std::uint8_t linearOf(double srgb) {
    const double value = srgb <= 0.04045 ? srgb / 12.92 : std::pow((srgb + 0.055) / 1.055, 2.4);
    return static_cast<std::uint8_t>(std::lround(std::clamp(value, 0.0, 1.0) * 255.0));
}
glm::u8vec4 linearOf(double r, double g, double b, std::uint8_t alpha) { return {linearOf(r), linearOf(g), linearOf(b), alpha}; }

/// The first of RGBA, RGB, RGB565 and CONSTANT_RGBA that is there; true where points may be seen through.
Result<bool> readColors(const TileTables& tables, std::vector<model::Vertex>& vertices) {
    const auto count = vertices.size();
    std::array<glm::u8vec4, 256> gray{}; // by sRGB byte: pow is slow
    for (std::size_t i = 0; i < 256; ++i) gray[i].x = linearOf(static_cast<double>(i) / 255.0);
    const auto byteAt = [](std::span<const std::byte> bytes, std::size_t i) { return static_cast<std::uint8_t>(bytes[i]); };
    for (const std::size_t channels : {std::size_t{4}, std::size_t{3}}) {
        MATOU_TRY(bytes, tables.elements(channels == 4 ? "RGBA" : "RGB", count, channels));
        if (!bytes) continue;
        bool translucent = false;
        for (std::size_t i = 0; i < count; ++i) {
            const auto at = i * channels;
            const std::uint8_t alpha = channels == 4 ? byteAt(*bytes, at + 3) : std::uint8_t{255};
            vertices[i].color = {gray[byteAt(*bytes, at)].x, gray[byteAt(*bytes, at + 1)].x, gray[byteAt(*bytes, at + 2)].x, alpha};
            translucent = translucent || alpha < 255;
        }
        return translucent;
    }
    MATOU_TRY(packed, tables.elements("RGB565", count, 2));
    if (packed) {
        for (std::size_t i = 0; i < count; ++i) {
            std::uint16_t value;
            std::memcpy(&value, packed->data() + i * 2, 2);
            vertices[i].color = linearOf((value >> 11) / 31.0, (value >> 5 & 63) / 63.0, (value & 31) / 31.0, 255);
        }
        return false;
    }
    glm::u8vec4 constant = linearOf(0.66, 0.66, 0.66, 255); // what has no colour is grey
    if (const auto found = tables.features.find("CONSTANT_RGBA"); found != tables.features.end()) {
        std::array<double, 4> c{};
        if (found->is_array()) {
            MATOU_TRY(values, tables.numbers("CONSTANT_RGBA", 4));
            std::copy(values.begin(), values.end(), c.begin());
        } else {
            MATOU_TRY(bytes, tables.elements("CONSTANT_RGBA", 4, 1));
            for (std::size_t i = 0; i < 4; ++i) c[i] = byteAt(*bytes, i);
        }
        for (const double value : c)
            if (value < 0 || value > 255) return fail("E_TILE_SEMANTIC", tables.at(tables.featureOffset), {"CONSTANT_RGBA", "0 … 255"});
        constant = linearOf(c[0] / 255, c[1] / 255, c[2] / 255, static_cast<std::uint8_t>(c[3]));
    }
    for (auto& vertex : vertices) vertex.color = constant;
    return constant.w < 255;
}

/// True where there are any.
Result<bool> readNormals(const TileTables& tables, std::vector<model::Vertex>& vertices) {
    const auto count = vertices.size();
    const auto pack = [](const glm::dvec3& n) {
        const double length = glm::length(n);
        if (!(length > 1e-12) || !std::isfinite(length)) return glm::i8vec4(0, 0, 127, 0);
        const auto part = [&](double value) { return static_cast<std::int8_t>(std::lround(value / length * 127.0)); };
        return glm::i8vec4(part(n.x), part(n.y), part(n.z), 0);
    };
    MATOU_TRY(plain, tables.elements("NORMAL", count, 12));
    if (plain) {
        for (std::size_t i = 0; i < count; ++i) {
            glm::vec3 n;
            std::memcpy(&n, plain->data() + i * 12, 12);
            vertices[i].normal = pack(glm::dvec3(n));
        }
        return true;
    }
    MATOU_TRY(oct, tables.elements("NORMAL_OCT16P", count, 2));
    if (!oct) return false;
    for (std::size_t i = 0; i < count; ++i)
        vertices[i].normal = pack(octahedral(static_cast<double>((*oct)[i * 2]) / 255.0 * 2.0 - 1.0, static_cast<double>((*oct)[i * 2 + 1]) / 255.0 * 2.0 - 1.0));
    return true;
}

/// 3DTILES_draco_point_compression: what the stream holds is put behind the table's own binary part (into `storage`), and the semantics
/// refer to it there; so all that follows reads compressed and plain points alike.
Result<void> unpackDraco(TileTables& tables, const Json& extension, std::uint32_t count, std::uint64_t bytesLimit, std::vector<std::byte>& storage) {
    const auto wrong = [&](const char* what) { return fail("E_TILE_SEMANTIC", tables.at(tables.featureOffset), {"3DTILES_draco_point_compression", what}); };
    const auto offset = indexMember(extension, "byteOffset"), length = indexMember(extension, "byteLength");
    const auto properties = extension.find("properties");
    if (!offset || !length || *offset > tables.featureBinary.size() || *length > tables.featureBinary.size() - *offset) return wrong("byteOffset, byteLength");
    if (properties == extension.end() || !properties->is_object()) return wrong("properties");
    struct Known {
        const char* name;
        int componentType, components;
        std::size_t bytes;
    };
    constexpr std::array<Known, 5> all{{{"POSITION", 5126, 3, 12}, {"RGB", 5121, 3, 3}, {"RGBA", 5121, 4, 4}, {"NORMAL", 5126, 3, 12}, {"BATCH_ID", 5125, 1, 4}}};
    std::vector<Known> held;
    std::vector<DracoWanted> wanted;
    for (const auto& known : all) {
        if (!properties->contains(known.name)) continue;
        const auto id = asIndex((*properties)[known.name]);
        if (!id || *id > UINT32_MAX) return wrong(known.name);
        held.push_back(known);
        wanted.push_back({static_cast<std::uint32_t>(*id), known.componentType, known.components});
    }
    const DracoDeclared declared{.points = count, .bytesLimit = bytesLimit};
    MATOU_TRY(geometry, decodeDracoPoints(tables.featureBinary.subspan(*offset, *length), tables.at(tables.featureOffset), declared, wanted));
    if (geometry.points != count) return wrong("POINTS_LENGTH");
    storage.assign(tables.featureBinary.begin(), tables.featureBinary.end());
    for (std::size_t i = 0; i < held.size(); ++i) {
        if (geometry.attributes[i].size() != std::size_t{count} * held[i].bytes) return wrong(held[i].name);
        tables.features[held[i].name] = {{"byteOffset", storage.size()}, {"componentType", "UNSIGNED_INT"}}; // the type counts for BATCH_ID alone
        storage.insert(storage.end(), geometry.attributes[i].begin(), geometry.attributes[i].end());
    }
    tables.featureBinary = storage;
    return {};
}

} // namespace

Result<model::Content> readPoints(const TileTables& given, const GltfOptions& options) {
    TileTables tables = given;
    MATOU_TRY(count, tables.integer("POINTS_LENGTH"));
    if (!count || *count == 0) return fail("E_TILE_SEMANTIC", tables.at(tables.featureOffset), {"POINTS_LENGTH", "1 …"});
    if (std::uint64_t{*count} * (sizeof(model::Vertex) + 4 + 24) > options.decodedBytesLimit)
        return fail("E_GLTF_LIMIT", tables.at(tables.featureOffset), {std::to_string(options.decodedBytesLimit)});
    std::vector<std::byte> unpacked;
    if (const auto extensions = tables.features.find("extensions"); extensions != tables.features.end() && extensions->is_object() && !extensions->empty()) {
        const Json all = *extensions;
        for (const auto& [name, extension] : all.items()) {
            if (name != "3DTILES_draco_point_compression" || !extension.is_object()) return fail("E_GLTF_EXTENSION", tables.at(tables.featureOffset), {name});
            MATOU_CHECK(unpackDraco(tables, extension, *count, options.decodedBytesLimit, unpacked));
        }
    }
    MATOU_TRY(positions, readPositions(tables, *count));
    model::Content content;
    model::Primitive points;
    points.topology = model::Topology::points;
    points.vertices.resize(*count);
    points.indices.resize(*count);
    points.minimum = points.maximum = glm::vec3(positions.offsets[0]);
    for (std::uint32_t i = 0; i < *count; ++i) {
        auto& vertex = points.vertices[i];
        vertex.position = glm::vec3(positions.offsets[i]);
        points.minimum = glm::min(points.minimum, vertex.position);
        points.maximum = glm::max(points.maximum, vertex.position);
        points.indices[i] = i;
    }
    MATOU_TRY(translucent, readColors(tables, points.vertices));
    MATOU_TRY(lit, readNormals(tables, points.vertices));
    MATOU_TRY(ids, tables.batchIds(*count));
    if (!ids.empty()) {
        MATOU_TRY(length, tables.integer("BATCH_LENGTH"));
        if (!length) return fail("E_TILE_SEMANTIC", tables.at(tables.featureOffset), {"BATCH_LENGTH", "-"});
        std::uint32_t used = 0;
        bool outside = false;
        for (std::uint32_t i = 0; i < *count; ++i) {
            if (ids[i] < *length) points.vertices[i].feature = ids[i], used = std::max(used, ids[i] + 1);
            else outside = true;
        }
        if (outside) content.diagnostics.push_back({"W_GLTF_FEATURE_RANGE", {std::to_string(*length)}, tables.at(tables.batchOffset), {}});
        content.features = readBatchTable(tables, *length, used, content.diagnostics);
    } else if (!tables.batch.empty()) { // one row per point
        content.features = readBatchTable(tables, *count, *count, content.diagnostics);
        for (std::uint32_t i = 0; i < *count; ++i) points.vertices[i].feature = i;
    }
    model::Material material;
    material.metallic = 0;
    material.roughness = 1;
    material.unlit = !lit;
    if (translucent) material.alphaMode = model::AlphaMode::blend;
    content.materials.push_back(material);
    content.minimum = points.minimum;
    content.maximum = points.maximum;
    content.rtcCenter = positions.center;
    content.primitives.push_back(std::move(points));
    content.instances.push_back({0, glm::mat4(1.0f), model::kNoFeature});
    return content;
}

} // namespace matou::decode
