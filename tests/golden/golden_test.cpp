// Golden pictures: each line of manifest.txt is drawn and compared with its picture; then its named change is made, which
// must be seen, so that a comparison that sees nothing cannot pass.

#include "app/app_support.h"
#include "media/perceptual.h"
#include "media/png.h"

namespace matou::tests {
namespace {

struct Line {
    std::string name;
    std::vector<std::string> arguments, change;
};

std::vector<std::string> words(const std::string& text) {
    std::istringstream stream(text);
    std::vector<std::string> found(std::istream_iterator<std::string>(stream), {});
    for (auto& word : found)
        if (word.starts_with("{here}")) word.replace(0, 6, MATOU_SOURCE_DIR "/tests/golden");
    return found;
}

std::vector<Line> manifest() {
    std::ifstream file(MATOU_SOURCE_DIR "/tests/golden/manifest.txt");
    std::vector<Line> lines;
    for (std::string text; std::getline(file, text);) {
        if (text.empty() || text[0] == '#') continue;
        const auto first = text.find('|'), second = text.find('|', first + 1);
        lines.push_back({words(text.substr(0, first)).at(0), words(text.substr(first + 1, second - first - 1)), words(text.substr(second + 1))});
    }
    return lines;
}

/// The house's metric (FLIP): the same driver gives the same bits; another may differ by rounding at edges.
bool samePicture(const media::Perceived& seen) { return seen.mean < 0.010 && seen.worstBlock < 0.20; }

class Golden : public ::testing::TestWithParam<Line> {};

TEST_P(Golden, LooksAsItDidAndSeesItsNamedChange) {
    MATOU_NEEDS_BUNDLED_DISTRICT();
    const auto& line = GetParam();
    ScratchFolder scratch;
    const auto draw = [&](const std::string& file, const std::vector<std::string>& more) {
        std::vector<std::string> arguments{"render"};
        arguments.insert(arguments.end(), line.arguments.begin(), line.arguments.end());
        for (std::size_t i = 0; i < more.size(); ++i) { // a changed flag takes the place of its first value
            const auto given = std::find(arguments.begin(), arguments.end(), more[i]);
            if (more[i].starts_with("--") && given != arguments.end()) arguments.erase(given, given + 2);
        }
        arguments.insert(arguments.end(), more.begin(), more.end());
        arguments.insert(arguments.end(), {"--lang", "zh", "--validation", "--screenshot", scratch / file, "--stats", scratch / "s.json"});
        const auto done = runProgram("matou", arguments, 300);
        EXPECT_EQ(done.status, 0) << done.err;
        EXPECT_EQ(jsonOf(scratch / "s.json")["validation_messages"], 0) << done.err;
        auto picture = media::readPng(scratch / file);
        EXPECT_TRUE(picture);
        return picture ? *picture : media::Picture{};
    };
    const std::filesystem::path golden = std::filesystem::path(MATOU_SOURCE_DIR "/tests/golden/pictures") / (line.name + ".png");
    const auto now = draw("now.png", {});
    if (std::getenv("MATOU_GOLDEN_UPDATE")) {
        ASSERT_TRUE(media::writePng(golden, now));
        GTEST_SKIP() << "written anew: " << golden;
    }
    const auto before = media::readPng(golden);
    ASSERT_TRUE(before) << golden;
    const auto difference = media::perceive(*before, now);
    ASSERT_TRUE(difference);
    if (!samePicture(*difference)) {
        const auto kept = std::filesystem::path(std::getenv("MATOU_BIN") ? std::getenv("MATOU_BIN") : "bin").parent_path() / "test-pictures";
        static_cast<void>(media::writePng(kept / (line.name + "-difference.png"), media::errorPicture(*difference)));
        static_cast<void>(media::writePng(kept / (line.name + "-now.png"), now));
        ADD_FAILURE() << line.name << ": FLIP mean " << difference->mean << ", worst block " << difference->worstBlock << " at " << difference->worstX << ","
                      << difference->worstY << "; see " << kept;
    }
    const auto changed = media::perceive(*before, draw("changed.png", line.change));
    ASSERT_TRUE(changed);
    std::printf("[ figures  ] %s: FLIP mean %.5f, worst block %.4f; after %s: %.5f, %.4f\n", line.name.c_str(), difference->mean, difference->worstBlock,
                ::testing::PrintToString(line.change).c_str(), changed->mean, changed->worstBlock);
    EXPECT_FALSE(samePicture(*changed)) << "the change " << ::testing::PrintToString(line.change) << " was not seen";
}

INSTANTIATE_TEST_SUITE_P(Manifest, Golden, ::testing::ValuesIn(manifest()), [](const auto& line) {
    std::string name = line.param.name;
    std::replace(name.begin(), name.end(), '-', '_');
    return name;
});

} // namespace
} // namespace matou::tests
