#include <cmath>
#include <cstdio>
#include <filesystem>
#include <random>

#include <CLI/CLI.hpp>

#include "core/clock.h"
#include "core/log.h"
#include "live/mqtt_client.h"
#include "live/recording.h"
#include "service/commands.h"
#include "service/options.h"
#include "simulate/simulator.h"

namespace matou::service {
namespace {

constexpr double kUsualSeconds = 3600;

/// The day from `begin` as a recording, as fast as it goes.
int record(simulate::Simulator& simulator, core::Instant begin, core::Duration length, const std::string& file) {
    std::error_code ignored;
    std::filesystem::remove(file, ignored); // the writer goes on where a file ends
    auto writer = live::RecordingWriter::open(file);
    if (!writer) return failed(writer.error());
    std::uint64_t count = 0;
    auto written = core::Result<void>();
    const auto write = [&](const simulate::Message& said) {
        live::Message message;
        message.received = std::max(said.at, begin); // what was known before is heard at once
        message.topic = said.topic;
        message.payload = said.payload;
        if (written) written = writer->write(message);
        ++count;
    };
    const EndSignal end;
    simulator.last(begin, write);
    const auto until = begin + length;
    for (auto at = begin; at < until && written && !end.wait(0);) {
        const auto next = std::min(until, at + std::chrono::minutes(1));
        simulator.play(at, next, write);
        at = next;
    }
    if (written) written = writer->flush();
    if (!written) return failed(written.error());
    std::printf("recorded %llu messages to %s\n", static_cast<unsigned long long>(count), file.c_str());
    return end.wait(0) ? 1 : 0;
}

/// The day as it is now, `seconds` long (0: until it is told to end).
int publish(simulate::Simulator& simulator, core::Instant begun, double seconds, const live::mqtt::Address& address) {
    const EndSignal end;
    live::mqtt::ClientOptions options;
    options.address = address;
    options.clientId = "matou-simulate-" + std::to_string(std::random_device{}());
    options.cleanSession = true;
    live::mqtt::ClientCallbacks callbacks;
    callbacks.state = [said = std::string()](bool connected, const core::Error* error) mutable {
        if (connected)
            core::log(core::LogLevel::info, "simulate: connected");
        else if (error && error->code != said)
            core::logError(*error);
        said = error ? error->code : "";
    };
    live::mqtt::Client client(options, callbacks);

    const core::RealClock clock;
    std::uint64_t published = 0, dropped = 0;
    const auto send = [&](const simulate::Message& message) {
        // A broker slower than the day: wait for it rather than fill the memory.
        while (client.unsent() > (std::size_t{8} << 20) && !end.wait(10)) {
        }
        if (client.publish(message.topic, message.payload, message.lasting ? 1 : 0))
            ++published;
        else
            ++dropped;
    };
    auto reached = begun;
    bool greeted = false;
    while (!end.wait(20)) {
        const auto now = clock.now();
        if (seconds > 0 && std::chrono::duration<double>(now - begun).count() >= seconds) break;
        // Whoever listens knows every sensor at once, also after the broker came back.
        if (client.connected() && !greeted) simulator.last(now, send);
        greeted = client.connected();
        simulator.play(reached, now, send);
        reached = now;
    }
    for (int i = 0; i < 100 && client.connected() && (client.unconfirmed() || client.unsent()); ++i)
        end.wait(50);
    std::printf("published %llu messages, %llu dropped while disconnected, %zu unconfirmed\n",
                static_cast<unsigned long long>(published), static_cast<unsigned long long>(dropped),
                client.unconfirmed());
    return published ? 0 : 1;
}

} // namespace

int runSimulate(const std::vector<std::string>& arguments) {
    std::string districtName = "nanmatou", mqtt, recording, time;
    std::vector<std::string> names;
    double rate = 0, duration = 0;
    std::uint64_t seed = 1;
    const auto language = languageOf(arguments);
    const auto words = [&](const char* key) { return core::text(language, key, {}); };
    CLI::App app(words("UI_SIMULATE_ABOUT"), "matou simulate");
    app.add_option("DISTRICT", districtName, words("UI_SIMULATE_DISTRICT"))->capture_default_str();
    app.add_option("--mqtt", mqtt, words("UI_SIMULATE_MQTT"))->type_name("URL");
    app.add_option("--rate", rate, words("UI_SIMULATE_RATE"))->type_name("MSG_PER_S")->check(CLI::NonNegativeNumber);
    const auto* seedOption = app.add_option("--seed", seed, words("UI_SIMULATE_SEED"));
    app.add_option("--duration", duration, words("UI_SIMULATE_DURATION"))
        ->type_name("S")
        ->check([](const std::string& text) { return text.find_first_of("nN") == text.npos ? std::string() : "not a number: " + text; }) // Range lets nan pass
        ->check(CLI::Range(0.0, 31 * 86400.0)); // a month
    app.add_option("--scenario", names, words("UI_SIMULATE_SCENARIO"))->type_name("NAME[:MINUTES]")->allow_extra_args(false);
    app.add_option("--record-feed", recording, words("UI_SIMULATE_RECORD"))->type_name("FILE.jsonl");
    app.add_option("--time", time, words("UI_SIMULATE_TIME"))->type_name("ISO8601");
    if (const int status = parse(app, arguments, language); status >= 0) return status;
    const auto wrong = [](const char* what) {
        core::logError({"E_SERVICE_USAGE", {what}, "matou simulate", nullptr});
        return 2;
    };
    if (mqtt.empty() == recording.empty()) return wrong("--mqtt | --record-feed");
    if (!time.empty() && recording.empty()) return wrong("--time --record-feed");
    core::Instant begun = core::RealClock().now();
    if (!time.empty()) {
        const auto given = core::parseInstant(time);
        if (!given) return wrong("--time");
        begun = *given;
    }

    const auto district = openDistrict(districtName);
    if (!district) return failed(district.error());
    if (!seedOption->count()) seed = (*district)->simulation.seed;
    if (rate == 0) rate = (*district)->simulation.ratePerSecond;
    std::vector<simulate::Course> courses;
    for (const auto& name : names) {
        const auto scenario = simulate::scenarioFrom(name, begun);
        if (!scenario) {
            core::logError(scenario.error());
            return 2;
        }
        auto course = simulate::Course::open(*(*district)->registry, seed, *scenario);
        if (!course) return failed(course.error());
        courses.push_back(std::move(*course));
    }
    simulate::Simulator simulator((*district)->registry, {(*district)->id, seed, rate}, courses);
    if (!recording.empty()) {
        auto length = core::Duration(std::llround((duration > 0 ? duration : names.empty() ? kUsualSeconds : 0) * 1000));
        for (const auto& course : courses)
            if (duration == 0) length = std::max(length, course.scenario().length);
        return record(simulator, begun, length, recording);
    }

    const auto address = live::mqtt::parseAddress(mqtt);
    if (!address) return failed(address.error());
    std::printf("matou simulate: %s to %s, %.0f values a second, seed %llu\n", (*district)->id.c_str(),
                address->shown().c_str(), simulator.rate(), static_cast<unsigned long long>(seed));
    std::fflush(stdout);
    return publish(simulator, begun, duration, *address);
}

} // namespace matou::service
