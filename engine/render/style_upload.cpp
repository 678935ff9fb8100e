#include "render/style_upload.h"

#include <cstring>

#include "render/state_key.h"
#include "shared/host.h"

namespace matou::render {

core::Result<const StylesOnGpu*> StyleUpload::of(const std::shared_ptr<const scene::StyleTable>& table) {
    static const StylesOnGpu kNone;
    if (table == nullptr || table->styles.empty()) return &kNone;
    for (const auto& kept : _kept)
        if (kept->table == table) {
            kept->used = true;
            return &kept->styles;
        }
    const std::size_t count = table->styles.size();
    auto kept = std::make_unique<Kept>();
    MATOU_TRY(buffer, _device.createBuffer(gpu::BufferPurpose::frame, count * sizeof(shared::GpuStyle), "styles"));
    static_assert(sizeof(scene::FeatureStyle) == sizeof(shared::GpuStyle) && offsetof(scene::FeatureStyle, flags) == offsetof(shared::GpuStyle, flags));
    std::memcpy(buffer.mapped(), table->styles.data(), count * sizeof(shared::GpuStyle));
    StylesOnGpu& out = kept->styles;
    out.address = buffer.address();
    out.count = static_cast<std::uint32_t>(count);
    for (std::size_t i = 0; i < count; ++i) {
        const std::uint32_t flags = table->styles[i].flags;
        if (flags == 0) continue;
        if (const std::uint32_t shadowless = flags & (scene::kStyleHidden | scene::kStyleGhosted); shadowless != 0)
            out.shadowKey = mixKey(out.shadowKey, i * 8 + shadowless);
        if ((flags & scene::kStyleSelected) != 0) out.selected.push_back(static_cast<scene::FeatureNumber>(i));
        if ((flags & scene::kStyleMarkMask) != 0) out.marked.push_back(static_cast<scene::FeatureNumber>(i));
        out.styled = out.styled || (flags & (scene::kStyleSelected | scene::kStyleGhosted)) != 0;
    }
    kept->table = table;
    kept->buffer = std::move(buffer);
    _kept.push_back(std::move(kept));
    return &_kept.back()->styles;
}

void StyleUpload::nextFrame() {
    std::erase_if(_kept, [](const auto& kept) { return !kept->used; });
    for (const auto& kept : _kept)
        kept->used = false;
}

std::uint64_t StyleUpload::byteSize() const {
    std::uint64_t bytes = 0;
    for (const auto& kept : _kept)
        bytes += kept->buffer.size();
    return bytes;
}

} // namespace matou::render
