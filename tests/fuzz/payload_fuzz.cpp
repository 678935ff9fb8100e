// A message of a feed: the topic up to the first line break, then the payload.
#include <cstdint>
#include <string>

#include "live/decode.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string text(reinterpret_cast<const char*>(data), size);
    const auto end = text.find('\n');
    matou::live::Message message;
    message.topic = text.substr(0, end);
    if (end != std::string::npos) message.payload = text.substr(end + 1);
    static_cast<void>(matou::live::decode(message, "nanmatou", "fuzz"));
    return 0;
}
