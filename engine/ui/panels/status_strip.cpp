#include <algorithm>
#include <cmath>
#include <cstdio>

#include "symbology/theme.h"
#include "ui/panels.h"

namespace matou::ui {

namespace {

std::string rateText(const Kit& kit, PanelMemory& memory, const twin::FeedState& feed) {
    auto& rate = memory.rates[feed.id];
    const double since = memory.seconds - rate.seconds;
    if (!rate.known || feed.received < rate.received) {
        rate = {feed.received, memory.seconds, 0, true};
    } else if (since >= 1.0) {
        const double now = static_cast<double>(feed.received - rate.received) / since;
        rate = {feed.received, memory.seconds, rate.perSecond == 0 ? now : rate.perSecond * 0.5 + now * 0.5, true};
    }
    return kit.words("UI_RATE", {std::to_string(static_cast<long>(std::lround(rate.perSecond)))});
}

std::string feedName(const Kit& kit, const twin::FeedState& feed) {
    if (feed.kind == "embedded") return kit.words("UI_FEED_EMBEDDED");
    if (feed.kind == "mqtt") return feed.id == "mqtt" ? "MQTT" : "MQTT " + feed.id;
    return feed.id.empty() ? feed.kind : feed.id;
}

} // namespace

void ageMark(const Kit& kit, glm::vec2 center, float radius, twin::Age age) {
    switch (age) {
    case twin::Age::fresh: kit.circle(center, radius, kit.palette.ink); break;
    case twin::Age::late:
        kit.circle(center, radius, kit.palette.faint);
        kit.ring(center, radius, kit.palette.ink, 1.0f);
        break;
    case twin::Age::stale:
    case twin::Age::lost:
    case twin::Age::never: {
        // Dashed: four arcs.
        const Color color = age == twin::Age::stale ? kit.palette.ink : kit.palette.faint;
        for (int arc = 0; arc < 4; ++arc) {
            std::vector<glm::vec2> points;
            for (int i = 0; i <= 5; ++i) {
                const float a = static_cast<float>(arc) * 1.5708f + static_cast<float>(i) * 0.19f;
                points.push_back(center + radius * glm::vec2(std::cos(a), std::sin(a)));
            }
            kit.polyline(points, color, std::max(1.5f, kit.px(1.5f)));
        }
        break;
    }
    }
}

std::string ageWords(const Kit& kit, twin::Age age, core::Duration since) {
    const auto ago = symbology::ageText(since, kit.language);
    switch (age) {
    case twin::Age::fresh: return kit.words("UI_STATE_FRESH") + " · " + ago;
    case twin::Age::late: return kit.words("UI_AGE_LATE", {ago});
    case twin::Age::stale: return kit.words("UI_AGE_STALE", {ago});
    case twin::Age::lost: return kit.words("UI_AGE_LOST", {symbology::clockSpan(since)});
    case twin::Age::never: break;
    }
    return kit.words("UI_AGE_NEVER");
}

float statusStrip(Kit& kit, const UiModel& model, PanelMemory& memory) {
    const float h = kit.px(38), margin = kit.px(24);
    const Rect strip{0, kit.screen.h - h, kit.screen.w, h};
    kit.fill(strip, kit.palette.plate);
    kit.line({0, strip.y}, {strip.w, strip.y}, withAlpha(kit.palette.stroke, 0.8f), 1.0f);
    kit.covered.push_back({strip.x, strip.y, strip.w, strip.h});
    const float y = strip.y + (h - kit.em(Type::caption)) * 0.5f;

    char figures[160];
    std::snprintf(figures, sizeof figures, "%.0f fps  %.1f ms  %.2f M△  %llu / %llu MiB", model.figures.framesPerSecond, model.figures.frameMs,
                  static_cast<double>(model.figures.triangles) / 1e6, static_cast<unsigned long long>(model.figures.bytesUsed >> 20),
                  static_cast<unsigned long long>(model.figures.bytesBudget >> 20));
    std::string right = figures;
    if (model.figures.tilesLoading > 0) right = kit.words("UI_TILES_LOADING", {std::to_string(model.figures.tilesLoading)}) + "   " + right;
    float limit = strip.w - margin - kit.width(Type::caption, right);
    kit.text(limit, y, Type::caption, kit.palette.faint, right);
    limit -= kit.px(24);

    float x = margin;
    const std::string& words = kit.name(model.notice);
    if (!words.empty()) {
        x += kit.textCut(x, y, strip.w * 0.36f, Type::caption, kit.palette.quiet, words) + kit.px(22);
        kit.line({x, strip.y + kit.px(10)}, {x, strip.bottom() - kit.px(10)}, kit.palette.stroke, 1.0f);
        x += kit.px(22);
    }
    if (!model.state) {
        kit.text(x, y, Type::caption, kit.palette.quiet, kit.words("UI_NO_STATE"));
        return strip.y;
    }
    // What is wrong first: the strip may end before all are named.
    std::vector<const twin::FeedState*> feeds;
    for (const auto& feed : model.state->feeds) feeds.push_back(&feed);
    std::stable_partition(feeds.begin(), feeds.end(), [](const auto* feed) { return !feed->connected || feed->age > twin::Age::late; });
    for (const auto* each : feeds) {
        const auto& feed = *each;
        const auto age = feed.connected ? feed.age : feed.age == twin::Age::never ? twin::Age::never : twin::Age::lost;
        std::string line = feedName(kit, feed) + "  " + ageWords(kit, age, model.now - feed.lastReceived);
        if ((!feed.connected || feed.kind == "attach") && !feed.lastError.empty()) line += "  " + feed.lastError;
        line += "  " + rateText(kit, memory, feed);
        line += "  " + kit.words("UI_INVALID", {std::to_string(feed.invalid)});
        if (x + kit.px(60) > limit) break;
        ageMark(kit, {x + kit.px(5), strip.center().y}, kit.px(5), age);
        x += kit.px(17);
        x += kit.textCut(x, y, limit - x, Type::caption, age == twin::Age::fresh ? kit.palette.quiet : kit.palette.ink, line) + kit.px(28);
    }
    return strip.y;
}

} // namespace matou::ui
