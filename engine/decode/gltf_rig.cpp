#include "decode/gltf_rig.h"

#include <algorithm>
#include <cmath>

#include <glm/gtc/type_ptr.hpp>

#include "core/bounded_reader.h"
#include "decode/accessor.h"

namespace matou::decode {

using core::fail;
using core::Result;

namespace {

/// Instants at which bounds are taken; what swings between two of them is caught by the margin.
constexpr int kBoundSamples = 48;
constexpr float kBoundMargin = 0.05f;

class RigBuilder {
public:
    RigBuilder(const Document& document, const std::vector<NodeOfInstance>& nodes, const GltfOptions& options, model::Content& content, std::uint64_t& remaining)
        : _d(document), _of(nodes), _options(options), _content(content), _remaining(remaining) {}

    Result<void> run(const glm::dmat4& contentFromRoot) {
        const auto* nodes = _d.array("nodes");
        if (!nodes || !needed(*nodes)) return {};
        _rig.contentFromRoot = glm::mat4(contentFromRoot);
        MATOU_CHECK(take(nodes->size() * (sizeof(model::RigNode) + 16), "/nodes"));
        orderNodes(*nodes);
        for (std::size_t i = 0; i < nodes->size(); ++i) readNode((*nodes)[i], _rig.nodes[_place[i]]);
        MATOU_CHECK(readSkins());
        MATOU_CHECK(readAnimations());
        hangInstances(*nodes);
        findReach();
        _content.rig = std::make_shared<const model::Rig>(std::move(_rig));
        return {};
    }

private:
    bool needed(const Json& nodes) const {
        if (const auto* animations = _d.array("animations"); animations && !animations->empty()) return true;
        for (std::size_t i = 0; i < _content.instances.size(); ++i) {
            const auto& primitive = _content.primitives[_content.instances[i].primitive];
            if (primitive.morphTargets > 0) return true;
            if (!primitive.joints.empty() && _of[i].node != model::kNoNode && indexMember(nodes[_of[i].node], "skin")) return true;
        }
        return false;
    }

    Result<void> take(std::uint64_t bytes, const std::string& pointer) {
        if (bytes > _remaining) return fail("E_GLTF_LIMIT", _d.at(pointer), {std::to_string(_options.decodedBytesLimit)});
        _remaining -= bytes;
        return {};
    }

    /// Parents before children; every node has one parent at most (checked by the strict pass).
    void orderNodes(const Json& nodes) {
        std::vector<std::uint32_t> parent(nodes.size(), model::kNoNode), depthFirst;
        const auto children = [&](std::size_t i) {
            std::vector<std::uint32_t> out;
            if (const auto list = nodes[i].find("children"); list != nodes[i].end() && list->is_array())
                for (const auto& child : *list)
                    if (const auto c = asIndex(child); c && *c < nodes.size()) out.push_back(static_cast<std::uint32_t>(*c));
            return out;
        };
        for (std::size_t i = 0; i < nodes.size(); ++i)
            for (const auto child : children(i)) parent[child] = static_cast<std::uint32_t>(i);
        _place.assign(nodes.size(), model::kNoNode);
        for (std::size_t i = 0; i < nodes.size(); ++i)
            if (parent[i] == model::kNoNode) depthFirst.push_back(static_cast<std::uint32_t>(i));
        for (std::size_t at = 0; at < depthFirst.size(); ++at) { // a queue: level by level
            const auto node = depthFirst[at];
            _place[node] = static_cast<std::uint32_t>(at);
            for (const auto child : children(node)) depthFirst.push_back(child);
        }
        _rig.nodes.resize(nodes.size());
        for (std::size_t i = 0; i < nodes.size(); ++i)
            _rig.nodes[_place[i]].parent = parent[i] == model::kNoNode ? model::kNoNode : _place[parent[i]];
    }

