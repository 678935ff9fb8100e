#pragma once
// A member of a Kafka consumer group (librdkafka) that tells the brokers how far it is only when told that the records are stored.

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "core/clock.h"
#include "core/result.h"
#include "live/kafka_url.h"

namespace matou::live::kafka {

struct ConsumerOptions {
    Address address;
    std::string password;   // of address.user
    std::string clientId;   // also the static membership: the same one that comes back takes its partitions at once
    /// false: nothing of this run outlives it, so its place is not kept either, and it begins with what comes from now on.
    bool keepsPlace = true;
    core::Duration commitEvery{500};
};

struct Record {
    std::string topic;
    std::int32_t partition = 0;
    std::int64_t offset = 0;
    std::string key, value;
    bool tombstone = false;  // no value: the key is taken back
    core::Instant stamp{};   // the producer's or the broker's; 0: none
    std::uint64_t token = 0; // for stored()
    /// "kafka TOPIC[PARTITION]@OFFSET"
    std::string where() const;
};

/// How it stands; true in `connected` while any broker answers.
struct ConsumerState {
    bool connected = false;
    core::Error error;       // code empty: none
    std::uint64_t behind = 0; // records that wait in our partitions
};

/// One thread calls all but stored().
class Consumer {
public:
    /// E_KAFKA_CLIENT {reason}: settings or certificates that cannot be used. Brokers that do not answer are no error.
    static core::Result<std::unique_ptr<Consumer>> open(ConsumerOptions options);
    /// Says to the brokers what is stored and leaves the group, within about three seconds.
    ~Consumer();
    Consumer(const Consumer&) = delete;
    Consumer& operator=(const Consumer&) = delete;

    /// The next record, or nothing within `patience`. Call it at least every few seconds, paused or not: it is also what keeps the
    /// membership alive, hands partitions over and commits.
    std::optional<Record> next(core::Duration patience);
    /// Nothing is fetched while paused.
    void pause(bool paused);
    /// The record and what it caused are durable. A token of a partition that went elsewhere does nothing. Thread: any.
    void stored(std::uint64_t token);
    std::size_t open() const;
    const ConsumerState& state() const;

private:
    struct Impl;
    explicit Consumer(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> _impl;
};

} // namespace matou::live::kafka
