#include "stream/tile_loader.h"

#include <algorithm>
#include <atomic>
#include <unordered_map>
#include <utility>

#include "decode/gltf.h"
#include "model/join_contents.h"
#include "tiles/subtree.h"

namespace matou::stream {

using core::Result;

namespace {

/// One order under way; shared by the io lane (which fills `bytes`) and the worker (which reads them when all are there).
struct Load {
    LoadOrder order;
    std::vector<std::optional<Result<io::Bytes>>> bytes;
    std::atomic<std::size_t> missing{0};
    jobs::CancellationSource cancellation;
    std::vector<io::RequestId> requests; // main lane
};

bool mayPass(const core::Error& error) {
    return error.code == "E_HTTP_CONNECT" || error.code == "E_HTTP_STALL" || error.code == "E_HTTP_CUT" ||
           (error.code == "E_HTTP_STATUS" && !error.arguments.empty() && (error.arguments[0].starts_with("5") || error.arguments[0] == "429"));
}

/// Nothing that people map lies deeper than the poles' radius less a few hundred kilometres; a globe reaches up to its surface.
bool hasNoPlace(const tiles::Tile& root) {
    constexpr double kDeepMeters = 6.0e6;
    return !std::holds_alternative<geo::Region>(root.volume) && glm::length(root.sphere.center) + root.sphere.radius < kDeepMeters;
}

bool isJson(std::span<const std::byte> bytes) {
    for (const auto byte : bytes) {
        const auto c = static_cast<char>(byte);
        if (c == ' ' || c == '\n' || c == '\r' || c == '\t') continue;
        return c == '{';
    }
    return false;
}

} // namespace

std::uint64_t defaultGpuBytes(const model::Content& content) {
    std::uint64_t bytes = 4096; // tables, alignment
    for (const auto& primitive : content.primitives) bytes += primitive.vertices.size() * sizeof(model::Vertex) + primitive.indices.size() * 4 +
                                                        primitive.extras.size() * sizeof(model::VertexExtra) + primitive.joints.size() * sizeof(model::Joints) + primitive.morph.size() * 4 + 512;
    for (const auto& image : content.images) bytes += std::uint64_t{image.width} * image.height * 4 * 4 / 3 + 4096;
    bytes += content.instances.size() * 96 + content.materials.size() * 640 + content.features.count * std::uint64_t{4};
    return bytes;
}

struct TileLoader::Impl {
    Impl(jobs::WorkerPool& w, io::ByteSource& s, std::shared_ptr<SharedBudget> b) : workers(w), source(s), budget(std::move(b)), inbox(std::make_shared<Inbox>()) {}

    void fetched(const std::shared_ptr<Load>& load, std::size_t index, Result<io::Bytes> result) {
        load->bytes[index] = std::move(result);
        if (--load->missing == 0) workers.submit([this, load] { decodeOnWorker(*load); }, load->order.priority);
    }

    void decodeOnWorker(Load& load) {
        if (load.cancellation.token().cancelled()) return;
        Arrival arrival;
        arrival.id = load.order.id;
        arrival.serial = load.order.serial;
        std::vector<model::Content> contents;
        for (std::size_t i = 0; i < load.bytes.size(); ++i) {
            if (load.cancellation.token().cancelled()) return;
            auto& bytes = *load.bytes[i];
            const auto where = load.order.locations[i].text();
            if (!bytes) {
                arrival.transient = arrival.transient || mayPass(bytes.error());
                arrival.remarks.push_back(bytes.error());
                continue;
            }
            const auto resolve = [&](const std::string& uri) -> Result<std::vector<std::byte>> {
                MATOU_TRY(location, io::resolve(load.order.locations[i], uri, where));
                if (location.kind == io::Location::Kind::file) return io::readLocal(location);
                return io::readNow(source, location);
            };
            if (load.order.subtree) {
                auto tree = tiles::parseSubtree(*bytes, where, *load.order.subtree, load.order.context, resolve);
                if (tree) arrival.tree = std::move(*tree);
                else arrival.remarks.push_back(tree.error());
                continue;
            }
            if (load.order.id.tile == tiles::kNoTile ? isJson(*bytes) && !decodesAsGltf(load.order.locations[i]) : decode::looksLikeTileset(*bytes)) {
                if (load.bytes.size() > 1) { // 3D Tiles 1.1, "Multiple contents": no external tileset among several
                    arrival.remarks.push_back({"E_TILESET_VALUE", {"contents", "no tileset among several contents"}, load.order.wheres[i], {}});
                    continue;
                }
                auto tree = tiles::parseTileset(*bytes, where, load.order.context, bytes->capacity() - bytes->size());
                if (tree && load.order.ecefFromLocal && hasNoPlace((*tree)[0])) {
                    auto context = load.order.context;
                    context.ecefFromParent = *load.order.ecefFromLocal;
                    tree = tiles::parseTileset(*bytes, where, context, bytes->capacity() - bytes->size());
                }
                if (tree) arrival.tree = std::move(*tree);
                else arrival.remarks.push_back(tree.error());
                continue;
            }
            decode::GltfOptions options;
            options.decodedBytesLimit = static_cast<std::size_t>(std::min<std::uint64_t>(options.decodedBytesLimit, budget->total.limit()));
            options.resolve = resolve;
            options.variant = load.order.variant;
            auto content = decode::decodeContent(*bytes, where, options);
            bytes->clear();
            bytes->shrink_to_fit();
            if (content) contents.push_back(std::move(*content));
            else arrival.remarks.push_back(content.error());
        }
        const bool fetched = std::all_of(load.bytes.begin(), load.bytes.end(), [](const auto& b) { return b && b->has_value(); });
        arrival.broken = fetched && contents.size() < load.bytes.size() && !arrival.tree && load.order.locations[0].kind == io::Location::Kind::http;
        if (arrival.broken)
            for (const auto& location : load.order.locations) source.distrust(location);
        if (contents.empty() && !arrival.tree) arrival.error = arrival.remarks.empty() ? core::Error{"E_STREAM_EMPTY", {}, "tile", {}} : arrival.remarks.front();
        if (!contents.empty()) finishContent(load, model::joined(std::move(contents)), arrival);
        inbox->put(std::move(arrival));
    }

