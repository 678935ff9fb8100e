// What each kind of block holds.
#include "nanmatou/block_filler.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace matou::importers::nanmatou {

namespace {
constexpr const char* kDwelling = "住宅";
constexpr const char* kOffice = "办公";
constexpr const char* kPublic = "公共服务";
constexpr const char* kShop = "商业";
constexpr const char* kSchool = "教育";
} // namespace

void BlockFiller::fillResidential() {
    const double size = area(_area);
    laySpines(_high.x - _low.x > 230.0 ? 2 : 1);
    cornerTowers(static_cast<int>(std::lround(_block.share * size / 10000.0)));
    shopsAlongStreets(0.32);
    Row row{Form::slab, kDwelling, {54.0, 50.0, 44.0, 40.0, 18.0}};
    row.depthLow = 10.0, row.depthHigh = 12.2;
    row.gapLow = 6.4, row.gapHigh = 8.5;
    row.floors = {6, 6, 6, 6, 5, 6, 6, 7};
    rows(row);
    annexes(static_cast<int>(std::lround(size / 2300.0)), kDwelling, 9, 19, 4.2, 1, "附属用房");
    annexes(static_cast<int>(std::lround(size / 16000.0)) + 1, kPublic, 8, 12, 6.5, 2, "居民活动室");
    annexes(static_cast<int>(std::lround(size / 12000.0)) + 1, kPublic, 5, 8, 4.0, 1, "垃圾分类房");
    walls(false);
}

void BlockFiller::fillTowers() {
    const double size = area(_area);
    laySpines(_high.x - _low.x > 260.0 ? 2 : 1);
    shopsAlongStreets(0.22);
    Row row{Form::tower, kDwelling, {34.0, 29.0, 23.0}};
    row.depthLow = 13.0, row.depthHigh = 15.0;
    row.gapLow = 13.2, row.gapHigh = 15.0;
    row.floors = {11, 12, 13, 14, 16, 18, 18, 11};
    row.storey = 2.9;
    rows(row);
    annexes(static_cast<int>(std::lround(size / 4000.0)), kDwelling, 9, 16, 4.6, 1, "附属用房");
    annexes(1, kPublic, 12, 18, 8.0, 2, "居民活动室");
    annexes(static_cast<int>(std::lround(size / 14000.0)) + 1, kPublic, 5, 8, 4.0, 1, "垃圾分类房");
    walls(true);
}

void BlockFiller::fillHighrise() {
    const double size = area(_area);
    laySpines(_high.x - _low.x > 260.0 ? 2 : 1);
    shopsAlongStreets(0.15);
    Row row{Form::tower, kDwelling, {36.0, 30.0, 25.0}};
    row.depthLow = 13.5, row.depthHigh = 15.5;
    row.gapLow = 13.5, row.gapHigh = 16.0;
    row.floors = {20, 22, 24, 26, 28, 30, 32, 34, 36};
    row.storey = 2.95;
    rows(row);
    annexes(static_cast<int>(std::lround(size / 6000.0)), kDwelling, 9, 16, 4.6, 1, "附属用房");
    annexes(2, kPublic, 12, 18, 8.0, 2, "居民活动室");
    walls(true);
}

void BlockFiller::fillOffices() {
    const double size = area(_area);
    _angle = _freeAngle; // along the river or the street: daylight rules for dwellings do not bind here
    _low = glm::dvec2(1e300), _high = glm::dvec2(-1e300);
    for (const auto& p : _block.area.outer)
        _low = glm::min(_low, toLocal(p)), _high = glm::max(_high, toLocal(p));
    laySpines(1);
    Row row{Form::office, kOffice, {56.0, 46.0, 38.0, 26.0}};
    row.depthLow = 23, row.depthHigh = 31;
    row.gapLow = 14, row.gapHigh = 20;
    row.floors = {8, 10, 12, 16, 18, 6};
    row.storey = 3.9;
    row.spacingLow = 20, row.spacingHigh = 26;
    rows(row);
    annexes(static_cast<int>(std::lround(size / 2600.0)), kOffice, 14, 22, 11.0, 2, "配套楼");
    annexes(1, kShop, 10, 16, 8.0, 1, "服务用房");
    annexes(1, kPublic, 5, 8, 5.0, 1, "设备用房");
}

