#pragma once
// What GB/T 28181 bodies mean: ids, alarms, catalogue items, positions → members that a mapping or a canonical payload takes; and the
// bodies that a platform sends. Pure.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/clock.h"
#include "core/json.h"
#include "live/gb_xml.h"
#include "twin/feed_mapping.h"

namespace matou::live::gb {

/// 18 to 20 digits (annex E: 8 civil code, 2 industry, 3 type, 1 network, 6 serial; older devices have fewer).
bool isDeviceId(std::string_view id);
/// Digits 11 to 13: 111 DVR, 118 NVR, 131 camera, 132 IPC, 134 alarm input, 200 platform …; 0 where the id has none.
int typeOf(std::string_view id);
bool isCamera(std::string_view id);
/// Recorders and platforms speak for others; cameras and alarm inputs for themselves (and for what their own catalogue lists).
bool speaksForOthers(std::string_view id);

/// The members of an Alarm body with more beside them for a mapping: /Code ("5/6": method and type, the method as written; "5" without
/// a type), /Time (AlarmTime, UTC+8 where it has no zone, as all local times of the standard; the receive time where it is none or more than a
/// day off), /Id (the same alarm sent again has the same), /Text, /Camera. `delivery` names this delivery (Call-ID and CSeq): it stands in
/// the id where the device's own clock tells nothing.
core::Json alarmItem(const Body& body, core::Instant received, const std::string& delivery);

/// A feed's mappings with what the standard itself says added: fields where an event mapping has none, its code table below the
/// configured one; a whole one where there is none. `ids` and `crs`: the feed's.
std::vector<twin::FeedMapping> mappingsWithDefaults(std::vector<twin::FeedMapping> mappings, const std::map<std::string, std::string>& ids, const std::string& crs);

struct CatalogItem {
    std::string id, name, parent;
    bool online = false;
    bool steerable = false; // PTZType 1, 4, 5
    std::optional<double> x, y;     // in the source's CRS; none for 0, 0
    std::optional<double> headingDegrees, horizontalFovDegrees, rangeMeters; // heading only to 45° (DirectionType)
};
/// Nothing where it has no usable DeviceID.
std::optional<CatalogItem> catalogItem(const core::Json& item);
std::optional<double> numberAt(const core::Json& members, const char* pointer);

std::string query(std::string_view command, std::uint32_t sn, const std::string& device, const std::string& more = {});
std::string alarmResponse(const std::string& sn, const std::string& device);

} // namespace matou::live::gb
