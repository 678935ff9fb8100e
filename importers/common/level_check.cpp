#include "common/level_check.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <functional>

#include "common/quadtree.h"

namespace matou::importers {
namespace {

using Visit = std::function<void(const glm::dvec3&, const glm::dvec3&, const glm::dvec3&)>;

void forTriangles(const TilesetSpec& spec, const TileCell& cell, int level, const Visit& visit) {
    for (const auto index : cell.features) {
        const LodFeature& feature = spec.features[index];
        const Mesh* mesh = feature.footprintArea > 0 ? meshAt(feature.lods, level) : nullptr;
        if (!mesh) continue;
        for (std::size_t t = 0; t + 2 < mesh->indices.size(); t += 3)
            visit(mesh->positions[mesh->indices[t]], mesh->positions[mesh->indices[t + 1]], mesh->positions[mesh->indices[t + 2]]);
    }
}

/// A projection of the district to a plane: u and v in metres.
struct Projection {
    glm::dvec3 u, v;
    glm::dvec2 operator()(const glm::dvec3& p) const { return {glm::dot(p, u), glm::dot(p, v)}; }
};

/// Which cells of a grid the projected triangles cover.
struct Mask {
    glm::dvec2 low{0.0};
    double cell = 1;
    int width = 0, height = 0;
    std::vector<std::uint8_t> set;

