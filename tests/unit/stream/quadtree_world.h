#pragma once
// A quadtree of squares served from memory: what the stream's tests look at. Tiles cover their quarter exactly, so covering
// can be counted.

#include <cmath>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <thread>

#include <glm/glm.hpp>

#include "geo/camera_pose.h"
#include "io/byte_source.h"
#include "support/generated_gltf.h"
#include "tiles/selector.h"

namespace matou::test {

/// Answers from a map, on the caller's lane or on a thread of its own. Faults can be set per path.
class MemorySource final : public io::ByteSource {
public:
    std::map<std::string, Bytes> files;
    std::set<std::string> missing;              // E_HTTP_STATUS 404
    std::map<std::string, int> failuresBefore;  // E_HTTP_CUT this many times, then the file
    bool hold = false;                          // keep answers until release()

    io::RequestId request(const io::Location& location, double, io::Completion completion) override {
        std::unique_lock lock(_mutex);
        const auto id = ++_last;
        ++counts[location.path];
        if (hold) {
            _held.emplace(id, std::pair{location, std::move(completion)});
            return id;
        }
        auto result = answer(location);
        lock.unlock();
        completion(std::move(result));
        return id;
    }
    void cancel(io::RequestId id) override {
        std::lock_guard lock(_mutex);
        cancelled += _held.erase(id);
    }
    io::SourceStats stats() const override { return {}; }

    void release() {
        hold = false;
        std::map<io::RequestId, std::pair<io::Location, io::Completion>> held;
        {
            std::lock_guard lock(_mutex);
            held.swap(_held);
        }
        for (auto& [id, waiting] : held) {
            std::unique_lock lock(_mutex);
            auto result = answer(waiting.first);
            lock.unlock();
            waiting.second(std::move(result));
        }
    }
    std::size_t held() const { return _held.size(); }
    std::map<std::string, int> counts;
    std::size_t cancelled = 0;

private:
    core::Result<io::Bytes> answer(const io::Location& location) {
        if (missing.contains(location.path)) return core::fail("E_HTTP_STATUS", location.text(), {"404"});
        if (auto& left = failuresBefore[location.path]; left > 0) {
            --left;
            return core::fail("E_HTTP_CUT", location.text(), {"0", "test"});
        }
        const auto found = files.find(location.path);
        if (found == files.end()) return core::fail("E_FILE_MISSING", location.text());
        return found->second;
    }
    mutable std::mutex _mutex;
    io::RequestId _last = 0;
    std::map<io::RequestId, std::pair<io::Location, io::Completion>> _held;
};

inline geo::Ecef worldCenter() { return geo::ecefFromGeodetic({31.2, 121.5, 0}); }
constexpr double kWorldMeters = 1024;

/// tileset.json and GLBs "<path>.glb" under "/world/": a quadtree of `levels` levels, kWorldMeters wide. Level l has `triangles(l)`
/// triangles per tile and geometric error 64 / 2^l (leaves 0).
struct QuadtreeWorld {
    std::map<std::string, Bytes> files;
    std::size_t tiles = 0;

    explicit QuadtreeWorld(int levels, int triangles = 40) {
        const auto enu = geo::ecefFromEnu(worldCenter());
        std::string transform;
        for (int i = 0; i < 16; ++i) transform += (i ? "," : "") + number(enu[i / 4][i % 4]);
        files["/world/tileset.json"] = bytesOf(R"({"asset":{"version":"1.1"},"geometricError":200,"root":)" + tile(levels, 0, 0, 0, "t", transform, triangles) + "}");
    }

private:
    static std::string number(double value) {
        char text[40];
        std::snprintf(text, sizeof text, "%.17g", value);
        return text;
    }
    std::string tile(int levels, int level, double x, double y, const std::string& name, const std::string& transform, int triangles) {
        ++tiles;
        const double size = kWorldMeters / (1 << level);
        files["/world/" + name + ".glb"] = squareGlb(static_cast<float>(x), 0, static_cast<float>(-y), static_cast<float>(size), triangles, name);
        const bool leaf = level + 1 == levels;
        std::string out = "{\"boundingVolume\":{\"box\":[" + number(x) + "," + number(y) + ",0," + number(size / 2) + ",0,0,0," + number(size / 2) +
                          ",0,0,0,1]},\"geometricError\":" + number(leaf ? 0 : 64.0 / (1 << level)) + ",\"refine\":\"REPLACE\",\"content\":{\"uri\":\"" + name + ".glb\"}";
        if (!transform.empty()) out += ",\"transform\":[" + transform + "]";
        if (!leaf) {
            out += ",\"children\":[";
            for (int q = 0; q < 4; ++q)
                out += (q ? "," : "") + tile(levels, level + 1, x + (q & 1 ? 0.25 : -0.25) * size, y + (q & 2 ? 0.25 : -0.25) * size, name + std::to_string(q), "", triangles);
            out += "]";
        }
        return out + "}";
    }
};

/// A camera at (east, north, up) looking along heading and pitch.
inline tiles::ViewState viewFrom(double east, double north, double up, double headingDegrees, double pitchDegrees) {
    const auto enu = geo::ecefFromEnu(worldCenter());
    const geo::Ecef eye{glm::dvec3(enu * glm::dvec4(east, north, up, 1.0))};
    const auto frame = geo::eyeFrameFromPose({geo::geodeticFromEcef(eye), headingDegrees, pitchDegrees, 0});
    return tiles::viewStateOf(frame, 0.9, 16.0 / 9.0, {0, 0, 1, 1}, 0.3, 1080);
}

/// True when the tiles drawn cover a point of the world exactly once (by their squares).
inline int timesCovered(const tiles::TileTree& tree, const std::vector<tiles::DrawTile>& draw, double east, double north) {
    const auto enu = geo::ecefFromEnu(worldCenter());
    const glm::dvec3 point(enu * glm::dvec4(east, north, 0, 1.0));
    int times = 0;
    for (const auto& d : draw) times += geo::distanceTo(tree[d.id.tile].volume, point) == 0 ? 1 : 0;
    return times;
}

} // namespace matou::test
