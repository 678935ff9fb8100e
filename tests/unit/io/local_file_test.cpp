#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "io/byte_source.h"

using namespace matou;
namespace fs = std::filesystem;

namespace {
class LocalFile : public testing::Test {
protected:
    void SetUp() override {
        folder = fs::temp_directory_path() / ("matou-io-" + std::to_string(::getpid()));
        fs::create_directories(folder / "root/sub");
        std::ofstream(folder / "root/sub/a.bin") << "hello";
        std::ofstream(folder / "secret") << "secret";
        fs::create_symlink(folder / "secret", folder / "root/out");
        fs::create_symlink("../a.bin", folder / "root/sub/dangling");
        fs::create_symlink("sub/a.bin", folder / "root/in");
        ::mkfifo((folder / "root/fifo.glb").c_str(), 0600);
        fs::create_directory(folder / "root/tileset.json");
    }
    void TearDown() override { fs::remove_all(folder); }
    std::string codeOf(const std::string& path) {
        const auto bytes = io::readLocal({io::Location::Kind::file, (folder / "root").string(), path});
        return bytes ? "ok" : bytes.error().code;
    }
    fs::path folder;
};
} // namespace

TEST_F(LocalFile, readsRegularFilesOnly) {
    EXPECT_EQ(codeOf("sub/a.bin"), "ok");
    EXPECT_EQ(codeOf("in"), "ok"); // a link that stays inside
    EXPECT_EQ(codeOf("none"), "E_FILE_MISSING");
    EXPECT_EQ(codeOf("fifo.glb"), "E_FILE_KIND");
    EXPECT_EQ(codeOf("tileset.json"), "E_FILE_KIND");
    EXPECT_EQ(codeOf("sub/dangling"), "E_FILE_MISSING");
    EXPECT_EQ(codeOf("out"), "E_URI_OUTSIDE");
    EXPECT_EQ(codeOf("../secret"), "E_URI_OUTSIDE");
}

TEST_F(LocalFile, refusesWhatIsTooBig) {
    const auto bytes = io::readLocal({io::Location::Kind::file, (folder / "root").string(), "sub/a.bin"}, 4);
    ASSERT_FALSE(bytes);
    EXPECT_EQ(bytes.error().code, "E_FILE_LIMIT");
}

TEST_F(LocalFile, answersThroughTheSource) {
    io::NetworkByteSource source;
    const auto location = io::locationFrom((folder / "root/sub/a.bin").string(), folder / "root");
    ASSERT_TRUE(location);
    EXPECT_EQ(location->path, "sub/a.bin");
    const auto bytes = io::readNow(source, *location);
    ASSERT_TRUE(bytes);
    EXPECT_EQ(bytes->size(), 5u);
    EXPECT_FALSE(io::locationFrom((folder / "secret").string(), folder / "root"));
}