void BlockFiller::fillWorks() {
    const double size = area(_area);
    _angle = _freeAngle;
    _low = glm::dvec2(1e300), _high = glm::dvec2(-1e300);
    for (const auto& p : _block.area.outer)
        _low = glm::min(_low, toLocal(p)), _high = glm::max(_high, toLocal(p));
    laySpines(_high.x - _low.x > 200.0 ? 2 : 1);
    Row row{Form::works, kOffice, {42.0, 34.0, 27.0, 14.5}};
    row.depthLow = 13, row.depthHigh = 18;
    row.gapLow = 7, row.gapHigh = 10;
    row.floors = {2, 3, 3, 4, 5, 2, 8};
    row.storey = 3.6;
    row.spacingLow = 9, row.spacingHigh = 13;
    rows(row);
    annexes(static_cast<int>(std::lround(size / 1700.0)), kOffice, 10, 17, 7.0, 1, "配套用房");
    annexes(1, kPublic, 5, 8, 5.0, 1, "设备用房");
    walls(true);
}

void BlockFiller::fillOldHouses() {
    laySpines(_high.x - _low.x > 120.0 ? 2 : 1);
    shopsAlongStreets(0.5);
    Row row{Form::house, kDwelling, {13.0, 11.0, 9.0}};
    row.depthLow = 7.5, row.depthHigh = 9.0;
    row.gapLow = 1.2, row.gapHigh = 2.0;
    row.floors = {2, 2, 2, 3, 1};
    row.storey = 3.1;
    row.lanes = true;
    rows(row);
    annexes(1, kPublic, 6, 9, 5.0, 1, "公共卫生间");
}

void BlockFiller::fillSchool() {
    laySpines(1);
    // The sports ground first: schools are built around it.
    for (const auto& [length, depth] :
         std::vector<std::pair<double, double>>{{106, 62}, {84, 46}, {62, 36}, {40, 24}, {28, 16}}) {
        bool done = false;
        for (double v = _low.y + 3; v < _high.y - depth && !done; v += 4.0)
            for (double u = _high.x - length - 3; u > _low.x && !done; u -= 4.0) {
                const Footprint f = local(u, v, length, depth);
                bool clear = inside(_inner, f);
                for (const auto& kept : _kept)
                    clear = clear && gapBetween(kept, f) > 1.0;
                for (const auto id : _city.index.near(f, 5.0))
                    clear = clear && gapBetween(_city.buildings[id].footprint, f) > 3.0;
                if (!clear) continue;
                _kept.push_back(f);
                const std::string id = "Y-" + std::to_string(_city.yards.size() + 1);
                _city.yards.push_back({id, _compound + " 操场", length > 60 ? "track" : "pitch", {f.polygon()}});
                done = true;
            }
        if (done) break;
    }
    Row row{Form::school, kSchool, {52.0, 44.0, 36.0, 20.0}};
    row.depthLow = 9, row.depthHigh = 11;
    row.gapLow = 7, row.gapHigh = 10;
    row.floors = {3, 4, 4, 3};
    row.storey = 3.7;
    rows(row);
    annexes(static_cast<int>(std::lround(area(_area) / 1700.0)) + 1, kSchool, 8, 16, 6.0, 1, "附属用房");
    walls(true);
}

void BlockFiller::fillMarket() {
    laySpines(1);
    Row row{Form::hall, kShop, {52.0, 40.0, 30.0, 22.0}};
    row.depthLow = 20, row.depthHigh = 30;
    row.gapLow = 8, row.gapHigh = 10;
    row.floors = {1, 2};
    row.storey = 5.2;
    row.spacingLow = 9, row.spacingHigh = 12;
    rows(row);
    shopsAlongStreets(0.7);
    annexes(3, kShop, 9, 16, 7.0, 1, "商铺");
    fillPaved();
}

void BlockFiller::fillPaved() {
    if (_block.kind == "paved") laySpines(1);
    _city.yards.push_back({"Y-" + std::to_string(_city.yards.size() + 1), _compound, "paving", {_block.area}});
}

void BlockFiller::fillPark() {
    const bool park = _block.kind == "park";
    _city.greens.push_back({"G-" + std::to_string(_city.greens.size() + 1), _compound, {_block.area}, park});
    if (!park) return;
    laySpines(_high.x - _low.x > 120.0 ? 2 : 1);
    annexes(2, kPublic, 7, 11, 5.5, 1, "管理用房");
}

} // namespace matou::importers::nanmatou
