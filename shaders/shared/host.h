#pragma once
// The shared structs as C++ sees them, with their sizes asserted.

#include <cstdint>

#include <glm/glm.hpp>

namespace matou::shared {
using glm::mat4;
using glm::vec2;
using glm::vec3;
using glm::vec4;
using uint = std::uint32_t;
using std::uint64_t;
#include "shared/gpu_types.h"

static_assert(sizeof(GpuInstance) == 64);
static_assert(sizeof(GpuMaterial) == 200);
static_assert(sizeof(GpuMaterialLobes) == 440);
static_assert(sizeof(GpuVertexExtra) == 16);
static_assert(sizeof(GpuJoints) == 24);
static_assert(sizeof(GpuDeform) == 40);
static_assert(sizeof(GpuPunctualLight) == 64);
static_assert(sizeof(GpuFeatureRow) == 12);
static_assert(sizeof(GpuStyle) == 8);
static_assert(sizeof(GpuDraw) == 144);
static_assert(sizeof(GpuDraw) == MATOU_DRAW_WORDS * 4);
static_assert(sizeof(GpuObject) == 64);
static_assert(sizeof(GpuHerd) == 48);
static_assert(sizeof(GpuCull) == MATOU_CULL_PLANES * 16 + 64 + 40);
static_assert(sizeof(GpuView) == 6 * 64 + (29 + 2 + MATOU_HEIGHT_STOPS) * 16);
static_assert(sizeof(GpuOverlayQuad) == 80);
static_assert(sizeof(GpuLineSegment) == 48);
static_assert(sizeof(GpuAreaVertex) == 20);
static_assert(sizeof(GpuTraceNode) == 32);
static_assert(sizeof(GpuTraceContent) == 128);
static_assert(sizeof(GpuTrace) == (4 + MATOU_DISC_RIM + MATOU_DISC_ALL) * 16 + 4 * 8 + 6 * 4);
} // namespace matou::shared
