// Measurements of real stations, in the columns of their own table, played at their own times.

#include <cmath>

#include "service/replay.h"
#include "service/series.h"
#include "support/test_data.h"
#include "unit/service/feed_support.h"

using namespace matou;
using tests::OneFeed;

namespace {

/// The columns of the UCI series: year, month, day and hour apart, no zeros, NA where nothing was measured. S-002, S-007, S-012 measure PM2.5.
std::string stations() {
    std::string toml = "[[feed]]\nid = \"uci\"\nkind = \"file-drop\"\nfolder = \"FOLDER/in\"\nformat = \"csv\"\n";
    for (const auto& [column, sensor] : {std::pair("PM_Jingan", "S-002"), std::pair("PM_US Post", "S-007"), std::pair("PM_Xuhui", "S-012")})
        toml += "[[feed.mapping]]\nkind = \"obs\"\nfields = { id = \"" + std::string(sensor) + "\", ts = \"{/year}-{/month}-{/day} {/hour}:00:00\", value = \"/" + column + "\", unit = \"ug/m3\" }\n";
    return toml;
}

service::ReplayResult played(const OneFeed& one, const service::Series& series) {
    std::size_t at = 0;
    auto result = service::replay(one.district, [&]() -> core::Result<std::optional<live::Message>> {
        return at < series.messages.size() ? std::optional(series.messages[at++]) : std::nullopt;
    });
    EXPECT_TRUE(result);
    return result ? std::move(*result) : service::ReplayResult{};
}

} // namespace

TEST(SeriesReplay, hoursOfATableRaiseTheAlarmsThatTheyWouldHave) {
    OneFeed one(stations());
    std::string table = "No,year,month,day,hour,season,PM_Jingan,PM_US Post,PM_Xuhui\n";
    const int values[] = {30, 160, 170, 40, -1, 20};
    for (int hour = 0; hour < 6; ++hour) // the later ones first: the order of the file does not matter
        table += std::to_string(hour) + ",2013,1,9," + std::to_string(5 - hour) + ",4," + (values[5 - hour] < 0 ? "NA" : std::to_string(values[5 - hour])) + ",12,NA\n";
    support::writeText(one.path / "t.csv", table);
    const auto series = service::seriesOf(*one.district, "uci", one.path / "t.csv");
    ASSERT_TRUE(series) << core::describe(series.error(), core::Language::en);
    EXPECT_EQ(series->messages.size(), 11u);
    EXPECT_EQ(series->refused, 7u);
    ASSERT_FALSE(series->errors.empty());
    EXPECT_NE(series->errors[0].where.find("t.csv#/1"), std::string::npos) << series->errors[0].where;
    EXPECT_EQ(core::formatInstant(series->messages.front().received), "2013-01-08T16:00:00.000Z");
    EXPECT_TRUE(std::is_sorted(series->messages.begin(), series->messages.end(), [](const auto& a, const auto& b) { return a.received < b.received; }));
    const auto result = played(one, *series);
    EXPECT_EQ(result.invalid, 0u);
    EXPECT_NE(result.alarmLog.find("2013-01-08T17:"), std::string::npos) << result.alarmLog;
    EXPECT_EQ(service::seriesOf(*one.district, "other", one.path / "t.csv").error().code, "E_REPLAY_FEED");
}

TEST(SeriesReplay, threeYearsOfShanghaiAreTheSameTwice) {
    MATOU_NEEDS_TEST_DATA(file, "data/air-quality-uci/ShanghaiPM20100101_20151231.csv");
    OneFeed one(stations());
    const auto series = service::seriesOf(*one.district, "uci", file);
    ASSERT_TRUE(series) << core::describe(series.error(), core::Language::en);
    EXPECT_EQ(series->messages.size(), 24095u + 24851u + 24583u); // the valid ones, as the collection counts them
    EXPECT_EQ(series->messages.size() + series->refused, 3u * 25602u);
    const auto first = played(one, *series), second = played(one, *series);
    EXPECT_EQ(first.invalid, 0u);
    EXPECT_EQ(first.alarmLog, second.alarmLog);
    const auto lines = std::count(first.alarmLog.begin(), first.alarmLog.end(), '\n');
    EXPECT_GT(lines, 0);
    std::printf("%llu values, %zu without one, %ld lines of the alarm log\n", static_cast<unsigned long long>(first.messages), series->refused, static_cast<long>(lines));
}
