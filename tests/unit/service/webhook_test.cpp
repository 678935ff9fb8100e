// Systems that post to us.

#include <gtest/gtest.h>

#include <fstream>
#include <thread>

#include <httplib.h>
#include <nlohmann/json.hpp>

#include "core/file.h"
#include "service/service.h"
#include "service/webhook_feed.h"
#include "support/tiny_district.h"

using namespace matou;
using service::Service;
using Json = nlohmann::json;

namespace {

struct Hook : support::TemporaryFolder {
    Hook() : TemporaryFolder("webhook") {
        support::writeTinyDistrict(path / "d");
        EXPECT_TRUE(core::writeFile(path / "secret", "a long shared secret\n"));
        std::ofstream(path / "d" / "district.toml", std::ios::app)
            << "\n[[feed]]\nid = \"hook\"\nkind = \"webhook\"\nurl = \"127.0.0.1:0\"\nsecret = \"@" << (path / "secret").string() << "\"\n";
        auto opened = district::District::open(path / "d");
        EXPECT_TRUE(opened) << opened.error().where;
        // Alone: the simulated feed has events of its own, by the hour.
        std::erase_if(opened->feeds, [](const auto& feed) { return feed.kind != "webhook"; });
        district = std::make_shared<const district::District>(std::move(*opened));
        start();
    }
    void start() {
        service::ServiceOptions options;
        options.district = district;
        options.clock = std::make_shared<core::RealClock>();
        options.history = path / "h.db";
        auto started = Service::start(std::move(options));
        EXPECT_TRUE(started) << (started ? "" : started.error().code);
        service = std::move(*started);
        client = std::make_unique<httplib::Client>("127.0.0.1", service->listeningPort());
    }
    static std::string stamp(int secondsAgo = 0) {
        return core::formatInstant(core::RealClock().now() - std::chrono::seconds(secondsAgo));
    }
    httplib::Headers signedHeaders(const std::string& path, const std::string& body, const std::string& timestamp,
                                   const std::string& hash = "sha256", const std::string& secret = "a long shared secret") {
        return {{"X-Matou-Timestamp", timestamp},
                {"X-Matou-Signature", hash + "=" + service::webhookSignature(hash, secret, timestamp, path, body)}};
    }
    int post(const std::string& path, const std::string& body, const httplib::Headers& headers) {
        const auto answer = client->Post(path, headers, body, "application/json");
        last = answer ? answer->body : "";
        return answer ? answer->status : 0;
    }
    /// The answer comes with the commit, the snapshot a moment later.
    bool stored(std::uint64_t events) {
        for (int i = 0; i < 200 && service->snapshot()->eventsStored != events; ++i)
            std::this_thread::sleep_for(std::chrono::milliseconds(10));
        return service->snapshot()->eventsStored == events;
    }
    std::string event(const std::string& id) {
        return R"({"id":")" + id + R"(","ts":")" + stamp() + R"(","class":"crowd","severity":2})";
    }
    std::shared_ptr<const district::District> district;
    std::unique_ptr<Service> service;
    std::unique_ptr<httplib::Client> client;
    std::string last;
};

} // namespace

TEST(Webhook, whatIsSignedIsStoredOnceBeforeItIsAnswered) {
    Hook hook;
    ASSERT_GT(hook.service->listeningPort(), 0);
    const std::string path = "/v1/event/C-1", body = hook.event("1");
    EXPECT_EQ(hook.post(path, body, hook.signedHeaders(path, body, Hook::stamp())), 200) << hook.last;
    EXPECT_TRUE(hook.stored(1));
    EXPECT_EQ(hook.post(path, body, hook.signedHeaders(path, body, Hook::stamp(1))), 200); // again, signed anew: the same event
    EXPECT_TRUE(hook.stored(1));
    const std::string other = hook.event("2");
    EXPECT_EQ(hook.post(path, other, hook.signedHeaders(path, other, Hook::stamp(), "sm3")), 200) << hook.last;
    EXPECT_TRUE(hook.stored(2));
    const std::string value = R"({"id":"S-001","ts":")" + Hook::stamp() + R"(","value":1.5})", to = "/v1/obs/S-001";
    EXPECT_EQ(hook.post(to, value, hook.signedHeaders(to, value, Hook::stamp())), 202);
}

