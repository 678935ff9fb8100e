// What contents occupy on the GPU follows what is resident: arenas that run empty go back to the driver.

#include <algorithm>
#include <random>

#include <gtest/gtest.h>

#include "gpu/device.h"
#include "resident/content_table.h"

namespace matou::testing {
namespace {

model::Content contentOf(std::size_t triangles) {
    model::Content content;
    content.materials.resize(1);
    content.instances.resize(1);
    content.primitives.resize(1);
    content.primitives[0].vertices.resize(3 * triangles);
    for (std::uint32_t i = 0; i < 3 * triangles; ++i) content.primitives[0].indices.push_back(i);
    return content;
}

TEST(Arenas, giveBackWhatIsNoLongerHeld) {
    constexpr std::uint64_t kArena = 1 << 20;
    gpu::DeviceOptions options;
    options.validation = true;
    auto device = std::move(*gpu::Device::create(options));
    {
        auto table = std::move(*resident::ContentTable::create(*device, kArena));
        std::mt19937 random(3);
        std::vector<std::pair<scene::ContentHandle, std::uint64_t>> held;
        std::uint64_t bytes = 0;
        const auto retireSome = [&](std::size_t left) {
            std::shuffle(held.begin(), held.end(), random);
            while (held.size() > left) {
                bytes -= held.back().second;
                table->retire(held.back().first);
                held.pop_back();
            }
            device->waitIdle();
            device->collect(); // buffers of arenas that ran empty
        };
        for (int round = 0; round < 6; ++round) {
            while (bytes < 12 * kArena) {
                const auto handle = table->uploadNow(contentOf(100 + random() % 1500), {});
                ASSERT_TRUE(handle);
                held.emplace_back(*handle, table->byteSize(*handle));
                bytes += held.back().second;
            }
            // Filling: the fullest first, so what lies idle is little.
            EXPECT_LT(table->arenas().reservedBytes(), bytes + bytes / 2 + kArena) << round;
            const auto before = table->arenas().reservedBytes();
            retireSome(held.size() / 8);
            EXPECT_LE(table->arenas().reservedBytes(), before);
            EXPECT_GE(table->arenas().reservedBytes(), bytes);
        }
        retireSome(0);
        EXPECT_EQ(table->arenas().reservedBytes(), 0u);
        EXPECT_EQ(table->arenas().count(), 0u);
        // A content larger than an arena gets one of its own, and that goes too.
        const auto large = table->uploadNow(contentOf(30000), {});
        ASSERT_TRUE(large);
        EXPECT_GT(table->arenas().reservedBytes(), 3 * kArena);
        table->retire(*large);
        device->waitIdle();
        EXPECT_EQ(table->arenas().count(), 0u);
    }
    device->waitIdle();
    EXPECT_EQ(device->validationMessageCount(), 0u);
    EXPECT_TRUE(device->liveObjects().empty());
}

} // namespace
} // namespace matou::testing
