#include "district/feeds.h"

#include <cstdio>

namespace matou::district {
namespace {

core::Duration secondsOr(TomlSection& section, std::string_view key, double fallback, double least, double most) {
    return core::Duration(static_cast<std::int64_t>(1000 * section.numberOr(key, fallback, least, most)));
}

/// { word = "text", … }; whole numbers are as good as texts.
std::map<std::string, std::string> textTable(TomlSection& section, std::string_view key) {
    std::map<std::string, std::string> result;
    if (!section.has(key)) return result;
    const toml::node* node = section.node(key);
    const toml::table* table = node ? node->as_table() : nullptr;
    if (!table) {
        section.refuse(key, "a table");
        return result;
    }
    for (const auto& [word, value] : *table) {
        if (const auto text = value.value_exact<std::string>())
            result[std::string(word.str())] = *text;
        else if (const auto number = value.value_exact<std::int64_t>())
            result[std::string(word.str())] = std::to_string(*number);
        else
            section.refuse(key, "a table of texts");
    }
    return result;
}

std::map<std::string, int> severityTable(TomlSection& section, std::string_view key) {
    std::map<std::string, int> result;
    for (const auto& [word, text] : textTable(section, key)) {
        if (text.size() != 1 || text[0] < '1' || text[0] > '4')
            section.refuse(key, "a table of severities from 1 to 4");
        else
            result[word] = text[0] - '0';
    }
    return result;
}

/// "+08:00" in minutes.
int zoneOf(TomlSection& section) {
    const std::string text = section.textOr("zone", "+08:00");
    int hour = 0, minute = 0;
    char sign = 0, more = 0;
    if (std::sscanf(text.c_str(), "%c%2d:%2d%c", &sign, &hour, &minute, &more) != 3 || (sign != '+' && sign != '-') || hour > 14 || minute > 59 || hour < 0 || minute < 0) {
        section.refuse("zone", "an offset from UTC such as +08:00");
        return 480;
    }
    return (sign == '-' ? -1 : 1) * (hour * 60 + minute);
}

twin::FeedMapping mapping(TomlSection& section, const Feed& feed) {
    twin::FeedMapping result;
    result.where = section.where();
    result.topic = section.textOr("topic", "");
    result.kind = section.wordOr("kind", "obs", {"obs", "event", "project", "camera", "case", "flood"});
    result.items = section.textOr("items", "");
    result.fields = textTable(section, "fields");
    result.ids = textTable(section, "ids");
    result.ids.insert(feed.ids.begin(), feed.ids.end());
    result.classes = textTable(section, "classes");
    result.qualities = textTable(section, "qualities");
    for (const auto& [code, word] : result.qualities)
        if (word != "good" && word != "uncertain" && word != "bad") section.refuse("qualities", "a table of good, uncertain and bad");
    result.states = textTable(section, "states");
    result.units = textTable(section, "units");
    result.severities = severityTable(section, "severities");
    result.severityOtherwise = static_cast<int>(section.integerOr("severity_otherwise", 3, 1, 4));
    for (auto& inner : section.tables("rule")) {
        twin::MappingRule rule;
        for (auto& condition : textTable(inner, "when"))
            rule.when.push_back(condition);
        rule.eventClass = inner.text("class");
        rule.severity = static_cast<int>(inner.integerOr("severity", 0, 0, 4));
        inner.finish();
        result.rules.push_back(std::move(rule));
    }
    result.crs = section.textOr("crs", "wgs84");
    result.zoneMinutes = zoneOf(section);
    result.pulled = feed.kind == "http-poll" || feed.kind == "file-drop";
    section.finish();
    return result;
}

VideoPlatform videoPlatform(TomlSection& section) {
    VideoPlatform result;
    result.id = section.text("platform");
    if (result.id.size() != 20 || result.id.find_first_not_of("0123456789") != std::string::npos) section.refuse("platform", "an id of 20 digits");
    result.realm = section.textOr("realm", result.id.substr(0, 10));
    if (result.realm.find_first_of("\"\\\r\n") != std::string::npos) section.refuse("realm", "a domain");
    result.address = section.textOr("address", "");
    result.keepalive = secondsOr(section, "keepalive_s", 60, 0.5, 86400);
    result.catalog = secondsOr(section, "catalog_s", 3600, 10, 86400 * 30);
    result.moving = secondsOr(section, "moving_s", 0, 0, 86400);
    result.digest = section.wordOr("digest", "auto", {"auto", "md5", "sha-256"});
    result.crs = section.textOr("crs", "wgs84");
    result.messagesPerSecond = section.numberOr("messages_per_s", 1000, 1, 1e6);
    if (section.has("north")) {
        const toml::node* node = section.node("north");
        const toml::table* table = node ? node->as_table() : nullptr;
        if (!table) section.refuse("north", "a table of degrees");
        else
            for (const auto& [camera, value] : *table)
                if (const auto degrees = value.value<double>()) result.northDegrees[std::string(camera.str())] = *degrees;
                else section.refuse("north", "a table of degrees");
    }
    section.finish();
    return result;
}

Feed readFeed(TomlSection& section) {
    Feed feed;
    feed.id = section.text("id");
    feed.kind = section.text("kind");
    feed.where = section.where();
    feed.url = section.textOr("url", "");
    feed.secret = section.textOr("secret", "");
    if (!feed.secret.empty() && !feed.secret.starts_with("@") && !feed.secret.starts_with("env:"))
        section.refuse("secret", "@FILE or env:NAME (secrets do not stand in configuration)");
    feed.seed = static_cast<std::uint64_t>(section.integerOr("seed", 1, 0, INT64_MAX));
    feed.interval = secondsOr(section, "interval_s", 60, 0.1, 86400);
    feed.timeout = secondsOr(section, "timeout_s", 10, 0.1, 600);
    const bool polled = feed.kind == "http-poll" || feed.kind == "sensorthings" || feed.kind == "ledger";
    // What is fetched every minute cannot be late after five seconds.
    // A webhook's sender speaks when something happens; 0: silence says nothing of the feed.
    const double expected = polled                       ? std::max(5.0, static_cast<double>(feed.interval.count()) / 1000)
                            : feed.kind == "file-drop" ? 86400.0
                            : feed.kind == "gb28181"   ? 60.0
                            : feed.kind == "webhook"   ? 0.0
                                                       : 5.0;
    feed.expectedInterval = secondsOr(section, "expected_interval_s", expected, 0, 86400 * 30);
    feed.format = section.wordOr("format", "json", {"json", "csv"});
    feed.charset = section.textOr("charset", "");
    const std::string separator = section.wordOr("separator", ",", {",", ";", "\t"});
    feed.separator = separator.empty() ? ',' : separator[0];
    feed.folder = section.textOr("folder", "");
    feed.keepDays = static_cast<int>(section.integerOr("keep_days", 30, 0, 36500));
    feed.envelope = section.booleanOr("envelope", false);
    feed.handOut = section.booleanOr("hand_out", false);
    feed.mqtt = section.textOr("mqtt", "");
    feed.units = textTable(section, "units");
    feed.table = section.textOr("table", "");
    feed.columns = textTable(section, "columns");
    feed.crs = section.textOr("crs", "wgs84");
    feed.ids = textTable(section, "ids");
    if (feed.kind == "gb28181")
        if (auto inner = section.table("video", true)) feed.video = videoPlatform(*inner);
    for (auto& inner : section.tables("mapping"))
        feed.mappings.push_back(mapping(inner, feed));
    section.finish();
    return feed;
}

} // namespace

void readFeeds(TomlSection& root, District& district) {
    for (auto& section : root.tables("feed"))
        district.feeds.push_back(readFeed(section));
    if (auto section = root.table("simulation", false)) {
        district.simulation.ratePerSecond = section->numberOr("rate_per_s", 0, 0, 1e6);
        district.simulation.seed = static_cast<std::uint64_t>(section->integerOr("seed", 1, 0, INT64_MAX));
        section->finish();
    }
    if (district.feeds.empty())
        district.feeds.push_back({"embedded", "embedded", "", "", core::Duration(5000), district.simulation.seed});
}

} // namespace matou::district
