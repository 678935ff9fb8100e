// What servers sent, kept on disk: as their headers allow, within a hard size, and never believed where it is damaged.
#include <atomic>
#include <chrono>
#include <fstream>
#include <random>
#include <span>
#include <thread>

#include <arpa/inet.h>
#include <httplib.h>
#include <unistd.h>

#include <gtest/gtest.h>

#include "io/disk_cache.h"

using namespace matou;
using namespace std::chrono_literals;
namespace fs = std::filesystem;

namespace {

struct Scratch {
    fs::path path = fs::temp_directory_path() / ("matou-cache-" + std::to_string(::getpid()) + "-" + std::to_string(std::random_device{}()));
    ~Scratch() { fs::remove_all(path); }
};

io::Bytes bytesOf(const std::string& text) {
    const auto span = std::as_bytes(std::span(text));
    return {span.begin(), span.end()};
}
std::string textOf(const io::Bytes& bytes) { return {reinterpret_cast<const char*>(bytes.data()), bytes.size()}; }

std::uint64_t bytesIn(const fs::path& folder) {
    std::uint64_t sum = 0;
    for (const auto& entry : fs::directory_iterator(folder))
        if (entry.is_regular_file()) sum += entry.file_size();
    return sum;
}

fs::path onlyEntry(const fs::path& folder) {
    for (const auto& entry : fs::directory_iterator(folder))
        if (entry.path().extension() == ".body") return entry.path();
    return {};
}

class DiskCacheTest : public testing::Test {
protected:
    io::CacheOptions options(std::uint64_t bytes = 1 << 20) const { return {_scratch.path, bytes, false, _clock}; }
    static io::HttpFreshness freshFor(std::int64_t seconds, std::string etag = "") {
        io::HttpFreshness out;
        out.freshSeconds = seconds;
        out.etag = std::move(etag);
        return out;
    }
    Scratch _scratch;
    std::shared_ptr<core::ManualClock> _clock = std::make_shared<core::ManualClock>(core::Instant(std::chrono::sys_days(std::chrono::year{2025} / 6 / 15)));
};

TEST_F(DiskCacheTest, givesBackWhatItKeptWhileFreshAndAfterwardsWithItsTag) {
    {
        io::DiskCache cache(options());
        cache.store("http://a/1", freshFor(60, "\"v1\""), bytesOf("one"));
    }
    io::DiskCache cache(options()); // another run
    auto found = cache.find("http://a/1");
    ASSERT_TRUE(found);
    EXPECT_EQ(textOf(found->body), "one");
    EXPECT_EQ(found->etag, "\"v1\"");
    EXPECT_TRUE(found->fresh);
    EXPECT_FALSE(cache.find("http://a/2"));
    _clock->advance(61s);
    found = cache.find("http://a/1");
    ASSERT_TRUE(found);
    EXPECT_FALSE(found->fresh);
    cache.renew("http://a/1", freshFor(60));
    found = cache.find("http://a/1");
    ASSERT_TRUE(found);
    EXPECT_TRUE(found->fresh);
    EXPECT_EQ(found->etag, "\"v1\"") << "a 304 need not say it again";
}

TEST_F(DiskCacheTest, neverTakesMoreThanItsSizeAndGivesUpTheLongestUnused) {
    constexpr std::uint64_t kSize = 64 << 10;
    io::DiskCache cache(options(kSize));
    for (int i = 0; i < 40; ++i) {
        cache.store("http://a/" + std::to_string(i), freshFor(60), bytesOf(std::string(4000, 'x')));
        ASSERT_LE(bytesIn(_scratch.path), kSize);
        ASSERT_TRUE(cache.find("http://a/0")) << "used each time, at " << i;
    }
    EXPECT_FALSE(cache.find("http://a/1"));
    EXPECT_TRUE(cache.find("http://a/39"));
    cache.store("http://a/large", freshFor(60), bytesOf(std::string(kSize / 2, 'x')));
    EXPECT_FALSE(cache.find("http://a/large"));
    EXPECT_TRUE(cache.find("http://a/39")) << "for something too large nothing is given up";
    EXPECT_EQ(cache.bytes(), bytesIn(_scratch.path));
}

TEST_F(DiskCacheTest, aSmallerSizeHoldsFromTheStart) {
    {
        io::DiskCache cache(options());
        for (int i = 0; i < 20; ++i) cache.store("http://a/" + std::to_string(i), freshFor(60), bytesOf(std::string(4000, 'x')));
    }
    io::DiskCache cache(options(20000));
    EXPECT_LE(bytesIn(_scratch.path), 20000u);
    EXPECT_TRUE(cache.find("http://a/19"));
}

TEST_F(DiskCacheTest, whatIsDamagedIsNotBelieved) {
    const std::string body(500, 'b');
    {
        io::DiskCache cache(options());
        cache.store("http://a/1", freshFor(60), bytesOf(body));
    }
    const auto path = onlyEntry(_scratch.path);
    std::ifstream in(path, std::ios::binary);
    const std::string whole((std::istreambuf_iterator<char>(in)), {});
    std::uint64_t damaged = 0;
    const auto tryWith = [&](const std::string& content, const std::string& what) {
        std::ofstream(path, std::ios::binary | std::ios::trunc) << content;
        io::DiskCache cache(options());
        EXPECT_FALSE(cache.find("http://a/1")) << what;
        damaged += cache.damaged();
        EXPECT_FALSE(fs::exists(path)) << what;
    };
    for (std::size_t at = 0; at < whole.size(); at += 7) {
        auto content = whole;
        content[at] = static_cast<char>(content[at] ^ 0x40);
        tryWith(content, "byte " + std::to_string(at));
    }
    for (const std::size_t size : {std::size_t{0}, std::size_t{7}, std::size_t{39}, whole.size() - 1}) tryWith(whole.substr(0, size), "cut to " + std::to_string(size));
    tryWith(whole + "x", "longer");
    EXPECT_EQ(damaged, (whole.size() + 6) / 7 + 5);
}

TEST_F(DiskCacheTest, leavingsOfAnInterruptedWriteGo) {
    fs::create_directories(_scratch.path);
    std::ofstream(_scratch.path / "0123456789abcdef.body.part") << "half";
    io::DiskCache cache(options());
    EXPECT_EQ(bytesIn(_scratch.path), 0u);
}

TEST_F(DiskCacheTest, asSecondProcessItReadsAndDoesNotWrite) {
    io::DiskCache first(options());
    first.store("http://a/1", freshFor(60), bytesOf("one"));
    io::DiskCache second(options());
    EXPECT_TRUE(second.find("http://a/1"));
    second.store("http://a/2", freshFor(60), bytesOf("two"));
    EXPECT_FALSE(first.find("http://a/2"));
}

TEST(HttpFreshness, followsRfc9111) {
    const std::string now = "Sun, 15 Jun 2025 00:00:00 GMT", later = "Sun, 15 Jun 2025 01:00:00 GMT";
    struct Row {
        const char* cacheControl;
        std::string expires, age, vary;
        bool store;
        std::int64_t fresh;
    };
    for (const auto& row : std::vector<Row>{{"max-age=60", "", "", "", true, 60},
                                            {"public, Max-Age=60", "", "10", "", true, 50},
                                            {"max-age=60", "", "100", "", true, 0},
                                            {"max-age=\"60\"", "", "", "", true, 60},
                                            {"max-age=60", later, "", "", true, 60},
                                            {"", later, "", "Accept-Encoding", true, 3600},
                                            {"", now, "", "", true, 0},
                                            {"", "0", "", "", true, 0},
                                            {"", "", "", "", true, 0},
                                            {"no-store, max-age=60", "", "", "", false, 60},
                                            {"no-cache, max-age=60", "", "", "", true, 0},
                                            {"max-age=-1", "", "", "", true, 0},
                                            {"max-age=x", "", "", "", true, 0},
                                            {"max-age=99999999999999999999999", "", "", "", true, 365 * 86400},
                                            {"max-age=60", "", "", " * ", false, 60}}) {
        const auto got = io::freshnessOf(row.cacheControl, row.expires, now, row.age, row.vary);
        EXPECT_EQ(got.store, row.store) << row.cacheControl << row.vary;
        EXPECT_EQ(got.freshSeconds, row.fresh) << row.cacheControl << " " << row.expires << " " << row.age;
    }
}

class CachedHttp : public DiskCacheTest {
protected:
    void SetUp() override {
        ::unsetenv("http_proxy");
        _server.Get("/tile", [this](const httplib::Request& request, httplib::Response& response) {
            ++_asked;
            response.set_header("ETag", "\"" + std::to_string(_version) + "\"");
            response.set_header("Cache-Control", _cacheControl);
            if (request.get_header_value("If-None-Match") == "\"" + std::to_string(_version) + "\"") {
                ++_unchanged;
                response.status = 304;
                return;
            }
            response.set_content("version " + std::to_string(_version), "application/octet-stream");
        });
        _server.Get("/away", [this](const httplib::Request&, httplib::Response& response) {
            ++_asked;
            response.set_redirect("/tile");
        });
        _port = _server.bind_to_any_port("127.0.0.1");
        _lane = std::thread([this] { _server.listen_after_bind(); });
        while (!_server.is_running()) std::this_thread::sleep_for(1ms);
    }
    void TearDown() override {
        _server.stop();
        _lane.join();
    }
    /// In a run of its own.
    std::string get(const std::string& path, bool offline = false, io::SourceStats* stats = nullptr) {
        auto cache = options();
        cache.offline = offline;
        io::NetworkByteSource source({}, cache);
        const auto bytes = io::readNow(source, *io::locationFrom("http://127.0.0.1:" + std::to_string(_port) + path));
        if (stats) *stats = source.stats();
        return bytes ? textOf(*bytes) : bytes.error().code;
    }

