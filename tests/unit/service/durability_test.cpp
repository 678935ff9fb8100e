// What survives: kills in the middle of writing, a broker that dies and freezes, a disk that is full. A few rounds by default;
// MATOU_ROUNDS sets more (the soak tests do).

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <random>
#include <set>
#include <thread>

#include "service/audit_anchors.h"
#include "unit/service/durability_support.h"

using namespace matou;
using namespace matou::durability;

TEST_F(Durability, killsAtAnyPointLoseNothingAndDoubleNothing) {
    const int kills = rounds(4);
    // The broker lives: that it writes its whole queue at each message would only make it the slowest part.
    startBroker("");
    {
        support::Program serve(program, serving(), folder.path / "serve.log");
        // Once quietly, so that the broker knows the session.
        EXPECT_TRUE(eventually(20s, [&] { return serve.output().find("matou serve:") != std::string::npos; }));
        std::this_thread::sleep_for(1000ms);
        EXPECT_EQ(serve.end(SIGTERM), 0) << serve.output();
    }
    const auto sender = client("sender");
    Publisher publisher(*sender, 500);
    std::minstd_rand random(11);
    std::vector<std::pair<core::Instant, double>> starts;
    for (int round = 0; round < kills; ++round) {
        starts.emplace_back(core::RealClock().now(), 0);
        support::Program serve(program, serving(), folder.path / "serve.log");
        std::this_thread::sleep_for(std::chrono::milliseconds(150 + random() % 1100));
        EXPECT_EQ(serve.end(SIGKILL), -SIGKILL);
    }
    const int sent = publisher.stop();
    ASSERT_TRUE(eventually(20s, [&] { return sender->unconfirmed() == 0; })) << sender->unconfirmed() << " of " << sent;
    std::size_t rows = 0;
    {
        support::Program serve(program, serving(), folder.path / "last.log");
        EXPECT_TRUE(eventually(60s, [&] {
            sqlite3* handle = nullptr;
            sqlite3_open_v2(file().c_str(), &handle, SQLITE_OPEN_READONLY, nullptr);
            sqlite3_stmt* count = nullptr;
            sqlite3_prepare_v2(handle, "SELECT count(*) FROM events", -1, &count, nullptr);
            const int stored = sqlite3_step(count) == SQLITE_ROW ? sqlite3_column_int(count, 0) : 0;
            sqlite3_finalize(count);
            sqlite3_close(handle);
            if (stored < sent) std::this_thread::sleep_for(200ms);
            // Before it says its name it does not yet listen to signals.
            return stored >= sent && serve.output().find("matou serve:") != std::string::npos;
        }));
        std::this_thread::sleep_for(500ms); // all may have been stored before: let it get as far as taking signals
        EXPECT_EQ(serve.end(SIGTERM), 0);
    }
    const auto ids = storedIds(file(), rows);
    EXPECT_EQ(ids.size(), static_cast<std::size_t>(sent));
    EXPECT_EQ(rows, ids.size());
    // The first event stored by each run, against its start.
    std::vector<double> first;
    {
        core::Diagnostics remarks;
        const auto history = history::History::open(file(), {}, remarks);
        const auto events = *history->events({.limit = 10000000});
        for (std::size_t i = 0; i < starts.size(); ++i)
            for (const auto& row : events)
                if (row.stored >= starts[i].first && (i + 1 == starts.size() || row.stored < starts[i + 1].first)) {
                    first.push_back(static_cast<double>((row.stored - starts[i].first).count()));
                    break;
                }
    }
    // Every transition of every alarm is in a chain that holds, and its end is where it was anchored.
    const auto report = history::verifyAudit(file(), *service::readAnchors(file() + ".anchors"));
    ASSERT_TRUE(report);
    EXPECT_TRUE(report->findings.empty()) << report->findings[0].code;
    std::printf("%d kills at 500 events/s: %d sent, %zu stored, %zu lost, %zu doubled; start to first stored ms: p50 %.0f p95 %.0f max "
                "%.0f (%zu runs); audit chain of %lld records sound\n",
                kills, sent, rows, static_cast<std::size_t>(sent) - ids.size(), rows - ids.size(), percentile(first, 0.5),
                percentile(first, 0.95), percentile(first, 1), first.size(), static_cast<long long>(report->last));
}

