#pragma once
// How one content lies in its part of an arena, and the bytes themselves. Pure: tested without a GPU.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "core/result.h"
#include "model/content.h"
#include "resident/content_table.h"
#include "shared/host.h"

namespace matou::resident {

/// Offsets from the part's begin, which is a multiple of 144.
struct ContentLayout {
    std::uint64_t vertices = 0, indices = 0, instances = 0, materials = 0, lobes = 0, objects = 0, features = 0, total = 0;
    std::vector<std::uint32_t> firstVertex, firstIndex; // per primitive, relative to the begin of its kind
    std::vector<std::uint64_t> extras, joints, morph;   // per primitive, from the begin; 0: none
    std::uint64_t vertexCount = 0, indexCount = 0, instanceCount = 0;
    std::uint64_t objectRoom = 0; // GpuObjects of herds, at most
};

ContentLayout layOut(const model::Content& content);

/// Refuses what would make the GPU read outside: indices, materials, images and instances out of range, tables that are
/// too large. Errors: E_CONTENT_EMPTY, E_CONTENT_INDEX.
core::Result<void> check(const model::Content& content);

/// A hash of the feature's own id (FNV-1a), the same in every run and at every level of detail.
std::uint32_t featureSeed(const std::string& id);

/// As the GPU has them, for tables made at upload and for those made anew every frame.
InstanceLook lookOf(const model::Instance& instance, const model::Primitive& primitive);

/// A material for the GPU and, where it has them, its lobes. `slotOf` gives the slot of the bindless table for a texture, or
/// the second argument where it has none.
struct PackedMaterial {
    shared::GpuMaterial material;
    shared::GpuMaterialLobes lobes;
    bool hasLobes = false;
};
PackedMaterial packMaterial(const model::Material& material, const std::function<std::uint32_t(const model::TextureRef&, std::uint32_t)>& slotOf);

/// The bytes of a content at `base` (GPU address of the part) and its draws. `materials` come with slots filled in.
struct PackedContent {
    std::vector<std::byte> bytes;
    std::vector<ContentDraw> draws;
    std::uint64_t triangles = 0;
    std::uint32_t featureCount = 0;
};
PackedContent pack(const model::Content& content, const ContentLayout& layout,
                   std::span<const scene::FeatureNumber> featureOfRow, std::span<const PackedMaterial> materials,
                   std::uint64_t partOffset, std::uint64_t arenaAddress);

} // namespace matou::resident
