#include "stream/level_fades.h"

#include <algorithm>
#include <unordered_set>

namespace matou::stream {

using tiles::kNoTile;
using tiles::Refinement;
using tiles::TileId;

namespace {

std::uint64_t keyOf(TileId id) { return std::uint64_t{id.layer} << 32 | id.tile; }

} // namespace

/// One step, with the tables that it needs.
class LevelFades::Step {
public:
    Step(LevelFades& fades, const Input& input) : _of(fades), _input(input) {
        for (const auto& d : input.drawn) _now.emplace(keyOf(d.id), d.views);
    }

    void operator()(double share) {
        begin();
        aim();
        for (auto& [id, fade] : _of._fades) fade.fine = std::clamp(fade.fine + (fade.refines ? share : -share), 0.0, 1.0);
        settle();
        keepMembers();
        show();
        _of._drawn = std::move(_now);
    }

private:
    const tiles::TileTree& tree(TileId id) const { return *_input.trees[id.layer]; }
    const tiles::Tile& tile(TileId id) const { return tree(id)[id.tile]; }
    bool selected(TileId id) const { return _now.contains(keyOf(id)); }
    bool leaving(TileId id) const { return std::binary_search(_of._leaving.begin(), _of._leaving.end(), id); }
    bool drawable(TileId id) const { return tile(id).contentCount > 0 && !tile(id).external; }
    bool replaces(TileId id) const { return tile(id).refine == Refinement::replace && drawable(id); }

    /// Calls `visit` with everything above until it says false.
    template <typename Visit>
    void upFrom(TileId id, Visit visit) const {
        for (auto at = tile(id).parent; at != kNoTile; at = tree(id)[at].parent)
            if (!visit(TileId{id.layer, at})) return;
    }

    /// What was shown and is not selected any more leaves, if something that is selected took its place.
    void begin() {
        Ids gone = _of._leaving;
        for (const auto& [key, views] : _of._drawn)
            if (const TileId id{static_cast<std::uint32_t>(key >> 32), static_cast<tiles::TileIndex>(key)}; !selected(id)) gone.push_back(id);
        std::erase_if(gone, [&](TileId id) { return selected(id) || !_input.resident(id); });
        std::sort(gone.begin(), gone.end());
        gone.erase(std::unique(gone.begin(), gone.end()), gone.end());
        _of._leaving = std::move(gone);
        for (const auto id : _of._leaving)
            upFrom(id, [&](TileId above) {
                if (!selected(above) || !replaces(above)) return true;
                _of._fades.try_emplace(above, Fade{1.0, false});
                return false;
            });
        if (_of._leaving.empty()) return;
        for (const auto& d : _input.drawn)
            if (!_of._drawn.contains(keyOf(d.id)))
                upFrom(d.id, [&](TileId above) {
                    if (leaving(above) && replaces(above)) _of._fades.try_emplace(above, Fade{0.0, true});
                    return true;
                });
    }

    /// Which way each fade goes, and which views see it. One whose place nothing selected stands in any more ends.
    void aim() {
        if (_of._fades.empty()) return;
        std::unordered_map<std::uint64_t, std::uint64_t> below;
        for (const auto& d : _input.drawn)
            upFrom(d.id, [&](TileId above) {
                if (_of._fades.contains(above)) below[keyOf(above)] |= d.views;
                return true;
            });
        for (const auto id : byDepth()) {
            auto& fade = _of._fades.at(id);
            fade.covered = false;
            if (const auto now = _now.find(keyOf(id)); now != _now.end()) {
                fade.refines = false;
                fade.views = now->second;
            } else if (const auto finer = below.find(keyOf(id)); finer != below.end()) {
                fade.refines = fade.covered = true;
                fade.views = finer->second;
            } else if (const auto* within = fadeAbove(id)) {
                fade.views = within->views; // goes on as it was, as a part of what leaves
            } else {
                _of._fades.erase(id);
            }
        }
    }

    Ids byDepth() const {
        Ids ids;
        for (const auto& [id, fade] : _of._fades) ids.push_back(id);
        std::stable_sort(ids.begin(), ids.end(), [&](TileId a, TileId b) { return tile(a).depth < tile(b).depth; });
        return ids;
    }
    const Fade* fadeAbove(TileId id) const {
        const Fade* found = nullptr;
        upFrom(id, [&](TileId above) {
            if (const auto at = _of._fades.find(above); at != _of._fades.end()) found = &at->second;
            return found == nullptr;
        });
        return found;
    }

