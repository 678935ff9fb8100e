// Eighty projects after the kinds of work that the plan notice 浦南办〔2023〕35号 names, 2023-2025. Places, dates and
// sums are made up and believable; nothing here is the real project list.
#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <cstdio>

#include "nanmatou/builder.h"
#include "nanmatou/random.h"
#include "nanmatou/record_parts.h"

namespace matou::importers::nanmatou {

namespace {

using Days = std::chrono::sys_days;
using std::chrono::days;

struct ProjectKind {
    const char *kind, *zh, *en, *department;
    int count, buildDays;
    double budgetLow, budgetHigh;
    char target; // h: a compound's houses, l: low-rise street front, o: offices, g: green, w: water front, s: street,
                 // p: public house
};

// The notice's eight actions, in its order; departments in the form that subdistricts have.
constexpr std::array kKinds{
    ProjectKind{"老旧小区改造", "老旧小区综合改造", "old estate improvement", "社区管理办公室", 12, 270, 800, 2600,
                'h'},
    ProjectKind{"旧住房成套改造", "旧住房成套改造", "completion of old dwellings", "社区管理办公室", 5, 400, 1800, 5200,
                'h'},
    ProjectKind{"加装电梯", "既有住宅加装电梯", "added lifts", "社区自治办公室", 8, 210, 120, 480, 'h'},
    ProjectKind{"平改坡", "屋面平改坡与外立面修缮", "roof and facade repair", "社区管理办公室", 4, 180, 300, 900, 'h'},
    ProjectKind{"城中村改造", "里弄住宅更新", "renewal of lane houses", "项目办", 2, 520, 4200, 9000, 'l'},
    ProjectKind{"公园绿地提升", "公园绿地改造提升", "park upgrade", "社区管理办公室", 6, 200, 260, 980, 'g'},
    ProjectKind{"滨水连通", "滨水界面连通", "water front connection", "项目办", 5, 300, 900, 3600, 'w'},
    ProjectKind{"街道设计样板", "街道空间优化设计样板段", "street design model section", "社区管理办公室", 8, 220, 380,
                1400, 's'},
    ProjectKind{"交通节点优化", "重要交通节点优化", "traffic node improvement", "社区平安办公室", 4, 150, 160, 620,
                's'},
    ProjectKind{"文体设施", "文化体育设施提升", "culture and sport facility", "社区服务办公室", 4, 260, 600, 2200, 'p'},
    ProjectKind{"人才公寓", "精品人才公寓", "talent apartments", "社区党建办公室", 3, 320, 1500, 4200, 'h'},
    ProjectKind{"楼宇空间盘活", "商务楼宇闲置空间盘活", "reuse of vacant office space", "营商环境办公室", 5, 240, 500,
                1800, 'o'},
    ProjectKind{"智能感知", "智能感知点位建设", "sensing points", "城市运行管理中心", 4, 160, 180, 520, 'o'},
    ProjectKind{"平安屋", "平安屋建设", "safe house", "社区平安办公室", 4, 110, 40, 120, 'l'},
    ProjectKind{"全龄友好设施", "一老一小服务设施", "facility for old and young", "社区服务办公室", 6, 200, 220, 860,
                'p'}};

std::string dateText(Days day) {
    const std::chrono::year_month_day d{day};
    char text[16];
    std::snprintf(text, sizeof text, "%04d-%02u-%02u", static_cast<int>(d.year()), static_cast<unsigned>(d.month()),
                  static_cast<unsigned>(d.day()));
    return text;
}

/// The buildings of one place that a project of this kind would touch.
std::vector<const Building*> targetsOf(const City& city, const ProjectKind& kind, Random& random) {
    std::vector<const Building*> seeds;
    for (const auto& b : city.buildings) {
        const bool fits = kind.target == 'h'   ? b.form == Form::slab
                          : kind.target == 'l' ? b.form == Form::house || b.form == Form::shop
                          : kind.target == 'o' ? b.form == Form::office || b.form == Form::works
                          : kind.target == 'p' ? b.use == "公共服务" && b.footprint.area() > 45
                                               : b.form == Form::shop || b.form == Form::slab;
        if (fits) seeds.push_back(&b);
    }
    if (kind.target == 'g') return {};
    const Building* seed = random.pick(seeds);
    const double reach = kind.target == 'h'   ? random.range(70, 130)
                         : kind.target == 's' ? 90.0
                         : kind.target == 'l' ? 60.0
                                              : 45.0;
    std::vector<const Building*> touched;
    for (const auto* b : seeds)
        if (b->compound == seed->compound && glm::length(b->footprint.middle - seed->footprint.middle) < reach)
            touched.push_back(b);
    if (kind.target == 'p') touched = {seed};
    if (touched.size() > 14) touched.resize(14);
    return touched;
}

Polygon around(const std::vector<const Building*>& touched) {
    Ring points;
    for (const auto* b : touched)
        for (const auto& c : b->footprint.corners())
            points.push_back(c);
    const auto grown = grow({convexHull({points, {}})}, 3.0);
    return largestOf(grown);
}

} // namespace

void addProjects(const City& city, std::uint64_t seed, GeoJson& out) {
    using namespace std::chrono;
    Random random(seed, "projects");
    const Days today = sys_days{year{2025} / 6 / 15}, first = sys_days{year{2023} / 1 / 16},
               last = sys_days{year{2025} / 12 / 25};
    int n = 0;
    std::size_t greenAt = 0;
    std::vector<const GreenArea*> greens;
    for (const auto& g : city.greens)
        if (area(g.area) > 900) greens.push_back(&g);
    for (const auto& kind : kKinds)
        for (int k = 0; k < kind.count; ++k) {
            auto touched = targetsOf(city, kind, random);
            Polygon outline;
            std::string where;
            if (kind.target == 'g' && !greens.empty()) {
                const GreenArea& g = *greens[greenAt++ % greens.size()];
                outline = largestOf(grow(g.area, -1.0));
                where = g.name;
            } else if (kind.target == 'w') { // a stretch of the river walk or of the creek's bank
                const bool river = k < 2;
                const Polyline& line = river ? city.place.fairway : city.place.creek;
                const auto all = stations(line, 10.0);
                const auto at = all[static_cast<std::size_t>(static_cast<double>(all.size()) *
                                                             (river ? 0.35 + 0.3 * k : 0.15 + 0.22 * (k - 2)))];
                const auto strip =
                    intersect({rectangle(at.at, 190, 560, -std::atan2(at.along.y, at.along.x) * 57.29578)},
                              river ? city.layout.promenade : city.layout.creekWalk);
                outline = largestOf(grow(strip, 4.0));
                where = river ? "世博滨江" : "白莲泾";
                touched.clear();
            } else if (kind.target == 's') { // with the length of street in front of the houses
                const glm::dvec2 at = touched.front()->footprint.middle;
                const Street* nearest = nullptr;
                double least = 1e300;
                for (const auto& street : city.place.streets)
                    if (const double d = distanceTo(street.line, at); d < least && street.inside)
                        least = d, nearest = &street;
                outline = largestOf(
                    intersect(ribbon(nearest->line, nearest->rightOfWay(), LineCap::flat), {rectangle(at, 240, 240)}));
                where = nearest->nameZh;
            } else {
                outline = around(touched);
                where = touched.front()->compound;
            }
            if (outline.outer.empty() && !touched.empty()) outline = around(touched);
            if (outline.outer.empty()) continue;
            ++n;

            // Four phases before the work, the work itself, acceptance and handing over; starts are staggered over the
            // plan's three years.
            const int span = 30 + 45 + 60 + 50 + kind.buildDays + 40 + 25;
            const int latest = static_cast<int>((last - first).count()) - span;
            Days planned = first + days{random.integer(0, std::max(0, latest))};
            const std::array<std::pair<const char*, int>, 7> steps{{{"储备", 30},
                                                                    {"立项", 45},
                                                                    {"设计", 60},
                                                                    {"招标", 50},
                                                                    {"施工", kind.buildDays},
                                                                    {"验收", 40},
                                                                    {"移交", 25}}};
            const double dice = random.unit();
            int slip = random.integer(-4, 6);
            OrderedJson phases = OrderedJson::array();
            Days actual = planned + days{std::max(0, slip)};
            std::string phase = "储备";
            double done = 0, all = 0;
            bool finished = true;
            const Days plannedFirst = planned;
            for (const auto& [name, length] : steps) {
                const Days end = planned + days{length};
                int taken = length + random.integer(-length / 10, length / 9);
                if (name == std::string("施工") && dice > 0.7) taken += random.integer(35, 95); // some run late
                const Days actualEnd = actual + days{taken};
                OrderedJson p{{"name", name},
                              {"planned_start", dateText(planned)},
                              {"planned_end", dateText(end)},
                              {"actual_start", nullptr},
                              {"actual_end", nullptr}};
                all += length;
                if (actual <= today) {
                    p["actual_start"] = dateText(actual);
                    phase = name;
                    if (actualEnd <= today)
                        p["actual_end"] = dateText(actualEnd), done += length;
                    else
                        done += length * std::clamp(static_cast<double>((today - actual).count()) / taken, 0.0, 1.0),
                            finished = false;
                } else {
                    finished = false;
                }
                slip = static_cast<int>((actualEnd - end).count());
                phases.push_back(std::move(p));
                planned = end;
                actual = actualEnd;
            }
            const char* status = finished                              ? "done"
                                 : dice > 0.97 && today > plannedFirst ? "paused"
                                 : slip > 30                           ? "late"
                                 : slip > 14                           ? "at-risk"
                                                                       : "on-track";
            OrderedJson features = OrderedJson::array();
            for (const auto* b : touched)
                features.push_back("buildings/" + b->id);
            char id[16];
            std::snprintf(id, sizeof id, "P-%03d", n);
            out.polygon(outline,
                        {{"id", id},
                         {"name_zh", where + " " + kind.zh},
                         {"name_en", std::string(kind.en) + " " + id},
                         {"kind", kind.kind},
                         {"department_zh", kind.department},
                         {"zone", city.layout.zoneAt(centroid(outline))},
                         {"features", features},
                         {"budget_wan", std::round(random.range(kind.budgetLow, kind.budgetHigh) / 10.0) * 10.0},
                         {"phases", phases},
                         {"status", status},
                         {"percent", std::round(100.0 * done / all)},
                         {"phase", phase}});
        }
}

} // namespace matou::importers::nanmatou
