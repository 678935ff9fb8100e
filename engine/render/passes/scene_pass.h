#pragma once
// Contents: the shaded main pass and the depth-only shadow pass share the vertex layout; pipelines are made when first
// used.

#include <array>
#include <map>
#include <span>
#include <vector>

#include "render/context.h"
#include "render/draw_list.h"

namespace matou::render {

class ScenePass {
public:
    explicit ScenePass(const Context& context) : _context(context) {}
    /// Records the runs; viewport, sets 0 and 1 and push constants are bound. Errors: E_SHADER.
    core::Result<void> record(VkCommandBuffer commands, std::span<const DrawRun> runs);

private:
    core::Result<VkPipeline> pipeline(const ScenePipelineKey& key);
    const Context& _context;
    std::map<ScenePipelineKey, gpu::Owned<VkPipeline>> _pipelines;
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
    core::Result<void> record(VkCommandBuffer commands, scene::Look look);

private:
    const Context& _context;
    Kind _kind;
    std::map<scene::Look, gpu::Owned<VkPipeline>> _pipelines;
};

/// Vertex layout of contents, for pipelines.
enum class VertexParts : std::uint8_t { positions, textured, all };
void describeVertices(gpu::PipelineDescription& description, VertexParts parts);

} // namespace matou::render
