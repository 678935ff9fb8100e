#include "io/archive.h"

#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>
#include <zlib.h>

#include "io/gzip.h"
#include "support/generated_gltf.h"

using namespace matou;
namespace fs = std::filesystem;

namespace {

using test::Bytes;
using test::bytesOf;

struct Item {
    std::string name;
    Bytes content;
    bool deflated = true;
    std::uint32_t claimedBytes = 0; // 0: the truth
};

void put(Bytes& out, std::uint64_t value, int bytes) {
    for (int i = 0; i < bytes; ++i) out.push_back(static_cast<std::byte>(value >> (8 * i)));
}

Bytes deflated(const Bytes& in, int window) {
    Bytes out(compressBound(in.size()) + 64);
    z_stream stream{};
    deflateInit2(&stream, 9, Z_DEFLATED, window, 9, Z_DEFAULT_STRATEGY);
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<std::byte*>(in.data()));
    stream.avail_in = static_cast<uInt>(in.size());
    stream.next_out = reinterpret_cast<Bytef*>(out.data());
    stream.avail_out = static_cast<uInt>(out.size());
    deflate(&stream, Z_FINISH);
    out.resize(stream.total_out);
    deflateEnd(&stream);
    return out;
}

Bytes zipOf(const std::vector<Item>& items) {
    Bytes out, directory;
    for (const auto& item : items) {
        const auto packed = item.deflated ? deflated(item.content, -15) : item.content;
        const auto crc = crc32(0, reinterpret_cast<const Bytef*>(item.content.data()), static_cast<uInt>(item.content.size()));
        const auto size = item.claimedBytes ? item.claimedBytes : item.content.size();
        const auto offset = out.size();
        const auto shared = [&](Bytes& to) {
            put(to, 20, 2), put(to, 0, 2), put(to, item.deflated ? 8 : 0, 2), put(to, 0, 4), put(to, crc, 4);
            put(to, packed.size(), 4), put(to, size, 4), put(to, item.name.size(), 2), put(to, 0, 2);
        };
        put(out, 0x04034b50, 4), shared(out);
        const auto name = bytesOf(item.name);
        out.insert(out.end(), name.begin(), name.end());
        out.insert(out.end(), packed.begin(), packed.end());
        put(directory, 0x02014b50, 4), put(directory, 20, 2), shared(directory), put(directory, 0, 10), put(directory, offset, 4);
        directory.insert(directory.end(), name.begin(), name.end());
    }
    const auto start = out.size();
    out.insert(out.end(), directory.begin(), directory.end());
    put(out, 0x06054b50, 4), put(out, 0, 4), put(out, items.size(), 2), put(out, items.size(), 2), put(out, directory.size(), 4), put(out, start, 4), put(out, 0, 2);
    return out;
}

class Archive : public testing::Test {
protected:
    void SetUp() override {
        folder = fs::temp_directory_path() / ("matou_archive_" + std::to_string(::getpid()));
        fs::create_directories(folder);
    }
    void TearDown() override { fs::remove_all(folder); }
    io::Location write(const Bytes& bytes, const std::string& name = "a.3tz") {
        std::ofstream(folder / name, std::ios::binary).write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
        return *io::locationFrom((folder / name).string());
    }
    std::string failure(const Bytes& bytes) {
        const auto read = io::readLocal(write(bytes));
        return read ? "ok" : read.error().code + read.error().where.substr(folder.string().size());
    }
    fs::path folder;
};

} // namespace

