#include "nanmatou/block_filler.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "nanmatou/spacing.h"

namespace matou::importers::nanmatou {

namespace {

constexpr double kDegree = std::numbers::pi / 180.0;
constexpr double kMostFromSouth = 13.5 * kDegree;

/// Fire and daylight gaps between walls, by what stands on either side.
double clearance(Form a, double heightA, Form b, double heightB) {
    auto small = [](Form f) { return f == Form::annex; };
    if (small(a) || small(b)) return 2.5;
    if (a == Form::house && b == Form::house) return 1.0;
    if (a == Form::shop && b == Form::shop) return 0.8;
    const double taller = std::max(heightA, heightB), lower = std::min(heightA, heightB);
    if (taller > kMultiStoreyLimit) return lower > kMultiStoreyLimit ? 13.0 : 9.0;
    return 6.0;
}

double folded(double angle) { // to ±45° of east
    const double quarter = 0.5 * std::numbers::pi;
    return angle - quarter * std::round(angle / quarter);
}

} // namespace

BlockFiller::BlockFiller(City& city, const Block& block, std::string compound, Random random)
    : _city(city), _block(block), _compound(std::move(compound)), _random(random), _area{block.area},
      _inner(grow(_area, -2.2)), _kept(city.reserved) {
    double longest = 0, longestLawful = 0;
    _angle = _random.range(-5, 5) * kDegree;
    const Ring& ring = block.area.outer;
    for (std::size_t i = 0; i < ring.size(); ++i) {
        const glm::dvec2 d = ring[(i + 1) % ring.size()] - ring[i];
        const double length = glm::length(d), angle = folded(std::atan2(d.y, d.x));
        if (length > longest) longest = length, _freeAngle = angle;
        if (length > std::max(25.0, longestLawful) && std::abs(angle) <= kMostFromSouth)
            longestLawful = length, _angle = angle;
    }
    readEdges();
    _low = glm::dvec2(1e300), _high = glm::dvec2(-1e300);
    for (const auto& p : ring) {
        _low = glm::min(_low, toLocal(p));
        _high = glm::max(_high, toLocal(p));
    }
}

glm::dvec2 BlockFiller::toLocal(const glm::dvec2& p) const {
    const glm::dvec2 d = p - _block.area.outer.front();
    return {d.x * std::cos(_angle) + d.y * std::sin(_angle), -d.x * std::sin(_angle) + d.y * std::cos(_angle)};
}

glm::dvec2 BlockFiller::toDistrict(double u, double v) const {
    return _block.area.outer.front() +
           glm::dvec2(u * std::cos(_angle) - v * std::sin(_angle), u * std::sin(_angle) + v * std::cos(_angle));
}

Footprint BlockFiller::local(double u, double v, double length, double depth) const {
    return {toDistrict(u + 0.5 * length, v + 0.5 * depth), length, depth, _angle};
}

bool BlockFiller::insideAt(double u, double v, double margin) const {
    const auto p = toDistrict(u, v);
    return contains(margin > 0 ? _inner : _area, p);
}

void BlockFiller::readEdges() {
    const Ring& ring = _block.area.outer;
    for (std::size_t i = 0; i < ring.size(); ++i) {
        Edge edge{ring[i], ring[(i + 1) % ring.size()]};
        const glm::dvec2 d = edge.b - edge.a;
        if (glm::length(d) < 4.0) continue;
        edge.inward = glm::normalize(glm::dvec2(-d.y, d.x)); // the ring runs counter-clockwise
        const glm::dvec2 middle = 0.5 * (edge.a + edge.b);
        double best = 4.0;
        for (const auto& street : _city.place.streets) {
            const double beyond = distanceTo(street.line, middle) - 0.5 * street.rightOfWay();
            if (beyond < best) best = beyond, edge.street = &street;
        }
        _edges.push_back(edge);
    }
}

bool BlockFiller::place(Form form, const std::string& use, const Footprint& footprint, int floors, double storey,
                        double margin) {
    if (!inside(margin > 0 ? _inner : _area, footprint)) return false;
    const double height = floors * storey + (form == Form::slab || form == Form::tower ? 0.6 : 0.4);
    for (const auto& kept : _kept)
        if (gapBetween(kept, footprint) < 0.6) return false;
    const bool dwelling = form == Form::slab || form == Form::tower || form == Form::school;
    for (const auto id : _city.index.near(footprint, 60.0)) {
        const Building& other = _city.buildings[id];
        if (gapBetween(footprint, other.footprint) < clearance(form, height, other.form, other.height)) return false;
        const bool otherDwelling = other.form == Form::slab || other.form == Form::tower || other.form == Form::school;
        if (dwelling)
            if (const double gap = southernGap(other.footprint, footprint); gap >= 0 && gap < lawfulGap(other.height))
                return false;
        if (otherDwelling)
            if (const double gap = southernGap(footprint, other.footprint); gap >= 0 && gap < lawfulGap(height))
                return false;
    }
    Building b;
    b.form = form;
    b.use = use;
    b.zone = _block.zone;
    b.compound = _compound;
    b.footprint = footprint;
    b.floors = floors;
    b.height = height;
    b.units = std::max(1, static_cast<int>(std::lround(footprint.length / 14.0)));
    b.wallTone = static_cast<std::uint32_t>(_random.next());
    b.roofTone = static_cast<std::uint32_t>(_random.next());
    if (form != Form::annex) ++_number;
    b.name = _compound + " " + std::to_string(_number) + "号";
    _city.index.add(static_cast<std::uint32_t>(_city.buildings.size()), footprint);
    _city.buildings.push_back(std::move(b));
    return true;
}

void BlockFiller::laySpines(int count) {
    const double width = _high.x - _low.x;
    for (int i = 0; i < count; ++i) {
        double u = 0, from = 0, to = 0;
        bool found = false;
        for (int tries = 0; tries < 12 && !found; ++tries) { // clear of landmarks, in one piece
            u = _low.x + width * ((i + 0.5) / count + _random.range(-0.06, 0.06) * (1.0 + 0.5 * tries));
            from = 1e300, to = -1e300;
            for (double v = _low.y; v <= _high.y; v += 0.5)
                if (insideAt(u, v, 0)) from = std::min(from, v), to = std::max(to, v);
            found = to - from >= 25.0;
            for (double v = from; v <= to && found; v += 1.0)
                found = insideAt(u, v, 0);
            const Footprint body = local(u - 3.4, from, 6.8, to - from);
            if (found)
                for (const auto id : _city.index.near(body, 1.0))
                    found = found && gapBetween(_city.buildings[id].footprint, body) > 0.5;
            for (const auto& kept : _kept)
                found = found && gapBetween(kept, body) > 0.5;
        }
        if (!found) continue;
        _city.lanes.push_back({{toDistrict(u, from - 2.5), toDistrict(u, to + 2.5)}, 5.0});
        _kept.push_back(local(u - 3.4, from, 6.8, to - from));
        for (const double v : {from, to}) {
            const glm::dvec2 gate = toDistrict(u, v);
            bool onStreet = false;
            for (const auto& street : _city.place.streets)
                onStreet = onStreet || distanceTo(street.line, gate) < 0.5 * street.rightOfWay() + 4.0;
            if (!onStreet) continue;
            _gates.push_back(gate);
            place(Form::annex, "公共服务", local(u + 4.6, v == from ? v + 1.0 : v - 4.2, 3.0, 3.2), 1, 2.8, 0);
        }
    }
}

void BlockFiller::cornerTowers(int most) {
    std::vector<glm::dvec2> corners;
    for (std::size_t i = 0; i < _edges.size(); ++i) {
        const Edge &a = _edges[i], &b = _edges[(i + 1) % _edges.size()];
        if (!a.street || !b.street || a.street == b.street) continue;
        if (a.street->kind == StreetClass::lane && b.street->kind == StreetClass::lane) continue;
        corners.push_back(a.b + 24.0 * glm::normalize(a.inward + b.inward));
    }
    _random.shuffle(corners);
    for (const auto& corner : corners) {
        if (most <= 0) return;
        const int floors = _random.pick(std::vector<int>{11, 12, 14, 16, 18});
        const double size = _random.range(17.0, 20.5);
        if (place(Form::tower, "住宅", {corner, size + 2.0, size - 3.0, _angle}, floors, 2.9, 1)) --most;
    }
}

void BlockFiller::shopsAlongStreets(double share) {
    for (const auto& edge : _edges) {
        if (!edge.street || edge.street->kind == StreetClass::lane) continue;
        const double length = glm::length(edge.b - edge.a);
        const glm::dvec2 along = (edge.b - edge.a) / length;
        const double depth = _random.range(7.5, 9.5);
        for (double s = 5.0; s < length - 16.0;) {
            const double width = _random.range(12, 22);
            if (!_random.chance(share)) {
                s += width + 6.0;
                continue;
            }
            const glm::dvec2 middle = edge.a + along * (s + 0.5 * width) + edge.inward * (0.5 * depth + 0.7);
            const int floors = _random.chance(0.35) ? 2 : 1;
            if (place(Form::shop, "商业", {middle, width, depth, std::atan2(along.y, along.x)}, floors, 3.6, 0))
                s += width + 1.2;
            else
                s += 4.0;
        }
    }
}

void BlockFiller::rows(const Row& row) {
    double v = _low.y + 2.0;
    while (v < _high.y - row.depthLow) {
        const double depth = _random.range(row.depthLow, row.depthHigh);
        const int floors = _random.pick(row.floors);
        double west = 1e300, east = -1e300;
        for (double u = _low.x; u < _high.x - 8.0;) {
            bool placed = false;
            const double wanted = _random.pick(row.lengths);
            for (const double length : {wanted, *std::min_element(row.lengths.begin(), row.lengths.end())}) {
                if (!place(row.form, row.use, local(u, v, length, depth), floors, row.storey, 1)) continue;
                west = std::min(west, u), east = std::max(east, u + length);
                u += length + _random.range(row.gapLow, row.gapHigh);
                placed = true;
                break;
            }
            if (!placed) u += row.step * 2.0;
        }
        if (east < west) {
            v += 2.0;
            continue;
        }
        const double height = floors * row.storey + 0.6;
        if (row.lanes) {
            rowLane(west, east, v + depth + 3.2);
            v += depth + (row.spacingHigh > 0 ? _random.range(row.spacingLow, row.spacingHigh)
                                              : std::max(lawfulGap(height) * _random.range(1.02, 1.14), 7.0));
        } else {
            v += depth + std::max(_random.range(row.spacingLow, row.spacingHigh),
                                  row.form == Form::tower ? lawfulGap(height) + 1.0 : 0.0);
        }
    }
}

void BlockFiller::rowLane(double west, double east, double v) {
    // Reaches the drives beside the row; a piece for every stretch that lies inside the block.
    for (const auto& kept : _kept) {
        const double u = toLocal(kept.middle).x;
        if (kept.depth > 30.0 && u > west - 60.0 && u < east + 60.0) west = std::min(west, u), east = std::max(east, u);
    }
    auto open = [&](double u) {
        const Footprint probe = local(u - 0.5, v - 1.6, 1.0, 3.2);
        if (!inside(_area, probe)) return false;
        for (const auto id : _city.index.near(probe, 2.0))
            if (gapBetween(_city.buildings[id].footprint, probe) < 0.4) return false;
        return true;
    };
    double from = west;
    for (double u = west; u <= east + 1.0; u += 1.0) {
        if (u <= east && open(u)) continue;
        if (u - from > 9.0) {
            _city.lanes.push_back({{toDistrict(from, v), toDistrict(u - 1.0, v)}, 3.2});
            _kept.push_back(local(from, v - 1.6, u - 1.0 - from, 3.2));
        }
        from = u + 1.0;
    }
}

void BlockFiller::annexes(int count, const char* use, double lengthLow, double lengthHigh, double depth, int floors,
                          const char* what) {
    for (int tries = 0; tries < count * 14 && count > 0; ++tries) {
        if (_edges.empty()) return;
        const Edge& edge = _edges[static_cast<std::size_t>(_random.integer(0, static_cast<int>(_edges.size()) - 1))];
        const double length = glm::length(edge.b - edge.a), wanted = _random.range(lengthLow, lengthHigh);
        if (length < wanted + 6.0) continue;
        const glm::dvec2 along = (edge.b - edge.a) / length;
        const double s = _random.range(3.0 + 0.5 * wanted, length - 3.0 - 0.5 * wanted);
        const Footprint f{edge.a + along * s + edge.inward * (0.5 * depth + 0.8), wanted, depth,
                          std::atan2(along.y, along.x)};
        if (!place(Form::annex, use, f, floors, 2.8, 0)) continue;
        _city.buildings.back().name = _compound + " " + what;
        --count;
    }
}

void BlockFiller::walls(bool railing) {
    Ring ring = _block.area.outer;
    const auto inset = grow(_area, -0.35);
    if (inset.empty()) return;
    ring = largestOf(inset).outer;
    // Walk along the outline in steps and leave out gates and whatever building stands in the line.
    Polyline piece;
    auto flush = [&] {
        if (piece.size() >= 2) _city.walls.push_back({piece, railing ? 1.9 : 2.3, railing});
        piece.clear();
    };
    for (std::size_t i = 0; i < ring.size(); ++i) {
        const glm::dvec2 a = ring[i], b = ring[(i + 1) % ring.size()];
        const int steps = std::max(1, static_cast<int>(std::ceil(glm::length(b - a) / 3.0)));
        for (int s = 0; s < steps; ++s) {
            const glm::dvec2 p = a + (b - a) * (static_cast<double>(s) / steps);
            bool open = false;
            for (const auto& gate : _gates)
                open = open || glm::length(gate - p) < 5.0;
            const Footprint probe{p, 0.5, 0.5, 0};
            for (const auto id : _city.index.near(probe, 3.0))
                open = open || gapBetween(_city.buildings[id].footprint, probe) < 1.6;
            if (open) {
                flush();
                continue;
            }
            // Straight runs keep only their ends.
            if (piece.size() >= 2 && s > 1)
                piece.back() = p;
            else
                piece.push_back(p);
        }
    }
    flush();
}

void BlockFiller::fill() {
    const std::string& kind = _block.kind;
    if (kind == "slabs")
        fillResidential();
    else if (kind == "towers")
        fillTowers();
    else if (kind == "highrise")
        fillHighrise();
    else if (kind == "offices")
        fillOffices();
    else if (kind == "works")
        fillWorks();
    else if (kind == "old")
        fillOldHouses();
    else if (kind == "school")
        fillSchool();
    else if (kind == "market")
        fillMarket();
    else if (kind == "paved")
        fillPaved();
    else
        fillPark();
}

} // namespace matou::importers::nanmatou
