#include "stream/validate.h"

#include <filesystem>
#include <set>
#include <system_error>
#include <vector>

#include "core/json.h"
#include "decode/gltf.h"
#include "io/byte_source.h"
#include "model/metadata_schema.h"
#include "tiles/subtree.h"
#include "tiles/tileset_metadata.h"
#include "tiles/validate.h"

namespace matou::stream {

namespace {

/// A subtree may claim children for ever: what lies beyond is not looked at, and that is said.
constexpr std::size_t kTilesMost = 500'000;

class Validation {
public:
    explicit Validation(std::size_t limit) : _limit(limit) {}

    ValidationReport run(const io::Location& start) {
        auto bytes = read(start);
        if (!bytes) add(bytes.error());
        else if (tiles::looksLikeSubtree(*bytes) || start.extension() == "subtree") subtree(start, *bytes);
        else if (decode::looksLikeTileset(*bytes)) tileset(start, *bytes);
        else if (start.extension() == "json") json(start, *bytes);
        else content(start, *bytes, nullptr, 0, 0);
        return std::move(_report);
    }

private:
    core::Result<io::Bytes> read(const io::Location& location) {
        if (location.kind == io::Location::Kind::file) return io::readLocal(location);
        return io::readNow(_source, location);
    }
    void add(core::Error error) {
        auto& list = error.code.starts_with("W_") ? _report.warnings : _report.problems;
        if (list.size() < _limit) list.push_back(std::move(error));
    }

    auto resolver(const io::Location& base) {
        return [this, base](const std::string& uri) -> core::Result<std::vector<std::byte>> {
            MATOU_TRY(target, io::resolve(base, uri, base.text()));
            return read(target);
        };
    }

    void subtree(const io::Location& location, const io::Bytes& bytes) {
        for (auto& problem : tiles::validateSubtree(bytes, location.text(), resolver(location))) add(std::move(problem));
    }

    /// JSON that is no tileset by its look: a metadata schema, the tables of a subtree, or a tileset that lacks what makes it one.
    void json(const io::Location& location, const io::Bytes& bytes) {
        const auto where = location.text();
        const auto parsed = core::parseJson({reinterpret_cast<const char*>(bytes.data()), bytes.size()}, where, {.depth = 1024});
        const auto has = [&](const char* name) { return parsed && parsed->is_object() && parsed->contains(name); };
        if (has("asset") || has("root") || has("geometricError")) return tileset(location, bytes);
        if (has("classes") || has("enums")) return addAll(model::checkMetadataSchema(*parsed, where, ""));
        if (has("contentAvailability") || has("childSubtreeAvailability")) return subtree(location, bytes);
        if (has("propertyTables") || has("bufferViews") || has("buffers")) {
            addAll(model::checkMetadataBuffers(*parsed, where));
            return addAll(model::checkPropertyTables(*parsed, nullptr, where));
        }
        tileset(location, bytes);
    }
    void addAll(core::Diagnostics problems) {
        for (auto& problem : problems) add(std::move(problem));
    }

    void tileset(const io::Location& location, const io::Bytes& bytes) {
        addAll(tiles::readTilesetMetadata(bytes, location.text(), resolver(location)).problems);
        auto parsed = tiles::parseTileset(bytes, location.text());
        if (!parsed) return add(parsed.error());
        auto& tree = *parsed;
        std::vector<io::Location> sources{location};
        ++_report.tilesets;
        // External tilesets are grafted while walking, so the tree grows under the loop.
        for (tiles::TileIndex i = 0; i < tree.tiles.size(); ++i) {
            const auto tile = tree[i];
            for (std::uint32_t c = 0; c < tile.contentCount; ++c) {
                const auto reference = tree.contents[tile.firstContent + c];
                const auto where = tree.sources[tile.source].where + "#" + tree.contentPointer(i, c);
                auto target = io::resolve(sources[tile.source], reference.uri, where);
                if (!target) {
                    add(target.error());
                    continue;
                }
                auto got = read(*target);
                if (!got) {
                    add({got.error().code, got.error().arguments, where, std::make_shared<core::Error>(got.error())});
                    continue;
                }
                const bool subtree = tile.subtree != tiles::kNoSubtree;
                if (!decode::looksLikeTileset(*got) && !tile.external) {
                    content(*target, *got, &tree, i, c);
                    continue;
                }
                const tiles::ParseContext context{tree.ecefFrom(tile), tile.refine, tile.depth + 1u};
                auto external = subtree ? tiles::parseSubtree(*got, target->text(), tree.subtrees[tile.subtree], context, resolver(*target))
                                        : tiles::parseTileset(*got, target->text(), context);
                auto hung = external ? tiles::graft(tree, i, std::move(*external)) : core::Result<void>(tl::unexpected(external.error()));
                if (!hung) {
                    add(hung.error());
                    continue;
                }
                if (!subtree) addAll(tiles::readTilesetMetadata(*got, target->text(), resolver(*target)).problems);
                _report.tilesets += !subtree;
                sources.resize(tree.sources.size(), *target);
                if (tree.tiles.size() > kTilesMost) {
                    add({"E_VALIDATE_TILES", {std::to_string(kTilesMost)}, where, {}});
                    return;
                }
            }
        }
        _report.tiles += tree.tiles.size();
        for (auto& problem : tiles::validateTree(tree)) add(std::move(problem));
    }

    void content(const io::Location& location, const io::Bytes& bytes, const tiles::TileTree* tree, tiles::TileIndex tile, std::uint32_t number) {
        ++_report.contents;
        decode::GltfOptions options;
        options.everyImage = true;
        options.resolve = resolver(location);
        const auto where = location.text();
        auto decoded = decode::decodeContent(bytes, where, options);
        if (!decoded) {
            for (auto& problem : decode::validateGltf(bytes, where, options)) add(std::move(problem));
            return;
        }
        for (auto& remark : decoded->diagnostics) add(remark);
        _report.triangles += decoded->triangleCount();
        _report.features += decoded->features.count;
        if (!tree) return;
        const auto& entry = (*tree)[tile];
        const auto place = tree->sources[entry.source].where + "#" + tree->contentPointer(tile, number);
        for (auto& problem : tiles::validateContentBounds(*tree, tile, *decoded, place)) add(std::move(problem));
    }

    std::size_t _limit;
    io::NetworkByteSource _source;
    ValidationReport _report;
};

} // namespace

ValidationReport validatePath(const std::string& path, std::size_t problemLimit) {
    namespace fs = std::filesystem;
    std::error_code error;
    auto start = path;
    if (fs::is_directory(path, error)) {
        start = (fs::path(path) / "tileset.json").string();
        if (!fs::exists(start, error)) return {.problems = {{"E_STREAM_KIND", {}, path, {}}}};
    }
    auto location = io::locationFrom(start);
    if (!location) return {.problems = {location.error()}};
    return Validation(problemLimit).run(*location);
}

} // namespace matou::stream
