#pragma once
// What moves in a content: nodes, skins, morph weights and the animations that drive them. Plain data and one pure function.

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include <glm/glm.hpp>
#include <glm/gtc/quaternion.hpp>

namespace matou::model {

inline constexpr std::uint32_t kNoNode = 0xffffffffu;

struct RigNode {
    std::uint32_t parent = kNoNode; // stands before its children
    glm::vec3 translation{0.0f};
    glm::quat rotation{1.0f, 0.0f, 0.0f, 0.0f};
    glm::vec3 scale{1.0f};
    bool fixed = false; // `matrix` instead of the three: cannot be animated
    glm::mat4 matrix{1.0f};
    std::vector<float> weights; // of morph targets, at rest
};

struct RigSkin {
    std::vector<std::uint32_t> joints;    // nodes
    std::vector<glm::mat4> inverseBind; // as many
};

enum class Interpolation : std::uint8_t { step, linear, cubicSpline };
enum class AnimatedPath : std::uint8_t { translation, rotation, scale, weights };

/// Keys of one property of one node. `values` holds `width` numbers per key, three times as many for cubic splines (in-tangent,
/// value, out-tangent).
struct AnimationChannel {
    std::uint32_t node = 0;
    AnimatedPath path = AnimatedPath::translation;
    Interpolation interpolation = Interpolation::linear;
    std::uint32_t width = 3;
    std::vector<float> times; // seconds, growing
    std::vector<float> values;
};

struct Animation {
    std::string name;
    float seconds = 0.0f; // the last key of all
    std::vector<AnimationChannel> channels;
};

/// How an instance of the content hangs on the rig; one per Content::instances, in their order.
struct RigInstance {
    std::uint32_t node = kNoNode; // kNoNode: stands still
    std::int32_t skin = -1;
    /// Content frame; holds it at every instant.
    glm::vec3 minimum{std::numeric_limits<float>::max()}, maximum{std::numeric_limits<float>::lowest()};
};

struct Rig {
    std::vector<RigNode> nodes;
    std::vector<RigSkin> skins;
    std::vector<Animation> animations;
    std::vector<RigInstance> instances;
    glm::mat4 contentFromRoot{1.0f};
    std::size_t byteSize() const;
};

/// Where everything is at an instant.
struct Pose {
    std::vector<glm::mat4> contentFromNode;
    std::vector<std::vector<float>> weights;         // per node
    std::vector<std::vector<glm::mat4>> skinMatrices; // per skin, per joint: contentFromMesh
};

/// The pose `seconds` after the start. The first animation plays, and with it every later one that moves nothing which an
/// earlier one moves; each repeats by its own length. Same input, same pose. Source: glTF 2.0, 3.11 and appendix C.
Pose poseAt(const Rig& rig, double seconds);

} // namespace matou::model
