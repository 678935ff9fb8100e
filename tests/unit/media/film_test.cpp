#include <chrono>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <sys/stat.h>
#include <unistd.h>

#include <gtest/gtest.h>

#include "media/film.h"

using namespace matou;

namespace {

struct FilmTest : ::testing::Test {
    std::filesystem::path folder = std::filesystem::temp_directory_path() / ("matou-film-" + std::to_string(::getpid()));
    void SetUp() override { std::filesystem::create_directories(folder); }
    void TearDown() override { std::filesystem::remove_all(folder); }

    std::size_t filesLeft() const {
        return static_cast<std::size_t>(std::distance(std::filesystem::directory_iterator(folder), std::filesystem::directory_iterator{}));
    }
    /// A program that behaves as the shell lines say.
    std::string program(const std::string& body) const {
        const auto path = folder / "encoder";
        std::ofstream(path) << "#!/bin/sh\n" << body << "\n";
        ::chmod(path.c_str(), 0755);
        return path.string();
    }
};

std::vector<std::uint8_t> frame(std::uint32_t width, std::uint32_t height, int number) {
    std::vector<std::uint8_t> rgba(std::size_t{width} * height * 4, 255);
    for (std::uint32_t y = 0; y < height; ++y)
        for (std::uint32_t x = 0; x < width; ++x) {
            std::uint8_t* p = &rgba[(std::size_t{y} * width + x) * 4];
            p[0] = static_cast<std::uint8_t>(x + number * 8);
            p[1] = static_cast<std::uint8_t>(y * 2);
            p[2] = x > static_cast<std::uint32_t>(number * 4) && x < static_cast<std::uint32_t>(number * 4 + 20) ? 255 : 0;
        }
    return rgba;
}

std::string outputOf(const std::string& command) {
    std::string text;
    FILE* pipe = ::popen(command.c_str(), "r");
    if (pipe == nullptr) return text;
    char buffer[512];
    while (std::fgets(buffer, sizeof(buffer), pipe) != nullptr) text += buffer;
    ::pclose(pipe);
    return text;
}

core::Result<void> record(const std::filesystem::path& path, int frames) {
    MATOU_TRY(film, media::Film::start(path, {.width = 160, .height = 90, .framesPerSecond = 12}));
    for (int i = 0; i < frames; ++i) MATOU_CHECK(film.addFrame(frame(160, 90, i)));
    return film.finish();
}

} // namespace

TEST_F(FilmTest, hasTheLengthRateAndFormatAskedFor) {
    const auto path = folder / "a.mp4";
    const auto result = record(path, 30);
    ASSERT_TRUE(result) << result.error().code << " " << result.error().arguments.back();
    EXPECT_EQ(outputOf("ffprobe -v error -count_frames -select_streams v:0 -show_entries "
                       "stream=codec_name,width,height,pix_fmt,r_frame_rate,nb_read_frames -of csv=p=0 " + path.string()),
              "h264,160,90,yuv420p,12/1,30\n");
    EXPECT_NEAR(std::stod(outputOf("ffprobe -v error -show_entries format=duration -of csv=p=0 " + path.string())), 2.5, 1e-3);
    EXPECT_EQ(filesLeft(), 1u);
}

TEST_F(FilmTest, twiceTheSameFramesAreTheSameFilm) {
    ASSERT_TRUE(record(folder / "a.mp4", 24));
    ASSERT_TRUE(record(folder / "b.mp4", 24));
    const auto sums = [&](const char* name) { return outputOf("ffmpeg -v error -i " + (folder / name).string() + " -f framemd5 -"); };
    EXPECT_GT(sums("a.mp4").size(), 24u * 32u);
    EXPECT_EQ(sums("a.mp4"), sums("b.mp4"));
    EXPECT_EQ(outputOf("cmp " + (folder / "a.mp4").string() + " " + (folder / "b.mp4").string() + " 2>&1"), "");
}

TEST_F(FilmTest, colorsSurvive) {
    const auto path = folder / "red.mp4";
    auto film = media::Film::start(path, {.width = 64, .height = 64, .framesPerSecond = 5});
    ASSERT_TRUE(film);
    std::vector<std::uint8_t> red(64 * 64 * 4, 255);
    for (std::size_t i = 0; i < red.size(); i += 4) red[i] = 200, red[i + 1] = 40, red[i + 2] = 60;
    for (int i = 0; i < 5; ++i) ASSERT_TRUE(film->addFrame(red));
    ASSERT_TRUE(film->finish());
    const std::string raw = outputOf("ffmpeg -v error -i " + path.string() +
                                     " -vf scale=in_color_matrix=bt709:in_range=tv:out_range=full,format=rgb24 -frames:v 1 -f rawvideo - | od -An -tu1 -N3");
    int r = 0, g = 0, b = 0;
    ASSERT_EQ(std::sscanf(raw.c_str(), "%d %d %d", &r, &g, &b), 3) << raw;
    EXPECT_NEAR(r, 200, 4);
    EXPECT_NEAR(g, 40, 4);
    EXPECT_NEAR(b, 60, 4);
}

