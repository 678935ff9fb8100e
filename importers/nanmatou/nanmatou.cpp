#include "nanmatou/nanmatou.h"

#include <functional>

#include "core/file.h"
#include "nanmatou/city.h"
#include "nanmatou/layers.h"
#include "nanmatou/records.h"

namespace matou::importers {

namespace {

using namespace nanmatou;

core::Result<City> makeCity(std::uint64_t seed, const geo::DistrictFrame& frame) {
    MATOU_TRY(place, loadPlace(frame));
    City city;
    city.place = std::move(place);
    city.layout = makeLayout(city.place);
    fillBlocks(city, seed);
    settleShares(city, seed);
    plantTrees(city, seed);
    placeLamps(city);
    return city;
}

} // namespace

core::Result<GenerateReport> generateNanmatou(std::uint64_t seed, const std::filesystem::path& out) {
    MATOU_TRY(frame, geo::DistrictFrame::create(kCrs, kDatumAboveEllipsoid));
    MATOU_TRY(city, makeCity(seed, frame));
    GenerateReport report;
    report.buildings = city.buildings.size();
    report.trees = city.trees.size();
    report.lamps = city.lamps.size();

    const std::vector<std::function<TilesetSpec()>> layers = {
        [&] { return buildingsLayer(city); }, [&] { return groundLayer(city); },
        [&] { return farGroundLayer(city); }, [&] { return greenLayer(city); },
        [&] { return waterLayer(city); },     [&] { return roadsLayer(city); },
        [&] { return markingsLayer(city); },  [&] { return structuresLayer(city); },
        [&] { return wallsLayer(city); },     [&] { return treesLayer(city); },
        [&] { return lampsLayer(city); },     [&] { return vehiclesLayer(city, seed); },
        [&] { return furnitureLayer(city); }, [&] { return contextLayer(city, seed); }};
    const auto written =
        core::writeFolder(out, "district.toml", [&](const std::filesystem::path& folder) -> core::Result<void> {
            for (const auto& layer : layers) {
                TilesetSpec spec = layer();
                makeLinear(spec);
                MATOU_TRY(tiles, writeTileset(spec, frame, folder / "tiles" / spec.layer));
                report.tiles += tiles.tiles;
                report.leafTriangles += tiles.triangles;
                report.bytes += tiles.bytes;
                std::string line = spec.layer + ": " + std::to_string(tiles.tiles) + " tiles, " +
                                   std::to_string(tiles.features) + " features, triangles";
                for (const auto n : tiles.trianglesPerLevel)
                    line += " " + std::to_string(n);
                report.lines.push_back(line + ", " + std::to_string(tiles.bytes / 1024) + " KiB");
            }
            MATOU_TRY(records, writeRecords(city, frame, seed, folder));
            report.sensors = records.sensors;
            report.cameras = records.cameras;
            report.projects = records.projects;
            return {};
        });
    MATOU_CHECK(written);
    return report;
}

} // namespace matou::importers