    httplib::Server _server;
    std::thread _lane;
    int _port = 0;
    std::atomic<int> _asked{0}, _unchanged{0}, _version{1};
    std::string _cacheControl = "max-age=60";
};

TEST_F(CachedHttp, asksOnceWhileFreshThenOnlyWhetherItChanged) {
    io::SourceStats stats;
    EXPECT_EQ(get("/tile"), "version 1");
    EXPECT_EQ(get("/tile", false, &stats), "version 1");
    EXPECT_EQ(_asked, 1);
    EXPECT_EQ(stats.cacheHits, 1u);
    EXPECT_GT(stats.cacheBytes, 9u);
    EXPECT_EQ(stats.bytesDownloaded, 0u);
    _clock->advance(61s);
    EXPECT_EQ(get("/tile", false, &stats), "version 1");
    EXPECT_EQ(_asked, 2);
    EXPECT_EQ(_unchanged, 1);
    EXPECT_EQ(stats.cacheRenewed, 1u);
    EXPECT_EQ(get("/tile"), "version 1");
    EXPECT_EQ(_asked, 2) << "the 304 made it fresh again";
    _clock->advance(61s);
    _version = 2;
    EXPECT_EQ(get("/tile"), "version 2");
    EXPECT_EQ(get("/tile"), "version 2");
    EXPECT_EQ(_asked, 3);
}

TEST_F(CachedHttp, keepsNothingThatIsNotToBeStored) {
    _cacheControl = "no-store";
    EXPECT_EQ(get("/tile"), "version 1");
    EXPECT_EQ(get("/tile"), "version 1");
    EXPECT_EQ(_asked, 2);
    EXPECT_EQ(_unchanged, 0);
    EXPECT_EQ(bytesIn(_scratch.path), 0u);
}

TEST_F(CachedHttp, offlineItShowsWhatItHasAndAsksNobody) {
    _cacheControl = "no-cache";
    EXPECT_EQ(get("/tile"), "version 1");
    _clock->advance(std::chrono::hours(1000));
    EXPECT_EQ(get("/tile", true), "version 1");
    EXPECT_EQ(get("/other", true), "E_HTTP_OFFLINE");
    EXPECT_EQ(_asked, 1);
    EXPECT_EQ(get("/tile"), "version 1");
    EXPECT_EQ(_unchanged, 1) << "no-cache: asked each time when there is somebody to ask";
}

TEST_F(CachedHttp, aRedirectIsJudgedAgainEachTime) {
    EXPECT_EQ(get("/away"), "version 1");
    EXPECT_EQ(get("/away"), "version 1");
    EXPECT_EQ(_asked, 4);
}

TEST_F(CachedHttp, aDamagedEntryIsFetchedAgainAndCounted) {
    EXPECT_EQ(get("/tile"), "version 1");
    std::fstream file(onlyEntry(_scratch.path), std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(-1, std::ios::end);
    file.put('9');
    file.close();
    io::SourceStats stats;
    EXPECT_EQ(get("/tile", false, &stats), "version 1");
    EXPECT_EQ(_asked, 2);
    EXPECT_EQ(stats.cacheDamaged, 1u);
}

TEST_F(CachedHttp, manyAtOnceAllAnswer) {
    io::NetworkByteSource source({}, options());
    std::atomic<int> answers{0};
    const auto location = *io::locationFrom("http://127.0.0.1:" + std::to_string(_port) + "/tile");
    for (int i = 0; i < 200; ++i) {
        const auto id = source.request(location, i, [&](core::Result<io::Bytes> bytes) { answers += bytes ? 1 : 0; });
        if (i % 10 == 9) {
            source.cancel(id);
            ++answers;
        }
    }
    const auto start = std::chrono::steady_clock::now();
    while (answers < 200 && std::chrono::steady_clock::now() - start < 20s) std::this_thread::sleep_for(2ms);
    EXPECT_GE(answers, 200);
}

} // namespace
