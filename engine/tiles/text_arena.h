#pragma once
// Many short texts in few blocks: what a tree of a hundred thousand tiles has for URIs.

#include <cstddef>
#include <cstring>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

namespace matou::tiles {

/// What `keep` returned stays where it is as long as this arena or a copy of it lives.
class TextArena {
public:
    TextArena() = default;
    /// A copy shares what is there; each appends to blocks of its own.
    TextArena(const TextArena& other) : _blocks(other._blocks) {}
    TextArena& operator=(const TextArena& other) {
        _blocks = other._blocks;
        _next = nullptr;
        _left = 0;
        return *this;
    }
    TextArena(TextArena&& other) noexcept { *this = std::move(other); }
    TextArena& operator=(TextArena&& other) noexcept {
        _blocks = std::move(other._blocks);
        _next = std::exchange(other._next, nullptr);
        _left = std::exchange(other._left, 0);
        return *this;
    }

    std::string_view keep(std::string_view text) {
        if (text.empty()) return {};
        if (text.size() > _left) reserve(text.size() > kBlockBytes ? text.size() : kBlockBytes);
        std::memcpy(_next, text.data(), text.size());
        const std::string_view kept(_next, text.size());
        _next += text.size();
        _left -= text.size();
        return kept;
    }
    /// One block for all that is to come, where that is known.
    void reserve(std::size_t bytes) {
        if (bytes == 0) return;
        _blocks.emplace_back(new char[bytes]);
        _next = _blocks.back().get();
        _left = bytes;
    }

private:
    static constexpr std::size_t kBlockBytes = 4096;
    std::vector<std::shared_ptr<char[]>> _blocks;
    char* _next = nullptr;
    std::size_t _left = 0;
};

} // namespace matou::tiles
