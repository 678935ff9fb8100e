#pragma once
// Decoded contents -> GPU resources, under generational handles. The engine enqueues what was decoded, lets upload()
// work within a byte budget each frame, draws what isResident(), and retires what selection dropped. Thread: main lane.

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include <glm/glm.hpp>

#include "core/result.h"
#include "gpu/device.h"
#include "model/content.h"
#include "resident/geometry_arena.h"
#include "resident/texture_table.h"
#include "scene/frame_snapshot.h"

namespace matou::resident {

/// How a primitive is drawn; one pipeline each.
enum class MaterialClass : std::uint8_t { opaque, mask, blend, lines, points };

/// From how many draws of one pipeline in one content on they become a herd: one ContentDraw that stands for all of them.
inline constexpr std::uint32_t kHerdFrom = 64;

/// One indexed draw of a content: a primitive with all its instances; or a herd of them. Addresses are of the GPU.
struct ContentDraw {
    MaterialClass materialClass = MaterialClass::opaque;
    bool doubleSided = false, unlit = false;
    bool mirrored = false;  // its instances turn the winding
    std::uint32_t uses = 0; // MATOU_USES_* and texture slots (shaders/shared): what its pipeline is made for
    std::uint32_t indexCount = 0, firstIndex = 0;
    std::int32_t vertexOffset = 0;
    std::uint32_t instanceCount = 1;
    std::uint64_t instancesAddress = 0; // shaders/shared: GpuInstance[instanceCount]
    std::uint64_t materialAddress = 0;  // GpuMaterial
    std::uint64_t featuresAddress = 0;  // GpuFeatureRow[rows]
    std::uint64_t extrasAddress = 0;    // GpuVertexExtra per vertex, 0: none
    std::uint64_t jointsAddress = 0, morphAddress = 0;
    std::uint32_t morphTargets = 0, vertexCount = 0;
    std::vector<std::uint32_t> rigInstances; // of ResidentContent::rig, one per instance; empty: stands still
    std::uint32_t featureRows = 0;
    glm::vec3 minimum{0.0f}, maximum{0.0f}; // of all instances, content frame
    std::uint32_t triangles = 0;
    /// Of a herd: GpuObject[objects]; bounds and triangles are those of all of it, and what is each one's own (indices, instances,
    /// material, extras) is there and not here. 0: a draw by itself.
    std::uint64_t objectsAddress = 0;
    std::uint32_t objects = 0;
};

/// What an instance brings beside its place; for those whose tables are made anew because they move.
struct InstanceLook {
    std::uint32_t feature = model::kNoFeature; // row
    std::uint32_t color = ~0u, topColor = ~0u, uvFollowsScale = 0; // as GpuInstance
};

/// What the renderer needs of a resident content.
struct ResidentContent {
    std::uint32_t arena = 0; // geometry(arena) is bound for its draws
    std::vector<ContentDraw> draws;
    std::shared_ptr<const model::Rig> rig; // null: nothing moves
    std::vector<InstanceLook> instanceLooks; // one per instance of the rig
    std::vector<model::Light> lights;
    glm::dvec3 rtcCenter{0.0};
    glm::vec3 minimum{0.0f}, maximum{0.0f};
    std::size_t byteSize = 0;
    std::uint64_t triangles = 0;
    /// Features drawn (rows that have one).
    std::uint32_t featureCount = 0;
    std::vector<scene::FeatureNumber> features; // their numbers, ascending
};

class ContentTable {
public:
    /// `arenaBytes`: what the driver is asked for at a time; small budgets want small arenas. Errors: E_GPU_MEMORY.
    static core::Result<std::unique_ptr<ContentTable>> create(gpu::Device& device,
                                                              std::uint64_t arenaBytes = GeometryArenas::kArenaBytes);
    ~ContentTable();

    /// Queues a content for upload; `featureOfRow[row]` is the FeatureNumber of row `row` of content->features (0:
    /// none). The handle is valid at once, and resident after later calls of upload(). Keeps `content` alive until
    /// then.
    scene::ContentHandle enqueue(std::shared_ptr<const model::Content> content,
                                 std::vector<scene::FeatureNumber> featureOfRow);
    /// Uploads queued contents, oldest first, until `byteBudget` is used up (at least one piece of work a call, so that
    /// it always gets on). Large contents are spread over calls: geometry first, then texture by texture. Returns the
    /// bytes copied. Errors: E_GPU_MEMORY (that content is dropped and becomes failed(); call again for the rest).
    core::Result<std::size_t> upload(std::size_t byteBudget);
    /// Bytes that wait in the queue.
    std::size_t queuedBytes() const { return _queuedBytes; }
    /// enqueue + upload of all of it: for small things and tests.
    core::Result<scene::ContentHandle> uploadNow(const model::Content& content,
                                                 std::span<const scene::FeatureNumber> featureOfRow);

    bool isResident(scene::ContentHandle handle) const;
    bool failed(scene::ContentHandle handle) const;
    /// What was replaced by a substitute (missing textures: a visible checker).
    core::Diagnostics diagnostics(scene::ContentHandle handle) const;
    /// GPU bytes of one content, 0 for an unknown handle. Known from enqueue() on.
    std::size_t byteSize(scene::ContentHandle handle) const;
    /// What an upload of that content would occupy.
    static std::size_t gpuBytes(const model::Content& content);
    /// GPU bytes of all contents, queued ones included (they are promised).
    std::size_t totalBytes() const { return _totalBytes; }
    std::size_t count() const;

    /// Gives the content back; frames in flight may still draw it. Unknown and stale handles are ignored.
    void retire(scene::ContentHandle handle);

    /// Null unless resident. For the renderer; valid until the next non-const call.
    const ResidentContent* find(scene::ContentHandle handle) const;
    const GeometryArenas& arenas() const { return *_arenas; }
    TextureTable& textures() { return *_textures; }

private:
    enum class State : std::uint8_t { free, queued, uploading, resident, failed };
    struct Slot {
        std::uint32_t generation = 1;
        State state = State::free;
        std::shared_ptr<const model::Content> source;
        std::vector<scene::FeatureNumber> featureOfRow;
        ResidentContent content;
        ArenaPart part;
        std::vector<std::uint32_t> textures; // slots of the bindless table
        std::vector<gpu::Image> images;
        std::size_t nextImage = 0;
        std::size_t byteSize = 0;
        core::Diagnostics diagnostics;
    };
    explicit ContentTable(gpu::Device& device) : _device(device) {}
    const Slot* slot(scene::ContentHandle handle) const;
    core::Result<std::size_t> uploadImage(Slot& slot);
    core::Result<std::size_t> uploadGeometry(Slot& slot);
    void release(Slot& slot);

    gpu::Device& _device;
    std::unique_ptr<GeometryArenas> _arenas;
    std::unique_ptr<TextureTable> _textures;
    std::vector<std::unique_ptr<Slot>> _slots;
    std::vector<std::uint32_t> _freeSlots;
    std::deque<scene::ContentHandle> _queue;
    std::size_t _queuedBytes = 0, _totalBytes = 0;
};

} // namespace matou::resident