    void readNode(const Json& json, model::RigNode& out) const {
        const auto read = [&](const char* name, float* to, std::size_t count) {
            const auto found = json.find(name);
            if (found == json.end() || !found->is_array() || found->size() != count) return false;
            for (std::size_t i = 0; i < count; ++i) to[i] = (*found)[i].get<float>();
            return true;
        };
        out.fixed = read("matrix", glm::value_ptr(out.matrix), 16);
        read("translation", glm::value_ptr(out.translation), 3);
        read("scale", glm::value_ptr(out.scale), 3);
        float q[4] = {0, 0, 0, 1};
        if (read("rotation", q, 4)) {
            const glm::quat rotation(q[3], q[0], q[1], q[2]);
            const float length = glm::length(rotation);
            if (length > 1e-12f) out.rotation = rotation / length;
        }
        const auto mesh = indexMember(json, "mesh");
        if (!mesh) return;
        out.weights.assign(targetsOf(*mesh), 0.0f);
        for (const Json* holder : {&(*_d.array("meshes"))[*mesh], &json}) {
            const auto weights = holder->find("weights");
            if (weights == holder->end() || !weights->is_array()) continue;
            for (std::size_t i = 0; i < std::min(out.weights.size(), weights->size()); ++i)
                if ((*weights)[i].is_number()) out.weights[i] = (*weights)[i].get<float>();
        }
    }
    std::size_t targetsOf(std::uint64_t mesh) const {
        const auto& json = (*_d.array("meshes"))[mesh];
        std::size_t most = 0;
        if (const auto primitives = json.find("primitives"); primitives != json.end() && primitives->is_array())
            for (const auto& primitive : *primitives)
                if (const auto targets = primitive.find("targets"); targets != primitive.end() && targets->is_array()) most = std::max(most, targets->size());
        return std::min<std::size_t>(most, 128);
    }

    Result<void> readSkins() {
        const auto* skins = _d.array("skins");
        for (std::size_t i = 0; skins && i < skins->size(); ++i) {
            const auto& json = (*skins)[i];
            auto& skin = _rig.skins.emplace_back();
            const auto joints = json.find("joints");
            if (joints == json.end() || !joints->is_array()) continue;
            MATOU_CHECK(take(joints->size() * (sizeof(glm::mat4) + 4), "/skins/" + std::to_string(i)));
            for (const auto& joint : *joints) skin.joints.push_back(_place[*asIndex(joint)]);
            skin.inverseBind.assign(skin.joints.size(), glm::mat4(1.0f));
            const auto accessor = indexMember(json, "inverseBindMatrices");
            if (!accessor || _d.accessors[*accessor].components != 16 || _d.accessors[*accessor].count < skin.joints.size()) continue;
            const auto values = readFloats(_d, *accessor);
            for (std::size_t j = 0; j < skin.joints.size(); ++j) skin.inverseBind[j] = glm::make_mat4(values.data() + j * 16);
        }
        return {};
    }

    Result<void> readAnimations() {
        const auto* animations = _d.array("animations");
        for (std::size_t a = 0; animations && a < animations->size(); ++a) {
            const auto& json = (*animations)[a];
            model::Animation out;
            if (const auto name = json.find("name"); name != json.end() && name->is_string()) out.name = name->get<std::string>();
            const auto channels = json.find("channels"), samplers = json.find("samplers");
            if (channels == json.end() || !channels->is_array() || samplers == json.end() || !samplers->is_array()) continue;
            for (std::size_t c = 0; c < channels->size(); ++c) {
                const auto pointer = "/animations/" + std::to_string(a) + "/channels/" + std::to_string(c);
                MATOU_TRY(channel, readChannel((*channels)[c], *samplers, pointer));
                if (!channel) {
                    _content.diagnostics.push_back({"W_GLTF_ANIMATION", {}, _d.at(pointer), {}});
                    continue;
                }
                out.seconds = std::max(out.seconds, channel->times.back());
                out.channels.push_back(std::move(*channel));
            }
            if (!out.channels.empty()) _rig.animations.push_back(std::move(out));
        }
        return {};
    }

