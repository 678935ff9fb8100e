#include "symbology/project_timeline.h"

#include <gtest/gtest.h>

namespace matou::symbology {

namespace {

core::Instant at(const char* date) { return *core::parseInstant(std::string(date) + "T00:00:00+08:00"); }

twin::Project project() {
    twin::Project p;
    p.id = "P-1";
    p.phases = {{"设计", at("2023-01-01"), at("2023-04-01"), at("2023-01-01"), at("2023-04-01")},
                {"施工", at("2023-04-01"), at("2024-04-01"), at("2023-04-01"), at("2024-08-01")},
                {"验收", at("2024-04-01"), at("2024-06-01"), at("2024-08-01"), at("2024-09-01")}};
    return p;
}

} // namespace

TEST(ProjectAt, goesFromPlannedThroughLateToDone) {
    const auto p = project();
    const auto before = projectAt(p, at("2022-12-01"));
    EXPECT_EQ(before.status, "planned");
    EXPECT_EQ(before.phase, "设计");
    EXPECT_EQ(before.percent, 0);
    const auto building = projectAt(p, at("2023-10-01"));
    EXPECT_EQ(building.status, "on-track");
    EXPECT_EQ(building.phase, "施工");
    EXPECT_GT(building.percent, 20);
    EXPECT_LT(building.percent, 75);
    EXPECT_EQ(projectAt(p, at("2024-04-15")).status, "at-risk");
    const auto late = projectAt(p, at("2024-07-01"));
    EXPECT_EQ(late.status, "late");
    EXPECT_GT(late.slip, std::chrono::hours(24 * 60));
    EXPECT_GT(late.plannedPercent, late.percent);
    const auto done = projectAt(p, at("2024-10-01"));
    EXPECT_EQ(done.status, "done");
    EXPECT_EQ(done.percent, 100);
}

TEST(ProjectAt, neverGoesBackAsTimeGoesOn) {
    const auto p = project();
    double last = -1;
    for (int day = 0; day < 900; day += 5) {
        const auto now = projectAt(p, at("2022-11-01") + std::chrono::hours(24 * day));
        EXPECT_GE(now.percent, last);
        last = now.percent;
    }
}

TEST(ProjectAt, takesTheReportThatIsNotFromTheFuture) {
    const auto p = project();
    const twin::ProjectStatus report{"P-1", at("2023-09-01"), at("2023-09-01"), "招标", 33, "paused", "", "embedded"};
    EXPECT_EQ(projectAt(p, at("2023-10-01"), report).status, "paused");
    EXPECT_EQ(projectAt(p, at("2023-10-01"), report).phase, "招标");
    EXPECT_EQ(projectAt(p, at("2023-10-01"), report).percent, 33);
    EXPECT_EQ(projectAt(p, at("2023-08-01"), report).status, "on-track");
    EXPECT_EQ(projectAt(twin::Project{}, at("2023-08-01")).status, "planned");
}

} // namespace matou::symbology
