#pragma once
// A message as a feed hands it over: bytes with a topic, nothing decided yet.

#include <cstdint>
#include <string>

#include "core/clock.h"

namespace matou::live {

/// Larger ones are refused where they arrive (MQTT) and by the decoder (everything else).
inline constexpr std::size_t kMaximumPayload = std::size_t{1} << 20;
inline constexpr std::size_t kMaximumTopic = 1024;

struct Message {
    std::string topic;
    std::string payload;
    core::Instant received{};
    bool retained = false;
    bool cut = false; // over kMaximumPayload: these are its first bytes
    std::uint32_t feed = 0;        // which inbox source
    core::Duration life{};         // not 0: what is left of the time that its sender vouches for it
    std::string nonce;             // not empty: may not come again, also after a restart; kept with the message
    std::uint64_t acknowledge = 0; // not 0: the sender waits for word that it is stored
};

} // namespace matou::live
