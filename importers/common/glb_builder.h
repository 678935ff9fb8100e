#pragma once
// Puts one glb together: buffer views aligned to 8 bytes (what EXT_structural_metadata asks for), accessors, JSON.

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include <glm/glm.hpp>

#include "core/json.h"

namespace matou::importers {

class GlbBuilder {
public:
    enum class Target { none, vertices, indices };

    /// Index of the new buffer view.
    std::size_t addView(std::span<const std::byte> bytes, Target target = Target::none);
    template <typename T>
    std::size_t addView(const std::vector<T>& values, Target target = Target::none) {
        return addView(std::as_bytes(std::span<const T>(values)), target);
    }

    /// Indices of the new accessors. `withBounds` writes min and max, which POSITION must have.
    std::size_t addVec3(const std::vector<glm::vec3>& values, bool withBounds, Target target = Target::vertices);
    std::size_t addVec2(const std::vector<glm::vec2>& values);
    std::size_t addVec4(const std::vector<glm::vec4>& values, Target target = Target::vertices);
    std::size_t addColors(const std::vector<glm::u8vec4>& values, Target target = Target::vertices);
    std::size_t addScalars(const std::vector<float>& values, Target target = Target::vertices);
    std::size_t addIndices(const std::vector<std::uint32_t>& values);

    core::Json& json() { return _json; }
    /// Closes the file; the builder is spent.
    std::vector<std::byte> finish();

private:
    std::size_t addAccessor(core::Json accessor);
    core::Json _json = core::Json::object();
    std::vector<std::byte> _binary;
};

} // namespace matou::importers
