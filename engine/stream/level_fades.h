#pragma once
// The way from one level of detail to the next: a coarse tile and the finer ones that replace it (REPLACE), or that it
// replaces, are drawn together for a moment. Pure: no clock, no I/O; the same steps give the same answers.
//
// Every point of a place is shared out among the levels that stand there as parts of [0, 1): a fade gives the finer tiles
// the lower `fine` of what its place has and the coarse tile the rest, and fades may stand within one another. So the
// parts that lie over a point sum to one at every moment: no hole, nothing drawn twice.

#include <cstdint>
#include <functional>
#include <map>
#include <span>
#include <unordered_map>
#include <vector>

#include "tiles/selector.h"

namespace matou::stream {

struct ShownTile {
    tiles::TileId id;
    std::uint64_t views = 0; // as tiles::DrawTile
    /// Its part of [0, 1). A pixel, or a sample of it, belongs to the tile in whose part its threshold lies.
    float keepFrom = 0, keepTo = 1;
    bool leaving = false; // no longer selected: it throws no shadow and answers no ray
};

/// One lane at a time.
class LevelFades {
public:
    struct Input {
        std::span<const tiles::TileTree* const> trees; // by layer; null where there is none yet
        std::span<const tiles::DrawTile> drawn;        // of the selection
        std::span<const tiles::ViewState> views;       // that it was made for
        std::function<bool(tiles::TileId)> resident;
    };

    /// 0: whatever is selected is drawn whole at once.
    void setDuration(double seconds) { _duration = seconds; }
    /// One drawn frame further. A fade ends at once where its tiles no longer cover what the views see, or are gone.
    /// Cost: linear in drawn tiles; their depth times that while something fades or the drawn tiles changed.
    void step(const Input& input, double seconds);
    /// What was drawn last is forgotten: nothing fades, and nothing need stay for it.
    void cut();

    /// What the last step shows, the selected tiles first. Empty while nothing fades: the selection is drawn whole.
    const std::vector<ShownTile>& shown() const { return _shown; }
    bool fading() const { return !_fades.empty(); }
    /// Shown by the last step, leaving or selected: these must stay resident for the next one.
    bool pins(tiles::TileId id) const;
    const std::vector<tiles::TileId>& leaving() const { return _leaving; }

private:
    struct Fade {
        double fine = 0;    // share of the finer tiles
        bool refines = true; // the way that it goes
        std::uint64_t views = 0;
        bool covered = false; // by finer tiles of the selection
    };
    using Ids = std::vector<tiles::TileId>; // ascending
    class Step;

    double _duration = 0;
    std::unordered_map<std::uint64_t, std::uint64_t> _drawn; // of the last step: views by tile
    std::map<tiles::TileId, Fade> _fades; // by coarse tile
    Ids _leaving;
    std::vector<ShownTile> _shown;
};

} // namespace matou::stream
