#pragma once
// Every content of a tileset or of a single model, read one after another: for commands that look at things, not for drawing.

#include <functional>
#include <string>

#include <glm/glm.hpp>

#include "core/result.h"
#include "model/content.h"

namespace matou::apps {

struct WalkedContent {
    const model::Content& content;
    glm::dmat4 ecefFromContent;
    /// Nothing finer replaces it.
    bool finest = true;
    std::string where;
};

struct WalkCount {
    std::size_t tilesets = 0, tiles = 0, contents = 0;
};

/// `path`: a tileset.json, .glb, .gltf, .b3dm or an http(s) URL. Stops at the first thing that cannot be read; its error.
core::Result<WalkCount> walkContents(const std::string& path, const std::function<void(const WalkedContent&)>& take);

} // namespace matou::apps
