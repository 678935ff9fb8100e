// Makes the stock of buildings what the district's statistics say it is.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <map>

#include "nanmatou/city.h"
#include "nanmatou/random.h"
#include "nanmatou/shares.h"
#include "nanmatou/spacing.h"

namespace matou::importers::nanmatou {

namespace {

double heightFor(const Building& b, int floors) {
    const double storey = b.height > 1 && b.floors > 0 ? (b.height - 0.5) / b.floors : 2.8;
    return floors * storey + 0.5;
}

bool mayRise(const City& city, std::uint32_t id, double height) {
    const Building& b = city.buildings[id];
    for (const auto other : city.index.near(b.footprint, std::max(60.0, 0.6 * height))) {
        if (other == id) continue;
        const Building& o = city.buildings[other];
        if (height > kMultiStoreyLimit && o.form != Form::annex &&
            gapBetween(b.footprint, o.footprint) < (o.height > kMultiStoreyLimit ? 13.0 : 9.0))
            return false;
        if (o.form != Form::slab && o.form != Form::tower && o.form != Form::school) continue;
        if (const double gap = southernGap(b.footprint, o.footprint); gap >= 0 && gap < lawfulGap(height)) return false;
    }
    return true;
}

std::array<int, kStoreyClasses> countClasses(const City& city) {
    std::array<int, kStoreyClasses> counts{};
    for (const auto& b : city.buildings)
        ++counts[static_cast<std::size_t>(storeyClass(b.floors))];
    return counts;
}

void keepOthers(City& city, const std::vector<bool>& gone) {
    std::vector<Building> kept;
    FootprintIndex index;
    for (std::size_t i = 0; i < city.buildings.size(); ++i) {
        if (gone[i]) continue;
        index.add(static_cast<std::uint32_t>(kept.size()), city.buildings[i].footprint);
        kept.push_back(std::move(city.buildings[i]));
    }
    city.buildings = std::move(kept);
    city.index = std::move(index);
}

/// Low buildings in surplus: sheds first, of the use that is most over its share.
void dropSurplus(City& city, Random& random) {
    int tall = 0;
    for (const auto& b : city.buildings)
        tall += storeyClass(b.floors) > 0;
    const int wanted = static_cast<int>(tall / (1.0 - kStoreyShares[0]) * kStoreyShares[0]);
    int low = static_cast<int>(city.buildings.size()) - tall;
    std::map<std::string, std::vector<std::size_t>> byUse;
    std::map<std::string, int> counts;
    for (std::size_t i = 0; i < city.buildings.size(); ++i) {
        ++counts[city.buildings[i].use];
        const Form form = city.buildings[i].form;
        if (form == Form::annex || (form == Form::shop && random.chance(0.6)))
            byUse[city.buildings[i].use].push_back(i);
    }
    for (auto& [use, list] : byUse)
        random.shuffle(list);
    std::vector<bool> gone(city.buildings.size(), false);
    const double total = tall + wanted;
    while (low > wanted) {
        std::string worst;
        double most = -1e9;
        for (const auto& [use, list] : byUse) {
            if (list.empty()) continue;
            const double over = counts[use] / total - shareOfUse(use);
            if (over > most) most = over, worst = use;
        }
        if (worst.empty()) break;
        gone[byUse[worst].back()] = true;
        byUse[worst].pop_back();
        --counts[worst], --low;
    }
    keepOthers(city, gone);
}

/// What neither a street nor a lane reaches could not have been built.
void dropLandlocked(City& city) {
    constexpr double kReach = 14.5;
    FootprintIndex ways;
    std::uint32_t count = 0;
    auto add = [&](const Polyline& line, double width) {
        for (std::size_t i = 0; i + 1 < line.size(); ++i) {
            const glm::dvec2 d = line[i + 1] - line[i];
            ways.add(count, {0.5 * (line[i] + line[i + 1]), glm::length(d), width, std::atan2(d.y, d.x)});
            ++count;
        }
    };
    for (const auto& street : city.place.streets)
        add(street.line, street.rightOfWay());
    for (const auto& lane : city.lanes)
        add(lane.line, lane.width);
    std::vector<bool> gone(city.buildings.size(), false);
    for (std::size_t i = 0; i < city.buildings.size(); ++i) {
        bool reached = city.buildings[i].form == Form::landmark;
        for (const auto way : ways.near(city.buildings[i].footprint, kReach))
            reached = reached || gapBetween(ways[way], city.buildings[i].footprint) <= kReach;
        gone[i] = !reached;
    }
    keepOthers(city, gone);
}

/// Slabs in surplus go, the short ones that filled gaps first: what is left free is the compound's garden.
void thinSlabs(City& city, Random& random) {
    std::vector<std::size_t> slabs;
    int higher = 0, middle = 0;
    for (std::size_t i = 0; i < city.buildings.size(); ++i) {
        const Building& b = city.buildings[i];
        higher += storeyClass(b.floors) > 2;
        middle += storeyClass(b.floors) == 1 || storeyClass(b.floors) == 2;
        if (b.form == Form::slab) slabs.push_back(i);
    }
    random.shuffle(slabs);
    std::stable_sort(slabs.begin(), slabs.end(), [&](std::size_t a, std::size_t b) {
        const bool shortA = city.buildings[a].footprint.length < 20.0 && a % 2 == 0,
                   shortB = city.buildings[b].footprint.length < 20.0 && b % 2 == 0;
        return shortA > shortB;
    });
    // The shares of the source add up to 98.4 %: what is missing is counted here.
    const int wanted = static_cast<int>(std::lround(kBuildings * (kStoreyShares[1] + kStoreyShares[2] + 0.016)));
    // Where there are few towers, some slabs stay in their place.
    const int surplus = middle - wanted -
                        std::max(0, static_cast<int>(kBuildings * (kStoreyShares[3] + kStoreyShares[4])) - higher) / 2;
    std::vector<bool> gone(city.buildings.size(), false);
    for (int i = 0; i < surplus && i < static_cast<int>(slabs.size()); ++i) {
        const Building& b = city.buildings[slabs[static_cast<std::size_t>(i)]];
        gone[slabs[static_cast<std::size_t>(i)]] = true;
        city.greens.push_back(
            {"G-" + std::to_string(city.greens.size() + 1), b.compound + " 中心绿地", {b.footprint.polygon()}, false});
    }
    keepOthers(city, gone);
}

/// Raises up to `count` buildings of the class below to one of `floors`, where the light of their neighbours allows it.
void raise(City& city, Random& random, int fromClass, Form form, int count, const std::vector<int>& floors) {
    std::vector<std::uint32_t> order;
    for (std::uint32_t i = 0; i < city.buildings.size(); ++i)
        if (city.buildings[i].form == form && storeyClass(city.buildings[i].floors) == fromClass) order.push_back(i);
    random.shuffle(order);
    for (const auto i : order) {
        if (count <= 0) return;
        Building& b = city.buildings[i];
        const int wanted = random.pick(floors);
        for (const int f : {wanted, floors.front()}) {
            const double height = heightFor(b, f);
            if (!mayRise(city, i, height)) continue;
            b.height = height;
            b.floors = f;
            --count;
            break;
        }
    }
}

void lower(City& city, Random& random, int fromClass, int count, int low, int high) {
    std::vector<std::uint32_t> order;
    for (std::uint32_t i = 0; i < city.buildings.size(); ++i)
        if (city.buildings[i].form != Form::landmark && storeyClass(city.buildings[i].floors) == fromClass)
            order.push_back(i);
    random.shuffle(order);
    for (const auto i : order) {
        if (count-- <= 0) return;
        Building& b = city.buildings[i];
        const int floors = random.integer(low, high);
        b.height = heightFor(b, floors);
        b.floors = floors;
    }
}

void settleStoreys(City& city, Random& random) {
    const double total = static_cast<double>(city.buildings.size());
    auto lacking = [&](int c) {
        return static_cast<int>(kStoreyShares[static_cast<std::size_t>(c)] * total) -
               countClasses(city)[static_cast<std::size_t>(c)];
    };
    // Over 33 storeys there are eleven.
    const int eleven = kOverThirtyThree - countClasses(city)[5];
    if (eleven < 0)
        lower(city, random, 5, -eleven, 30, 33);
    else
        raise(city, random, 4, Form::tower, eleven, {34, 35, 36});
    if (const int rest = kOverThirtyThree - countClasses(city)[5]; rest > 0)
        raise(city, random, 3, Form::tower, rest, {34, 35});
    if (lacking(4) > 0) raise(city, random, 3, Form::tower, lacking(4), {19, 20, 22, 24, 26});
    if (lacking(4) < 0) lower(city, random, 4, -lacking(4), 14, 18);
    if (lacking(3) < 0) lower(city, random, 3, -lacking(3), 8, 9);
    if (lacking(2) > 0) raise(city, random, 1, Form::slab, lacking(2), {7});
    if (lacking(2) > 0) raise(city, random, 1, Form::works, lacking(2), {7, 8});
    if (lacking(2) < 0) lower(city, random, 2, -lacking(2), 6, 6);
}

int yearOf(const Building& b, Random& random) {
    switch (b.form) {
    case Form::slab:
        return random.chance(0.97) ? random.integer(1981, 1994) : random.integer(1995, 1999);
    case Form::tower:
        return random.chance(0.74) ? random.integer(1986, 1994) : random.integer(1995, 2009);
    case Form::office:
        return random.chance(0.5) ? random.integer(1986, 1994) : random.integer(2004, 2021);
    case Form::house:
        return random.integer(1948, 1983);
    default:
        return random.chance(0.94) ? random.integer(1976, 1994) : random.integer(1996, 2018);
    }
}

} // namespace

void settleShares(City& city, std::uint64_t seed) {
    Random random(seed, "settle");
    dropLandlocked(city);
    thinSlabs(city, random);
    dropSurplus(city, random);
    settleStoreys(city, random);
    for (std::size_t i = 0; i < city.buildings.size(); ++i) {
        Building& b = city.buildings[i];
        char id[16];
        std::snprintf(id, sizeof id, "NM-%05d", static_cast<int>(i) + 1);
        b.id = id;
        if (b.form != Form::landmark) b.year = yearOf(b, random);
        const bool flat = b.form == Form::slab && b.floors <= 7;
        b.pitchedRoof = (flat && random.chance(0.45)) || b.form == Form::house;
        b.addedLift = flat && random.chance(0.14);
    }
}

} // namespace matou::importers::nanmatou
