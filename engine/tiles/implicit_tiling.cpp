#include "tiles/implicit_tiling.h"

#include <array>
#include <string_view>

namespace matou::tiles {

namespace {

constexpr double kPi = 3.14159265358979323846;

/// Name in braces from `from` on: [begin, end) of the whole "{name}"; npos where there is none.
struct Braces {
    std::size_t begin = std::string::npos, end = 0;
    std::string_view name;
};
Braces nextBraces(std::string_view uri, std::size_t from) {
    const auto open = uri.find('{', from);
    const auto close = open == std::string_view::npos ? open : uri.find('}', open);
    if (close == std::string_view::npos) return {};
    return {open, close + 1, uri.substr(open + 1, close - open - 1)};
}

} // namespace

std::uint64_t ImplicitTiling::tilesOf(std::uint32_t levels) const {
    std::uint64_t count = 0;
    for (std::uint32_t level = 0; level < levels; ++level) {
        if (level * childBits() > 60) return 0;
        count += std::uint64_t{1} << (level * childBits());
    }
    return count;
}

geo::BoundingVolume volumeAt(const ImplicitTiling& tiling, const ImplicitCoordinates& at) {
    const double part = 1.0 / static_cast<double>(std::uint64_t{1} << at.level);
    const bool octree = tiling.scheme == Subdivision::octree;
    if (const auto* region = std::get_if<geo::Region>(&tiling.volume)) {
        geo::Region out = *region;
        double width = region->east - region->west;
        if (width < 0) width += 2 * kPi; // across the antimeridian
        const auto wrapped = [](double longitude) { return longitude > kPi ? longitude - 2 * kPi : longitude; };
        const double height = region->north - region->south;
        out.west = wrapped(region->west + width * part * at.x);
        out.east = wrapped(region->west + width * part * (at.x + 1.0));
        out.south = region->south + height * part * at.y;
        out.north = region->south + height * part * (at.y + 1.0);
        if (octree) {
            const double up = region->maximumHeight - region->minimumHeight;
            out.minimumHeight = region->minimumHeight + up * part * at.z;
            out.maximumHeight = region->minimumHeight + up * part * (at.z + 1.0);
        }
        return out;
    }
    const auto& box = std::get<geo::OrientedBox>(tiling.volume);
    const auto offset = [part](std::uint32_t place) { return -1.0 + (2.0 * place + 1.0) * part; };
    geo::OrientedBox out = box;
    out.center += box.halfAxes[0] * offset(at.x) + box.halfAxes[1] * offset(at.y);
    out.halfAxes[0] *= part;
    out.halfAxes[1] *= part;
    if (octree) {
        out.center += box.halfAxes[2] * offset(at.z);
        out.halfAxes[2] *= part;
    }
    return out;
}

std::string filledTemplate(const std::string& uri, const ImplicitCoordinates& at) {
    std::string out;
    std::size_t done = 0;
    for (auto found = nextBraces(uri, 0); found.begin != std::string::npos; found = nextBraces(uri, found.end)) {
        out.append(uri, done, found.begin - done);
        if (found.name == "level") out += std::to_string(at.level);
        else if (found.name == "x") out += std::to_string(at.x);
        else if (found.name == "y") out += std::to_string(at.y);
        else if (found.name == "z") out += std::to_string(at.z);
        else out.append(uri, found.begin, found.end - found.begin);
        done = found.end;
    }
    return out.append(uri, done);
}

std::optional<std::string> wrongVariable(const std::string& uri, Subdivision scheme, bool all) {
    const std::array<std::string_view, 4> names{"level", "x", "y", "z"};
    const std::size_t known = scheme == Subdivision::octree ? 4 : 3;
    std::array<bool, 4> seen{};
    for (auto found = nextBraces(uri, 0); found.begin != std::string::npos; found = nextBraces(uri, found.end)) {
        std::size_t i = 0;
        while (i < known && names[i] != found.name) ++i;
        if (i == known) return std::string(found.name);
        seen[i] = true;
    }
    for (std::size_t i = 0; all && i < known; ++i)
        if (!seen[i]) return std::string(names[i]);
    return std::nullopt;
}

} // namespace matou::tiles