TEST(Webhook, wrongMissingOldMovedAndRepeatedSignaturesAreRefusedAlsoAfterARestart) {
    Hook hook;
    const std::string path = "/v1/event/C-1", body = hook.event("1");
    const auto good = hook.signedHeaders(path, body, Hook::stamp());
    EXPECT_EQ(hook.post(path, body, {}), 401);
    EXPECT_EQ(hook.post(path, body, {{"X-Matou-Timestamp", Hook::stamp()}, {"X-Matou-Signature", "sha256="}}), 401);
    EXPECT_EQ(hook.post(path, body, {{"X-Matou-Timestamp", Hook::stamp()}, {"X-Matou-Signature", "md5=00"}}), 401);
    EXPECT_EQ(hook.post(path, body, hook.signedHeaders(path, body, Hook::stamp(), "sha256", "another secret")), 401);
    EXPECT_EQ(hook.post(path, body + " ", good), 401);                // another body
    EXPECT_EQ(hook.post("/v1/event/C-2", body, good), 401);           // moved to another source
    EXPECT_EQ(hook.post(path, body, hook.signedHeaders(path, body, Hook::stamp(301))), 401);
    EXPECT_EQ(hook.post(path, body, hook.signedHeaders(path, body, Hook::stamp(-301))), 401);
    EXPECT_TRUE(hook.stored(0));
    EXPECT_EQ(hook.post(path, body, good), 200);
    EXPECT_EQ(hook.post(path, body, good), 409);
    hook.service.reset();
    hook.start();
    EXPECT_EQ(hook.post(path, body, good), 409);
    EXPECT_TRUE(hook.stored(1));
}

TEST(Webhook, whatIsWrongIsSaidToItsSender) {
    Hook hook;
    const std::string path = "/v1/event/C-1", bad = "{\"id\":7}";
    EXPECT_EQ(hook.post(path, bad, hook.signedHeaders(path, bad, Hook::stamp())), 400);
    EXPECT_NE(hook.last.find("topic matou/v1/tiny/event/C-1"), std::string::npos) << hook.last;
    EXPECT_EQ(hook.post(path, std::string(2 << 20, ' '), {}), 413);
    EXPECT_EQ(hook.post("/v1/nothing/C-1", "{}", {}), 404);
    EXPECT_TRUE(hook.stored(0));
}

namespace {
/// The feed alone, with a clock that stands and nobody who stores.
struct Alone {
    live::Inbox inbox{1};
    core::ManualClock clock{core::Instant(std::chrono::milliseconds(1750000000000))};
    std::unique_ptr<service::WebhookFeed> feed =
        std::move(*service::WebhookFeed::open({"127.0.0.1:0", "a long shared secret", "tiny", 0, {}, core::Duration(300)}, inbox, clock));
    httplib::Client client{"127.0.0.1", feed->port()};
    int post(const std::string& path, const std::string& body) {
        const std::string stamp = core::formatInstant(clock.now());
        const httplib::Headers headers = {
            {"X-Matou-Timestamp", stamp},
            {"X-Matou-Signature", "sha256=" + service::webhookSignature("sha256", "a long shared secret", stamp, path, body)}};
        const auto answer = client.Post(path, headers, body, "application/json");
        return answer ? answer->status : 0;
    }
};
} // namespace

TEST(Webhook, fiftyASecondFromOneAddressAndNotOneMore) {
    Alone alone;
    for (int second = 0; second < 2; ++second) {
        for (int i = 0; i < 60; ++i)
            ASSERT_EQ(alone.client.Post("/v1/event/C-1", "{}", "application/json")->status, i < 50 ? 401 : 429) << i;
        alone.clock.advance(std::chrono::seconds(1));
    }
}

TEST(Webhook, whatCannotBeStoredNowIsTakenButHoldsNoThread) {
    Alone alone;
    const auto event = [](int i) { return R"({"id":")" + std::to_string(i) + R"(","ts":"2025-06-15T15:06:40Z","class":"crowd"})"; };
    const auto begun = std::chrono::steady_clock::now();
    for (int i = 0; i < 20; ++i)
        EXPECT_EQ(alone.post("/v1/event/C-1", event(i)), 503);
    EXPECT_EQ(alone.post("/v1/obs/S-001", R"({"id":"S-001","ts":"2025-06-15T15:06:40Z","value":1})"), 202);
    EXPECT_LT(std::chrono::steady_clock::now() - begun, std::chrono::milliseconds(300 * 10)); // one of them waited, not all
    const auto waiting = alone.inbox.take(core::Duration(0), 100);
    ASSERT_EQ(waiting.size(), 21u); // shown, all the same
    alone.feed->acknowledge(waiting[0].acknowledge); // it stores again: whoever comes now is waited for
    std::thread lane([&] {
        const auto next = alone.inbox.take(std::chrono::seconds(5), 1);
        if (!next.empty()) alone.feed->acknowledge(next[0].acknowledge);
    });
    EXPECT_EQ(alone.post("/v1/event/C-1", event(99)), 200);
    lane.join();
}
