#include "render/sun_tracer.h"

#include <cmath>
#include <cstring>

#include "gpu/pipeline.h"
#include "render/context.h"
#include "render/frame_arena.h"
#include "render/trace_tree.h"
#include "render/view_math.h"

namespace matou::render {
namespace {

constexpr double kSunTangent = 0.00465; // of the disc's radius
/// Of pixels, to a side, as in trace/sun.comp.
constexpr std::uint32_t kGroup = 8;
/// Rows of one submission: a driver that watches for hangs sees many short ones.
constexpr std::uint32_t kRowsAtOnce = 64;

struct TracePush {
    std::uint64_t trace = 0;
    std::uint32_t firstRow = 0, unused = 0;
};

glm::vec4 row(const glm::mat4& m, int i) {
    return {m[0][i], m[1][i], m[2][i], m[3][i]};
}

/// Directions through the middles of the pixels, in the shading frame.
void writeRays(shared::GpuTrace& out, const scene::View& view, const glm::dmat3& axes) {
    const ViewPlane plane = planeOf(view);
    const glm::dmat3 eye = eyeAxes(axes, view);
    const double right = (plane.right - plane.left) / view.target.z, down = (plane.bottom - plane.top) / view.target.w;
    out.firstPixel = glm::vec4(glm::vec3(eye * glm::dvec3(plane.left + 0.5 * right, plane.top + 0.5 * down, -1.0)), 0.0f);
    out.right = glm::vec4(glm::vec3(eye * glm::dvec3(right, 0, 0)), 0.0f);
    out.down = glm::vec4(glm::vec3(eye * glm::dvec3(0, down, 0)), 0.0f);
}

void memoryBarrier(VkCommandBuffer commands, VkPipelineStageFlags2 from, VkAccessFlags2 written, VkPipelineStageFlags2 to,
                   VkAccessFlags2 read) {
    VkMemoryBarrier2 barrier{VK_STRUCTURE_TYPE_MEMORY_BARRIER_2, nullptr, from, written, to, read};
    VkDependencyInfo dependency{VK_STRUCTURE_TYPE_DEPENDENCY_INFO};
    dependency.memoryBarrierCount = 1;
    dependency.pMemoryBarriers = &barrier;
    vkCmdPipelineBarrier2(commands, &dependency);
}

} // namespace

SunDisc sunDisc(const glm::dvec3& middle) {
    const glm::dvec3 side = glm::normalize(glm::cross(middle, std::abs(middle.z) < 0.9 ? glm::dvec3(0, 0, 1) : glm::dvec3(1, 0, 0)));
    const glm::dvec3 up = glm::cross(side, middle);
    SunDisc disc{middle, {}};
    for (std::size_t i = 0; i < disc.directions.size(); ++i) {
        const bool rim = i < MATOU_DISC_RIM;
        const double n = static_cast<double>(rim ? i : i - MATOU_DISC_RIM);
        const double angle = rim ? n * 1.5707963267948966 + 0.3 : n * 2.399963229728653;
        const double radius = kSunTangent * (rim ? 0.97 : std::sqrt((n + 0.5) / static_cast<double>(MATOU_DISC_ALL)));
        disc.directions[i] = glm::normalize(middle + radius * (std::cos(angle) * side + std::sin(angle) * up));
    }
    return disc;
}

core::Result<std::unique_ptr<SunTracer>> SunTracer::create(gpu::Device& device, TraceWay way) {
    std::unique_ptr<SunTracer> tracer(new SunTracer(device, way));
    MATOU_CHECK(tracer->makePipeline());
    return tracer;
}

core::Result<void> SunTracer::makePipeline() {
    const VkPushConstantRange range{VK_SHADER_STAGE_COMPUTE_BIT, 0, sizeof(TracePush)};
    VkPipelineLayoutCreateInfo info{VK_STRUCTURE_TYPE_PIPELINE_LAYOUT_CREATE_INFO};
    info.pushConstantRangeCount = 1;
    info.pPushConstantRanges = &range;
    VkPipelineLayout layout = VK_NULL_HANDLE;
    if (vkCreatePipelineLayout(_device.handle(), &info, nullptr, &layout) != VK_SUCCESS)
        return core::fail("E_GPU_MEMORY", "sun trace layout", {"0"});
    _layout = _device.own(layout, VK_OBJECT_TYPE_PIPELINE_LAYOUT, "sun trace layout");
    MATOU_TRY(pipeline, gpu::makeComputePipeline(_device, "sun trace pipeline", shader(_way == TraceWay::rayQuery ? "trace_sun_query.comp" : "trace_sun.comp"), layout));
    _pipeline = std::move(pipeline);
    return {};
}

core::Result<SunTracer::Held*> SunTracer::hold(const TracedContent& content) {
    Held& held = _held[content.id];
    held.used = true;
    if (held.arrays && held.owner == content.owner) return &held;
    const std::size_t triangles = content.triangles();
    std::vector<float> corners(triangles * 9);
    for (std::size_t i = 0; i < triangles; ++i)
        std::memcpy(&corners[i * 9], content.corners.data() + i * content.cornerStride, 36);
    const std::uint64_t cornersOffset = _way == TraceWay::walk ? content.nodes.size() : 0;
    MATOU_TRY(arrays, _device.createBuffer(gpu::BufferPurpose::geometry, cornersOffset + corners.size() * sizeof(float), "traced triangles"));
    if (_way == TraceWay::walk) MATOU_CHECK(_device.upload(arrays, 0, content.nodes));
    MATOU_CHECK(_device.upload(arrays, cornersOffset, std::as_bytes(std::span(corners))));
    shared::GpuTraceNode root;
    std::memcpy(&root, content.nodes.data(), sizeof(root));
    held = {content.owner, std::move(arrays), cornersOffset, static_cast<std::uint32_t>(triangles), nullptr, root.minimum, root.maximum, true};
    return &held;
}

core::Result<std::vector<SunTracer::Row>> SunTracer::rowsOf(const scene::View& view, const glm::dmat3& axes,
                                                            std::span<const TracedContent> contents, FrameArena& memory) {
    std::vector<Row> rows;
    for (const TracedContent& content : contents) {
        if (content.triangles() == 0 || content.nodes.size() < sizeof(shared::GpuTraceNode)) continue;
        MATOU_TRY(held, hold(content));
        Row out{held, {}, eyeFromContent(axes, view.eye.eye, content.ecefFromLocal, glm::dvec3(0.0))};
        const glm::mat4 inverse(glm::dmat4(glm::inverse(glm::transpose(axes) * glm::dmat3(content.ecefFromLocal)))); // before rounding
        for (int i = 0; i < 3; ++i) {
            out.table.eyeFromLocal[i] = row(out.placed, i);
            out.table.localFromEye[i] = row(inverse, i);
        }
        out.table.nodes = held->arrays.address();
        out.table.corners = held->arrays.address() + held->cornersOffset;
        if (!content.hidden.empty()) {
            MATOU_TRY(bits, memory.copy(std::span<const std::uint32_t>(content.hidden)));
            out.table.hidden = bits.address;
        }
        out.table.kinds = MATOU_TRACE_SHOWS | (content.shades ? MATOU_TRACE_SHADES : 0u);
        rows.push_back(out);
    }
    return rows;
}

core::Result<void> SunTracer::placeTree(shared::GpuTrace& trace, const std::vector<Row>& rows, FrameArena& memory) {
    std::vector<TraceBox> boxes;
    for (const Row& row : rows) boxes.push_back(placedBox(row.placed, row.held->minimum, row.held->maximum));
    MATOU_TRY(top, memory.copy(std::span<const shared::GpuTraceNode>(traceTree(boxes))));
    trace.top = top.address;
    return {};
}

core::Result<void> SunTracer::placeScene(shared::GpuTrace& trace, const std::vector<Row>& rows, FrameArena& memory,
                                         std::unique_ptr<gpu::Acceleration>& scene) {
    MATOU_CHECK(_device.flushUploads());
    std::vector<Held*> fresh;
    std::vector<gpu::TriangleInput> inputs;
    for (const Row& row : rows)
        if (!row.held->acceleration) {
            fresh.push_back(row.held);
            inputs.push_back({row.table.corners, row.held->triangles, "traced content"});
        }
    VkCommandBuffer commands = _device.beginCommands("sun trace scene");
    const auto record = [&]() -> core::Result<void> {
        MATOU_TRY(built, gpu::buildTriangles(_device, commands, inputs));
        for (std::size_t i = 0; i < fresh.size(); ++i) fresh[i]->acceleration = std::move(built[i]);
        std::vector<VkAccelerationStructureInstanceKHR> instances;
        for (const Row& row : rows) {
            VkAccelerationStructureInstanceKHR out{};
            std::memcpy(&out.transform, row.table.eyeFromLocal, sizeof(out.transform));
            out.instanceCustomIndex = static_cast<std::uint32_t>(instances.size()) & 0xffffffu;
            out.mask = row.table.kinds & 0xffu;
            out.flags = row.table.hidden == 0 ? VK_GEOMETRY_INSTANCE_FORCE_OPAQUE_BIT_KHR : VK_GEOMETRY_INSTANCE_FORCE_NO_OPAQUE_BIT_KHR;
            out.accelerationStructureReference = row.held->acceleration->address;
            instances.push_back(out);
        }
        MATOU_TRY(part, memory.copy(std::span<const VkAccelerationStructureInstanceKHR>(instances)));
        MATOU_TRY(top, gpu::buildScene(_device, commands, part.address, static_cast<std::uint32_t>(instances.size()), "sun trace scene"));
        scene = std::move(top);
        return {};
    };
    auto recorded = record();
    MATOU_TRY(value, _device.submit(commands)); // also what is left of a failure: a command buffer ends by being submitted
    static_cast<void>(value);
    if (!recorded) return recorded;
    trace.scene = scene->address;
    return {};
}

core::Result<void> SunTracer::dispatch(std::uint64_t trace, std::uint32_t width, std::uint32_t height) {
    MATOU_CHECK(_device.flushUploads());
    std::uint64_t last = 0;
    for (std::uint32_t firstRow = 0; firstRow < height; firstRow += kRowsAtOnce) {
        VkCommandBuffer commands = _device.beginCommands("sun trace");
        const TracePush push{trace, firstRow, 0};
        vkCmdBindPipeline(commands, VK_PIPELINE_BIND_POINT_COMPUTE, _pipeline.get());
        vkCmdPushConstants(commands, _layout.get(), VK_SHADER_STAGE_COMPUTE_BIT, 0, sizeof(push), &push);
        const std::uint32_t rows = std::min(kRowsAtOnce, height - firstRow);
        vkCmdDispatch(commands, (width + kGroup - 1) / kGroup, (rows + kGroup - 1) / kGroup, 1);
        memoryBarrier(commands, VK_PIPELINE_STAGE_2_COMPUTE_SHADER_BIT, VK_ACCESS_2_SHADER_WRITE_BIT, VK_PIPELINE_STAGE_2_HOST_BIT,
                      VK_ACCESS_2_HOST_READ_BIT);
        MATOU_TRY(value, _device.submit(commands));
        last = value;
    }
    return _device.wait(last);
}

core::Result<std::shared_ptr<const std::vector<std::uint8_t>>> SunTracer::trace(const scene::View& view, const geo::Ecef& anchor,
                                                                                const SunDisc& disc,
                                                                                std::span<const TracedContent> contents) {
    const auto width = static_cast<std::uint32_t>(std::max(0, view.target.z)), height = static_cast<std::uint32_t>(std::max(0, view.target.w));
    auto mask = std::make_shared<std::vector<std::uint8_t>>(static_cast<std::size_t>(width) * height, std::uint8_t{255});
    if (mask->empty()) return mask;
    shared::GpuTrace trace{};
    const glm::dmat3 turn = glm::transpose(shadingAxes(anchor));
    trace.light = glm::vec4(glm::vec3(turn * disc.middle), 0.0f);
    for (std::size_t i = 0; i < disc.directions.size(); ++i)
        trace.disc[i] = glm::vec4(glm::vec3(turn * disc.directions[i]), 0.0f);
    trace.width = width;
    trace.height = height;
    trace.wordsPerRow = (width + 3) / 4;
    trace.seenMeters = static_cast<float>(kSeenMeters);
    trace.shadeMeters = static_cast<float>(kShadeMeters);
    trace.liftMeters = static_cast<float>(kLiftMeters);
    const std::size_t rowBytes = std::size_t{trace.wordsPerRow} * 4;
    MATOU_TRY(seen, _device.createBuffer(gpu::BufferPurpose::readback, rowBytes * height, "sun mask readback"));
    trace.mask = seen.address();
    FrameArena memory(_device, "sun trace tables");
    const glm::dmat3 axes = shadingAxes(anchor);
    writeRays(trace, view, axes);
    MATOU_TRY(rows, rowsOf(view, axes, contents, memory));
    if (rows.empty()) return mask; // nothing is there: sky
    std::vector<shared::GpuTraceContent> table;
    for (const Row& row : rows) table.push_back(row.table);
    MATOU_TRY(contentsPart, memory.copy(std::span<const shared::GpuTraceContent>(table)));
    trace.contents = contentsPart.address;
    std::unique_ptr<gpu::Acceleration> scene;
    if (_way == TraceWay::rayQuery)
        MATOU_CHECK(placeScene(trace, rows, memory, scene));
    else
        MATOU_CHECK(placeTree(trace, rows, memory));
    MATOU_TRY(tracePart, memory.copyBytes(std::as_bytes(std::span(&trace, 1))));
    MATOU_CHECK(dispatch(tracePart.address, width, height));
    for (std::uint32_t y = 0; y < height; ++y)
        std::memcpy(mask->data() + std::size_t{y} * width, seen.mapped() + y * rowBytes, width);
    return mask;
}

void SunTracer::retireUnused() {
    std::erase_if(_held, [](const auto& entry) { return !entry.second.used; });
    for (auto& [id, held] : _held) held.used = false;
}

std::uint64_t SunTracer::byteSize() const {
    std::uint64_t bytes = 0;
    for (const auto& [id, held] : _held) bytes += held.arrays.size() + (held.acceleration ? held.acceleration->memory.size() : 0);
    return bytes;
}

} // namespace matou::render
