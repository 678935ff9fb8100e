// `matou bench stream` on small generated cities: the keys that the side-by-side bench reads, and the same tiles and triangles
// at rest as a reference selection that is written here from the standard alone.

#include <array>
#include <cmath>
#include <cstring>
#include <set>

#include "app/app_support.h"
#include "support/box_glb.h"

namespace matou::tests {
namespace {

using Vector = std::array<double, 3>;
using Json = nlohmann::json;

Vector operator+(const Vector& a, const Vector& b) { return {a[0] + b[0], a[1] + b[1], a[2] + b[2]}; }
Vector operator-(const Vector& a, const Vector& b) { return {a[0] - b[0], a[1] - b[1], a[2] - b[2]}; }
Vector operator*(double s, const Vector& a) { return {s * a[0], s * a[1], s * a[2]}; }
double dot(const Vector& a, const Vector& b) { return a[0] * b[0] + a[1] * b[1] + a[2] * b[2]; }
double length(const Vector& a) { return std::sqrt(dot(a, a)); }

constexpr double kDegree = 3.14159265358979323846 / 180, kA = 6378137.0, kE2 = 6.69437999014131705e-3; // WGS 84
constexpr double kLat = 31.2, kLon = 121.5;

/// East, north, up and the place itself.
struct Horizon {
    Vector east, north, up, origin;
};
Horizon horizonAt(double lat, double lon, double height) {
    const double sp = std::sin(lat * kDegree), cp = std::cos(lat * kDegree), sl = std::sin(lon * kDegree), cl = std::cos(lon * kDegree);
    const double n = kA / std::sqrt(1 - kE2 * sp * sp);
    return {{-sl, cl, 0}, {-sp * cl, -sp * sl, cp}, {cp * cl, cp * sl, sp}, {(n + height) * cp * cl, (n + height) * cp * sl, (n * (1 - kE2) + height) * sp}};
}

// ---- The city: a full quadtree, each tile heavier than the one above and with a number of triangles of its own -----------

constexpr int kDepth = 3;
constexpr double kHalfMeters = 640;

struct Shape {
    const char* refine;
    bool localTransforms; // each tile by a transform of its own that also halves the scale
    double rootScale;
};

Json tileOf(const std::filesystem::path& folder, const Shape& shape, int level, int x, int y, int& number) {
    // In metres of the root's frame; a tile's own frame has its centre as origin and 1 / 2^level of the scale.
    const double half = kHalfMeters / (1 << level), unit = shape.localTransforms ? 1.0 / (1 << level) : 1.0;
    const Vector centre{-kHalfMeters + (2 * x + 1) * half, -kHalfMeters + (2 * y + 1) * half, 0};
    const Vector local = shape.localTransforms ? Vector{0, 0, 0} : centre;
    std::vector<test::Box> boxes;
    for (int i = 0; i <= level; ++i) {
        const auto at = [&](double part, int axis) { return static_cast<float>(local[static_cast<std::size_t>(axis)] + part * half / unit); };
        boxes.push_back({{at(-0.8 + 0.4 * i, 0), at(-0.6, 1), 0}, {at(-0.6 + 0.4 * i, 0), at(0.6, 1), static_cast<float>(60 / unit)}, 1 + (number % 7)});
    }
    const auto name = "t" + std::to_string(number++) + ".glb";
    const auto glb = test::boxGlb(boxes);
    write(folder / name, {reinterpret_cast<const char*>(glb.data()), glb.size()});
    Json tile = {{"refine", shape.refine}, {"content", {{"uri", name}}}, {"geometricError", level == kDepth ? 0.0 : (128.0 / (1 << level)) / (shape.localTransforms ? unit : 1.0)}};
    tile["boundingVolume"]["box"] = {local[0], local[1], 50 / unit, half / unit, 0, 0, 0, half / unit, 0, 0, 0, 50 / unit};
    if (shape.localTransforms && level > 0) {
        // From this frame to the parent's, whose unit is twice as long.
        const double above = 2 * unit, aboveHalf = 2 * half;
        const Vector parent{-kHalfMeters + (2 * (x / 2) + 1) * aboveHalf, -kHalfMeters + (2 * (y / 2) + 1) * aboveHalf, 0};
        const Vector move = (1 / above) * (centre - parent);
        tile["transform"] = {0.5, 0, 0, 0, 0, 0.5, 0, 0, 0, 0, 0.5, 0, move[0], move[1], move[2], 1};
    }
    if (level == kDepth) return tile;
    for (const auto& [dx, dy] : {std::pair{0, 0}, {1, 0}, {0, 1}, {1, 1}}) tile["children"].push_back(tileOf(folder, shape, level + 1, 2 * x + dx, 2 * y + dy, number));
    return tile;
}

Json makeCity(const std::filesystem::path& folder, const Shape& shape) {
    const auto h = horizonAt(kLat, kLon, 0);
    int number = 0;
    Json root = tileOf(folder, shape, 0, 0, 0, number);
    for (const auto& axis : {h.east, h.north, h.up}) {
        for (const double v : axis) root["transform"].push_back(v * shape.rootScale);
        root["transform"].push_back(0);
    }
    for (const double v : h.origin) root["transform"].push_back(v);
    root["transform"].push_back(1);
    Json tileset = {{"asset", {{"version", "1.1"}}}, {"geometricError", 512}, {"root", root}};
    write(folder / "tileset.json", tileset.dump());
    return tileset;
}

Json poseAt(double eastMeters, double northMeters, double height, double heading, double pitch) {
    return {{"lat", kLat + northMeters / 110860.0}, {"lon", kLon + eastMeters / 95400.0}, {"height", height}, {"heading", heading}, {"pitch", pitch}, {"roll", 0}};
}

Json makeCamera(const std::filesystem::path& path) {
    Json camera = {{"name", "test"}, {"viewport", {{"width", 640}, {"height", 360}}}, {"fovYDeg", 45}, {"near", 1}, {"far", 60000}, {"fixed", poseAt(0, -500, 150, 5, -20)}};
    for (int i = 0; i < 12; ++i) camera["orbit"].push_back(poseAt(-300 + 50 * i, -400 + 60 * i, 60 + 15 * i, 30 * i, -15 - 4 * i));
    write(path, camera.dump());
    return camera;
}

// ---- The reference: 3D Tiles 1.1, oriented boxes against the frustum, error by the distance to the box ---------------------

using Matrix = std::array<double, 16>; // by columns
Matrix product(const Matrix& a, const Matrix& b) {
    Matrix out{};
    for (int c = 0; c < 4; ++c)
        for (int r = 0; r < 4; ++r)
            for (int k = 0; k < 4; ++k) out[static_cast<std::size_t>(c * 4 + r)] += a[static_cast<std::size_t>(k * 4 + r)] * b[static_cast<std::size_t>(c * 4 + k)];
    return out;
}
Vector turned(const Matrix& m, const Vector& v) {
    return {m[0] * v[0] + m[4] * v[1] + m[8] * v[2], m[1] * v[0] + m[5] * v[1] + m[9] * v[2], m[2] * v[0] + m[6] * v[1] + m[10] * v[2]};
}

struct Reference {
    std::uint32_t visited = 0, drawn = 0;
    std::uint64_t triangles = 0;
};

class Judge {
public:
    Judge(const std::filesystem::path& folder, const Json& camera, const Json& pose, double maximumErrorPixels) : _folder(folder), _most(maximumErrorPixels) {
        const auto h = horizonAt(pose["lat"], pose["lon"], pose["height"]);
        const double heading = pose["heading"].get<double>() * kDegree, pitch = pose["pitch"].get<double>() * kDegree;
        const auto mix = [&](double e, double n, double u) { return e * h.east + n * h.north + u * h.up; };
        _eye = h.origin;
        const Vector forward = mix(std::sin(heading) * std::cos(pitch), std::cos(heading) * std::cos(pitch), std::sin(pitch));
        const Vector right = mix(std::cos(heading), -std::sin(heading), 0), up = mix(-std::sin(heading) * std::sin(pitch), -std::cos(heading) * std::sin(pitch), std::cos(pitch));
        _tangent = std::tan(camera["fovYDeg"].get<double>() * kDegree / 2);
        _height = camera["viewport"]["height"];
        const double across = _tangent * camera["viewport"]["width"].get<double>() / _height;
        for (const auto& side : {across * forward + right, across * forward - right, _tangent * forward + up, _tangent * forward - up}) _planes.push_back({(1 / length(side)) * side, 0});
        _planes.push_back({forward, -camera["near"].get<double>()});
    }

