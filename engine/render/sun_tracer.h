#pragma once
// How much of the sun each pixel sees, traced on the GPU: for stills, films and studies, not for frames that somebody waits for.

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <vector>

#include <glm/glm.hpp>

#include "core/result.h"
#include "gpu/acceleration.h"
#include "gpu/device.h"
#include "render/frame_arena.h"
#include "scene/frame_snapshot.h"
#include "shared/host.h"

namespace matou::render {

/// How far is looked for what a pixel shows, and for what shades it; how far off the surface the second begins: positions in
/// contents are floats about a centre some kilometres away at most.
inline constexpr double kSeenMeters = 40'000, kShadeMeters = 20'000, kLiftMeters = 0.01;

/// Unit directions to the sun (0.533 degrees across): its middle; a few at the rim, where what they see differs first; an even
/// spiral (Vogel) over all of it. The same places of the disc for every pixel, so the same picture every time.
struct SunDisc {
    glm::dvec3 middle{0.0};
    std::array<glm::dvec3, MATOU_DISC_RIM + MATOU_DISC_ALL> directions{};
};
SunDisc sunDisc(const glm::dvec3& middle);

/// The triangles of one content as they are placed, in a tree; the arrays are borrowed for the call and copied once.
struct TracedContent {
    std::uint64_t id = 0;
    /// Tells the arrays of one id from later ones: another owner is uploaded anew.
    std::shared_ptr<const void> owner;
    std::span<const std::byte> nodes;   // shared::GpuTraceNode each, at most 48 deep; the first is the root
    std::span<const std::byte> corners; // of triangle i: nine floats from i * cornerStride on
    std::size_t cornerStride = 36;
    glm::dmat4 ecefFromLocal{1.0};
    /// False: it is seen and throws no shadow.
    bool shades = true;
    /// A bit a triangle, those that neither show nor shade; empty: all do.
    std::vector<std::uint32_t> hidden;
    std::size_t triangles() const { return corners.size() / cornerStride; }
};

/// By the device's own rays, which need OptionalFeatures::rayQuery, or by a walk of the contents' trees in a compute shader, which
/// needs less memory. The answers differ in roundings.
enum class TraceWay : std::uint8_t { rayQuery, walk };

/// What is uploaded stays until a call of retireUnused() finds it unused since the last. Thread: main lane.
class SunTracer {
public:
    /// Errors: E_SHADER.
    static core::Result<std::unique_ptr<SunTracer>> create(gpu::Device& device, TraceWay way);

    /// One byte per pixel of `view.target`, rows from the top: how much of the disc the place sees that the pixel's middle
    /// shows, 0 to 255; 255 where there is only sky. A surface that looks away from the middle of the disc sees none.
    /// The place is found by a ray and not from the depth of what is drawn: ground layers are drawn nearer than they lie, and
    /// no pass draws depth without plants. `disc` in ECEF. Waits for the GPU. Errors: E_GPU_MEMORY, E_DEVICE_LOST.
    core::Result<std::shared_ptr<const std::vector<std::uint8_t>>> trace(const scene::View& view, const geo::Ecef& anchor, const SunDisc& disc,
                                                                         std::span<const TracedContent> contents);
    void retireUnused();
    void retireAll() { _held.clear(); }
    /// Of the triangles and trees that are held.
    std::uint64_t byteSize() const;

private:
    /// One content on the GPU. Arrays: nodes for the walk alone, then corners.
    struct Held {
        std::shared_ptr<const void> owner;
        gpu::Buffer arrays;
        std::uint64_t cornersOffset = 0;
        std::uint32_t triangles = 0;
        std::unique_ptr<gpu::Acceleration> acceleration;
        glm::vec3 minimum{0.0f}, maximum{0.0f}; // of the root
        bool used = false;
    };
    /// A content in the tables of one call.
    struct Row {
        Held* held = nullptr;
        shared::GpuTraceContent table{};
        glm::mat4 placed{1.0f};
    };
    SunTracer(gpu::Device& device, TraceWay way) : _device(device), _way(way) {}
    core::Result<void> makePipeline();
    core::Result<Held*> hold(const TracedContent& content);
    core::Result<std::vector<Row>> rowsOf(const scene::View& view, const glm::dmat3& axes, std::span<const TracedContent> contents,
                                          FrameArena& memory);
    /// What rays meet first: the tree over the contents, or the scene of their acceleration structures, which `scene` then holds.
    core::Result<void> placeTree(shared::GpuTrace& trace, const std::vector<Row>& rows, FrameArena& memory);
    core::Result<void> placeScene(shared::GpuTrace& trace, const std::vector<Row>& rows, FrameArena& memory, std::unique_ptr<gpu::Acceleration>& scene);
    core::Result<void> dispatch(std::uint64_t trace, std::uint32_t width, std::uint32_t height);

    gpu::Device& _device;
    TraceWay _way;
    gpu::Owned<VkPipelineLayout> _layout;
    gpu::Owned<VkPipeline> _pipeline;
    std::map<std::uint64_t, Held> _held;
};

} // namespace matou::render
