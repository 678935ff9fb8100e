#pragma once
// What moves and shines in contents: instances, joints, morph weights and punctual lights of one frame, as tables for the GPU.

#include "render/draw_list.h"
#include "render/frame_arena.h"

namespace matou::render {

/// Fills the addresses of `list.gpuDraws` for its living draws, `seconds` after the start. `exposure` turns candela and lux
/// into the view's exposed light. Same input, same tables. Errors: E_GPU_MEMORY.
core::Result<void> writeMotion(DrawList& list, double seconds, float exposure, FrameArena& memory);

} // namespace matou::render
