// What a broker sends, cut into pieces as a socket would: the first byte says how long they are.
#include <algorithm>
#include <cstdint>
#include <string_view>

#include "live/mqtt_packet.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    using namespace matou::live::mqtt;
    PacketReader reader(4096);
    const std::size_t piece = 1 + data[0];
    for (std::size_t at = 1; at < size; at += piece) {
        reader.append({reinterpret_cast<const char*>(data) + at, std::min(piece, size - at)});
        for (auto packet = reader.next(); packet && *packet; packet = reader.next()) {
            static_cast<void>(readPacketId(**packet));
            static_cast<void>(readPublish(std::move(**packet)));
        }
    }
    return 0;
}
