#pragma once
// Contents: the shaded main pass and the depth-only shadow pass share the vertex layout; pipelines are made when first
// used, several at once where a frame needs several, or ahead where somebody knows what will be drawn.

#include <array>
#include <future>
#include <map>
#include <span>
#include <utility>
#include <vector>

#include "render/context.h"
#include "render/draw_list.h"

namespace matou::render {

class ScenePass {
public:
    explicit ScenePass(const Context& context) : _context(context) {}
    ~ScenePass();
    /// Begins to make them on other threads; who records one of them before it is there waits for it.
    void prepare(std::span<const ScenePipelineKey> keys);
    /// Records the runs; viewport, sets 0 and 1 and push constants are bound. Errors: E_SHADER.
    core::Result<void> record(VkCommandBuffer commands, std::span<const DrawRun> runs);

private:
    core::Result<VkPipeline> pipeline(const ScenePipelineKey& key);
    gpu::PipelineDescription describe(const ScenePipelineKey& key) const;
    void prepareOneFade(std::span<const DrawRun> runs);
    const Context& _context;
    std::map<ScenePipelineKey, gpu::Owned<VkPipeline>> _pipelines;
    std::map<ScenePipelineKey, std::future<core::Result<VkPipeline>>> _making;
};

class ShadowPass {
public:
    explicit ShadowPass(const Context& context) : _context(context) {}
    /// Sets 0 and 1 are bound: masks are cut by their textures.
    core::Result<void> record(VkCommandBuffer commands, std::span<const DrawRun> runs);

private:
    core::Result<VkPipeline> pipeline(bool masked);
    const Context& _context;
    std::array<gpu::Owned<VkPipeline>, 2> _pipelines; // solid, masked
};

/// One draw per picture: sky behind the scene, and the tone mapping from HDR to the final target.
class ScreenPass {
public:
    enum class Kind : std::uint8_t { sky, tonemap, layer }; // layer: of chosen things alone, over what is there
    ScreenPass(const Context& context, Kind kind) : _context(context), _kind(kind) {}
    /// `plain`: of a sky that is none, a backdrop.
    core::Result<void> record(VkCommandBuffer commands, scene::Look look, bool plain = false);

private:
    const Context& _context;
    Kind _kind;
    std::map<std::pair<scene::Look, bool>, gpu::Owned<VkPipeline>> _pipelines;
};

/// Of the scene pass's pipelines.
VkCullModeFlags cullOf(const ScenePipelineKey& key);

/// Vertex layout of contents, for pipelines.
enum class VertexParts : std::uint8_t { positions, textured, all };
void describeVertices(gpu::PipelineDescription& description, VertexParts parts);

} // namespace matou::render
