#include "command/permission.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "command/command_json.h"

namespace matou::command {
namespace {

constexpr std::array<std::string_view, 7> kRoles = {"viewer",    "presenter", "planner", "operator",
                                                    "duty_lead", "commander", "admin"};
constexpr std::array<std::string_view, 4> kAlarmRoles = {"operator", "duty_lead", "commander", "admin"};

} // namespace

bool isForPicture(const Command& command) {
    return !std::holds_alternative<AlarmAction>(command.body);
}

core::Result<void> permitted(const Command& command) {
    const auto in = [&](const auto& roles) {
        return std::find(roles.begin(), roles.end(), command.role) != roles.end();
    };
    // Looking is free to every role that there is; alarms are for those who answer for them.
    if (isForPicture(command) ? in(kRoles) : in(kAlarmRoles)) return {};
    return core::fail("E_COMMAND_ROLE", "command " + nameOf(command), {command.role, nameOf(command)});
}

} // namespace matou::command
