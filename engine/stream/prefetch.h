#pragma once
// What views will need that are known to come: along a tour, a film, a camera path. Internal to stream.

#include <cstdint>
#include <span>
#include <unordered_map>
#include <vector>

#include "tiles/selector.h"

namespace matou::stream {

/// Main lane. Tiles and mounts that it names stay valid: whoever cuts trees back spares these mounts.
class Prefetch {
public:
    /// Below all that views of the present ask for; the nearest moment is the most urgent.
    static constexpr double kHighestPriority = -2;

    /// Per moment the views of it, the nearest first. Empty: nothing is known.
    void setComing(std::vector<std::vector<tiles::ViewState>> moments);
    /// Selects for one of the moments, by turns, so that a frame pays for one selection more. As time goes on the
    /// moments slide along the path: what stands between two of them is met in another turn.
    void look(std::span<const tiles::LayerView> layers, const tiles::SelectOptions& options);
    bool empty() const { return _moments.empty(); }

    /// The cuts that the moments aim at, whether there or not, and the trees that they lack; the most urgent first.
    const std::vector<tiles::LoadRequest>& tiles() const { return _ordered; }
    /// Of a tile that some moment needs, else nothing.
    const double* priorityOf(tiles::TileId id) const;
    /// Trees that these tiles hang in.
    std::vector<tiles::TileId> mounts() const;

private:
    /// A tile that few poses need is seen in one turn and not in the next: kept for so many, that its fetch may end.
    static constexpr std::uint64_t kTurnsKept = 6;
    struct Seen {
        tiles::LoadRequest request;
        std::uint64_t look = 0; // the last
    };
    std::vector<std::vector<tiles::ViewState>> _moments;
    std::unordered_map<std::uint64_t, Seen> _seen;
    std::unordered_map<std::uint64_t, std::uint64_t> _mounts; // the last look
    std::vector<tiles::LoadRequest> _ordered;
    tiles::TileSelector _selector;
    std::uint64_t _looks = 0;
};

} // namespace matou::stream
