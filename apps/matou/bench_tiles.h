#pragma once
// `matou bench tiles`: what opening a tileset and reading its contents costs one thread, without pictures and network.

#include <string>

#include "core/messages.h"

namespace CLI {
class App;
}

namespace matou::apps {

struct TilesBench {
    std::string tileset; // a tileset.json on disk
    int repeat = 5;      // the fastest counts
    int most = 1000;     // contents at most, evenly taken
};

/// `tiles` with its flags under `bench`; they fill `into`, which outlives the parse.
CLI::App* addTilesBench(CLI::App& bench, TilesBench& into, core::Language language);

/// Prints one JSON line: processor time of parsing the tileset, of reading its contents from the page cache, and of reading and
/// decoding them into what is uploaded. Gives the exit status.
int benchTiles(const TilesBench& bench, core::Language language);

} // namespace matou::apps
