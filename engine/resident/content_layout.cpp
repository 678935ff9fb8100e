#include "resident/content_layout.h"

#include <algorithm>
#include <cstring>
#include <map>
#include <tuple>

#include "resident/dress.h"

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

std::uint32_t packed4(const glm::u8vec4& c) {
    return c.x | c.y << 8 | c.z << 16 | std::uint32_t{c.w} << 24;
}

/// What the pipeline of a primitive must be able to do.
std::uint32_t usesOf(const model::Primitive& primitive, const shared::GpuMaterial& material, bool lights) {
    std::uint32_t uses = material.uses;
    if (!primitive.extras.empty()) uses |= MATOU_USES_EXTRAS;
    if (primitive.tangents) uses |= MATOU_USES_TANGENTS;
    if (lights) uses |= MATOU_USES_LIGHTS;
    return uses;
}

/// Draws with instances of their own order or shape: sorted by depth, or moved each by its own joints.
bool drawnOneByOne(const model::Primitive& primitive, MaterialClass materialClass) {
    return materialClass == MaterialClass::blend || !primitive.joints.empty() || primitive.morphTargets > 0;
}
constexpr std::size_t kDrawsPerPrimitive = 256;
// Of instances: finer draws cull better and cost more to list.
constexpr std::uint64_t kTrianglesPerDraw = 6000;

/// Draws that herds may be made of, at most; 0 where there can be no herd. What moves or brings lights has tables of its own in
/// every frame.
std::uint64_t objectRoomOf(const model::Content& content) {
    if (content.rig || !content.lights.empty()) return 0;
    std::vector<std::uint64_t> instancesOf(content.primitives.size(), 0);
    for (const model::Instance& instance : content.instances)
        if (instance.primitive < instancesOf.size()) ++instancesOf[instance.primitive];
    std::uint64_t draws = 0;
    for (std::size_t i = 0; i < instancesOf.size(); ++i) {
        const std::uint64_t triangles = std::max<std::uint64_t>(content.primitives[i].indices.size() / 3, 1);
        const std::uint64_t together = std::max<std::uint64_t>(kTrianglesPerDraw / triangles, 1);
        draws += std::min(instancesOf[i], instancesOf[i] / together + 2); // two kinds of winding, each with a rest
    }
    return draws < kHerdFrom ? 0 : draws;
}

/// What is drawn in any order and has no tables but those of a GpuObject.
bool mayBeHerded(const ContentDraw& draw) {
    return draw.materialClass != MaterialClass::blend && (draw.uses & MATOU_USES_TRANSMISSION) == 0 && draw.jointsAddress == 0 &&
           draw.morphAddress == 0;
}

shared::GpuObject objectOf(const ContentDraw& draw) {
    return {draw.minimum,       draw.indexCount,       draw.maximum,         draw.firstIndex,   static_cast<std::uint32_t>(draw.vertexOffset),
            draw.instanceCount, draw.instancesAddress, draw.materialAddress, draw.extrasAddress};
}

/// Draws of one pipeline become one herd where they are many: their objects go to `table`, which lies at `address`. The others
/// keep their order, and a herd stands where its first draw stood.
void gatherHerds(std::vector<ContentDraw>& draws, std::span<shared::GpuObject> table, std::uint64_t address) {
    const auto kindOf = [](const ContentDraw& d) { return std::tuple(d.materialClass, d.uses, d.doubleSided, d.mirrored, d.unlit); };
    std::map<decltype(kindOf(draws[0])), std::vector<std::size_t>> kinds;
    for (std::size_t i = 0; i < draws.size(); ++i)
        if (mayBeHerded(draws[i])) kinds[kindOf(draws[i])].push_back(i);
    std::vector<bool> gone(draws.size(), false);
    std::size_t filled = 0;
    for (const auto& [kind, members] : kinds) {
        if (members.size() < kHerdFrom) continue;
        ContentDraw herd = draws[members.front()];
        herd.objectsAddress = address + filled * sizeof(shared::GpuObject);
        herd.objects = static_cast<std::uint32_t>(members.size());
        herd.triangles = 0;
        for (const std::size_t i : members) {
            table[filled++] = objectOf(draws[i]);
            herd.minimum = glm::min(herd.minimum, draws[i].minimum);
            herd.maximum = glm::max(herd.maximum, draws[i].maximum);
            herd.triangles += draws[i].triangles;
            gone[i] = true;
        }
        draws[members.front()] = herd;
        gone[members.front()] = false;
    }
    std::size_t kept = 0;
    for (std::size_t i = 0; i < draws.size(); ++i)
        if (!gone[i]) draws[kept++] = std::move(draws[i]);
    draws.resize(kept);
    draws.shrink_to_fit();
}

