#include <gtest/gtest.h>

#include "model/content.h"

using namespace matou::model;

TEST(Content, countsTrianglesPerInstance) {
    Content content;
    content.primitives.resize(2);
    content.primitives[0].indices.resize(9);
    content.primitives[1].topology = Topology::lines;
    content.primitives[1].indices.resize(6);
    content.instances = {{.primitive = 0}, {.primitive = 0}, {.primitive = 1}, {.primitive = 7}};
    EXPECT_EQ(content.triangleCount(), 6u);
}

TEST(Content, byteSizeFollowsWhatItHolds) {
    Content content;
    const auto empty = content.byteSize();
    content.primitives.resize(1);
    content.primitives[0].vertices.resize(1000);
    content.images.push_back({.width = 16, .height = 16, .rgba = std::vector<std::uint8_t>(1024)});
    EXPECT_GE(content.byteSize(), empty + 36000 + 1024);
    EXPECT_LT(content.byteSize(), empty + 36000 + 1024 + 1000);
    content.features.columns["name"] = std::vector<std::string>{std::string(100, 'x')};
    EXPECT_GE(content.byteSize(), empty + 36000 + 1024 + 100);
}

TEST(PropertyText, readsEveryKindAndIsEmptyElsewhere) {
    FeatureTable table;
    table.count = 1;
    table.columns["height"] = std::vector<double>{632.0};
    table.columns["exact"] = std::vector<double>{0.1};
    table.columns["floors"] = std::vector<std::int64_t>{-3};
    table.columns["name"] = std::vector<std::string>{"上海中心大厦"};
    table.columns["assumed"] = std::vector<std::uint8_t>{1};
    table.columns["unknown"] = std::vector<double>{std::numeric_limits<double>::quiet_NaN()};
    EXPECT_EQ(propertyText(table, "height", 0), "632");
    EXPECT_EQ(propertyText(table, "exact", 0), "0.1");
    EXPECT_EQ(propertyText(table, "floors", 0), "-3");
    EXPECT_EQ(propertyText(table, "name", 0), "上海中心大厦");
    EXPECT_EQ(propertyText(table, "assumed", 0), "true");
    EXPECT_EQ(propertyText(table, "unknown", 0), "");
    EXPECT_EQ(propertyText(table, "height", 1), "");
    EXPECT_EQ(propertyText(table, "absent", 0), "");
}