TEST_F(Durability, aBrokerThatDiesOrFreezesCostsNothingThatItStillHeld) {
    const int faults = rounds(2);
    // A plain subscriber beside ours: what the broker delivers at all.
    std::mutex mutex;
    std::set<std::string> control;
    Client* confirming = nullptr;
    live::mqtt::ClientCallbacks callbacks;
    callbacks.message = [&](live::mqtt::Received received) {
        const std::lock_guard lock(mutex);
        const auto json = Json::parse(received.publish.payload, nullptr, false);
        if (json.is_object()) control.insert(json.value("id", ""));
        if (confirming && received.token) confirming->acknowledge(received.token);
        return true;
    };
    const auto watcher = client("control", callbacks, {{"matou/v1/tiny/event/+", 1}});
    {
        const std::lock_guard lock(mutex);
        confirming = watcher.get();
    }
    service::ServiceOptions options;
    options.district = std::make_shared<const district::District>(*district::District::open(folder.path / "d"));
    options.clock = std::make_shared<core::RealClock>();
    options.mqttUrl = broker->url();
    options.history = file();
    auto service = std::move(*service::Service::start(std::move(options)));
    ASSERT_TRUE(eventually(10s, [&] { return service->snapshot()->feeds.at(0).connected; }));
    std::this_thread::sleep_for(500ms);
    const auto sender = client("sender");
    Publisher publisher(*sender, 200);
    std::vector<double> back, noticed;
    const auto seconds = [](Steady::time_point since) { return std::chrono::duration<double>(Steady::now() - since).count(); };
    for (int round = 0; round < faults; ++round) {
        std::this_thread::sleep_for(700ms);
        const auto since = Steady::now();
        if (round % 3 == 1) { // frozen: to us the same as half-open
            broker->freeze();
            EXPECT_TRUE(eventually(15s, [&] { return !service->snapshot()->feeds.at(0).connected; }));
            noticed.push_back(seconds(since));
            broker->thaw();
        } else {
            broker->kill();
            EXPECT_TRUE(eventually(5s, [&] { return !service->snapshot()->feeds.at(0).connected; }));
            noticed.push_back(seconds(since));
            if (round % 3 == 2) std::this_thread::sleep_for(1500ms);
            ASSERT_TRUE(broker->start());
        }
        const auto returned = Steady::now();
        const auto before = service->snapshot()->eventsStored;
        EXPECT_TRUE(eventually(7s, [&] { return service->snapshot()->feeds.at(0).connected && service->snapshot()->eventsStored > before; }));
        back.push_back(seconds(returned));
        EXPECT_LE(back.back(), 6) << "round " << round;
    }
    const int sent = publisher.stop();
    // The broker confirms at its own pace (it writes its whole queue at each change; a hundred faults leave it ten thousand messages
    // behind): as long as it goes on.
    const std::size_t behind = sender->unconfirmed();
    const auto ended = Steady::now();
    auto quietSince = ended;
    EXPECT_TRUE(eventually(1800s, [&, left = behind]() mutable {
        const auto now = sender->unconfirmed();
        if (std::exchange(left, now) != now) quietSince = Steady::now();
        return now == 0 || Steady::now() - quietSince > 60s;
    }));
    EXPECT_EQ(sender->unconfirmed(), 0u);
    const double settled = seconds(ended);
    // So does what it still holds: until nothing has come to either for a while.
    quietSince = Steady::now();
    std::pair<std::size_t, std::size_t> seen{0, 0};
    EXPECT_TRUE(eventually(300s, [&] {
        const std::lock_guard lock(mutex);
        const std::pair now{control.size(), static_cast<std::size_t>(service->snapshot()->eventsStored)};
        if (now != seen) quietSince = Steady::now();
        seen = now;
        return Steady::now() - quietSince > 5s || (now.second >= now.first && now.first >= static_cast<std::size_t>(sent));
    }));
    service->stop();
    service.reset();
    std::size_t rows = 0;
    const auto ids = storedIds(file(), rows);
    const std::lock_guard lock(mutex);
    std::size_t missed = 0;
    for (const auto& id : control)
        missed += !ids.contains(id);
    EXPECT_EQ(missed, 0u);
    EXPECT_EQ(rows, ids.size());
    std::printf("%d broker faults at 200 events/s: %d sent, %zu delivered to the control subscriber, %zu stored, %zu missed by us, %zu "
                "doubled; noticed after s: max %.1f; serving again after s: p50 %.1f max %.1f; the broker confirmed the %zu it was behind in %.0f s\n",
                faults, sent, control.size(), ids.size(), missed, rows - ids.size(), percentile(noticed, 1), percentile(back, 0.5),
                percentile(back, 1), behind, settled);
}

