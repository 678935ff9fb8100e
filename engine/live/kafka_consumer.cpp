#include "live/kafka_consumer.h"

#include <chrono>
#include <mutex>
#include <thread>

#include <librdkafka/rdkafka.h>

#include "core/json.h"
#include "core/log.h"
#include "live/offset_ledger.h"

namespace matou::live::kafka {
namespace {

using Steady = std::chrono::steady_clock;
constexpr std::chrono::milliseconds kLeaving{2000}; // for what is on its way when partitions go or the program ends

template <auto destroy>
struct Free {
    template <typename T>
    void operator()(T* what) const {
        destroy(what);
    }
};
using Conf = std::unique_ptr<rd_kafka_conf_t, Free<rd_kafka_conf_destroy>>;
using Partitions = std::unique_ptr<rd_kafka_topic_partition_list_t, Free<rd_kafka_topic_partition_list_destroy>>;
using Queue = std::unique_ptr<rd_kafka_queue_t, Free<rd_kafka_queue_destroy>>;
using Taken = std::unique_ptr<rd_kafka_message_t, Free<rd_kafka_message_destroy>>;

Partitions listOf(const std::vector<OffsetLedger::Position>& positions) {
    Partitions list(rd_kafka_topic_partition_list_new(static_cast<int>(positions.size())));
    for (const auto& position : positions)
        rd_kafka_topic_partition_list_add(list.get(), position.topic.c_str(), position.partition)->offset = position.next;
    return list;
}

std::vector<OffsetLedger::Position> positionsOf(const rd_kafka_topic_partition_list_t* list) {
    std::vector<OffsetLedger::Position> positions;
    for (int i = 0; list && i < list->cnt; ++i)
        positions.push_back({list->elems[i].topic, list->elems[i].partition, list->elems[i].offset});
    return positions;
}

} // namespace

std::string Record::where() const {
    return "kafka " + topic + "[" + std::to_string(partition) + "]@" + std::to_string(offset);
}

struct Consumer::Impl {
    ConsumerOptions options;
    rd_kafka_t* client = nullptr;
    bool paused = false;
    bool closing = false;
    ConsumerState state;
    Steady::time_point committed = Steady::now();
    mutable std::mutex mutex; // of `ledger`
    OffsetLedger ledger;

    core::Result<void> configure(rd_kafka_conf_t* conf);
    void commitMoved(bool wait);
    void letFinish();
    void rebalance(rd_kafka_resp_err_t what, rd_kafka_topic_partition_list_t* partitions);
    void readStatistics(const char* json, std::size_t size);
    void setPaused(rd_kafka_topic_partition_list_t* partitions);

