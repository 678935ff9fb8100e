#pragma once
// Bodies that servers sent, kept on disk as RFC 9111 lets a private cache keep them. One file an entry, written aside and renamed;
// whatever does not add up when it is read is deleted and counted, never believed.

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>

#include "core/clock.h"
#include "io/byte_source.h"

namespace matou::io {

/// What an answer's headers say about keeping it.
struct HttpFreshness {
    std::string etag, lastModified;
    bool store = true;               // no-store, Vary: *
    std::int64_t freshSeconds = 0;   // from now on: max-age or Expires less Age; 0: asked again each time (no-cache too)
};
/// From the values of Cache-Control, Expires, Date, Age and Vary as sent, "" where missing.
HttpFreshness freshnessOf(const std::string& cacheControl, const std::string& expires, const std::string& date, const std::string& age,
                          const std::string& vary);

/// Not thread-safe: one lane (the reader of files) has it. Counters may be read from any.
class DiskCache {
public:
    /// Of several processes one writes (it holds a lock in the folder), so that the size holds; the others only read.
    explicit DiskCache(const CacheOptions& options);
    ~DiskCache();

    struct Found {
        Bytes body;
        std::string etag, lastModified;
        bool fresh = false;
    };
    /// Nothing where it is not there or damaged. What is found counts as used now.
    std::optional<Found> find(const std::string& url);
    /// Makes room first, by age of use: never over the size, for no moment. What is larger than a quarter of it is not kept.
    void store(const std::string& url, const HttpFreshness& freshness, const Bytes& body);
    /// The server says that what is kept is still right (304): fresh for longer.
    void renew(const std::string& url, const HttpFreshness& freshness);
    void remove(const std::string& url);

    std::uint64_t bytes() const { return _bytes; }
    std::uint64_t damaged() const { return _damaged; }

private:
    struct Entry {
        std::uint64_t bytes = 0;
        std::list<std::string>::iterator use; // place in _uses
    };
    void scan();
    void forget(const std::string& name);
    std::filesystem::path pathOf(const std::string& name) const { return _folder / name; }

    std::filesystem::path _folder;
    std::uint64_t _limit;
    std::shared_ptr<const core::Clock> _clock;
    int _lock = -1; // held: may write
    std::unordered_map<std::string, Entry> _entries; // by file name
    std::list<std::string> _uses; // the longest unused first
    std::atomic<std::uint64_t> _bytes{0}, _damaged{0};
};

} // namespace matou::io
