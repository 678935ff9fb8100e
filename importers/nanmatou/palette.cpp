#include <array>
#include <cmath>

#include "nanmatou/carpenter.h"
#include "nanmatou/layers.h"

namespace matou::importers::nanmatou {

namespace {

/// Between sRGB's 2.2 and none: the palette was picked under a hazy sky that lifts its darks.
constexpr double kExponent = 1.6;

Color toLinear(const Color& c) {
    static const auto table = [] {
        std::array<std::uint8_t, 256> t{};
        for (std::size_t i = 0; i < t.size(); ++i)
            t[i] = static_cast<std::uint8_t>(std::lround(255.0 * std::pow(static_cast<double>(i) / 255.0, kExponent)));
        return t;
    }();
    return {table[c.x], table[c.y], table[c.z], c.w};
}
void toLinear(Mesh& mesh) {
    for (auto& c : mesh.colors)
        c = toLinear(c);
}

} // namespace

Mesh linear(Mesh mesh) {
    toLinear(mesh);
    return mesh;
}

void makeLinear(TilesetSpec& spec) {
    for (auto& feature : spec.features) {
        for (auto& mesh : feature.lods)
            toLinear(mesh);
        if (!feature.box) continue;
        feature.box->wall = toLinear(feature.box->wall);
        feature.box->roof = toLinear(feature.box->roof);
    }
    for (auto& prototype : spec.prototypes)
        for (auto& mesh : prototype.lods)
            toLinear(mesh);
}

} // namespace matou::importers::nanmatou
