#include "apps/matou/bench_tiles.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <limits>
#include <vector>

#include <CLI/CLI.hpp>

#include "apps/common/command_line.h"
#include "core/cpu_time.h"
#include "core/json.h"
#include "decode/gltf.h"
#include "io/byte_source.h"
#include "tiles/tile_tree.h"

namespace matou::apps {
namespace {

using core::Result;

/// The least of a few runs: what disturbs only adds. Milliseconds of this thread.
template <typename Work>
Result<double> fastest(int repeat, Work work) {
    double least = std::numeric_limits<double>::max();
    for (int i = 0; i < repeat; ++i) {
        const double start = core::threadCpuMilliseconds();
        MATOU_CHECK(work());
        least = std::min(least, core::threadCpuMilliseconds() - start);
    }
    return least;
}

Result<std::vector<io::Location>> contentsOf(const io::Location& tileset, const tiles::TileTree& tree, int most) {
    std::vector<io::Location> all;
    for (const auto& tile : tree.tiles)
        for (std::uint32_t c = 0; c < tile.contentCount && !tile.external; ++c) {
            MATOU_TRY(location, io::resolve(tileset, tree.contents[tile.firstContent + c].uri, tileset.text()));
            all.push_back(std::move(location));
        }
    const auto step = std::max<std::size_t>(1, (all.size() + static_cast<std::size_t>(most) - 1) / static_cast<std::size_t>(most));
    std::vector<io::Location> some;
    for (std::size_t i = 0; i < all.size(); i += step) some.push_back(std::move(all[i]));
    return some;
}

Result<core::Json> measured(const TilesBench& bench) {
    MATOU_TRY(location, io::locationFrom(bench.tileset));
    MATOU_TRY(bytes, io::readLocal(location));
    MATOU_TRY(tree, tiles::parseTileset(bytes, location.text()));
    MATOU_TRY(parse, fastest(bench.repeat, [&]() -> Result<void> {
        MATOU_TRY(again, tiles::parseTileset(bytes, location.text(), {}, bytes.capacity() - bytes.size()));
        return again.tiles.size() == tree.tiles.size() ? Result<void>() : core::fail("E_STREAM_EMPTY", location.text());
    }));
    core::Json out = {{"tileset", bench.tileset}, {"bytes", bytes.size()}, {"tiles", tree.tiles.size()}, {"parse_ms", parse},
                      {"parse_mb_per_s", static_cast<double>(bytes.size()) / 1000.0 / parse}, {"tree_bytes_per_tile", sizeof(tiles::Tile)}};
    MATOU_TRY(contents, contentsOf(location, tree, bench.most));
    std::uint64_t contentBytes = 0, readyBytes = 0;
    MATOU_TRY(read, fastest(bench.repeat, [&]() -> Result<void> {
        contentBytes = 0;
        for (const auto& content : contents) {
            MATOU_TRY(file, io::readLocal(content));
            contentBytes += file.size();
        }
        return {};
    }));
    MATOU_TRY(decode, fastest(bench.repeat, [&]() -> Result<void> {
        readyBytes = 0;
        for (const auto& content : contents) {
            MATOU_TRY(file, io::readLocal(content));
            MATOU_TRY(decoded, decode::decodeContent(file, content.text()));
            readyBytes += decoded.byteSize();
        }
        return {};
    }));
    const auto count = static_cast<double>(std::max<std::size_t>(1, contents.size()));
    out["contents"] = {{"count", contents.size()}, {"mean_bytes", static_cast<double>(contentBytes) / count}, {"mean_ready_bytes", static_cast<double>(readyBytes) / count},
                       {"read_us", read / count * 1000.0}, {"read_and_decode_us", decode / count * 1000.0}, {"ratio", decode / read}};
    return out;
}

} // namespace

CLI::App* addTilesBench(CLI::App& bench, TilesBench& into, core::Language language) {
    const auto say = [language](const char* key) { return core::text(language, key, {}); };
    auto* tiles = bench.add_subcommand("tiles", say("UI_BENCH_TILES"));
    tiles->add_option("--tileset", into.tileset, say("UI_BENCH_TILESET_FILE"))->option_text("FILE")->required();
    tiles->add_option("--repeat", into.repeat, say("UI_BENCH_REPEAT"))->option_text("N")->check(CLI::Range(1, 1000));
    tiles->add_option("--most", into.most, say("UI_BENCH_MOST"))->option_text("N")->check(CLI::Range(1, 1'000'000));
    return tiles;
}

int benchTiles(const TilesBench& bench, core::Language language) {
    const auto out = measured(bench);
    if (!out) return report(out.error(), language);
    std::printf("%s\n", out->dump(-1, ' ', false, core::Json::error_handler_t::replace).c_str());
    return kSuccess;
}

} // namespace matou::apps
