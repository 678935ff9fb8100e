// The presenter's film: its length, its picture, the same frames twice.

#include "app/app_support.h"

namespace matou::tests {
namespace {

TEST(Film, TheStoryboardIsFilmedWholeAndTheSameTwice) {
    MATOU_NEEDS_BUNDLED_DISTRICT();
    ScratchFolder scratch;
    std::string sums[2];
    for (int i = 0; i < 2; ++i) {
        const auto film = scratch / ("tour" + std::to_string(i) + ".mp4");
        const auto done = runProgram("matou-presenter", {"nanmatou", "--headless", "--size", "192x108", "--fps", "4", "--record", film}, 900);
        ASSERT_EQ(done.status, 0) << done.err;
        const auto probe = run({{"ffprobe", "-v", "error", "-count_frames", "-select_streams", "v", "-show_entries",
                                 "stream=width,height,nb_read_frames,r_frame_rate:format=duration", "-of", "json", film}, {}, {}, std::chrono::seconds(60)});
        ASSERT_EQ(probe.status, 0) << probe.err;
        const auto facts = nlohmann::json::parse(probe.out);
        EXPECT_EQ(facts["streams"][0]["width"], 192);
        EXPECT_EQ(facts["streams"][0]["r_frame_rate"], "4/1");
        const double seconds = std::stod(facts["format"]["duration"].get<std::string>());
        EXPECT_GE(seconds, 40.0);
        EXPECT_NEAR(std::stod(facts["streams"][0]["nb_read_frames"].get<std::string>()), seconds * 4, 1.5);
        const auto sum = run({{"ffmpeg", "-v", "error", "-i", film, "-f", "framemd5", "-"}, {}, {}, std::chrono::seconds(120)});
        ASSERT_EQ(sum.status, 0) << sum.err;
        sums[i] = sum.out;
    }
    EXPECT_TRUE(sums[0] == sums[1]) << "two films of one storyboard differ";
}

TEST(Film, ADeadEncoderCostsTheFilmOnly) {
    MATOU_NEEDS_BUNDLED_DISTRICT();
    ScratchFolder scratch;
    write(scratch / "bin/ffmpeg", "#!/bin/sh\nhead -c 1000 >/dev/null\nexit 7\n");
    std::filesystem::permissions(scratch / "bin/ffmpeg", std::filesystem::perms::owner_all);
    const auto done = runProgram("matou-presenter", {"nanmatou", "--headless", "--size", "192x108", "--fps", "4", "--frames", "20", "--record", scratch / "x.mp4"}, 240,
                                 {{"PATH", (scratch / "bin").string() + ":" + std::getenv("PATH")}});
    EXPECT_EQ(done.status, 1) << done.err;
    EXPECT_FALSE(errorLines(done.err).empty()) << done.err;
    EXPECT_FALSE(std::filesystem::exists(scratch / "x.mp4"));
}

} // namespace
} // namespace matou::tests
