#include <map>

#include <gtest/gtest.h>

#include "platform/paths.h"

using namespace matou;

namespace {
platform::Environment environmentOf(std::map<std::string, std::string> values) {
    return [values = std::move(values)](const char* name) -> std::optional<std::string> {
        const auto found = values.find(name);
        return found == values.end() ? std::nullopt : std::optional(found->second);
    };
}
} // namespace

TEST(Paths, followXdgThenHome) {
    const auto environment = environmentOf({{"HOME", "/home/li"}, {"XDG_STATE_HOME", "/var/state"}});
    EXPECT_EQ(platform::dataFolder(environment)->string(), "/home/li/.local/share/matou");
    EXPECT_EQ(platform::stateFolder(environment)->string(), "/var/state/matou");
    EXPECT_EQ(platform::cacheFolder(environment)->string(), "/home/li/.cache/matou");
}

TEST(Paths, ignoreRelativeValues) {
    const auto environment = environmentOf({{"HOME", "/home/li"}, {"XDG_CACHE_HOME", "cache"}});
    EXPECT_EQ(platform::cacheFolder(environment)->string(), "/home/li/.cache/matou");
}

TEST(Paths, sayWhatToSetWhereNothingIs) {
    const auto result = platform::dataFolder(environmentOf({}));
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().code, "E_NO_HOME");
    EXPECT_EQ(result.error().arguments.at(0), "XDG_DATA_HOME");
}
