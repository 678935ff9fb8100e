#pragma once
// `matou bench objects`: what drawing many separate objects costs the processor, and whether it grows with their number.

#include "core/messages.h"
#include "engine/object_bench.h"

namespace CLI {
class App;
}

namespace matou::apps {

struct ObjectBenchFlags {
    ObjectBenchOptions options;
    bool json = false; // one line on stdout, instead of the table
};

/// `objects` with its flags under `bench`; they fill `into`, which outlives the parse.
CLI::App* addObjectBench(CLI::App& bench, ObjectBenchFlags& into, core::Language language);

/// Measures once and prints. Gives the exit status.
int benchManyObjects(const ObjectBenchFlags& flags, core::Language language);

} // namespace matou::apps
