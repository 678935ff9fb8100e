#include "render/herd.h"

#include <algorithm>
#include <vector>

#include "gpu/pipeline.h"
#include "render/context.h"
#include "render/draw_list.h"

namespace matou::render {
namespace {

/// Groups beyond what one dimension of a dispatch may have go into rows; those too many find no object and do nothing.
constexpr std::uint32_t kGroupsInRow = 32768;

void waitFor(VkCommandBuffer commands, VkPipelineStageFlags2 stages, VkAccessFlags2 reads) {
    const VkMemoryBarrier2 barrier{VK_STRUCTURE_TYPE_MEMORY_BARRIER_2,      nullptr, VK_PIPELINE_STAGE_2_COMPUTE_SHADER_BIT,
                                   VK_ACCESS_2_SHADER_STORAGE_WRITE_BIT, stages,  reads};
    VkDependencyInfo dependency{VK_STRUCTURE_TYPE_DEPENDENCY_INFO};
    dependency.memoryBarrierCount = 1;
    dependency.pMemoryBarriers = &barrier;
    vkCmdPipelineBarrier2(commands, &dependency);
}

} // namespace

CullVolume volumeOf(const ViewFrustum& frustum) {
    CullVolume volume;
    for (const glm::vec3& side : frustum.sides)
        volume.planes[volume.count++] = glm::vec4(side, 0.0f);
    volume.planes[volume.count++] = glm::vec4(frustum.forward, -frustum.near);
    return volume;
}

CullVolume volumeOf(const Cascade& cascade) {
    const glm::mat4 rows = glm::transpose(cascade.shadowFromEye);
    const glm::vec4 one(0, 0, 0, 1);
    CullVolume volume;
    for (const glm::vec4& plane : {one + rows[0], one - rows[0], one + rows[1], one - rows[1], one - rows[2]})
        volume.planes[volume.count++] = plane;
    return volume;
}

core::Result<std::unique_ptr<HerdPass>> HerdPass::create(gpu::Device& device, bool cull) {
    std::unique_ptr<HerdPass> pass(new HerdPass(device));
    pass->_cull = cull;
    const VkPushConstantRange range{VK_SHADER_STAGE_COMPUTE_BIT, 0, sizeof(std::uint64_t)};
    VkPipelineLayoutCreateInfo info{VK_STRUCTURE_TYPE_PIPELINE_LAYOUT_CREATE_INFO};
    info.pushConstantRangeCount = 1;
    info.pPushConstantRanges = &range;
    VkPipelineLayout layout = VK_NULL_HANDLE;
    if (vkCreatePipelineLayout(device.handle(), &info, nullptr, &layout) != VK_SUCCESS) return core::fail("E_GPU_MEMORY", "herd layout", {"0"});
    pass->_layout = device.own(layout, VK_OBJECT_TYPE_PIPELINE_LAYOUT, "herd layout");
    return pass;
}

core::Result<void> HerdPass::dispatch(VkCommandBuffer commands, gpu::Owned<VkPipeline>& pipeline, const char* shaderName,
                                      std::span<const HerdWork> herds, std::uint64_t draws, const CullVolume& volume, FrameArena& memory) {
    if (!pipeline) {
        MATOU_TRY(made, gpu::makeComputePipeline(_device, shaderName, shader(shaderName), _layout.get()));
        pipeline = std::move(made);
    }
    std::vector<shared::GpuHerd> table;
    table.reserve(herds.size());
    std::uint32_t groups = 0;
    for (const HerdWork& herd : herds) {
        const DrawItem& item = *herd.item;
        table.push_back({draws + item.pattern * sizeof(shared::GpuDraw), item.draw->objectsAddress, draws + item.index * sizeof(shared::GpuDraw),
                         herd.commands, item.draw->objects, groups, item.index, 0});
        groups += (item.draw->objects + MATOU_HERD_GROUP - 1) / MATOU_HERD_GROUP;
    }
    MATOU_TRY(tablePart, memory.copy(std::span<const shared::GpuHerd>(table)));
    shared::GpuCull cull{};
    std::copy(volume.planes.begin(), volume.planes.end(), cull.planes);
    cull.clipFromEye = volume.clipFromEye;
    cull.pixels = volume.pixels;
    cull.leastPixels = volume.leastPixels;
    cull.tiles = volume.tiles;
    cull.herds = tablePart.address;
    cull.herdCount = static_cast<std::uint32_t>(table.size());
    cull.planeCount = _cull ? volume.count : 0;
    MATOU_TRY(part, memory.copy(std::span<const shared::GpuCull>(&cull, 1)));
    vkCmdBindPipeline(commands, VK_PIPELINE_BIND_POINT_COMPUTE, pipeline.get());
    vkCmdPushConstants(commands, _layout.get(), VK_SHADER_STAGE_COMPUTE_BIT, 0, sizeof(part.address), &part.address);
    vkCmdDispatch(commands, std::min(groups, kGroupsInRow), (groups + kGroupsInRow - 1) / kGroupsInRow, 1);
    return {};
}

core::Result<void> HerdPass::expand(VkCommandBuffer commands, std::span<const HerdWork> herds, std::uint64_t draws, FrameArena& memory) {
    if (herds.empty()) return {};
    MATOU_CHECK(dispatch(commands, _expandPipeline, "herd_expand.comp", herds, draws, {}, memory));
    waitFor(commands, VK_PIPELINE_STAGE_2_VERTEX_SHADER_BIT | VK_PIPELINE_STAGE_2_FRAGMENT_SHADER_BIT, VK_ACCESS_2_SHADER_STORAGE_READ_BIT);
    return {};
}

core::Result<void> HerdPass::cull(VkCommandBuffer commands, std::span<const HerdWork> herds, std::uint64_t draws, const CullVolume& volume,
                                  FrameArena& memory) {
    if (herds.empty()) return {};
    MATOU_CHECK(dispatch(commands, _cullPipeline, "herd_cull.comp", herds, draws, volume, memory));
    waitFor(commands, VK_PIPELINE_STAGE_2_DRAW_INDIRECT_BIT, VK_ACCESS_2_INDIRECT_COMMAND_READ_BIT);
    return {};
}

} // namespace matou::render
