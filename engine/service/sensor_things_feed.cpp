#include "service/sensor_things_feed.h"

#include <algorithm>
#include <atomic>
#include <map>
#include <mutex>
#include <vector>

#include "live/http_fetch.h"
#include "live/mqtt_client.h"
#include "live/sensor_things.h"
#include "service/feed_thread.h"
#include "service/http_poll_feed.h"
#include "service/intake.h"
#include "service/options.h"

namespace matou::service {
namespace sta = live::sta;
namespace {

constexpr std::size_t kDatastreams = 20000, kPages = 10000, kListBytes = 256u << 20; // of all that is kept of one list
constexpr core::Duration kLook{100}, kRest{500};
constexpr core::Duration kOverlap{120000}; // asked for again: clocks differ, and what is measured is not there at once

twin::FeedMapping usual() {
    twin::FeedMapping mapping;
    mapping.fields = {{"id", "/sensor"}, {"ts", "/time"}, {"value", "/result"}, {"unit", "/unit"}, {"q", "/quality"}};
    return mapping;
}

/// Which observations were handed on: the last ones of each datastream. Thread-safe.
class Known {
public:
    /// false: heard before.
    bool first(const std::string& datastream, std::uint64_t identity) {
        if (identity == 0) return true;
        const std::lock_guard lock(_mutex);
        Ring& ring = _rings[datastream];
        if (std::find(ring.keys.begin(), ring.keys.end(), identity) != ring.keys.end()) return false;
        if (ring.keys.size() < kKept) ring.keys.push_back(identity);
        else ring.keys[ring.next++ % kKept] = identity;
        return true;
    }
    /// Of what is no longer listed nothing is kept.
    template <typename Table>
    void keep(const Table& listed) {
        const std::lock_guard lock(_mutex);
        std::erase_if(_rings, [&](const auto& ring) { return !listed.contains(ring.first); });
    }

private:
    static constexpr std::size_t kKept = 256; // more than kOverlap holds at two a second
    struct Ring {
        std::vector<std::uint64_t> keys;
        std::size_t next = 0;
    };
    std::mutex _mutex;
    std::map<std::string, Ring> _rings;
};

class SensorThingsFeed final : public FeedAdapter {
public:
    SensorThingsFeed(FeedContext context, Intake asked, Intake told, live::Fetch fetch)
        : _context(std::move(context)), _asked(std::move(asked)), _told(std::move(told)), _fetch(std::move(fetch)), _root(_fetch.url),
          _topics(_root.substr(_root.rfind('/') + 1) + "/"), _thread(*_context.inbox, _context.index) {
        _thread.begin([this] { run(); });
    }
    ~SensorThingsFeed() override {
        _thread.end();
        _broker.reset();
    }

private:
    using Table = std::map<std::string, sta::Datastream>; // by key

    void run() {
        core::Duration failing{}; // the pause after failures; 0: the last round was good
        do {
            if (!_thread.waitForRoom()) return;
            const core::Instant begun = _context.clock->now();
            const bool good = round();
            _rest = std::max(kRest, 4 * (_context.clock->now() - begun));
            failing = good ? core::Duration{} : std::clamp(failing * 2, core::Duration(1000), std::max(core::Duration(1000), std::min(_context.config.interval, core::Duration(60000))));
        } while (waitFor(failing > core::Duration{} ? failing : _context.config.interval));
    }

    /// Until it is time, or the broker gave a reason to ask again – however many it gives, the service has to answer a fifth of the time at
    /// most. false: told to end.
    bool waitFor(core::Duration pause) {
        for (core::Duration waited{}; waited < pause && !(waited >= _rest && _again.exchange(false)); waited += kLook)
            if (!_thread.wait(kLook)) return false;
        return !_thread.stopping();
    }

