#include "spatial/bvh.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <utility>

namespace matou::spatial {

namespace {

constexpr std::uint32_t kBins = 16;
constexpr std::uint32_t kLeafTriangles = 4;
// Below it leaves stay whole however many triangles they hold, so that hostile input cannot make a chain of nodes.
constexpr std::uint32_t kDeepest = 48;

struct Box {
    glm::vec3 minimum{std::numeric_limits<float>::max()};
    glm::vec3 maximum{std::numeric_limits<float>::lowest()};
    void grow(const glm::vec3& p) {
        minimum = glm::min(minimum, p);
        maximum = glm::max(maximum, p);
    }
    void grow(const Box& other) {
        minimum = glm::min(minimum, other.minimum);
        maximum = glm::max(maximum, other.maximum);
    }
    /// Half the surface; 0 where empty.
    double area() const {
        const glm::dvec3 e = glm::dvec3(maximum) - glm::dvec3(minimum);
        return e.x < 0 ? 0.0 : e.x * e.y + e.y * e.z + e.z * e.x;
    }
};

Box boxOf(const Triangle& t) {
    Box box;
    box.grow(t.a);
    box.grow(t.b);
    box.grow(t.c);
    return box;
}
glm::vec3 centerOf(const Box& box) { return 0.5f * box.minimum + 0.5f * box.maximum; }

/// What the builder sorts instead of whole triangles.
struct Item {
    Box box;
    glm::vec3 center{0.0f};
    std::uint32_t triangle = 0;
};

struct Task {
    std::uint32_t node = 0, begin = 0, end = 0, depth = 0;
};

struct Split {
    int axis = -1;
    std::uint32_t bin = 0; // items in bins <= bin go left
    double cost = 0;
};

std::uint32_t binOf(float center, float low, float scale) {
    const float bin = (center - low) * scale;
    return std::min(kBins - 1, bin > 0.0f ? static_cast<std::uint32_t>(bin) : 0u);
}

float binScale(const Box& centers, int axis) {
    const float extent = centers.maximum[axis] - centers.minimum[axis];
    return extent > 0.0f ? static_cast<float>(kBins) / extent : 0.0f;
}

Split bestSplit(std::span<const Item> items, const Box& centers) {
    Split best;
    for (int axis = 0; axis < 3; ++axis) {
        const float scale = binScale(centers, axis);
        if (!(scale > 0.0f) || !std::isfinite(scale)) continue;
        std::array<Box, kBins> boxes;
        std::array<std::uint32_t, kBins> counts{};
        for (const Item& item : items) {
            const std::uint32_t bin = binOf(item.center[axis], centers.minimum[axis], scale);
            boxes[bin].grow(item.box);
            ++counts[bin];
        }
        std::array<double, kBins> rightCost{};
        Box right;
        std::uint32_t rightCount = 0;
        for (std::uint32_t bin = kBins - 1; bin > 0; --bin) {
            right.grow(boxes[bin]);
            rightCount += counts[bin];
            rightCost[bin] = right.area() * rightCount;
        }
        Box left;
        std::uint32_t leftCount = 0;
        for (std::uint32_t bin = 0; bin + 1 < kBins; ++bin) {
            left.grow(boxes[bin]);
            leftCount += counts[bin];
            if (leftCount == 0 || leftCount == items.size()) continue;
            const double cost = left.area() * leftCount + rightCost[bin + 1];
            if (best.axis < 0 || cost < best.cost) best = {axis, bin, cost};
        }
    }
    return best;
}

bool usable(const Triangle& t) {
    const auto finite = [](const glm::vec3& v) { return std::isfinite(v.x) && std::isfinite(v.y) && std::isfinite(v.z); };
    if (!finite(t.a) || !finite(t.b) || !finite(t.c)) return false;
    const glm::dvec3 cross = glm::cross(glm::dvec3(t.b) - glm::dvec3(t.a), glm::dvec3(t.c) - glm::dvec3(t.a));
    return glm::dot(cross, cross) > 0.0;
}

void appendPrimitive(std::vector<Triangle>& out, const model::Content& content, const model::Primitive& primitive,
                     const glm::mat4& contentFromMesh, std::uint32_t instanceFeature) {
    if (primitive.topology != model::Topology::triangles) return;
    const bool twoSided = primitive.material < content.materials.size() && content.materials[primitive.material].doubleSided;
    // A mirrored instance turns its triangles inside out.
    const bool mirrored = glm::determinant(glm::mat3(contentFromMesh)) < 0.0f;
    const auto& vertices = primitive.vertices;
    for (std::size_t i = 0; i + 2 < primitive.indices.size(); i += 3) {
        const std::uint32_t ia = primitive.indices[i], ib = primitive.indices[i + 1], ic = primitive.indices[i + 2];
        if (ia >= vertices.size() || ib >= vertices.size() || ic >= vertices.size()) continue;
        const auto place = [&](std::uint32_t index) {
            return glm::vec3(contentFromMesh * glm::vec4(vertices[index].position, 1.0f));
        };
        Triangle triangle{place(ia), place(ib), place(ic),
                          instanceFeature != model::kNoFeature ? instanceFeature : vertices[ia].feature, twoSided ? 1u : 0u};
        if (mirrored) std::swap(triangle.b, triangle.c);
        out.push_back(triangle);
    }
}

} // namespace

std::shared_ptr<const Bvh> Bvh::build(const model::Content& content) {
    std::vector<Triangle> triangles;
    if (content.instances.empty()) {
        for (const auto& primitive : content.primitives)
            appendPrimitive(triangles, content, primitive, glm::mat4(1.0f), model::kNoFeature);
    }
    for (const auto& instance : content.instances) {
        if (instance.primitive >= content.primitives.size()) continue;
        appendPrimitive(triangles, content, content.primitives[instance.primitive], instance.contentFromMesh, instance.feature);
    }
    return build(std::move(triangles), content.rtcCenter);
}

std::shared_ptr<const Bvh> Bvh::build(std::vector<Triangle> triangles, const glm::dvec3& rtcCenter) {
    auto bvh = std::make_shared<Bvh>();
    bvh->_rtcCenter = rtcCenter;
    std::erase_if(triangles, [](const Triangle& t) { return !usable(t); });
    if (triangles.size() > 0x7fffffffu) triangles.resize(0x7fffffffu);

    std::vector<Item> items(triangles.size());
    for (std::uint32_t i = 0; i < items.size(); ++i) {
        const Box box = boxOf(triangles[i]);
        items[i] = {box, centerOf(box), i};
    }
    auto& nodes = bvh->_nodes;
    if (!items.empty()) {
        nodes.reserve(items.size());
        nodes.emplace_back();
    }
    std::vector<Task> tasks;
    if (!items.empty()) tasks.push_back({0, 0, static_cast<std::uint32_t>(items.size()), 0});
    while (!tasks.empty()) {
        const Task task = tasks.back();
        tasks.pop_back();
        const std::span<Item> range(items.data() + task.begin, task.end - task.begin);
        Box box, centers;
        for (const Item& item : range) {
            box.grow(item.box);
            centers.grow(item.center);
        }
        BvhNode& node = nodes[task.node];
        node.minimum = box.minimum;
        node.maximum = box.maximum;
        node.first = task.begin;
        node.count = static_cast<std::uint32_t>(range.size());
        if (range.size() <= kLeafTriangles || task.depth >= kDeepest) continue;
        const Split split = bestSplit(range, centers);
        if (split.axis < 0) continue; // all centres in one place
        const float low = centers.minimum[split.axis], scale = binScale(centers, split.axis);
        const auto middle = std::stable_partition(range.begin(), range.end(), [&](const Item& item) {
            return binOf(item.center[split.axis], low, scale) <= split.bin;
        });
        const auto half = task.begin + static_cast<std::uint32_t>(middle - range.begin());
        const auto children = static_cast<std::uint32_t>(nodes.size());
        node.first = children;
        node.count = 0;
        nodes.emplace_back(); // invalidates `node`
        nodes.emplace_back();
        tasks.push_back({children, task.begin, half, task.depth + 1});
        tasks.push_back({children + 1, half, task.end, task.depth + 1});
    }
    bvh->_triangles.reserve(items.size());
    for (const Item& item : items) bvh->_triangles.push_back(triangles[item.triangle]);
    nodes.shrink_to_fit();
    return bvh;
}

std::size_t Bvh::byteSize() const {
    return sizeof(*this) + _triangles.capacity() * sizeof(Triangle) + _nodes.capacity() * sizeof(BvhNode);
}

} // namespace matou::spatial
