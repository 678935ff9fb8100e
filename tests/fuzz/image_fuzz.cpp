// KTX2 above all (the other kinds are libraries'), as an image of a tile.
#include <cstdint>
#include <span>

#include "decode/image.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static_cast<void>(matou::decode::decodeImage(std::as_bytes(std::span(data, size)), "fuzz", 1u << 20));
    return 0;
}
