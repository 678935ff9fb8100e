#include "engine/sun_reference.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <thread>

#include "view/picking.h"

namespace matou {
namespace {

// The GPU reads spatial's arrays as they lie.
static_assert(sizeof(spatial::BvhNode) == sizeof(shared::GpuTraceNode));
static_assert(offsetof(spatial::BvhNode, first) == offsetof(shared::GpuTraceNode, first));
static_assert(offsetof(spatial::BvhNode, maximum) == offsetof(shared::GpuTraceNode, maximum));
static_assert(offsetof(spatial::BvhNode, count) == offsetof(shared::GpuTraceNode, count));
static_assert(offsetof(spatial::Triangle, a) == 0 && offsetof(spatial::Triangle, b) == 12 && offsetof(spatial::Triangle, c) == 24);

/// A software driver walks a tree of its own no faster than ours: 950 against 610 ms for the scene `core`, and twice the memory.
bool castsByQuery(const gpu::Device& device) { return device.optional().rayQuery && !device.description().software; }

/// A bit a triangle; empty where none is hidden.
std::vector<std::uint32_t> hiddenTriangles(const spatial::Bvh& bvh, const spatial::ContentOptions& options, const spatial::Filter& filter) {
    std::vector<std::uint32_t> bits;
    if (!filter.hidden || !options.featureNumbers) return bits;
    const auto& numbers = *options.featureNumbers;
    std::vector<bool> rows(numbers.size());
    bool some = false;
    for (std::size_t row = 0; row < rows.size(); ++row) some = (rows[row] = numbers[row] != 0 && filter.hidden(numbers[row])) || some;
    if (!some) return bits;
    bits.resize((bvh.triangles().size() + 31) / 32);
    for (std::size_t i = 0; i < bvh.triangles().size(); ++i)
        if (const auto row = bvh.triangles()[i].feature; row < rows.size() && rows[row]) bits[i / 32] |= 1u << (i % 32);
    return bits;
}

} // namespace

SunMask traceSun(const scene::View& view, const geo::Ecef& anchor, const glm::dvec3& towardsLight, const spatial::SpatialIndex& geometry,
                 const spatial::Filter& filter, spatial::LayerMask shades) {
    const int width = std::max(0, view.target.z), height = std::max(0, view.target.w);
    auto mask = std::make_shared<std::vector<std::uint8_t>>(static_cast<std::size_t>(width) * static_cast<std::size_t>(height), std::uint8_t{255});
    const glm::dvec3 light = glm::dmat3(geo::ecefFromEnu(anchor)) * towardsLight;
    const auto disc = render::sunDisc(light);
    spatial::Filter shading = filter;
    shading.layers &= shades;
    const auto pixel = [&](int x, int y) -> std::uint8_t {
        const auto ray = view::pickRay(view, view.target.x + x + 0.5, view.target.y + y + 0.5);
        const auto seen = geometry.castRay(ray, render::kSeenMeters, filter);
        if (!seen) return 255;
        const glm::dvec3 normal = glm::dot(seen->normalEcef, ray.direction) > 0 ? -seen->normalEcef : seen->normalEcef;
        if (glm::dot(normal, light) <= 0) return 0;
        const glm::dvec3 from = seen->positionEcef + normal * render::kLiftMeters;
        const auto open = [&](std::size_t begin, std::size_t end) {
            std::size_t count = 0;
            for (std::size_t i = begin; i < end; ++i) count += !geometry.castRay({from, disc.directions[i]}, render::kShadeMeters, shading);
            return count;
        };
        const std::size_t first = open(0, MATOU_DISC_RIM);
        if (first == 0 || first == MATOU_DISC_RIM) return first ? 255 : 0;
        return static_cast<std::uint8_t>(std::lround(255.0 * static_cast<double>(open(MATOU_DISC_RIM, disc.directions.size())) / static_cast<double>(MATOU_DISC_ALL)));
    };
    std::atomic<int> next{0};
    std::vector<std::jthread> lanes;
    for (unsigned i = 0; i < std::max(1u, std::thread::hardware_concurrency()); ++i)
        lanes.emplace_back([&] {
            for (int y = next++; y < height; y = next++)
                for (int x = 0; x < width; ++x) (*mask)[static_cast<std::size_t>(y) * static_cast<std::size_t>(width) + static_cast<std::size_t>(x)] = pixel(x, y);
        });
    lanes.clear(); // joins
    return mask;
}

std::vector<render::TracedContent> tracedContents(const spatial::SpatialIndex& geometry, const spatial::Filter& filter, spatial::LayerMask shades) {
    std::vector<render::TracedContent> all;
    for (auto& placed : geometry.placed(filter)) {
        render::TracedContent content;
        content.id = placed.id;
        content.nodes = std::as_bytes(placed.bvh->nodes());
        content.corners = std::as_bytes(placed.bvh->triangles());
        content.cornerStride = sizeof(spatial::Triangle);
        content.ecefFromLocal = placed.ecefFromLocal;
        content.shades = (placed.options.layer & shades) != 0;
        content.hidden = hiddenTriangles(*placed.bvh, placed.options, filter);
        content.owner = std::move(placed.bvh);
        all.push_back(std::move(content));
    }
    return all;
}

bool SunReference::Asked::same(const Asked& other) const {
    return version == other.version && eye.eye.meters == other.eye.eye.meters && eye.axes == other.eye.axes && fovYRadians == other.fovYRadians &&
           planeAspect == other.planeAspect && window == other.window && target == other.target && light == other.light &&
           styles == other.styles && (contents == other.contents || (contents && other.contents && *contents == *other.contents));
}

SunReference::SunReference(gpu::Device& device) : _device(device), _ways{render::TraceWay::walk} {
    if (castsByQuery(device)) _ways.insert(_ways.begin(), render::TraceWay::rayQuery);
}

unsigned SunReference::copiesOnDevice(const gpu::Device& device) { return castsByQuery(device) ? 2 : 1; }

core::Result<SunMask> SunReference::onGpu(const scene::View& view, const geo::Ecef& anchor, const glm::dvec3& towardsLight,
                                          const spatial::SpatialIndex& geometry, const spatial::Filter& filter, spatial::LayerMask shades) {
    if (!_tracer) {
        MATOU_TRY(tracer, render::SunTracer::create(_device, _ways.front()));
        _tracer = std::move(tracer);
    }
    const auto disc = render::sunDisc(glm::dmat3(geo::ecefFromEnu(anchor)) * towardsLight);
    return _tracer->trace(view, anchor, disc, tracedContents(geometry, filter, shades));
}

core::Result<SunMask> SunReference::trace(const scene::View& view, const geo::Ecef& anchor, const glm::dvec3& towardsLight,
                                          const spatial::SpatialIndex& geometry, const spatial::Filter& filter, spatial::LayerMask shades) {
    const Asked asked{geometry.version(), view.eye, view.fovYRadians, view.planeAspect, view.window, view.target, towardsLight, view.styles, filter.contents};
    auto& kept = _kept[view.id];
    if (kept.mask && kept.asked.same(asked)) return kept.mask;
    const auto start = std::chrono::steady_clock::now();
    SunMask mask;
    while (!mask && !_ways.empty()) {
        auto traced = onGpu(view, anchor, towardsLight, geometry, filter, shades);
        if (traced) {
            mask = std::move(*traced);
            _figures.by = _ways.front() == render::TraceWay::rayQuery ? "ray query" : "compute";
            break;
        }
        if (traced.error().code == "E_DEVICE_LOST") return tl::unexpected(traced.error());
        _ways.erase(_ways.begin()); // the next takes less memory
        _tracer.reset();
        if (_ways.empty()) _remark = core::Error{"E_SHADOWS_ON_CPU", {}, "--shadows", std::make_shared<const core::Error>(traced.error())};
    }
    if (!mask) {
        mask = traceSun(view, anchor, towardsLight, geometry, filter, shades);
        _figures.by = "cpu";
    }
    _figures.milliseconds = std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count();
    kept = {asked, mask};
    return mask;
}

void SunReference::endFrame() {
    if (_tracer) _tracer->retireUnused();
    _figures.bytes = _tracer ? _tracer->byteSize() : 0;
}

} // namespace matou
