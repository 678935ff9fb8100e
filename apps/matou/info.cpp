// `matou info`: what a thing is, what it holds, its largest by a field, and what stands at a place.

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <optional>
#include <set>

#include <CLI/CLI.hpp>

#include "apps/common/command_line.h"
#include "apps/matou/commands.h"
#include "apps/matou/feature_walk.h"
#include "decode/gltf.h"
#include "district/district.h"
#include "geo/frames.h"
#include "io/byte_source.h"
#include "tiles/tileset_metadata.h"

namespace matou::apps {
namespace {

using core::Language;
namespace fs = std::filesystem;

/// One tileset or model, and the layer that its features belong to.
struct Part {
    std::string layer;
    std::string path;
};

std::string propertiesLine(const model::FeatureTable& table, std::uint32_t row) {
    std::string line;
    for (const auto& [name, column] : table.columns) {
        const std::string value = model::propertyText(table, name, row);
        if (!value.empty()) line += (line.empty() ? "" : ", ") + name + "=" + value;
    }
    return line;
}

/// The column's value as a number where it is one (a text that reads as a number counts).
std::optional<double> numberOf(const model::FeatureTable& table, const std::string& field, std::uint32_t row) {
    const std::string value = model::propertyText(table, field, row);
    char* end = nullptr;
    const double number = std::strtod(value.c_str(), &end);
    if (value.empty() || *end != '\0' || !std::isfinite(number)) return std::nullopt;
    return number;
}

struct Ranked {
    double value = 0;
    std::string key, name, properties;
};

/// The `count` largest by `field`, each feature once. E_INFO_FIELD where none has it.
core::Result<std::vector<Ranked>> largest(const std::vector<Part>& parts, const std::string& field, std::size_t count) {
    std::map<std::string, Ranked> all;
    std::set<std::string> fields;
    for (const auto& part : parts) {
        MATOU_TRY(walked, walkContents(part.path, [&](const WalkedContent& at) {
                      if (!at.finest) return;
                      const auto& table = at.content.features;
                      for (const auto& [name, column] : table.columns) fields.insert(name);
                      if (!table.columns.contains(field)) return;
                      for (std::uint32_t row = 0; row < table.count; ++row) {
                          const auto value = numberOf(table, field, row);
                          if (!value) continue;
                          const std::string key = part.layer + "/" + table.ids[row];
                          all[key] = {*value, key, model::propertyText(table, "name", row), propertiesLine(table, row)};
                      }
                  }));
        static_cast<void>(walked);
    }
    if (all.empty()) {
        std::string known;
        for (const auto& name : fields) known += (known.empty() ? "" : " ") + name;
        return core::fail("E_INFO_FIELD", parts.empty() ? "matou info" : parts.front().path, {field, known});
    }
    std::vector<Ranked> result;
    for (auto& [key, ranked] : all) result.push_back(std::move(ranked));
    std::stable_sort(result.begin(), result.end(), [](const Ranked& a, const Ranked& b) { return a.value > b.value; });
    if (result.size() > count) result.resize(count);
    return result;
}

struct Hit {
    std::string properties;
    double low = 0, high = 0; // ellipsoidal heights where the vertical line meets it
};

/// Features whose triangles the vertical line at that place meets.
core::Result<std::map<std::string, Hit>> featuresAt(const std::vector<Part>& parts, double longitude, double latitude) {
    const glm::dmat4 enuFromEcef = glm::inverse(geo::ecefFromEnu(geo::ecefFromGeodetic({latitude, longitude, 0.0})));
    std::map<std::string, Hit> hits;
    const auto triangle = [&](const glm::dvec3& a, const glm::dvec3& b, const glm::dvec3& c) -> std::optional<double> {
        const double ab = a.x * b.y - b.x * a.y, bc = b.x * c.y - c.x * b.y, ca = c.x * a.y - a.x * c.y;
        const double area = ab + bc + ca;
        if (area == 0.0 || !((ab >= 0 && bc >= 0 && ca >= 0) || (ab <= 0 && bc <= 0 && ca <= 0))) return std::nullopt;
        return (bc * a.z + ca * b.z + ab * c.z) / area;
    };
    const auto primitive = [&](const WalkedContent& at, const std::string& layer, const model::Primitive& mesh, const glm::dmat4& enuFromMesh, std::uint32_t whole) {
        if (mesh.topology != model::Topology::triangles) return;
        std::vector<glm::dvec3> points;
        points.reserve(mesh.vertices.size());
        for (const auto& vertex : mesh.vertices) points.push_back(glm::dvec3(enuFromMesh * glm::dvec4(glm::dvec3(vertex.position), 1.0)));
        for (std::size_t i = 0; i + 2 < mesh.indices.size(); i += 3) {
            const auto height = triangle(points[mesh.indices[i]], points[mesh.indices[i + 1]], points[mesh.indices[i + 2]]);
            const std::uint32_t row = whole != model::kNoFeature ? whole : mesh.vertices[mesh.indices[i]].feature;
            const auto& table = at.content.features;
            if (!height || row >= table.count) continue;
            auto [hit, fresh] = hits.try_emplace(layer + "/" + table.ids[row], Hit{propertiesLine(table, row), *height, *height});
            hit->second.low = std::min(hit->second.low, *height);
            hit->second.high = std::max(hit->second.high, *height);
        }
    };
    for (const auto& part : parts) {
        MATOU_TRY(walked, walkContents(part.path, [&](const WalkedContent& at) {
                      if (!at.finest) return;
                      for (const auto& instance : at.content.instances)
                          primitive(at, part.layer, at.content.primitives[instance.primitive],
                                    enuFromEcef * at.ecefFromContent * glm::dmat4(instance.contentFromMesh), instance.feature);
                  }));
        static_cast<void>(walked);
    }
    return hits;
}

bool inside(const std::vector<std::pair<double, double>>& outline, double x, double y) {
    bool odd = false;
    for (std::size_t i = 0, j = outline.size() - 1; i < outline.size(); j = i++) {
        const auto [xi, yi] = outline[i];
        const auto [xj, yj] = outline[j];
        if ((yi > y) != (yj > y) && x < (xj - xi) * (y - yi) / (yj - yi) + xi) odd = !odd;
    }
    return odd;
}

class Info {
public:
    Info(std::string path, Language language) : _path(std::move(path)), _language(language) {}

