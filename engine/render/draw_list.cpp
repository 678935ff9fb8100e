#include "render/draw_list.h"

#include <algorithm>
#include <cstring>

namespace matou::render {
namespace {

using resident::MaterialClass;
using scene::LayerRole;

static_assert(static_cast<unsigned>(LayerRole::vegetation) == MATOU_ROLE_VEGETATION);
static_assert(static_cast<unsigned>(LayerRole::prop) == MATOU_ROLE_PROP);
static_assert(static_cast<unsigned>(LayerRole::model) == MATOU_ROLE_MODEL);

bool layered(LayerRole role) {
    return role == LayerRole::ground || role == LayerRole::water || role == LayerRole::road ||
           role == LayerRole::green || role == LayerRole::line;
}

/// What stands is drawn before what lies, and what lies on top before what lies below: it hides most of it.
int rank(const DrawItem& item) {
    switch (item.key.surface) {
    case Surface::building:
        return 0;
    case Surface::plain:
        return 1;
    case Surface::foliage:
        return 2;
    case Surface::paint:
        return 3;
    case Surface::road:
        return 4;
    case Surface::green:
        return 5;
    case Surface::ground:
        return 6;
    case Surface::water:
        return 7;
    }
    return 8;
}

/// From the eye to the nearest point of the draw's box.
float nearestOf(const glm::mat4& eyeFromContent, const glm::vec3& eyeInContent, const resident::ContentDraw& draw) {
    const glm::vec3 closest = glm::clamp(eyeInContent, draw.minimum, draw.maximum);
    return glm::length(glm::vec3(eyeFromContent * glm::vec4(closest, 1.0f)));
}

} // namespace

Surface surfaceOf(LayerRole role) {
    switch (role) {
    case LayerRole::buildings:
    case LayerRole::context:
        return Surface::building;
    case LayerRole::water:
        return Surface::water;
    case LayerRole::road:
        return Surface::road;
    case LayerRole::green:
        return Surface::green;
    case LayerRole::ground:
        return Surface::ground;
    case LayerRole::vegetation:
        return Surface::foliage;
    case LayerRole::line:
        return Surface::paint;
    default:
        return Surface::plain;
    }
}

DrawList listDraws(const scene::View& view, const glm::dmat3& axes, const ViewFrustum& frustum,
                   const resident::ContentTable& contents, const ListOptions& options) {
    DrawList list;
    const bool shadows = options.shadows;
    const ViewFrustum* wider = options.wider;
    const std::size_t own = view.contents.size(), all = own + (shadows ? view.casters.size() : 0);
    list.matrices.resize(all, glm::mat4(1.0f));
    list.gpuDraws.reserve(2 * all);
    list.opaque.reserve(all);
    if (shadows) list.casters.reserve(all);
    for (std::size_t i = 0; i < all; ++i) {
        const scene::DrawContent& placed = i < own ? view.contents[i] : view.casters[i - own];
        const resident::ResidentContent* content = contents.find(placed.content);
        if (content == nullptr) continue;
        const glm::mat4 m = eyeFromContent(axes, view.eye.eye, placed.ecefFromContent, content->rtcCenter);
        list.matrices[i] = m;
        const bool thrown = shadows && !placed.leaving && scene::throwsShadow(placed.role);
        const glm::mat4 contentFromEye = glm::inverse(m);
        const glm::vec3 eye = glm::vec3(contentFromEye[3]);
        if (i < own) {
            list.trianglesDrawn += content->triangles;
            list.features += content->featureCount;
        }
        for (const resident::ContentDraw& draw : content->draws) {
            const bool seen = i < own && frustum.touches(m, draw.minimum, draw.maximum);
            const bool solid = draw.materialClass != MaterialClass::lines &&
                               draw.materialClass != MaterialClass::points &&
                               draw.materialClass != MaterialClass::blend;
            const bool around = wider != nullptr && !placed.leaving && solid && draw.materialClass != MaterialClass::mask &&
                                wider->touches(m, draw.minimum, draw.maximum);
            if (!seen && !around && !(thrown && solid)) continue;
            DrawItem item;
            item.draw = &draw;
            item.arena = content->arena;
            item.index = static_cast<std::uint32_t>(list.gpuDraws.size());
            item.content = static_cast<std::uint32_t>(i);
            item.distance = glm::length(glm::vec3(m * glm::vec4((draw.minimum + draw.maximum) * 0.5f, 1.0f)));
            item.key = {draw.materialClass, surfaceOf(placed.role), view.look,  draw.uses,
                        draw.doubleSided,   draw.mirrored,          draw.unlit, options.styled, placed.fades()};
            item.leaving = placed.leaving;
            const bool transmits =
                (draw.uses & MATOU_USES_TRANSMISSION) != 0 &&
                (item.key.materialClass == MaterialClass::opaque || item.key.materialClass == MaterialClass::mask);
            if (transmits && !options.transmission) item.key.materialClass = MaterialClass::blend;
            if (content->rig != nullptr && !content->rig->animations.empty())
                std::memcpy(&item.motion, &options.seconds, sizeof(item.motion));
            shared::GpuDraw gpu{};
            gpu.eyeFromContent = m;
            gpu.instances = draw.instancesAddress;
            gpu.material = draw.materialAddress;
            gpu.features = draw.featuresAddress;
            gpu.extras = draw.extrasAddress;
            gpu.firstVertex = static_cast<std::uint32_t>(draw.vertexOffset);
            gpu.featureRows = draw.featureRows;
            gpu.role = static_cast<std::uint32_t>(placed.role);
            gpu.keep = {placed.keepFrom, placed.keepTo};
            if (layered(placed.role)) {
                gpu.depthPull = 1e-4f * static_cast<float>(placed.layerOrder);
                gpu.pullLimitMeters = 0.25f * static_cast<float>(placed.layerOrder);
            }
            if (!draw.rigInstances.empty() || !content->lights.empty())
                list.living.push_back({item.index, item.content, content, &draw});
            list.gpuDraws.push_back(gpu);
            if (draw.objects > 0) {
                item.pattern = item.index;
                item.index = list.herdDraws; // from the end of gpuDraws, whose size is not known yet
                list.herdDraws += draw.objects;
                list.herds.push_back(item);
            }
            if (seen) {
                list.nearestMeters = std::min(list.nearestMeters, nearestOf(m, eye, draw));
                list.trianglesSubmitted += draw.triangles;
                if (item.key.materialClass == MaterialClass::blend) {
                    if (item.key.doubleSided) item.key.faces = Faces::back;
                    list.blend.push_back(item);
                    if (item.key.doubleSided) {
                        item.key.faces = Faces::front;
                        list.blend.push_back(item);
                    }
                } else {
                    (transmits ? list.transmissive : list.opaque).push_back(item);
                }
            }
            if (thrown && solid) list.casters.push_back(item);
            if (around) {
                list.around.push_back(item);
                list.nearestAroundMeters = std::min(list.nearestAroundMeters, nearestOf(m, eye, draw));
            }
        }
    }
    for (auto* items : {&list.herds, &list.opaque, &list.casters, &list.around})
        for (DrawItem& item : *items)
            if (item.draw->objects > 0) item.index += static_cast<std::uint32_t>(list.gpuDraws.size());
    const auto nearer = [](const DrawItem& a, const DrawItem& b) {
        const int ra = rank(a), rb = rank(b);
        if (ra != rb) return ra < rb;
        if (a.key != b.key) return a.key < b.key;
        if (a.distance != b.distance) return a.distance < b.distance;
        return a.index < b.index;
    };
    std::sort(list.opaque.begin(), list.opaque.end(), nearer);
    const auto farther = [](const DrawItem& a, const DrawItem& b) { return a.distance > b.distance; };
    std::stable_sort(list.blend.begin(), list.blend.end(), farther); // equal ones as the snapshot lists them
    std::stable_sort(list.transmissive.begin(), list.transmissive.end(), farther);
    return list;
}

core::Result<std::uint64_t> writeDraws(const DrawList& list, VkCommandBuffer commands, HerdPass& herds, FrameArena& memory) {
    MATOU_TRY(part, memory.allocate((list.gpuDraws.size() + list.herdDraws) * sizeof(shared::GpuDraw)));
    std::copy(list.gpuDraws.begin(), list.gpuDraws.end(), reinterpret_cast<shared::GpuDraw*>(part.mapped));
    std::vector<HerdWork> work;
    for (const DrawItem& item : list.herds)
        work.push_back({&item, 0});
    MATOU_CHECK(herds.expand(commands, work, part.address, memory));
    return part.address;
}

core::Result<std::vector<DrawRun>> writeCommands(std::span<const DrawItem> items, FrameArena& memory, RunSplit split,
                                                 const HerdTarget& herds) {
    std::vector<DrawRun> runs;
    if (items.empty()) return runs;
    std::size_t count = 0;
    for (const DrawItem& item : items)
        count += item.draws();
    constexpr std::size_t kBytes = sizeof(VkDrawIndexedIndirectCommand);
    static_assert(kBytes == 5 * 4, "as shaders/herd writes them");
    MATOU_TRY(part, memory.allocate(count * kBytes));
    auto* const commands = reinterpret_cast<VkDrawIndexedIndirectCommand*>(part.mapped);
    const auto apart = [split](const ScenePipelineKey& a, const ScenePipelineKey& b) {
        return split == RunSplit::byKey
                   ? a != b
                   : (a.materialClass == MaterialClass::mask) != (b.materialClass == MaterialClass::mask);
    };
    std::vector<HerdWork> work;
    std::size_t at = 0;
    for (const DrawItem& item : items) {
        if (runs.empty() || runs.back().arena != item.arena || apart(runs.back().key, item.key))
            runs.push_back({item.key, item.arena, part.buffer, part.offset + at * kBytes, 0});
        if (item.draw->objects > 0)
            work.push_back({&item, part.address + at * kBytes});
        else
            commands[at] = {item.draw->indexCount, item.draw->instanceCount, item.draw->firstIndex, item.draw->vertexOffset, item.index};
        at += item.draws();
        runs.back().count += item.draws();
    }
    MATOU_CHECK(herds.pass.cull(herds.commands, work, herds.draws, herds.volume, memory));
    return runs;
}

void drawRun(VkCommandBuffer commands, const DrawRun& run, const resident::ContentTable& contents,
             std::uint32_t& boundArena) {
    if (boundArena != run.arena) {
        const VkBuffer buffer = contents.arenas().buffer(run.arena).handle();
        const VkDeviceSize zero = 0;
        vkCmdBindVertexBuffers(commands, 0, 1, &buffer, &zero);
        vkCmdBindIndexBuffer(commands, buffer, 0, VK_INDEX_TYPE_UINT32);
        boundArena = run.arena;
    }
    constexpr std::uint32_t kAtOnce = 0xffff; // what every device takes (maxDrawIndirectCount)
    for (std::uint32_t first = 0; first < run.count; first += kAtOnce)
        vkCmdDrawIndexedIndirect(commands, run.commands, run.offset + first * sizeof(VkDrawIndexedIndirectCommand),
                                 std::min(run.count - first, kAtOnce), sizeof(VkDrawIndexedIndirectCommand));
}

} // namespace matou::render