    static Impl& of(void* opaque) { return *static_cast<Impl*>(opaque); }
};

core::Result<void> Consumer::Impl::configure(rd_kafka_conf_t* conf) {
    const Address& address = options.address;
    const bool named = !address.user.empty();
    std::string mechanism = address.mechanism;
    for (char& c : mechanism)
        c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    std::vector<std::pair<std::string, std::string>> settings = {
        {"bootstrap.servers", address.brokers},
        {"client.id", options.clientId},
        {"group.id", address.group},
        {"enable.auto.commit", "false"},
        {"enable.auto.offset.store", "false"},
        {"auto.offset.reset", options.keepsPlace && !address.fromLatest ? "earliest" : "latest"},
        {"session.timeout.ms", std::to_string(address.sessionSeconds * 1000)},
        {"heartbeat.interval.ms", std::to_string(address.sessionSeconds * 200)},
        {"partition.assignment.strategy", "range,roundrobin"},
        {"statistics.interval.ms", "500"},
        {"reconnect.backoff.max.ms", "2000"},
        {"topic.metadata.refresh.interval.ms", "30000"},
        {"fetch.message.max.bytes", "4194304"},
        {"queued.max.messages.kbytes", "32768"},
        {"security.protocol", address.tls ? (named ? "sasl_ssl" : "ssl") : named ? "sasl_plaintext" : "plaintext"}};
    if (options.keepsPlace) settings.emplace_back("group.instance.id", options.clientId);
    if (named) {
        settings.emplace_back("sasl.mechanisms", mechanism);
        settings.emplace_back("sasl.username", address.user);
        settings.emplace_back("sasl.password", options.password);
    }
    if (address.tls) settings.emplace_back("ssl.endpoint.identification.algorithm", "https");
    for (const auto& [key, file] : {std::pair("ssl.ca.location", address.certificates.authorities), std::pair("ssl.crl.location", address.certificates.revoked),
                                    std::pair("ssl.certificate.location", address.certificates.certificate), std::pair("ssl.key.location", address.certificates.key)})
        if (!file.empty()) settings.emplace_back(key, file);
    char reason[512] = "";
    for (const auto& [key, value] : settings)
        if (rd_kafka_conf_set(conf, key.c_str(), value.c_str(), reason, sizeof reason) != RD_KAFKA_CONF_OK)
            return core::fail("E_KAFKA_CLIENT", address.brokers, {key == "sasl.password" ? key : std::string(reason)});

    rd_kafka_conf_set_opaque(conf, this);
    rd_kafka_conf_set_log_cb(conf, [](const rd_kafka_t*, int, const char*, const char*) {}); // errors come by the callback below
    rd_kafka_conf_set_error_cb(conf, [](rd_kafka_t* client, int code, const char* text, void* opaque) {
        Impl& impl = of(opaque);
        char fatal[512];
        const bool over = code == RD_KAFKA_RESP_ERR__FATAL && rd_kafka_fatal_error(client, fatal, sizeof fatal) != RD_KAFKA_RESP_ERR_NO_ERROR;
        if (code == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN) impl.state.connected = false;
        impl.state.error = {"E_KAFKA_BROKER", {over ? fatal : text}, impl.options.address.brokers, nullptr};
    });
    rd_kafka_conf_set_rebalance_cb(conf, [](rd_kafka_t*, rd_kafka_resp_err_t what, rd_kafka_topic_partition_list_t* partitions, void* opaque) {
        of(opaque).rebalance(what, partitions);
    });
    rd_kafka_conf_set_offset_commit_cb(conf, [](rd_kafka_t*, rd_kafka_resp_err_t failed, rd_kafka_topic_partition_list_t* offsets, void* opaque) {
        if (failed == RD_KAFKA_RESP_ERR_NO_ERROR || failed == RD_KAFKA_RESP_ERR__NO_OFFSET) return;
        Impl& impl = of(opaque);
        const std::lock_guard lock(impl.mutex);
        impl.ledger.again(positionsOf(offsets));
    });
    rd_kafka_conf_set_stats_cb(conf, [](rd_kafka_t*, char* json, std::size_t size, void* opaque) {
        of(opaque).readStatistics(json, size);
        return 0; // the text stays the library's
    });
    return {};
}

/// Which brokers answer and how much waits, as the library knows it.
void Consumer::Impl::readStatistics(const char* json, std::size_t size) {
    const auto parsed = core::parseJson({json, size}, "librdkafka statistics", {.depth = 16, .bytes = std::size_t{16} << 20});
    if (!parsed || !parsed->is_object()) return;
    bool up = false;
    if (const auto brokers = parsed->find("brokers"); brokers != parsed->end())
        for (const auto& broker : *brokers)
            up = up || broker.value("state", "") == "UP";
    state.connected = up;
    if (up && state.error.code == "E_KAFKA_BROKER") state.error = {};
    std::uint64_t behind = 0;
    if (const auto topics = parsed->find("topics"); topics != parsed->end())
        for (const auto& topic : *topics)
            if (const auto partitions = topic.find("partitions"); partitions != topic.end())
                for (const auto& partition : *partitions)
                    behind += static_cast<std::uint64_t>(std::max<std::int64_t>(0, partition.value("consumer_lag", std::int64_t{-1})));
    state.behind = behind;
}

/// `wait`: until the brokers have it, but no longer than kLeaving: they may be gone.
void Consumer::Impl::commitMoved(bool wait) {
    committed = Steady::now();
    if (!options.keepsPlace) return;
    std::vector<OffsetLedger::Position> moved;
    {
        const std::lock_guard lock(mutex);
        moved = ledger.takeMoved();
    }
    if (moved.empty()) return;
    const Partitions offsets = listOf(moved);
    if (!wait) {
        if (rd_kafka_commit(client, offsets.get(), 1) != RD_KAFKA_RESP_ERR_NO_ERROR) {
            const std::lock_guard lock(mutex);
            ledger.again(moved);
        }
        return;
    }
    const Queue answer(rd_kafka_queue_new(client));
    if (rd_kafka_commit_queue(client, offsets.get(), answer.get(), [](rd_kafka_t*, rd_kafka_resp_err_t, rd_kafka_topic_partition_list_t*, void*) {}, nullptr) == RD_KAFKA_RESP_ERR_NO_ERROR)
        rd_kafka_queue_poll_callback(answer.get(), static_cast<int>(kLeaving.count()));
}

/// What was handed out is likely to be stored in a moment; what is not then comes again, and is known.
void Consumer::Impl::letFinish() {
    const auto until = Steady::now() + kLeaving / 2;
    while (Steady::now() < until) {
        {
            const std::lock_guard lock(mutex);
            if (ledger.open() == 0) return;
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
}

void Consumer::Impl::setPaused(rd_kafka_topic_partition_list_t* partitions) {
    if (paused) rd_kafka_pause_partitions(client, partitions);
    else rd_kafka_resume_partitions(client, partitions);
}

void Consumer::Impl::rebalance(rd_kafka_resp_err_t what, rd_kafka_topic_partition_list_t* partitions) {
    if (what == RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS) {
        rd_kafka_assign(client, partitions);
        if (paused) setPaused(partitions);
        return;
    }
    // Another has them already: only it may say how far they are.
    const bool lost = rd_kafka_assignment_lost(client) != 0;
    if (!lost && !closing) letFinish();
    if (!lost) commitMoved(true);
    {
        const std::lock_guard lock(mutex);
        for (int i = 0; i < partitions->cnt; ++i)
            ledger.forget(partitions->elems[i].topic, partitions->elems[i].partition);
    }
    rd_kafka_assign(client, nullptr);
}

Consumer::Consumer(std::unique_ptr<Impl> impl) : _impl(std::move(impl)) {}

core::Result<std::unique_ptr<Consumer>> Consumer::open(ConsumerOptions options) {
    auto impl = std::make_unique<Impl>();
    impl->options = std::move(options);
    const Address& address = impl->options.address;
    Conf conf(rd_kafka_conf_new());
    MATOU_CHECK(impl->configure(conf.get()));
    char reason[512] = "";
    impl->client = rd_kafka_new(RD_KAFKA_CONSUMER, conf.get(), reason, sizeof reason);
    if (!impl->client) return core::fail("E_KAFKA_CLIENT", address.brokers, {reason});
    (void)conf.release(); // the client's now
    rd_kafka_poll_set_consumer(impl->client);
    const Partitions wanted(rd_kafka_topic_partition_list_new(static_cast<int>(address.topics.size())));
    for (const auto& topic : address.topics)
        rd_kafka_topic_partition_list_add(wanted.get(), topic.c_str(), RD_KAFKA_PARTITION_UA);
    const auto subscribed = rd_kafka_subscribe(impl->client, wanted.get());
    std::unique_ptr<Consumer> consumer(new Consumer(std::move(impl)));
    if (subscribed != RD_KAFKA_RESP_ERR_NO_ERROR) return core::fail("E_KAFKA_CLIENT", consumer->_impl->options.address.brokers, {rd_kafka_err2str(subscribed)});
    return consumer;
}

Consumer::~Consumer() {
    Impl& impl = *_impl;
    impl.closing = true;
    const Queue last(rd_kafka_queue_new(impl.client));
    // Brokers that are away cannot be told: they give the partitions to others when the session is over, and what was stored comes again.
    rd_kafka_error_t* refused = impl.state.connected ? rd_kafka_consumer_close_queue(impl.client, last.get()) : nullptr;
    if (refused) rd_kafka_error_destroy(refused);
    const auto until = Steady::now() + kLeaving;
    while (impl.state.connected && !rd_kafka_consumer_closed(impl.client) && Steady::now() < until) {
        const Taken left(rd_kafka_consume_queue(last.get(), 50)); // the revocation, which commits, is called from here
    }
    rd_kafka_destroy_flags(impl.client, RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE);
}

std::optional<Record> Consumer::next(core::Duration patience) {
    Impl& impl = *_impl;
    if (Steady::now() - impl.committed >= impl.options.commitEvery) impl.commitMoved(false);
    const Taken message(rd_kafka_consumer_poll(impl.client, static_cast<int>(patience.count())));
    if (!message) return std::nullopt;
    if (message->err) {
        if (message->err != RD_KAFKA_RESP_ERR__PARTITION_EOF)
            impl.state.error = {"E_KAFKA_TOPIC", {rd_kafka_message_errstr(message.get())}, impl.options.address.brokers, nullptr};
        return std::nullopt;
    }
    if (impl.state.error.code == "E_KAFKA_TOPIC") impl.state.error = {};
    impl.state.connected = true;
    Record record;
    record.topic = rd_kafka_topic_name(message->rkt);
    record.partition = message->partition;
    record.offset = message->offset;
    if (message->key) record.key.assign(static_cast<const char*>(message->key), message->key_len);
    if (message->payload) record.value.assign(static_cast<const char*>(message->payload), message->len);
    record.tombstone = !message->payload;
    rd_kafka_timestamp_type_t kind;
    const std::int64_t stamp = rd_kafka_message_timestamp(message.get(), &kind);
    if (kind != RD_KAFKA_TIMESTAMP_NOT_AVAILABLE && stamp > 0) record.stamp = core::Instant(core::Duration(stamp));
    const std::lock_guard lock(impl.mutex);
    record.token = impl.ledger.begin(record.topic, record.partition, record.offset);
    return record;
}

void Consumer::pause(bool paused) {
    if (_impl->paused == paused) return;
    _impl->paused = paused;
    rd_kafka_topic_partition_list_t* given = nullptr;
    if (rd_kafka_assignment(_impl->client, &given) != RD_KAFKA_RESP_ERR_NO_ERROR || !given) return;
    const Partitions assigned(given);
    _impl->setPaused(assigned.get());
}

void Consumer::stored(std::uint64_t token) {
    const std::lock_guard lock(_impl->mutex);
    _impl->ledger.done(token);
}

std::size_t Consumer::open() const {
    const std::lock_guard lock(_impl->mutex);
    return _impl->ledger.open();
}

const ConsumerState& Consumer::state() const {
    return _impl->state;
}

} // namespace matou::live::kafka
