#include "resident/content_layout.h"

#include <algorithm>
#include <cstring>

namespace matou::resident {
namespace {

std::uint64_t aligned(std::uint64_t value, std::uint64_t alignment) {
    return (value + alignment - 1) / alignment * alignment;
}

/// Axis-aligned bounds of a box under a transform.
void grow(glm::vec3& minimum, glm::vec3& maximum, const glm::mat4& m, const glm::vec3& low, const glm::vec3& high) {
    for (int corner = 0; corner < 8; ++corner) {
        const glm::vec3 p(corner & 1 ? high.x : low.x, corner & 2 ? high.y : low.y, corner & 4 ? high.z : low.z);
        const glm::vec3 q = glm::vec3(m * glm::vec4(p, 1.0f));
        minimum = glm::min(minimum, q);
        maximum = glm::max(maximum, q);
    }
}

MaterialClass classOf(const model::Primitive& primitive, const model::Material& material) {
    if (primitive.topology == model::Topology::lines) return MaterialClass::lines;
    if (primitive.topology == model::Topology::points) return MaterialClass::points;
    if (material.alphaMode == model::AlphaMode::mask) return MaterialClass::mask;
    if (material.alphaMode == model::AlphaMode::blend) return MaterialClass::blend;
    return MaterialClass::opaque;
}

bool textured(const model::Material& m) {
    return m.baseColorTexture.image >= 0 || m.metallicRoughnessTexture.image >= 0 || m.normalTexture.image >= 0 ||
           m.emissiveTexture.image >= 0 || m.occlusionTexture.image >= 0;
}

} // namespace

std::uint32_t featureSeed(const std::string& id) {
    std::uint32_t hash = 2166136261u;
    for (const char c : id)
        hash = (hash ^ static_cast<unsigned char>(c)) * 16777619u;
    return hash;
}

core::Result<void> check(const model::Content& content) {
    if (content.primitives.empty() || content.instances.empty() || content.materials.empty())
        return core::fail("E_CONTENT_EMPTY", "content");
    const auto outOfRange = [](std::uint64_t index, std::uint64_t count) {
        return core::fail("E_CONTENT_INDEX", "content", {std::to_string(index), std::to_string(count)});
    };
    std::uint64_t vertices = 0, indices = 0;
    for (const model::Primitive& primitive : content.primitives) {
        if (primitive.material >= content.materials.size())
            return outOfRange(primitive.material, content.materials.size());
        for (const std::uint32_t index : primitive.indices)
            if (index >= primitive.vertices.size()) return outOfRange(index, primitive.vertices.size());
        vertices += primitive.vertices.size();
        indices += primitive.indices.size();
    }
    constexpr std::uint64_t kLimit = 0x7fffffffull; // vertexOffset is a signed 32-bit number
    if (vertices > kLimit || indices > kLimit) return outOfRange(std::max(vertices, indices), kLimit);
    for (const model::Instance& instance : content.instances)
        if (instance.primitive >= content.primitives.size())
            return outOfRange(instance.primitive, content.primitives.size());
    return {};
}

ContentLayout layOut(const model::Content& content) {
    ContentLayout layout;
    for (const model::Primitive& primitive : content.primitives) {
        layout.firstVertex.push_back(static_cast<std::uint32_t>(layout.vertexCount));
        layout.firstIndex.push_back(static_cast<std::uint32_t>(layout.indexCount));
        layout.vertexCount += primitive.vertices.size();
        layout.indexCount += primitive.indices.size();
    }
    layout.instanceCount = content.instances.size();
    std::uint64_t at = layout.vertexCount * sizeof(model::Vertex);
    layout.indices = at;
    at = aligned(at + layout.indexCount * 4, 16);
    layout.instances = at;
    at += layout.instanceCount * sizeof(shared::GpuInstance);
    layout.materials = at;
    at += content.materials.size() * sizeof(shared::GpuMaterial);
    layout.features = at;
    at += std::max<std::uint64_t>(content.features.count, 1) * sizeof(shared::GpuFeatureRow);
    layout.total = aligned(at, 16);
    return layout;
}

PackedContent pack(const model::Content& content, const ContentLayout& layout,
                   std::span<const scene::FeatureNumber> featureOfRow, std::span<const shared::GpuMaterial> materials,
                   std::uint64_t partOffset, std::uint64_t arenaAddress) {
    PackedContent packed;
    packed.bytes.resize(layout.total);
    std::byte* out = packed.bytes.data();
    for (std::size_t i = 0; i < content.primitives.size(); ++i) {
        const model::Primitive& primitive = content.primitives[i];
        if (!primitive.vertices.empty())
            std::memcpy(out + layout.vertices + layout.firstVertex[i] * sizeof(model::Vertex),
                        primitive.vertices.data(), primitive.vertices.size() * sizeof(model::Vertex));
        if (!primitive.indices.empty())
            std::memcpy(out + layout.indices + layout.firstIndex[i] * 4ull, primitive.indices.data(),
                        primitive.indices.size() * 4);
    }
    // Instances grouped by primitive, in their own order.
    std::vector<std::uint32_t> order(content.instances.size());
    for (std::uint32_t i = 0; i < order.size(); ++i)
        order[i] = i;
    std::stable_sort(order.begin(), order.end(), [&](std::uint32_t a, std::uint32_t b) {
        return content.instances[a].primitive < content.instances[b].primitive;
    });
    auto* instances = reinterpret_cast<shared::GpuInstance*>(out + layout.instances);
    for (std::size_t at = 0; at < order.size();) {
        const std::uint32_t p = content.instances[order[at]].primitive;
        const model::Primitive& primitive = content.primitives[p];
        const model::Material& material = content.materials[primitive.material];
        ContentDraw draw;
        draw.materialClass = classOf(primitive, material);
        draw.doubleSided = material.doubleSided;
        draw.textured = textured(material);
        draw.unlit = material.unlit;
        draw.indexCount = static_cast<std::uint32_t>(primitive.indices.size());
        draw.firstIndex = static_cast<std::uint32_t>((partOffset + layout.indices) / 4) + layout.firstIndex[p];
        draw.vertexOffset =
            static_cast<std::int32_t>((partOffset + layout.vertices) / sizeof(model::Vertex) + layout.firstVertex[p]);
        draw.instancesAddress = arenaAddress + partOffset + layout.instances + at * sizeof(shared::GpuInstance);
        draw.materialAddress =
            arenaAddress + partOffset + layout.materials + primitive.material * sizeof(shared::GpuMaterial);
        draw.featuresAddress = arenaAddress + partOffset + layout.features;
        draw.featureRows = content.features.count;
        draw.minimum = glm::vec3(std::numeric_limits<float>::max());
        draw.maximum = glm::vec3(std::numeric_limits<float>::lowest());
        draw.instanceCount = 0;
        glm::vec3 low(std::numeric_limits<float>::max()), high(std::numeric_limits<float>::lowest());
        for (const model::Vertex& vertex : primitive.vertices) {
            low = glm::min(low, vertex.position);
            high = glm::max(high, vertex.position);
        }
        for (; at < order.size() && content.instances[order[at]].primitive == p; ++at) {
            const model::Instance& instance = content.instances[order[at]];
            const glm::mat4 m = glm::transpose(instance.contentFromMesh);
            instances[at] = {m[0], m[1], m[2], instance.feature, 0, 0, 0};
            if (!primitive.vertices.empty()) grow(draw.minimum, draw.maximum, instance.contentFromMesh, low, high);
            ++draw.instanceCount;
        }
        draw.triangles = draw.materialClass == MaterialClass::lines || draw.materialClass == MaterialClass::points
                             ? 0
                             : draw.indexCount / 3 * draw.instanceCount;
        packed.triangles += draw.triangles;
        if (draw.indexCount > 0) packed.draws.push_back(draw);
    }
    std::memcpy(out + layout.materials, materials.data(), materials.size_bytes());
    auto* rows = reinterpret_cast<shared::GpuFeatureRow*>(out + layout.features);
    for (std::uint32_t row = 0; row < content.features.count; ++row) {
        rows[row].number = row < featureOfRow.size() ? featureOfRow[row] : 0;
        rows[row].seed = row < content.features.ids.size() ? featureSeed(content.features.ids[row]) : row;
        if (rows[row].number != 0) ++packed.featureCount;
    }
    return packed;
}

} // namespace matou::resident
