#pragma once
// The picture side's river mouth: what the stream decoded goes to the GPU and into the ray-casting index, what it dropped
// leaves both. One budget, one resident set, any number of views.

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/result.h"
#include "engine/subject.h"
#include "io/byte_source.h"
#include "jobs/completion_queue.h"
#include "jobs/worker_pool.h"
#include "resident/content_table.h"
#include "scene/feature_registry.h"
#include "scene/tileset_style.h"
#include "spatial/spatial_index.h"
#include "stream/tileset_stream.h"
#include "symbology/style_builder.h"

namespace matou {

/// Bits of the ray index: what is water, a plant, what lies flat and throws no shadow, and everything else.
inline constexpr spatial::LayerMask kSolidRayBit = 1u;
inline constexpr spatial::LayerMask kWaterRayBit = 2u;
inline constexpr spatial::LayerMask kPlantRayBit = 4u;
inline constexpr spatial::LayerMask kFlatRayBit = 8u;

/// What is known of one feature, from the property table of any content that holds it.
struct FeatureFacts {
    core::FeatureKey key;
    std::string layerName;
    std::vector<std::pair<std::string, std::string>> properties; // column, value
};

struct ContentsOptions {
    std::uint64_t budgetBytes = std::uint64_t{1} << 30;
    /// Bytes a frame may upload, so that streaming never costs a frame.
    std::size_t uploadBytesPerFrame = std::size_t{16} << 20;
    /// Ray-casting structures are built for walking and cursor navigation; stills do without.
    bool rayCasting = true;
    io::CacheOptions cache; // of what servers sent
    std::uint64_t trimAfterUpdates = stream::StreamOptions{}.trimAfterUpdates;
    bool rayCastPlants = true; // they have most of the triangles
    /// SunReference::copiesOnDevice; 0: nothing is traced there.
    unsigned rayCopiesOnDevice = 0;
    /// A tileset without a place on the Earth is stood at kModelPlace, upright, instead of in the Earth's middle, where no camera
    /// knows what is up.
    bool standLocalTilesets = false;
    std::string variant; // of materials (KHR_materials_variants)
    double fadeSeconds = 0; // of a level of detail into the next; 0: levels change at once
    /// Applied to every feature when its content becomes resident.
    std::shared_ptr<const scene::TilesetStyle> style;
};

/// Main lane.
class Contents {
public:
    static core::Result<std::unique_ptr<Contents>> create(gpu::Device& device, const Subject& subject,
                                                          scene::FeatureRegistry& registry, const ContentsOptions& options);
    ~Contents();

    /// More to show beside what is open.
    void open(const Subject& subject);
    /// One step: selection for these views, uploads, drops. Never waits.
    core::Result<void> update(std::span<const tiles::ViewState> views, double maximumErrorPixels, std::uint64_t frame);
    /// Views that are known to come, per moment, the nearest first (stream::TilesetStream::setComing).
    void setComing(std::vector<std::vector<tiles::ViewState>> moments) { _stream->setComing(std::move(moments)); }
    /// Once per drawn frame, before drawList: moves fades on by so many seconds; infinity ends them.
    void moveFades(double seconds);
    bool fading() const { return !_stream->shown().empty(); }
    /// What view number `view` of the last update draws, in draw order.
    std::vector<scene::DrawContent> drawList(std::size_t view) const;
    /// What view number `casters` of the last update asks for and view number `view` does not draw.
    std::vector<scene::DrawContent> casterList(std::size_t view, std::size_t casters) const;
    /// Ids in geometry() of both: what a ray of that view may meet. Ascending.
    std::vector<spatial::SpatialIndex::ContentId> rayContents(std::size_t view, std::size_t casters) const;
    /// Everything that the views of the last update need is in drawList.
    bool complete() const;