    bool round() {
        const core::Instant begun = _context.clock->now();
        const bool listed = list();
        if (listed && !_context.config.mqtt.empty()) subscribe();
        // What lay before the first look is history; the newest value of each is the state. Later nothing may be missing.
        const std::string wanted = _upTo == core::Instant{} ? "$orderby=phenomenonTime desc;$top=1"
                                                            : "$filter=phenomenonTime gt " + core::formatInstant(_upTo) + ";$orderby=phenomenonTime asc;$top=500";
        if (!listed || !ask("Datastreams?$expand=Observations(" + wanted + ")&$orderby=id asc&$top=500", [&](sta::Page::Entry& entry) { return values(entry); })) return false;
        _upTo = begun - kOverlap;
        if (_context.config.mqtt.empty()) _thread.connected();
        return true;
    }

    /// Every datastream, page by page. false: the service failed, which is said. With `bytes`: answers are kept, and not more than kListBytes of them.
    template <typename Take>
    bool ask(const std::string& query, Take take, std::size_t* bytes = nullptr) {
        std::string url = _root + "/" + sta::queryEncoded(query);
        for (std::size_t pages = 0; !url.empty(); ++pages) {
            if (pages >= kPages) return failed({"E_STA_PAGES", {std::to_string(kPages)}, live::withoutSecrets(_root), nullptr});
            auto body = get(url);
            if (!body) return failed(body.error());
            if (bytes != nullptr && (*bytes += _gotBytes) > kListBytes) return failed({"E_STA_PAGES", {std::to_string(kListBytes >> 20) + " MiB"}, live::withoutSecrets(_root), nullptr});
            auto page = sta::readDatastreams(std::move(*body), live::withoutSecrets(url));
            if (!page) return failed(page.error());
            for (auto& error : page->refused) _asked.refuse(std::move(error));
            for (auto& entry : page->entries)
                if (!take(entry)) return false;
            if (page->next.empty()) break;
            auto next = sta::linkBelow(_root, page->next);
            if (!next) return failed(next.error());
            if (*next == url) return failed({"E_STA_LINK", {page->next.substr(0, 200)}, live::withoutSecrets(_root), nullptr});
            url = std::move(*next);
        }
        live::FeedNotes heard;
        heard.heard = _context.clock->now();
        _context.inbox->note(_context.index, heard);
        return true;
    }

    core::Result<core::Json> get(const std::string& url) {
        live::Fetch wanted = _fetch;
        wanted.url = url;
        MATOU_TRY(answer, live::fetch(wanted, _thread.stopping()));
        _gotBytes = answer.body.size();
        return core::parseJson(answer.body, live::withoutSecrets(url), {.depth = 32, .bytes = wanted.limitBytes});
    }

    /// While the broker speaks, a service that cannot be asked is no loss of the feed.
    bool failed(core::Error error) {
        if (_thread.stopping()) return false;
        if (!_linked) {
            _thread.troubled(error);
            return false;
        }
        live::FeedNotes notes;
        notes.error = std::move(error);
        _context.inbox->note(_context.index, std::move(notes));
        return false;
    }

    bool list() {
        Table table;
        std::size_t bytes = 0;
        const bool done = ask("Datastreams?$expand=Thing,ObservedProperty&$orderby=id asc&$top=500", [&](sta::Page::Entry& entry) {
            if (table.size() >= kDatastreams) return failed({"E_STA_PAGES", {std::to_string(kDatastreams)}, live::withoutSecrets(_root), nullptr});
            table.insert_or_assign(entry.datastream.key, std::move(entry.datastream));
            return true;
        }, &bytes);
        if (!done) return false;
        _known.keep(table);
        const std::lock_guard lock(_mutex);
        _table = std::make_shared<const Table>(std::move(table));
        return true;
    }

    std::shared_ptr<const Table> table() {
        const std::lock_guard lock(_mutex);
        return _table;
    }