    Reference operator()(const Json& tileset) {
        visit(tileset["root"], {1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1});
        return _found;
    }

private:
    void visit(const Json& tile, Matrix m) {
        if (tile.contains("transform")) m = product(m, tile["transform"].get<Matrix>());
        const auto box = tile["boundingVolume"]["box"].get<std::array<double, 12>>();
        const Vector centre = turned(m, {box[0], box[1], box[2]}) + Vector{m[12], m[13], m[14]} - _eye;
        std::array<Vector, 3> axes;
        for (std::size_t i = 0; i < 3; ++i) axes[i] = turned(m, {box[3 + 3 * i], box[4 + 3 * i], box[5 + 3 * i]});
        for (const auto& [normal, offset] : _planes) {
            double reach = 0;
            for (const auto& axis : axes) reach += std::abs(dot(normal, axis));
            if (dot(normal, centre) + offset < -reach) return;
        }
        ++_found.visited;
        double squared = 0, scale = 0;
        for (const auto& axis : axes) {
            const double half = length(axis);
            squared += std::pow(std::max(0.0, std::abs(dot(centre, axis)) / half - half), 2);
        }
        for (std::size_t i = 0; i < 3; ++i) scale = std::max(scale, length({m[4 * i], m[4 * i + 1], m[4 * i + 2]}));
        const double pixels = scale * tile["geometricError"].get<double>() * _height / (std::max(std::sqrt(squared), 1e-7) * 2 * _tangent);
        const bool refined = tile.contains("children") && pixels > _most;
        if (!refined || tile["refine"] == "ADD") draw(tile["content"]["uri"]);
        if (refined)
            for (const auto& child : tile["children"]) visit(child, m);
    }
    void draw(const std::string& uri) {
        const auto glb = contentOf(_folder / uri);
        std::uint32_t bytes = 0;
        std::memcpy(&bytes, glb.data() + 12, 4);
        const auto gltf = Json::parse(glb.substr(20, bytes));
        ++_found.drawn;
        _found.triangles += gltf["accessors"][gltf["meshes"][0]["primitives"][0]["indices"].get<std::size_t>()]["count"].get<std::uint64_t>() / 3;
    }