    void setLayerVisible(const std::string& layer, bool visible);
    /// Bits for ViewState::layerMask: all layers, less the models of proposals other than this one.
    std::uint64_t layerMask(const std::string& proposal) const;
    /// Bits for ViewState::layerMask: layers of roles that throw shadows.
    std::uint64_t casterMask() const;
    /// The least of dot(up, p) over the volumes of what is open, `up` a unit vector in ECEF: nothing is drawn below it.
    double lowestAlong(const glm::dvec3& up) const;
    /// Nothing where the feature is not resident.
    std::optional<FeatureFacts> facts(const core::FeatureKey& key) const;
    /// What the style says of the features that were resident so far.
    const symbology::StyledFeatures& styled() const { return _styled; }
    /// Volume of all opened tilesets and models; nothing until one is open.
    std::optional<geo::Sphere> bounds() const;
    /// The same, closer where one tileset is all there is: the volume of its root.
    std::optional<geo::BoundingVolume> volume() const;

    resident::ContentTable& table() { return *_table; }
    const spatial::SpatialIndex& geometry() const { return _geometry; }
    const stream::StreamStats stats() const { return _stream->stats(); }
    /// By layer id, layers without anything resident left out.
    std::map<std::string, stream::LayerStats> layerStats() const;
    /// What choosing the tiles took in the last update.
    double selectMilliseconds() const { return _stream->selectMilliseconds(); }
    const tiles::Selection& selection() const { return _stream->selection(); }
    /// Null until the tileset has been read.
    const tiles::TileTree* tree(std::uint32_t layer) const { return _stream->tree(layer); }
    stream::LoadState state(tiles::TileId id) const { return _stream->state(id); }
    /// Tiles that did not come, and why. Cost: linear in all failures so far.
    std::vector<std::pair<tiles::TileId, const core::Error*>> failedTiles() const;
    io::SourceStats sourceStats() const { return _source.stats(); }
    /// Failures since the last call: layers that did not open, tiles that did not come.
    std::vector<core::Error> takeErrors();
    std::uint64_t bytesMost() const { return _bytesMost; }
    /// Not one layer could be opened: there is nothing to show, and why. Null otherwise.
    const core::Error* fatalError() const;

private:
    struct Layer {
        SubjectLayer about;
        std::string proposal;
        core::FeatureKey wholeFeature; // of a model without features of its own
        std::uint64_t rayBit = 1;
    };
    struct Resident {
        stream::DecodedTile decoded;
        scene::ContentHandle handle;
        glm::dmat4 ecefFromTile{1.0}; // without rtcCenter, which the renderer and the ray index add themselves
        std::uint64_t bvhBytes = 0;
    };
    Contents(gpu::Device& device, scene::FeatureRegistry& registry, const ContentsOptions& options);
    stream::DecodedTile withWholeFeature(stream::DecodedTile decoded, const core::FeatureKey& feature);
    void index(tiles::TileId id, const Resident& resident);
    template <typename Wanted>
    std::vector<scene::DrawContent> listWhere(Wanted wanted) const;
    /// On the GPU, and in the ray index where there is one: of the content itself only its texts are kept.
    void settle(tiles::TileId id, Resident& resident);
    /// When all has come, the heaps hold what decoding took and gave back, and what a software driver's compiler did.
    void returnFreed();
    /// Coarser stand-ins stay resident beside what replaced them: walkers and cursors meet only what is drawn.
    void showDrawn();
    void applyStyle(const stream::DecodedTile& decoded);

    scene::FeatureRegistry& _registry;
    ContentsOptions _options;
    io::NetworkByteSource _source;
    jobs::WorkerPool _workers;
    jobs::CompletionQueue _built; // ray-casting structures, from the workers
    std::unique_ptr<resident::ContentTable> _table;
    std::unique_ptr<stream::TilesetStream> _stream;
    std::vector<Layer> _layers; // parallel to the stream's
    std::map<tiles::TileId, Resident> _resident, _uploading;
    spatial::SpatialIndex _geometry;
    symbology::StyledFeatures _styled;
    scene::StyleEvaluator _evaluator;
    std::size_t _errorsTaken = 0;
    std::vector<bool> _layerErrorTaken;
    std::uint64_t _bytesMost = 0;
    std::uint64_t _passedBytes = 0; // of contents settled since freed memory was returned
    int _restUpdates = 0;           // one after another with nothing on its way
    std::size_t _indexing = 0; // ray-casting structures that are being built
};

} // namespace matou
