#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include <unistd.h>

#include "engine/subject.h"

using namespace matou;
namespace fs = std::filesystem;

TEST(Subjects, areFoundByWhatTheyAre) {
    const auto folder = fs::temp_directory_path() / ("matou-subject-" + std::to_string(::getpid()));
    fs::create_directories(folder / "tiles");
    std::ofstream(folder / "a.GLB") << "x";
    std::ofstream(folder / "tiles/tileset.json") << "{}";
    std::ofstream(folder / "notes.txt") << "x";

    const auto model = openSubject((folder / "a.GLB").string());
    ASSERT_TRUE(model);
    EXPECT_EQ(model->models.size(), 1u);
    EXPECT_TRUE(model->anchorKnown);
    EXPECT_EQ(openSubject((folder / "tiles/tileset.json").string())->layers.size(), 1u);
    EXPECT_EQ(openSubject((folder / "tiles").string())->layers.size(), 1u);
    EXPECT_EQ(openSubject("http://127.0.0.1:1/tileset.json")->layers.front().tileset, "http://127.0.0.1:1/tileset.json");
    EXPECT_EQ(openSubject((folder / "none.glb").string()).error().code, "E_FILE_MISSING");
    EXPECT_EQ(openSubject((folder / "notes.txt").string()).error().code, "E_SUBJECT_KIND");
    EXPECT_EQ(openSubject("").error().code, "E_SUBJECT_KIND");
    EXPECT_EQ(openSubject("no-such-district").error().code, "E_DISTRICT_MISSING");
    fs::remove_all(folder);
}
