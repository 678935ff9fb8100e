// Golden pictures: each line of manifest.txt is drawn and compared with its picture; then its named change is made, which
// must be seen, so that a comparison that sees nothing cannot pass.
//
// Two bounds. On the driver and processor that made the pictures (pictures/driver.txt) a line has its own tolerance, which is
// the smallest that ten runs on two thread counts need (MATOU_GOLDEN_TOLERANCE=10 measures it): 0, bit for bit. Another
// version of the driver, or vectors of another width, round differently: there, and for the change, kOtherDriver holds.

#include <sched.h>

#include <algorithm>
#include <cstring>
#include <thread>

#include "app/app_support.h"
#include "media/perceptual.h"
#include "media/png.h"

namespace matou::tests {
namespace {

/// FLIP, the house's metric: the mean over the picture and that of the worst block.
struct Bound {
    double mean = 0, worstBlock = 0;
    bool holds(const media::Perceived& seen) const { return seen.mean <= mean && seen.worstBlock <= worstBlock; }
};
constexpr Bound kOtherDriver{0.010, 0.20};

struct Line {
    std::string name;
    std::vector<std::string> arguments, change;
    Bound tolerance; // on the driver that made the pictures
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
        const auto first = text.find('|'), second = text.find('|', first + 1), third = text.find('|', second + 1);
        lines.push_back({words(text.substr(0, first)).at(0), words(text.substr(first + 1, second - first - 1)), words(text.substr(second + 1, third - second - 1)), {}});
        if (third == std::string::npos) continue;
        std::istringstream numbers(text.substr(third + 1));
        numbers >> lines.back().tolerance.mean >> lines.back().tolerance.worstBlock;
    }
    return lines;
}

const std::filesystem::path kPictures = MATOU_SOURCE_DIR "/tests/golden/pictures";

std::string joined(const std::vector<std::string>& parts) {
    std::string text;
    for (const auto& part : parts) text += (text.empty() ? "" : " ") + part;
    return text;
}

/// What the bits of a picture depend on besides us: the driver with its vector width, and what its compiler finds in the processor.
std::string driverOf(const nlohmann::json& stats) {
    std::string text = stats["device"].get<std::string>() + "; " + stats["driver"].get<std::string>() + ";";
    std::ifstream cpu("/proc/cpuinfo");
    for (std::string line; std::getline(cpu, line);)
        if (line.starts_with("flags")) {
            const auto flags = words(line);
            for (const char* flag : {"avx2", "fma", "avx512f"})
                if (std::find(flags.begin(), flags.end(), flag) != flags.end()) text += std::string(" ") + flag;
            break;
        }
    return text;
}

/// `@edit:PATH:OLD:NEW`: the district with OLD replaced by NEW in that file, or in all files below that folder. In binary files both
/// must be equally long. Everything else is linked.
std::string editedDistrict(const std::string& edit, const std::filesystem::path& to) {
    const auto first = edit.find(':'), second = edit.find(':', first + 1), third = edit.find(':', second + 1);
    const std::filesystem::path path = edit.substr(first + 1, second - first - 1);
    const std::string before = edit.substr(second + 1, third - second - 1), after = edit.substr(third + 1);
    std::filesystem::path from = bundledDistrict(), made = to;
    for (const auto& part : path) { // link what lies beside the way to what is edited
        std::filesystem::create_directories(made);
        for (const auto& entry : std::filesystem::directory_iterator(from))
            if (entry.path().filename() != part) std::filesystem::create_symlink(entry.path(), made / entry.path().filename());
        from /= part;
        made /= part;
    }
    if (std::filesystem::is_directory(from)) std::filesystem::copy(from, made, std::filesystem::copy_options::recursive);
    else std::filesystem::copy_file(from, made);
    int replaced = 0;
    const auto change = [&](const std::filesystem::path& file) {
        std::ifstream in(file, std::ios::binary);
        std::string bytes((std::istreambuf_iterator<char>(in)), {});
        const int already = replaced;
        for (auto at = bytes.find(before); at != std::string::npos; at = bytes.find(before, at + after.size()), ++replaced) bytes.replace(at, before.size(), after);
        if (replaced != already) std::ofstream(file, std::ios::binary) << bytes;
    };
    if (std::filesystem::is_directory(made)) {
        for (const auto& entry : std::filesystem::recursive_directory_iterator(made))
            if (entry.is_regular_file()) change(entry.path());
    } else {
        change(made);
    }
    EXPECT_GT(replaced, 0) << edit;
    return to;
}

/// This process and what it starts: on one processor with one rasterizer thread, or on all with four.
void useThreads(bool one) {
    static cpu_set_t all = [] {
        cpu_set_t set;
        sched_getaffinity(0, sizeof set, &set);
        return set;
    }();
    cpu_set_t first;
    CPU_ZERO(&first);
    for (int i = 0; i < CPU_SETSIZE; ++i)
        if (CPU_ISSET(i, &all)) {
            CPU_SET(i, &first);
            break;
        }
    sched_setaffinity(0, sizeof first, one ? &first : &all);
    ::setenv("LP_NUM_THREADS", one ? "1" : "4", 1);
}

class Golden : public ::testing::TestWithParam<Line> {};

TEST_P(Golden, LooksAsItDidAndSeesItsNamedChange) {
    MATOU_NEEDS_BUNDLED_DISTRICT();
    const auto& line = GetParam();
    ScratchFolder scratch;
    std::string driver;
    const auto draw = [&](const std::string& file, const std::vector<std::string>& more) {
        std::vector<std::string> arguments{"render"};
        arguments.insert(arguments.end(), line.arguments.begin(), line.arguments.end());
        for (std::size_t i = 0; i < more.size(); ++i) {
            if (more[i].starts_with("@edit:")) {
                *std::find(arguments.begin(), arguments.end(), "nanmatou") = editedDistrict(more[i], std::filesystem::path(scratch / "edited"));
                continue;
            }
            // A changed flag takes the place of its first value
            const auto given = std::find(arguments.begin(), arguments.end(), more[i]);
            if (more[i].starts_with("--") && given != arguments.end()) arguments.erase(given, given + 2);
        }
        std::copy_if(more.begin(), more.end(), std::back_inserter(arguments), [](const auto& word) { return !word.starts_with("@edit:"); });
        arguments.insert(arguments.end(), {"--lang", "zh", "--validation", "--screenshot", scratch / file, "--stats", scratch / "s.json"});
        const auto done = runProgram("matou", arguments, 300);
        EXPECT_EQ(done.status, 0) << done.err;
        const auto stats = jsonOf(scratch / "s.json");
        EXPECT_EQ(stats["validation_messages"], 0) << done.err;
        driver = driverOf(stats);
        auto picture = media::readPng(scratch / file);
        EXPECT_TRUE(picture);
        return picture ? *picture : media::Picture{};
    };
    const auto golden = kPictures / (line.name + ".png");
    const auto now = draw("now.png", {});
    if (std::getenv("MATOU_GOLDEN_UPDATE")) {
        ASSERT_TRUE(media::writePng(golden, now));
        std::ofstream(kPictures / "driver.txt") << driver << "\n";
        GTEST_SKIP() << "written anew: " << golden;
    }
    if (const char* runs = std::getenv("MATOU_GOLDEN_TOLERANCE")) {
        Bound needed;
        std::size_t bytesApart = 0;
        for (int run = 0; run < std::max(2, std::atoi(runs)); ++run) {
            useThreads(run % 2 == 0);
            const auto again = draw("again.png", {});
            useThreads(false);
            ASSERT_EQ(again.rgba.size(), now.rgba.size());
            std::size_t apart = 0;
            for (std::size_t i = 0; i < now.rgba.size(); ++i) apart += now.rgba[i] != again.rgba[i];
            bytesApart = std::max(bytesApart, apart);
            const auto seen = media::perceive(now, again);
            ASSERT_TRUE(seen);
            needed = {std::max(needed.mean, seen->mean), std::max(needed.worstBlock, seen->worstBlock)};
        }
        std::printf("[ tolerance ] %s | %g %g | bytes apart %zu of %zu\n", line.name.c_str(), needed.mean, needed.worstBlock, bytesApart, now.rgba.size());
        EXPECT_LE(needed.mean, line.tolerance.mean) << "the manifest's tolerance is too small";
        EXPECT_LE(needed.worstBlock, line.tolerance.worstBlock);
        return;
    }
    const auto before = media::readPng(golden);
    ASSERT_TRUE(before) << golden;
    const auto difference = media::perceive(*before, now);
    ASSERT_TRUE(difference);
    std::string made;
    std::getline(std::ifstream(kPictures / "driver.txt") >> std::ws, made);
    const bool same = made == driver;
    const Bound bound = same ? line.tolerance : kOtherDriver;
    if (!bound.holds(*difference)) {
        const auto kept = std::filesystem::path(std::getenv("MATOU_BIN") ? std::getenv("MATOU_BIN") : "bin").parent_path() / "test-pictures";
        static_cast<void>(media::writePng(kept / (line.name + "-difference.png"), media::errorPicture(*difference)));
        static_cast<void>(media::writePng(kept / (line.name + "-now.png"), now));
        ADD_FAILURE() << line.name << ": FLIP mean " << difference->mean << ", worst block " << difference->worstBlock << " at " << difference->worstX << ","
                      << difference->worstY << "; allowed " << bound.mean << ", " << bound.worstBlock << (same ? " on the driver that made it" : " on another driver")
                      << "; see " << kept;
    }
    const auto changed = media::perceive(*before, draw("changed.png", line.change));
    ASSERT_TRUE(changed);
    std::printf("[ figures  ] %s: FLIP mean %.5f, worst block %.4f (%s driver); after %s: %.5f, %.4f\n", line.name.c_str(), difference->mean, difference->worstBlock,
                same ? "same" : "another", joined(line.change).c_str(), changed->mean, changed->worstBlock);
    EXPECT_FALSE(kOtherDriver.holds(*changed)) << "the change " << joined(line.change) << " was not seen";
}

INSTANTIATE_TEST_SUITE_P(Manifest, Golden, ::testing::ValuesIn(manifest()), [](const auto& line) {
    std::string name = line.param.name;
    std::replace(name.begin(), name.end(), '-', '_');
    return name;
});

} // namespace
} // namespace matou::tests