TEST_F(Durability, aFullDiskIsSaidTheLiveViewGoesOnAndTheGapIsExact) {
    // A small file system of its own, in a mount namespace of its own.
    const auto disk = folder.path / "disk";
    std::filesystem::create_directories(disk);
    if (std::system("unshare -m true 2>/dev/null") != 0) GTEST_SKIP() << "not run: no mount namespaces here";
    const int controlPort = support::freePort();
    const std::string command = "mount -t tmpfs -o size=6m tmpfs " + disk.string() + " && head -c 3500000 /dev/zero > " +
                                (disk / "ballast").string() + " && exec " + program.string() + " serve " +
                                (folder.path / "d").string() + " --mqtt " + broker->url() + " --history " + (disk / "h.db").string() +
                                " --control 127.0.0.1:" + std::to_string(controlPort);
    support::Program serve("/usr/bin/unshare", {"-m", "sh", "-c", command}, folder.path / "serve.log");
    const auto state = [&] { return stateOf(controlPort); };
    const auto historyError = [](const Json& json) { return errorOfHistory(json); };
    ASSERT_TRUE(eventually(15s, [&] {
        const auto json = state();
        return json.is_object() && json["feeds"][0]["connected"] == true;
    })) << serve.output();
    std::this_thread::sleep_for(300ms);
    const auto sender = client("sender");
    Publisher publisher(*sender, 2000);
    std::string said;
    ASSERT_TRUE(eventually(30s, [&] { return !(said = historyError(state())).empty(); })) << serve.output();
    // The picture goes on: a value sent now is shown, and so is an alarm.
    sender->publish("matou/v1/tiny/obs/S-001",
                    R"({"id":"S-001","ts":")" + core::formatInstant(core::RealClock().now()) + R"(","value":1.25})", 1);
    EXPECT_TRUE(eventually(5s, [&] {
        const auto json = state();
        for (const auto& sensor : json["sensors"])
            if (sensor["id"] == "S-001") return sensor.contains("value") && sensor["value"] == 1.25;
        return false;
    }));
    const int atFull = publisher.sent();
    std::this_thread::sleep_for(1s);
    const int sent = publisher.stop();
    const auto held = state()["events_stored"].get<int>();
    EXPECT_LT(held, sent);
    // Space again.
    const std::string inside = "/proc/" + std::to_string(serve.id()) + "/root";
    ASSERT_TRUE(std::filesystem::remove(inside + (disk / "ballast").string()));
    const auto since = Steady::now();
    EXPECT_TRUE(eventually(20s, [&] { return historyError(state()).empty() && state()["events_stored"] == sent; }))
        << state()["events_stored"] << " of " << sent;
    const double resumed = std::chrono::duration<double>(Steady::now() - since).count();
    std::printf("disk full at %d events: said \"%s\"; %d more came meanwhile; all %d stored %.1f s after there was space\n", atFull,
                said.c_str(), sent - held, sent, resumed);
    EXPECT_EQ(serve.end(SIGTERM), 0);
    // How long it was, and that it cost nothing, stands in the log and in the journal.
    const std::string log = serve.output();
    const auto gap = log.find("W_SERVICE_HISTORY_GAP");
    ASSERT_NE(gap, std::string::npos) << log;
    EXPECT_NE(log.find("0 events, 0 transitions, 0 values", gap), std::string::npos) << log.substr(gap, 300);
}
