#include <cstdio>

#include <CLI/CLI.hpp>

#include "core/log.h"
#include "history/history.h"
#include "service/audit_anchors.h"
#include "service/commands.h"
#include "service/options.h"

namespace matou::service {

int runAudit(const std::vector<std::string>& arguments) {
    std::string verb, file, anchorFile, broker, districtName = "nanmatou";
    const auto language = languageOf(arguments);
    const auto words = [&](const char* key) { return core::text(language, key, {}); };
    CLI::App app(words("UI_AUDIT_ABOUT"), "matou audit");
    app.add_option("VERB", verb, words("UI_AUDIT_VERB"))->required()->check(CLI::IsMember({"verify"}))->type_name("verify");
    app.add_option("FILE", file, words("UI_AUDIT_FILE"))->required();
    app.add_option("--anchors", anchorFile, words("UI_AUDIT_ANCHORS"))->type_name("FILE");
    app.add_option("--mqtt", broker, words("UI_SERVE_MQTT"))->type_name("URL");
    app.add_option("--district", districtName, words("UI_REPLAY_DISTRICT"))->capture_default_str();
    if (const int status = parse(app, arguments, language); status >= 0) return status;

    std::vector<history::AuditAnchor> anchors;
    std::error_code code;
    const std::filesystem::path beside = anchorsOf(file);
    if (!anchorFile.empty() || std::filesystem::exists(beside, code)) {
        auto read = readAnchors(anchorFile.empty() ? beside : std::filesystem::path(anchorFile));
        if (!read) return failed(read.error());
        anchors = std::move(*read);
    }
    if (!broker.empty()) {
        auto head = anchorOfBroker(broker, districtName);
        if (!head) return failed(head.error());
        anchors.push_back(std::move(*head));
    }
    const auto report = history::verifyAudit(file, std::move(anchors));
    if (!report) return failed(report.error());
    for (const auto& finding : report->findings)
        core::logError({finding.code, finding.arguments, file, nullptr});
    std::printf("%s\n", core::text(language, report->findings.empty() ? "UI_AUDIT_SOUND" : "UI_AUDIT_BROKEN",
                                   {std::to_string(report->first), std::to_string(report->last), report->hash, report->lastHash,
                                    std::to_string(report->anchors)})
                            .c_str());
    if (report->findings.empty() && report->anchors == 0) core::logWarning({"W_AUDIT_NO_ANCHORS", {}, file, nullptr});
    return report->findings.empty() ? 0 : 1;
}

} // namespace matou::service