/// The lowest ten bits, two zeros after each.
std::uint32_t spread3(std::uint32_t x) {
    x &= 0x3ffu;
    x = (x | x << 16) & 0x030000ffu;
    x = (x | x << 8) & 0x0300f00fu;
    x = (x | x << 4) & 0x030c30c3u;
    return (x | x << 2) & 0x09249249u;
}

/// By primitive, then by winding, then by place along a curve that keeps neighbours together (Morton 1966) where an instance's
/// place in the order means nothing.
std::vector<std::uint64_t> instanceKeys(const model::Content& content) {
    glm::vec3 low(std::numeric_limits<float>::max()), high(std::numeric_limits<float>::lowest());
    for (const model::Instance& instance : content.instances) {
        low = glm::min(low, glm::vec3(instance.contentFromMesh[3]));
        high = glm::max(high, glm::vec3(instance.contentFromMesh[3]));
    }
    const float scale = 1023.0f / std::max({high.x - low.x, high.y - low.y, high.z - low.z, 1e-6f});
    std::vector<std::uint64_t> keys;
    keys.reserve(content.instances.size());
    for (const model::Instance& instance : content.instances) {
        std::uint32_t place = 0;
        const glm::vec3 at = (glm::vec3(instance.contentFromMesh[3]) - low) * scale; // not a number: first
        const auto cell = [](float x) { return x > 0 ? static_cast<std::uint32_t>(std::min(x, 1023.0f)) : 0u; };
        const model::Primitive& primitive = content.primitives[instance.primitive];
        if (!content.rig && !drawnOneByOne(primitive, classOf(primitive, content.materials[primitive.material])))
            place = spread3(cell(at.x)) | spread3(cell(at.y)) << 1 | spread3(cell(at.z)) << 2;
        const bool mirrored = glm::determinant(glm::mat3(instance.contentFromMesh)) < 0;
        keys.push_back(static_cast<std::uint64_t>(instance.primitive) << 32 | (mirrored ? 1ull << 31 : 0ull) | place);
    }
    return keys;
}

template <typename Ref, typename Gpu>
void placeTexture(const Ref& ref, int slot, std::uint32_t number, Gpu& out) {
    out.textureMatrix[slot] = {ref.matrix[0].x, ref.matrix[0].y, ref.matrix[1].x, ref.matrix[1].y};
    out.textureOffset[slot] = ref.offset;
    out.texture[slot] = number | (ref.secondUv ? 0x80000000u : 0u);
}

} // namespace

std::uint32_t featureSeed(const std::string& id) {
    std::uint32_t hash = 2166136261u;
    for (const char c : id)
        hash = (hash ^ static_cast<unsigned char>(c)) * 16777619u;
    return hash;
}

InstanceLook lookOf(const model::Instance& instance, const model::Primitive& primitive) {
    return {instance.feature, packed4(instance.color), packed4(instance.topColor), primitive.uvFollowsScale};
}

