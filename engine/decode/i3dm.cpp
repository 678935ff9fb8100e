// Instanced 3D Model (3D Tiles 1.0): one glTF at many places.

#include <cmath>
#include <cstring>

#include <glm/gtc/matrix_transform.hpp>

#include "core/bounded_reader.h"
#include "decode/b3dm.h"
#include "decode/tile_tables.h"
#include "geo/frames.h"

namespace matou::decode {

using core::fail;
using core::Result;

namespace {

struct Orientation {
    std::optional<std::span<const std::byte>> up, right;           // three floats
    std::optional<std::span<const std::byte>> octUp, octRight;     // two uint16
    bool eastNorthUp = false;

    static glm::dvec3 floats(std::span<const std::byte> bytes, std::uint64_t i) {
        glm::vec3 v;
        std::memcpy(&v, bytes.data() + i * 12, 12);
        return glm::dvec3(v);
    }
    static glm::dvec3 oct(std::span<const std::byte> bytes, std::uint64_t i) {
        std::array<std::uint16_t, 2> v{};
        std::memcpy(v.data(), bytes.data() + i * 4, 4);
        return octahedral(v[0] / 65535.0 * 2.0 - 1.0, v[1] / 65535.0 * 2.0 - 1.0);
    }

    /// Columns: where the model's x, y and z go. `position` in the tile's frame.
    glm::dmat3 at(std::uint64_t i, const glm::dvec3& position) const {
        std::optional<glm::dvec3> y, x;
        if (up && right) y = floats(*up, i), x = floats(*right, i);
        else if (octUp && octRight) y = oct(*octUp, i), x = oct(*octRight, i);
        if (y && x) {
            const auto z = glm::cross(*x, *y);
            const double lengths = glm::length(*x) * glm::length(*y) * glm::length(z);
            if (lengths > 1e-12 && std::isfinite(lengths)) return {glm::normalize(*x), glm::normalize(*y), glm::normalize(z)};
            return glm::dmat3(1.0);
        }
        if (eastNorthUp && glm::length(position) > 1.0) return glm::dmat3(geo::ecefFromEnu(geo::Ecef{position}));
        return glm::dmat3(1.0);
    }
};

Result<Orientation> readOrientation(const TileTables& tables, std::uint64_t count) {
    Orientation out;
    MATOU_TRY(up, tables.elements("NORMAL_UP", count, 12));
    MATOU_TRY(right, tables.elements("NORMAL_RIGHT", count, 12));
    MATOU_TRY(octUp, tables.elements("NORMAL_UP_OCT32P", count, 4));
    MATOU_TRY(octRight, tables.elements("NORMAL_RIGHT_OCT32P", count, 4));
    if (up.has_value() != right.has_value()) return fail("E_TILE_SEMANTIC", tables.at(tables.featureOffset), {up ? "NORMAL_RIGHT" : "NORMAL_UP", "-"});
    if (octUp.has_value() != octRight.has_value())
        return fail("E_TILE_SEMANTIC", tables.at(tables.featureOffset), {octUp ? "NORMAL_RIGHT_OCT32P" : "NORMAL_UP_OCT32P", "-"});
    const auto enu = tables.features.find("EAST_NORTH_UP");
    out = {up, right, octUp, octRight, enu != tables.features.end() && enu->is_boolean() && enu->get<bool>()};
    return out;
}

struct Scales {
    std::optional<std::span<const std::byte>> uniform, each;

