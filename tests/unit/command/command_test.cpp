#include <gtest/gtest.h>

#include "command/command_json.h"
#include "command/permission.h"

using namespace matou;
using namespace matou::command;

TEST(Permission, alarmsAreForThoseWhoAnswerForThem) {
    Command command;
    command.body = AlarmAction{"A-000001", "ack", ""};
    for (const char* role : {"operator", "duty_lead", "commander", "admin"}) {
        command.role = role;
        EXPECT_TRUE(permitted(command)) << role;
    }
    for (const char* role : {"viewer", "presenter", "planner", "", "root"}) {
        command.role = role;
        const auto result = permitted(command);
        ASSERT_FALSE(result) << role;
        EXPECT_EQ(result.error().code, "E_COMMAND_ROLE");
    }
}

TEST(Permission, lookingIsForEveryRoleThatThereIs) {
    Command command;
    command.body = ShowScene{"core"};
    command.role = "viewer";
    EXPECT_TRUE(permitted(command));
    EXPECT_TRUE(isForPicture(command));
    command.role = "somebody";
    EXPECT_FALSE(permitted(command));
    command.body = AlarmAction{};
    EXPECT_FALSE(isForPicture(command));
}

TEST(CommandJson, namesAndWritesEachBody) {
    Command command;
    command.body = AlarmAction{"A-000001", "ack", "看到了"};
    EXPECT_EQ(toJson(command), R"({"command":"alarm.ack","alarm":"A-000001","text":"看到了"})");
    command.body = TourControl{"start"};
    EXPECT_EQ(nameOf(command), "tour.start");
    command.body = SelectFeature{{"buildings", "NM-1"}};
    EXPECT_EQ(toJson(command), R"({"command":"select","feature":"buildings/NM-1"})");
}

TEST(CommandJson, readsAidsOneByOneAndKeepsContoursWithinReason) {
    const auto some = aidsFromJson(R"({"ghost":true,"contours":0.5})", "body");
    ASSERT_TRUE(some);
    EXPECT_EQ(some->ghost, true);
    EXPECT_EQ(some->contourMeters, 0.5);
    EXPECT_FALSE(some->xray || some->heightTint);
    Command command;
    command.body = *some;
    EXPECT_EQ(toJson(command), R"({"command":"aids","ghost":true,"contours":0.5})");
    EXPECT_TRUE(isForPicture(command));
    EXPECT_TRUE(aidsFromJson(R"({"contours":0})", "body"));
    for (const char* wrong : {R"({"contours":-1})", R"({"contours":0.001})", R"({"contours":1e9})"})
        EXPECT_EQ(aidsFromJson(wrong, "body").error().where, "body#/contours") << wrong;
    EXPECT_EQ(aidsFromJson(R"({"xray":"yes"})", "body").error().where, "body#/xray");
}

TEST(CommandJson, readsAPoseAndRefusesWhatIsNone) {
    const auto good = moveCameraFromJson(R"({"lat":31.19,"lon":121.5,"height":300,"heading":45})", "body");
    ASSERT_TRUE(good);
    EXPECT_DOUBLE_EQ(good->pose.position.heightMeters, 300);
    EXPECT_DOUBLE_EQ(good->pose.headingDegrees, 45);
    EXPECT_EQ(moveCameraFromJson(R"({"lat":91,"lon":121.5,"height":300})", "body").error().where, "body#/lat");
    EXPECT_EQ(moveCameraFromJson(R"({"lon":121.5,"height":300})", "body").error().code, "E_JSON_MISSING");
    EXPECT_EQ(moveCameraFromJson("{", "body").error().code, "E_JSON_SYNTAX");
}
