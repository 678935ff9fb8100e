#include <gtest/gtest.h>

#include "geo/moon.h"
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
    const auto morning = geo::directionEnu(geo::sunPosition(*core::parseInstant("2025-06-15T07:00:00+08:00"), 31.19, 121.51));
    EXPECT_GT(morning.x, 0.5);
    EXPECT_GT(morning.z, 0.0);
    const auto night = geo::directionEnu(geo::sunPosition(*core::parseInstant("2025-06-15T00:00:00+08:00"), 31.19, 121.51));
    EXPECT_LT(night.z, 0.0);
}

namespace {
double minutesOff(core::Instant a, const char* b) { return std::abs(static_cast<double>((a - *core::parseInstant(b)).count())) / 60000.0; }
} // namespace

// Sun studies are done in true solar time: noon of the district on the two days that the rules name.
TEST(Sun, trueNoonIsWhatTheRulesOfThisPlaceExpect) {
    constexpr double kLongitude = 121.51;
    const auto cold = geo::instantAtTrueSolarHours(*core::parseInstant("2025-01-20T08:00:00+08:00"), 12.0, kLongitude);
    const auto solstice = geo::instantAtTrueSolarHours(*core::parseInstant("2024-12-21T20:00:00+08:00"), 12.0, kLongitude);
    std::printf("[ figures  ] true noon: 大寒日 %s, 冬至日 %s Beijing time\n", core::formatBeijing(cold).c_str(), core::formatBeijing(solstice).c_str());
    EXPECT_LT(minutesOff(cold, "2025-01-20T12:05:00+08:00"), 0.5);
    EXPECT_LT(minutesOff(solstice, "2024-12-21T11:52:30+08:00"), 0.5);
    EXPECT_NEAR(geo::sunPosition(cold, 31.19, kLongitude).azimuthDegrees, 180.0, 0.001);
}

TEST(Sun, trueSolarTimeAndItsInverseAgreeThroughTheYear) {
    const auto begin = *core::parseInstant("2025-01-01T00:10:00Z");
    for (int day = 0; day < 365; day += 3)
        for (double hours : {0.0, 3.25, 12.0, 20.5, 23.99}) {
            const auto at = geo::instantAtTrueSolarHours(begin + std::chrono::hours(24 * day), hours, 121.51);
            EXPECT_LT(std::abs(std::remainder(geo::trueSolarHours(at, 121.51) - hours, 24.0)), 1e-5) << day << " " << hours;
            EXPECT_LT(std::abs((at - (begin + std::chrono::hours(24 * day))).count()), 24 * 3600 * 1000 + 60000);
        }
}

// By the sunrise equation in its textbook form: cos H = (sin h - sin lat sin dec) / (cos lat cos dec), an independent road.
TEST(Sun, risesAndSetsWhereItsElevationCrossesTheHorizon) {
    const auto times = geo::sunTimes(*core::parseInstant("2025-06-21T04:00:00Z"), 31.19, 121.51);
    ASSERT_TRUE(times.rise && times.set);
    EXPECT_NEAR(geo::sunPosition(*times.rise, 31.19, 121.51).elevationDegrees, geo::kAlmanacHorizonDegrees, 1e-4);
    EXPECT_NEAR(geo::sunPosition(*times.set, 31.19, 121.51).elevationDegrees, geo::kAlmanacHorizonDegrees, 1e-4);
    constexpr double kRadian = 3.14159265358979 / 180;
    const double dec = 23.437 * kRadian, lat = 31.19 * kRadian;
    const double hours = std::acos((std::sin(geo::kAlmanacHorizonDegrees * kRadian) - std::sin(lat) * std::sin(dec)) / (std::cos(lat) * std::cos(dec))) / kRadian / 15;
    EXPECT_NEAR(static_cast<double>((*times.set - *times.rise).count()) / 3.6e6, 2 * hours, 0.01);
    std::printf("[ figures  ] 2025-06-21: sunrise %s, sunset %s Beijing time\n", core::formatBeijing(*times.rise).c_str(), core::formatBeijing(*times.set).c_str());
    EXPECT_FALSE(geo::sunTimes(*core::parseInstant("2025-06-21T04:00:00Z"), 80.0, 0.0).set) << "midnight sun";
    EXPECT_FALSE(geo::sunTimes(*core::parseInstant("2025-12-21T04:00:00Z"), 80.0, 0.0).rise) << "polar night";
}

// Meeus, example 47.a and 48.a: 1992-04-12 0h TD: distance 368409.7 km, lit 0.6786, waxing (full was on the 17th).
TEST(Moon, distanceAndPhaseOfThePublishedExample) {
    const auto moon = geo::moonAt(*core::parseInstant("1992-04-11T23:58:51Z"), 0.0, 0.0);
    EXPECT_NEAR(moon.distanceMeters, 368409.7e3, 60e3);
    EXPECT_NEAR(moon.litFraction, 0.6786, 0.002);
    EXPECT_TRUE(moon.waxing);
}
