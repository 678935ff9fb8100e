#include <gtest/gtest.h>

#include <fstream>
#include <memory>
#include <vector>

#include <unistd.h>

#include "core/heap.h"

namespace {

std::size_t residentBytes() {
    std::ifstream file("/proc/self/statm");
    std::size_t all = 0, resident = 0;
    file >> all >> resident;
    return resident * static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
}

} // namespace

TEST(Heap, givesTheSystemWhatLiesFreeBetweenWhatIsHeld) {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__) || !defined(__GLIBC__)
    GTEST_SKIP() << "another allocator";
#endif
    constexpr std::size_t kBlock = 100'000, kBlocks = 400;
    std::vector<std::unique_ptr<std::vector<char>>> blocks;
    for (std::size_t i = 0; i < kBlocks; ++i) blocks.push_back(std::make_unique<std::vector<char>>(kBlock, 'x'));
    for (std::size_t i = 0; i < kBlocks; ++i)
        if (i % 10 != 9) blocks[i].reset();
    const auto before = residentBytes();
    matou::core::returnFreeMemory();
    EXPECT_LT(residentBytes() + 30'000'000, before); // of the 36 MB that are free
    for (std::size_t i = 9; i < kBlocks; i += 10) EXPECT_EQ((*blocks[i])[kBlock - 1], 'x');
}
