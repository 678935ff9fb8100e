#pragma once
// Fetch → decode, off the main lane. What comes of it arrives in an inbox. Internal to stream.

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "io/byte_source.h"
#include "jobs/cancellation.h"
#include "jobs/worker_pool.h"
#include "stream/held_content.h"
#include "tiles/selector.h"
#include "tiles/tile_tree.h"

namespace matou::stream {

using tiles::TileId;

/// What to load: one tile's contents, or (tile == kNoTile) the layer's own tileset.
struct LoadOrder {
    TileId id;
    std::uint64_t serial = 0; // tells an answer to this order from one to an order given up
    std::vector<io::Location> locations;
    std::vector<std::string> wheres; // per location: who refers to it
    tiles::ParseContext context;     // for a tileset among them
    std::optional<glm::dmat4> ecefFromLocal; // LayerOptions; of a layer's own tileset
    std::optional<tiles::SubtreePlace> subtree; // what is to come is that subtree
    double priority = 0;
    std::function<std::uint32_t(const std::string&)> internFeature;
    std::function<std::uint64_t(const model::Content&)> gpuBytesOf, besideBytesOf;
    bool contentStays = true; // StreamOptions
    std::string variant;
};

struct Arrival {
    TileId id;
    std::uint64_t serial = 0;
    std::optional<core::Error> error; // nothing usable came
    bool transient = false;           // the error may pass: worth another try later
    bool broken = false;              // a server gave what cannot be read: perhaps it is not itself
    std::optional<tiles::TileTree> tree;
    std::shared_ptr<HeldContent> content;
    std::shared_ptr<const std::vector<std::uint32_t>> featureNumbers;
    /// What it takes: while uploading, and at rest. Known also where there was no room for it.
    std::uint64_t peakBytes = 0, restBytes = 0, gpuBytes = 0, besideBytes = 0;
    /// To give back where the content is not kept; the content gives back its own.
    std::uint64_t reserved() const { return content ? gpuBytes + besideBytes : 0; }
    bool noRoom = false;
    core::Diagnostics remarks; // of contents that were dropped or came with substitutes
};

/// Answers from the workers to the main lane. Lives as long as anybody who may still answer.
class Inbox {
public:
    void put(Arrival arrival) {
        std::lock_guard lock(_mutex);
        _arrivals.push_back(std::move(arrival));
    }
    std::vector<Arrival> takeAll() {
        std::lock_guard lock(_mutex);
        return std::exchange(_arrivals, {});
    }

private:
    std::mutex _mutex;
    std::vector<Arrival> _arrivals;
};

/// GPU bytes that uploading takes where the engine does not say.
std::uint64_t defaultGpuBytes(const model::Content& content);

class TileLoader {
public:
    /// Borrows pool and source; they outlive it. Destroying gives up all orders and waits for those that run.
    TileLoader(jobs::WorkerPool& workers, io::ByteSource& source, std::shared_ptr<SharedBudget> budget);
    ~TileLoader();
    /// Main lane. Answers exactly once in the inbox, unless given up first (then perhaps).
    void start(LoadOrder order);
    void giveUp(std::uint64_t serial);
    Inbox& inbox();

private:
    struct Impl;
    std::unique_ptr<Impl> _impl;
};

} // namespace matou::stream
