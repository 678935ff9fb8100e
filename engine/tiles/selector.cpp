#include "tiles/selector.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>

namespace matou::tiles {

ViewState viewStateOf(const geo::EyeFrame& eye, double fovYRadians, double planeAspect, const glm::dvec4& window,
                      double nearMeters, double targetHeightPixels) {
    ViewState view;
    view.frustum = geo::frustumOf(eye, fovYRadians, planeAspect, window, nearMeters);
    view.eyeEcef = eye.eye.meters;
    view.fovYRadians = fovYRadians;
    const double part = std::max(1e-6, window.w - window.y);
    view.heightPixels = targetHeightPixels / part;
    return view;
}

ViewState widerViewStateOf(const geo::EyeFrame& eye, double fovYRadians, double planeAspect, const glm::dvec4& window,
                           double nearMeters, double targetHeightPixels, double share) {
    const double wider = 2.0 * std::atan((1.0 + share) * std::tan(fovYRadians / 2.0));
    return viewStateOf(eye, wider, planeAspect, window, nearMeters, (1.0 + share) * targetHeightPixels);
}

namespace {

/// Pixels of the image plane that a metre fills at a metre's distance.
double pixelsPerMeter(const ViewState& view) { return view.heightPixels / (2.0 * std::tan(view.fovYRadians / 2.0)); }

double errorInPixels(const Tile& tile, const glm::dvec3& eyeEcef, double pixelsAtOneMeter) {
    if (tile.geometricError <= 0) return 0;
    const auto* box = std::get_if<geo::OrientedBox>(&tile.volume);
    const double distance = box ? geo::distanceTo(*box, eyeEcef) : geo::distanceTo(tile.volume, eyeEcef);
    return tile.geometricError * pixelsAtOneMeter / std::max(distance, 1e-7);
}

} // namespace

double screenSpaceError(const Tile& tile, const ViewState& view) { return errorInPixels(tile, view.eyeEcef, pixelsPerMeter(view)); }

namespace {

bool drawable(const Tile& tile) { return tile.contentCount > 0 && !tile.external; }

std::uint64_t layerBit(std::size_t layer) { return std::uint64_t{1} << std::min<std::size_t>(layer, 63); }

std::span<const geo::Plane> planesOf(const ViewState& view) {
    return view.casterRegion.empty() ? std::span<const geo::Plane>(view.frustum.planes) : std::span<const geo::Plane>(view.casterRegion);
}

bool touchesPlanes(const TileTree& tree, const Tile& t, std::span<const geo::Plane> planes, const glm::dvec3& eyeEcef) {
    if (t.request != kNoRequest && geo::distanceTo(tree.requestVolumes[t.request], eyeEcef) > 0) return false;
    auto where = geo::classify(t.sphere, planes);
    if (where == geo::Containment::intersecting && !std::holds_alternative<geo::Sphere>(t.volume))
        where = geo::classify(t.box == kNoVolume ? std::get<geo::OrientedBox>(t.volume) : tree.regionBoxes[t.box], planes);
    return where != geo::Containment::outside;
}

/// Topmost contents of a layer are kept for every view only while they are few.
constexpr std::size_t kBaseTilesMost = 64;

} // namespace

bool touches(const TileTree& tree, TileIndex tile, const ViewState& view) { return touchesPlanes(tree, tree[tile], planesOf(view), view.eyeEcef); }

class TileSelector::Run {
public:
    Run(std::vector<Node>& nodes, std::span<const LayerView> layers, std::span<const ViewState> views, const SelectOptions& options)
        : _nodes(nodes), _layers(layers), _views(views), _options(options) {
        _nodes.clear();
        for (const auto& view : views.first(std::min<std::size_t>(views.size(), 64))) {
            _planes.push_back(planesOf(view));
            _pixelsPerMeter.push_back(pixelsPerMeter(view));
        }
    }