    /// A new connection where the datastreams are others than before; it is waited for, a moment.
    void subscribe() {
        std::vector<live::mqtt::Subscription> wanted = {{_topics + "Datastreams", 1}};
        for (const auto& [key, datastream] : *table())
            wanted.push_back({_topics + "Datastreams(" + key + ")/Observations", 1});
        if (_broker && wanted.size() == _subscribed.size() &&
            std::equal(wanted.begin(), wanted.end(), _subscribed.begin(), [](const auto& a, const auto& b) { return a.filter == b.filter; }))
            return;
        _broker.reset();
        _linked = _brokeOff = false;
        _subscribed = wanted;
        auto address = live::mqtt::parseAddress(_context.config.mqtt);
        if (!address) return _thread.troubled(address.error()); // its secret went away
        live::mqtt::ClientOptions options;
        options.address = std::move(*address);
        options.clientId = _context.clientId;
        options.cleanSession = true;
        options.confirmAtOnce = true; // values, as those of the other feeds at QoS 0; what a break loses the next round asks for
        options.subscriptions = std::move(wanted);
        live::mqtt::ClientCallbacks callbacks;
        callbacks.message = [this](live::mqtt::Received received) { return tell(std::move(received)); };
        callbacks.subscribed = [this] { _linked = true; };
        callbacks.state = [this](bool connected, const core::Error* error) {
            if (connected) _thread.connected();
            else if (error) _thread.troubled(*error);
            // What was told to nobody is asked for, once somebody listens again.
            if (connected && _brokeOff.exchange(false)) _again = true;
            if (!connected) {
                _linked = false;
                _brokeOff = true;
            }
        };
        _broker = std::make_unique<live::mqtt::Client>(std::move(options), std::move(callbacks));
        for (int i = 0; i < 50 && !_linked; ++i)
            if (!_thread.wait(kLook)) return;
        // Too late for this round: what came before the subscription is in the next one.
        if (!_linked) _brokeOff = true;
    }

    /// On the broker's thread.
    bool tell(live::mqtt::Received received) {
        const std::string& topic = received.publish.topic;
        const std::string where = "topic " + topic.substr(0, 200);
        if (const auto key = sta::datastreamOfTopic(topic)) {
            const auto known = table();
            const auto datastream = known->find(*key);
            auto observation = core::parseJson(received.publish.payload, where, {.depth = 16, .bytes = live::kMaximumPayload});
            if (received.oversize) _told.refuse({"E_PAYLOAD_SIZE", {"?", std::to_string(live::kMaximumPayload)}, where, nullptr});
            else if (!observation) _told.refuse(std::move(observation).error());
            else if (datastream != known->end()) hand(_told, datastream->second, std::move(*observation), where, received.publish.retained);
        } else if (isNews(received.publish.payload, where)) {
            _again = true;
        }
        return _context.inbox->eventsWaiting(_context.index) < live::Inbox::kEventsHigh;
    }

    static core::Json member(const sta::Datastream& datastream, const char* name) {
        const auto found = datastream.json.find(name);
        return found == datastream.json.end() ? core::Json() : *found;
    }
    /// A datastream that is new or another. Servers tell it with each observation, too, since its phenomenonTime grows.
    bool isNews(const std::string& payload, const std::string& where) {
        auto told = core::parseJson(payload, where, {.depth = 16, .bytes = live::kMaximumPayload});
        if (!told) return true;
        const auto read = sta::readDatastreams({{"value", {std::move(*told)}}}, where);
        if (!read || read->entries.empty()) return true;
        const sta::Datastream& datastream = read->entries[0].datastream;
        const auto all = table();
        const auto known = all->find(datastream.key);
        return known == all->end() || known->second.unit != datastream.unit || member(known->second, "name") != member(datastream, "name") || member(known->second, "properties") != member(datastream, "properties");
    }

    bool values(sta::Page::Entry& entry) {
        const auto known = table();
        const auto datastream = known->find(entry.datastream.key);
        if (datastream == known->end()) return true; // since the list; the next one has it
        const sta::Datastream& described = datastream->second;
        const std::string where = live::withoutSecrets(_root) + "/Datastreams(" + entry.datastream.key + ")";
        std::string more = entry.more;
        std::vector<core::Json> list = std::move(entry.observations);
        for (std::size_t pages = 0;; ++pages) {
            for (auto& observation : list)
                hand(_asked, described, std::move(observation), where, true);
            // The first time one value is asked for, and the rest behind it is not wanted.
            if (more.empty() || _upTo == core::Instant{} || pages >= kPages) return !_thread.stopping();
            auto link = sta::linkBelow(_root, more);
            if (!link) return failed(link.error());
            if (!_thread.waitForRoom()) return false;
            auto body = get(*link);
            if (!body) return failed(body.error());
            auto page = sta::readObservations(std::move(*body), live::withoutSecrets(*link));
            if (!page) return failed(page.error());
            if (page->next == more) return failed({"E_STA_LINK", {more.substr(0, 200)}, where, nullptr});
            list = std::move(page->list);
            more = std::move(page->next);
        }
    }

