#include "symbology/style_builder.h"

#include <gtest/gtest.h>

#include "symbology/theme.h"
#include "unit/symbology/sample_site.h"

namespace matou::symbology {

TEST(StyleBuilder, tintsByStatusHidesByProposalAndMarksTheSelected) {
    const auto site = test::sampleSite(0, 0, 5);
    scene::FeatureRegistry registry;
    StyleBuilder builder(registry);
    StyleRequest request;
    request.selected = {"buildings", "NM-77"};
    request.hidden = {{"buildings", "NM-1"}};
    request.ghosted = {{"buildings", "NM-50"}};
    const auto table = builder.build(*site.state, request);
    const auto style = [&](const char* id) { return table->styles[registry.find({"buildings", id})]; };
    EXPECT_EQ(style("NM-0").tint, projectStyle("on-track").tint);
    EXPECT_EQ(style("NM-2").tint, projectStyle("late").tint);
    EXPECT_EQ(style("NM-1").tint, projectStyle("at-risk").tint);
    EXPECT_EQ(style("NM-1").flags, scene::kStyleHidden);
    EXPECT_EQ(style("NM-77").flags, scene::kStyleSelected);
    EXPECT_EQ(style("NM-50").flags, scene::kStyleGhosted);
}

TEST(StyleBuilder, selectsTheHostTooAndKeepsTheHighestOfSeveralMarks) {
    const auto site = test::sampleSite(0, 0, 0);
    scene::FeatureRegistry registry;
    StyleBuilder builder(registry);
    StyleRequest request;
    request.selected = {"alarms", "A-1"};
    request.alsoSelected = {"buildings", "NM-7"};
    request.marked = {{{"buildings", "NM-7"}, 2}, {{"buildings", "NM-7"}, 4}, {{"buildings", "NM-7"}, 1}, {{"buildings", "NM-8"}, 9}};
    const auto table = builder.build(*site.state, request);
    EXPECT_EQ(table->styles[registry.find({"buildings", "NM-7"})].flags, scene::kStyleSelected | 4u << scene::kStyleMarkShift);
    EXPECT_EQ(table->styles[registry.find({"buildings", "NM-8"})].flags, scene::kStyleMarks << scene::kStyleMarkShift);
}

TEST(StyleBuilder, givesTheSameTableUntilSomethingChanges) {
    const auto site = test::sampleSite(0, 0, 5);
    scene::FeatureRegistry registry;
    StyleBuilder builder(registry);
    StyleRequest request;
    const auto first = builder.build(*site.state, request);
    EXPECT_EQ(builder.build(*site.state, request), first);
    request.hidden = {{"buildings", "NM-3"}};
    const auto second = builder.build(*site.state, request);
    EXPECT_NE(second->version, first->version);
    // The timeline shows another date: nothing has begun in 2022.
    request.projectDate = *core::parseInstant("2022-06-01T00:00:00+08:00");
    const auto third = builder.build(*site.state, request);
    EXPECT_EQ(third->styles[registry.find({"buildings", "NM-0"})].tint, projectStyle("planned").tint);
    request.tintProjects = false;
    EXPECT_EQ(builder.build(*site.state, request)->styles[registry.find({"buildings", "NM-3"})].tint.w, 0);
}

} // namespace matou::symbology
