#include "model/rig.h"

#include <algorithm>
#include <cmath>
#include <set>

#include <glm/gtc/matrix_transform.hpp>

namespace matou::model {
namespace {

/// Numbers of one channel at a time: `width` of them.
void sample(const AnimationChannel& channel, float time, std::vector<float>& out) {
    const std::size_t width = channel.width, keys = channel.times.size();
    const bool cubic = channel.interpolation == Interpolation::cubicSpline;
    const std::size_t stride = cubic ? width * 3 : width;
    const auto value = [&](std::size_t key, std::size_t part) { return channel.values.data() + key * stride + part * width; };
    out.assign(width, 0.0f);
    const auto take = [&](std::size_t key) { std::copy_n(value(key, cubic ? 1 : 0), width, out.begin()); };
    const std::size_t after = static_cast<std::size_t>(std::upper_bound(channel.times.begin(), channel.times.end(), time) - channel.times.begin());
    if (after == 0) return take(0);
    if (after == keys) return take(keys - 1);
    const std::size_t before = after - 1;
    const float span = channel.times[after] - channel.times[before];
    const float t = span > 0 ? (time - channel.times[before]) / span : 0.0f;
    if (channel.interpolation == Interpolation::step) return take(before);
    const float* a = value(before, cubic ? 1 : 0);
    const float* b = value(after, cubic ? 1 : 0);
    if (cubic) { // Hermite; tangents are per second
        const float* leave = value(before, 2);
        const float* arrive = value(after, 0);
        const float t2 = t * t, t3 = t2 * t;
        for (std::size_t i = 0; i < width; ++i)
            out[i] = (2 * t3 - 3 * t2 + 1) * a[i] + span * (t3 - 2 * t2 + t) * leave[i] + (-2 * t3 + 3 * t2) * b[i] + span * (t3 - t2) * arrive[i];
        return;
    }
    if (channel.path == AnimatedPath::rotation) {
        const glm::quat from(a[3], a[0], a[1], a[2]), to(b[3], b[0], b[1], b[2]);
        const glm::quat q = glm::slerp(from, to, t); // takes the shorter way
        out = {q.x, q.y, q.z, q.w};
        return;
    }
    for (std::size_t i = 0; i < width; ++i) out[i] = a[i] + (b[i] - a[i]) * t;
}

void apply(const AnimationChannel& channel, const std::vector<float>& v, RigNode& node) {
    switch (channel.path) {
    case AnimatedPath::translation: node.translation = {v[0], v[1], v[2]}; break;
    case AnimatedPath::scale: node.scale = {v[0], v[1], v[2]}; break;
    case AnimatedPath::rotation: {
        const glm::quat q(v[3], v[0], v[1], v[2]);
        const float length = glm::length(q);
        if (length > 1e-12f) node.rotation = q / length;
        break;
    }
    case AnimatedPath::weights: node.weights = v; break;
    }
}

glm::mat4 localMatrix(const RigNode& node) {
    if (node.fixed) return node.matrix;
    glm::mat4 m = glm::mat4_cast(node.rotation);
    for (int axis = 0; axis < 3; ++axis) m[axis] *= node.scale[axis];
    m[3] = glm::vec4(node.translation, 1.0f);
    return m;
}

} // namespace

std::size_t Rig::byteSize() const {
    std::size_t bytes = sizeof(Rig) + nodes.capacity() * sizeof(RigNode) + instances.capacity() * sizeof(RigInstance);
    for (const auto& node : nodes) bytes += node.weights.capacity() * 4;
    for (const auto& skin : skins) bytes += sizeof(RigSkin) + skin.joints.capacity() * 4 + skin.inverseBind.capacity() * sizeof(glm::mat4);
    for (const auto& animation : animations)
        for (const auto& channel : animation.channels) bytes += sizeof(AnimationChannel) + (channel.times.capacity() + channel.values.capacity()) * 4;
    return bytes;
}

Pose poseAt(const Rig& rig, double seconds) {
    std::vector<RigNode> nodes = rig.nodes;
    std::set<std::pair<std::uint32_t, AnimatedPath>> moved;
    std::vector<float> values;
    for (const auto& animation : rig.animations) {
        const bool free = std::none_of(animation.channels.begin(), animation.channels.end(),
                                       [&](const auto& channel) { return moved.contains({channel.node, channel.path}); });
        if (!free) continue;
        const float time = animation.seconds > 0 ? static_cast<float>(std::fmod(std::max(seconds, 0.0), static_cast<double>(animation.seconds))) : 0.0f;
        for (const auto& channel : animation.channels) {
            moved.insert({channel.node, channel.path});
            sample(channel, time, values);
            apply(channel, values, nodes[channel.node]);
        }
    }
    Pose pose;
    pose.contentFromNode.resize(nodes.size());
    pose.weights.resize(nodes.size());
    for (std::size_t i = 0; i < nodes.size(); ++i) {
        const auto& parent = nodes[i].parent == kNoNode ? rig.contentFromRoot : pose.contentFromNode[nodes[i].parent];
        pose.contentFromNode[i] = parent * localMatrix(nodes[i]);
        pose.weights[i] = std::move(nodes[i].weights);
    }
    for (const auto& skin : rig.skins) {
        auto& matrices = pose.skinMatrices.emplace_back();
        for (std::size_t j = 0; j < skin.joints.size(); ++j) matrices.push_back(pose.contentFromNode[skin.joints[j]] * skin.inverseBind[j]);
    }
    return pose;
}

} // namespace matou::model
