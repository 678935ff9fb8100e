#pragma once
// The bindless table: one descriptor set with every texture of every content, indexed by slot.

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <vector>

#include "core/result.h"
#include "gpu/device.h"
#include "model/content.h"

namespace matou::resident {

class TextureTable {
public:
    static core::Result<std::unique_ptr<TextureTable>> create(gpu::Device& device);

    /// Slots that always exist.
    static constexpr std::uint32_t kWhite = 0, kMissing = 1, kFlatNormal = 2, kSplitSum = 3;

    /// A slot showing `image` (which must outlive it). Errors: E_TEXTURE_SLOTS.
    core::Result<std::uint32_t> add(const gpu::Image& image, const model::Sampler& sampler);
    /// The slot is reused only after the frames in flight are done.
    void remove(std::uint32_t slot);

    VkDescriptorSetLayout layout() const { return _layout.get(); }
    VkDescriptorSet set() const { return _set; }
    std::uint32_t capacity() const { return _capacity; }
    std::uint32_t used() const { return static_cast<std::uint32_t>(_capacity - _free->size()); }

private:
    explicit TextureTable(gpu::Device& device) : _device(device) {}
    gpu::Device& _device;
    gpu::Owned<VkDescriptorSetLayout> _layout;
    gpu::Owned<VkDescriptorPool> _pool;
    VkDescriptorSet _set = VK_NULL_HANDLE;
    core::Result<VkSampler> samplerFor(const model::Sampler& sampler);
    std::map<model::Sampler, gpu::Owned<VkSampler>> _samplers; // made when first asked for
    std::array<gpu::Image, 4> _fixed;
    std::shared_ptr<std::vector<std::uint32_t>> _free; // shared with retired removals only
    std::uint32_t _capacity = 0;
};

} // namespace matou::resident