    /// No value where it cannot be played.
    Result<std::optional<model::AnimationChannel>> readChannel(const Json& json, const Json& samplers, const std::string& pointer) {
        const std::optional<model::AnimationChannel> none;
        const auto samplerIndex = indexMember(json, "sampler");
        if (!json.contains("target") || !json["target"].is_object() || !samplerIndex || *samplerIndex >= samplers.size()) return none;
        const auto node = indexMember(json["target"], "node");
        const auto& sampler = samplers[*samplerIndex];
        const auto path = json["target"].value("path", Json());
        if (!node || !path.is_string() || !sampler.is_object()) return none;
        model::AnimationChannel out;
        out.node = _place[*node];
        const auto& name = path.get_ref<const std::string&>();
        if (name == "translation" || name == "scale") {
            out.path = name == "scale" ? model::AnimatedPath::scale : model::AnimatedPath::translation;
            out.width = 3;
        } else if (name == "rotation") {
            out.path = model::AnimatedPath::rotation;
            out.width = 4;
        } else if (name == "weights") {
            out.path = model::AnimatedPath::weights;
            out.width = static_cast<std::uint32_t>(_rig.nodes[out.node].weights.size());
        } else return none;
        const auto interpolation = sampler.value("interpolation", Json("LINEAR"));
        if (interpolation == "STEP") out.interpolation = model::Interpolation::step;
        else if (interpolation == "CUBICSPLINE") out.interpolation = model::Interpolation::cubicSpline;
        else if (interpolation != "LINEAR") return none;
        const auto input = indexMember(sampler, "input"), output = indexMember(sampler, "output");
        if (!input || !output || out.width == 0) return none;
        const auto& times = _d.accessors[*input];
        const auto& values = _d.accessors[*output];
        const std::uint64_t each = std::uint64_t{out.width} * (out.interpolation == model::Interpolation::cubicSpline ? 3 : 1);
        const auto has = core::checkedMultiply(values.count, static_cast<std::uint64_t>(values.components)), wanted = core::checkedMultiply(times.count, each);
        if (times.components != 1 || times.count == 0 || !has || !wanted || *has != *wanted) return none;
        if (out.path != model::AnimatedPath::weights && values.components != static_cast<int>(out.width)) return none;
        MATOU_CHECK(take((times.count + *has) * 4 + sizeof(out), pointer));
        out.times = readFloats(_d, *input);
        out.values = readFloats(_d, *output);
        for (std::size_t i = 0; i < out.times.size(); ++i)
            if (!(out.times[i] >= (i == 0 ? 0.0f : out.times[i - 1]))) return none;
        return std::optional(std::move(out));
    }

    void hangInstances(const Json& nodes) {
        for (std::size_t i = 0; i < _content.instances.size(); ++i) {
            model::RigInstance out;
            auto& primitive = _content.primitives[_content.instances[i].primitive];
            if (_of[i].node != model::kNoNode) {
                out.node = _place[_of[i].node];
                const auto skin = indexMember(nodes[_of[i].node], "skin");
                if (skin && !primitive.joints.empty()) out.skin = static_cast<std::int32_t>(*skin);
            }
            if (out.skin >= 0) limitJoints(primitive, _rig.skins[static_cast<std::size_t>(out.skin)].joints.size());
            _rig.instances.push_back(out);
        }
        // A mesh that has joints but hangs on no skin stands as it is.
        std::vector<bool> skinned(_content.primitives.size(), false);
        for (std::size_t i = 0; i < _rig.instances.size(); ++i)
            if (_rig.instances[i].skin >= 0) skinned[_content.instances[i].primitive] = true;
        for (std::size_t p = 0; p < skinned.size(); ++p)
            if (!skinned[p]) _content.primitives[p].joints = {};
    }
    /// The GPU reads what a joint's number says: none beyond the skin.
    static void limitJoints(model::Primitive& primitive, std::size_t count) {
        for (auto& vertex : primitive.joints)
            for (std::size_t k = 0; k < 4; ++k)
                if (vertex.joint[k] >= count) {
                    vertex.joint[k] = 0;
                    if (count == 0) vertex.weights = glm::vec4(0.0f);
                }
    }

