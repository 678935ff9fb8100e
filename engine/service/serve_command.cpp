#include <cstdio>

#include <CLI/CLI.hpp>

#include "core/file.h"
#include "core/log.h"
#include "service/commands.h"
#include "service/options.h"
#include "service/service.h"
#include "service/stats.h"

namespace matou::service {

int runServe(const std::vector<std::string>& arguments) {
    std::string districtName = "nanmatou", mqtt, clientId, history, control = "127.0.0.1:8088", token, stats, record;
    double duration = 0;
    const auto language = languageOf(arguments);
    const auto words = [&](const char* key) { return core::text(language, key, {}); };
    CLI::App app(words("UI_SERVE_ABOUT"), "matou serve");
    app.add_option("DISTRICT", districtName, words("UI_SERVE_DISTRICT"))->capture_default_str();
    app.add_option("--mqtt", mqtt, words("UI_SERVE_MQTT"))->type_name("URL");
    app.add_option("--client-id", clientId, words("UI_SERVE_CLIENT"))->type_name("ID");
    app.add_option("--history", history, words("UI_SERVE_HISTORY"))->type_name("FILE.db|postgresql://…");
    app.add_option("--control", control, words("UI_SERVE_CONTROL"))->type_name("ADDR:PORT|none")->capture_default_str();
    app.add_option("--control-token", token, words("UI_SERVE_TOKEN"))->type_name("@FILE|env:NAME");
    std::string tokens;
    app.add_option("--control-tokens", tokens, words("UI_SERVE_TOKENS"))->type_name("FILE");
    app.add_option("--record-feed", record, words("UI_SERVE_RECORD"))->type_name("FILE.jsonl");
    std::string anchors, auditHash = "sha256";
    history::Retention retention;
    app.add_option("--audit-anchors", anchors, words("UI_SERVE_ANCHORS"))->type_name("FILE");
    app.add_option("--audit-hash", auditHash, words("UI_SERVE_AUDIT_HASH"))->check(CLI::IsMember({"sha256", "sm3"}))->capture_default_str();
    app.add_option("--keep-audit", retention.auditDays, words("UI_SERVE_KEEP_AUDIT"))
        ->type_name("DAYS")
        ->check(CLI::Range(history::Retention::kAuditDays, 36525))
        ->capture_default_str();
    app.add_option("--keep-observations", retention.observationDays, words("UI_SERVE_KEEP"))
        ->type_name("DAYS")
        ->check(CLI::Range(1, 36525))
        ->capture_default_str();
    app.add_option("--duration", duration, words("UI_SERVE_DURATION"))->type_name("S")->check(CLI::NonNegativeNumber);
    app.add_option("--stats", stats, words("UI_SERVE_STATS"))->type_name("FILE.json");
    if (const int status = parse(app, arguments, language); status >= 0) return status;

    const auto district = openDistrict(districtName);
    if (!district) return failed(district.error());
    ServiceOptions options;
    options.district = *district;
    options.clock = std::make_shared<core::RealClock>();
    options.mqttUrl = mqtt;
    options.clientId = clientId;
    options.history = history;
    options.control = control;
    options.record = record;
    options.controlTokens = tokens;
    options.anchors = anchors;
    options.auditHash = auditHash;
    options.retention = retention;
    if (!token.empty()) {
        const auto read = readToken(token);
        if (!read) return failed(read.error());
        options.controlToken = *read;
    }
    const EndSignal end;
    auto service = Service::start(std::move(options));
    if (!service) return failed(service.error());
    for (const auto& remark : (*service)->remarks())
        core::logWarning(remark);
    const auto& d = **district;
    std::printf("matou serve: %s (%zu sensors, %zu cameras, %zu projects)\n", d.id.c_str(), d.registry->sensors.size(),
                d.registry->cameras.size(), d.registry->projects.size());
    if (const int port = (*service)->controlPort())
        std::printf("control: http://%s:%d/%s\n", control.substr(0, control.rfind(':')).c_str(), port,
                    token.empty() ? " (reads only: no --control-token)" : "");
    std::fflush(stdout);

    const auto begun = std::chrono::steady_clock::now();
    auto said = begun;
    while (!end.wait(100)) {
        const auto now = std::chrono::steady_clock::now();
        if (duration > 0 && std::chrono::duration<double>(now - begun).count() >= duration) break;
        if (now - said > std::chrono::seconds(60)) {
            said = now;
            const auto snapshot = (*service)->snapshot();
            std::string line;
            for (const auto& feed : snapshot->feeds)
                line += feed.id + ": " + std::to_string(feed.received) + " received, " + std::to_string(feed.invalid) +
                        " invalid; ";
            core::log(core::LogLevel::info, line + std::to_string(snapshot->alarms.size()) + " open alarms");
        }
    }
    (*service)->stop();
    if (!stats.empty())
        if (const auto written = core::writeFile(stats, statsJson(*(*service)->snapshot())); !written)
            return failed(written.error());
    return 0;
}

} // namespace matou::service
