#pragma once
// Small GLBs made in memory, so that tests need no files.

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace matou::test {

using Bytes = std::vector<std::byte>;

inline Bytes bytesOf(std::string_view text) {
    Bytes out(text.size());
    std::memcpy(out.data(), text.data(), text.size());
    return out;
}

/// A GLB of a JSON text and a binary chunk (none where empty), padded as the specification asks.
inline Bytes glbOf(std::string json, std::span<const std::byte> binary) {
    while (json.size() % 4 != 0) json += ' ';
    Bytes bin(binary.begin(), binary.end());
    while (bin.size() % 4 != 0) bin.push_back(std::byte{0});
    Bytes out;
    const auto put = [&out](std::uint32_t value) {
        const auto* p = reinterpret_cast<const std::byte*>(&value);
        out.insert(out.end(), p, p + 4);
    };
    put(0x46546C67);
    put(2);
    put(static_cast<std::uint32_t>(12 + 8 + json.size() + (bin.empty() ? 0 : 8 + bin.size())));
    put(static_cast<std::uint32_t>(json.size()));
    put(0x4E4F534A);
    const auto text = bytesOf(json);
    out.insert(out.end(), text.begin(), text.end());
    if (!bin.empty()) {
        put(static_cast<std::uint32_t>(bin.size()));
        put(0x004E4942);
        out.insert(out.end(), bin.begin(), bin.end());
    }
    return out;
}

/// Appends values to a binary chunk at a multiple of 4 and gives the offset.
template <typename T>
std::size_t append(Bytes& binary, const std::vector<T>& values) {
    while (binary.size() % 4 != 0) binary.push_back(std::byte{0});
    const auto offset = binary.size();
    const auto* p = reinterpret_cast<const std::byte*>(values.data());
    binary.insert(binary.end(), p, p + values.size() * sizeof(T));
    return offset;
}

/// A square of `size` metres about (x, y, z) (glTF axes, lying in the x-z plane), as `triangles` slivers, with normals and one
/// feature per triangle in a property table with "id" = prefix + number.
inline Bytes squareGlb(float x, float y, float z, float size, int triangles, const std::string& idPrefix = "f") {
    std::vector<float> positions, normals;
    std::vector<std::uint32_t> indices;
    std::vector<float> features;
    for (int i = 0; i < triangles; ++i) {
        const float a = static_cast<float>(i) / static_cast<float>(triangles) - 0.5f, b = static_cast<float>(i + 1) / static_cast<float>(triangles) - 0.5f;
        const float corners[3][2] = {{a, -0.5f}, {a, 0.5f}, {b, 0.5f}};
        for (const auto& corner : corners) {
            indices.push_back(static_cast<std::uint32_t>(indices.size()));
            positions.insert(positions.end(), {x + corner[0] * size, y, z + corner[1] * size});
            normals.insert(normals.end(), {0, 1, 0});
            features.push_back(static_cast<float>(i));
        }
    }
    std::string text;
    std::vector<std::uint32_t> offsets{0};
    for (int i = 0; i < triangles; ++i) {
        text += idPrefix + std::to_string(i);
        offsets.push_back(static_cast<std::uint32_t>(text.size()));
    }
    Bytes binary;
    const auto n = std::to_string(indices.size());
    const auto view = [&](std::size_t offset, std::size_t length) {
        return "{\"buffer\":0,\"byteOffset\":" + std::to_string(offset) + ",\"byteLength\":" + std::to_string(length) + "}";
    };
    std::string views;
    views += view(append(binary, positions), positions.size() * 4) + ",";
    views += view(append(binary, normals), normals.size() * 4) + ",";
    views += view(append(binary, features), features.size() * 4) + ",";
    views += view(append(binary, indices), indices.size() * 4) + ",";
    views += view(append(binary, std::vector<char>(text.begin(), text.end())), text.size()) + ",";
    views += view(append(binary, offsets), offsets.size() * 4);
    const auto t = std::to_string(triangles);
    const std::string json = R"({"asset":{"version":"2.0"},"extensionsUsed":["EXT_mesh_features","EXT_structural_metadata"],
"extensions":{"EXT_structural_metadata":{"schema":{"id":"s","classes":{"c":{"properties":{"id":{"type":"STRING"}}}}},
"propertyTables":[{"class":"c","count":)" + t + R"(,"properties":{"id":{"values":4,"stringOffsets":5}}}]}},
"scene":0,"scenes":[{"nodes":[0]}],"nodes":[{"mesh":0}],"meshes":[{"primitives":[{"attributes":{"POSITION":0,"NORMAL":1,"_FEATURE_ID_0":2},"indices":3,
"extensions":{"EXT_mesh_features":{"featureIds":[{"featureCount":)" + t + R"(,"attribute":0,"propertyTable":0}]}}}]}],
"accessors":[{"bufferView":0,"componentType":5126,"count":)" + n + R"(,"type":"VEC3","min":[0,0,0],"max":[0,0,0]},
{"bufferView":1,"componentType":5126,"count":)" + n + R"(,"type":"VEC3"},{"bufferView":2,"componentType":5126,"count":)" + n + R"(,"type":"SCALAR"},
{"bufferView":3,"componentType":5125,"count":)" + n + R"(,"type":"SCALAR"}],
"bufferViews":[)" + views + R"(],"buffers":[{"byteLength":)" + std::to_string(binary.size()) + "}]}";
    return glbOf(json, binary);
}

} // namespace matou::test
