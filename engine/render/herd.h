#pragma once
// Herds: draws of one pipeline, so many that the GPU makes their commands. Compute shaders write, for each object that lies
// resident with its content, the GpuDraw of the frame and, pass by pass, the indirect command: none of its instances where
// its box lies outside of what the pass shows. Each object has its own place in both tables, so the order of drawing is that
// of the content and the same every time.

#include <array>
#include <cstdint>
#include <memory>
#include <span>

#include <glm/glm.hpp>

#include "gpu/device.h"
#include "render/cascades.h"
#include "render/frame_arena.h"
#include "render/view_math.h"
#include "shared/host.h"

namespace matou::render {

struct DrawItem;

/// Convex, in the eye's frame: inside where dot(xyz, p) + w >= 0 for all planes. None: everything is inside.
struct CullVolume {
    std::array<glm::vec4, MATOU_CULL_PLANES> planes{};
    std::uint32_t count = 0;
    /// Of a picture: objects that are smaller or lie behind its tiles are left out too (HiddenPass).
    glm::mat4 clipFromEye{1.0f};
    glm::vec2 pixels{0.0f};
    float leastPixels = 0.0f;
    std::uint64_t tiles = 0; // address; 0: not asked
};
CullVolume volumeOf(const ViewFrustum& frustum);
/// What can throw a shadow into the map, however far towards the sun.
CullVolume volumeOf(const Cascade& cascade);

/// A herd among the draws of a pass, and where its commands go.
struct HerdWork {
    const DrawItem* item = nullptr;
    std::uint64_t commands = 0; // address
};

class HerdPass {
public:
    /// `cull` false: every object is drawn, for comparing. Errors: E_GPU_MEMORY.
    static core::Result<std::unique_ptr<HerdPass>> create(gpu::Device& device, bool cull);

    /// The GpuDraws of herds in the view's table at `draws`, whose patterns the host has written. Outside of rendering, once
    /// before any pass; what follows waits for it. Errors: E_GPU_MEMORY, E_SHADER.
    core::Result<void> expand(VkCommandBuffer commands, std::span<const HerdWork> herds, std::uint64_t draws, FrameArena& memory);
    /// Their commands for one pass. Outside of rendering; what follows waits for it. Errors: E_GPU_MEMORY, E_SHADER.
    core::Result<void> cull(VkCommandBuffer commands, std::span<const HerdWork> herds, std::uint64_t draws, const CullVolume& volume,
                            FrameArena& memory);

private:
    explicit HerdPass(gpu::Device& device) : _device(device) {}
    core::Result<void> dispatch(VkCommandBuffer commands, gpu::Owned<VkPipeline>& pipeline, const char* shaderName, std::span<const HerdWork> herds,
                                std::uint64_t draws, const CullVolume& volume, FrameArena& memory);
    gpu::Device& _device;
    bool _cull = true;
    gpu::Owned<VkPipelineLayout> _layout;
    gpu::Owned<VkPipeline> _expandPipeline, _cullPipeline;
};

} // namespace matou::render
