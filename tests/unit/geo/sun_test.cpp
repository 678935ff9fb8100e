#include <gtest/gtest.h>

#include "geo/sun.h"

using namespace matou;

// Meeus, example 25.a: 1992-10-13 0h TD: declination -7.78507°. At the pole the sun's elevation is its declination.
TEST(Sun, declinationOfThePublishedExample) {
    const auto instant = *core::parseInstant("1992-10-12T23:59:01Z"); // TD - UT was 59 s
    EXPECT_NEAR(geo::sunPosition(instant, 90.0, 0.0).elevationDegrees, -7.785, 0.002);
}

// The issue that owns sun studies prints both clocks: true noon here is 12:05 Beijing time on 大寒日 and 11:52.5 on 冬至日.
TEST(Sun, standsInTheSouthAtTrueNoonOfTheDistrict) {
    for (const char* text : {"2025-01-20T12:05:00+08:00", "2024-12-21T11:52:30+08:00"}) {
        const auto sun = geo::sunPosition(*core::parseInstant(text), 31.19, 121.51);
        EXPECT_NEAR(sun.azimuthDegrees, 180.0, 0.35) << text;
    }
    const auto solstice = geo::sunPosition(*core::parseInstant("2024-12-21T11:52:30+08:00"), 31.19, 121.51);
    EXPECT_NEAR(solstice.elevationDegrees, 90.0 - 31.19 - 23.436, 0.02);
}

TEST(Sun, directionPointsSouthAndUpAtNoonAndEastInTheMorning) {
    const auto morning = geo::sunDirectionEnu(geo::sunPosition(*core::parseInstant("2025-06-15T07:00:00+08:00"), 31.19, 121.51));
    EXPECT_GT(morning.x, 0.5);
    EXPECT_GT(morning.z, 0.0);
    const auto night = geo::sunDirectionEnu(geo::sunPosition(*core::parseInstant("2025-06-15T00:00:00+08:00"), 31.19, 121.51));
    EXPECT_LT(night.z, 0.0);
}