    Selection operator()() {
        findBase();
        for (const auto& id : _selection.base) _used += bytes(id);
        // Where memory is that short, only what is seen counts: the next view may then take a moment to be whole.
        if (_used > _options.byteLimit / 2) {
            _selection.base.clear();
            _used = 0;
        }
        std::vector<std::uint32_t> roots;
        for (std::uint32_t layer = 0; layer < _layers.size(); ++layer) {
            const auto& view = _layers[layer];
            if (!view.visible || !view.tree) continue;
            const auto mask = visibleViews({layer, 0}, ~std::uint64_t{0});
            if (mask == 0) continue;
            roots.push_back(addNode({layer, 0}, mask, std::numeric_limits<double>::max(), false));
            plan(roots.back());
        }
        for (const auto& id : _selection.base) _selection.headroomBytes = std::max(_selection.headroomBytes, transientBytes(id));
        _selection.floorBytes = _used + _selection.headroomBytes;
        refineByError();
        _selection.effectiveErrorPixels = std::max(_effectiveError, _options.maxErrorPixels);
        _selection.cutBytes = _used;
        for (const auto root : roots) resolve(root);
        _selection.complete = _selection.load.empty();
        requestBase();
        std::stable_sort(_selection.load.begin(), _selection.load.end(),
                         [](const LoadRequest& a, const LoadRequest& b) { return a.priority > b.priority; });
        _selection.visited = static_cast<std::uint32_t>(_nodes.size());
        return std::move(_selection);
    }

private:
    const Tile& tile(const TileId& id) const { return (*_layers[id.layer].tree)[id.tile]; }
    Presence presence(const TileId& id) const { return _layers[id.layer].presence[id.tile]; }
    std::uint64_t bytes(const TileId& id) const { return _layers[id.layer].bytes[id.tile]; }
    std::uint64_t transientBytes(const TileId& id) const {
        const auto& layer = _layers[id.layer];
        return layer.transientBytes.empty() ? 0 : layer.transientBytes[id.tile];
    }
    void noteMount(const TileId& id) {
        if (tile(id).external && tile(id).childCount > 0) _selection.mounts.push_back(id);
    }
    bool inBase(const TileId& id) const { return std::binary_search(_selection.base.begin(), _selection.base.end(), id); }
    /// Nothing to draw by itself, but something below: always looked through, or there would be a hole.
    bool hollow(const TileId& id) const {
        const auto& t = tile(id);
        return t.childCount > 0 && (!drawable(t) || presence(id) == Presence::failed);
    }

    std::uint64_t visibleViews(const TileId& id, std::uint64_t among) const {
        const auto& t = tile(id);
        std::uint64_t mask = 0;
        for (std::size_t v = 0; v < _views.size() && v < 64; ++v) {
            const auto bit = std::uint64_t{1} << v;
            if (!(among & bit) || !(_views[v].layerMask & layerBit(id.layer))) continue;
            if (touchesPlanes(*_layers[id.layer].tree, t, _planes[v], _views[v].eyeEcef)) mask |= bit;
        }
        return mask;
    }

    double errorOf(const TileId& id, std::uint64_t views) const {
        double most = 0;
        for (std::size_t v = 0; v < _views.size() && v < 64; ++v)
            if (views >> v & 1) most = std::max(most, errorInPixels(tile(id), _views[v].eyeEcef, _pixelsPerMeter[v]));
        return most;
    }

    std::uint32_t addNode(const TileId& id, std::uint64_t views, double urgency, bool standIn) {
        Node node;
        node.id = id;
        node.views = views;
        node.errorPixels = errorOf(id, views);
        node.urgency = urgency;
        node.standIn = standIn;
        _nodes.push_back(node);
        return static_cast<std::uint32_t>(_nodes.size() - 1);
    }

    void findBase() {
        for (std::uint32_t layer = 0; layer < _layers.size(); ++layer) {
            if (!_layers[layer].visible || !_layers[layer].tree || !_layers[layer].base) continue;
            std::vector<TileIndex> open{0}, found;
            const auto mark = _selection.mounts.size();
            for (std::size_t i = 0; i < open.size() && found.size() <= kBaseTilesMost && open.size() < 4096; ++i) {
                const TileId id{layer, open[i]};
                const auto& t = tile(id);
                if (t.request != kNoRequest) continue; // not for every view
                if (drawable(t) && presence(id) != Presence::failed) found.push_back(id.tile);
                else if (t.pending) found.push_back(id.tile);
                else for (std::uint32_t c = 0; c < t.childCount; ++c) open.push_back(t.firstChild + c);
                noteMount(id);
            }
            if (found.size() > kBaseTilesMost || open.size() >= 4096) {
                _selection.mounts.resize(mark);
                _selection.broad.push_back(layer);
                continue;
            }
            std::sort(found.begin(), found.end());
            for (const auto index : found) _selection.base.push_back({layer, index});
        }
    }

    // ---- The cut that is aimed at -------------------------------------------------------------------------------

    /// Takes a node into the cut: hollow ones are looked through at once, others wait for their turn to be refined.
    void plan(std::uint32_t root) {
        std::vector<std::uint32_t> created{root};
        Cost cost;
        lookThrough(created, cost);
        _used += cost.bytes;
        _selection.headroomBytes = std::max(_selection.headroomBytes, cost.transientMost);
        for (const auto node : created) offer(node);
    }

    struct Cost {
        std::uint64_t bytes = 0, transientMost = 0;
    };