    static bool decodesAsGltf(const io::Location& location) { return location.extension() == "gltf"; }

    void finishContent(const Load& load, model::Content content, Arrival& arrival) {
        for (auto& remark : content.diagnostics) arrival.remarks.push_back(remark);
        if (load.order.id.tile == tiles::kNoTile) { // only to see how large it is; nobody keeps it
            arrival.content = std::make_shared<HeldContent>(budget, std::move(content), nullptr, 0);
            return;
        }
        std::uint64_t pixels = 0;
        for (const auto& image : content.images) pixels += image.rgba.size();
        auto texts = std::make_shared<const model::PropertyTexts>(content.features);
        const auto settled = HeldContent::settledBytes(*texts);
        const std::uint64_t cpuBytes = content.byteSize() + settled;
        arrival.gpuBytes = load.order.gpuBytesOf ? load.order.gpuBytesOf(content) : defaultGpuBytes(content);
        arrival.besideBytes = load.order.besideBytesOf ? load.order.besideBytesOf(content) : 0;
        arrival.peakBytes = cpuBytes + arrival.gpuBytes + arrival.besideBytes;
        arrival.restBytes = load.order.contentStays ? arrival.peakBytes - std::min(pixels, arrival.peakBytes)
                                                    : settled + arrival.gpuBytes + arrival.besideBytes;
        if (!budget->tryReserve(arrival.peakBytes)) { // reserved before it is kept: never over the budget
            arrival.noRoom = true;
            return;
        }
        auto numbers = std::make_shared<std::vector<std::uint32_t>>(content.features.count, 0u);
        if (load.order.internFeature)
            for (std::uint32_t row = 0; row < content.features.count; ++row) (*numbers)[row] = load.order.internFeature(content.features.ids[row]);
        arrival.featureNumbers = std::move(numbers);
        arrival.content = std::make_shared<HeldContent>(budget, std::move(content), std::move(texts), cpuBytes);
    }

    jobs::WorkerPool& workers;
    io::ByteSource& source;
    std::shared_ptr<SharedBudget> budget;
    std::shared_ptr<Inbox> inbox;
    std::unordered_map<std::uint64_t, std::shared_ptr<Load>> loads; // main lane
};

TileLoader::TileLoader(jobs::WorkerPool& workers, io::ByteSource& source, std::shared_ptr<SharedBudget> budget)
    : _impl(std::make_unique<Impl>(workers, source, std::move(budget))) {}

TileLoader::~TileLoader() {
    for (const auto& [serial, load] : _impl->loads) {
        load->cancellation.cancel();
        for (const auto request : load->requests) _impl->source.cancel(request);
    }
    _impl->workers.drain(); // tasks that were submitted still look at this object
}

Inbox& TileLoader::inbox() { return *_impl->inbox; }

void TileLoader::start(LoadOrder order) {
    auto load = std::make_shared<Load>();
    load->order = std::move(order);
    const auto count = load->order.locations.size();
    load->bytes.resize(count);
    load->missing = count;
    _impl->loads[load->order.serial] = load;
    for (std::size_t i = 0; i < count; ++i)
        load->requests.push_back(_impl->source.request(load->order.locations[i], load->order.priority,
                                                       [impl = _impl.get(), load, i](Result<io::Bytes> result) { impl->fetched(load, i, std::move(result)); }));
}

void TileLoader::giveUp(std::uint64_t serial) {
    const auto found = _impl->loads.find(serial);
    if (found == _impl->loads.end()) return;
    found->second->cancellation.cancel();
    for (const auto request : found->second->requests) _impl->source.cancel(request);
    _impl->loads.erase(found);
}

} // namespace matou::stream
