#pragma once
// A decoded content that knows what it costs: its bytes leave the budget when the last holder lets go. Internal to stream.

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <memory>

#include "model/content.h"
#include "model/property_texts.h"
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
    HeldContent(std::shared_ptr<SharedBudget> b, model::Content&& c, std::shared_ptr<const model::PropertyTexts> t, std::uint64_t reserved)
        : content(std::move(c)), texts(std::move(t)), cpuBytes(reserved), budget(std::move(b)) {}
    ~HeldContent() { budget->release(cpuBytes); }
    HeldContent(const HeldContent&) = delete;
    HeldContent& operator=(const HeldContent&) = delete;

    /// What stays of it when all is uploaded and read.
    static std::uint64_t settledBytes(const model::PropertyTexts& texts) { return sizeof(HeldContent) + texts.byteSize() + texts.rows() * std::uint64_t{4}; }

    /// After the upload nobody reads pixels any more; geometry stays for ray casting. Main lane.
    void dropPixels() {
        std::uint64_t freed = 0;
        for (auto& image : content.images) {
            freed += image.rgba.capacity();
            std::vector<std::uint8_t>().swap(image.rgba);
        }
        shrinkTo(cpuBytes - std::min(freed, cpuBytes));
    }
    /// Nobody reads the content any more: only its texts stay. Main lane.
    void settle() {
        content = {};
        shrinkTo(std::min(settledBytes(*texts), cpuBytes));
    }
    void shrinkTo(std::uint64_t bytes) {
        budget->release(cpuBytes - bytes);
        cpuBytes = bytes;
    }

    model::Content content;
    std::shared_ptr<const model::PropertyTexts> texts;
    std::uint64_t cpuBytes = 0;
    std::shared_ptr<SharedBudget> budget;
};

} // namespace matou::stream
