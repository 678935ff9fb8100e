#include "render/motion.h"

#include <cmath>
#include <map>

namespace matou::render {
namespace {

using glm::vec4;

void addRows(std::vector<vec4>& rows, const glm::mat4& matrix) {
    const glm::mat4 m = glm::transpose(matrix);
    rows.insert(rows.end(), {m[0], m[1], m[2]});
}

/// One content of one view in one frame: its pose, and what draws share of it.
struct Life {
    model::Pose pose;
    std::vector<std::uint64_t> skins; // addresses; 0 until made
    std::uint64_t lights = 0;
};

core::Result<std::uint64_t> skinAddress(Life& life, std::size_t skin, FrameArena& memory) {
    if (life.skins[skin] != 0) return life.skins[skin];
    std::vector<vec4> rows;
    for (const glm::mat4& matrix : life.pose.skinMatrices[skin])
        addRows(rows, matrix);
    MATOU_TRY(part, memory.copy(std::span<const vec4>(rows)));
    return life.skins[skin] = part.address;
}

core::Result<void> moveDraw(const LivingDraw& living, Life& life, FrameArena& memory, shared::GpuDraw& gpu) {
    const resident::ContentDraw& draw = *living.draw;
    const model::Rig& rig = *living.of->rig;
    std::vector<shared::GpuInstance> instances;
    bool any = false;
    for (const std::uint32_t number : draw.rigInstances) {
        const model::RigInstance& instance = rig.instances[number];
        if (instance.node == model::kNoNode) continue;
        any = true;
        // What is skinned stands where its joints say, wherever its node is.
        const glm::mat4 m = glm::transpose(instance.skin >= 0 ? glm::mat4(1.0f) : life.pose.contentFromNode[instance.node]);
        const resident::InstanceLook& look = living.of->instanceLooks[number];
        instances.push_back({m[0], m[1], m[2], look.feature, look.color, look.topColor, look.uvFollowsScale});
    }
    if (!any || instances.size() != draw.rigInstances.size()) return {}; // instances by attribute stand still
    MATOU_TRY(table, memory.copy(std::span<const shared::GpuInstance>(instances)));
    gpu.instances = table.address;
    if (draw.jointsAddress == 0 && draw.morphAddress == 0) return {};
    const model::RigInstance& first = rig.instances[draw.rigInstances.front()];
    shared::GpuDeform deform{};
    if (draw.jointsAddress != 0 && first.skin >= 0) {
        MATOU_TRY(matrices, skinAddress(life, static_cast<std::size_t>(first.skin), memory));
        deform.joints = draw.jointsAddress;
        deform.matrices = matrices;
    }
    if (draw.morphAddress != 0) {
        std::vector<float> weights = life.pose.weights[first.node];
        weights.resize(draw.morphTargets, 0.0f);
        MATOU_TRY(part, memory.copy(std::span<const float>(weights)));
        deform.morph = draw.morphAddress;
        deform.weights = part.address;
        deform.targets = draw.morphTargets;
        deform.vertices = draw.vertexCount;
    }
    MATOU_TRY(part, memory.copy(std::span<const shared::GpuDeform>(&deform, 1)));
    gpu.deform = part.address;
    return {};
}

shared::GpuPunctualLight lightOf(const model::Light& light, const glm::mat4& eyeFromContent, float exposure) {
    const glm::mat4 m = eyeFromContent * light.contentFromLight;
    shared::GpuPunctualLight out{};
    const float range = light.rangeMeters;
    out.position = vec4(glm::vec3(m[3]), range > 0 ? 1 / (range * range) : 0.0f);
    const float kind = light.kind == model::Light::Kind::directional ? 0.0f : light.kind == model::Light::Kind::point ? 1.0f : 2.0f;
    const glm::vec3 along = -glm::vec3(m[2]);
    const float length = glm::length(along);
    out.direction = vec4(length > 1e-20f ? along / length : glm::vec3(0, 0, -1), kind);
    out.intensity = vec4(light.color * light.intensity * exposure, 0.0f);
    const float inner = std::cos(light.innerConeRadians), outer = std::cos(light.outerConeRadians);
    const float scale = 1 / std::max(inner - outer, 1e-3f); // glTF's own falloff
    out.spot = {scale, -outer * scale};
    return out;
}

} // namespace

core::Result<void> writeMotion(DrawList& list, double seconds, float exposure, FrameArena& memory) {
    std::map<std::uint32_t, Life> lives; // by content of the view
    for (const LivingDraw& living : list.living) {
        const auto [found, fresh] = lives.try_emplace(living.content);
        Life& life = found->second;
        if (fresh && living.of->rig != nullptr) {
            life.pose = model::poseAt(*living.of->rig, seconds);
            life.skins.assign(living.of->rig->skins.size(), 0);
        }
        shared::GpuDraw& gpu = list.gpuDraws[living.gpuDraw];
        if (!living.draw->rigInstances.empty()) MATOU_CHECK(moveDraw(living, life, memory, gpu));
        if (living.of->lights.empty()) continue;
        if (life.lights == 0) {
            std::vector<shared::GpuPunctualLight> lights;
            for (const model::Light& light : living.of->lights)
                lights.push_back(lightOf(light, list.matrices[living.content], exposure));
            MATOU_TRY(part, memory.copy(std::span<const shared::GpuPunctualLight>(lights)));
            life.lights = part.address;
        }
        gpu.lights = life.lights;
        gpu.lightCount = static_cast<std::uint32_t>(living.of->lights.size());
    }
    return {};
}

} // namespace matou::render
