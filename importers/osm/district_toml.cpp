#include "osm/district_toml.h"

#include <cstdio>
#include <sstream>

namespace matou::importers {
namespace {

std::string fixed(double value, int digits) {
    char buffer[64];
    std::snprintf(buffer, sizeof buffer, "%.*f", digits, value);
    return buffer;
}

std::string both(const std::string& zh, const std::string& en) { return "{ zh = " + tomlString(zh) + ", en = " + tomlString(en) + " }"; }

} // namespace

std::string tomlString(const std::string& text) {
    std::string out = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\') {
            out += '\\';
            out += c;
        } else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) {
            char buffer[8];
            std::snprintf(buffer, sizeof buffer, "\\u%04X", static_cast<unsigned>(static_cast<unsigned char>(c)));
            out += buffer;
        } else {
            out += c;
        }
    }
    return out + "\"";
}

std::string toToml(const DistrictText& district) {
    std::ostringstream out;
    out << "version = 1\n"
        << "id = " << tomlString(district.id) << "\n"
        << "name = " << both(district.nameZh, district.nameEn) << "\n"
        << "crs = " << tomlString(district.crs) << "\n"
        << "vertical_datum = { name = " << tomlString(district.datum.name) << ", above_ellipsoid_m = "
        << fixed(district.datum.aboveEllipsoidMeters, 3) << ", accuracy_m = " << fixed(district.datum.accuracyMeters, 1)
        << ", provenance = " << tomlString(district.datum.provenance) << " }\n"
        << "center = { lon = " << fixed(district.centerLonLat.x, 6) << ", lat = " << fixed(district.centerLonLat.y, 6) << " }\n"
        << "start = \"2025-06-15T14:30:00+08:00\"\n"
        << "synthetic = false\n"
        << "attribution = [";
    for (std::size_t i = 0; i < district.attribution.size(); ++i) out << (i ? ", " : "") << tomlString(district.attribution[i]);
    out << "]\n";
    for (const auto& layer : district.layers)
        out << "\n[[layer]]\n"
            << "id = " << tomlString(layer.id) << "\n"
            << "name = " << both(layer.nameZh, layer.nameEn) << "\n"
            << "role = " << tomlString(layer.role) << "\n"
            << "order = " << layer.order << "\n"
            << "tileset = " << tomlString("tiles/" + layer.id + "/tileset.json") << "\n"
            << "visible = true\n";
    if (district.hasLabels) out << "\n[files]\nlabels = \"layers/labels.geojson\"\n";
    const auto& camera = district.overview;
    out << "\n[[scene]]\n"
        << "id = \"overview\"\n"
        << "name = " << both("全景", "Overview") << "\n"
        << "camera = { lat = " << fixed(camera.position.latitudeDegrees, 7) << ", lon = " << fixed(camera.position.longitudeDegrees, 7)
        << ", height = " << fixed(camera.position.heightMeters, 1) << ", heading = " << fixed(camera.headingDegrees, 1)
        << ", pitch = " << fixed(camera.pitchDegrees, 1) << ", roll = 0.0 }\n"
        << "layers = []\n";
    return out.str();
}

} // namespace matou::importers
