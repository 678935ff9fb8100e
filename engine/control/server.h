#pragma once
// The control API (design/faces, "Control"): one HTTP server on threads of its own. It reads snapshots and history and
// emits Commands; it never changes anything itself.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "command/command.h"
#include "core/result.h"
#include "history/history.h"
#include "twin/state_snapshot.h"

namespace matou::control {

/// What the server asks of the rest. Called on the server's threads.
struct Backend {
    std::string district;
    twin::Name districtName;
    std::vector<std::pair<std::string, twin::Name>> scenes;
    std::function<std::shared_ptr<const twin::StateSnapshot>()> snapshot;
    /// Returns when the command is applied (alarm actions) or queued (the picture's).
    std::function<core::Result<void>(command::Command)> command;
    std::function<core::Result<std::vector<history::StoredEvent>>(const history::EventQuery&)> events;
    /// The state as it was known then; may be empty, as `series`: the history is kept elsewhere.
    std::function<core::Result<twin::StateSnapshot>(core::Instant)> past;
    std::function<core::Result<history::Series>(const history::SeriesQuery&)> series;
    /// PNG bytes; may be empty.
    std::function<core::Result<std::vector<std::byte>>()> screenshot;
    std::function<core::Instant()> now;
    std::string fingerprint; // control::districtFingerprint, for those who attach
};

/// Who holds it is known by name and may do what the role may (module command, permission.h).
struct Token {
    std::string role, name, token;
};
/// Lines "ROLE NAME TOKEN"; empty ones and # comments are skipped. E_CONTROL_TOKENS at FILE:LINE.
core::Result<std::vector<Token>> tokensFromText(const std::string& text, const std::string& where);

struct ServerOptions {
    std::string address; // "127.0.0.1:8088", "[::1]:0"; port 0: any free one
    std::string token;   // of role operator, for everything that changes state; not empty
    std::vector<Token> tokens; // further ones
};

class Server {
public:
    /// Listens when it returns. E_CONTROL_ADDRESS, E_CONTROL_PORT (in use, or not ours to open).
    static core::Result<std::unique_ptr<Server>> start(const ServerOptions& options, Backend backend);
    ~Server();
    int port() const;

    struct Impl;

private:
    explicit Server(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> _impl;
};

} // namespace matou::control
