#pragma once
// Time is injected: nothing below the programs asks the machine for it.

#include <chrono>
#include <string>
#include <string_view>

#include "core/result.h"

namespace matou::core {

/// UTC, milliseconds.
using Instant = std::chrono::sys_time<std::chrono::milliseconds>;
using Duration = std::chrono::milliseconds;

class Clock {
public:
    virtual ~Clock() = default;
    /// Thread: any.
    virtual Instant now() const = 0;
};

/// The machine's clock.
class RealClock final : public Clock {
public:
    Instant now() const override;
};

/// Stands still until it is told to move. Thread-safe.
class ManualClock final : public Clock {
public:
    explicit ManualClock(Instant start) : _milliseconds(start.time_since_epoch().count()) {}
    Instant now() const override;
    void set(Instant instant);
    void advance(Duration step);

private:
    std::int64_t _milliseconds; // accessed through std::atomic_ref
};

/// RFC 3339 / ISO 8601: "2025-06-15T10:00:00+08:00", "…Z", fractions up to any length (kept to ms). A missing zone is
/// refused: a time without a zone is not an instant. Years 1970..9999.
Result<Instant> parseInstant(std::string_view text);
/// "2025-06-15T02:00:00.000Z".
std::string formatInstant(Instant instant);
/// Beijing time (UTC+8) for people: "2025-06-15 10:00:00".
std::string formatBeijing(Instant instant);

} // namespace matou::core