    /// Boxes over time: an instance's own under its node, a skinned one's joint by joint.
    void findReach() {
        float seconds = 0;
        for (const auto& animation : _rig.animations) seconds = std::max(seconds, animation.seconds);
        std::vector<std::vector<Box>> jointBoxes(_content.primitives.size());
        for (std::size_t p = 0; p < jointBoxes.size(); ++p) jointBoxes[p] = boxesOfJoints(_content.primitives[p]);
        const int samples = seconds > 0 ? kBoundSamples : 1;
        for (int s = 0; s < samples; ++s) {
            const auto pose = model::poseAt(_rig, seconds * s / samples);
            for (std::size_t i = 0; i < _rig.instances.size(); ++i) {
                const auto& primitive = _content.primitives[_content.instances[i].primitive];
                auto& instance = _rig.instances[i];
                if (instance.skin >= 0) {
                    const auto& matrices = pose.skinMatrices[static_cast<std::size_t>(instance.skin)];
                    const auto& boxes = jointBoxes[_content.instances[i].primitive];
                    for (std::size_t j = 0; j < std::min(matrices.size(), boxes.size()); ++j)
                        if (boxes[j].low.x <= boxes[j].high.x) grow(instance, matrices[j], boxes[j]);
                } else {
                    const auto matrix = instance.node == model::kNoNode ? _content.instances[i].contentFromMesh : pose.contentFromNode[instance.node];
                    grow(instance, matrix, {primitive.minimum, primitive.maximum});
                }
            }
        }
        for (auto& instance : _rig.instances) {
            const glm::vec3 margin(samples > 1 ? kBoundMargin * glm::length(instance.maximum - instance.minimum) : 0.0f);
            instance.minimum -= margin;
            instance.maximum += margin;
        }
    }
    struct Box {
        glm::vec3 low{std::numeric_limits<float>::max()}, high{std::numeric_limits<float>::lowest()};
    };
    static std::vector<Box> boxesOfJoints(const model::Primitive& primitive) {
        std::vector<Box> boxes;
        for (std::size_t i = 0; i < primitive.joints.size(); ++i)
            for (int k = 0; k < 4; ++k) {
                if (primitive.joints[i].weights[k] <= 0) continue;
                const std::size_t joint = primitive.joints[i].joint[static_cast<std::size_t>(k)];
                if (boxes.size() <= joint) boxes.resize(joint + 1);
                boxes[joint].low = glm::min(boxes[joint].low, primitive.vertices[i].position);
                boxes[joint].high = glm::max(boxes[joint].high, primitive.vertices[i].position);
            }
        return boxes;
    }
    static void grow(model::RigInstance& instance, const glm::mat4& m, const Box& box) {
        for (int corner = 0; corner < 8; ++corner) {
            const glm::vec3 p(corner & 1 ? box.high.x : box.low.x, corner & 2 ? box.high.y : box.low.y, corner & 4 ? box.high.z : box.low.z);
            const glm::vec3 q(m * glm::vec4(p, 1.0f));
            instance.minimum = glm::min(instance.minimum, q);
            instance.maximum = glm::max(instance.maximum, q);
        }
    }

    const Document& _d;
    const std::vector<NodeOfInstance>& _of;
    const GltfOptions& _options;
    model::Content& _content;
    std::uint64_t& _remaining;
    model::Rig _rig;
    std::vector<std::uint32_t> _place; // of the glTF's nodes in the rig
};

} // namespace

Result<void> buildRig(const Document& document, const std::vector<NodeOfInstance>& nodes, const glm::dmat4& contentFromRoot, const GltfOptions& options,
                      model::Content& content, std::uint64_t& remaining) {
    return RigBuilder(document, nodes, options, content, remaining).run(contentFromRoot);
}

} // namespace matou::decode
