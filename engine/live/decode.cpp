#include "live/decode.h"

#include <algorithm>
#include <cmath>

#include "core/json.h"
#include "live/decode_city.h"
#include "live/payload.h"
#include "live/plain_observation.h"

namespace matou::live {
using core::fail;
using core::Json;
namespace {

/// What the way here says of a value that its payload cannot.
void finish(twin::Observation& observation, const Message& message) {
    observation.receiveTime = message.received;
    // The sender's word for how long it holds: of the transport (MQTT 5) or of the payload; the shorter.
    if (message.life > core::Duration{} && (observation.life == core::Duration{} || message.life < observation.life)) observation.life = message.life;
    observation.pulled = observation.pulled || message.retained; // what a broker kept is as old as it says, not as our connection
}

core::Result<Decoded> observation(const Payload& payload, const std::string& id, const Message& message) {
    twin::Observation result;
    result.sensor = id;
    MATOU_CHECK(payload.text("id", true));
    // A value of an exercise cannot be told from a real one once it stands in the twin: exercises speak by events.
    MATOU_TRY(drill, payload.flag("drill"));
    if (drill) return tl::unexpected(payload.wrong("drill", "an event, not a value"));
    MATOU_TRY(stamp, payload.stamp());
    result.eventTime = stamp;
    const Json* value = payload.find("value");
    const Json* values = payload.find("values");
    if (!value && values) {
        if (!values->is_object() || values->empty())
            return tl::unexpected(payload.wrong("values", "object with numbers"));
        for (const auto& [name, entry] : values->items())
            if (!entry.is_number())
                return tl::unexpected(payload.wrong("values", "object with numbers"));
            else
                result.values.emplace_back(name, entry.get<double>());
        result.value = result.values.front().second;
    } else if (value && value->is_boolean()) {
        result.value = value->get<bool>() ? 1 : 0;
    } else if (value && value->is_number()) {
        result.value = value->get<double>();
    } else {
        return tl::unexpected(payload.wrong("value", "number (or values with numbers)"));
    }
    if (!std::isfinite(result.value)) return tl::unexpected(payload.wrong("value", "finite number"));
    MATOU_TRY(unit, payload.text("unit", false));
    result.unit = unit;
    MATOU_TRY(quality, payload.text("q", false));
    if (quality == "uncertain" || quality == "sim")
        result.quality = twin::Quality::uncertain;
    else if (quality == "bad")
        result.quality = twin::Quality::bad;
    else if (!quality.empty() && quality != "good")
        return tl::unexpected(payload.wrong("q", "good, uncertain or bad"));
    MATOU_TRY(expires, payload.number("exp", 0, 0, 1e9, "seconds"));
    result.life = core::Duration(static_cast<std::int64_t>(expires * 1000));
    MATOU_TRY(pulled, payload.flag("pulled"));
    result.pulled = pulled;
    if (const Json* sequence = payload.find("seq")) {
        if (!sequence->is_number_integer()) return tl::unexpected(payload.wrong("seq", "integer"));
        result.sequence = sequence->get<std::int64_t>();
    }
    finish(result, message);
    return result;
}

core::Result<Decoded> event(const Payload& payload, const std::string& source, const Message& message) {
    twin::Event result;
    result.source = source;
    result.receiveTime = message.received;
    MATOU_TRY(id, payload.text("id", true));
    result.id = id;
    MATOU_TRY(stamp, payload.stamp());
    result.eventTime = stamp;
    MATOU_TRY(eventClass, payload.text("class", true));
    result.eventClass = eventClass;
    MATOU_TRY(severity, payload.number("severity", 4, 1, 4, "integer from 1 to 4"));
    if (severity != std::floor(severity)) return tl::unexpected(payload.wrong("severity", "integer from 1 to 4"));
    result.severity = static_cast<int>(severity);
    MATOU_TRY(confidence, payload.number("confidence", 1, 0, 1, "number from 0 to 1"));
    result.confidence = confidence;
    MATOU_TRY(camera, payload.text("camera", false));
    MATOU_TRY(sensor, payload.text("sensor", false));
    MATOU_TRY(words, payload.text("text", false));
    result.camera = camera;
    result.sensor = sensor;
    result.text = words;
    if (payload.find("lon") || payload.find("lat")) {
        if (!payload.find("lon")) return tl::unexpected(payload.wrong("lon", "longitude beside lat"));
        if (!payload.find("lat")) return tl::unexpected(payload.wrong("lat", "latitude beside lon"));
        MATOU_TRY(lon, payload.number("lon", 0, -180, 180, "longitude"));
        MATOU_TRY(lat, payload.number("lat", 0, -90, 90, "latitude"));
        MATOU_TRY(height, payload.number("height", 0, -1e4, 1e5, "metres"));
        // 0, 0 is what devices without a position send; it is no place in a district.
        if (lon != 0 || lat != 0) result.place = twin::Place{lon, lat, height};
    }
    MATOU_TRY(drill, payload.flag("drill"));
    result.drill = drill;
    MATOU_TRY(reference, payload.text("heightRef", false));
    if (!reference.empty() && reference != "ground" && reference != "1985" && reference != "wusong" &&
        reference != "ellipsoid")
        return tl::unexpected(payload.wrong("heightRef", "ground, 1985, wusong or ellipsoid"));
    result.raw = message.payload;
    return result;
}

/// A day as plans have it: in Beijing, from midnight.
core::Result<std::optional<core::Instant>> day(const Payload& payload, const Json& entry, const char* member) {
    const auto found = entry.find(member);
    if (found == entry.end() || found->is_null()) return std::nullopt;
    if (found->is_string() && found->get_ref<const std::string&>().size() == 10)
        if (const auto instant = core::parseInstant(found->get<std::string>() + "T00:00:00+08:00")) return *instant;
    return tl::unexpected(payload.wrong("milestones", "dates YYYY-MM-DD"));
}

core::Result<std::vector<std::pair<double, double>>> ring(const Payload& payload, const Json& list) {
    std::vector<std::pair<double, double>> result;
    const auto wrong = [&] { return tl::unexpected(payload.wrong("outline", "list of [lon, lat], at most 10,000")); };
    if (!list.is_array() || list.size() > 10000) return wrong();
    for (const auto& corner : list) {
        if (!corner.is_array() || corner.size() != 2 || !corner[0].is_number() || !corner[1].is_number()) return wrong();
        const double lon = corner[0].get<double>(), lat = corner[1].get<double>();
        if (!(std::abs(lon) <= 180 && std::abs(lat) <= 90)) return wrong();
        result.emplace_back(lon, lat);
    }
    return result;
}

core::Result<void> ledgerMembers(const Payload& payload, twin::ProjectStatus& status) {
    MATOU_TRY(name, payload.text("name", false));
    MATOU_TRY(department, payload.text("department", false));
    status.name = name;
    status.department = department;
    const auto number = [&](const char* member, double most, const char* expected, std::optional<double>& to) -> core::Result<void> {
        if (!payload.find(member)) return {};
        MATOU_TRY(value, payload.number(member, 0, 0, most, expected));
        to = value;
        return {};
    };
    MATOU_CHECK(number("budget_wan", 1e9, "number from 0 to 1e9", status.budgetTenThousandYuan));
    MATOU_CHECK(number("spent_wan", 1e9, "number from 0 to 1e9", status.spentTenThousandYuan));
    MATOU_CHECK(number("consultation_percent", 100, "number from 0 to 100", status.consultationPercent));
    MATOU_CHECK(number("signing_percent", 100, "number from 0 to 100", status.signingPercent));
    MATOU_CHECK(number("moving_percent", 100, "number from 0 to 100", status.movingPercent));
    if (const Json* outline = payload.find("outline")) {
        MATOU_TRY(corners, ring(payload, *outline));
        status.outline = std::move(corners);
    }
    const Json* milestones = payload.find("milestones");
    if (!milestones) return {};
    if (!milestones->is_array() || milestones->size() > 1000) return tl::unexpected(payload.wrong("milestones", "list of at most 1,000"));
    for (const auto& entry : *milestones) {
        if (!entry.is_object() || !entry.contains("name") || !entry["name"].is_string()) return tl::unexpected(payload.wrong("milestones", "objects with a name"));
        twin::Milestone milestone;
        milestone.name = entry["name"].get<std::string>();
        MATOU_TRY(planned, day(payload, entry, "planned"));
        MATOU_TRY(actual, day(payload, entry, "actual"));
        milestone.planned = planned;
        milestone.actual = actual;
        for (const auto& [member, to] : {std::pair("before", &milestone.before), std::pair("after", &milestone.after)})
            if (const auto found = entry.find(member); found != entry.end() && found->is_string()) *to = found->get<std::string>();
        if (const auto outline = entry.find("outline"); outline != entry.end()) {
            MATOU_TRY(corners, ring(payload, *outline));
            milestone.outline = std::move(corners);
        }
        status.milestones.push_back(std::move(milestone));
    }
    return {};
}

core::Result<Decoded> projectStatus(const Payload& payload, const std::string& id, const Message& message) {
    twin::ProjectStatus result;
    result.project = id;
    result.receiveTime = message.received;
    MATOU_CHECK(payload.text("id", true));
    MATOU_TRY(stamp, payload.stamp());
    result.eventTime = stamp;
    MATOU_TRY(phase, payload.text("phase", false));
    MATOU_TRY(status, payload.text("status", false));
    MATOU_TRY(note, payload.text("note", false));
    MATOU_TRY(percent, payload.number("percent", 0, 0, 100, "number from 0 to 100"));
    result.phase = phase;
    result.status = status;
    result.note = note;
    result.percent = percent;
    MATOU_CHECK(ledgerMembers(payload, result));
    return result;
}

core::Result<Decoded> cameraStatus(const Payload& payload, const std::string& id, const Message& message) {
    twin::CameraStatus result;
    result.camera = id;
    result.receiveTime = message.received;
    MATOU_CHECK(payload.text("id", true));
    MATOU_TRY(stamp, payload.stamp());
    result.eventTime = stamp;
    if (payload.find("online")) {
        MATOU_TRY(online, payload.flag("online"));
        result.online = online;
    }
    const auto angle = [&](const char* member, double least, double most, std::optional<double>& to) -> core::Result<void> {
        if (!payload.find(member)) return {};
        MATOU_TRY(value, payload.number(member, 0, least, most, "degrees"));
        to = value;
        return {};
    };
    MATOU_CHECK(angle("heading", -360, 360, result.headingDegrees));
    MATOU_CHECK(angle("pitch", -90, 90, result.pitchDegrees));
    MATOU_CHECK(angle("hfov", 0.1, 360, result.horizontalFovDegrees));
    if (payload.find("range")) {
        MATOU_TRY(range, payload.number("range", 0, 0, 1e5, "metres"));
        result.rangeMeters = range;
    }
    MATOU_TRY(name, payload.text("name", false));
    result.name = name;
    if (payload.find("lon") && payload.find("lat")) {
        MATOU_TRY(lon, payload.number("lon", 0, -180, 180, "longitude"));
        MATOU_TRY(lat, payload.number("lat", 0, -90, 90, "latitude"));
        if (lon != 0 || lat != 0) result.place = twin::Place{lon, lat, 0};
    }
    return result;
}

} // namespace

std::string topicWhere(const std::string& topic) {
    constexpr std::size_t kShown = 200;
    return "topic " + (topic.size() > kShown ? topic.substr(0, kShown) + "…" : topic);
}

core::Result<Decoded> decode(const Message& message, const std::string& district, const std::string& feedId) {
    constexpr std::string_view kRoot = "matou/v1/";
    const auto wrongTopic = [&] { return fail("E_TOPIC", topicWhere(message.topic), {std::string(kRoot) + district + "/obs|event|project|camera|case|flood/<id>"}); };
    std::string_view rest = message.topic;
    if (rest.size() > kMaximumTopic || !rest.starts_with(kRoot)) return wrongTopic();
    rest.remove_prefix(kRoot.size());
    if (!rest.starts_with(district) || rest.size() == district.size() || rest[district.size()] != '/') return wrongTopic();
    rest.remove_prefix(district.size() + 1);
    const auto slash = rest.find('/');
    const std::string_view kind = rest.substr(0, slash);
    const std::string id(slash == std::string_view::npos ? std::string_view() : rest.substr(slash + 1));
    if (id.empty() || id.find('/') != std::string::npos || !isPlain(id) ||
        (kind != "obs" && kind != "event" && kind != "project" && kind != "camera" && kind != "case" && kind != "flood"))
        return wrongTopic();
    if (kind == "obs" && !message.cut)
        if (auto plain = plainObservation(message.payload)) {
            plain->sensor = id;
            plain->feed = feedId;
            finish(*plain, message);
            return Decoded(std::move(*plain));
        }
    const std::string where = topicWhere(message.topic);
    if (message.cut) return fail("E_PAYLOAD_SIZE", where, {">" + std::to_string(kMaximumPayload), std::to_string(kMaximumPayload)});
    if (message.payload.size() > kMaximumPayload)
        return fail("E_PAYLOAD_SIZE", where, {std::to_string(message.payload.size()), std::to_string(kMaximumPayload)});

    auto parsed = core::parseJson(message.payload, where, {.depth = 16, .bytes = kMaximumPayload});
    if (!parsed) return core::failBecause(std::move(parsed).error(), "E_PAYLOAD_JSON", where);
    if (!parsed->is_object()) return fail("E_PAYLOAD_MEMBER", where, {"the payload", "object"});
    const Payload payload(*parsed, where);
    auto result = kind == "obs"      ? observation(payload, id, message)
                  : kind == "event"  ? event(payload, id, message)
                  : kind == "camera" ? cameraStatus(payload, id, message)
                  : kind == "case"   ? cityCase(payload, id, message)
                  : kind == "flood"  ? floodItem(payload, id, message)
                                     : projectStatus(payload, id, message);
    if (result) std::visit([&](auto& record) { record.feed = feedId; }, *result);
    return result;
}

} // namespace matou::live
