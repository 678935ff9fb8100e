#pragma once
// What one view draws: per-draw data for the GPU and sorted items for each pass.

#include <algorithm>
#include <cstdint>
#include <span>
#include <vector>

#include "render/cascades.h"
#include "render/frame_arena.h"
#include "render/herd.h"
#include "render/view_math.h"
#include "resident/content_table.h"
#include "scene/frame_snapshot.h"
#include "shared/host.h"

namespace matou::render {

/// Surfaces that the scene shader knows (constant kSurface of scene.frag).
enum class Surface : std::uint8_t { plain, building, water, road, green, ground, foliage, paint };

/// Of what is blended and seen from both sides, the far faces are drawn before the near ones.
enum class Faces : std::uint8_t { asMaterial, back, front };

Surface surfaceOf(scene::LayerRole role);

/// Everything that a pipeline of the scene pass depends on.
struct ScenePipelineKey {
    resident::MaterialClass materialClass = resident::MaterialClass::opaque;
    Surface surface = Surface::plain;
    scene::Look look = scene::Look::natural;
    std::uint32_t uses = 0; // MATOU_USES_*
    bool doubleSided = false, mirrored = false, unlit = false, styled = false;
    bool fades = false; // drawn on some of the samples: DrawContent::keepFrom
    Faces faces = Faces::asMaterial;
    auto operator<=>(const ScenePipelineKey&) const = default;
};

struct DrawItem {
    const resident::ContentDraw* draw = nullptr;
    std::uint32_t arena = 0;
    std::uint32_t index = 0;   // of its GpuDraw; firstInstance of its command. Of a herd: of the first of its `draw->objects`
    std::uint32_t pattern = 0; // of a herd: of the GpuDraw that the host writes for all of it
    std::uint32_t content = 0; // index into view.contents; casters count on behind them
    float distance = 0.0f;
    bool leaving = false;
    std::uint64_t motion = 0; // differs from frame to frame where it moves; for shadow maps that are kept
    ScenePipelineKey key;
    std::uint32_t draws() const { return std::max(draw->objects, 1u); }
    bool holds(std::uint32_t gpuDraw) const { return gpuDraw >= index && gpuDraw - index < draws(); }
};

/// A draw that moves or brings its lights: its tables are made anew for every frame (motion.h).
struct LivingDraw {
    std::uint32_t gpuDraw = 0, content = 0;
    const resident::ResidentContent* of = nullptr;
    const resident::ContentDraw* draw = nullptr;
};

struct DrawList {
    std::vector<shared::GpuDraw> gpuDraws; // behind them in the table on the GPU: those of herds
    std::vector<DrawItem> herds;           // every one that is in some list below
    std::uint32_t herdDraws = 0;           // of all of them
    std::vector<DrawItem> opaque; // in drawing order: by class, then near to far, then as the snapshot lists them
    std::vector<DrawItem> transmissive; // see the opaque scene through themselves; far to near
    std::vector<DrawItem> blend;        // far to near
    std::vector<LivingDraw> living;
    std::vector<DrawItem> casters;
    std::vector<DrawItem> around; // solid, inside the wider frustum: what may shade a place of the picture
    /// eyeFromContent of `content` as counted in DrawItem.
    std::vector<glm::mat4> matrices;
    /// From the eye to the nearest box that is seen; huge where there is none.
    float nearestMeters = 1e9f;
    float nearestAroundMeters = 1e9f; // the same of `around`
    std::uint64_t trianglesDrawn = 0, trianglesSubmitted = 0;
    std::uint32_t features = 0;
};

struct ListOptions {
    bool styled = false;
    bool shadows = false;       // collect casters
    bool transmission = false;  // else what transmits is blended
    double seconds = 0;         // of what moves
    const ViewFrustum* wider = nullptr; // collect what is around: what may shade a place of the picture
};
/// Contents that are not resident are left out. Cost: linear in contents and their draws, where a herd is one draw; what is
/// culled, sorted and counted is the herd, and its objects are culled on the GPU.
DrawList listDraws(const scene::View& view, const glm::dmat3& axes, const ViewFrustum& frustum,
                   const resident::ContentTable& contents, const ListOptions& options);

/// Runs of items with one pipeline and one arena, their commands written one after another.
struct DrawRun {
    ScenePipelineKey key;
    std::uint32_t arena = 0;
    VkBuffer commands = VK_NULL_HANDLE;
    VkDeviceSize offset = 0;
    std::uint32_t count = 0;
};
enum class RunSplit : std::uint8_t { byKey, byMask }; // byMask: only the mask class is told from the others
/// Where herds get their commands: what the pass shows, and the view's table of draws.
struct HerdTarget {
    HerdPass& pass;
    VkCommandBuffer commands;
    CullVolume volume;
    std::uint64_t draws = 0;
};
/// Outside of rendering, since herds are culled here. Errors: E_GPU_MEMORY, E_SHADER.
core::Result<std::vector<DrawRun>> writeCommands(std::span<const DrawItem> items, FrameArena& memory, RunSplit split,
                                                 const HerdTarget& herds);

/// The view's table of draws; those of herds are made before any pass. Its address. Errors: as writeCommands.
core::Result<std::uint64_t> writeDraws(const DrawList& list, VkCommandBuffer commands, HerdPass& herds, FrameArena& memory);

/// Binds the arena's vertices and indices and draws the run.
void drawRun(VkCommandBuffer commands, const DrawRun& run, const resident::ContentTable& contents,
             std::uint32_t& boundArena);

/// What a DrawItem's content stands for.
inline const scene::DrawContent& placedOf(const scene::View& view, std::uint32_t content) {
    return content < view.contents.size() ? view.contents[content] : view.casters[content - view.contents.size()];
}

} // namespace matou::render
