#include <cmath>
#include <limits>

#include <gtest/gtest.h>

#include "resident/dress.h"
#include "shared/host.h"

namespace matou {
namespace {

model::FeatureTable table() {
    model::FeatureTable t;
    t.count = 4;
    t.columns["use"] = std::vector<std::string>{"住宅", "office", "not a word", ""};
    t.columns["kind"] = std::vector<std::string>{"carriageway", "", "carriageway", "river"};
    t.columns["floors"] = std::vector<std::int64_t>{6, 900, 0, -4};
    t.columns["height"] = std::vector<double>{18.0, 30.0, 9.0, std::nan("")};
    t.columns["storey_height"] = std::vector<double>{2.9, std::nan(""), 0, 0};
    t.columns["width"] = std::vector<double>{0, 0, 25.0, 400.0};
    return t;
}

std::uint32_t kindOf(std::uint32_t dress) { return dress & 31u; }
std::uint32_t stepsOf(std::uint32_t dress) { return dress >> 5 & 127u; }
std::uint32_t storeyOf(std::uint32_t dress) { return dress >> 12 & 63u; }

} // namespace

TEST(Dress, readsUseFloorsAndStoreyOfABuilding) {
    const auto dress = resident::dressOf(table(), 0);
    EXPECT_EQ(kindOf(dress), MATOU_DRESS_DWELLING);
    EXPECT_EQ(stepsOf(dress), 6u);
    EXPECT_EQ(storeyOf(dress), 29u);
}

TEST(Dress, fallsBackToKindAndWidth) {
    const auto road = resident::dressOf(table(), 2);
    EXPECT_EQ(kindOf(road), MATOU_DRESS_CARRIAGEWAY);
    EXPECT_EQ(stepsOf(road) * MATOU_DRESS_ROAD_UNIT, 25.0);
    const auto river = resident::dressOf(table(), 3);
    EXPECT_EQ(kindOf(river), MATOU_DRESS_WATER);
    EXPECT_EQ(stepsOf(river) * MATOU_DRESS_WATER_UNIT, 400.0);
}

TEST(Dress, keepsNonsenseOut) {
    const auto tall = resident::dressOf(table(), 1); // 900 floors in 30 m
    EXPECT_EQ(kindOf(tall), MATOU_DRESS_OFFICE);
    EXPECT_EQ(stepsOf(tall), 127u);
    EXPECT_EQ(storeyOf(tall), 0u);
    EXPECT_EQ(resident::dressOf(table(), 99), 0u);
    EXPECT_EQ(resident::dressOf(model::FeatureTable{}, 0), 0u);
    model::FeatureTable odd;
    odd.columns["use"] = std::vector<double>{1.0};
    odd.columns["width"] = std::vector<double>{std::numeric_limits<double>::infinity()};
    EXPECT_EQ(resident::dressOf(odd, 0), 0u);
}

} // namespace matou