    core::Result<void> open() {
        const bool remote = _path.starts_with("http://") || _path.starts_with("https://");
        std::error_code ignored;
        const fs::path path(_path);
        if (!remote && (path.filename() == "district.toml" || fs::exists(path / "district.toml", ignored) || !fs::exists(path, ignored))) {
            if (!path.has_extension() || path.filename() == "district.toml" || fs::is_directory(path, ignored)) {
                MATOU_TRY(folder, district::findDistrict(_path));
                MATOU_TRY(district, district::District::open(folder));
                for (const auto& layer : district.layers) _parts.push_back({layer.id, layer.tileset.string()});
                _district = std::move(district);
                return {};
            }
            return core::fail("E_FILE_MISSING", _path);
        }
        const bool folder = !remote && fs::is_directory(path, ignored);
        if (folder && !fs::exists(path / "tileset.json", ignored)) return core::fail("E_VALIDATE_FOLDER", _path);
        _parts.push_back({folder ? path.filename().string() : path.stem().string(), folder ? (path / "tileset.json").string() : _path});
        return {};
    }

    core::Result<void> printAll() const {
        if (_district) printDistrict(*_district);
        for (const auto& part : _parts) {
            std::size_t triangles = 0, primitives = 0, images = 0, finest = 0;
            std::set<std::string> ids, fields;
            std::string remarks;
            MATOU_TRY(count, walkContents(part.path, [&](const WalkedContent& at) {
                          primitives += at.content.primitives.size();
                          images += at.content.images.size();
                          finest += at.finest;
                          if (at.finest) triangles += at.content.triangleCount();
                          ids.insert(at.content.features.ids.begin(), at.content.features.ids.end());
                          for (const auto& [name, column] : at.content.features.columns) fields.insert(name);
                          for (const auto& remark : at.content.diagnostics) remarks += "    " + core::describe(remark, _language) + "\n";
                      }));
            std::string names;
            for (const auto& field : fields) names += (names.empty() ? "" : " ") + field;
            std::printf("%s: %s\n", part.layer.c_str(),
                        say("UI_INFO_PART", {std::to_string(count.tilesets), std::to_string(count.tiles), std::to_string(count.contents), std::to_string(triangles),
                                             std::to_string(ids.size()), std::to_string(primitives), std::to_string(images)}).c_str());
            if (!names.empty()) std::printf("    %s %s\n", say("UI_INFO_FIELDS", {}).c_str(), names.c_str());
            std::printf("%s", remarks.c_str());
            printMetadata(part.path);
        }
        return {};
    }

    /// What the tileset says of itself, its groups, tiles and contents; nothing for models.
    void printMetadata(const std::string& path) const {
        const auto location = io::locationFrom(path);
        io::NetworkByteSource source;
        const auto bytes = location ? io::readNow(source, *location) : core::Result<io::Bytes>(tl::unexpected(location.error()));
        if (!bytes || !decode::looksLikeTileset(*bytes)) return;
        const auto metadata = tiles::readTilesetMetadata(*bytes, location->text(), [&](const std::string& uri) -> core::Result<std::vector<std::byte>> {
            MATOU_TRY(target, io::resolve(*location, uri, location->text()));
            return io::readNow(source, target);
        });
        if (metadata.classes > 0)
            std::printf("    %s\n", say("UI_INFO_SCHEMA", {metadata.schemaId, std::to_string(metadata.classes), std::to_string(metadata.enums), std::to_string(metadata.entityCount)}).c_str());
        constexpr std::size_t shown = 20;
        for (std::size_t i = 0; i < metadata.entities.size() && i < shown; ++i) {
            const auto& entity = metadata.entities[i];
            std::string line;
            for (const auto& [name, value] : entity.properties) line += (line.empty() ? "" : ", ") + name + "=" + value;
            std::printf("      %s  %s: %s\n", entity.pointer.c_str(), entity.className.c_str(), line.c_str());
        }
        if (metadata.entityCount > shown) std::printf("      … %zu\n", metadata.entityCount - shown);
        for (const auto& [name, value] : metadata.statistics) std::printf("      %s = %s\n", name.c_str(), value.c_str());
        for (const auto& problem : metadata.problems) std::printf("    %s\n", core::describe(problem, _language).c_str());
    }

