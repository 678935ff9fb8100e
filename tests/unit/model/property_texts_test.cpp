#include <gtest/gtest.h>

#include "model/property_texts.h"

using namespace matou::model;

namespace {

FeatureTable tableOf(std::uint32_t rows) {
    FeatureTable table;
    table.count = rows;
    std::vector<std::string> ids, zones, sources;
    std::vector<std::int64_t> floors;
    for (std::uint32_t row = 0; row < rows; ++row) {
        ids.push_back("NM-" + std::to_string(row));
        zones.push_back(row % 3 == 0 ? "和美六里" : row % 3 == 1 ? "世博滨江" : "");
        sources.push_back("synthetic");
        floors.push_back(row % 400);
    }
    table.ids = ids;
    table.columns["id"] = ids;
    table.columns["zone"] = zones;
    table.columns["height_source"] = sources;
    table.columns["floors"] = floors;
    return table;
}

} // namespace

TEST(PropertyTexts, saysWhatTheTableSays) {
    for (const std::uint32_t rows : {0u, 1u, 5u, 255u, 257u, 1000u}) {
        const auto table = tableOf(rows);
        const PropertyTexts texts(table);
        ASSERT_EQ(texts.rows(), rows);
        ASSERT_EQ(texts.columns(), table.columns.size());
        std::size_t column = 0;
        for (const auto& [name, values] : table.columns) {
            EXPECT_EQ(texts.name(column), name);
            for (std::uint32_t row = 0; row < rows; ++row) ASSERT_EQ(texts.text(column, row), propertyText(table, name, row)) << name << row;
            EXPECT_EQ(texts.text(column, rows), "");
            ++column;
        }
    }
}

TEST(PropertyTexts, keepsEachDistinctTextOnce) {
    const auto bytesPerRow = [](std::uint32_t rows) { return static_cast<double>(PropertyTexts(tableOf(rows)).byteSize()) / rows; };
    // An id of at most 8 bytes with its end, a byte for the zone, none for the source, two for the floors.
    EXPECT_LT(bytesPerRow(10000), 16.0);
}

TEST(PropertyTexts, aColumnShorterThanTheTableIsEmptyBeyondItsEnd) {
    auto table = tableOf(10);
    table.columns["short"] = std::vector<double>{1.5};
    const PropertyTexts texts(table);
    EXPECT_EQ(texts.name(3), "short");
    EXPECT_EQ(texts.text(3, 0), "1.5");
    EXPECT_EQ(texts.text(3, 9), "");
}
