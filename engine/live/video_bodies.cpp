#include <algorithm>
#include <cmath>

#include "core/log.h"
#include "live/video_platform.h"

namespace matou::live::gb {
using core::Json;
namespace {

constexpr auto kRetryCatalog = std::chrono::minutes(5);

} // namespace

bool VideoPlatform::speaksFor(const Device& device, const std::string& id) const {
    if (id == device.id || device.children.contains(id)) return true;
    const auto owner = _owners.find(id);
    return speaksForOthers(device.id) && (owner == _owners.end() || owner->second == device.id) && !_registrar.find(id);
}

const CatalogItem* VideoPlatform::known(const std::string& id) const {
    const auto owner = _owners.find(id);
    if (owner == _owners.end()) return nullptr;
    const Device* device = _registrar.find(owner->second);
    if (!device) return nullptr;
    const auto item = device->children.find(id);
    return item == device->children.end() ? nullptr : &item->second;
}

std::optional<std::pair<double, double>> VideoPlatform::placeOf(const CatalogItem& item) const {
    if (!item.x || !item.y) return std::nullopt;
    return _crs.toLonLat(*item.x, *item.y);
}

void VideoPlatform::alarm(const Request& request, Device& device, const Body& body, Now now) {
    if (_busy) return answer(request, 503, "Service Unavailable", {{"retry-after", "5"}});
    const sip::Message& message = *request.message;
    Json item = alarmItem(body, now.wall, message.headerOr("call-id") + " " + message.headerOr("cseq"));
    const std::string about = textAt(item, "/DeviceID");
    const auto number = [&](const char* pointer) { return numberAt(item, pointer).value_or(0); };
    if (const CatalogItem* camera = known(about); camera && camera->x && number("/Longitude") == 0 && number("/Latitude") == 0) {
        // In the same CRS as the alarm's own would be: the mapping converts it.
        item["Longitude"] = *camera->x;
        item["Latitude"] = *camera->y;
    }
    if (device.id != about) item["Device"] = device.id;
    if (body.marked) item["Marked"] = true; // some of its text could not be read
    const std::string where = device.id + "@" + request.from.text();
    Mapped mapped;
    for (const auto& mapping : _mappings)
        mapping.apply(item, where, now.wall, mapped);
    _output.notes.unclassified += mapped.unclassified;
    for (auto& error : mapped.refused) refuse(request.from, std::move(error));
    if (mapped.messages.empty()) return answer(request, 400, "Bad Request");
    const std::uint64_t token = ++_lastToken;
    mapped.messages.back().acknowledge = token;
    for (auto& one : mapped.messages) _output.messages.push_back(std::move(one));
    _pending.emplace(token, Pending{message, request.from, request.back, request.key, device.id, textAt(body.members, "/SN"), about, now.steady});
}

void VideoPlatform::tell(const std::string& id, Json members, core::Instant at) {
    const auto ours = _settings.ids.find(id);
    const std::string name = ours == _settings.ids.end() ? id : ours->second;
    members["id"] = name;
    members["ts"] = core::formatInstant(at);
    Message message;
    message.topic = "matou/v1/" + _settings.district + "/camera/" + name;
    message.payload = members.dump(-1, ' ', false, Json::error_handler_t::replace);
    message.received = at;
    _output.messages.push_back(std::move(message));
}

void VideoPlatform::tellOnline(const Device& device, bool online, Now now) {
    if (isCamera(device.id) && !device.children.contains(device.id)) tell(device.id, {{"online", online}}, now.wall);
    // What hangs on a recorder that is away cannot be reached either; when it comes back its own catalogue says.
    for (const auto& [id, item] : device.children)
        if (isCamera(id)) tell(id, {{"online", online && item.online}}, now.wall);
}

void VideoPlatform::keepalive(Device& device, const Body& body, Now now) {
    std::vector<std::string> faulty; // among its own
    for (const auto& id : listAt(body.members, "/Info/DeviceID"))
        if (id.is_string()) faulty.push_back(id.get<std::string>());
    for (auto& [id, item] : device.children) {
        // That it is well again the catalogue says.
        if (!item.online || std::find(faulty.begin(), faulty.end(), id) == faulty.end()) continue;
        item.online = false;
        if (isCamera(id)) tell(id, {{"online", false}}, now.wall);
    }
}

void VideoPlatform::catalog(Device& device, const Body& body, Now now) {
    if (!device.pages || !device.pages->add(body.members, now.steady)) return; // of a query that is over
    if (device.pages->complete()) finishCatalog(device, true, now);
}

void VideoPlatform::finishCatalog(Device& device, bool complete, Now now) {
    const CatalogPages pages = std::move(*device.pages);
    device.pages.reset();
    const bool partly = !complete && pages.expected() > 0; // who has none says nothing
    device.catalogAt = now.steady + (partly ? std::min<core::Duration>(kRetryCatalog, _settings.catalogEvery) : _settings.catalogEvery);
    if (partly) core::logWarning({"W_GB_CATALOG", {std::to_string(pages.items().size()), std::to_string(pages.expected())}, device.id + "@" + device.peer.text(), nullptr});
    if (pages.refused()) refuse(device.peer, {"E_GB_CATALOG_ITEM", {std::to_string(pages.refused())}, device.id + "@" + device.peer.text(), nullptr});
    if (complete)
        std::erase_if(device.children, [&](const auto& child) {
            if (pages.items().contains(child.first)) return false;
            _owners.erase(child.first);
            if (isCamera(child.first)) tell(child.first, {{"online", false}}, now.wall);
            return true;
        });
    for (const auto& [id, item] : pages.items()) {
        // Whom another device lists, or who registered itself, is that one's to speak of.
        const auto owner = _owners.find(id);
        if ((owner != _owners.end() && owner->second != device.id) || (id != device.id && _registrar.find(id))) continue;
        _owners[id] = device.id;
        device.children.insert_or_assign(id, item);
        if (!isCamera(id)) continue;
        Json members = {{"online", item.online}, {"name", item.name}};
        // A surveyed camera stays where it was surveyed: the catalogue knows directions to 45° and no height.
        const auto ours = _settings.ids.find(id);
        if (!_registry->cameraIndex.contains(ours == _settings.ids.end() ? id : ours->second)) {
            if (const auto place = placeOf(item)) {
                members["lon"] = place->first;
                members["lat"] = place->second;
            }
            if (item.headingDegrees) members["heading"] = *item.headingDegrees;
            if (item.horizontalFovDegrees) members["hfov"] = *item.horizontalFovDegrees;
            if (item.rangeMeters) members["range"] = *item.rangeMeters;
        }
        tell(id, std::move(members), now.wall);
        if (item.steerable && device.version >= 30) subscribe(device, id, "PTZPosition", now);
    }
}

void VideoPlatform::pose(const Body& body, Now now) {
    const std::string id = textAt(body.members, "/DeviceID");
    Json members = Json::object();
    const auto pan = numberAt(body.members, "/Pan"), tilt = numberAt(body.members, "/Tilt"), fov = numberAt(body.members, "/HorizontalFieldAngle");
    if (const auto north = _settings.northDegrees.find(id); pan && north != _settings.northDegrees.end()) {
        const double heading = std::fmod(*pan + north->second, 360.0);
        members["heading"] = heading < 0 ? heading + 360 : heading;
    }
    if (tilt && std::abs(*tilt) <= 90) members["pitch"] = -*tilt; // the standard counts downwards
    if (fov && *fov > 0.1 && *fov <= 360) members["hfov"] = *fov;
    if (const auto range = numberAt(body.members, "/MaxViewDistance"); range && *range >= 1 && *range <= 50000) members["range"] = *range;
    if (!members.empty()) tell(id, std::move(members), now.wall);
}

void VideoPlatform::position(const Body& body, Now now) {
    const auto x = numberAt(body.members, "/Longitude"), y = numberAt(body.members, "/Latitude");
    if (!x || !y || (*x == 0 && *y == 0)) return; // without a fix
    const auto place = _crs.toLonLat(*x, *y);
    if (!place) return;
    // Stamped here: the device's Time has whole seconds of a clock of its own, and the newest word of a camera's state is the one that stands.
    tell(textAt(body.members, "/DeviceID"), {{"lon", place->first}, {"lat", place->second}}, now.wall);
}

void VideoPlatform::status(const Body& body, Now now) {
    const std::string id = textAt(body.members, "/DeviceID"), online = textAt(body.members, "/Online"), works = textAt(body.members, "/Status");
    if (online.empty() || !isCamera(id)) return;
    tell(id, {{"online", online == "ONLINE" && works != "ERROR"}}, now.wall);
}

} // namespace matou::live::gb
