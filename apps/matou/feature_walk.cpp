#include "apps/matou/feature_walk.h"

#include <glm/gtc/matrix_transform.hpp>

#include "decode/gltf.h"
#include "io/byte_source.h"
#include "tiles/subtree.h"

namespace matou::apps {
namespace {

core::Result<model::Content> decodeAt(io::ByteSource& source, const io::Location& location, std::span<const std::byte> bytes) {
    decode::GltfOptions options;
    options.resolve = [&](const std::string& uri) -> core::Result<std::vector<std::byte>> {
        MATOU_TRY(target, io::resolve(location, uri, location.text()));
        return io::readNow(source, target);
    };
    return decode::decodeContent(bytes, location.text(), options);
}

glm::dmat4 placed(const glm::dmat4& ecefFromTile, const model::Content& content) {
    return ecefFromTile * glm::translate(glm::dmat4(1.0), content.rtcCenter);
}

} // namespace

core::Result<WalkCount> walkContents(const std::string& path, const std::function<void(const WalkedContent&)>& take) {
    io::NetworkByteSource source;
    WalkCount count;
    MATOU_TRY(rootLocation, io::locationFrom(path));
    MATOU_TRY(rootBytes, io::readNow(source, rootLocation));
    if (!decode::looksLikeTileset(rootBytes)) {
        MATOU_TRY(content, decodeAt(source, rootLocation, rootBytes));
        ++count.contents;
        take({content, placed(glm::dmat4(1.0), content), true, rootLocation.text()});
        return count;
    }
    MATOU_TRY(tree, tiles::parseTileset(rootBytes, rootLocation.text()));
    count.tilesets = 1;
    std::vector<io::Location> locations(tree.sources.size(), rootLocation); // parallel to tree.sources
    for (tiles::TileIndex index = 0; index < tree.tiles.size(); ++index) { // grows while external tilesets are hung in
        ++count.tiles;
        const tiles::Tile tile = tree.tiles[index];
        for (std::uint32_t i = 0; i < tile.contentCount; ++i) {
            const auto reference = tree.contents[tile.firstContent + i];
            const auto& base = locations[tile.source];
            MATOU_TRY(location, io::resolve(base, reference.uri, base.text() + "#" + tree.contentPointer(index, i)));
            MATOU_TRY(bytes, io::readNow(source, location));
            const bool subtree = tile.subtree != tiles::kNoSubtree;
            if (subtree || decode::looksLikeTileset(bytes)) {
                const tiles::ParseContext context{tree.ecefFrom(tile), tile.refine, tile.depth + 1u};
                const auto buffers = [&](const std::string& uri) -> core::Result<std::vector<std::byte>> {
                    MATOU_TRY(target, io::resolve(location, uri, location.text()));
                    return io::readNow(source, target);
                };
                auto external = subtree ? tiles::parseSubtree(bytes, location.text(), tree.subtrees[tile.subtree], context, buffers)
                                        : tiles::parseTileset(bytes, location.text(), context);
                if (!external) return tl::unexpected(external.error());
                MATOU_CHECK(tiles::graft(tree, index, std::move(*external)));
                locations.resize(tree.sources.size(), location);
                count.tilesets += !subtree;
                continue;
            }
            MATOU_TRY(content, decodeAt(source, location, bytes));
            ++count.contents;
            const bool finest = tile.childCount == 0 || tile.refine == tiles::Refinement::add;
            take({content, placed(tree.ecefFrom(tile), content), finest, location.text()});
        }
    }
    return count;
}

} // namespace matou::apps
