#include "command/command_json.h"

#include "core/json.h"

namespace matou::command {
namespace {

using Ordered = nlohmann::ordered_json;

struct Writer {
    Ordered operator()(const AlarmAction& c) const {
        Ordered json = {{"command", "alarm." + c.verb}, {"alarm", c.alarm}, {"text", c.text}};
        if (!c.reason.empty()) json["reason"] = c.reason;
        if (c.minutes) json["minutes"] = c.minutes;
        return json;
    }
    Ordered operator()(const SuppressAlarms& c) const {
        Ordered json = {{"command", "suppress"},   {"kind", c.rule.kind},        {"source", c.rule.source},
                        {"zone", c.rule.zone},     {"class", c.rule.alarmClass}, {"reason", c.rule.reason}};
        if (c.rule.until) json["until"] = core::formatInstant(*c.rule.until);
        return json;
    }
    Ordered operator()(const EndSuppression& c) const { return {{"command", "suppress.end"}, {"rule", c.rule}}; }
    Ordered operator()(const SetDrill& c) const { return {{"command", c.on ? "drill.start" : "drill.stop"}}; }
    Ordered operator()(const ShowScene& c) const { return {{"command", "scene"}, {"scene", c.scene}}; }
    Ordered operator()(const MoveCamera& c) const {
        return {{"command", "camera"},
                {"lat", c.pose.position.latitudeDegrees},
                {"lon", c.pose.position.longitudeDegrees},
                {"height", c.pose.position.heightMeters},
                {"heading", c.pose.headingDegrees},
                {"pitch", c.pose.pitchDegrees},
                {"roll", c.pose.rollDegrees},
                {"seconds", c.seconds}};
    }
    Ordered operator()(const SelectFeature& c) const {
        return {{"command", "select"}, {"feature", core::toString(c.feature)}};
    }
    Ordered operator()(const SetLayerVisible& c) const {
        return {{"command", "layer"}, {"layer", c.layer}, {"visible", c.visible}};
    }
    Ordered operator()(const SetProposal& c) const { return {{"command", "proposal"}, {"proposal", c.proposal}}; }
    Ordered operator()(const SetSwipe& c) const { return {{"command", "swipe"}, {"position", c.position}}; }
    Ordered operator()(const SetTime& c) const {
        return {{"command", "time"}, {"time", core::formatInstant(c.instant)}};
    }
    Ordered operator()(const TourControl& c) const { return {{"command", "tour." + c.verb}}; }
    Ordered operator()(const FlyTo& c) const { return {{"command", "fly_to"}, {"feature", core::toString(c.feature)}}; }
    Ordered operator()(const SetNavigation& c) const { return {{"command", "navigation"}, {"mode", c.mode}}; }
    Ordered operator()(const SetLook& c) const { return {{"command", "look"}, {"look", c.look}}; }
    Ordered operator()(const SetQuality& c) const { return {{"command", "quality"}, {"quality", c.quality}}; }
    Ordered operator()(const SetAids& c) const {
        Ordered json = {{"command", "aids"}};
        if (c.xray) json["xray"] = *c.xray;
        if (c.ghost) json["ghost"] = *c.ghost;
        if (c.heightTint) json["height_tint"] = *c.heightTint;
        if (c.contourMeters) json["contours"] = *c.contourMeters;
        return json;
    }
    Ordered operator()(const LookBack& c) const {
        if (c.at == core::Instant{}) return {{"command", "look_back.end"}};
        return {{"command", "look_back"}, {"at", core::formatInstant(c.at)}, {"speed", c.speed}};
    }
    /// A body that was added and has no words here yet: said as such rather than lost from the audit log.
    template <typename Other>
    Ordered operator()(const Other&) const {
        return {{"command", "other"}};
    }
};

} // namespace

std::string nameOf(const Command& command) {
    return std::visit(Writer{}, command.body).at("command").get<std::string>();
}

std::string toJson(const Command& command) {
    return std::visit(Writer{}, command.body).dump(-1, ' ', false, Ordered::error_handler_t::replace);
}

core::Result<MoveCamera> moveCameraFromJson(const std::string& text, const std::string& where) {
    MATOU_TRY(parsed, core::parseJson(text, where, {.depth = 8, .bytes = 65536}));
    const core::JsonCursor root(parsed, where);
    const auto within = [&](const char* name, double value, double minimum, double maximum) -> core::Result<double> {
        if (value >= minimum && value <= maximum) return value;
        return core::fail("E_COMMAND_VALUE", where + "#/" + name,
                          {name, Ordered(minimum).dump(), Ordered(maximum).dump()});
    };
    MoveCamera result;
    MATOU_TRY(lat, root.number("lat"));
    MATOU_TRY(lon, root.number("lon"));
    MATOU_TRY(height, root.number("height"));
    MATOU_TRY(heading, root.numberOr("heading", 0));
    MATOU_TRY(pitch, root.numberOr("pitch", -30));
    MATOU_TRY(roll, root.numberOr("roll", 0));
    MATOU_TRY(seconds, root.numberOr("seconds", 1));
    MATOU_CHECK(within("lat", lat, -90, 90));
    MATOU_CHECK(within("lon", lon, -180, 180));
    MATOU_CHECK(within("height", height, -1e4, 1e8));
    MATOU_CHECK(within("pitch", pitch, -90, 90));
    MATOU_CHECK(within("seconds", seconds, 0, 60));
    result.pose.position = {lat, lon, height};
    result.pose.headingDegrees = heading;
    result.pose.pitchDegrees = pitch;
    result.pose.rollDegrees = roll;
    result.seconds = seconds;
    return result;
}

core::Result<SetAids> aidsFromJson(const std::string& text, const std::string& where) {
    MATOU_TRY(parsed, core::parseJson(text, where, {.depth = 8, .bytes = 65536}));
    const core::JsonCursor root(parsed, where);
    SetAids result;
    const auto flag = [&](const char* name, std::optional<bool>& target) -> core::Result<void> {
        if (!root.has(name)) return {};
        MATOU_TRY(value, root.boolean(name));
        target = value;
        return {};
    };
    MATOU_CHECK(flag("xray", result.xray));
    MATOU_CHECK(flag("ghost", result.ghost));
    MATOU_CHECK(flag("height_tint", result.heightTint));
    if (root.has("contours")) {
        MATOU_TRY(meters, root.number("contours"));
        if (meters != 0 && !(meters >= kLeastContourMeters && meters <= kMostContourMeters))
            return core::fail("E_COMMAND_VALUE", where + "#/contours",
                              {"contours", Ordered(kLeastContourMeters).dump(), Ordered(kMostContourMeters).dump()});
        result.contourMeters = meters;
    }
    return result;
}

} // namespace matou::command
