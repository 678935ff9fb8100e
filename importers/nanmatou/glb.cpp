#include "nanmatou/glb.h"

#include <bit>
#include <cstring>
#include <limits>

#include <nlohmann/json.hpp>

namespace matou::importers::nanmatou {

static_assert(std::endian::native == std::endian::little);

std::vector<std::byte> glbOf(const Mesh& mesh, const std::string& name) {
    std::vector<std::byte> bin;
    auto put = [&](const void* data, std::size_t size) {
        const auto* bytes = static_cast<const std::byte*>(data);
        bin.insert(bin.end(), bytes, bytes + size);
    };
    glm::vec3 low(std::numeric_limits<float>::max()), high(std::numeric_limits<float>::lowest());
    for (const auto& p : mesh.positions) {
        const glm::vec3 q(static_cast<float>(p.x), static_cast<float>(p.z), static_cast<float>(-p.y));
        low = glm::min(low, q), high = glm::max(high, q);
        put(&q, sizeof q);
    }
    const std::size_t normalsAt = bin.size();
    for (const auto& n : mesh.normals) {
        const glm::vec3 q(n.x, n.z, -n.y);
        put(&q, sizeof q);
    }
    const std::size_t colorsAt = bin.size();
    for (const auto& c : mesh.colors)
        put(&c, sizeof c);
    const std::size_t uvsAt = bin.size();
    for (const auto& uv : mesh.uvs)
        put(&uv, sizeof uv);
    const std::size_t indicesAt = bin.size();
    for (const auto i : mesh.indices)
        put(&i, sizeof i);

    using Json = nlohmann::ordered_json;
    const auto count = mesh.positions.size();
    auto view = [](std::size_t from, std::size_t to, int target) {
        return Json{{"buffer", 0}, {"byteOffset", from}, {"byteLength", to - from}, {"target", target}};
    };
    Json json;
    json["asset"] = {{"version", "2.0"}, {"generator", "Matou"}};
    json["scene"] = 0;
    json["scenes"] = Json::array({{{"nodes", {0}}}});
    json["nodes"] = Json::array({{{"mesh", 0}, {"name", name}}});
    json["meshes"] = Json::array(
        {{{"name", name},
          {"primitives",
           Json::array({{{"attributes", {{"POSITION", 0}, {"NORMAL", 1}, {"COLOR_0", 2}, {"TEXCOORD_0", 3}}},
                         {"indices", 4},
                         {"material", 0}}})}}});
    json["materials"] = Json::array({{{"name", "proposal"},
                                      {"pbrMetallicRoughness", {{"metallicFactor", 0.0}, {"roughnessFactor", 0.7}}},
                                      {"doubleSided", true}}});
    json["bufferViews"] =
        Json::array({view(0, normalsAt, 34962), view(normalsAt, colorsAt, 34962), view(colorsAt, uvsAt, 34962),
                     view(uvsAt, indicesAt, 34962), view(indicesAt, bin.size(), 34963)});
    json["accessors"] = Json::array(
        {Json{{"bufferView", 0},
              {"componentType", 5126},
              {"count", count},
              {"type", "VEC3"},
              {"min", {low.x, low.y, low.z}},
              {"max", {high.x, high.y, high.z}}},
         Json{{"bufferView", 1}, {"componentType", 5126}, {"count", count}, {"type", "VEC3"}},
         Json{{"bufferView", 2}, {"componentType", 5121}, {"normalized", true}, {"count", count}, {"type", "VEC4"}},
         Json{{"bufferView", 3}, {"componentType", 5126}, {"count", count}, {"type", "VEC2"}},
         Json{{"bufferView", 4}, {"componentType", 5125}, {"count", mesh.indices.size()}, {"type", "SCALAR"}}});
    json["buffers"] = Json::array({{{"byteLength", bin.size()}}});

    std::string text = json.dump();
    while (text.size() % 4 != 0)
        text += ' ';
    while (bin.size() % 4 != 0)
        bin.push_back(std::byte{0});
    std::vector<std::byte> out;
    auto word = [&](std::uint32_t v) {
        const auto* bytes = reinterpret_cast<const std::byte*>(&v);
        out.insert(out.end(), bytes, bytes + 4);
    };
    word(0x46546c67), word(2), word(static_cast<std::uint32_t>(12 + 8 + text.size() + 8 + bin.size()));
    word(static_cast<std::uint32_t>(text.size())), word(0x4e4f534a);
    const auto* json8 = reinterpret_cast<const std::byte*>(text.data());
    out.insert(out.end(), json8, json8 + text.size());
    word(static_cast<std::uint32_t>(bin.size())), word(0x004e4942);
    out.insert(out.end(), bin.begin(), bin.end());
    return out;
}

} // namespace matou::importers::nanmatou
