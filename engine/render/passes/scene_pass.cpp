#include "render/passes/scene_pass.h"

#include <chrono>
#include <cstddef>
#include <string>

namespace matou::render {
namespace {

using resident::MaterialClass;

VkPrimitiveTopology topologyOf(MaterialClass materialClass) {
    switch (materialClass) {
    case MaterialClass::lines:
        return VK_PRIMITIVE_TOPOLOGY_LINE_LIST;
    case MaterialClass::points:
        return VK_PRIMITIVE_TOPOLOGY_POINT_LIST;
    default:
        return VK_PRIMITIVE_TOPOLOGY_TRIANGLE_LIST;
    }
}

} // namespace

VkCullModeFlags cullOf(const ScenePipelineKey& key) {
    if (key.faces != Faces::asMaterial) return (key.faces == Faces::back) != key.mirrored ? VK_CULL_MODE_FRONT_BIT : VK_CULL_MODE_BACK_BIT;
    // Layers that lie are seen from both sides: their winding is not worth a hole.
    const bool culled = !key.doubleSided && key.materialClass != MaterialClass::lines &&
                        (key.surface == Surface::plain || key.surface == Surface::building || key.surface == Surface::foliage);
    return !culled ? VK_CULL_MODE_NONE : key.mirrored ? VK_CULL_MODE_FRONT_BIT : VK_CULL_MODE_BACK_BIT;
}

void describeVertices(gpu::PipelineDescription& d, VertexParts parts) {
    d.bindings = {{0, sizeof(model::Vertex), VK_VERTEX_INPUT_RATE_VERTEX}};
    d.attributes = {{0, 0, VK_FORMAT_R32G32B32_SFLOAT, offsetof(model::Vertex, position)},
                    {4, 0, VK_FORMAT_R32_UINT, offsetof(model::Vertex, feature)}};
    if (parts == VertexParts::positions) return;
    if (parts == VertexParts::all) d.attributes.push_back({1, 0, VK_FORMAT_R8G8B8A8_SNORM, offsetof(model::Vertex, normal)});
    d.attributes.push_back({2, 0, VK_FORMAT_R32G32_SFLOAT, offsetof(model::Vertex, uv)});
    d.attributes.push_back({3, 0, VK_FORMAT_R8G8B8A8_UNORM, offsetof(model::Vertex, color)});
}

ScenePass::~ScenePass() {
    for (auto& [key, making] : _making)
        if (const auto made = making.get()) vkDestroyPipeline(_context.device.handle(), *made, nullptr);
}

void ScenePass::prepare(std::span<const ScenePipelineKey> keys) {
    for (const auto& key : keys)
        if (!_pipelines.contains(key) && !_making.contains(key))
            _making.emplace(key, std::async(std::launch::async, [&device = _context.device, d = describe(key)] { return gpu::compilePipeline(device, d); }));
}

core::Result<VkPipeline> ScenePass::pipeline(const ScenePipelineKey& key) {
    if (const auto found = _pipelines.find(key); found != _pipelines.end()) return found->second.get();
    const auto making = _making.find(key);
    auto made = making != _making.end() ? making->second.get() : gpu::compilePipeline(_context.device, describe(key));
    if (making != _making.end()) _making.erase(making);
    if (!made) return tl::unexpected(made.error());
    return _pipelines.emplace(key, _context.device.own(*made, VK_OBJECT_TYPE_PIPELINE, "scene pipeline")).first->second.get();
}

gpu::PipelineDescription ScenePass::describe(const ScenePipelineKey& key) const {
    gpu::PipelineDescription d;
    d.name = "scene pipeline";
    const std::string kind = key.fades ? "scene_fade" : key.uses == 0 ? "scene_bare" : "scene";
    d.vertexSpirv = shader((key.fades ? "scene" : kind) + ".vert");
    d.fragmentSpirv = shader(kind + ".frag");
    d.layout = _context.pipelineLayout.get();
    describeVertices(d, VertexParts::all);
    d.topology = topologyOf(key.materialClass);
    d.cull = cullOf(key);
    d.colorFormats = {kHdrFormat};
    d.depthFormat = kDepthFormat;
    d.depthTest = true;
    d.depthWrite = key.materialClass != MaterialClass::blend;
    d.depthCompare = VK_COMPARE_OP_GREATER_OR_EQUAL;
    d.blend = key.materialClass == MaterialClass::blend ? gpu::Blend::alpha : gpu::Blend::none;
    d.samples = _context.samples;
    d.alphaToCoverage = key.surface == Surface::foliage && key.materialClass == MaterialClass::mask && d.samples != VK_SAMPLE_COUNT_1_BIT;
    const bool lines = key.materialClass == MaterialClass::lines || key.materialClass == MaterialClass::points;
    d.constants = {key.uses,
                   static_cast<std::uint32_t>(lines ? Surface::plain : key.surface),
                   key.materialClass == MaterialClass::mask ? 1u : 0u,
                   static_cast<std::uint32_t>(key.look),
                   _context.shadowTaps,
                   key.styled ? 1u : 0u,
                   key.unlit || lines ? 1u : 0u,
                   d.samples != VK_SAMPLE_COUNT_1_BIT ? 1u : 0u,
                   _context.tier.detail,
                   static_cast<std::uint32_t>(d.samples)};
    return d;
}

void ScenePass::prepareOneFade(std::span<const DrawRun> runs) {
    for (const auto& [key, making] : _making)
        if (making.wait_for(std::chrono::seconds(0)) != std::future_status::ready) return;
    for (const DrawRun& run : runs) {
        auto key = run.key;
        key.fades = true;
        if (_pipelines.contains(key) || _making.contains(key)) continue;
        prepare({&key, 1});
        return;
    }
}

core::Result<void> ScenePass::record(VkCommandBuffer commands, std::span<const DrawRun> runs) {
    std::uint32_t boundArena = ~0u;
    VkPipeline bound = VK_NULL_HANDLE;
    std::vector<ScenePipelineKey> lacking;
    for (const DrawRun& run : runs)
        if (!_pipelines.contains(run.key)) lacking.push_back(run.key);
    if (lacking.size() > 1) prepare(lacking); // side by side
    else if (lacking.empty() && _context.options.fades) prepareOneFade(runs);
    for (const DrawRun& run : runs) {
        MATOU_TRY(wanted, pipeline(run.key));
        if (wanted != bound) vkCmdBindPipeline(commands, VK_PIPELINE_BIND_POINT_GRAPHICS, wanted);
        bound = wanted;
        drawRun(commands, run, _context.contents, boundArena);
    }
    return {};
}

core::Result<VkPipeline> ShadowPass::pipeline(bool masked) {
    auto& made = _pipelines[masked ? 1 : 0];
    if (made) return made.get();
    gpu::PipelineDescription d;
    d.name = masked ? "masked shadow pipeline" : "shadow pipeline";
    d.vertexSpirv = shader(masked ? "shadow_mask.vert" : "shadow.vert");
    if (masked) d.fragmentSpirv = shader("shadow_mask.frag");
    d.layout = _context.pipelineLayout.get();
    describeVertices(d, masked ? VertexParts::textured : VertexParts::positions);
    d.depthFormat = kDepthFormat;
    d.depthTest = d.depthWrite = true;
    d.depthCompare = VK_COMPARE_OP_LESS;
    d.depthBiasSlope = 1.5f;
    d.depthClamp = true;
    MATOU_TRY(fresh, gpu::makePipeline(_context.device, d));
    made = std::move(fresh);
    return made.get();
}

core::Result<void> ShadowPass::record(VkCommandBuffer commands, std::span<const DrawRun> runs) {
    std::uint32_t boundArena = ~0u;
    VkPipeline bound = VK_NULL_HANDLE;
    for (const DrawRun& run : runs) {
        MATOU_TRY(wanted, pipeline(run.key.materialClass == MaterialClass::mask));
        if (wanted != bound) vkCmdBindPipeline(commands, VK_PIPELINE_BIND_POINT_GRAPHICS, wanted);
        bound = wanted;
        drawRun(commands, run, _context.contents, boundArena);
    }
    return {};
}

core::Result<void> ScreenPass::record(VkCommandBuffer commands, scene::Look look, bool plain) {
    auto found = _pipelines.find({look, plain});
    if (found == _pipelines.end()) {
        gpu::PipelineDescription d;
        const bool sky = _kind == Kind::sky;
        const bool multisampled = _context.samples != VK_SAMPLE_COUNT_1_BIT;
        const bool layer = _kind == Kind::layer;
        const std::string toned = layer ? "layer" : "tonemap";
        d.name = sky ? "sky pipeline" : toned + " pipeline";
        d.vertexSpirv = shader(sky ? "sky.vert" : "tonemap.vert");
        d.fragmentSpirv = shader(sky ? "sky.frag" : toned + (multisampled ? "_ms.frag" : ".frag"));
        d.blend = layer ? gpu::Blend::alpha : gpu::Blend::none;
        d.layout = _context.pipelineLayout.get();
        d.colorFormats = {sky ? kHdrFormat : kFinalFormat};
        d.constants = {static_cast<std::uint32_t>(look), static_cast<std::uint32_t>(_context.samples), _context.tier.detail, plain ? 1u : 0u};
        if (sky) {
            d.depthFormat = kDepthFormat;
            d.depthTest = true;
            d.depthCompare = VK_COMPARE_OP_GREATER_OR_EQUAL; // only where nothing was drawn
            d.samples = _context.samples;
        }
        MATOU_TRY(made, gpu::makePipeline(_context.device, d));
        found = _pipelines.emplace(std::pair(look, plain), std::move(made)).first;
    }
    vkCmdBindPipeline(commands, VK_PIPELINE_BIND_POINT_GRAPHICS, found->second.get());
    vkCmdDraw(commands, 3, 1, 0, 0);
    return {};
}

} // namespace matou::render
