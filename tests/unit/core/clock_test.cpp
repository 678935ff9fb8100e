#include <gtest/gtest.h>

#include "core/clock.h"

using namespace matou::core;

TEST(Instants, readZonesAndFractions) {
    EXPECT_EQ(formatInstant(*parseInstant("2025-06-15T10:00:00+08:00")), "2025-06-15T02:00:00.000Z");
    EXPECT_EQ(formatInstant(*parseInstant("2025-06-15T02:00:00.1239Z")), "2025-06-15T02:00:00.123Z");
    EXPECT_EQ(formatInstant(*parseInstant("2024-02-29T23:30:00-01:30")), "2024-03-01T01:00:00.000Z");
    EXPECT_EQ(formatInstant(*parseInstant("2025-06-15T02:00Z")), "2025-06-15T02:00:00.000Z");
    EXPECT_EQ(formatBeijing(*parseInstant("2025-06-15T20:00:00Z")), "2025-06-16 04:00:00");
}

TEST(Instants, refuseWhatIsNoInstant) {
    for (const char* text : {"", "2025-06-15", "2025-06-15T10:00:00", "2025-13-15T10:00:00Z", "2025-02-29T10:00:00Z", "2025-06-15T24:00:00Z",
                             "2025-06-15T10:61:00Z", "2025-06-15T10:00:00+8", "2025-06-15T10:00:00Zx", "x025-06-15T10:00:00Z", "2025-06-15T10:00:00.Z",
                             "1969-06-15T10:00:00Z", "2025-06-15T10:00:0"})
        EXPECT_FALSE(parseInstant(text)) << text;
}

TEST(Instants, everyPrefixOfAGoodOneIsRefusedWithoutHarm) {
    const std::string good = "2025-06-15T10:00:00.123+08:00";
    for (std::size_t n = 0; n < good.size(); ++n) EXPECT_FALSE(parseInstant(std::string_view(good).substr(0, n))) << n;
}

TEST(ManualClocks, moveOnlyWhenTold) {
    ManualClock clock(*parseInstant("2025-01-01T00:00:00Z"));
    EXPECT_EQ(clock.now(), clock.now());
    clock.advance(Duration(1500));
    EXPECT_EQ(formatInstant(clock.now()), "2025-01-01T00:00:01.500Z");
}
