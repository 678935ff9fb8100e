#pragma once
// When to ask again for what a server did not give. Pure: times come from outside, in seconds.

#include <cstdint>
#include <limits>
#include <map>
#include <vector>

#include "tiles/selector.h"

namespace matou::stream {

struct RetryTimes {
    /// While the server answers others: before the second round, four times as long before the third. A round is what the
    /// source makes of one request (io::Limits::attempts).
    double soonSeconds = 0.25;
    /// While nothing comes from it (several failures in a row): one tile at a time asks, after this long, then twice as long, up to eight times as long. The
    /// first answer lets all ask again.
    double probeSeconds = 5;
    /// After the third round, and after a body that could not be read: the picture does without it, and it is asked for again.
    double laterSeconds = 45;
};

/// A tile costs a server that is out of order for two minutes at most six requests, and is asked for within a minute of its
/// recovery.
class RetryPlan {
public:
    enum class Failure { passing, broken }; // the server did not give it; what it gave cannot be read
    explicit RetryPlan(const RetryTimes& times = {}) : _times(times) {}

    /// True where the picture should do without it for now.
    bool failed(tiles::TileId id, Failure failure, double now);
    void succeeded(tiles::TileId id, double now);
    /// Whether it may be asked for now. At most one of those that wait for the server is let through, the least tried first: call it
    /// only for what will be asked for then.
    bool mayAsk(tiles::TileId id, double now);
    /// What the picture does without and may be asked for again.
    std::vector<tiles::TileId> due(double now) const;
    void forget(tiles::TileId id) { _troubles.erase(id); }
    bool empty() const { return _troubles.empty(); }

private:
    static constexpr std::uint8_t kRounds = 3, kBrokenMost = 5;
    static constexpr int kOutage = 3; // failures with no success between them: it is the server, not the tile
    static constexpr double kNever = std::numeric_limits<double>::infinity();
    struct Trouble {
        std::uint8_t rounds = 0, broken = 0;
        double waitUntil = 0;
        bool without = false;
    };
    double soon(const Trouble& trouble) const { return trouble.rounds <= 1 ? _times.soonSeconds : 4 * _times.soonSeconds; }

    RetryTimes _times;
    std::map<tiles::TileId, Trouble> _troubles;
    int _failuresInARow = 0;
    double _nextProbe = -kNever, _probeWait = 0;
};

} // namespace matou::stream