    /// Appends what stands behind hollow nodes to `created` and adds up what their contents cost.
    void lookThrough(std::vector<std::uint32_t>& created, Cost& cost) {
        for (std::size_t i = 0; i < created.size(); ++i) {
            const auto at = created[i];
            const auto id = _nodes[at].id;
            if (hollow(id)) {
                addChildren(at, created);
                _nodes[at].refined = true;
            } else if (drawable(tile(id)) && presence(id) != Presence::failed && !inBase(id)) {
                cost.bytes += bytes(id);
                cost.transientMost = std::max(cost.transientMost, transientBytes(id));
            }
        }
    }

    void addChildren(std::uint32_t at, std::vector<std::uint32_t>& created) {
        const auto parent = _nodes[at]; // a copy: the vector grows
        const auto& t = tile(parent.id);
        const bool drawn = drawable(t) && presence(parent.id) != Presence::failed;
        const double urgency = drawn ? parent.errorPixels : parent.urgency;
        const bool standIn = parent.standIn || (drawn && t.refine == Refinement::replace);
        const auto first = static_cast<std::uint32_t>(_nodes.size());
        noteMount(parent.id);
        for (std::uint32_t c = 0; c < t.childCount; ++c) {
            const TileId child{parent.id.layer, t.firstChild + c};
            if (const auto mask = visibleViews(child, parent.views)) created.push_back(addNode(child, mask, urgency, standIn));
        }
        _nodes[at].firstChild = first;
        _nodes[at].childCount = static_cast<std::uint32_t>(_nodes.size()) - first;
    }

    void offer(std::uint32_t at) {
        const auto& node = _nodes[at];
        if (node.refined || tile(node.id).childCount == 0 || node.errorPixels <= _options.maxErrorPixels) return;
        _open.push_back(at);
        std::push_heap(_open.begin(), _open.end(), [this](auto a, auto b) { return later(a, b); });
    }
    bool later(std::uint32_t a, std::uint32_t b) const {
        return _nodes[a].errorPixels != _nodes[b].errorPixels ? _nodes[a].errorPixels < _nodes[b].errorPixels : a > b;
    }

    /// Always the tile whose error is seen most, so that what memory allows goes where it shows.
    void refineByError() {
        std::vector<std::uint32_t> created;
        while (!_open.empty()) {
            std::pop_heap(_open.begin(), _open.end(), [this](auto a, auto b) { return later(a, b); });
            const auto at = _open.back();
            _open.pop_back();
            const auto id = _nodes[at].id;
            const auto mark = _nodes.size();
            created.clear();
            addChildren(at, created);
            Cost cost;
            lookThrough(created, cost);
            const bool replaces = tile(id).refine == Refinement::replace && !inBase(id);
            const auto freed = replaces ? bytes(id) : 0;
            // The parent goes only when its children are there, and the last of these takes more while it is loaded.
            const auto headroom = std::max(_selection.headroomBytes, freed + cost.transientMost);
            const auto after = _used + cost.bytes - std::min(_used + cost.bytes, freed);
            if (after > _options.byteLimit || headroom > _options.byteLimit - after) {
                _nodes.resize(mark);
                _nodes[at].childCount = 0;
                _selection.limited = true;
                _effectiveError = std::max(_effectiveError, _nodes[at].errorPixels);
                continue;
            }
            _used = after;
            _selection.headroomBytes = headroom;
            _nodes[at].refined = true;
            for (const auto child : created) offer(child);
        }
    }

    // ---- What can be drawn of it now ----------------------------------------------------------------------------

    struct Step {
        std::uint32_t node = 0;
        std::uint32_t next = 0;      // child to look at
        std::size_t drawMark = 0;    // length of the draw list when it was entered
        bool childrenCovered = true; // of those looked at
    };

    void emit(const TileId& id, std::uint64_t views) { _selection.draw.push_back({id, views}); }
    /// What is seen comes before what only throws a shadow.
    double priorityOf(const Node& node) const {
        for (std::size_t v = 0; v < _views.size() && v < 64; ++v)
            if ((node.views >> v & 1) != 0 && _views[v].casterRegion.empty()) return node.urgency;
        return 0.5 * node.urgency;
    }
    void want(const Node& node) { _selection.wanted.push_back({node.id, priorityOf(node), false}); }
    void request(const Node& node, bool tileset) { _selection.load.push_back({node.id, priorityOf(node), tileset}); }

