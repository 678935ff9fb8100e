#include "render/impl.h"

namespace matou::render {

core::Result<PickHit> Renderer::pick(const scene::FrameSnapshot&, std::int32_t, std::int32_t) { return PickHit{}; }

} // namespace matou::render
