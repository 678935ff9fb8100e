#pragma once
// The only way to read foreign bytes: every read is checked against the end, sizes are 64-bit and never wrap.

#include <bit>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <type_traits>

namespace matou::core {

/// a * b, or nothing where it would wrap.
constexpr std::optional<std::uint64_t> checkedMultiply(std::uint64_t a, std::uint64_t b) {
    if (a != 0 && b > UINT64_MAX / a) return std::nullopt;
    return a * b;
}
constexpr std::optional<std::uint64_t> checkedAdd(std::uint64_t a, std::uint64_t b) {
    if (b > UINT64_MAX - a) return std::nullopt;
    return a + b;
}

/// Little-endian reads over bytes that it does not own. A failed read gives nothing and does not move.
class BoundedReader {
public:
    explicit BoundedReader(std::span<const std::byte> bytes) : _bytes(bytes) {}

    std::uint64_t offset() const { return _offset; }
    std::uint64_t size() const { return _bytes.size(); }
    std::uint64_t remaining() const { return _bytes.size() - _offset; }

    template <typename T>
    std::optional<T> read() {
        static_assert(std::is_trivially_copyable_v<T> && std::endian::native == std::endian::little);
        if (remaining() < sizeof(T)) return std::nullopt;
        T value;
        std::memcpy(&value, _bytes.data() + _offset, sizeof(T));
        _offset += sizeof(T);
        return value;
    }
    std::optional<std::span<const std::byte>> take(std::uint64_t count) {
        if (remaining() < count) return std::nullopt;
        auto result = _bytes.subspan(_offset, count);
        _offset += count;
        return result;
    }
    bool skip(std::uint64_t count) { return take(count).has_value(); }

private:
    std::span<const std::byte> _bytes;
    std::uint64_t _offset = 0;
};

} // namespace matou::core
