#pragma once
// One glTF primitive as model::Primitive: attributes, indices, topology, flat normals, feature rows. Internal to decode.

#include <cstdint>

#include "decode/gltf_document.h"
#include "decode/gltf_materials.h"
#include "decode/property_table.h"
#include "model/content.h"

namespace matou::decode {

/// `pointer` locates the primitive. No value where there is nothing to draw (no POSITION). Takes its bytes from `remaining`.
/// `material`: instead of the primitive's own (KHR_materials_variants).
core::Result<std::optional<model::Primitive>> buildPrimitive(const Document& document, const Json& primitive, const std::string& pointer,
                                                             std::optional<std::uint32_t> material,
                                                             const std::vector<UvSource>& uvs, const GltfOptions& options, FeatureRows& features,
                                                             core::Diagnostics& diagnostics, std::uint64_t& remaining);

/// CESIUM_primitive_outline: the edges as lines of their own about what `buildPrimitive` made of the same JSON. No value where there are none.
core::Result<std::optional<model::Primitive>> buildOutline(const Document& document, const Json& primitive, const std::string& pointer, const model::Primitive& built,
                                                           std::uint32_t material, const GltfOptions& options, std::uint64_t& remaining);

/// Which feature numbers an extension object ({"featureIds":[…]}) gives to `count` elements, as rows; empty where none. `read`
/// gives the values of attribute _FEATURE_ID_<n>.
std::vector<std::uint32_t> featureRowsOf(const Document& document, const Json& extension, const std::string& pointer, std::uint64_t count,
                                         const std::function<std::vector<std::uint32_t>(std::uint64_t set)>& read, const GltfOptions& options,
                                         FeatureRows& features, core::Diagnostics& diagnostics);

} // namespace matou::decode
