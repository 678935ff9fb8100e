#include "nanmatou/city.h"

#include <cstdio>
#include <map>
#include <numbers>

#include "nanmatou/block_filler.h"
#include "nanmatou/random.h"

namespace matou::importers::nanmatou {

namespace {

std::string numbered(const char* format, int number) {
    char text[64];
    std::snprintf(text, sizeof text, format, number);
    return text;
}

void placeLandmarks(City& city, std::uint64_t seed) {
    Random random(seed, "landmarks");
    for (const auto& mark : city.place.landmarks) {
        Building b;
        b.form = Form::landmark;
        b.name = mark.zh;
        b.use = mark.use;
        b.zone = city.layout.zoneAt(mark.at);
        b.compound = mark.zh;
        b.footprint = {mark.at, mark.length, mark.depth, mark.angleDegrees * std::numbers::pi / 180.0};
        b.floors = mark.floors;
        b.height = mark.height;
        b.year = mark.year;
        b.wallTone = static_cast<std::uint32_t>(random.next());
        b.roofTone = static_cast<std::uint32_t>(random.next());
        if (mark.zh == "南码头历史陈列馆") { // a pocket park lies beside it
            Footprint park = b.footprint;
            park.middle = park.at(20.0, 0.5);
            park.length = 22.0, park.depth = 12.0;
            city.reserved.push_back(park);
            city.greens.push_back({"G-0", "口袋公园(历史陈列馆旁)", {park.polygon()}, true});
        }
        city.index.add(static_cast<std::uint32_t>(city.buildings.size()), b.footprint);
        city.buildings.push_back(std::move(b));
    }
}

/// What a block becomes that no seed names.
std::string defaultKind(const Block& block) {
    const double size = area(block.area);
    const auto thin = grow({block.area}, -11.0);
    if (size < 1800.0 || thin.empty() || area(thin) < 200.0) return "green";
    if (block.zone == "BELT-R") return "offices";
    if (block.zone == "BELT-B") return "works";
    return "slabs";
}

const char* unnamed(const std::string& kind) {
    if (kind == "slabs" || kind == "towers") return "居住小区(示意)%02d";
    if (kind == "offices") return "办公区(示意)%02d";
    if (kind == "works") return "产业园(示意)%02d";
    if (kind == "school") return "学校(示意)%02d";
    if (kind == "old") return "里弄住宅(示意)%02d";
    if (kind == "market") return "菜市场(示意)%02d";
    if (kind == "park") return "公园(示意)%02d";
    if (kind == "paved") return "广场(示意)%02d";
    return "街旁绿地(示意)%02d";
}

} // namespace

const char* nameOf(Form form) {
    switch (form) {
    case Form::slab:
        return "slab";
    case Form::tower:
        return "tower";
    case Form::office:
        return "office";
    case Form::works:
        return "works";
    case Form::hall:
        return "hall";
    case Form::shop:
        return "shop";
    case Form::annex:
        return "annex";
    case Form::house:
        return "house";
    case Form::school:
        return "school";
    case Form::landmark:
        return "landmark";
    }
    return "";
}

void fillBlocks(City& city, std::uint64_t seed) {
    placeLandmarks(city, seed);
    std::map<std::string, int> counts;
    for (std::size_t i = 0; i < city.layout.blocks.size(); ++i) {
        Block& block = city.layout.blocks[i];
        if (block.kind.empty()) block.kind = defaultKind(block);
        if (block.name.empty()) {
            const char* format = unnamed(block.kind);
            block.name = numbered(format, ++counts[format]);
        }
        BlockFiller(city, block, block.name, Random(seed, "block " + std::to_string(i))).fill();
    }
}

} // namespace matou::importers::nanmatou