    /// Depth first with its own stack, in tile order. A node is covered when what was emitted since it was entered leaves no
    /// hole in it; one that is not covered leaves the matter to the next above that can be drawn whole.
    void resolve(std::uint32_t root) {
        std::vector<Step> stack{{root, 0, _selection.draw.size(), true}};
        bool answer = true; // of the node that was left last
        bool returning = false;
        while (!stack.empty()) {
            Step& step = stack.back();
            const Node& node = _nodes[step.node];
            if (returning) {
                step.childrenCovered = step.childrenCovered && answer;
                returning = false;
            } else if (step.next == 0) {
                enter(node);
                if (!node.refined) {
                    answer = coverLeaf(node);
                    stack.pop_back();
                    returning = true;
                    continue;
                }
            }
            if (step.next < node.childCount) {
                const auto child = node.firstChild + step.next++;
                stack.push_back({child, 0, _selection.draw.size(), true});
                continue;
            }
            answer = leave(node, step);
            stack.pop_back();
            returning = true;
        }
    }

    /// ADD draws the tile itself as well, before its children.
    void enter(const Node& node) {
        const auto& t = tile(node.id);
        if (!node.refined || t.refine != Refinement::add || !drawable(t)) return;
        want(node);
        if (presence(node.id) == Presence::ready) emit(node.id, node.views);
        else if (presence(node.id) == Presence::absent) request(node, false);
    }

    bool leave(const Node& node, const Step& step) {
        const auto& t = tile(node.id);
        const bool drawn = drawable(t) && presence(node.id) != Presence::failed;
        if (!drawn) return step.childrenCovered;
        if (t.refine == Refinement::add) return presence(node.id) == Presence::ready;
        if (step.childrenCovered) return true;
        if (presence(node.id) == Presence::ready) {
            _selection.draw.resize(step.drawMark);
            emit(node.id, node.views);
            _selection.standIns.push_back({node.id, priorityOf(node), false});
            return true;
        }
        request(node, false);
        return false;
    }

    bool coverLeaf(const Node& node) {
        const auto& t = tile(node.id);
        if (t.pending && presence(node.id) != Presence::failed) {
            request(node, true);
            return false;
        }
        if (presence(node.id) == Presence::failed && (drawable(t) || t.external)) return !node.standIn;
        if (!drawable(t)) return true;
        want(node);
        if (presence(node.id) == Presence::ready) {
            emit(node.id, node.views);
            return true;
        }
        request(node, false);
        return _options.finerStandIns && t.refine == Refinement::replace && coverByFiner(node);
    }

    /// What is resident further down, if it leaves no hole. Stops at the first gap.
    bool coverByFiner(const Node& node) {
        const auto mark = _selection.draw.size();
        struct Open {
            TileId id;
            std::uint64_t views;
        };
        std::vector<Open> open;
        const auto push = [&](const TileId& id, std::uint64_t views) {
            const auto& t = tile(id);
            noteMount(id);
            for (auto c = t.childCount; c-- > 0;) { // the last in is the first out: tile order
                const TileId child{id.layer, t.firstChild + c};
                if (const auto mask = visibleViews(child, views)) open.push_back({child, mask});
            }
        };
        if (tile(node.id).childCount == 0) return false;
        push(node.id, node.views);
        while (!open.empty()) {
            const auto [id, views] = open.back();
            open.pop_back();
            const auto& t = tile(id);
            const bool ready = drawable(t) && presence(id) == Presence::ready;
            if (ready) emit(id, views);
            if (ready && t.refine == Refinement::replace) continue;
            const bool gap = t.pending || (drawable(t) && !ready && (t.refine == Refinement::add || t.childCount == 0));
            if (gap) {
                _selection.draw.resize(mark);
                return false;
            }
            push(id, views);
        }
        return true;
    }

    void requestBase() {
        for (const auto& id : _selection.base) {
            const auto& t = tile(id);
            if (presence(id) != Presence::absent && !t.pending) continue;
            if (presence(id) == Presence::failed) continue;
            _selection.complete = _selection.complete && t.pending;
            const bool asked = std::any_of(_selection.load.begin(), _selection.load.end(), [&](const auto& r) { return r.id == id; });
            if (!asked) _selection.load.push_back({id, -1.0, t.pending});
        }
    }

    std::vector<Node>& _nodes;
    std::span<const LayerView> _layers;
    std::span<const ViewState> _views;
    const SelectOptions& _options;
    std::vector<std::span<const geo::Plane>> _planes; // per view
    std::vector<double> _pixelsPerMeter;
    Selection _selection;
    std::vector<std::uint32_t> _open; // heap of nodes that may be refined
    std::uint64_t _used = 0;
    double _effectiveError = 0;
};

Selection TileSelector::select(std::span<const LayerView> layers, std::span<const ViewState> views, const SelectOptions& options) {
    return Run(_nodes, layers, views, options)();
}

} // namespace matou::tiles
