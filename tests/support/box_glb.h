#pragma once
// A GLB of axis-aligned boxes, with walls cut into slices so that a tile can be as heavy as a test needs.

#include <array>
#include <string>
#include <vector>

#include "support/generated_gltf.h"

namespace matou::test {

/// Metres, east, north, up.
struct Box {
    std::array<float, 3> low, high;
    int slices = 1;
};

/// glTF is y up: east, up, -north.
inline Bytes boxGlb(const std::vector<Box>& boxes) {
    std::vector<float> positions, normals;
    std::vector<std::uint32_t> indices;
    std::array<float, 3> least{1e9f, 1e9f, 1e9f}, most{-1e9f, -1e9f, -1e9f};
    const auto quad = [&](const std::array<std::array<float, 3>, 4>& corners, const std::array<float, 3>& n) {
        const auto first = static_cast<std::uint32_t>(positions.size() / 3);
        for (const auto& c : corners) {
            const std::array<float, 3> p{c[0], c[2], -c[1]};
            for (int axis = 0; axis < 3; ++axis) {
                least[axis] = std::min(least[axis], p[axis]);
                most[axis] = std::max(most[axis], p[axis]);
            }
            positions.insert(positions.end(), p.begin(), p.end());
            normals.insert(normals.end(), {n[0], n[2], -n[1]});
        }
        for (const std::uint32_t i : {0u, 1u, 2u, 0u, 2u, 3u}) indices.push_back(first + i);
    };
    for (const Box& box : boxes) {
        const auto& [l, h] = std::pair{box.low, box.high};
        for (int s = 0; s < box.slices; ++s) {
            const float a = l[2] + (h[2] - l[2]) * static_cast<float>(s) / static_cast<float>(box.slices);
            const float b = s + 1 == box.slices ? h[2] : l[2] + (h[2] - l[2]) * static_cast<float>(s + 1) / static_cast<float>(box.slices);
            quad({{{l[0], l[1], a}, {h[0], l[1], a}, {h[0], l[1], b}, {l[0], l[1], b}}}, {0, -1, 0});
            quad({{{h[0], l[1], a}, {h[0], h[1], a}, {h[0], h[1], b}, {h[0], l[1], b}}}, {1, 0, 0});
            quad({{{h[0], h[1], a}, {l[0], h[1], a}, {l[0], h[1], b}, {h[0], h[1], b}}}, {0, 1, 0});
            quad({{{l[0], h[1], a}, {l[0], l[1], a}, {l[0], l[1], b}, {l[0], h[1], b}}}, {-1, 0, 0});
        }
        quad({{{l[0], l[1], h[2]}, {h[0], l[1], h[2]}, {h[0], h[1], h[2]}, {l[0], h[1], h[2]}}}, {0, 0, 1});
    }
    Bytes binary;
    const auto view = [&](std::size_t offset, std::size_t length) {
        return "{\"buffer\":0,\"byteOffset\":" + std::to_string(offset) + ",\"byteLength\":" + std::to_string(length) + "}";
    };
    const auto corner = [](const std::array<float, 3>& p) {
        return "[" + std::to_string(p[0]) + "," + std::to_string(p[1]) + "," + std::to_string(p[2]) + "]";
    };
    std::string views = view(append(binary, positions), positions.size() * 4) + ",";
    views += view(append(binary, normals), normals.size() * 4) + ",";
    views += view(append(binary, indices), indices.size() * 4);
    const auto n = std::to_string(positions.size() / 3);
    return glbOf(R"({"asset":{"version":"2.0"},"scene":0,"scenes":[{"nodes":[0]}],"nodes":[{"mesh":0}],
"materials":[{"pbrMetallicRoughness":{"baseColorFactor":[0.6,0.6,0.6,1],"metallicFactor":0,"roughnessFactor":0.9}}],
"meshes":[{"primitives":[{"attributes":{"POSITION":0,"NORMAL":1},"indices":2,"material":0}]}],
"accessors":[{"bufferView":0,"componentType":5126,"count":)" + n + R"(,"type":"VEC3","min":)" + corner(least) + R"(,"max":)" + corner(most) + R"(},
{"bufferView":1,"componentType":5126,"count":)" + n + R"(,"type":"VEC3"},{"bufferView":2,"componentType":5125,"count":)" + std::to_string(indices.size()) + R"(,"type":"SCALAR"}],
"bufferViews":[)" + views + R"(],"buffers":[{"byteLength":)" + std::to_string(binary.size()) + "}]}", binary);
}

} // namespace matou::test
