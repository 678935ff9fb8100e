#include "symbology/theme.h"

#include <set>

#include <gtest/gtest.h>

namespace matou::symbology {

using scene::IconShape;
using scene::Rgba;

TEST(SeverityStyle, isExactlyTheDomainNotesCoding) {
    const struct {
        Rgba color;
        IconShape shape;
        const char* numeral;
        int rings;
    } wanted[] = {{{0xFF, 0x2D, 0x2D, 255}, IconShape::octagon, "Ⅰ", 2},
                  {{0xFF, 0x9A, 0x1F, 255}, IconShape::triangle, "Ⅱ", 1},
                  {{0xFF, 0xF0, 0x4D, 255}, IconShape::diamond, "Ⅲ", 0},
                  {{0x4D, 0xA3, 0xFF, 255}, IconShape::circle, "Ⅳ", 0}};
    for (int severity = 1; severity <= 4; ++severity) {
        const auto& style = severityStyle(severity);
        EXPECT_EQ(style.color, wanted[severity - 1].color);
        EXPECT_EQ(style.shape, wanted[severity - 1].shape);
        EXPECT_STREQ(style.numeral, wanted[severity - 1].numeral);
        EXPECT_EQ(style.rings, wanted[severity - 1].rings);
    }
    EXPECT_EQ(core::text(core::Language::zh, severityStyle(1).nameKey), "一级·紧急");
    EXPECT_EQ(core::text(core::Language::zh, severityStyle(4).nameKey), "四级·提示");
    EXPECT_EQ(&severityStyle(0), &severityStyle(1));
    EXPECT_EQ(&severityStyle(9), &severityStyle(4));
}

TEST(ProjectStyle, keepsOffTheSeverityHuesAndTellsStatesApart) {
    std::set<std::tuple<int, int, int>> seen;
    for (const char* status : {"on-track", "at-risk", "late", "paused", "done", "planned"}) {
        const auto& tint = projectStyle(status).tint;
        EXPECT_TRUE(seen.insert({tint.x, tint.y, tint.z}).second) << status;
        for (int severity = 1; severity <= 4; ++severity) EXPECT_NE(Rgba(glm::u8vec3(tint), 255), severityStyle(severity).color);
        EXPECT_GT(tint.w, 0);
    }
    EXPECT_EQ(&projectStyle("?"), &projectStyle("planned"));
}

TEST(Words, areShortAndHaveUnits) {
    using core::Duration;
    using core::Language;
    EXPECT_EQ(ageText(Duration{12400}, Language::zh), "12 秒前");
    EXPECT_EQ(ageText(Duration{300000}, Language::zh), "5 分钟前");
    EXPECT_EQ(ageText(Duration{7200000}, Language::en), "2 h ago");
    EXPECT_EQ(ageText(Duration{-5}, Language::zh), "0 秒前");
    EXPECT_EQ(clockSpan(Duration{750000}), "12:30");
    EXPECT_EQ(clockSpan(Duration{3661000}), "1:01:01");
    EXPECT_EQ(unitText("ug/m3"), "μg/m³");
    EXPECT_EQ(unitText("dB[A]"), "dB(A)");
    EXPECT_EQ(unitText("{count}/h"), "count/h");
    EXPECT_EQ(valueText(3.14159), "3.14");
    EXPECT_EQ(valueText(1234.6), "1235");
    EXPECT_EQ(valueText(-42.26), "-42.3");
    EXPECT_EQ(nameOf({"水", "water"}, Language::en), "water");
    EXPECT_EQ(nameOf({"水", ""}, Language::en), "水");
}

} // namespace matou::symbology
