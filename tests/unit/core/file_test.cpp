#include <gtest/gtest.h>

#include <fstream>

#include <sys/stat.h>
#include <unistd.h>

#include "core/file.h"

using namespace matou::core;
namespace fs = std::filesystem;

namespace {
struct Folder {
    fs::path path = fs::temp_directory_path() / ("matou-file-test-" + std::to_string(::getpid()));
    Folder() { fs::create_directories(path); }
    ~Folder() { fs::remove_all(path); }
};
} // namespace

TEST(Files, comeBackAsWritten) {
    Folder folder;
    ASSERT_TRUE(writeFile(folder.path / "a/b.txt", std::string_view("码头")));
    EXPECT_EQ(*readTextFile(folder.path / "a/b.txt"), "码头");
    EXPECT_FALSE(fs::exists(folder.path / "a/b.txt.part"));
}

TEST(Files, saysWhatIsWrongAndWhere) {
    Folder folder;
    EXPECT_EQ(readFile(folder.path / "none").error().code, "E_FILE_MISSING");
    EXPECT_EQ(readFile(folder.path).error().code, "E_FILE_KIND");
    ASSERT_EQ(::mkfifo((folder.path / "pipe").c_str(), 0600), 0);
    EXPECT_EQ(readFile(folder.path / "pipe").error().code, "E_FILE_KIND"); // and does not wait for a writer
    ASSERT_TRUE(writeFile(folder.path / "big", std::string(100, 'x')));
    EXPECT_EQ(readFile(folder.path / "big", 99).error().code, "E_FILE_LIMIT");
    EXPECT_TRUE(readFile(folder.path / "big", 100));
    EXPECT_EQ(readFile(folder.path / "none").error().where, (folder.path / "none").string());
}

TEST(Files, aFullDiskLeavesNothingBehind) {
    if (!fs::exists("/dev/full")) FAIL() << "no /dev/full on this system";
    // /dev/full refuses every write; the aside file is a link to it, as a full disk would behave.
    Folder folder;
    fs::create_symlink("/dev/full", folder.path / "x.part");
    const auto written = writeFile(folder.path / "x", std::string(10000, 'x'));
    ASSERT_FALSE(written);
    EXPECT_EQ(written.error().code, "E_FILE_WRITE");
    EXPECT_FALSE(fs::exists(folder.path / "x"));
}

TEST(Files, aLinkStaysALinkAndADeviceStaysADevice) {
    Folder folder;
    ASSERT_TRUE(writeFile(folder.path / "target", std::string_view("old")));
    fs::create_symlink("target", folder.path / "link");
    ASSERT_TRUE(writeFile(folder.path / "link", std::string_view("new")));
    EXPECT_TRUE(fs::is_symlink(folder.path / "link"));
    EXPECT_EQ(*readTextFile(folder.path / "target"), "new");
    ASSERT_EQ(::mkfifo((folder.path / "pipe").c_str(), 0600), 0);
    EXPECT_EQ(writeFile(folder.path / "pipe", std::string_view("x")).error().code, "E_FILE_WRITE");
    EXPECT_TRUE(fs::is_fifo(folder.path / "pipe"));
    EXPECT_EQ(writeFile(folder.path, std::string_view("x")).error().code, "E_FILE_WRITE");
}

TEST(Folders, leaveSomebodysPartFolderAlone) {
    Folder folder;
    fs::create_directories(folder.path / "out.part");
    std::ofstream(folder.path / "out.part/precious") << "x";
    ASSERT_TRUE(writeFolder(folder.path / "out", "made.toml", [](const fs::path& aside) { return writeFile(aside / "made.toml", std::string_view("x")); }));
    EXPECT_TRUE(fs::exists(folder.path / "out.part/precious"));
}

TEST(Folders, appearWholeOrNotAtAll) {
    Folder folder;
    const auto target = folder.path / "out";
    EXPECT_FALSE(writeFolder(target, "made.toml", [](const fs::path& aside) -> Result<void> {
        if (auto w = writeFile(aside / "half", std::string_view("x")); !w) return w;
        return fail("E_X", "test");
    }));
    EXPECT_FALSE(fs::exists(target));
    const auto fill = [](const fs::path& aside) { return writeFile(aside / "made.toml", std::string_view("x")); };
    ASSERT_TRUE(writeFolder(target, "made.toml", fill));
    ASSERT_TRUE(writeFolder(target, "made.toml", fill)); // ours: replaced
    fs::remove(target / "made.toml");
    std::ofstream(target / "precious") << "x";
    EXPECT_EQ(writeFolder(target, "made.toml", fill).error().code, "E_FOLDER_TAKEN");
    EXPECT_TRUE(fs::exists(target / "precious"));
}