TEST_F(FilmTest, aDeadChildCostsOnlyTheFilm) {
    const auto encoder = program("head -c 1000 >/dev/null; echo 'out of luck' >&2; exit 3");
    auto film = media::Film::start(folder / "a.mp4", {.width = 640, .height = 480, .program = encoder});
    ASSERT_TRUE(film);
    core::Result<void> result;
    for (int i = 0; i < 50 && result; ++i) result = film->addFrame(frame(640, 480, i));
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().code, "E_FILM_CHILD");
    EXPECT_NE(result.error().arguments.at(1).find("status 3"), std::string::npos) << result.error().arguments.at(1);
    EXPECT_EQ(result.error().arguments.at(2), "out of luck");
    EXPECT_FALSE(film->addFrame(frame(640, 480, 0))); // and again
    EXPECT_FALSE(film->finish());
    EXPECT_EQ(filesLeft(), 1u); // the encoder itself
}

TEST_F(FilmTest, aChildThatIsKilledIsNamed) {
    const auto encoder = program("kill -9 $$");
    auto film = media::Film::start(folder / "a.mp4", {.width = 640, .height = 480, .program = encoder});
    ASSERT_TRUE(film);
    core::Result<void> result;
    for (int i = 0; i < 50 && result; ++i) result = film->addFrame(frame(640, 480, i));
    ASSERT_FALSE(result);
    EXPECT_NE(result.error().arguments.at(1).find("signal 9"), std::string::npos);
}

TEST_F(FilmTest, aChildThatTakesNothingIsGivenUp) {
    const auto encoder = program("exec sleep 1000");
    auto film = media::Film::start(folder / "a.mp4", {.width = 640, .height = 480, .program = encoder, .stallSeconds = 0.3});
    ASSERT_TRUE(film);
    const auto start = std::chrono::steady_clock::now();
    core::Result<void> result;
    for (int i = 0; i < 50 && result; ++i) result = film->addFrame(frame(640, 480, i));
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().code, "E_FILM_CHILD");
    EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(10));
}

TEST_F(FilmTest, aChildThatFailsAtTheEndLeavesNothing) {
    const auto encoder = program("cat >/dev/null; exit 1");
    auto film = media::Film::start(folder / "a.mp4", {.width = 64, .height = 64, .program = encoder});
    ASSERT_TRUE(film);
    ASSERT_TRUE(film->addFrame(frame(64, 64, 0)));
    const auto result = film->finish();
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().code, "E_FILM_CHILD");
    EXPECT_FALSE(std::filesystem::exists(folder / "a.mp4"));
    EXPECT_FALSE(std::filesystem::exists(folder / "a.mp4.part.mp4"));
}

TEST_F(FilmTest, anUnfinishedFilmLeavesNothing) {
    {
        auto film = media::Film::start(folder / "a.mp4", {.width = 64, .height = 64});
        ASSERT_TRUE(film);
        ASSERT_TRUE(film->addFrame(frame(64, 64, 0)));
    }
    EXPECT_EQ(filesLeft(), 0u);
}

TEST_F(FilmTest, refusesWhatCannotBecomeAFilm) {
    EXPECT_EQ(media::Film::start(folder / "a.mp4", {.width = 63, .height = 64}).error().code, "E_FILM_SIZE");
    EXPECT_EQ(media::Film::start("/proc/nowhere/a.mp4", {.width = 64, .height = 64}).error().code, "E_FILE_WRITE");
    EXPECT_EQ(media::Film::start(folder / "a.mp4", {.width = 64, .height = 64, .program = "no-such-encoder"}).error().code, "E_FILM_PROGRAM");
    auto film = media::Film::start(folder / "a.mp4", {.width = 64, .height = 64});
    EXPECT_EQ(film->addFrame(frame(32, 32, 0)).error().code, "E_FILM_FRAME");
    EXPECT_EQ(film->finish().error().code, "E_FILM_EMPTY");
    EXPECT_EQ(filesLeft(), 0u);
}
