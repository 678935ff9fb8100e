#pragma once
// Times of passes: on the CPU by the thread's own time, on the GPU by timestamps that are read when their frame has
// finished; and what the GPU counted over the frame.

#include <string>
#include <vector>

#include "core/result.h"
#include "gpu/device.h"
#include "render/renderer.h"

namespace matou::render {

class PassTimer {
public:
    static core::Result<PassTimer> create(gpu::Device& device, bool gpuTimes, bool counts = false);
    /// The frame that used this timer before has finished: takes its GPU times and counts and starts over. Outside of
    /// rendering.
    void restart(VkCommandBuffer commands);
    /// After the last pass, outside of rendering.
    void finish(VkCommandBuffer commands);
    /// Opens a pass; the one before it is closed. Passes of the same name are added up.
    void begin(VkCommandBuffer commands, const char* pass);
    void end(VkCommandBuffer commands);
    const std::vector<PassTime>& cpu() const { return _cpu; }
    const std::vector<PassTime>& gpu() const { return _gpu; }
    const WorkCounts& counts() const { return _counts; }

private:
    gpu::Device* _device = nullptr;
    gpu::Owned<VkQueryPool> _pool, _countPool;
    bool _counted = false; // a frame has written _countPool
    WorkCounts _counts;
    std::vector<std::string> _names; // of query pairs
    std::vector<PassTime> _cpu, _gpu;
    double _begun = 0; // core::threadCpuMilliseconds
    bool _open = false;
};

} // namespace matou::render
