// What of Kafka needs no broker: addresses, and which offsets may be committed.

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "live/kafka_url.h"
#include "live/offset_ledger.h"

using namespace matou::live;

TEST(KafkaUrl, saysBrokersTopicsAndHowToSpeak) {
    const auto address = kafka::parseAddress("kafkas://a:9093,b:9093/city.obs,city.event?group=g-1&from=latest&user=matou&sasl=plain&ca=/etc/ca%20x.pem");
    ASSERT_TRUE(address);
    EXPECT_EQ(address->brokers, "a:9093,b:9093");
    EXPECT_EQ(address->topics, (std::vector<std::string>{"city.obs", "city.event"}));
    EXPECT_EQ(address->group, "g-1");
    EXPECT_TRUE(address->fromLatest);
    EXPECT_TRUE(address->tls);
    EXPECT_EQ(address->user, "matou");
    EXPECT_EQ(address->mechanism, "plain");
    EXPECT_EQ(address->certificates.authorities, "/etc/ca x.pem");
    EXPECT_EQ(kafka::parseAddress("kafka://[::1]:9092/t")->brokers, "[::1]:9092");
    EXPECT_EQ(kafka::parseAddress("kafka://a/t")->brokers, "a");
}

TEST(KafkaUrl, refusesWhatIsWrongWithoutRepeatingAPassword) {
    for (const char* url : {"kafka://", "kafka://a", "kafka://a:9092/", "kafka:///t", "kafka://a:0/t", "kafka://a:99999/t", "kafka://a:1/^t.*", "kafka://a:1/t,", "kafka://a:1/t?x=1",
                            "kafka://a:1/t?group=", "kafka://a:1/t?ca=x", "kafka://a:1/t?user=u&sasl=plain", "kafka://a:1/t?password=geheim", "mqtt://a:1/t", "kafka://a,,b/t"})
        EXPECT_FALSE(kafka::parseAddress(url)) << url;
    const auto wrong = kafka::parseAddress("kafka://user:geheim@a:9092/t?password=geheim");
    ASSERT_FALSE(wrong);
    EXPECT_EQ(wrong.error().code, "E_KAFKA_URL");
    EXPECT_EQ(wrong.error().where.find("geheim"), std::string::npos) << wrong.error().where;
}

TEST(OffsetLedger, aPartitionsPlaceNeverPassesARecordThatIsNotDone) {
    OffsetLedger ledger;
    const auto a = ledger.begin("t", 0, 10), b = ledger.begin("t", 0, 11), c = ledger.begin("t", 0, 15);
    const auto other = ledger.begin("t", 1, 3);
    ledger.done(b);
    ledger.done(other);
    auto moved = ledger.takeMoved();
    ASSERT_EQ(moved.size(), 1u);
    EXPECT_EQ(moved[0].partition, 1);
    EXPECT_EQ(moved[0].next, 4);
    ledger.done(a);
    moved = ledger.takeMoved();
    ASSERT_EQ(moved.size(), 1u);
    EXPECT_EQ(moved[0].next, 12);
    EXPECT_TRUE(ledger.takeMoved().empty());
    ledger.again(moved); // that commit failed
    EXPECT_EQ(ledger.takeMoved().size(), 1u);
    EXPECT_EQ(ledger.open(), 1u);
    ledger.forget("t", 0);
    ledger.done(c); // of a partition that went elsewhere
    EXPECT_TRUE(ledger.takeMoved().empty());
    EXPECT_EQ(ledger.open(), 0u);
}

TEST(OffsetLedger, anyOrderOfDoneGivesTheLongestRowThatIsDone) {
    std::mt19937 random(7);
    OffsetLedger ledger;
    std::vector<std::uint64_t> tokens;
    for (int i = 0; i < 500; ++i)
        tokens.push_back(ledger.begin("t", 0, i));
    std::vector<int> order(500);
    for (int i = 0; i < 500; ++i) order[static_cast<std::size_t>(i)] = i;
    std::shuffle(order.begin(), order.end(), random);
    std::vector<bool> done(500);
    std::int64_t next = 0;
    for (const int i : order) {
        ledger.done(tokens[static_cast<std::size_t>(i)]);
        done[static_cast<std::size_t>(i)] = true;
        for (const auto& moved : ledger.takeMoved()) next = moved.next;
        const auto expected = std::find(done.begin(), done.end(), false) - done.begin();
        ASSERT_EQ(next, expected);
    }
}
