#include "io/disk_cache.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <span>
#include <string_view>
#include <system_error>
#include <vector>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <curl/curl.h>
#include <zlib.h>

#include "core/bounded_reader.h"

namespace matou::io {

namespace fs = std::filesystem;

namespace {

constexpr std::array<char, 8> kMagic{'M', 'T', 'O', 'U', 'H', 'T', 'P', '1'};
constexpr std::uint64_t kTextMost = 16 << 10; // URL or header; longer ones are not kept
constexpr std::int64_t kFreshMost = std::int64_t{365} * 86400;
constexpr std::string_view kEnding = ".body";

/// A file: magic, CRC-32 of all that follows, the instant until which it is fresh, four lengths, and the four.
struct Head {
    std::uint32_t crc = 0, urlBytes = 0, etagBytes = 0, lastModifiedBytes = 0;
    std::int64_t freshUntil = 0; // seconds since 1970
    std::uint64_t bodyBytes = 0;
};
constexpr std::size_t kHeadBytes = kMagic.size() + sizeof(Head);
static_assert(sizeof(Head) == 32);

std::uint32_t crcOf(std::span<const std::byte> bytes, std::uint32_t start = 0) {
    return static_cast<std::uint32_t>(::crc32_z(start, reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size()));
}

/// FNV-1a, 64 bits: names need only differ mostly, the URL inside decides.
std::string nameOf(const std::string& url) {
    std::uint64_t hash = 14695981039346656037ull;
    for (const unsigned char c : url) hash = (hash ^ c) * 1099511628211ull;
    std::string name(16, '0');
    for (auto& c : name) {
        c = "0123456789abcdef"[hash & 15];
        hash >>= 4;
    }
    return name + std::string(kEnding);
}

std::optional<Bytes> wholeFile(const fs::path& path, std::uint64_t most) {
    const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (file < 0) return std::nullopt;
    struct stat status{};
    std::optional<Bytes> out;
    if (::fstat(file, &status) == 0 && S_ISREG(status.st_mode) && static_cast<std::uint64_t>(status.st_size) <= most) {
        out.emplace(static_cast<std::size_t>(status.st_size));
        std::size_t done = 0;
        while (done < out->size()) {
            const auto got = ::read(file, out->data() + done, out->size() - done);
            if (got <= 0) break;
            done += static_cast<std::size_t>(got);
        }
        out->resize(done);
    }
    ::close(file);
    return out;
}

/// Not flushed to the disk: a cache may lose what it wrote last, and its CRC tells.
bool writeAside(const fs::path& path, const std::vector<std::span<const std::byte>>& parts) {
    const auto aside = path.string() + ".part";
    const int file = ::open(aside.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (file < 0) return false;
    bool good = true;
    for (auto part : parts)
        while (good && !part.empty()) {
            const auto put = ::write(file, part.data(), part.size());
            good = put > 0;
            if (good) part = part.subspan(static_cast<std::size_t>(put));
        }
    good = ::close(file) == 0 && good && ::rename(aside.c_str(), path.c_str()) == 0;
    if (!good) ::unlink(aside.c_str());
    return good;
}

std::int64_t secondsOf(core::Instant instant) { return std::chrono::floor<std::chrono::seconds>(instant).time_since_epoch().count(); }

struct Read {
    Head head;
    std::string url, etag, lastModified;
    std::span<const std::byte> body;
};

std::optional<Read> parsed(const Bytes& file) {
    if (file.size() < kHeadBytes || std::memcmp(file.data(), kMagic.data(), kMagic.size()) != 0) return std::nullopt;
    Read out;
    std::memcpy(&out.head, file.data() + kMagic.size(), sizeof(Head));
    const auto& h = out.head;
    const std::uint64_t texts = std::uint64_t{h.urlBytes} + h.etagBytes + h.lastModifiedBytes;
    if (texts > 3 * kTextMost || h.bodyBytes > file.size() || kHeadBytes + texts + h.bodyBytes != file.size()) return std::nullopt;
    if (crcOf(std::span(file).subspan(kMagic.size() + sizeof(h.crc))) != h.crc) return std::nullopt;
    const auto* text = reinterpret_cast<const char*>(file.data()) + kHeadBytes;
    out.url.assign(text, h.urlBytes);
    out.etag.assign(text + h.urlBytes, h.etagBytes);
    out.lastModified.assign(text + h.urlBytes + h.etagBytes, h.lastModifiedBytes);
    out.body = std::span(file).subspan(kHeadBytes + static_cast<std::size_t>(texts));
    return out;
}

bool writeEntry(const fs::path& path, const std::string& url, const std::string& etag, const std::string& lastModified, std::int64_t freshUntil,
                std::span<const std::byte> body) {
    Head head;
    head.urlBytes = static_cast<std::uint32_t>(url.size());
    head.etagBytes = static_cast<std::uint32_t>(etag.size());
    head.lastModifiedBytes = static_cast<std::uint32_t>(lastModified.size());
    head.freshUntil = freshUntil;
    head.bodyBytes = body.size();
    const auto text = url + etag + lastModified;
    const auto headBytes = std::as_bytes(std::span(&head, 1));
    head.crc = crcOf(body, crcOf(std::as_bytes(std::span(text)), crcOf(headBytes.subspan(sizeof(head.crc)))));
    return writeAside(path, {std::as_bytes(std::span(kMagic)), headBytes, std::as_bytes(std::span(text)), body});
}

std::string_view trimmed(std::string_view text) {
    while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
    while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
    return text;
}

std::optional<std::int64_t> secondsFrom(std::string_view text) {
    if (text.size() >= 2 && text.front() == '"' && text.back() == '"') text = text.substr(1, text.size() - 2);
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error == std::errc::result_out_of_range) return kFreshMost; // RFC 9111, 1.2.2
    if (error != std::errc() || end != text.data() + text.size() || value < 0) return std::nullopt;
    return value;
}

} // namespace

HttpFreshness freshnessOf(const std::string& cacheControl, const std::string& expires, const std::string& date, const std::string& age,
                          const std::string& vary) {
    HttpFreshness out;
    std::optional<std::int64_t> fresh;
    bool ask = false;
    std::string lower = cacheControl;
    std::transform(lower.begin(), lower.end(), lower.begin(), [](unsigned char c) { return static_cast<char>(c >= 'A' && c <= 'Z' ? c + 32 : c); });
    for (std::size_t begin = 0; begin <= lower.size();) {
        const auto end = std::min(lower.find(',', begin), lower.size());
        const auto directive = trimmed(std::string_view(lower).substr(begin, end - begin));
        if (directive == "no-store") out.store = false;
        if (directive == "no-cache" || directive.starts_with("no-cache=")) ask = true;
        if (directive.starts_with("max-age=")) fresh = secondsFrom(directive.substr(8)).value_or(0);
        begin = end + 1;
    }
    if (!fresh && !expires.empty()) {
        const auto until = ::curl_getdate(expires.c_str(), nullptr), from = ::curl_getdate(date.c_str(), nullptr);
        fresh = until > 0 && from > 0 ? std::max<std::int64_t>(0, until - from) : 0; // "0" and other nonsense: past
    }
    if (fresh && !ask) out.freshSeconds = std::clamp<std::int64_t>(*fresh - secondsFrom(age).value_or(0), 0, kFreshMost);
    // What we ask with is the same each time, so any other Vary is met.
    if (trimmed(vary) == "*") out.store = false;
    return out;
}

DiskCache::DiskCache(const CacheOptions& options)
    : _folder(options.folder), _limit(options.bytes), _clock(options.clock ? options.clock : std::make_shared<const core::RealClock>()) {
    std::error_code error;
    fs::create_directories(_folder, error);
    const auto lock = (_folder / "lock").string();
    const int file = ::open(lock.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (file >= 0 && ::flock(file, LOCK_EX | LOCK_NB) == 0) _lock = file;
    else if (file >= 0) ::close(file);
    scan();
}

DiskCache::~DiskCache() {
    if (_lock >= 0) ::close(_lock);
}

void DiskCache::scan() {
    struct Seen {
        fs::file_time_type used;
        std::string name;
        std::uint64_t bytes;
    };
    std::vector<Seen> seen;
    std::error_code error;
    for (const auto& entry : fs::directory_iterator(_folder, error)) {
        const auto name = entry.path().filename().string();
        std::error_code ignored;
        if (name.ends_with(".part") && _lock >= 0) fs::remove(entry.path(), ignored); // somebody ended in the middle
        if (!name.ends_with(kEnding) || !entry.is_regular_file(ignored)) continue;
        seen.push_back({entry.last_write_time(ignored), name, entry.file_size(ignored)});
    }
    std::sort(seen.begin(), seen.end(), [](const Seen& a, const Seen& b) { return a.used != b.used ? a.used < b.used : a.name < b.name; });
    for (const auto& s : seen) {
        _entries[s.name] = {s.bytes, _uses.insert(_uses.end(), s.name)};
        _bytes += s.bytes;
    }
    while (_lock >= 0 && _bytes > _limit && !_uses.empty()) forget(std::string(_uses.front())); // it was larger once
}

void DiskCache::forget(const std::string& name) {
    const auto found = _entries.find(name);
    if (_lock >= 0) ::unlink(pathOf(name).c_str());
    if (found == _entries.end()) return;
    _bytes -= found->second.bytes;
    _uses.erase(found->second.use);
    _entries.erase(found);
}

void DiskCache::remove(const std::string& url) { forget(nameOf(url)); }

std::optional<DiskCache::Found> DiskCache::find(const std::string& url) {
    const auto name = nameOf(url);
    const auto file = wholeFile(pathOf(name), _limit);
    if (!file) {
        if (_entries.contains(name)) forget(name); // somebody emptied the folder
        return std::nullopt;
    }
    const auto read = parsed(*file);
    if (!read) {
        ++_damaged;
        forget(name);
        return std::nullopt;
    }
    if (read->url != url) return std::nullopt; // another one of the same name
    if (const auto entry = _entries.find(name); entry != _entries.end()) _uses.splice(_uses.end(), _uses, entry->second.use);
    if (_lock >= 0) ::utimensat(AT_FDCWD, pathOf(name).c_str(), nullptr, 0);
    return Found{Bytes(read->body.begin(), read->body.end()), read->etag, read->lastModified, read->head.freshUntil > secondsOf(_clock->now())};
}

void DiskCache::store(const std::string& url, const HttpFreshness& freshness, const Bytes& body) {
    const auto name = nameOf(url);
    if (_lock < 0) return;
    forget(name); // what stood there is no longer right, whatever becomes of the new one
    if (!freshness.store || url.size() > kTextMost || freshness.etag.size() > kTextMost || freshness.lastModified.size() > kTextMost) return;
    const std::uint64_t bytes = kHeadBytes + url.size() + freshness.etag.size() + freshness.lastModified.size() + body.size();
    if (bytes > _limit / 4) return;
    while (_bytes + bytes > _limit && !_uses.empty()) forget(std::string(_uses.front()));
    if (!writeEntry(pathOf(name), url, freshness.etag, freshness.lastModified, secondsOf(_clock->now()) + freshness.freshSeconds, body)) return;
    _entries[name] = {bytes, _uses.insert(_uses.end(), name)};
    _bytes += bytes;
}

void DiskCache::renew(const std::string& url, const HttpFreshness& freshness) {
    const auto found = find(url);
    if (!found) return;
    auto renewed = freshness;
    if (renewed.etag.empty()) renewed.etag = found->etag;
    if (renewed.lastModified.empty()) renewed.lastModified = found->lastModified;
    store(url, renewed, found->body);
}

} // namespace matou::io
