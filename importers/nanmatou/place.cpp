#include "nanmatou/place.h"

#include <algorithm>

#include "core/embedded.h"
#include "core/json.h"

namespace matou::assets {
extern const std::span<const EmbeddedFile> nanmatouPlace;
}

namespace matou::importers::nanmatou {

namespace {

using core::Json;

class Reader {
public:
    Reader(const Json& json, const geo::DistrictFrame& frame) : _json(json), _frame(frame) {}
    glm::dvec2 point(const Json& lonLat) const {
        const auto p = _frame.fromLonLat(lonLat.at(0).get<double>(), lonLat.at(1).get<double>());
        return {p.east, p.north};
    }
    Polyline line(const Json& points) const {
        Polyline out;
        for (const auto& p : points)
            out.push_back(point(p));
        return out;
    }
    Polyline line(const char* key) const { return line(_json.at(key)); }

private:
    const Json& _json;
    const geo::DistrictFrame& _frame;
};

StreetClass streetClass(const std::string& text) {
    return text == "arterial" ? StreetClass::arterial : text == "street" ? StreetClass::street : StreetClass::lane;
}

Place placeFrom(const Json& json, const geo::DistrictFrame& frame) {
    const Reader read(json, frame);
    Place place;
    place.center = read.point(json.at("center"));
    place.creek = read.line("creek");
    place.fairway = read.line("fairway");
    place.creekUpstream = read.line("creek_upstream");
    place.riverWidth = json.at("river_width_m").get<double>();
    place.creekWidth = json.at("creek_width_m").get<double>();
    place.riverMiddle = read.line("river_upstream");
    const auto downstream = read.line("river_downstream");
    place.riverMiddle.insert(place.riverMiddle.end(), place.fairway.begin(), place.fairway.end());
    place.riverMiddle.insert(place.riverMiddle.end(), downstream.begin(), downstream.end());

    // Clockwise in the file: north and east sides, the creek, the fairway.
    Ring ring = read.line("north");
    ring.insert(ring.end(), place.creek.begin(), place.creek.end());
    ring.insert(ring.end(), place.fairway.begin(), place.fairway.end());
    place.boundary = normalized({ring, {}}).outer;

    for (const auto& s : json.at("roads"))
        place.streets.push_back({s.at("id"), s.at("name_zh"), s.at("name_en"), s.at("confidence"),
                                 streetClass(s.at("cls")), s.at("inside").get<bool>(), read.line(s.at("line"))});
    for (const auto& b : json.at("blocks"))
        place.blocks.push_back(
            {read.point(b.at("at")), b.at("name"), b.at("kind"), b.value("share", 0.0), b.value("en", std::string())});
    for (const auto& m : json.at("landmarks"))
        place.landmarks.push_back({read.point(m.at("at")), m.at("zh"), m.at("en"), m.at("use"),
                                   m.at("length").get<double>(), m.at("depth").get<double>(),
                                   m.at("angle").get<double>(), m.at("height").get<double>(), m.at("floors").get<int>(),
                                   m.at("year").get<int>()});
    for (const auto& l : json.at("labels"))
        place.labels.push_back({read.point(l.at("at")), l.at("zh"), l.at("en"), l.at("kind"), l.at("rank").get<int>(),
                                l.at("height").get<double>()});
    for (const auto& [name, points] : json.at("lines").items())
        place.lines[name] = read.line(points);
    for (const auto& [name, view] : json.at("views").items())
        place.views[name] = {{read.point(view.at("eye")), view.at("eye").at(2).get<double>()},
                             {read.point(view.at("target")), view.at("target").at(2).get<double>()}};
    for (const auto& [name, at] : json.at("points").items())
        place.points[name] = read.point(at);
    return place;
}

} // namespace

core::Result<Place> loadPlace(const geo::DistrictFrame& frame) {
    const auto& file = assets::nanmatouPlace.front();
    const std::string_view text(reinterpret_cast<const char*>(file.bytes.data()), file.bytes.size());
    MATOU_TRY(json, core::parseJson(text, "place.json"));
    // The one place where nlohmann's exceptions are met: a member that is not there or has another type.
    try {
        return placeFrom(json, frame);
    } catch (const Json::exception& e) {
        return core::fail("E_PLACE_FILE", "place.json", {e.what()});
    }
}

} // namespace matou::importers::nanmatou
