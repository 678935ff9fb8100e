#include "engine/subject.h"

#include <algorithm>
#include <filesystem>

#include <glm/gtc/matrix_transform.hpp>

#include "geo/frames.h"

namespace matou {
namespace fs = std::filesystem;
namespace {

bool isUrl(const std::string& text) { return text.starts_with("http://") || text.starts_with("https://"); }

std::string lowered(std::string text) {
    std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return text;
}

Subject tilesetSubject(const std::string& uri) {
    Subject subject;
    subject.layers.push_back({.id = "tiles", .name = {"三维瓦片", "3D Tiles"}, .tileset = uri});
    return subject;
}

Subject modelSubject(const std::string& path) {
    Subject subject;
    subject.anchor = geo::ecefFromGeodetic(kModelPlace);
    subject.anchorKnown = true;
    subject.models.push_back({{"model", fs::path(path).stem().string()}, path, geo::ecefFromEnu(subject.anchor), ""});
    return subject;
}

Subject districtSubject(district::District opened) {
    Subject subject;
    auto shared = std::make_shared<const district::District>(std::move(opened));
    for (const auto& layer : shared->layers)
        subject.layers.push_back({layer.id, layer.name, layerRoleFrom(layer.role), static_cast<std::uint8_t>(std::clamp(layer.order, 0, 15)),
                                  layer.tileset.string(), layer.visible});
    const double datum = shared->datum.aboveEllipsoidMeters;
    for (const auto& proposal : shared->proposals) {
        for (const auto& model : proposal.add) {
            const auto foot = geo::ecefFromGeodetic({model.place.latitude, model.place.longitude, model.place.height + datum});
            // Heading is clockwise from north; the content frame's y (the model's back) points north at heading 0.
            const glm::dmat4 turned = glm::rotate(geo::ecefFromEnu(foot), -glm::radians(model.headingDegrees), glm::dvec3(0, 0, 1));
            subject.models.push_back({model.feature, model.model.string(), turned, proposal.id});
        }
    }
    subject.anchor = geo::ecefFromGeodetic({shared->centerLatitude, shared->centerLongitude, datum});
    subject.anchorKnown = true;
    subject.district = std::move(shared);
    return subject;
}

} // namespace

scene::LayerRole layerRoleFrom(const std::string& role) {
    using scene::LayerRole;
    static constexpr std::pair<const char*, LayerRole> kRoles[] = {
        {"buildings", LayerRole::buildings}, {"ground", LayerRole::ground}, {"water", LayerRole::water}, {"road", LayerRole::road},
        {"green", LayerRole::green},         {"line", LayerRole::line},     {"prop", LayerRole::prop},   {"context", LayerRole::context},
        {"vegetation", LayerRole::vegetation}};
    for (const auto& [name, value] : kRoles)
        if (role == name) return value;
    return LayerRole::model;
}

core::Result<Subject> openSubject(const std::string& text) {
    if (text.empty()) return core::fail("E_SUBJECT_KIND", "matou");
    if (isUrl(text)) return tilesetSubject(text);
    const std::string extension = lowered(fs::path(text).extension().string());
    std::error_code ignored;
    if (extension == ".glb" || extension == ".gltf") {
        if (!fs::exists(text, ignored)) return core::fail("E_FILE_MISSING", text);
        return modelSubject(text);
    }
    if (extension == ".json" || extension == ".3tz") {
        if (!fs::exists(text, ignored)) return core::fail("E_FILE_MISSING", text);
        return tilesetSubject(text);
    }
    if (fs::is_directory(text, ignored) && !fs::exists(fs::path(text) / "district.toml", ignored)) {
        const auto tileset = fs::path(text) / "tileset.json";
        if (fs::exists(tileset, ignored)) return tilesetSubject(tileset.string());
    }
    if (fs::is_regular_file(text, ignored) && extension != ".toml") return core::fail("E_SUBJECT_KIND", text);
    MATOU_TRY(folder, district::findDistrict(text));
    MATOU_TRY(opened, district::District::open(folder));
    return districtSubject(std::move(opened));
}

} // namespace matou
