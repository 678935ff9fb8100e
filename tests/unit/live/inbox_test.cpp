#include <gtest/gtest.h>

#include <thread>

#include "live/inbox.h"

using namespace matou;
using namespace matou::live;

namespace {
Message message(const std::string& topic, const std::string& payload) {
    Message result;
    result.topic = topic;
    result.payload = payload;
    return result;
}
} // namespace

TEST(Inbox, keepsOrder) {
    Inbox inbox(1);
    for (int i = 0; i < 10; ++i)
        inbox.push(message("a/obs/" + std::to_string(i), std::to_string(i)));
    const auto first = inbox.take(core::Duration(0), 4);
    const auto rest = inbox.take(core::Duration(0), 100);
    ASSERT_EQ(first.size(), 4u);
    ASSERT_EQ(rest.size(), 6u);
    EXPECT_EQ(first[3].payload, "3");
    EXPECT_EQ(rest[0].payload, "4");
}

TEST(Inbox, beyondItsBoundTheNewestValuePerTopicWinsAndNoEventIsLost) {
    Inbox inbox(1, 100);
    for (int i = 0; i < 100; ++i)
        inbox.push(message("a/obs/early", std::to_string(i)));
    for (int i = 0; i < 1000; ++i) {
        inbox.push(message("a/obs/s" + std::to_string(i % 10), std::to_string(i)));
        inbox.push(message("a/event/c", std::to_string(i)));
    }
    EXPECT_EQ(inbox.eventsWaiting(0), 1000u);
    const auto all = inbox.take(core::Duration(0), 100000);
    EXPECT_EQ(all.size(), 100u + 10u + 1000u);
    int events = 0;
    for (const auto& m : all) {
        if (m.topic == "a/event/c") {
            EXPECT_EQ(m.payload, std::to_string(events++));
        }
        if (m.topic == "a/obs/s3") {
            EXPECT_EQ(m.payload, "993");
        }
    }
    const auto counts = inbox.counts(0);
    EXPECT_EQ(counts.received, 2100u);
    EXPECT_EQ(counts.coalesced, 990u);
    EXPECT_EQ(counts.received, all.size() + counts.coalesced);
    // Once there is room again, nothing coalesces.
    inbox.push(message("a/obs/s3", "x"));
    inbox.push(message("a/obs/s3", "y"));
    EXPECT_EQ(inbox.take(core::Duration(0), 10).size(), 2u);
}

TEST(Inbox, coalescingAfterAPartialTakeReplacesOnlyWhatStillWaits) {
    Inbox inbox(1, 2);
    for (const char* value : {"1", "2", "3"})
        inbox.push(message("a/obs/s", value)); // the third begins to coalesce
    EXPECT_EQ(inbox.take(core::Duration(0), 1).at(0).payload, "1");
    inbox.push(message("a/obs/s", "4"));
    const auto rest = inbox.take(core::Duration(0), 10);
    ASSERT_FALSE(rest.empty());
    EXPECT_EQ(rest.back().payload, "4");
}

TEST(Inbox, aFeedsFloodDoesNotTouchAnother) {
    Inbox inbox(2, 10);
    for (int i = 0; i < 50; ++i)
        inbox.push(message("a/obs/x", "flood"));
    Message quiet = message("a/obs/y", "1");
    quiet.feed = 1;
    inbox.push(quiet);
    EXPECT_EQ(inbox.counts(1).coalesced, 0u);
    EXPECT_EQ(inbox.counts(1).received, 1u);
}

TEST(Inbox, wakesItsReader) {
    Inbox inbox(1);
    std::thread later([&] {
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
        inbox.push(message("a/obs/x", "1"));
    });
    EXPECT_EQ(inbox.take(std::chrono::seconds(20), 10).size(), 1u);
    later.join();
}

TEST(Inbox, oneThatSomebodyWaitsForKeepsItsOwnPlace) {
    Inbox inbox(1, 2);
    for (const char* value : {"1", "2", "3"})
        inbox.push(message("a/obs/s", value));
    inbox.push(message("a/event/c", "before the last of its file"));
    Message last = message("a/obs/s", "4");
    last.acknowledge = 7; // stored means: all of the file is
    inbox.push(last);
    inbox.push(message("a/obs/s", "5"));
    const auto all = inbox.take(core::Duration(0), 10);
    ASSERT_EQ(all.size(), 5u);
    EXPECT_EQ(all[2].payload, "5");
    EXPECT_EQ(all[3].topic, "a/event/c");
    EXPECT_EQ(all[4].acknowledge, 7u);
}
