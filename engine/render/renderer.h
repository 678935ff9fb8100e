#pragma once
// FrameSnapshot -> pixels. Off-screen always; shown in a window where one is attached. The order of the passes is
// frame.cpp. Thread: main lane.

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <glm/glm.hpp>

#include "core/result.h"
#include "gpu/device.h"
#include "resident/content_table.h"
#include "scene/frame_snapshot.h"

struct ImDrawData;

namespace matou::render {

/// What each means is one table: tiers.h.
enum class Quality : std::uint8_t { low, medium, high, ultra };

/// medium on a software driver, high elsewhere.
Quality defaultQuality(const gpu::DeviceDescription& device);

/// Whether objects that others hide are left out (HiddenPass); the picture is the same. byQuality: where it pays.
enum class OcclusionCulling : std::uint8_t { byQuality, off, on };

struct RendererOptions {
    Quality quality = Quality::medium;
    /// Samples per pixel: 1, 2, 4 or 8; 0: by quality (low 1, medium 4, high 4, ultra 8 where there).
    std::uint32_t samples = 0;
    bool shadows = true;
    /// With shadows, in qualities that have them.
    bool contactShadows = true;
    /// Views may bring a sunMask: there is room for maps of plants alone beside the whole ones.
    bool referenceShadows = false;
    /// Pass times on the GPU by timestamps.
    bool timestamps = true;
    /// False: what is culled on the GPU is drawn all the same, wherever it lies. The picture is the same; for comparing.
    bool cullObjects = true;
    OcclusionCulling occlusionCulling = OcclusionCulling::byQuality;
    /// Triangles and pixels counted on the GPU, where it can. For measuring: not free on every driver.
    bool counts = false;
    /// Layers that will be drawn soon: the pipelines of their usual materials are begun at once, on other threads.
    std::vector<scene::LayerRole> expected;
    /// Contents may fade (DrawContent::keepFrom): the pipelines of that are made while nothing else is, before the first one does.
    bool fades = false;
    /// Makes what frames need next on another thread, so that none waits; empty: at once, so that the same input gives the same
    /// pixels.
    std::function<void(std::function<void()>)> aside;
};

/// The UI of one frame: ImGui's plain draw data and its font atlas. ImTextureID null is the font.
struct UiDrawData {
    const ImDrawData* draw = nullptr;
    const std::uint8_t* fontPixels = nullptr; // width × height × fontChannels
    std::uint32_t fontWidth = 0, fontHeight = 0;
    std::uint32_t fontChannels = 1; // 1: alpha, 4: RGBA
    std::uint64_t fontVersion = 0;  // uploaded anew where it differs from the last
};

/// What is drawn at a pixel.
struct PickHit {
    /// 0 where nothing that has a feature is there.
    scene::FeatureNumber feature = 0;
    /// An icon or label was hit: `position` is its anchor.
    bool overlay = false;
    /// False: sky or outside of every view; the rest is meaningless.
    bool hit = false;
    std::uint32_t view = 0;
    geo::Ecef position;
    double distanceMeters = 0;
    /// Index into the view's contents; of geometry only.
    std::uint32_t content = 0xffffffffu;
};

struct PassTime {
    std::string name;
    double milliseconds = 0;
};

/// What the GPU counted over all passes of a frame, shadow maps and whole-screen triangles too.
struct WorkCounts {
    std::uint64_t triangles = 0;     // assembled
    std::uint64_t trianglesSeen = 0; // left after clipping
    std::uint64_t pixels = 0;        // shaded: runs of fragment shaders
};

/// Figures of one frame. GPU times and counts are of the newest frame that has finished; CPU times are the calling
/// thread's own, so waiting for the GPU is not in them.
struct FrameReport {
    std::vector<PassTime> cpu, gpu;
    WorkCounts counts; // zeros unless RendererOptions::counts
    double cpuMilliseconds = 0, gpuMilliseconds = 0;
    std::uint64_t trianglesDrawn = 0;     // of the contents of all views
    std::uint64_t trianglesSubmitted = 0; // main pass, after culling below content level
    std::uint32_t drawCalls = 0, draws = 0, features = 0;
    bool presented = false;
    /// The window's surface no longer fits: call resize() with its size.
    bool windowOutdated = false;
};

struct Pixels {
    std::uint32_t width = 0, height = 0;
    std::vector<std::uint8_t> rgba; // sRGB, rows from the top, alpha 255
};

class Renderer {
public:
    /// `contents` must outlive it. Errors: E_GPU_MEMORY, E_SHADER (pipeline could not be made), E_RENDER_SIZE.
    static core::Result<std::unique_ptr<Renderer>> create(gpu::Device& device, resident::ContentTable& contents,
                                                          glm::uvec2 size, const RendererOptions& options);
    ~Renderer();

    /// Shows every later frame in that window too. Errors: E_NO_PRESENT, E_SWAPCHAIN.
    core::Result<void> attachWindow(const gpu::MakeSurface& makeSurface, glm::uvec2 framebufferSize, bool vsync = true);
    void detachWindow();
    /// New size of the picture (and of the window's images). Errors: as create.
    core::Result<void> resize(glm::uvec2 size);
    glm::uvec2 size() const;
    /// From the next frame on; targets and pipelines are made anew. Errors: as create.
    core::Result<void> setQuality(Quality quality);

    /// Draws one frame. Contents that are not resident are left out; pixels outside all views are black.
    /// Errors: E_DEVICE_LOST, E_GPU_MEMORY.
    core::Result<FrameReport> render(const scene::FrameSnapshot& frame, const UiDrawData* ui = nullptr);
    /// Waits until the GPU has drawn the last frame. Errors: E_DEVICE_LOST.
    core::Result<void> waitForFrame();
    /// Waits for the last frame and returns it. Errors: E_DEVICE_LOST.
    core::Result<Pixels> readback();
    /// The scene's light of the last frame before bloom and tone mapping: linear, exposed, rows from the top. Only with one
    /// sample per pixel. Errors: E_DEVICE_LOST.
    core::Result<std::vector<glm::vec4>> readbackLight();
    /// What `frame` shows at that pixel of the picture (y down): overlay items first, then geometry, drawn again into
    /// one pixel with the same hiding. Lines within 3 pixels count. Cost: the contents under that pixel; waits for the
    /// GPU.
    core::Result<PickHit> pick(const scene::FrameSnapshot& frame, std::int32_t x, std::int32_t y);

    /// Memory of frame targets and per-frame tables: "bytes.frame" of --stats.
    std::uint64_t frameBytes() const;
    const RendererOptions& options() const;

private:
    struct Impl;
    explicit Renderer(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> _impl;
};

} // namespace matou::render
