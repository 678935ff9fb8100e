#include "model/content.h"

#include <charconv>
#include <cmath>

#include <glm/gtc/packing.hpp>

namespace matou::model {

namespace {

template <typename Value>
std::size_t vectorBytes(const std::vector<Value>& values) {
    std::size_t bytes = values.capacity() * sizeof(Value);
    if constexpr (std::is_same_v<Value, std::string>)
        for (const auto& text : values)
            if (text.capacity() > 15) bytes += text.capacity() + 1; // beyond the string's own room
    return bytes;
}

std::size_t columnBytes(const PropertyColumn& column) {
    if (const auto* list = std::get_if<ListColumn>(&column))
        return vectorBytes(list->ends) + std::visit([](const auto& values) { return vectorBytes(values); }, list->values);
    return std::visit(
        [](const auto& values) -> std::size_t {
            if constexpr (std::is_same_v<std::decay_t<decltype(values)>, ListColumn>) return 0;
            else return vectorBytes(values);
        },
        column);
}

std::string numberText(double value) {
    char buffer[32];
    const auto end = std::to_chars(buffer, buffer + sizeof buffer, value).ptr; // shortest that reads back the same
    return std::string(buffer, end);
}

template <typename Value>
std::string valueText(const std::vector<Value>& values, std::size_t at) {
    if constexpr (std::is_same_v<Value, std::string>) return values[at];
    else if constexpr (std::is_same_v<Value, std::uint8_t>) return values[at] != 0 ? "true" : "false";
    else if constexpr (std::is_same_v<Value, double>) return std::isnan(values[at]) ? "" : numberText(values[at]);
    else return std::to_string(values[at]);
}

std::string listText(const ListColumn& list, std::uint32_t row) {
    return std::visit(
        [&](const auto& values) {
            std::string out = "[";
            for (auto i = list.begin(row); i < list.ends[row]; ++i) out += (i == list.begin(row) ? "" : ", ") + valueText(values, i);
            return out + "]";
        },
        list.values);
}

} // namespace

std::size_t Content::byteSize() const {
    std::size_t bytes = sizeof(Content);
    for (const auto& primitive : primitives)
        bytes += sizeof(Primitive) + primitive.vertices.capacity() * sizeof(Vertex) +
                 primitive.indices.capacity() * sizeof(std::uint32_t) + primitive.extras.capacity() * sizeof(VertexExtra) +
                 primitive.joints.capacity() * sizeof(Joints) + primitive.morph.capacity() * sizeof(float);
    if (rig) bytes += rig->byteSize();
    bytes += lights.capacity() * sizeof(Light);
    bytes += instances.capacity() * sizeof(Instance) + materials.capacity() * sizeof(Material);
    for (const auto& image : images) bytes += sizeof(Image) + image.rgba.capacity();
    bytes += vectorBytes(features.ids);
    for (const auto& [name, column] : features.columns) bytes += 64 + name.size() + columnBytes(column);
    return bytes;
}

std::size_t Content::triangleCount() const {
    std::size_t triangles = 0;
    for (const auto& instance : instances) {
        if (instance.primitive >= primitives.size()) continue;
        const auto& primitive = primitives[instance.primitive];
        if (primitive.topology == Topology::triangles) triangles += primitive.indices.size() / 3;
    }
    return triangles;
}

std::uint32_t packedDirection(glm::vec3 unit) {
    const float sum = std::abs(unit.x) + std::abs(unit.y) + std::abs(unit.z);
    if (!(sum > 1e-20f)) return packedDirection({0.0f, 0.0f, 1.0f});
    glm::vec2 e = glm::vec2(unit) / sum;
    if (unit.z < 0) e = (1.0f - glm::abs(glm::vec2(e.y, e.x))) * glm::vec2(e.x >= 0 ? 1.0f : -1.0f, e.y >= 0 ? 1.0f : -1.0f);
    return glm::packSnorm2x16(e);
}

std::uint32_t packedTangent(glm::vec3 unit, float bitangentSign) {
    const std::uint32_t bits = packedDirection(unit) & ~0x10000u;
    return bitangentSign < 0 ? bits | 0x10000u : bits;
}

std::string propertyText(const FeatureTable& table, const std::string& column, std::uint32_t row) {
    const auto found = table.columns.find(column);
    if (found == table.columns.end()) return "";
    return std::visit(
        [row](const auto& values) -> std::string {
            if (row >= values.size()) return "";
            if constexpr (std::is_same_v<std::decay_t<decltype(values)>, ListColumn>) return listText(values, row);
            else return valueText(values, row);
        },
        found->second);
}

} // namespace matou::model