    glm::dvec3 at(std::uint64_t i) const {
        glm::dvec3 out(1.0);
        if (uniform) {
            float s;
            std::memcpy(&s, uniform->data() + i * 4, 4);
            out *= static_cast<double>(s);
        }
        if (each) {
            glm::vec3 s;
            std::memcpy(&s, each->data() + i * 12, 12);
            out *= glm::dvec3(s);
        }
        return out;
    }
};

Result<model::Content> innerContent(const TileTables& tables, const GltfOptions& options, const InnerModel& model) {
    if (tables.format == 1) return model(withoutPadding(tables.body), tables.bodyOffset, "");
    std::string uri(reinterpret_cast<const char*>(tables.body.data()), tables.body.size());
    while (!uri.empty() && (uri.back() == ' ' || uri.back() == '\0')) uri.pop_back();
    if (uri.empty()) return fail("E_TILE_SEMANTIC", tables.at(tables.bodyOffset), {"uri", "-"});
    if (!options.resolve) return fail("E_GLTF_EXTERNAL", tables.at(tables.bodyOffset), {uri});
    auto bytes = options.resolve(uri);
    if (!bytes) return core::failBecause(bytes.error(), "E_GLTF_EXTERNAL", tables.at(tables.bodyOffset), {uri});
    return model(*bytes, 0, uri);
}

void findBounds(model::Content& content) {
    bool first = true;
    for (const auto& instance : content.instances) {
        const auto& primitive = content.primitives[instance.primitive];
        for (int corner = 0; corner < 8; ++corner) {
            const glm::vec3 p(corner & 1 ? primitive.maximum.x : primitive.minimum.x, corner & 2 ? primitive.maximum.y : primitive.minimum.y,
                              corner & 4 ? primitive.maximum.z : primitive.minimum.z);
            const glm::vec3 placed(instance.contentFromMesh * glm::vec4(p, 1.0f));
            content.minimum = first ? placed : glm::min(content.minimum, placed);
            content.maximum = first ? placed : glm::max(content.maximum, placed);
            first = false;
        }
    }
}

} // namespace

Result<model::Content> readInstances(const TileTables& tables, const GltfOptions& options, const InnerModel& model) {
    MATOU_TRY(count, tables.integer("INSTANCES_LENGTH"));
    if (!count) return fail("E_TILE_SEMANTIC", tables.at(tables.featureOffset), {"INSTANCES_LENGTH", "-"});
    MATOU_TRY(positions, readPositions(tables, *count));
    MATOU_TRY(orientation, readOrientation(tables, *count));
    MATOU_TRY(uniform, tables.elements("SCALE", *count, 4));
    MATOU_TRY(each, tables.elements("SCALE_NON_UNIFORM", *count, 12));
    const Scales scales{uniform, each};
    MATOU_TRY(ids, tables.batchIds(*count));
    MATOU_TRY(content, innerContent(tables, options, model));

    const auto inner = std::move(content.instances);
    const auto need = core::checkedMultiply(std::uint64_t{*count} * sizeof(model::Instance), inner.size());
    if (!need || *need > options.decodedBytesLimit) return fail("E_GLTF_LIMIT", tables.at(tables.featureOffset), {std::to_string(options.decodedBytesLimit)});
    content.instances.clear();
    content.instances.reserve(*count * inner.size());
    std::uint32_t batchLength = *count;
    if (!ids.empty()) {
        batchLength = 0;
        for (const auto id : ids) batchLength = std::max(batchLength, id == UINT32_MAX ? 0 : id + 1);
        if (batchLength > *count * 16u + 65536u) return fail("E_TILE_SEMANTIC", tables.at(tables.featureOffset), {"BATCH_ID", std::to_string(batchLength - 1)});
    }
    for (std::uint32_t i = 0; i < *count; ++i) {
        glm::dmat4 place(orientation.at(i, positions.center + positions.offsets[i]));
        place[3] = glm::dvec4(positions.offsets[i], 1.0);
        place = glm::translate(glm::scale(place, scales.at(i)), content.rtcCenter);
        for (const auto& instance : inner)
            content.instances.push_back({instance.primitive, glm::mat4(place * glm::dmat4(instance.contentFromMesh)), ids.empty() ? i : ids[i]});
    }
    content.rtcCenter = positions.center;
    // The model's own features give way to those of the instances.
    for (auto& primitive : content.primitives)
        for (auto& vertex : primitive.vertices) vertex.feature = model::kNoFeature;
    content.features = readBatchTable(tables, batchLength, batchLength, content.diagnostics);
    findBounds(content);
    return content;
}

} // namespace matou::decode
