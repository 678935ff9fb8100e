#pragma once
// What stands where, on the CPU: rays, ground heights and capsules against the contents that are loaded now.

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <vector>

#include <glm/glm.hpp>

#include "geo/frames.h"
#include "spatial/bvh.h"

namespace matou::spatial {

/// Unit direction; a point on it is origin + distance * direction, ECEF metres.
struct Ray {
    glm::dvec3 origin{0.0};
    glm::dvec3 direction{0.0, 0.0, 1.0};
};

/// Kinds of layers as bits, so that a query asks for some. The engine gives each content exactly one.
using LayerMask = std::uint32_t;
inline constexpr LayerMask kAllLayers = 0xffffffffu;

struct ContentOptions {
    LayerMask layer = 1u;      // one bit
    std::uint8_t order = 0;    // painter's order of ground layers, as scene::DrawContent::layerOrder
    /// Row -> process-wide feature number (scene::FeatureNumber); empty: every row is 0.
    std::shared_ptr<const std::vector<std::uint32_t>> featureNumbers;
};

struct Filter {
    LayerMask layers = kAllLayers;
    /// Only these, ascending; null: all that are shown.
    std::shared_ptr<const std::vector<std::uint64_t>> contents;
    /// Features that are hidden now (by a proposal, say) are not hit. Not called for number 0.
    std::function<bool(std::uint32_t featureNumber)> hidden;
};

struct Hit {
    double distance = 0; // metres along the ray
    glm::dvec3 positionEcef{0.0};
    glm::dvec3 normalEcef{0.0}; // unit, of the triangle's front (counter-clockwise) side
    std::uint64_t content = 0;
    std::uint32_t featureRow = model::kNoFeature;
    std::uint32_t featureNumber = 0;
    LayerMask layer = 0;
    std::uint8_t order = 0;
};

/// Upright capsule: centres of its end spheres lie `radius` inside its ends. Metres.
struct Capsule {
    glm::dvec3 bottomEcef{0.0}; // lowest point
    double heightMeters = 1.2;
    double radiusMeters = 0.3;
};
struct CapsuleMove {
    glm::dvec3 displacementEcef{0.0}; // what was possible of the wish
    bool touched = false;
};

/// Answers do not depend on the order in which contents were added. Thread: one at a time may change it; const calls are
/// safe from many threads while nobody does.
class SpatialIndex {
public:
    using ContentId = std::uint64_t;

    /// An id that is there already is replaced. A transform that cannot be inverted or is not finite is ignored.
    void add(ContentId id, std::shared_ptr<const Bvh> bvh, const glm::dmat4& ecefFromContent, ContentOptions options = {});
    /// Builds the BVH here and now; the content itself is not kept.
    void add(ContentId id, const std::shared_ptr<const model::Content>& content, const glm::dmat4& ecefFromContent,
             ContentOptions options = {});
    void remove(ContentId id);
    /// Contents that are kept but not drawn now (coarser stand-ins, say) are not hit. New ones are shown.
    void show(ContentId id, bool shown);
    bool contains(ContentId id) const { return _entries.count(id) != 0; }
    std::vector<ContentId> contents() const;
    /// What a query with this filter looks at, by id, for whoever casts rays elsewhere. Hidden features are not looked into.
    struct Placed {
        ContentId id = 0;
        std::shared_ptr<const Bvh> bvh;
        glm::dmat4 ecefFromLocal{1.0}; // of the BVH's corners; rtcCenter is in it
        ContentOptions options;
    };
    std::vector<Placed> placed(const Filter& filter = {}) const;
    /// Of all BVHs held.
    std::size_t byteSize() const;
    /// Grows with every change of what can be hit.
    std::uint64_t version() const { return _version; }

    /// Nearest hit within `maximumMeters`, either side of a triangle; ties go to the higher order, then the lower content.
    std::optional<Hit> castRay(const Ray& ray, double maximumMeters, const Filter& filter = {}) const;
    /// Every hit, by distance; at most `limit` of them.
    std::vector<Hit> castRayAll(const Ray& ray, double maximumMeters, const Filter& filter = {}, std::size_t limit = 64) const;

    /// Straight down (against the ellipsoid's normal) from the position; `depthMeters` deep.
    std::optional<Hit> groundBelow(const geo::Ecef& from, double depthMeters = 2000.0, const Filter& filter = {}) const;
    /// Ellipsoidal height of the highest surface below `fromHeightMeters` at a place.
    std::optional<double> groundHeight(double longitudeDegrees, double latitudeDegrees, double fromHeightMeters = 1000.0,
                                       const Filter& filter = {}) const;

    /// Moves a standing capsule horizontally and slides it along what it meets: steps of half its radius, each pushed out
    /// of the triangles it enters. Surfaces flatter than 45° are ground, not walls. Only front faces stop it (both, where a
    /// triangle is two-sided), so whoever finds himself inside a building walks out.
    CapsuleMove moveCapsule(const Capsule& capsule, const glm::dvec3& wishEcef, const Filter& filter = {}) const;

    /// Internal to this module: one content as it is placed.
    struct Entry {
        std::shared_ptr<const Bvh> bvh;
        glm::dmat3 ecefFromLocal{1.0}, localFromEcef{1.0};
        glm::dvec3 originEcef{0.0}; // of the local frame, rtcCenter applied; taken off before turning, so nothing cancels
        double smallestScale = 1.0; // ECEF metres per local unit, at least
        glm::dvec3 centerEcef{0.0};
        double radius = 0.0;
        bool shown = true;
        ContentOptions options;
    };

private:
    static bool candidate(ContentId id, const Entry& entry, const Filter& filter);
    std::map<ContentId, Entry> _entries;
    std::uint64_t _version = 0;
};

} // namespace matou::spatial
