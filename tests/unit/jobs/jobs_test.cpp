#include <atomic>
#include <chrono>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "jobs/bounded_queue.h"
#include "jobs/cancellation.h"
#include "jobs/completion_queue.h"
#include "jobs/worker_pool.h"

using namespace matou::jobs;
using namespace std::chrono_literals;

TEST(BoundedQueue, refusesWhenFullAndKeepsTheValue) {
    BoundedQueue<std::unique_ptr<int>> queue(1);
    EXPECT_TRUE(queue.tryPush(std::make_unique<int>(1)));
    auto second = std::make_unique<int>(2);
    EXPECT_FALSE(queue.tryPush(second));
    ASSERT_TRUE(second);
    EXPECT_EQ(**queue.tryPop(), 1);
    EXPECT_TRUE(queue.tryPush(second));
    queue.close();
    EXPECT_FALSE(queue.tryPush(std::make_unique<int>(3)));
    EXPECT_EQ(**queue.popWithin(1s), 2);
    EXPECT_FALSE(queue.popWithin(1s).has_value()); // closed and empty: at once
}

TEST(CompletionQueue, runsWhatWasPostedBeforeTheCall) {
    CompletionQueue queue;
    std::vector<int> seen;
    queue.post([&] {
        seen.push_back(1);
        queue.post([&] { seen.push_back(3); });
    });
    queue.post([&] { seen.push_back(2); });
    EXPECT_EQ(queue.run(), 2u);
    EXPECT_EQ(seen, (std::vector{1, 2}));
    EXPECT_EQ(queue.run(1), 1u);
    EXPECT_EQ(seen, (std::vector{1, 2, 3}));
}

TEST(WorkerPool, startsUrgentTasksFirst) {
    WorkerPool pool(1);
    std::mutex gate;
    std::vector<int> order;
    gate.lock();
    std::atomic<bool> holding = false;
    pool.submit([&] {
        holding = true;
        std::lock_guard wait(gate);
    });
    while (!holding) std::this_thread::sleep_for(1ms);
    for (int i = 0; i < 5; ++i) pool.submit([&order, i] { order.push_back(i); }, i % 2);
    gate.unlock();
    pool.drain();
    EXPECT_EQ(order, (std::vector{1, 3, 0, 2, 4}));
}

TEST(WorkerPool, runsEverythingFromManyLanes) {
    WorkerPool pool(3);
    std::atomic<int> count = 0;
    std::vector<std::thread> lanes;
    for (int lane = 0; lane < 4; ++lane)
        lanes.emplace_back([&] {
            for (int i = 0; i < 500; ++i) pool.submit([&] { ++count; });
        });
    for (auto& lane : lanes) lane.join();
    pool.drain();
    EXPECT_EQ(count, 2000);
}

TEST(WorkerPool, dropsWhatHasNotStartedWhenItEnds) {
    std::atomic<int> count = 0;
    auto held = std::make_shared<int>(0);
    {
        WorkerPool pool(1);
        for (int i = 0; i < 50; ++i)
            pool.submit([&count, held] {
                std::this_thread::sleep_for(2ms);
                ++count;
            });
    }
    EXPECT_LT(count, 50);
    EXPECT_EQ(held.use_count(), 1);
}

TEST(Cancellation, reachesEveryCopy) {
    CancellationToken never;
    CancellationSource source;
    auto token = source.token();
    auto copy = token;
    EXPECT_FALSE(copy.cancelled());
    source.cancel();
    EXPECT_TRUE(copy.cancelled());
    EXPECT_FALSE(never.cancelled());
}
