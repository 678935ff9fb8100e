// The course of a sensor's values: raw, in spans, and after retention has left only hours of them.

#include <gtest/gtest.h>

#include <random>

#include "history/history.h"
#include "support/tiny_district.h"

using namespace matou;
using namespace matou::history;
using namespace std::chrono_literals;

namespace {

const core::Instant kNow{std::chrono::milliseconds(1750000000000)};

twin::Observation value(const std::string& sensor, core::Instant at, double v,
                        twin::Quality quality = twin::Quality::good) {
    twin::Observation result;
    result.sensor = sensor;
    result.eventTime = result.receiveTime = at;
    result.value = v;
    result.quality = quality;
    return result;
}

History opened(const std::filesystem::path& path) {
    core::Diagnostics ignored;
    auto result = History::open(path, kNow, ignored);
    EXPECT_TRUE(result) << result.error().code;
    return std::move(*result);
}

} // namespace

TEST(Series, givesValuesInOrderOfTheirTimeAndSaysWhenThereAreMore) {
    const support::TemporaryFolder folder("series");
    auto history = opened(folder.path / "h.db");
    for (int i : {3, 0, 2, 1})
        history.addObservation(value("A", kNow + i * 1s, i));
    history.addObservation(value("B", kNow, 99));
    ASSERT_TRUE(history.flushObservations());
    const auto all = *history.series({.sensor = "A", .since = kNow, .until = kNow + 3s});
    ASSERT_EQ(all.values.size(), 3u); // until is not in it
    for (int i = 0; i < 3; ++i)
        EXPECT_EQ(all.values[static_cast<std::size_t>(i)].value, i);
    EXPECT_FALSE(all.cut);
    const auto two = *history.series({.sensor = "A", .since = kNow, .until = kNow + 3s, .limit = 2});
    EXPECT_EQ(two.values.size(), 2u);
    EXPECT_TRUE(two.cut);
    EXPECT_TRUE(history.series({.sensor = "nobody", .since = kNow, .until = kNow + 3s})->values.empty());
    EXPECT_TRUE(history.series({.sensor = "A", .since = kNow, .until = kNow})->values.empty());
}

TEST(Series, spansHoldWhatAPlainLoopOverTheValuesFinds) {
    const support::TemporaryFolder folder("series");
    auto history = opened(folder.path / "h.db");
    std::minstd_rand random(3);
    const core::Duration length = 3h + 7ms;
    constexpr int kPoints = 13;
    const std::int64_t span = (length.count() - 1) / kPoints + 1;
    struct Plain {
        std::int64_t count = 0, bad = 0;
        double low = 1e9, high = -1e9, sum = 0;
    };
    std::vector<Plain> plain(kPoints);
    for (int i = 0; i < 2000; ++i) {
        const core::Duration at(static_cast<std::int64_t>(random() % static_cast<unsigned>(length.count())));
        const double v = static_cast<double>(random() % 1000) / 8 - 50;
        const bool bad = random() % 9 == 0;
        history.addObservation(value("A", kNow + at, v, bad ? twin::Quality::bad : twin::Quality::uncertain));
        auto& p = plain[static_cast<std::size_t>(at.count() / span)];
        if (bad) {
            ++p.bad;
            continue;
        }
        ++p.count;
        p.low = std::min(p.low, v);
        p.high = std::max(p.high, v);
        p.sum += v;
    }
    ASSERT_TRUE(history.flushObservations());
    const auto series = *history.series({.sensor = "A", .since = kNow, .until = kNow + length, .points = kPoints});
    ASSERT_EQ(series.buckets.size(), static_cast<std::size_t>(kPoints));
    for (std::size_t i = 0; i < series.buckets.size(); ++i) {
        const auto& bucket = series.buckets[i];
        EXPECT_EQ(bucket.from, kNow + static_cast<int>(i) * series.span);
        EXPECT_EQ(bucket.count, plain[i].count);
        EXPECT_EQ(bucket.bad, plain[i].bad);
        EXPECT_EQ(bucket.minimum, plain[i].low);
        EXPECT_EQ(bucket.maximum, plain[i].high);
        EXPECT_NEAR(bucket.mean, plain[i].sum / static_cast<double>(plain[i].count), 1e-9);
    }
}

