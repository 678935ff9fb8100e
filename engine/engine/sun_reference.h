#pragma once
// Exact sun visibility for stills and studies: rays against the triangles that are drawn. The judge of the shadow maps.

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "render/sun_tracer.h"
#include "scene/frame_snapshot.h"
#include "spatial/spatial_index.h"

namespace matou {

using SunMask = std::shared_ptr<const std::vector<std::uint8_t>>;

/// One byte per pixel of `view.target`, rows from the top: how much of the sun's disc (0.533 degrees across) the place sees that
/// the pixel's centre shows, 0 to 255; 255 where there is only sky. A surface that looks away from the middle of the disc sees
/// none. `towardsLight`: unit, in the anchor's east-north-up axes. What `filter` leaves out neither shows nor shades;
/// of what is left, `shades` are the layers that throw shadows.
/// Four rays to the disc, and 32 where they differ; the same places of the disc for every pixel, so the same picture every time.
/// On the CPU, in double: the judge of the GPU's and what is left where that has no memory. Cost: some 10 µs a pixel and core;
/// uses all cores and waits for them.
SunMask traceSun(const scene::View& view, const geo::Ecef& anchor, const glm::dvec3& towardsLight, const spatial::SpatialIndex& geometry,
                 const spatial::Filter& filter, spatial::LayerMask shades);

/// What the same call would cast its rays at, for render::SunTracer.
std::vector<render::TracedContent> tracedContents(const spatial::SpatialIndex& geometry, const spatial::Filter& filter, spatial::LayerMask shades);

/// Masks of a run's views. Main lane.
class SunReference {
public:
    explicit SunReference(gpu::Device& device);
    /// What it holds of each content, in sizes of its spatial::Bvh, for the budget.
    static unsigned copiesOnDevice(const gpu::Device& device);

    /// As traceSun. The mask of before where nothing that it depends on changed since the last call for this `view.id`.
    /// Errors: E_DEVICE_LOST.
    core::Result<SunMask> trace(const scene::View& view, const geo::Ecef& anchor, const glm::dvec3& towardsLight,
                                const spatial::SpatialIndex& geometry, const spatial::Filter& filter, spatial::LayerMask shades);
    /// After the last view of a frame: what none of them needed leaves the GPU.
    void endFrame();

    struct Figures {
        std::string by; // "cpu", "compute", "ray query"; empty: nothing was traced
        double milliseconds = 0; // of the newest mask
        std::uint64_t bytes = 0; // held on the GPU
    };
    const Figures& figures() const { return _figures; }
    /// Why the CPU traces; once.
    std::optional<core::Error> takeRemark() { return std::exchange(_remark, std::nullopt); }

private:
    /// What a mask depends on; `styles` and `contents` are held so that their addresses stay theirs.
    struct Asked {
        std::uint64_t version = 0;
        geo::EyeFrame eye;
        double fovYRadians = 0, planeAspect = 0;
        glm::dvec4 window{0.0};
        glm::ivec4 target{0};
        glm::dvec3 light{0.0};
        std::shared_ptr<const scene::StyleTable> styles;
        std::shared_ptr<const std::vector<std::uint64_t>> contents;
        bool same(const Asked& other) const;
    };
    struct Kept {
        Asked asked;
        SunMask mask;
    };
    core::Result<SunMask> onGpu(const scene::View& view, const geo::Ecef& anchor, const glm::dvec3& towardsLight,
                                const spatial::SpatialIndex& geometry, const spatial::Filter& filter, spatial::LayerMask shades);

    gpu::Device& _device;
    std::unique_ptr<render::SunTracer> _tracer;
    std::map<std::uint32_t, Kept> _kept; // by View::id
    std::vector<render::TraceWay> _ways; // left to try on the GPU, the best first; empty: the CPU traces
    std::optional<core::Error> _remark;
    Figures _figures;
};

} // namespace matou
