#include "service/kafka_feed.h"

#include <algorithm>
#include <map>

#include "live/charset.h"
#include "live/kafka_consumer.h"
#include "service/feed_thread.h"
#include "service/intake.h"
#include "service/options.h"

namespace matou::service {
namespace kafka = live::kafka;
namespace {

constexpr core::Duration kPatience{100};
constexpr std::size_t kOpen = 10000;     // records on their way to the disk; Kafka keeps the others
constexpr core::Duration kKept{5000};    // longer in the broker: its values are as old as they say, not as our reading

/// "city.event" → "event"; empty where it is no canonical one.
std::string kindOf(const std::string& topic) {
    const std::string last = topic.substr(topic.find_last_of("._-") + 1);
    return last == "obs" || last == "event" || last == "project" || last == "camera" || last == "case" || last == "flood" ? last : "";
}

class KafkaFeed final : public FeedAdapter {
public:
    KafkaFeed(FeedContext context, std::map<std::string, Intake> intakes, std::unique_ptr<kafka::Consumer> consumer)
        : _context(std::move(context)), _intakes(std::move(intakes)), _consumer(std::move(consumer)), _thread(*_context.inbox, _context.index) {
        _thread.begin([this] { run(); });
    }
    ~KafkaFeed() override { _thread.end(); }
    void acknowledge(std::uint64_t token) override { _consumer->stored(token); }

private:
    void run() {
        while (!_thread.stopping()) {
            const bool room = _consumer->open() < kOpen && _context.inbox->eventsWaiting(_context.index) < live::Inbox::kEventsHigh;
            _consumer->pause(!room);
            if (auto record = _consumer->next(kPatience)) take(std::move(*record));
            tell();
        }
    }

    void take(kafka::Record record) {
        Intake& intake = _intakes.at(record.topic);
        const core::Instant now = intake.now();
        const bool kept = record.stamp != core::Instant{} && now - record.stamp > kKept;
        std::size_t messages = 0;
        if (record.tombstone) {
            // Nothing here takes back what it once said; the record counts as heard.
        } else if (record.value.size() > live::kMaximumPayload) {
            intake.refuse({"E_PAYLOAD_SIZE", {std::to_string(record.value.size()), std::to_string(live::kMaximumPayload)}, record.where(), nullptr});
        } else if (!intake.mapped()) {
            live::Message message;
            message.topic = "matou/v1/" + _context.district->id + "/" + kindOf(record.topic) + "/" + record.key;
            message.payload = std::move(record.value);
            message.received = now;
            message.retained = kept;
            message.acknowledge = record.token;
            intake.push(std::move(message));
            messages = 1;
        } else {
            messages = mapped(intake, record, kept).messages;
        }
        if (messages == 0) _consumer->stored(record.token); // nothing to wait for
    }

    Intake::Taken mapped(Intake& intake, const kafka::Record& record, bool kept) {
        if (!_context.config.envelope) return intake.take(record.value, record.where(), record.token, kept);
        const auto text = live::toUtf8(record.value, _context.config.charset);
        auto value = core::parseJson(text.utf8, record.where(), {.depth = 31, .bytes = live::kMaximumPayload * 2});
        if (!value) {
            intake.refuse(std::move(value).error());
            return {0, 1, {}};
        }
        core::Json whole = {{"key", live::toUtf8(record.key, "").utf8}, {"topic", record.topic}, {"time", record.stamp.time_since_epoch().count()}};
        whole["value"] = std::move(*value);
        return intake.takeJson(whole, record.where(), record.token, kept);
    }

    /// Twice a second at most: the lane reads it under a lock.
    void tell() {
        const core::Instant now = _context.clock->now();
        if (now - _told < core::Duration(500) && now >= _told) return;
        _told = now;
        const auto& state = _consumer->state();
        live::FeedNotes notes;
        notes.behind = state.behind;
        if (state.connected) notes.heard = now;
        _context.inbox->note(_context.index, std::move(notes));
        if (state.connected && state.error.code.empty()) _thread.connected();
        else if (!state.error.code.empty()) _thread.troubled(state.error);
    }

    FeedContext _context;
    std::map<std::string, Intake> _intakes; // by topic
    std::unique_ptr<kafka::Consumer> _consumer;
    core::Instant _told{};
    FeedThread _thread;
};

} // namespace

std::pair<std::string, std::string> checkKafka(const district::Feed& feed) {
    const auto address = kafka::parseAddress(feed.url);
    if (!address) return {"url", "kafka[s]://HOST:PORT[,…]/TOPIC[,…][?group=…&from=earliest|latest&session=10&user=…&sasl=…&ca=FILE&cert=FILE&key=FILE&crl=FILE]"};
    if (!address->user.empty() && feed.secret.empty()) return {"secret", "@FILE or env:NAME (of " + address->user + ")"};
    for (const auto& topic : address->topics) {
        const bool some = std::any_of(feed.mappings.begin(), feed.mappings.end(), [&](const auto& mapping) { return mapping.topic.empty() || mapping.topic == topic; });
        if (feed.mappings.empty() && kindOf(topic).empty()) return {"mapping", "at least one [[feed.mapping]], or topics that end in obs, event, project or camera"};
        if (!feed.mappings.empty() && !some) return {"mapping", "one for topic " + topic};
    }
    return {};
}

core::Result<std::unique_ptr<FeedAdapter>> openKafka(FeedContext context) {
    kafka::ConsumerOptions options;
    MATOU_TRY(address, kafka::parseAddress(context.config.url));
    options.address = std::move(address);
    options.clientId = context.clientId;
    options.keepsPlace = context.persistent;
    if (options.address.group.empty()) options.address.group = "matou-" + context.district->id;
    // What forgets must not take records away from what keeps them.
    if (!context.persistent) options.address.group += "-" + context.clientId;
    if (!options.address.user.empty()) {
        MATOU_TRY(secret, readToken(context.config.secret));
        options.password = std::move(secret);
    }
    std::map<std::string, Intake> intakes;
    for (const auto& topic : options.address.topics) {
        FeedContext part = context;
        std::erase_if(part.config.mappings, [&](const auto& mapping) { return !mapping.topic.empty() && mapping.topic != topic; });
        MATOU_TRY(intake, Intake::create(part));
        intakes.emplace(topic, std::move(intake));
    }
    MATOU_TRY(consumer, kafka::Consumer::open(std::move(options)));
    return std::unique_ptr<FeedAdapter>(std::make_unique<KafkaFeed>(std::move(context), std::move(intakes), std::move(consumer)));
}

} // namespace matou::service
