// Runs a fuzz target without a fuzzer: each kept case, then changed ones for some seconds, by a fixed seed, so that every build with
// any compiler looks at the same inputs. With clang, the `fuzz` preset links the real fuzzer instead of this file.
//
//   TARGET CORPUS_FOLDER [SECONDS] [SEED]

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <random>
#include <string>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

using Bytes = std::vector<std::uint8_t>;

void run(const Bytes& bytes) {
    const Bytes exact(bytes); // no spare room behind it: a sanitizer sees the first byte too far
    LLVMFuzzerTestOneInput(exact.data(), exact.size());
}

/// A few bytes overwritten, cut, doubled or set to numbers that break arithmetic.
Bytes changed(Bytes bytes, const std::vector<Bytes>& corpus, std::mt19937& random) {
    const auto below = [&](std::size_t n) { return n == 0 ? 0 : random() % n; };
    for (auto changes = 1 + below(4); changes > 0; --changes) {
        const auto at = below(bytes.size());
        switch (below(6)) {
        case 0:
            if (!bytes.empty()) bytes[at] ^= static_cast<std::uint8_t>(1u << below(8));
            break;
        case 1:
            if (!bytes.empty()) bytes[at] = static_cast<std::uint8_t>(random());
            break;
        case 2: {
            static constexpr std::uint32_t numbers[] = {0, 1, 0x7f, 0x80, 0xff, 0xffff, 0x7fffffff, 0x80000000, 0xfffffffe, 0xffffffff};
            const auto number = numbers[below(std::size(numbers))];
            for (std::size_t b = 0; b < 4 && at + b < bytes.size(); ++b) bytes[at + b] = static_cast<std::uint8_t>(number >> b * 8);
            break;
        }
        case 3: bytes.erase(bytes.begin() + static_cast<std::ptrdiff_t>(at), bytes.begin() + static_cast<std::ptrdiff_t>(std::min(bytes.size(), at + below(64)))); break;
        case 4: {
            const auto& other = corpus[below(corpus.size())];
            const auto from = below(other.size()), length = std::min(other.size() - from, below(64));
            bytes.insert(bytes.begin() + static_cast<std::ptrdiff_t>(at), other.begin() + static_cast<std::ptrdiff_t>(from), other.begin() + static_cast<std::ptrdiff_t>(from + length));
            break;
        }
        default: bytes.resize(at);
        }
    }
    return bytes;
}

} // namespace

int main(int count, char** arguments) {
    if (count < 2) {
        std::cerr << "usage: " << arguments[0] << " CORPUS_FOLDER [SECONDS] [SEED]\n";
        return 2;
    }
    std::vector<std::filesystem::path> files;
    for (const auto& entry : std::filesystem::directory_iterator(arguments[1])) files.push_back(entry.path());
    std::sort(files.begin(), files.end());
    std::vector<Bytes> corpus;
    for (const auto& file : files) {
        std::ifstream in(file, std::ios::binary);
        corpus.emplace_back(std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>());
        run(corpus.back());
    }
    if (corpus.empty()) {
        std::cerr << arguments[1] << ": no cases\n";
        return 1;
    }
    const double seconds = count > 2 ? std::atof(arguments[2]) : 1;
    std::mt19937 random(count > 3 ? static_cast<unsigned>(std::atoi(arguments[3])) : 20240229u);
    const auto end = std::chrono::steady_clock::now() + std::chrono::duration<double>(seconds);
    std::size_t runs = corpus.size();
    for (; std::chrono::steady_clock::now() < end; ++runs) run(changed(corpus[random() % corpus.size()], corpus, random));
    std::cout << runs << " inputs from " << corpus.size() << " cases\n";
    return 0;
}
