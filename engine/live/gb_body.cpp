#include "live/gb_body.h"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "live/mapping.h"

namespace matou::live::gb {
using core::Json;
namespace {

constexpr int kBeijingMinutes = 480;
constexpr auto kPlausible = std::chrono::hours(24);
constexpr std::size_t kShown = 60;

/// Annex A of GB/T 28181-2022. It has nothing for smoke or fire: what a vendor sends for them is the district's table to say.
const std::map<std::string, std::string>& standardClasses() {
    static const std::map<std::string, std::string> table = {
        {"2/1", "device_fault"}, {"2/2", "device_fault"}, {"2/3", "device_fault"}, {"2/4", "device_fault"}, {"2/5", "device_fault"}, // loss, tamper, disk full, hot, cold
        {"5/5", "intrusion"},    {"5/6", "intrusion"},    {"5/10", "crowd"},       {"5/11", "device_fault"}, {"5/13", "device_fault"}, // tripwire, intrusion, density, abnormal, covered
        {"6", "device_fault"},   {"6/1", "device_fault"}, {"6/2", "device_fault"}};                                                    // disk, fan
    return table;
}

const std::map<std::string, std::string>& standardFields() {
    static const std::map<std::string, std::string> table = {{"source", "/DeviceID"}, {"id", "/Id"}, {"ts", "/Time"}, {"class", "/Code"}, {"severity", "/AlarmPriority"},
                                                             {"text", "/Text"}, {"camera", "/Camera"}, {"lon", "/Longitude"}, {"lat", "/Latitude"}};
    return table;
}

std::string head(const char* root, std::string_view command, const std::string& sn, const std::string& device) {
    // GB2312 is the one charset that every edition knows; what stands here is ASCII.
    return std::string("<?xml version=\"1.0\" encoding=\"GB2312\"?>\r\n<") + root + ">\r\n<CmdType>" + escaped(command) + "</CmdType>\r\n<SN>" + escaped(sn) + "</SN>\r\n<DeviceID>" +
           escaped(device) + "</DeviceID>\r\n";
}

} // namespace

bool isDeviceId(std::string_view id) {
    return id.size() >= 18 && id.size() <= 20 && std::all_of(id.begin(), id.end(), [](char c) { return c >= '0' && c <= '9'; });
}

int typeOf(std::string_view id) {
    if (id.size() != 20 || !isDeviceId(id)) return 0;
    return (id[10] - '0') * 100 + (id[11] - '0') * 10 + (id[12] - '0');
}

bool isCamera(std::string_view id) { return typeOf(id) == 131 || typeOf(id) == 132; }

bool speaksForOthers(std::string_view id) {
    const int type = typeOf(id);
    return type == 0 || type == 111 || type == 118 || type >= 200;
}

std::optional<double> numberAt(const Json& members, const char* pointer) {
    const std::string text = textAt(members, pointer);
    double number = 0;
    const auto parsed = std::from_chars(text.data(), text.data() + text.size(), number);
    if (text.empty() || parsed.ec != std::errc() || parsed.ptr != text.data() + text.size() || !std::isfinite(number)) return std::nullopt;
    return number;
}

Json alarmItem(const Body& body, core::Instant received, const std::string& delivery) {
    Json item = body.members;
    std::string method = textAt(item, "/AlarmMethod").substr(0, kShown), type = textAt(item, "/Info/AlarmType").substr(0, kShown);
    if (type.empty()) type = textAt(item, "/AlarmType").substr(0, kShown); // where some devices put it
    // Several at once: "12" by the standard, "1/2" in the wild, which must not be read as method 1, type 2.
    std::erase_if(method, [](char c) { return c == '/' || c == ',' || c == ' '; });
    if (method.empty()) method = "0";
    const std::string code = type.empty() ? method : method + "/" + type;
    item["Code"] = code;
    const std::string written = textAt(item, "/AlarmTime").substr(0, kShown);
    const auto stamp = sourceTime(Json(written), kBeijingMinutes, "");
    const bool plausible = stamp && *stamp > received - kPlausible && *stamp < received + kPlausible;
    item["Time"] = core::formatInstant(plausible ? *stamp : received);
    const std::string sn = textAt(item, "/SN").substr(0, kShown);
    // A device whose clock stands still and that counts from 1 after each start would name two alarms alike: then each delivery is one of
    // its own, and its retransmissions are known by their branch. Rather twice than not at all.
    item["Id"] = sn + "-" + (plausible ? written : delivery.substr(0, 100)) + "-" + code;
    std::string text = textAt(item, "/AlarmDescription");
    if (text.empty()) text = textAt(item, "/Info/AlarmDescription");
    if (!text.empty()) item["Text"] = text;
    if (const std::string device = textAt(item, "/DeviceID"); isCamera(device)) item["Camera"] = device;
    return item;
}

std::vector<twin::FeedMapping> mappingsWithDefaults(std::vector<twin::FeedMapping> mappings, const std::map<std::string, std::string>& ids, const std::string& crs) {
    if (std::none_of(mappings.begin(), mappings.end(), [](const auto& mapping) { return mapping.kind == "event"; })) {
        twin::FeedMapping standard;
        standard.kind = "event";
        standard.ids = ids;
        mappings.push_back(std::move(standard));
    }
    for (auto& mapping : mappings) {
        if (mapping.kind != "event") continue;
        if (mapping.crs == "wgs84") mapping.crs = crs;
        mapping.fields.insert(standardFields().begin(), standardFields().end());
        mapping.classes.insert(standardClasses().begin(), standardClasses().end());
    }
    return mappings;
}

std::optional<CatalogItem> catalogItem(const Json& item) {
    if (!item.is_object()) return std::nullopt;
    CatalogItem result;
    result.id = textAt(item, "/DeviceID");
    if (!isDeviceId(result.id)) return std::nullopt;
    result.name = textAt(item, "/Name").substr(0, 256);
    result.parent = textAt(item, "/ParentID").substr(0, kShown);
    const std::string status = textAt(item, "/Status");
    result.online = status == "ON" || status == "ONLINE" || status == "OK";
    const std::string kind = textAt(item, "/Info/PTZType").empty() ? textAt(item, "/PTZType") : textAt(item, "/Info/PTZType");
    result.steerable = kind == "1" || kind == "4" || kind == "5";
    result.x = numberAt(item, "/Longitude");
    result.y = numberAt(item, "/Latitude");
    if (!result.x || !result.y || (*result.x == 0 && *result.y == 0)) result.x = result.y = std::nullopt;
    constexpr double kHeadings[] = {90, 270, 180, 0, 135, 45, 225, 315}; // E W S N SE NE SW NW
    const auto direction = numberAt(item, "/Info/DirectionType");
    if (direction && *direction >= 1 && *direction <= 8) result.headingDegrees = kHeadings[static_cast<int>(*direction) - 1];
    const auto within = [&](const char* pointer, double least, double most) {
        const auto number = numberAt(item, pointer);
        return number && *number >= least && *number <= most ? number : std::nullopt;
    };
    result.horizontalFovDegrees = within("/Info/HorizontalFieldAngle", 0.1, 360);
    result.rangeMeters = within("/Info/MaxViewDistance", 1, 50000);
    return result;
}

std::string query(std::string_view command, std::uint32_t sn, const std::string& device, const std::string& more) {
    return head("Query", command, std::to_string(sn), device) + more + "</Query>\r\n";
}

std::string alarmResponse(const std::string& sn, const std::string& device) { return head("Response", "Alarm", sn, device) + "<Result>OK</Result>\r\n</Response>\r\n"; }

} // namespace matou::live::gb
