// Writes the split-sum table as RGBA16F: make_split_sum FILE. Runs at build.

#include <cstdio>

#include <glm/gtc/packing.hpp>

#include "resident/split_sum.h"

int main(int count, char** arguments) {
    if (count != 2) return 2;
    std::FILE* file = std::fopen(arguments[1], "wb");
    if (file == nullptr) return 1;
    for (const glm::vec4& entry : matou::resident::splitSumTable(matou::resident::kSplitSumSize)) {
        const std::uint64_t half = glm::packHalf4x16(entry);
        std::fwrite(&half, sizeof half, 1, file);
    }
    return std::fclose(file) == 0 ? 0 : 1;
}
