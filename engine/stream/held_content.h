#pragma once
// A decoded content that knows what it costs: its bytes leave the budget when the last holder lets go. Internal to stream.

#include <atomic>
#include <cstdint>
#include <memory>

#include "model/content.h"
#include "stream/memory_budget.h"

namespace matou::stream {

/// The budget, and how much of it this stream holds (others charge it as well).
struct SharedBudget {
    explicit SharedBudget(std::uint64_t limitBytes) : total(limitBytes) {}
    bool tryReserve(std::uint64_t bytes) {
        if (!total.tryReserve(bytes)) return false;
        own += bytes;
        return true;
    }
    void charge(std::uint64_t bytes) {
        total.charge(bytes);
        own += bytes;
    }
    void release(std::uint64_t bytes) {
        own -= bytes;
        total.release(bytes);
    }
    MemoryBudget total;
    std::atomic<std::uint64_t> own{0};
};

struct HeldContent {
    HeldContent(std::shared_ptr<SharedBudget> b, model::Content&& c, std::uint64_t reserved) : content(std::move(c)), cpuBytes(reserved), budget(std::move(b)) {}
    ~HeldContent() { budget->release(cpuBytes); }
    HeldContent(const HeldContent&) = delete;
    HeldContent& operator=(const HeldContent&) = delete;

    /// After the upload nobody reads pixels any more; geometry stays for ray casting. Main lane.
    void dropPixels() {
        std::uint64_t freed = 0;
        for (auto& image : content.images) {
            freed += image.rgba.capacity();
            std::vector<std::uint8_t>().swap(image.rgba);
        }
        if (freed > cpuBytes) freed = cpuBytes;
        cpuBytes -= freed;
        budget->release(freed);
    }

    model::Content content;
    std::uint64_t cpuBytes = 0;
    std::shared_ptr<SharedBudget> budget;
};

} // namespace matou::stream
