#include "render/trace_tree.h"

#include <algorithm>
#include <numeric>

namespace matou::render {

std::vector<shared::GpuTraceNode> traceTree(std::span<const TraceBox> boxes) {
    std::vector<shared::GpuTraceNode> nodes;
    if (boxes.empty()) return nodes;
    std::vector<std::uint32_t> order(boxes.size());
    std::iota(order.begin(), order.end(), 0u);
    struct Task {
        std::size_t node, begin, end;
    };
    std::vector<Task> tasks{{0, 0, boxes.size()}};
    nodes.emplace_back();
    while (!tasks.empty()) {
        const Task task = tasks.back();
        tasks.pop_back();
        TraceBox all = boxes[order[task.begin]];
        glm::vec3 low(all.minimum + all.maximum), high(low); // of twice the middles
        for (std::size_t i = task.begin; i < task.end; ++i) {
            const TraceBox& box = boxes[order[i]];
            all.minimum = glm::min(all.minimum, box.minimum);
            all.maximum = glm::max(all.maximum, box.maximum);
            low = glm::min(low, box.minimum + box.maximum);
            high = glm::max(high, box.minimum + box.maximum);
        }
        nodes[task.node] = {all.minimum, order[task.begin], all.maximum, 1};
        if (task.end - task.begin == 1) continue;
        const glm::vec3 spread = high - low;
        const int axis = spread.x >= spread.y ? (spread.x >= spread.z ? 0 : 2) : (spread.y >= spread.z ? 1 : 2);
        const std::size_t middle = (task.begin + task.end) / 2;
        const auto at = [&](std::size_t i) { return order.begin() + static_cast<std::ptrdiff_t>(i); };
        std::nth_element(at(task.begin), at(middle), at(task.end), [&](std::uint32_t a, std::uint32_t b) {
            const float x = boxes[a].minimum[axis] + boxes[a].maximum[axis], y = boxes[b].minimum[axis] + boxes[b].maximum[axis];
            return x != y ? x < y : a < b;
        });
        const std::size_t children = nodes.size();
        nodes[task.node].first = static_cast<std::uint32_t>(children);
        nodes[task.node].count = 0;
        nodes.resize(children + 2);
        tasks.push_back({children, task.begin, middle});
        tasks.push_back({children + 1, middle, task.end});
    }
    return nodes;
}

TraceBox placedBox(const glm::mat4& placed, const glm::vec3& minimum, const glm::vec3& maximum) {
    const glm::vec3 middle = glm::vec3(placed * glm::vec4(0.5f * minimum + 0.5f * maximum, 1.0f)), half = 0.5f * maximum - 0.5f * minimum;
    const glm::vec3 reach = glm::abs(glm::vec3(placed[0])) * half.x + glm::abs(glm::vec3(placed[1])) * half.y + glm::abs(glm::vec3(placed[2])) * half.z;
    const glm::vec3 slack = 1e-3f + 1e-6f * (glm::abs(middle) + reach);
    return {middle - reach - slack, middle + reach + slack};
}

} // namespace matou::render
