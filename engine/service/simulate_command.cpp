#include <cstdio>
#include <random>

#include <CLI/CLI.hpp>

#include "core/clock.h"
#include "core/log.h"
#include "live/mqtt_client.h"
#include "service/commands.h"
#include "service/options.h"
#include "simulate/simulator.h"

namespace matou::service {

int runSimulate(const std::vector<std::string>& arguments) {
    std::string districtName = "nanmatou", mqtt;
    double rate = 0, duration = 0;
    std::uint64_t seed = 1;
    const auto language = languageOf(arguments);
    const auto words = [&](const char* key) { return core::text(language, key, {}); };
    CLI::App app(words("UI_SIMULATE_ABOUT"), "matou simulate");
    app.add_option("DISTRICT", districtName, words("UI_SIMULATE_DISTRICT"))->capture_default_str();
    app.add_option("--mqtt", mqtt, words("UI_SIMULATE_MQTT"))->type_name("URL")->required();
    app.add_option("--rate", rate, words("UI_SIMULATE_RATE"))->type_name("MSG_PER_S")->check(CLI::NonNegativeNumber);
    const auto* seedOption = app.add_option("--seed", seed, words("UI_SIMULATE_SEED"));
    app.add_option("--duration", duration, words("UI_SIMULATE_DURATION"))
        ->type_name("S")
        ->check(CLI::NonNegativeNumber);
    if (const int status = parse(app, arguments, language); status >= 0) return status;

    const auto district = openDistrict(districtName);
    if (!district) return failed(district.error());
    const auto address = live::mqtt::parseAddress(mqtt);
    if (!address) return failed(address.error());
    if (!seedOption->count()) seed = (*district)->simulation.seed;
    if (rate == 0) rate = (*district)->simulation.ratePerSecond;

    const EndSignal end;
    live::mqtt::ClientOptions options;
    options.address = *address;
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
    simulate::Simulator simulator((*district)->registry, {(*district)->id, seed, rate});
    std::printf("matou simulate: %s to %s, %.0f values a second, seed %llu\n", (*district)->id.c_str(),
                address->shown().c_str(), simulator.rate(), static_cast<unsigned long long>(seed));
    std::fflush(stdout);

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
    const auto begun = clock.now();
    auto reached = begun;
    bool greeted = false;
    while (!end.wait(20)) {
        const auto now = clock.now();
        if (duration > 0 && std::chrono::duration<double>(now - begun).count() >= duration) break;
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

} // namespace matou::service