TEST(Series, whatRetentionTookIsStillThereAsHours) {
    const support::TemporaryFolder folder("series");
    auto history = opened(folder.path / "h.db");
    const core::Instant old =
        core::Instant(core::Duration(1740000000000 / 3600000 * 3600000)); // 116 days before, on the hour
    double sum = 0;
    for (int i = 0; i < 240; ++i) { // four hours, a value a minute, one in ten bad
        history.addObservation(value("A", old + i * 1min, i, i % 10 == 9 ? twin::Quality::bad : twin::Quality::good));
        if (i % 10 != 9) sum += i;
    }
    history.addObservation(value("A", kNow - 1h, 1000));
    ASSERT_TRUE(history.flushObservations());
    const SeriesQuery query{.sensor = "A", .since = old, .until = old + 4h, .points = 4};
    const auto before = *history.series(query);
    Retention retention;
    while (*history.retain(kNow, retention)) {
    }
    EXPECT_EQ(history.observationsStored(), 1u);
    const auto after = *history.series(query);
    ASSERT_EQ(before.buckets.size(), 4u);
    ASSERT_EQ(after.buckets.size(), 4u);
    double mean = 0;
    std::int64_t count = 0;
    for (std::size_t i = 0; i < 4; ++i) {
        EXPECT_EQ(after.buckets[i].count, before.buckets[i].count);
        EXPECT_EQ(after.buckets[i].bad, before.buckets[i].bad);
        EXPECT_EQ(after.buckets[i].minimum, before.buckets[i].minimum);
        EXPECT_EQ(after.buckets[i].maximum, before.buckets[i].maximum);
        EXPECT_NEAR(after.buckets[i].mean, before.buckets[i].mean, 1e-9);
        mean += after.buckets[i].mean * static_cast<double>(after.buckets[i].count);
        count += after.buckets[i].count;
    }
    EXPECT_NEAR(mean, sum, 1e-6);
    EXPECT_EQ(count, 216);
    // And even they end: after three years.
    retention.summaryDays = 100;
    while (*history.retain(kNow, retention)) {
    }
    EXPECT_TRUE(history.series(query)->buckets.empty());
}

TEST(Series, anHourThatComesInPiecesIsOneSummary) {
    const support::TemporaryFolder folder("series");
    auto history = opened(folder.path / "h.db");
    const core::Instant old = core::Instant(core::Duration(1740000000000 / 3600000 * 3600000));
    // More than one piece of retention, in one hour of one sensor; the first piece all bad.
    for (int i = 0; i < 45000; ++i)
        history.addObservation(
            value("A", old + i * 1ms, i - 30000, i < 20000 ? twin::Quality::bad : twin::Quality::good));
    ASSERT_TRUE(history.flushObservations());
    while (*history.retain(kNow, {})) {
    }
    const auto series = *history.series({.sensor = "A", .since = old, .until = old + 1h, .points = 1});
    ASSERT_EQ(series.buckets.size(), 1u);
    EXPECT_EQ(series.buckets[0].bad, 20000);
    EXPECT_EQ(series.buckets[0].count, 25000);
    EXPECT_EQ(series.buckets[0].minimum, -10000);
    EXPECT_EQ(series.buckets[0].maximum, 14999);
}

TEST(Series, withoutAFileAnHourOfValuesIsKeptAndTheRestAsHours) {
    auto history = opened("");
    for (int i = 0; i < 300; ++i) history.addObservation(value("A", kNow - i * 1min, i));
    ASSERT_TRUE(history.flushObservations());
    while (*history.retain(kNow, {})) {}
    EXPECT_LE(*history.observationsStored(), 61u);
    const auto spans = *history.series({.sensor = "A", .since = kNow - 6h, .until = kNow + 1min, .points = 1});
    ASSERT_EQ(spans.buckets.size(), 1u);
    EXPECT_EQ(spans.buckets[0].count, 300);
}
