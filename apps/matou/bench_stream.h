#pragma once
// `matou bench stream`: how fast a tileset streams and draws, in the keys that the side-by-side bench of 3D Tiles clients reads.

#include "core/messages.h"
#include "engine/stream_bench.h"

namespace CLI {
class App;
}

namespace matou::apps {

struct StreamBenchFlags {
    StreamBenchOptions options;
    bool json = false; // one line on stdout, instead of the table
};

/// `stream` with its flags under `bench`; they fill `into`, which outlives the parse.
CLI::App* addStreamBench(CLI::App& bench, StreamBenchFlags& into, core::Language language);

/// Measures once and prints. Gives the exit status: failure where not all tiles came in time.
int benchStreams(const StreamBenchFlags& flags, core::Language language);

} // namespace matou::apps
