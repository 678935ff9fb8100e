// Subtree files of implicit tiling, binary and JSON.
#include <cstdint>
#include <span>

#include "tiles/subtree.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto none = [](const std::string&) -> matou::core::Result<std::vector<std::byte>> { return std::vector<std::byte>(64, std::byte{0x5a}); };
    static_cast<void>(matou::tiles::validateSubtree(std::as_bytes(std::span(data, size)), "fuzz", none));
    return 0;
}