    core::Result<void> printTop(const std::string& field, std::size_t count) const {
        MATOU_TRY(rows, largest(_parts, field, count));
        for (const auto& row : rows) {
            std::printf("%g\t%s\t%s\t%s\n", row.value, row.name.empty() ? "-" : row.name.c_str(), row.key.c_str(), row.properties.c_str());
        }
        return {};
    }

    core::Result<void> printAt(double longitude, double latitude) const {
        if (_district)
            for (const auto& zone : _district->registry->zones)
                if (!zone.outline.empty() && inside(zone.outline, longitude, latitude))
                    std::printf("zones/%s\t%s\t%s\n", zone.id.c_str(), name(zone.name).c_str(), zone.kind.c_str());
        MATOU_TRY(hits, featuresAt(_parts, longitude, latitude));
        for (const auto& [key, hit] : hits) std::printf("%s\t%.2f … %.2f m\t%s\n", key.c_str(), hit.low, hit.high, hit.properties.c_str());
        return {};
    }

private:
    std::string say(std::string_view key, std::initializer_list<std::string> arguments) const { return core::text(_language, key, arguments); }
    std::string name(const twin::Name& name) const { return _language == Language::zh || name.en.empty() ? name.zh : name.en; }

    void printDistrict(const district::District& d) const {
        std::printf("%s: %s\n", d.id.c_str(), name(d.name).c_str());
        const auto row = [&](std::string_view key, const std::string& value) { std::printf("  %s %s\n", say(key, {}).c_str(), value.c_str()); };
        row("UI_INFO_FOLDER", d.folder.string());
        row("UI_INFO_CRS", d.crs);
        char datum[160];
        std::snprintf(datum, sizeof(datum), "%s: %+.2f m ± %.2f m", d.datum.name.c_str(), d.datum.aboveEllipsoidMeters, d.datum.accuracyMeters);
        row("UI_INFO_DATUM", datum);
        row("UI_INFO_START", core::formatBeijing(d.start));
        if (d.synthetic) row("UI_INFO_NOTICE", name(d.notice));
        for (const auto& attribution : d.attribution) row("UI_INFO_ATTRIBUTION", attribution);
        std::string scenes, boards, proposals;
        for (const auto& scene : d.scenes) scenes += scene.id + " (" + name(scene.name) + ") ";
        for (const auto& board : d.storyboards) boards += board.id + " (" + std::to_string(board.steps.size()) + ") ";
        for (const auto& proposal : d.proposals) proposals += proposal.id + " ";
        row("UI_INFO_SCENES", scenes);
        row("UI_INFO_PROPOSALS", proposals);
        row("UI_INFO_STORYBOARDS", boards);
        row("UI_INFO_THINGS", say("UI_INFO_THING_COUNTS", {std::to_string(d.registry->zones.size()), std::to_string(d.registry->sensors.size()),
                                                           std::to_string(d.registry->cameras.size()), std::to_string(d.registry->projects.size())}));
    }

    std::string _path;
    Language _language;
    std::vector<Part> _parts;
    std::optional<district::District> _district;
};

} // namespace

int runInfo(const Arguments& arguments, Language language) {
    CLI::App app(core::text(language, "UI_COMMAND_INFO", {}), "matou info");
    dress(app, language);
    std::string path, top;
    std::size_t count = 10;
    std::optional<std::pair<double, double>> place;
    app.add_option("path", path, core::text(language, "UI_FLAG_INFO_PATH", {}))->required()->option_text("PATH");
    app.add_option("--top", top, core::text(language, "UI_FLAG_TOP", {}))->option_text("FIELD");
    app.add_option("-n", count, core::text(language, "UI_FLAG_TOP_COUNT", {}))->option_text("N")->check(CLI::Range(1, 1'000'000));
    app.add_option_function<std::string>(
           "--at",
           [&](const std::string& word) {
               double longitude = 0, latitude = 0;
               char rest = 0;
               if (std::sscanf(word.c_str(), "%lf,%lf%c", &longitude, &latitude, &rest) != 2 || !(std::abs(longitude) <= 180) || !(std::abs(latitude) <= 90))
                   throw CLI::ValidationError("--at", "'" + word + "': LON,LAT");
               place = {longitude, latitude};
           },
           core::text(language, "UI_FLAG_AT", {}))
        ->option_text("LON,LAT");
    if (const int status = parse(app, "matou info", arguments, language); status >= 0) return status;
    Info info(path, language);
    auto done = info.open();
    if (done && !top.empty()) done = info.printTop(top, count);
    else if (done && place) done = info.printAt(place->first, place->second);
    else if (done) done = info.printAll();
    return done ? kSuccess : report(done.error(), language);
}

} // namespace matou::apps
