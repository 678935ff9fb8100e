#include "service/ledger_feed.h"

#include <algorithm>
#include <filesystem>
#include <map>
#include <set>

#include "core/file.h"
#include "core/log.h"
#include "live/charset.h"
#include "live/http_fetch.h"
#include "live/project_ledger.h"
#include "service/feed_thread.h"
#include "service/http_poll_feed.h"
#include "service/options.h"

namespace matou::service {
namespace fs = std::filesystem;
namespace {

constexpr std::uint64_t kFileLimit = std::uint64_t{64} << 20;
constexpr std::size_t kSaid = 20; // of the bad places of one reading, in the log

enum class Source { file, geoPackage, postgres, http };

Source sourceOf(const std::string& url) {
    if (url.starts_with("postgresql://") || url.starts_with("postgres://")) return Source::postgres;
    if (url.starts_with("http://") || url.starts_with("https://")) return Source::http;
    return url.ends_with(".gpkg") || url.ends_with(".sqlite") ? Source::geoPackage : Source::file;
}

class LedgerFeed final : public FeedAdapter {
public:
    LedgerFeed(FeedContext context, live::Fetch fetch, std::string secret)
        : _context(std::move(context)), _fetch(std::move(fetch)), _secret(std::move(secret)), _thread(*_context.inbox, _context.index) {
        _columns.names = _context.config.columns;
        _columns.crs = _context.config.crs;
        _thread.begin([this] { run(); });
    }
    ~LedgerFeed() override { _thread.end(); }

private:
    void run() {
        do {
            if (!_thread.waitForRoom()) return;
            auto table = read();
            auto ledger = table ? live::ledgerOf(*table, _columns, _where) : tl::unexpected(table.error());
            if (!ledger) {
                _thread.troubled(ledger.error());
                continue;
            }
            _thread.connected();
            live::FeedNotes heard;
            heard.heard = _context.clock->now();
            _context.inbox->note(_context.index, heard);
            sayRefused(*ledger);
            if (!handOn(*ledger)) return;
        } while (_thread.wait(_context.config.interval));
    }

    core::Result<live::Table> read() {
        const auto& config = _context.config;
        switch (sourceOf(config.url)) {
        case Source::postgres: return live::tableOfPostgres(_where = config.url, config.table, _secret, _thread.stopping());
        case Source::geoPackage: return live::tableOfGeoPackage(_where = path(), config.table, _thread.stopping());
        case Source::http: {
            _where = live::withoutSecrets(config.url);
            MATOU_TRY(answer, live::fetch(_fetch, _thread.stopping()));
            return tableOf(answer.body, config.format == "csv");
        }
        case Source::file: break;
        }
        MATOU_TRY(text, core::readTextFile(_where = path(), kFileLimit));
        return tableOf(text, !config.url.ends_with("json")); // .json, .geojson
    }
    core::Result<live::Table> tableOf(const std::string& bytes, bool csv) const {
        const auto text = live::toUtf8(bytes, _context.config.charset);
        if (csv) return live::tableOfCsv(text.utf8, _where, _context.config.separator);
        MATOU_TRY(payload, core::parseJson(text.utf8, _where, {.depth = 32, .bytes = std::size_t{64} << 20}));
        return live::tableOfJson(payload, _context.config.table, _where);
    }
    std::string path() const {
        const fs::path given = _context.config.url;
        return (given.is_absolute() ? given : _context.district->folder / given).string();
    }

    void sayRefused(const live::Ledger& ledger) {
        std::set<std::string> places;
        for (const auto& error : ledger.refused) places.insert(error.code + error.where);
        std::size_t said = 0;
        live::FeedNotes notes;
        for (const auto& error : ledger.refused) {
            if (_refused.contains(error.code + error.where)) continue; // as before
            ++notes.refused;
            notes.error = error;
            if (said++ < kSaid) core::logWarning(error);
        }
        _refused = std::move(places);
        if (notes.refused > 0) _context.inbox->note(_context.index, std::move(notes));
    }

    /// false: told to end.
    bool handOn(const live::Ledger& ledger) {
        std::set<std::string> there;
        for (const auto& project : ledger.projects) {
            if (!_thread.waitForRoom()) return false;
            const auto id = project["id"].get<std::string>();
            there.insert(id);
            std::string& before = _known[id];
            if (std::string now = project.dump(-1, ' ', false, core::Json::error_handler_t::replace); before == now) continue;
            else before = std::move(now);
            live::Message message;
            message.received = _context.clock->now();
            core::Json payload = project;
            if (!payload.contains("ts")) payload["ts"] = core::formatInstant(message.received);
            std::string name = id;
            std::replace(name.begin(), name.end(), '/', '_');
            message.topic = "matou/v1/" + _context.district->id + "/project/" + name;
            message.payload = payload.dump(-1, ' ', false, core::Json::error_handler_t::replace);
            message.feed = _context.index;
            _context.inbox->push(std::move(message));
        }
        for (auto known = _known.begin(); known != _known.end();) {
            if (there.contains(known->first)) {
                ++known;
                continue;
            }
            core::logWarning({"W_LEDGER_GONE", {known->first}, _where, nullptr});
            known = _known.erase(known);
        }
        return true;
    }

    FeedContext _context;
    live::Fetch _fetch;
    std::string _secret, _where;
    live::LedgerColumns _columns;
    std::map<std::string, std::string> _known; // project → what was handed on
    std::set<std::string> _refused;
    FeedThread _thread;
};

} // namespace

std::pair<std::string, std::string> checkLedger(const district::Feed& feed) {
    if (feed.url.empty()) return {"url", "FILE.csv, FILE.json, FILE.gpkg, postgresql://… or http[s]://…"};
    const Source source = sourceOf(feed.url);
    if (source == Source::postgres && feed.table.empty()) return {"table", "the table's name"};
    const auto begin = feed.url.find("://");
    if (begin != std::string::npos && (source == Source::postgres || source == Source::http)) {
        const std::string host = feed.url.substr(begin + 3, feed.url.find_first_of("/?#", begin + 3) - begin - 3);
        const auto at = host.rfind('@');
        if (at != std::string::npos && (source == Source::http || host.substr(0, at).find(':') != std::string::npos)) return {"url", "an address without password (secret = \"env:NAME\" or \"@FILE\")"};
        if (source == Source::postgres && feed.url.find("password=") != std::string::npos) return {"url", "an address without password (secret = \"env:NAME\" or \"@FILE\")"};
    }
    const auto& known = live::LedgerColumns::canonical();
    for (const auto& [name, column] : feed.columns)
        if (std::find(known.begin(), known.end(), name) == known.end()) {
            std::string all;
            for (const auto& word : known) all += (all.empty() ? "" : " ") + word;
            return {"columns." + name, all};
        }
    return {};
}

core::Result<std::unique_ptr<FeedAdapter>> openLedger(FeedContext context) {
    std::string secret;
    if (!context.config.secret.empty()) {
        MATOU_TRY(read, readToken(context.config.secret));
        secret = std::move(read);
    }
    live::Fetch fetch;
    fetch.url = context.config.url;
    fetch.timeout = context.config.timeout;
    fetch.authorization = authorizationOf(secret);
    return std::unique_ptr<FeedAdapter>(std::make_unique<LedgerFeed>(std::move(context), std::move(fetch), std::move(secret)));
}

} // namespace matou::service
