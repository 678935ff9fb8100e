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
constexpr std::array<std::string_view, 3> kLeadRoles = {"duty_lead", "commander", "admin"};

/// What takes a source out of service or the whole centre into an exercise is not one operator's to decide.
bool isForLead(const Command& command) {
    if (std::holds_alternative<SetDrill>(command.body)) return true;
    const auto* suppress = std::get_if<SuppressAlarms>(&command.body);
    return suppress && suppress->rule.kind == "out_of_service";
}

} // namespace

bool isForPicture(const Command& command) {
    const auto& body = command.body;
    return !std::holds_alternative<AlarmAction>(body) && !std::holds_alternative<SuppressAlarms>(body) &&
           !std::holds_alternative<EndSuppression>(body) && !std::holds_alternative<SetDrill>(body);
}

core::Result<void> permitted(const Command& command) {
    const auto in = [&](const auto& roles) {
        return std::find(roles.begin(), roles.end(), command.role) != roles.end();
    };
    // Looking is free to every role that there is; alarms are for those who answer for them.
    if (isForLead(command) ? in(kLeadRoles) : isForPicture(command) ? in(kRoles) : in(kAlarmRoles)) return {};
    return core::fail("E_COMMAND_ROLE", "command " + nameOf(command), {command.role, nameOf(command)});
}

} // namespace matou::command
