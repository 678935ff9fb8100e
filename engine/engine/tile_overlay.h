#pragma once
// --debug tiles: what streaming does, drawn over the picture. Volumes of tiles in the colour of their state, failed ones with
// their error, one tile told in words, queues and budget in a corner.

#include <optional>
#include <span>

#include "core/messages.h"
#include "engine/contents.h"
#include "scene/frame_snapshot.h"
#include "text/text_shaper.h"

namespace matou {

struct TileOverlayInput {
    const scene::View* view = nullptr;
    const tiles::ViewState* state = nullptr; // what that view asked with
    std::size_t viewIndex = 0;
    /// Where the pointer is, in pixels of the target; without one the tile in the picture's middle is told.
    std::optional<glm::vec2> pointer;
    std::span<const glm::vec4> covered; // by panels: x, y, width, height
    core::Language language = core::Language::zh;
    float scale = 1;
};

/// Appends to `overlay`. Cost: some milliseconds; at most 600 volumes.
void addTileOverlay(const Contents& contents, const TileOverlayInput& input, text::TextShaper& shaper, scene::Overlay& overlay);

} // namespace matou
