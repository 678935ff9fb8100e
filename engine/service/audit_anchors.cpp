#include "service/audit_anchors.h"

#include <cctype>
#include <cerrno>
#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <mutex>
#include <optional>
#include <random>

#include <unistd.h>

#include "core/file.h"
#include "history/history.h"
#include "live/line_file.h"
#include "live/mqtt_client.h"

namespace matou::service {
namespace fs = std::filesystem;

fs::path anchorsOf(const std::string& history) {
    if (!history::isServer(history)) return history + ".anchors";
    std::string name = history;
    for (char& c : name)
        if (!std::isalnum(static_cast<unsigned char>(c))) c = '-';
    const char *state = std::getenv("XDG_STATE_HOME"), *home = std::getenv("HOME");
    const fs::path folder = state && *state ? fs::path(state) : fs::path(home ? home : "/var/lib") / ".local/state";
    return folder / "matou" / (name + ".anchors");
}

core::Result<void> appendAnchor(const fs::path& file, const history::AuditAnchor& anchor) {
    std::error_code ignored;
    if (file.has_parent_path()) fs::create_directories(file.parent_path(), ignored);
    MATOU_CHECK(live::cutUnfinishedLine(file)); // of a disk that was full
    const std::unique_ptr<std::FILE, int (*)(std::FILE*)> out(std::fopen(file.c_str(), "ae"), &std::fclose);
    const std::string line = history::anchorLine(anchor) + "\n";
    if (!out || std::fwrite(line.data(), 1, line.size(), out.get()) != line.size() || std::fflush(out.get()) != 0 ||
        ::fsync(::fileno(out.get())) != 0)
        return core::fail("E_FILE_WRITE", file.string(), {std::strerror(errno)});
    return {};
}

core::Result<std::vector<history::AuditAnchor>> readAnchors(const fs::path& file) {
    MATOU_TRY(text, core::readTextFile(file));
    std::vector<history::AuditAnchor> result;
    std::size_t at = 0;
    for (int line = 1; at < text.size(); ++line) {
        const std::size_t end = text.find('\n', at);
        if (end == std::string::npos) break;
        MATOU_TRY(anchor, history::anchorFromLine(text.substr(at, end - at), file.string() + ":" + std::to_string(line)));
        result.push_back(std::move(anchor));
        at = end + 1;
    }
    return result;
}

core::Result<history::AuditAnchor> anchorOfBroker(const std::string& url, const std::string& district) {
    MATOU_TRY(address, live::mqtt::parseAddress(url));
    live::mqtt::ClientOptions options;
    options.address = address;
    options.clientId = "matou-audit-" + std::to_string(std::random_device{}());
    options.cleanSession = true;
    options.subscriptions = {{"matou/v1/" + district + "/audit/head", 1}};
    std::mutex mutex;
    std::condition_variable arrived;
    std::optional<std::string> payload;
    live::mqtt::ClientCallbacks callbacks;
    callbacks.message = [&](live::mqtt::Received received) {
        const std::lock_guard lock(mutex);
        payload = std::move(received.publish.payload);
        arrived.notify_one();
        return true;
    };
    const live::mqtt::Client client(options, callbacks);
    std::unique_lock lock(mutex);
    if (!arrived.wait_for(lock, std::chrono::seconds(5), [&] { return payload.has_value(); }))
        return core::fail("E_AUDIT_BROKER", address.shown(), {options.subscriptions[0].filter});
    return history::anchorFromLine(*payload, "topic " + options.subscriptions[0].filter);
}

} // namespace matou::service