TEST_F(Archive, standsForItsTilesetAndHoldsWhatThatRefersTo) {
    const auto location = write(zipOf({{"tileset.json", bytesOf("{}")}, {"tiles/a b.glb", bytesOf("glTF"), false}}));
    EXPECT_EQ(location.inside, "tileset.json");
    io::ArchiveCache cache;
    EXPECT_EQ(*io::readLocal(location, 1000, &cache), bytesOf("{}"));
    const auto tile = io::resolve(location, "tiles/a%20b.glb", "x");
    ASSERT_TRUE(tile);
    EXPECT_EQ(*io::readLocal(*tile, 1000, &cache), bytesOf("glTF"));
    EXPECT_EQ(tile->extension(), "glb");
    EXPECT_EQ(io::resolve(location, "../other.glb", "x").error().code, "E_URI_OUTSIDE");
    EXPECT_EQ(io::resolve(*tile, "../tileset.json", "x")->inside, "tileset.json");
    EXPECT_EQ(io::readLocal(*io::resolve(location, "no.glb", "x")).error().code, "E_FILE_MISSING");
    // From a tileset beside it.
    const auto beside = io::resolve(write(bytesOf("{}"), "tileset.json"), "a.3tz", "x");
    ASSERT_TRUE(beside);
    EXPECT_EQ(*beside, location);
    EXPECT_EQ(io::resolve(*io::locationFrom("http://h/t.json"), "a.3tz", "x").error().code, "E_ARCHIVE_REMOTE");
}

TEST_F(Archive, refusesWhatLiesBeforeUnpackingIt) {
    EXPECT_EQ(failure(bytesOf("PK no archive")), "E_ARCHIVE_END/a.3tz:byte 13");
    EXPECT_EQ(failure(zipOf({{"tileset.json", bytesOf("{}")}, {"../../x", bytesOf("x")}})).substr(0, 14), "E_ARCHIVE_NAME");
    EXPECT_EQ(failure(zipOf({{"tileset.json", bytesOf("{}")}, {"/etc/x", bytesOf("x")}})).substr(0, 14), "E_ARCHIVE_NAME");
    EXPECT_EQ(failure(zipOf({{"tileset.json", bytesOf("{}")}, {"tileset.json", bytesOf("[]")}})).substr(0, 14), "E_ARCHIVE_NAME");
    EXPECT_EQ(failure(zipOf({{"tileset.json", bytesOf("{}"), true, 500u << 20}})).substr(0, 15), "E_ARCHIVE_RATIO");
    EXPECT_EQ(failure(zipOf({{"tileset.json", bytesOf("{}"), true, 3}})).substr(0, 14), "E_ARCHIVE_BODY");
    EXPECT_EQ(failure(zipOf({{"tileset.json", bytesOf("{}"), false, 3}})).substr(0, 15), "E_ARCHIVE_RANGE");
    auto broken = zipOf({{"tileset.json", bytesOf("{}"), false}});
    broken[42] = std::byte{'x'}; // a byte of the content
    EXPECT_EQ(failure(broken), "E_ARCHIVE_BODY/a.3tz:byte 42");
    broken = zipOf({{"tileset.json", bytesOf("{}"), false}});
    broken[0] = std::byte{'x'};
    EXPECT_EQ(failure(broken), "E_ARCHIVE_HEADER/a.3tz:byte 0");
}

TEST_F(Archive, unpacksGzippedFilesOnce) {
    const auto zipped = deflated(bytesOf("{\"a\":1}"), 15 + 16);
    EXPECT_EQ(*io::readLocal(write(zipped, "t.json")), bytesOf("{\"a\":1}"));
    EXPECT_EQ(*io::readLocal(write(zipOf({{"tileset.json", zipped, false}}))), bytesOf("{\"a\":1}"));
    auto twice = zipped;
    twice.insert(twice.end(), zipped.begin(), zipped.end());
    EXPECT_EQ(*io::readLocal(write(twice, "t.json")), bytesOf("{\"a\":1}{\"a\":1}"));
    EXPECT_EQ(*io::readLocal(write(deflated(zipped, 15 + 16), "t.json")), zipped);
    auto cut = zipped;
    cut.resize(cut.size() - 5);
    EXPECT_EQ(io::readLocal(write(cut, "t.json")).error().code, "E_GZIP_BROKEN");
    EXPECT_EQ(io::readLocal(write(deflated(Bytes(50 << 20), 15 + 16), "t.json")).error().code, "E_GZIP_RATIO");
}
