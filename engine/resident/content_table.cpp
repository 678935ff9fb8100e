#include "resident/content_table.h"

#include <algorithm>
#include <bit>
#include <map>

#include "core/expect.h"
#include "resident/content_layout.h"

namespace matou::resident {
namespace {

/// A content's own mip levels are kept as they are, also where they stop early; others are made down to one texel.
std::uint32_t mipLevels(const model::Image& image) {
    if (image.levels > 1) return image.levels;
    return static_cast<std::uint32_t>(std::bit_width(std::max({image.width, image.height, 1u})));
}

bool usable(const model::Image& image) {
    if (image.width == 0 || image.height == 0 || image.levels == 0 || image.levels > 16) return false;
    std::size_t bytes = 0;
    for (std::uint32_t level = 0; level < image.levels; ++level)
        bytes += static_cast<std::size_t>(std::max(image.width >> level, 1u)) * std::max(image.height >> level, 1u) * 4;
    return image.rgba.size() == bytes;
}

} // namespace

core::Result<std::unique_ptr<ContentTable>> ContentTable::create(gpu::Device& device, std::uint64_t arenaBytes) {
    std::unique_ptr<ContentTable> table(new ContentTable(device));
    table->_arenas = std::make_unique<GeometryArenas>(device, arenaBytes);
    MATOU_TRY(textures, TextureTable::create(device));
    table->_textures = std::move(textures);
    return table;
}

ContentTable::~ContentTable() = default;

std::size_t ContentTable::gpuBytes(const model::Content& content) {
    std::size_t bytes = layOut(content).total;
    for (const model::Image& image : content.images)
        bytes += static_cast<std::size_t>(image.width) * image.height * 4 * 4 / 3;
    return bytes;
}

scene::ContentHandle ContentTable::enqueue(std::shared_ptr<const model::Content> content,
                                           std::vector<scene::FeatureNumber> featureOfRow) {
    MATOU_EXPECT(content != nullptr);
    std::uint32_t index = 0;
    if (_freeSlots.empty()) {
        index = static_cast<std::uint32_t>(_slots.size());
        _slots.push_back(std::make_unique<Slot>());
    } else {
        index = _freeSlots.back();
        _freeSlots.pop_back();
    }
    Slot& slot = *_slots[index];
    slot.state = State::queued;
    slot.byteSize = gpuBytes(*content);
    slot.source = std::move(content);
    slot.featureOfRow = std::move(featureOfRow);
    _totalBytes += slot.byteSize;
    _queuedBytes += slot.byteSize;
    const scene::ContentHandle handle{index, slot.generation};
    _queue.push_back(handle);
    return handle;
}

core::Result<std::size_t> ContentTable::upload(std::size_t byteBudget) {
    std::size_t copied = 0;
    while (!_queue.empty() && (copied == 0 || copied < byteBudget)) {
        const scene::ContentHandle handle = _queue.front();
        Slot& slot = *_slots[handle.index];
        if (slot.generation != handle.generation || (slot.state != State::queued && slot.state != State::uploading)) {
            _queue.pop_front(); // retired meanwhile
            continue;
        }
        const bool image = slot.state == State::uploading && slot.nextImage < slot.source->images.size();
        core::Result<std::size_t> piece = std::size_t{0};
        if (slot.state == State::queued) {
            if (auto checked = check(*slot.source); !checked) piece = tl::unexpected(checked.error());
            slot.state = State::uploading;
        } else {
            piece = image ? uploadImage(slot) : uploadGeometry(slot);
        }
        if (!piece) {
            _queue.pop_front();
            _queuedBytes -= slot.byteSize;
            _totalBytes -= slot.byteSize;
            release(slot);
            slot.byteSize = 0;
            slot.state = State::failed;
            return tl::unexpected(piece.error());
        }
        copied += *piece;
        if (slot.state == State::resident) {
            _queue.pop_front();
            _queuedBytes -= slot.byteSize;
        }
    }
    return copied;
}

core::Result<std::size_t> ContentTable::uploadImage(Slot& slot) {
    const std::size_t number = slot.nextImage++;
    const model::Image& source = slot.source->images[number];
    slot.images.resize(slot.source->images.size());
    if (!usable(source)) return std::size_t{0}; // its users get the substitute
    auto image = _device.createImage(gpu::ImagePurpose::texture,
                                     {source.srgb ? VK_FORMAT_R8G8B8A8_SRGB : VK_FORMAT_R8G8B8A8_UNORM,
                                      source.width, source.height, mipLevels(source)},
                                     "content texture");
    if (!image && image.error().code == "E_GPU_IMAGE_SIZE") { // larger than this GPU has: said, and its users get the substitute
        slot.diagnostics.push_back(image.error());
        return std::size_t{0};
    }
    if (!image) return tl::unexpected(image.error());
    MATOU_CHECK(_device.upload(*image, std::as_bytes(std::span(source.rgba)), source.levels));
    slot.images[number] = std::move(*image);
    return source.rgba.size();
}

core::Result<std::size_t> ContentTable::uploadGeometry(Slot& slot) {
    const model::Content& content = *slot.source;
    std::map<std::pair<std::int32_t, model::Sampler>, std::uint32_t> slots;
    bool missing = false;
    core::Error slotError;
    const auto slotOf = [&](const model::TextureRef& ref, std::uint32_t none) -> std::uint32_t {
        if (ref.image < 0) return none;
        if (static_cast<std::size_t>(ref.image) >= slot.images.size() || !slot.images[ref.image]) {
            missing = true;
            return none == TextureTable::kFlatNormal ? none : TextureTable::kMissing;
        }
        const auto key = std::make_pair(ref.image, ref.sampler);
        if (const auto found = slots.find(key); found != slots.end()) return found->second;
        auto added = _textures->add(slot.images[ref.image], ref.sampler);
        if (!added) {
            slotError = added.error();
            return none;
        }
        slot.textures.push_back(*added);
        return slots[key] = *added;
    };
    std::vector<PackedMaterial> materials;
    for (const model::Material& m : content.materials) {
        materials.push_back(packMaterial(m, slotOf));
        if (missing) {
            slot.diagnostics.push_back({"E_TEXTURE_MISSING", {m.name}, "material " + m.name, nullptr});
            missing = false;
        }
    }
    if (!slotError.code.empty()) return tl::unexpected(slotError);
    const ContentLayout layout = layOut(content);
    MATOU_TRY(part, _arenas->allocate(layout.total));
    slot.part = part;
    const gpu::Buffer& arena = _arenas->buffer(part.arena);
    PackedContent packed = pack(content, layout, slot.featureOfRow, materials, part.offset, arena.address());
    MATOU_CHECK(_device.upload(arena, part.offset, packed.bytes));
    slot.content.arena = part.arena;
    slot.content.draws = std::move(packed.draws);
    slot.content.rig = content.rig;
    slot.content.lights = content.lights;
    if (content.rig)
        for (const model::Instance& instance : content.instances)
            slot.content.instanceLooks.push_back(lookOf(instance, content.primitives[instance.primitive]));
    slot.content.rtcCenter = content.rtcCenter;
    slot.content.minimum = glm::vec3(std::numeric_limits<float>::max());
    slot.content.maximum = glm::vec3(std::numeric_limits<float>::lowest());
    for (const ContentDraw& draw : slot.content.draws) {
        slot.content.minimum = glm::min(slot.content.minimum, draw.minimum);
        slot.content.maximum = glm::max(slot.content.maximum, draw.maximum);
    }
    slot.content.byteSize = slot.byteSize;
    slot.content.triangles = packed.triangles;
    slot.content.featureCount = packed.featureCount;
    slot.state = State::resident;
    slot.source.reset();
    std::sort(slot.featureOfRow.begin(), slot.featureOfRow.end());
    slot.featureOfRow.erase(std::unique(slot.featureOfRow.begin(), slot.featureOfRow.end()), slot.featureOfRow.end());
    slot.featureOfRow.shrink_to_fit();
    slot.content.features = std::move(slot.featureOfRow);
    slot.featureOfRow = {};
    return packed.bytes.size();
}

core::Result<scene::ContentHandle> ContentTable::uploadNow(const model::Content& content,
                                                           std::span<const scene::FeatureNumber> featureOfRow) {
    const scene::ContentHandle handle =
        enqueue(std::make_shared<model::Content>(content), {featureOfRow.begin(), featureOfRow.end()});
    while (!isResident(handle)) {
        auto piece = upload(~std::size_t{0});
        if (!piece && failed(handle)) {
            retire(handle);
            return tl::unexpected(piece.error());
        }
    }
    return handle;
}

const ContentTable::Slot* ContentTable::slot(scene::ContentHandle handle) const {
    if (handle.index >= _slots.size()) return nullptr;
    const Slot* found = _slots[handle.index].get();
    return found->generation == handle.generation && found->state != State::free ? found : nullptr;
}

bool ContentTable::isResident(scene::ContentHandle handle) const {
    return find(handle) != nullptr;
}

bool ContentTable::failed(scene::ContentHandle handle) const {
    const Slot* found = slot(handle);
    return found != nullptr && found->state == State::failed;
}

core::Diagnostics ContentTable::diagnostics(scene::ContentHandle handle) const {
    const Slot* found = slot(handle);
    return found != nullptr ? found->diagnostics : core::Diagnostics{};
}

std::size_t ContentTable::byteSize(scene::ContentHandle handle) const {
    const Slot* found = slot(handle);
    return found != nullptr ? found->byteSize : 0;
}

std::size_t ContentTable::count() const {
    return _slots.size() - _freeSlots.size();
}

void ContentTable::release(Slot& slot) {
    _arenas->release(slot.part);
    slot.part = {};
    for (const std::uint32_t texture : slot.textures)
        _textures->remove(texture);
    slot.textures.clear();
    slot.images.clear();
    slot.nextImage = 0;
    slot.content = {};
    slot.source.reset();
    slot.featureOfRow = {};
}

void ContentTable::retire(scene::ContentHandle handle) {
    if (slot(handle) == nullptr) return;
    Slot& found = *_slots[handle.index];
    if (found.state == State::queued || found.state == State::uploading) _queuedBytes -= found.byteSize;
    _totalBytes -= found.byteSize;
    release(found);
    found.byteSize = 0;
    found.diagnostics.clear();
    found.state = State::free;
    ++found.generation;
    _freeSlots.push_back(handle.index);
}

const ResidentContent* ContentTable::find(scene::ContentHandle handle) const {
    const Slot* found = slot(handle);
    return found != nullptr && found->state == State::resident ? &found->content : nullptr;
}

} // namespace matou::resident