    void fill(const glm::dvec2& a, const glm::dvec2& b, const glm::dvec2& c) {
        const glm::dvec2 from = glm::min(a, glm::min(b, c)), to = glm::max(a, glm::max(b, c));
        const auto column = [&](double x) { return std::clamp(static_cast<int>(std::floor((x - low.x) / cell)), 0, width - 1); };
        const auto row = [&](double y) { return std::clamp(static_cast<int>(std::floor((y - low.y) / cell)), 0, height - 1); };
        const auto edge = [](const glm::dvec2& p, const glm::dvec2& q, const glm::dvec2& r) {
            return (q.x - p.x) * (r.y - p.y) - (q.y - p.y) * (r.x - p.x);
        };
        const double turn = edge(a, b, c) >= 0 ? 1.0 : -1.0;
        for (int y = row(from.y); y <= row(to.y); ++y)
            for (int x = column(from.x); x <= column(to.x); ++x) {
                const glm::dvec2 p = low + cell * (glm::dvec2(x, y) + 0.5);
                if (turn * edge(a, b, p) >= 0 && turn * edge(b, c, p) >= 0 && turn * edge(c, a, p) >= 0)
                    set[static_cast<std::size_t>(y) * static_cast<std::size_t>(width) + static_cast<std::size_t>(x)] = 1;
            }
    }
};

Mask emptyMask(const glm::dvec2& low, const glm::dvec2& high, double cell) {
    Mask mask;
    mask.cell = cell;
    mask.low = low - 2.0 * cell;
    mask.width = static_cast<int>(std::ceil((high.x - low.x) / cell)) + 4;
    mask.height = static_cast<int>(std::ceil((high.y - low.y) / cell)) + 4;
    mask.set.assign(static_cast<std::size_t>(mask.width) * static_cast<std::size_t>(mask.height), 0);
    return mask;
}

/// Squared distance in cells to the nearest set one: two passes of the lower envelope of parabolas (Felzenszwalb and
/// Huttenlocher, "Distance transforms of sampled functions").
void envelope(std::vector<double>& f, std::vector<int>& site, std::vector<double>& from, std::vector<double>& out) {
    const int n = static_cast<int>(f.size());
    int k = 0;
    site.assign(f.size(), 0);
    from.assign(f.size() + 1, 0);
    out.assign(f.size(), 0);
    from[0] = -1e30;
    from[1] = 1e30;
    const auto meet = [&](int q, int r) { return ((f[static_cast<std::size_t>(q)] + double(q) * q) - (f[static_cast<std::size_t>(r)] + double(r) * r)) / (2.0 * (q - r)); };
    for (int q = 1; q < n; ++q) {
        double s = meet(q, site[static_cast<std::size_t>(k)]);
        while (k > 0 && s <= from[static_cast<std::size_t>(k)]) s = meet(q, site[static_cast<std::size_t>(--k)]);
        site[static_cast<std::size_t>(++k)] = q;
        from[static_cast<std::size_t>(k)] = s;
        from[static_cast<std::size_t>(k) + 1] = 1e30;
    }
    for (int q = 0, at = 0; q < n; ++q) {
        while (from[static_cast<std::size_t>(at) + 1] < q) ++at;
        const double d = q - site[static_cast<std::size_t>(at)];
        out[static_cast<std::size_t>(q)] = d * d + f[static_cast<std::size_t>(site[static_cast<std::size_t>(at)])];
    }
}

/// The farthest that a set cell of `of` lies from any set cell of `to`, metres.
double farthest(const Mask& of, const Mask& to) {
    const auto width = static_cast<std::size_t>(to.width), height = static_cast<std::size_t>(to.height);
    std::vector<double> distance(width * height);
    for (std::size_t i = 0; i < distance.size(); ++i) distance[i] = to.set[i] ? 0.0 : 1e12;
    std::vector<double> line, from, out;
    std::vector<int> site;
    for (std::size_t x = 0; x < width; ++x) {
        line.resize(height);
        for (std::size_t y = 0; y < height; ++y) line[y] = distance[y * width + x];
        envelope(line, site, from, out);
        for (std::size_t y = 0; y < height; ++y) distance[y * width + x] = out[y];
    }
    double worst = 0;
    for (std::size_t y = 0; y < height; ++y) {
        line.assign(distance.begin() + static_cast<std::ptrdiff_t>(y * width), distance.begin() + static_cast<std::ptrdiff_t>((y + 1) * width));
        envelope(line, site, from, out);
        for (std::size_t x = 0; x < width; ++x)
            if (of.set[y * width + x]) worst = std::max(worst, out[x]);
    }
    return std::sqrt(worst) * to.cell;
}

struct Pair {
    Mask fine, coarse;
    bool any = false;
};

/// Both levels of a tile drawn on the same grid.
Pair draw(const TilesetSpec& spec, const TileCell& cell, const Projection& project, double size) {
    glm::dvec2 low(1e300), high(-1e300);
    const auto see = [&](const glm::dvec3& a, const glm::dvec3& b, const glm::dvec3& c) {
        for (const auto& p : {project(a), project(b), project(c)}) {
            low = glm::min(low, p);
            high = glm::max(high, p);
        }
    };
    forTriangles(spec, cell, 0, see);
    forTriangles(spec, cell, cell.level, see);
    Pair pair;
    if (low.x > high.x) return pair;
    pair.any = true;
    pair.fine = emptyMask(low, high, size);
    pair.coarse = pair.fine;
    forTriangles(spec, cell, 0, [&](const auto& a, const auto& b, const auto& c) { pair.fine.fill(project(a), project(b), project(c)); });
    forTriangles(spec, cell, cell.level, [&](const auto& a, const auto& b, const auto& c) { pair.coarse.fill(project(a), project(b), project(c)); });
    return pair;
}

std::string number(double value) {
    char buffer[32];
    std::snprintf(buffer, sizeof buffer, "%.3f", value);
    return buffer;
}

} // namespace

LevelReport checkLevels(const TilesetSpec& spec, const LevelCheckOptions& options) {
    LevelReport report;
    const TileLayout layout = layoutTiles(spec);
    const auto trianglesOf = [&](const TileCell& cell) {
        std::size_t count = 0;
        forTriangles(spec, cell, cell.level, [&](const auto&, const auto&, const auto&) { ++count; });
        return count;
    };
    const auto highest = [&](const TileCell& cell, int level) {
        double top = -1e300;
        forTriangles(spec, cell, level, [&](const auto& a, const auto& b, const auto& c) { top = std::max({top, a.z, b.z, c.z}); });
        return top;
    };
    for (const auto& cell : layout.tiles) {
        if (cell.level == 0 || cell.level >= static_cast<int>(spec.geometricErrors.size())) continue;
        const double error = spec.geometricErrors[static_cast<std::size_t>(cell.level)];
        const auto complain = [&](const std::string& what) {
            report.issues.push_back("level " + std::to_string(cell.level) + " tile " + std::to_string(cell.x) + "_" + std::to_string(cell.y) + ": " + what);
        };
        std::size_t below = 0;
        for (const auto child : cell.children) below += trianglesOf(layout.tiles[child]);
        if (below == 0) continue;
        ++report.tilesChecked;

        const double ratio = static_cast<double>(trianglesOf(cell)) / static_cast<double>(below);
        report.worstTriangleRatio = std::max(report.worstTriangleRatio, ratio);
        if (ratio > options.maximumTriangleRatio) complain("triangles are " + number(ratio) + " of the children's");

        const double loss = highest(cell, 0) - highest(cell, cell.level);
        report.worstHeightLossMeters = std::max(report.worstHeightLossMeters, loss);
        if (loss > 0.01) complain("the highest point is " + number(loss) + " m too low");

        const Pair above = draw(spec, cell, {{1, 0, 0}, {0, 1, 0}}, 1.0);
        std::size_t covered = 0, all = 0;
        for (std::size_t i = 0; i < above.fine.set.size(); ++i) {
            all += above.fine.set[i];
            covered += above.fine.set[i] & above.coarse.set[i];
        }
        const double coverage = all > 0 ? static_cast<double>(covered) / static_cast<double>(all) : 1.0;
        report.worstCoverage = std::min(report.worstCoverage, coverage);
        if (coverage < options.minimumCoverage) complain("covers " + number(coverage) + " of the footprints");

        const double down = glm::radians(options.lookDownDegrees);
        for (int direction = 0; direction < options.directions; ++direction) {
            const double angle = 2.0 * 3.14159265358979323846 * direction / options.directions;
            const glm::dvec3 right(std::cos(angle), -std::sin(angle), 0), forward(std::sin(angle), std::cos(angle), 0);
            const Projection project{right, glm::dvec3(0, 0, 1) * std::cos(down) + forward * std::sin(down)};
            const Pair seen = draw(spec, cell, project, error / 8.0);
            if (!seen.any) continue;
            const double off = std::max(farthest(seen.fine, seen.coarse), farthest(seen.coarse, seen.fine));
            report.worstSilhouetteShare = std::max(report.worstSilhouetteShare, off / error);
            if (off > error) complain("silhouette " + std::to_string(direction) + " is off by " + number(off) + " m");
        }
    }
    return report;
}

} // namespace matou::importers