    /// Ends what is over or no longer whole, the deepest first: what stands around it then sees what is left.
    void settle() {
        findShownAbove();
        auto ids = byDepth();
        for (auto at = ids.rbegin(); at != ids.rend(); ++at) {
            const auto found = _of._fades.find(*at);
            if (found == _of._fades.end()) continue;
            const auto fade = found->second;
            const bool coarse = selected(*at) || leaving(*at);
            const bool finer = fade.covered || covers(*at, fade.views);
            if (!coarse || (finer && fade.refines && fade.fine >= 1)) {
                _of._fades.erase(found);
                if (!selected(*at)) leave(*at);
            } else if (!finer || (!fade.refines && fade.fine <= 0)) {
                dropBelow(*at);
                _of._fades.erase(*at);
            }
        }
    }

    void findShownAbove() {
        if (_of._fades.empty()) return;
        const auto mark = [&](TileId id) { upFrom(id, [&](TileId above) { return _shownBelow.insert(keyOf(above)).second; }); };
        for (const auto& d : _input.drawn) mark(d.id);
        for (const auto id : _of._leaving) mark(id);
    }

    void leave(TileId id) { std::erase(_of._leaving, id); }

    void dropBelow(TileId coarse) {
        const auto under = [&](TileId id) {
            bool found = false;
            if (id.layer == coarse.layer) upFrom(id, [&](TileId above) { return !(found = above == coarse); });
            return found;
        };
        std::erase_if(_of._leaving, under);
        std::erase_if(_of._fades, [&](const auto& entry) { return under(entry.first); });
    }

    bool seen(TileId id, std::uint64_t views) const {
        for (std::size_t v = 0; v < _input.views.size() && v < 64; ++v)
            if ((views >> v & 1) != 0 && _input.views[v].casterRegion.empty() && tiles::touches(tree(id), id.tile, _input.views[v])) return true;
        return false;
    }

    /// Finer tiles stand wherever the views see the coarse one. A camera that turns shows places where none was drawn yet:
    /// those that are resident join in, and where there is none, there is a hole.
    bool covers(TileId coarse, std::uint64_t views) {
        Ids open, joined;
        const auto push = [&](TileId id) {
            for (std::uint32_t c = 0; c < tile(id).childCount; ++c) open.push_back({id.layer, tile(id).firstChild + c});
        };
        if (tile(coarse).childCount == 0) return false;
        push(coarse);
        while (!open.empty()) {
            const auto id = open.back();
            open.pop_back();
            if (!seen(id, views)) continue;
            if (selected(id) || leaving(id)) continue;
            if (!_shownBelow.contains(keyOf(id)) && drawable(id) && _input.resident(id)) {
                joined.push_back(id);
                continue;
            }
            if (tile(id).pending || (tile(id).childCount == 0 && drawable(id))) return false;
            push(id);
        }
        for (const auto id : joined) {
            _of._leaving.insert(std::upper_bound(_of._leaving.begin(), _of._leaving.end(), id), id);
            upFrom(id, [&](TileId above) { return _shownBelow.insert(keyOf(above)).second; });
        }
        return true;
    }

    /// What leaves is part of a fade; whatever else left is out of sight.
    void keepMembers() {
        std::erase_if(_of._leaving, [&](TileId id) { return !_of._fades.contains(id) && fadeAbove(id) == nullptr; });
    }

    ShownTile shownTile(TileId id, std::uint64_t views, bool leaves) const {
        ShownTile out{id, views, 0, 1, leaves};
        Ids path; // fades that it is part of, the outermost last
        if (_of._fades.contains(id)) path.push_back(id);
        upFrom(id, [&](TileId above) {
            if (_of._fades.contains(above)) path.push_back(above);
            return true;
        });
        double from = 0, to = 1;
        for (auto at = path.rbegin(); at != path.rend(); ++at) {
            const auto& fade = _of._fades.at(*at);
            const double border = from + fade.fine * (to - from);
            (*at == id ? from : to) = border;
            if (leaves) out.views = fade.views;
        }
        out.keepFrom = static_cast<float>(from);
        out.keepTo = static_cast<float>(to);
        return out;
    }

    void show() {
        _of._shown.clear();
        if (_of._fades.empty()) return;
        for (const auto& d : _input.drawn) _of._shown.push_back(shownTile(d.id, d.views, false));
        for (const auto id : _of._leaving) _of._shown.push_back(shownTile(id, 0, true));
    }

    LevelFades& _of;
    const Input& _input;
    std::unordered_map<std::uint64_t, std::uint64_t> _now;
    std::unordered_set<std::uint64_t> _shownBelow; // what has something shown under it
};

void LevelFades::step(const Input& input, double seconds) {
    if (!(seconds < _duration)) { // a step that long shows no fade
        cut();
        for (const auto& d : input.drawn) _drawn.emplace(keyOf(d.id), d.views);
        return;
    }
    Step(*this, input)(seconds / _duration);
}

void LevelFades::cut() {
    _drawn.clear();
    _fades.clear();
    _leaving.clear();
    _shown.clear();
}

bool LevelFades::pins(TileId id) const { return _drawn.contains(keyOf(id)) || std::binary_search(_leaving.begin(), _leaving.end(), id); }

} // namespace matou::stream
