#pragma once
// A picture's side of `--attach`: keeps a snapshot of the state of a service that runs elsewhere, and sends it commands.

#include <functional>
#include <memory>
#include <string>

#include "command/command.h"
#include "core/clock.h"
#include "core/result.h"
#include "district/district.h"
#include "twin/state_snapshot.h"

namespace matou::service {

/// Two threads of its own: one listens and reconnects for ever, one sends. While nothing is heard, ages go on and a feed named
/// `attach` says so.
class Attached {
public:
    /// E_ATTACH_ADDRESS. `changed` is called on the listening thread with every new snapshot, at least five times a second.
    static core::Result<std::unique_ptr<Attached>> open(const std::string& address, const std::string& token,
                                                        std::shared_ptr<const district::District> district,
                                                        std::function<void(std::shared_ptr<const twin::StateSnapshot>)> changed);
    ~Attached();
    /// Queued; what the service refuses is logged. Picture commands are not for it. Thread: any.
    void send(command::Command command);

private:
    struct Impl;
    explicit Attached(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> _impl;
};

} // namespace matou::service
