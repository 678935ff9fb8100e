#pragma once
// Style tables on the GPU. A table is immutable, so it is copied once, when a frame first brings it, and stays while frames do:
// a change of style is one copy of a table, and a frame without one copies nothing.

#include <cstdint>
#include <memory>
#include <vector>

#include "gpu/device.h"
#include "scene/frame_snapshot.h"

namespace matou::render {

struct StylesOnGpu {
    std::uint64_t address = 0;
    std::uint32_t count = 0;
    bool styled = false;         // some feature is selected or ghosted
    std::uint64_t shadowKey = 0; // of which features throw no shadow
    std::vector<scene::FeatureNumber> selected, marked; // ascending
};

class StyleUpload {
public:
    explicit StyleUpload(gpu::Device& device) : _device(device) {}
    /// Valid until the next call of nextFrame(). Null: no styles. Cost: linear in the table when it is new. Errors: E_GPU_MEMORY.
    core::Result<const StylesOnGpu*> of(const std::shared_ptr<const scene::StyleTable>& table);
    /// Gives back what the last frame did not use.
    void nextFrame();
    std::uint64_t byteSize() const;

private:
    struct Kept {
        std::shared_ptr<const scene::StyleTable> table; // held, so that no other one comes to its address
        gpu::Buffer buffer;
        StylesOnGpu styles;
        bool used = true;
    };
    gpu::Device& _device;
    std::vector<std::unique_ptr<Kept>> _kept;
};

} // namespace matou::render