    void hand(Intake& intake, const sta::Datastream& datastream, core::Json observation, const std::string& where, bool kept) {
        if (!_known.first(datastream.key, sta::identityOf(observation))) {
            // Of what is asked for twice by design this is no news; of what is told twice it is.
            if (!kept) {
                live::FeedNotes notes;
                notes.duplicates = 1;
                _context.inbox->note(_context.index, notes);
            }
            return;
        }
        intake.takeJson(sta::itemOf(datastream, std::move(observation), sensorOf(datastream)), where, 0, kept);
    }

    std::string sensorOf(const sta::Datastream& datastream) const {
        const auto& ids = _context.config.ids;
        if (const auto found = ids.find(datastream.id); found != ids.end()) return found->second;
        const auto& sensors = _context.district->registry->sensorIndex;
        if (const auto properties = datastream.json.find("properties"); properties != datastream.json.end() && properties->is_object())
            if (const auto sensor = properties->find("sensor"); sensor != properties->end() && sensor->is_string()) return sensor->get<std::string>();
        if (const auto name = datastream.json.find("name"); name != datastream.json.end() && name->is_string() && sensors.contains(name->get<std::string>())) return name->get<std::string>();
        return _context.config.id + "-" + datastream.id;
    }

    FeedContext _context;
    Intake _asked, _told; // of our thread, of the broker's
    live::Fetch _fetch;
    std::string _root, _topics;
    std::size_t _gotBytes = 0; // of the last answer
    core::Instant _upTo{}; // everything up to here was asked for
    core::Duration _rest = kRest; // before the broker's word has it asked again
    Known _known;
    std::mutex _mutex; // of _table
    std::shared_ptr<const Table> _table = std::make_shared<const Table>();
    std::vector<live::mqtt::Subscription> _subscribed;
    std::atomic<bool> _again{false}, _linked{false}, _brokeOff{false};
    FeedThread _thread;
    std::unique_ptr<live::mqtt::Client> _broker;
};

} // namespace

std::pair<std::string, std::string> checkSensorThings(const district::Feed& feed) {
    const bool http = feed.url.starts_with("http://") || feed.url.starts_with("https://");
    std::string root = feed.url;
    while (root.ends_with('/')) root.pop_back();
    const std::string last = root.substr(root.rfind('/') == std::string::npos ? 0 : root.rfind('/'));
    if (!http || !last.starts_with("/v1.") || root.find_first_of("?#") != std::string::npos) return {"url", "http[s]://…/v1.1"};
    if (!feed.mqtt.empty() && !feed.mqtt.starts_with("mqtt://") && !feed.mqtt.starts_with("mqtts://")) return {"mqtt", "mqtt[s]://host[:port][?…]"};
    return {};
}

core::Result<std::unique_ptr<FeedAdapter>> openSensorThings(FeedContext context) {
    if (context.config.mappings.empty()) {
        context.config.mappings.push_back(usual());
        context.config.mappings[0].where = context.config.where;
        context.config.mappings[0].units = context.config.units;
    }
    if (!context.config.mqtt.empty()) MATOU_CHECK(live::mqtt::parseAddress(context.config.mqtt));
    MATOU_TRY(asked, Intake::create(context));
    MATOU_TRY(told, Intake::create(context));
    live::Fetch fetch;
    fetch.url = context.config.url;
    while (fetch.url.ends_with('/')) fetch.url.pop_back();
    fetch.timeout = context.config.timeout;
    if (!context.config.secret.empty()) {
        MATOU_TRY(secret, readToken(context.config.secret));
        fetch.authorization = authorizationOf(secret);
    }
    return std::unique_ptr<FeedAdapter>(std::make_unique<SensorThingsFeed>(std::move(context), std::move(asked), std::move(told), std::move(fetch)));
}

} // namespace matou::service
