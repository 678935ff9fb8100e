#pragma once
// Times of passes: on the CPU by the steady clock, on the GPU by timestamps that are read when their frame has
// finished.

#include <chrono>
#include <string>
#include <vector>

#include "core/result.h"
#include "gpu/device.h"
#include "render/renderer.h"

namespace matou::render {

class PassTimer {
public:
    static core::Result<PassTimer> create(gpu::Device& device, bool gpuTimes);
    /// The frame that used this timer before has finished: takes its GPU times and starts over.
    void restart(VkCommandBuffer commands);
    /// Opens a pass; the one before it is closed. Passes of the same name are added up.
    void begin(VkCommandBuffer commands, const char* pass);
    void end(VkCommandBuffer commands);
    const std::vector<PassTime>& cpu() const { return _cpu; }
    const std::vector<PassTime>& gpu() const { return _gpu; }

private:
    gpu::Device* _device = nullptr;
    gpu::Owned<VkQueryPool> _pool;
    std::vector<std::string> _names; // of query pairs
    std::vector<PassTime> _cpu, _gpu;
    std::chrono::steady_clock::time_point _begun;
    bool _open = false;
};

} // namespace matou::render