PackedMaterial packMaterial(const model::Material& in,
                            const std::function<std::uint32_t(const model::TextureRef&, std::uint32_t)>& slotOf) {
    PackedMaterial packed{};
    shared::GpuMaterial& g = packed.material;
    g.baseColor = in.baseColor;
    g.emissive = in.emissive;
    g.alphaCutoff = in.alphaMode == model::AlphaMode::mask    ? in.alphaCutoff
                    : in.alphaMode == model::AlphaMode::blend ? 0.0f
                                                              : -1.0f;
    g.metallic = in.metallic;
    g.roughness = in.roughness;
    g.normalScale = in.normalScale;
    g.occlusionStrength = in.occlusionStrength;
    model::Material material = in; // textures() gives what may be written
    const auto textures = material.textures();
    for (std::size_t i = 0; i < textures.size(); ++i) {
        const bool normal = i == MATOU_SLOT_NORMAL;
        placeTexture(*textures[i], static_cast<int>(i),
                     slotOf(*textures[i], normal ? TextureTable::kFlatNormal : TextureTable::kWhite), g);
        if (textures[i]->image < 0) continue;
        g.uses |= 1u << i;
        if (textures[i]->placed()) g.uses |= MATOU_USES_PLACES;
    }
    if (!in.lobes || in.unlit) return packed;
    model::MaterialLobes& lobes = *material.lobes;
    shared::GpuMaterialLobes& out = packed.lobes;
    out.specularColor = lobes.specularColor;
    out.specular = lobes.specular;
    out.attenuationColor = lobes.attenuationColor;
    out.attenuationDistance = lobes.attenuationDistance;
    out.ior = lobes.ior;
    out.transmission = lobes.transmission;
    out.thickness = lobes.thickness;
    out.dispersion = lobes.dispersion;
    out.clearcoat = lobes.clearcoat;
    out.clearcoatRoughness = lobes.clearcoatRoughness;
    out.clearcoatNormalScale = lobes.clearcoatNormalScale;
    out.sheenRoughness = lobes.sheenRoughness;
    out.sheenColor = lobes.sheenColor;
    out.anisotropy = lobes.anisotropy;
    out.anisotropyRotation = lobes.anisotropyRotation;
    out.iridescence = lobes.iridescence;
    out.iridescenceIor = lobes.iridescenceIor;
    out.iridescenceThicknessMinimum = lobes.iridescenceThicknessMinimum;
    out.iridescenceThicknessMaximum = lobes.iridescenceThicknessMaximum;
    const auto lobeTextures = lobes.textures();
    for (std::size_t i = 0; i < lobeTextures.size(); ++i) {
        // Without a picture the anisotropy has no direction of its own, as a flat normal has none.
        const bool direction = i == MATOU_LOBE_CLEARCOAT_NORMAL || i == MATOU_LOBE_ANISOTROPY;
        placeTexture(*lobeTextures[i], static_cast<int>(i),
                     slotOf(*lobeTextures[i], direction ? TextureTable::kFlatNormal : TextureTable::kWhite), out);
    }
    g.uses |= MATOU_USES_SPECULAR;
    if (lobes.transmission > 0) g.uses |= MATOU_USES_TRANSMISSION;
    if (lobes.clearcoat > 0) g.uses |= MATOU_USES_CLEARCOAT;
    if (lobes.sheenColor != glm::vec3(0.0f)) g.uses |= MATOU_USES_SHEEN;
    if (lobes.anisotropy > 0) g.uses |= MATOU_USES_ANISOTROPY;
    if (lobes.iridescence > 0) g.uses |= MATOU_USES_IRIDESCENCE;
    packed.hasLobes = true;
    return packed;
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
        const auto count = primitive.vertices.size();
        for (const auto beside : {primitive.extras.size(), primitive.joints.size()})
            if (beside != 0 && beside != count) return outOfRange(beside, count);
        if (primitive.morph.size() != primitive.morphTargets * count * 6)
            return outOfRange(primitive.morph.size(), primitive.morphTargets * count * 6);
        vertices += count;
        indices += primitive.indices.size();
    }
    constexpr std::uint64_t kLimit = 0x7fffffffull; // vertexOffset is a signed 32-bit number
    if (vertices > kLimit || indices > kLimit) return outOfRange(std::max(vertices, indices), kLimit);
    for (const model::Instance& instance : content.instances)
        if (instance.primitive >= content.primitives.size())
            return outOfRange(instance.primitive, content.primitives.size());
    if (content.rig && content.rig->instances.size() != content.instances.size())
        return outOfRange(content.rig->instances.size(), content.instances.size());
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
    layout.lobes = at;
    for (const model::Material& material : content.materials)
        if (material.lobes) at += sizeof(shared::GpuMaterialLobes);
    at = aligned(at, 16);
    for (const model::Primitive& primitive : content.primitives) {
        const auto place = [&](std::uint64_t bytes) -> std::uint64_t {
            if (bytes == 0) return 0;
            const std::uint64_t begin = at;
            at = aligned(at + bytes, 16);
            return begin;
        };
        layout.extras.push_back(place(primitive.extras.size() * sizeof(model::VertexExtra)));
        layout.joints.push_back(place(primitive.joints.size() * sizeof(model::Joints)));
        layout.morph.push_back(place(primitive.morph.size() * sizeof(float)));
    }
    layout.objects = at;
    layout.objectRoom = objectRoomOf(content);
    at += layout.objectRoom * sizeof(shared::GpuObject);
    layout.features = at;
    at += std::max<std::uint64_t>(content.features.count, 1) * sizeof(shared::GpuFeatureRow);
    layout.total = aligned(at, 16);
    return layout;
}

