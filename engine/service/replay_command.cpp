#include <cstdio>
#include <random>

#include <CLI/CLI.hpp>

#include "core/file.h"
#include "core/log.h"
#include "live/mqtt_client.h"
#include "live/recording.h"
#include "service/commands.h"
#include "service/options.h"
#include "service/replay.h"
#include "service/series.h"

namespace matou::service {
namespace {

/// Publishes at `speed` times the recorded pace; 0: as fast as it goes.
int publishRecording(const Messages& next, const std::string& url, double speed) {
    const auto address = live::mqtt::parseAddress(url);
    if (!address) return failed(address.error());
    const EndSignal end;
    live::mqtt::ClientOptions options;
    options.address = *address;
    options.clientId = "matou-replay-" + std::to_string(std::random_device{}());
    options.cleanSession = true;
    live::mqtt::Client client(options, {});
    for (int i = 0; i < 100 && !client.connected(); ++i)
        if (end.wait(100)) return 1;
    if (!client.connected()) return failed({"E_MQTT_SILENT", {}, address->shown(), nullptr});

    std::optional<core::Instant> first;
    const auto begun = std::chrono::steady_clock::now();
    std::uint64_t published = 0;
    while (true) {
        auto message = next();
        if (!message) return failed(message.error());
        if (!*message) break;
        if (!first) first = (*message)->received;
        while (speed > 0 && !end.wait(0)) {
            const double due = std::chrono::duration<double>((*message)->received - *first).count() / speed;
            const double left = due - std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count();
            if (left <= 0) break;
            end.wait(static_cast<int>(std::min(left * 1000 + 1, 100.0)));
        }
        while ((client.unsent() > (std::size_t{8} << 20) || client.unconfirmed() > 1000) && !end.wait(5)) {
        }
        if (end.wait(0)) break;
        const bool observation = (*message)->topic.find("/obs/") != std::string::npos;
        // A recording holds what was received; all of it must be received again, so values wait for the connection too.
        while (!client.publish((*message)->topic, (*message)->payload, observation ? 0 : 1) && !end.wait(50)) {
        }
        ++published;
    }
    for (int i = 0; i < 200 && (client.unconfirmed() || client.unsent()); ++i)
        end.wait(50);
    std::printf("published %llu messages\n", static_cast<unsigned long long>(published));
    return 0;
}

} // namespace

int runReplay(const std::vector<std::string>& arguments) {
    std::string file, districtName = "nanmatou", mqtt, log, feed;
    double speed = 1;
    const auto language = languageOf(arguments);
    const auto words = [&](const char* key) { return core::text(language, key, {}); };
    CLI::App app(words("UI_REPLAY_ABOUT"), "matou replay");
    app.add_option("FILE", file, words("UI_REPLAY_FILE"))->required();
    app.add_option("--district", districtName, words("UI_REPLAY_DISTRICT"))->capture_default_str();
    app.add_option("--mqtt", mqtt, words("UI_REPLAY_MQTT"))->type_name("URL");
    app.add_option("--feed", feed, words("UI_REPLAY_FEED"))->type_name("ID");
    app.add_option("--speed", speed, words("UI_REPLAY_SPEED"))->check(CLI::NonNegativeNumber)->capture_default_str();
    app.add_option("--log", log, words("UI_REPLAY_LOG"))->type_name("FILE");
    if (const int status = parse(app, arguments, language); status >= 0) return status;
    std::optional<live::RecordingReader> reader;
    Series series;
    std::size_t at = 0;
    Messages next;
    std::shared_ptr<const district::District> district;
    if (mqtt.empty() || !feed.empty()) {
        auto opened = openDistrict(districtName);
        if (!opened) return failed(opened.error());
        district = std::move(*opened);
    }
    if (feed.empty()) {
        auto opened = live::RecordingReader::open(file);
        if (!opened) return failed(opened.error());
        reader.emplace(std::move(*opened));
        next = [&] { return reader->next(); };
    } else {
        auto read = seriesOf(*district, feed, file);
        if (!read) return failed(read.error());
        series = std::move(*read);
        for (const auto& error : series.errors) core::logWarning(error);
        std::fprintf(stderr, "%zu messages, %zu refused\n", series.messages.size(), series.refused);
        next = [&]() -> core::Result<std::optional<live::Message>> { return at < series.messages.size() ? std::optional(series.messages[at++]) : std::nullopt; };
    }
    if (!mqtt.empty()) return publishRecording(next, mqtt, speed);
    const auto result = replay(district, next);
    if (!result) return failed(result.error());
    if (log.empty())
        std::fputs(result->alarmLog.c_str(), stdout);
    else if (const auto written = core::writeFile(log, result->alarmLog); !written)
        return failed(written.error());
    std::fprintf(stderr, "%llu messages, %llu invalid, %llu events\n",
                 static_cast<unsigned long long>(result->messages), static_cast<unsigned long long>(result->invalid),
                 static_cast<unsigned long long>(result->events));
    return 0;
}

} // namespace matou::service
