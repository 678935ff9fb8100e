#include "engine/contents.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include <glm/gtc/matrix_transform.hpp>

#include "core/heap.h"

namespace matou {
namespace {

spatial::SpatialIndex::ContentId contentId(tiles::TileId id) { return (std::uint64_t{id.layer} << 32) | id.tile; }

} // namespace

Contents::Contents(gpu::Device&, scene::FeatureRegistry& registry, const ContentsOptions& options)
    : _registry(registry), _options(options), _source({}, options.cache) {}

Contents::~Contents() {
    // The stream first: its workers must not outlive what they intern into.
    _stream.reset();
    _workers.drain();
}

core::Result<std::unique_ptr<Contents>> Contents::create(gpu::Device& device, const Subject& subject, scene::FeatureRegistry& registry,
                                                         const ContentsOptions& options) {
    std::unique_ptr<Contents> contents(new Contents(device, registry, options));
    // Small budgets in small pieces: what an arena has beyond its contents is at most an eighth.
    const auto arenaBytes = std::clamp<std::uint64_t>(options.budgetBytes / 8, std::uint64_t{1} << 18, resident::GeometryArenas::kArenaBytes);
    MATOU_TRY(table, resident::ContentTable::create(device, arenaBytes));
    contents->_table = std::move(table);
    stream::StreamOptions streamOptions;
    streamOptions.budgetBytes = options.budgetBytes;
    streamOptions.contentStays = false;
    streamOptions.variant = options.variant;
    streamOptions.trimAfterUpdates = options.trimAfterUpdates;
    streamOptions.fadeSeconds = options.fadeSeconds;
    streamOptions.gpuBytesOf = [](const model::Content& content) { return resident::ContentTable::gpuBytes(content); };
    // A triangle takes 44 bytes and at most two nodes of 32, mostly half of one.
    if (options.rayCasting)
        streamOptions.besideBytesOf = [copies = 1 + options.rayCopiesOnDevice](const model::Content& content) {
            return copies * (std::uint64_t{content.triangleCount()} * 96 + 1024);
        };
    contents->_stream = std::make_unique<stream::TilesetStream>(contents->_workers, contents->_source, streamOptions);
    contents->open(subject);
    return contents;
}

void Contents::open(const Subject& subject) {
    const auto add = [&](SubjectLayer about, const std::string& uri, const std::string& featureLayer, const glm::dmat4& ecefFromLayer,
                         const std::string& proposal, core::FeatureKey wholeFeature) {
        stream::LayerOptions layer;
        layer.id = about.id;
        layer.visible = about.visible;
        layer.ecefFromLayer = ecefFromLayer;
        if (_options.standLocalTilesets && !subject.district) layer.ecefFromLocal = geo::ecefFromEnu(geo::ecefFromGeodetic(kModelPlace));
        layer.internFeature = [this, featureLayer](const std::string& id) { return _registry.intern({featureLayer, id}); };
        const auto number = _stream->openTileset(uri, layer);
        // Layers beyond the bits share the last one: fine for ray filters, which only tell water from the rest.
        const std::uint64_t bit = about.role == scene::LayerRole::water        ? kWaterRayBit
                                  : about.role == scene::LayerRole::vegetation ? kPlantRayBit
                                  : !scene::throwsShadow(about.role)           ? kFlatRayBit
                                                                               : kSolidRayBit;
        _layers.resize(std::max<std::size_t>(_layers.size(), number + 1));
        _layers[number] = {std::move(about), proposal, std::move(wholeFeature), bit};
    };
    for (const auto& layer : subject.layers) add(layer, layer.tileset, layer.id, glm::dmat4(1.0), "", {});
    for (const auto& model : subject.models) {
        SubjectLayer about;
        about.id = core::toString(model.feature);
        about.role = scene::LayerRole::model;
        add(about, model.path, model.feature.layer, model.ecefFromModel, model.proposal, model.feature);
    }
    _layerErrorTaken.resize(_layers.size(), false);
}

stream::DecodedTile Contents::withWholeFeature(stream::DecodedTile decoded, const core::FeatureKey& feature) {
    auto whole = std::make_shared<model::Content>(*decoded.content);
    whole->features.count = 1;
    whole->features.ids = {feature.id};
    for (auto& primitive : whole->primitives)
        for (auto& vertex : primitive.vertices) vertex.feature = 0;
    decoded.content = std::move(whole);
    decoded.featureNumbers = std::make_shared<const std::vector<std::uint32_t>>(1, _registry.intern(feature));
    return decoded;
}

void Contents::index(tiles::TileId id, const Resident& resident) {
    const auto& about = _layers[id.layer].about;
    spatial::ContentOptions options;
    options.layer = static_cast<spatial::LayerMask>(_layers[id.layer].rayBit);
    options.order = about.order;
    options.featureNumbers = resident.decoded.featureNumbers;
    ++_indexing;
    _workers.submit([this, id, handle = resident.handle, content = resident.decoded.content, matrix = resident.ecefFromTile, options] {
        auto bvh = spatial::Bvh::build(*content);
        _built.post([this, id, handle, bvh = std::move(bvh), matrix, options] {
            --_indexing;
            const auto found = _resident.find(id);
            if (found == _resident.end() || found->second.handle != handle) return; // dropped meanwhile, or another's place by now
            found->second.bvhBytes = bvh->byteSize() * (1 + _options.rayCopiesOnDevice);
            _stream->reportBeside(id, found->second.bvhBytes);
            _geometry.add(contentId(id), bvh, matrix, options);
            settle(id, found->second);
        });
    }, -1.0);
}

void Contents::settle(tiles::TileId id, Resident& resident) {
    _passedBytes += _table->byteSize(resident.handle);
    resident.decoded.content.reset();
    _stream->reportSettled(id);
}

core::Result<void> Contents::update(std::span<const tiles::ViewState> views, double maximumErrorPixels, std::uint64_t frame) {
    _built.run();
    _stream->update(views, maximumErrorPixels, frame);
    for (const auto id : _stream->takeRetired()) {
        for (auto* map : {&_resident, &_uploading}) {
            const auto found = map->find(id);
            if (found == map->end()) continue;
            _table->retire(found->second.handle);
            _geometry.remove(contentId(id));
            map->erase(found);
        }
    }
    for (auto& decoded : _stream->takeDecoded(_options.uploadBytesPerFrame)) {
        const auto id = decoded.id;
        Resident entry;
        entry.ecefFromTile = glm::translate(decoded.ecefFromContent, -decoded.content->rtcCenter);
        const auto& whole = _layers[id.layer].wholeFeature;
        entry.decoded = !whole.id.empty() && decoded.content->features.count == 0 ? withWholeFeature(std::move(decoded), whole) : std::move(decoded);
        const auto& numbers = entry.decoded.featureNumbers;
        entry.handle = _table->enqueue(entry.decoded.content, numbers ? *numbers : std::vector<scene::FeatureNumber>{});
        _uploading.insert_or_assign(id, std::move(entry));
    }
    core::Result<std::size_t> uploaded = _table->upload(_options.uploadBytesPerFrame);
    if (!uploaded && uploaded.error().code != "E_GPU_MEMORY") return tl::unexpected(uploaded.error());
    for (auto entry = _uploading.begin(); entry != _uploading.end();) {
        const auto& [id, loading] = *entry;
        if (_table->failed(loading.handle)) {
            _stream->reportFailed(id, uploaded ? core::Error{"E_GPU_MEMORY", {}, loading.decoded.id.layer < _layers.size() ? _layers[id.layer].about.id : "", nullptr}
                                               : uploaded.error());
            entry = _uploading.erase(entry);
        } else if (_table->isResident(loading.handle)) {
            applyStyle(loading.decoded);
            _stream->reportResident(id, _table->byteSize(loading.handle));
            auto& resident = _resident.insert_or_assign(id, std::move(entry->second)).first->second;
            if (_options.rayCasting && (_options.rayCastPlants || _layers[id.layer].rayBit != kPlantRayBit)) index(id, resident);
            else settle(id, resident);
            entry = _uploading.erase(entry);
        } else {
            ++entry;
        }
    }
    _bytesMost = std::max(_bytesMost, _stream->budget().used());
    returnFreed();
    showDrawn();
    return {};
}

void Contents::returnFreed() {
    constexpr std::uint64_t kWorthwhileBytes = std::uint64_t{16} << 20;
    constexpr int kRestUpdates = 4; // not in a gap between two arrivals
    const bool rest = _uploading.empty() && _indexing == 0 && _stream->complete();
    _restUpdates = rest ? _restUpdates + 1 : 0;
    if (_passedBytes < kWorthwhileBytes || _restUpdates < kRestUpdates) return;
    _passedBytes = 0;
    _workers.submit([] { core::returnFreeMemory(); }, -2.0);
}

void Contents::applyStyle(const stream::DecodedTile& decoded) {
    if (!_options.style || !decoded.featureNumbers) return;
    const auto& table = decoded.content->features;
    bool changed = false;
    for (std::uint32_t row = 0; row < table.count && row < decoded.featureNumbers->size(); ++row) {
        const auto look = _options.style->apply(table, row, _evaluator);
        scene::FeatureStyle style;
        if (!look.show || (look.color && (*look.color)[3] <= 0)) style.flags = scene::kStyleHidden;
        if (look.color)
            for (int i = 0; i < 3; ++i) style.tint[i] = static_cast<std::uint8_t>(std::lround((*look.color)[static_cast<std::size_t>(i)] * 255.0));
        style.tint.w = look.color ? 255 : 0;
        if (!style.flags && !style.tint.w) continue;
        const auto [entry, fresh] = _styled.entries.try_emplace((*decoded.featureNumbers)[row], style);
        changed = changed || fresh || entry->second.tint != style.tint || entry->second.flags != style.flags;
        entry->second = style;
    }
    if (changed) ++_styled.version;
}

void Contents::showDrawn() {
    if (!_options.rayCasting) return;
    std::vector<spatial::SpatialIndex::ContentId> drawn;
    for (const auto& tile : _stream->selection().draw) drawn.push_back(contentId(tile.id));
    std::sort(drawn.begin(), drawn.end());
    for (const auto id : _geometry.contents()) _geometry.show(id, std::binary_search(drawn.begin(), drawn.end(), id));
}

void Contents::moveFades(double seconds) {
    if (_options.fadeSeconds > 0) _stream->show(seconds);
}

template <typename Wanted>
std::vector<scene::DrawContent> Contents::listWhere(Wanted wanted) const {
    std::vector<scene::DrawContent> result;
    const auto add = [&](const stream::ShownTile& tile) {
        if (!wanted(tile)) return;
        const auto found = _resident.find(tile.id);
        if (found == _resident.end()) return;
        const auto& about = _layers[tile.id.layer].about;
        result.push_back({found->second.handle, found->second.ecefFromTile, about.role, about.order, tile.keepFrom, tile.keepTo, tile.leaving});
    };
    if (fading())
        for (const auto& tile : _stream->shown()) add(tile);
    else
        for (const auto& tile : _stream->selection().draw) add({tile.id, tile.views});
    std::stable_sort(result.begin(), result.end(), [](const auto& a, const auto& b) { return a.layerOrder < b.layerOrder; });
    return result;
}

std::vector<scene::DrawContent> Contents::drawList(std::size_t view) const {
    return listWhere([view](const stream::ShownTile& tile) { return view >= 64 || (tile.views >> view & 1) != 0; });
}

std::vector<scene::DrawContent> Contents::casterList(std::size_t view, std::size_t casters) const {
    return listWhere([=](const stream::ShownTile& tile) {
        return !tile.leaving && casters < 64 && (tile.views >> casters & 1) != 0 && (tile.views >> view & 1) == 0;
    });
}

std::vector<spatial::SpatialIndex::ContentId> Contents::rayContents(std::size_t view, std::size_t casters) const {
    std::vector<spatial::SpatialIndex::ContentId> ids;
    for (const auto& tile : _stream->selection().draw)
        if (view >= 64 || casters >= 64 || (tile.views >> view & 1) != 0 || (tile.views >> casters & 1) != 0) ids.push_back(contentId(tile.id));
    std::sort(ids.begin(), ids.end());
    return ids;
}

std::uint64_t Contents::casterMask() const {
    std::uint64_t mask = std::uint64_t{1} << 63; // stands for all layers beyond
    for (std::size_t i = 0; i < _layers.size() && i < 63; ++i)
        if (scene::throwsShadow(_layers[i].about.role)) mask |= std::uint64_t{1} << i;
    return mask;
}

double Contents::lowestAlong(const glm::dvec3& up) const {
    double lowest = std::numeric_limits<double>::max();
    for (std::uint32_t i = 0; i < _layers.size(); ++i) {
        const auto* tree = _stream->tree(i);
        if (!tree) continue;
        const auto& volume = tree->tiles.front().volume;
        if (const auto* sphere = std::get_if<geo::Sphere>(&volume)) {
            lowest = std::min(lowest, glm::dot(up, sphere->center) - sphere->radius);
            continue;
        }
        const auto* region = std::get_if<geo::Region>(&volume);
        const geo::OrientedBox box = region ? geo::boxOfRegion(*region) : std::get<geo::OrientedBox>(volume);
        double reach = 0;
        for (int axis = 0; axis < 3; ++axis)
            reach += std::abs(glm::dot(up, box.halfAxes[axis]));
        lowest = std::min(lowest, glm::dot(up, box.center) - reach);
    }
    return lowest;
}

bool Contents::complete() const { return _stream->complete() && _uploading.empty() && _indexing == 0; }

void Contents::setLayerVisible(const std::string& layer, bool visible) {
    for (std::uint32_t i = 0; i < _layers.size(); ++i)
        if (_layers[i].about.id == layer) _stream->setVisible(i, visible);
}

std::map<std::string, stream::LayerStats> Contents::layerStats() const {
    std::map<std::string, stream::LayerStats> out;
    for (std::uint32_t i = 0; i < _layers.size(); ++i)
        if (const auto stats = _stream->layerStats(i); stats.resident > 0) out.emplace(_layers[i].about.id, stats);
    return out;
}

std::uint64_t Contents::layerMask(const std::string& proposal) const {
    std::uint64_t mask = ~std::uint64_t{0};
    for (std::size_t i = 0; i < _layers.size() && i < 63; ++i)
        if (!_layers[i].proposal.empty() && _layers[i].proposal != proposal) mask &= ~(std::uint64_t{1} << i);
    return mask;
}

std::optional<FeatureFacts> Contents::facts(const core::FeatureKey& key) const {
    const auto number = _registry.find(key);
    if (number == 0) return std::nullopt;
    for (const auto& [id, resident] : _resident) {
        const auto& numbers = resident.decoded.featureNumbers;
        if (!numbers) continue;
        const auto row = std::find(numbers->begin(), numbers->end(), number);
        if (row == numbers->end()) continue;
        FeatureFacts facts{key, _layers[id.layer].about.name.zh, {}};
        const auto index = static_cast<std::uint32_t>(row - numbers->begin());
        const auto& texts = *resident.decoded.texts;
        for (std::size_t column = 0; column < texts.columns(); ++column) facts.properties.emplace_back(texts.name(column), texts.text(column, index));
        return facts;
    }
    return std::nullopt;
}

std::optional<geo::Sphere> Contents::bounds() const {
    std::optional<geo::Sphere> all;
    for (std::uint32_t i = 0; i < _layers.size(); ++i) {
        const auto* tree = _stream->tree(i);
        if (!tree || !_layers[i].proposal.empty()) continue;
        const auto sphere = geo::boundingSphere(tree->tiles.front().volume);
        if (!all) {
            all = sphere;
        } else {
            const double distance = glm::length(sphere.center - all->center);
            if (distance + sphere.radius > all->radius) all->radius = distance + sphere.radius;
        }
    }
    return all;
}

std::optional<geo::BoundingVolume> Contents::volume() const {
    const auto all = bounds();
    if (!all) return std::nullopt;
    if (_layers.size() == 1 && _layers[0].about.role != scene::LayerRole::model) return _stream->tree(0)->tiles.front().volume;
    return geo::BoundingVolume(*all);
}

std::vector<core::Error> Contents::takeErrors() {
    std::vector<core::Error> errors;
    for (std::uint32_t i = 0; i < _layers.size(); ++i) {
        const auto* error = _stream->layerError(i);
        if (!error || _layerErrorTaken[i]) continue;
        _layerErrorTaken[i] = true;
        errors.push_back(*error);
    }
    const auto& failures = _stream->failures();
    for (; _errorsTaken < failures.size(); ++_errorsTaken) {
        const auto& failure = failures[_errorsTaken];
        const auto* whole = _stream->layerError(failure.id.layer);
        if (whole && whole->code == failure.error.code && whole->where == failure.error.where) continue; // said above
        errors.push_back(failure.error);
    }
    return errors;
}

std::vector<std::pair<tiles::TileId, const core::Error*>> Contents::failedTiles() const {
    std::vector<std::pair<tiles::TileId, const core::Error*>> out;
    for (const auto& failure : _stream->failures()) {
        const auto* tree = _stream->tree(failure.id.layer);
        // Its place may be another's by now, or it may have come since.
        if (tree && failure.id.tile < tree->tiles.size() && _stream->state(failure.id) == stream::LoadState::failed && tree->path(failure.id.tile) == failure.path)
            out.emplace_back(failure.id, &failure.error);
    }
    return out;
}

const core::Error* Contents::fatalError() const {
    const core::Error* first = nullptr;
    for (std::uint32_t i = 0; i < _layers.size(); ++i) {
        if (!_layers[i].proposal.empty()) continue;
        const auto* error = _stream->layerError(i);
        if (!error) return nullptr; // one that opened is a picture
        if (!first) first = error;
    }
    return first;
}

} // namespace matou
