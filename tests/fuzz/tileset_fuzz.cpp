// tileset.json, explicit and with implicit tiling, and what is said of the tree.
#include <cstdint>
#include <span>

#include "tiles/tile_tree.h"
#include "tiles/validate.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto tree = matou::tiles::parseTileset(std::as_bytes(std::span(data, size)), "fuzz");
    if (tree) static_cast<void>(matou::tiles::validateTree(*tree));
    return 0;
}
