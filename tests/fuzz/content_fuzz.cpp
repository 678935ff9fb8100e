// glTF, GLB and the older tiles by their magic; Draco and meshopt streams, images and tables inside them come along.
#include <cstdint>
#include <span>

#include "decode/gltf.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    matou::decode::GltfOptions options;
    options.decodedBytesLimit = std::size_t{64} << 20;
    options.imagePixelsLimit = 1u << 20;
    options.everyImage = true;
    static_cast<void>(matou::decode::decodeContent(std::as_bytes(std::span(data, size)), "fuzz", options));
    return 0;
}