    std::filesystem::path _folder;
    double _most, _tangent = 1, _height = 1;
    Vector _eye{};
    std::vector<std::pair<Vector, double>> _planes;
    Reference _found;
};

void expectSame(const Json& rest, const Reference& reference, const std::string& at) {
    EXPECT_EQ(rest["tilesDrawn"], reference.drawn) << at;
    EXPECT_EQ(rest["visited"], reference.visited) << at;
    EXPECT_EQ(rest["triangles"], reference.triangles) << at;
}

class BenchStream : public ::testing::TestWithParam<Shape> {
protected:
    ScratchFolder _scratch;
};

TEST_P(BenchStream, DrawsAtRestWhatTheStandardAsksForAndTellsEveryFigure) {
    constexpr double kError = 8;
    const auto folder = std::filesystem::path(_scratch / "city");
    const auto tileset = makeCity(folder, GetParam());
    const auto camera = makeCamera(folder / "camera.json");
    const auto done = runProgram("matou", {"bench", "stream", "--tileset", folder / "tileset.json", "--camera", folder / "camera.json", "--sse", std::to_string(kError), "--scale", "0.1",
                                           "--orbit", "12", "--still", "3", "--rest-every", "1", "--json"}, 120);
    ASSERT_EQ(done.status, 0) << done.err;
    EXPECT_EQ(std::count(done.out.begin(), done.out.end(), '\n'), 1) << "one line";
    const auto line = Json::parse(done.out, nullptr, false);
    ASSERT_TRUE(line.is_object()) << done.out;
    for (const char* key : {"launchToFirstFrameMs", "tilesetOpenMs", "firstTileMs", "allTilesMs"}) EXPECT_GT(line.at(key).get<double>(), 0.0) << key;
    EXPECT_LE(line["tilesetOpenMs"], line["firstTileMs"]);
    EXPECT_LE(line["firstTileMs"], line["allTilesMs"]);
    EXPECT_GT(line.at("memoryAtRest").at("pssMB").get<double>(), 10.0);
    for (const auto& [phase, frames] : {std::pair{"still", 3}, {"orbitCold", 12}, {"orbitWarm", 12}})
        for (const char* figure : {"frame", "cpu", "cpuThread", "select"}) {
            const auto& f = line.at("phases").at(phase).at(figure);
            EXPECT_EQ(f.at("n"), frames) << phase << figure;
            for (const char* share : {"mean", "median", "p99", "max"}) EXPECT_GE(f.at(share).get<double>(), 0.0) << phase << figure << share;
            EXPECT_LE(f["median"], f["max"]);
        }

    expectSame(line.at("atRest"), Judge(folder, camera, camera["fixed"], kError)(tileset), "the fixed pose");
    std::set<std::uint32_t> counts;
    ASSERT_EQ(line.at("restOfOrbit").size(), camera["orbit"].size());
    for (std::size_t i = 0; i < camera["orbit"].size(); ++i) {
        const auto reference = Judge(folder, camera, camera["orbit"][i], kError)(tileset);
        expectSame(line["restOfOrbit"][i], reference, "pose " + std::to_string(i));
        counts.insert(reference.drawn);
    }
    EXPECT_GT(counts.size(), 5u) << "the poses ask for different things";
}

INSTANTIATE_TEST_SUITE_P(Cities, BenchStream,
                         ::testing::Values(Shape{"REPLACE", false, 1}, Shape{"ADD", false, 1}, Shape{"REPLACE", true, 1}, Shape{"REPLACE", true, 1.5}),
                         [](const auto& info) { return std::string(info.param.refine) + (info.param.localTransforms ? "Scaled" : "") + std::to_string(info.index); });

TEST(BenchStreamErrors, WhatCannotBeOpenedIsOneLine) {
    ScratchFolder scratch;
    makeCamera(scratch / "camera.json");
    expectOneError(runProgram("matou", {"bench", "stream", "--tileset", "/no/such/tileset.json", "--camera", scratch / "camera.json", "--json"}), "E_FILE_MISSING");
    expectOneError(runProgram("matou", {"bench", "stream", "--tileset", "/no/such/tileset.json", "--camera", "/no/such/camera.json", "--json"}), "E_FILE_MISSING");
}

} // namespace
} // namespace matou::tests