PackedContent pack(const model::Content& content, const ContentLayout& layout,
                   std::span<const scene::FeatureNumber> featureOfRow, std::span<const PackedMaterial> materials,
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
        const auto copy = [&](std::uint64_t to, const auto& values) {
            if (!values.empty()) std::memcpy(out + to, values.data(), values.size() * sizeof(values[0]));
        };
        copy(layout.extras[i], primitive.extras);
        copy(layout.joints[i], primitive.joints);
        copy(layout.morph[i], primitive.morph);
    }
    // Instances grouped by primitive, those that turn the winding apart; many of one primitive by their places, so that
    // each of its draws has a box of its own to be culled by; else in their own order.
    const auto mirrored = [&](std::uint32_t i) {
        return glm::determinant(glm::mat3(content.instances[i].contentFromMesh)) < 0;
    };
    const std::vector<std::uint64_t> keys = instanceKeys(content);
    std::vector<std::uint32_t> order(content.instances.size());
    for (std::uint32_t i = 0; i < order.size(); ++i)
        order[i] = i;
    std::stable_sort(order.begin(), order.end(), [&](std::uint32_t a, std::uint32_t b) { return keys[a] < keys[b]; });
    std::vector<std::size_t> instancesOf(content.primitives.size(), 0);
    for (const model::Instance& instance : content.instances)
        ++instancesOf[instance.primitive];
    auto* instances = reinterpret_cast<shared::GpuInstance*>(out + layout.instances);
    for (std::size_t at = 0; at < order.size();) {
        const std::uint32_t p = content.instances[order[at]].primitive;
        const model::Primitive& primitive = content.primitives[p];
        const model::Material& material = content.materials[primitive.material];
        ContentDraw draw;
        draw.materialClass = classOf(primitive, material);
        draw.doubleSided = material.doubleSided;
        draw.mirrored = mirrored(order[at]);
        draw.uses = usesOf(primitive, materials[primitive.material].material, !content.lights.empty());
        draw.unlit = material.unlit;
        draw.vertexCount = static_cast<std::uint32_t>(primitive.vertices.size());
        draw.morphTargets = primitive.morphTargets;
        const auto address = [&](std::uint64_t part) { return part == 0 ? 0 : arenaAddress + partOffset + part; };
        draw.extrasAddress = address(layout.extras[p]);
        draw.jointsAddress = address(layout.joints[p]);
        draw.morphAddress = address(layout.morph[p]);
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
        const bool alone = drawnOneByOne(primitive, draw.materialClass) && instancesOf[p] <= kDrawsPerPrimitive;
        for (; at < order.size() && content.instances[order[at]].primitive == p && mirrored(order[at]) == draw.mirrored;
             ++at) {
            if (alone && draw.instanceCount == 1) break;
            if (!content.rig && draw.instanceCount > 0 && (draw.instanceCount + 1ull) * (draw.indexCount / 3) > kTrianglesPerDraw) break;
            const model::Instance& instance = content.instances[order[at]];
            const glm::mat4 m = glm::transpose(instance.contentFromMesh);
            const InstanceLook look = lookOf(instance, primitive);
            instances[at] = {m[0], m[1], m[2], look.feature, look.color, look.topColor, look.uvFollowsScale};
            if (content.rig) {
                draw.rigInstances.push_back(order[at]);
                draw.minimum = glm::min(draw.minimum, content.rig->instances[order[at]].minimum);
                draw.maximum = glm::max(draw.maximum, content.rig->instances[order[at]].maximum);
            } else if (!primitive.vertices.empty()) {
                grow(draw.minimum, draw.maximum, instance.contentFromMesh, low, high);
            }
            ++draw.instanceCount;
        }
        draw.triangles = draw.materialClass == MaterialClass::lines || draw.materialClass == MaterialClass::points
                             ? 0
                             : draw.indexCount / 3 * draw.instanceCount;
        packed.triangles += draw.triangles;
        if (draw.indexCount > 0) packed.draws.push_back(draw);
    }
    if (layout.objectRoom > 0)
        gatherHerds(packed.draws, {reinterpret_cast<shared::GpuObject*>(out + layout.objects), layout.objectRoom},
                    arenaAddress + partOffset + layout.objects);
    std::uint64_t lobes = layout.lobes;
    for (std::size_t i = 0; i < materials.size(); ++i) {
        shared::GpuMaterial material = materials[i].material;
        if (materials[i].hasLobes) {
            material.lobes = arenaAddress + partOffset + lobes;
            std::memcpy(out + lobes, &materials[i].lobes, sizeof(shared::GpuMaterialLobes));
            lobes += sizeof(shared::GpuMaterialLobes);
        }
        std::memcpy(out + layout.materials + i * sizeof(material), &material, sizeof(material));
    }
    auto* rows = reinterpret_cast<shared::GpuFeatureRow*>(out + layout.features);
    for (std::uint32_t row = 0; row < content.features.count; ++row) {
        rows[row].number = row < featureOfRow.size() ? featureOfRow[row] : 0;
        rows[row].seed = row < content.features.ids.size() ? featureSeed(content.features.ids[row]) : row;
        rows[row].dress = dressOf(content.features, row);
        if (rows[row].number != 0) ++packed.featureCount;
    }
    return packed;
}

} // namespace matou::resident
