#include "model/content.h"

#include <charconv>
#include <cmath>

namespace matou::model {

namespace {

std::size_t columnBytes(const PropertyColumn& column) {
    return std::visit(
        [](const auto& values) -> std::size_t {
            using Value = typename std::decay_t<decltype(values)>::value_type;
            std::size_t bytes = values.capacity() * sizeof(Value);
            if constexpr (std::is_same_v<Value, std::string>)
                for (const auto& text : values)
                    if (text.capacity() > 15) bytes += text.capacity() + 1; // beyond the string's own room
            return bytes;
        },
        column);
}

std::string numberText(double value) {
    char buffer[32];
    const auto end = std::to_chars(buffer, buffer + sizeof buffer, value).ptr; // shortest that reads back the same
    return std::string(buffer, end);
}

} // namespace

std::size_t Content::byteSize() const {
    std::size_t bytes = sizeof(Content);
    for (const auto& primitive : primitives)
        bytes += sizeof(Primitive) + primitive.vertices.capacity() * sizeof(Vertex) +
                 primitive.indices.capacity() * sizeof(std::uint32_t);
    bytes += instances.capacity() * sizeof(Instance) + materials.capacity() * sizeof(Material);
    for (const auto& image : images) bytes += sizeof(Image) + image.rgba.capacity();
    bytes += columnBytes(features.ids);
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

std::string propertyText(const FeatureTable& table, const std::string& column, std::uint32_t row) {
    const auto found = table.columns.find(column);
    if (found == table.columns.end()) return "";
    return std::visit(
        [row](const auto& values) -> std::string {
            if (row >= values.size()) return "";
            using Value = typename std::decay_t<decltype(values)>::value_type;
            if constexpr (std::is_same_v<Value, std::string>) return values[row];
            else if constexpr (std::is_same_v<Value, std::uint8_t>) return values[row] != 0 ? "true" : "false";
            else if constexpr (std::is_same_v<Value, double>) return std::isnan(values[row]) ? "" : numberText(values[row]);
            else return std::to_string(values[row]);
        },
        found->second);
}

} // namespace matou::model
