#include "render/gpu_timer.h"

#include <algorithm>
#include <array>

#include "core/cpu_time.h"

namespace matou::render {
namespace {

constexpr std::uint32_t kQueries = 128;
// Results come in the order of their bits.
constexpr VkQueryPipelineStatisticFlags kCounted = VK_QUERY_PIPELINE_STATISTIC_INPUT_ASSEMBLY_PRIMITIVES_BIT |
                                                   VK_QUERY_PIPELINE_STATISTIC_CLIPPING_PRIMITIVES_BIT |
                                                   VK_QUERY_PIPELINE_STATISTIC_FRAGMENT_SHADER_INVOCATIONS_BIT;

void add(std::vector<PassTime>& times, const std::string& name, double milliseconds) {
    const auto found = std::find_if(times.begin(), times.end(), [&](const PassTime& t) { return t.name == name; });
    if (found != times.end())
        found->milliseconds += milliseconds;
    else
        times.push_back({name, milliseconds});
}

} // namespace

core::Result<PassTimer> PassTimer::create(gpu::Device& device, bool gpuTimes, bool counts) {
    PassTimer timer;
    timer._device = &device;
    if (counts && device.optional().pipelineStatistics) {
        VkQueryPoolCreateInfo info{VK_STRUCTURE_TYPE_QUERY_POOL_CREATE_INFO};
        info.queryType = VK_QUERY_TYPE_PIPELINE_STATISTICS;
        info.queryCount = 1;
        info.pipelineStatistics = kCounted;
        VkQueryPool pool = VK_NULL_HANDLE;
        if (vkCreateQueryPool(device.handle(), &info, nullptr, &pool) != VK_SUCCESS)
            return core::fail("E_GPU_MEMORY", "pass counts", {"0"});
        timer._countPool = device.own(pool, VK_OBJECT_TYPE_QUERY_POOL, "pass counts");
    }
    if (!gpuTimes || device.limits().timestampComputeAndGraphics == VK_FALSE) return timer;
    VkQueryPoolCreateInfo info{VK_STRUCTURE_TYPE_QUERY_POOL_CREATE_INFO};
    info.queryType = VK_QUERY_TYPE_TIMESTAMP;
    info.queryCount = kQueries;
    VkQueryPool pool = VK_NULL_HANDLE;
    if (vkCreateQueryPool(device.handle(), &info, nullptr, &pool) != VK_SUCCESS)
        return core::fail("E_GPU_MEMORY", "pass timer", {"0"});
    timer._pool = device.own(pool, VK_OBJECT_TYPE_QUERY_POOL, "pass timer");
    return timer;
}

void PassTimer::restart(VkCommandBuffer commands) {
    _gpu.clear();
    _cpu.clear();
    if (_pool) {
        std::vector<std::uint64_t> stamps(_names.size() * 2);
        if (!stamps.empty() &&
            vkGetQueryPoolResults(_device->handle(), _pool.get(), 0, static_cast<std::uint32_t>(stamps.size()),
                                  stamps.size() * 8, stamps.data(), 8, VK_QUERY_RESULT_64_BIT) == VK_SUCCESS)
            for (std::size_t i = 0; i < _names.size(); ++i)
                add(_gpu, _names[i],
                    static_cast<double>(stamps[2 * i + 1] - stamps[2 * i]) * _device->limits().timestampPeriod * 1e-6);
        vkResetQueryPool(_device->handle(), _pool.get(), 0, kQueries);
    }
    _names.clear();
    if (_countPool) {
        std::array<std::uint64_t, 3> counted{};
        if (_counted && vkGetQueryPoolResults(_device->handle(), _countPool.get(), 0, 1, sizeof(counted),
                                              counted.data(), sizeof(counted), VK_QUERY_RESULT_64_BIT) == VK_SUCCESS)
            _counts = {counted[0], counted[1], counted[2]};
        vkResetQueryPool(_device->handle(), _countPool.get(), 0, 1);
        vkCmdBeginQuery(commands, _countPool.get(), 0, 0);
        _counted = true;
    }
}

void PassTimer::finish(VkCommandBuffer commands) {
    end(commands);
    if (_countPool) vkCmdEndQuery(commands, _countPool.get(), 0);
}

void PassTimer::begin(VkCommandBuffer commands, const char* pass) {
    if (_open) end(commands);
    _open = true;
    _begun = core::threadCpuMilliseconds();
    _cpu.push_back({pass, 0.0});
    _device->beginLabel(commands, pass);
    if (_pool && _names.size() * 2 + 2 <= kQueries) {
        vkCmdWriteTimestamp2(commands, VK_PIPELINE_STAGE_2_ALL_COMMANDS_BIT, _pool.get(),
                             static_cast<std::uint32_t>(_names.size() * 2));
        _names.push_back(pass);
    }
}

void PassTimer::end(VkCommandBuffer commands) {
    if (!_open) return;
    _open = false;
    _device->endLabel(commands);
    PassTime time = _cpu.back();
    _cpu.pop_back();
    add(_cpu, time.name, core::threadCpuMilliseconds() - _begun);
    if (_pool && !_names.empty() && _names.back() == time.name)
        vkCmdWriteTimestamp2(commands, VK_PIPELINE_STAGE_2_ALL_COMMANDS_BIT, _pool.get(),
                             static_cast<std::uint32_t>(_names.size() * 2 - 1));
}

} // namespace matou::render
