#include "io/archive.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <string_view>

#include <unistd.h>
#include <zlib.h>

#include "core/bounded_reader.h"

namespace matou::io {

using core::fail;
using core::Result;

namespace {

constexpr std::uint32_t kEnd = 0x06054b50, kEnd64 = 0x06064b50, kEnd64Locator = 0x07064b50, kCentral = 0x02014b50, kLocal = 0x04034b50;
constexpr std::uint64_t kDirectoryLimit = std::uint64_t{256} << 20;

std::string at(const std::string& where, std::uint64_t byte) { return where + ":byte " + std::to_string(byte); }

Result<Bytes> bytesAt(int file, std::uint64_t offset, std::uint64_t count, const std::string& where) {
    Bytes out(count);
    std::size_t done = 0;
    while (done < out.size()) {
        const auto got = ::pread(file, out.data() + done, out.size() - done, static_cast<off_t>(offset + done));
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return fail("E_FILE_READ", where, {std::strerror(errno)});
        if (got == 0) return fail("E_ARCHIVE_RANGE", at(where, offset + done), {std::to_string(count)});
        done += static_cast<std::size_t>(got);
    }
    return out;
}

/// Relative, '/' between, nothing that a path must not hold.
bool nameIsSafe(std::string_view name) {
    if (name.empty() || name.size() > 4096 || name.front() == '/' || (name.size() > 1 && name[1] == ':')) return false;
    for (const unsigned char c : name)
        if (c < 0x20 || c == 0x7f || c == '\\') return false;
    for (std::size_t begin = 0; begin <= name.size();) {
        const auto end = std::min(name.find('/', begin), name.size());
        if (name.substr(begin, end - begin) == "..") return false;
        begin = end + 1;
    }
    return true;
}

struct End {
    std::uint64_t count = 0, directoryBytes = 0, directoryOffset = 0;
    std::uint64_t place = 0; // of the record
};

Result<End> findEnd(int file, std::uint64_t fileBytes, const std::string& where) {
    const auto tailBytes = std::min<std::uint64_t>(fileBytes, 22 + 65535);
    const auto start = fileBytes - tailBytes;
    MATOU_TRY(tail, bytesAt(file, start, tailBytes, where));
    for (std::uint64_t i = tailBytes >= 22 ? tailBytes - 22 + 1 : 0; i-- > 0;) {
        core::BoundedReader reader(std::span<const std::byte>(tail).subspan(i));
        if (*reader.read<std::uint32_t>() != kEnd) continue;
        reader.skip(6);
        End end;
        end.place = start + i;
        end.count = *reader.read<std::uint16_t>();
        end.directoryBytes = *reader.read<std::uint32_t>();
        end.directoryOffset = *reader.read<std::uint32_t>();
        const bool large = end.count == 0xffff || end.directoryBytes == 0xffffffffu || end.directoryOffset == 0xffffffffu;
        if (!large || end.place < 20) return end;
        MATOU_TRY(locator, bytesAt(file, end.place - 20, 20, where));
        core::BoundedReader words(locator);
        if (*words.read<std::uint32_t>() != kEnd64Locator) return end;
        words.skip(4);
        const auto place = *words.read<std::uint64_t>();
        if (place > fileBytes || fileBytes - place < 56) return fail("E_ARCHIVE_END", at(where, end.place - 20), {});
        MATOU_TRY(record, bytesAt(file, place, 56, where));
        core::BoundedReader fields(record);
        if (*fields.read<std::uint32_t>() != kEnd64) return fail("E_ARCHIVE_END", at(where, place), {});
        fields.skip(28);
        end.count = *fields.read<std::uint64_t>();
        end.directoryBytes = *fields.read<std::uint64_t>();
        end.directoryOffset = *fields.read<std::uint64_t>();
        end.place = place;
        return end;
    }
    return fail("E_ARCHIVE_END", at(where, fileBytes), {});
}

/// The 64-bit values that a zip64 extra field gives for those that read 0xffffffff, in their order.
void widen(std::span<const std::byte> extra, ArchiveEntry& entry, std::uint32_t bytes, std::uint32_t packed, std::uint32_t offset) {
    core::BoundedReader reader(extra);
    while (const auto id = reader.read<std::uint16_t>()) {
        const auto size = reader.read<std::uint16_t>();
        const auto body = size ? reader.take(*size) : std::nullopt;
        if (!body) return;
        if (*id != 1) continue;
        core::BoundedReader values(*body);
        for (const auto& [narrow, wide] : {std::pair{bytes, &entry.bytes}, std::pair{packed, &entry.packedBytes}, std::pair{offset, &entry.headerOffset}})
            if (narrow == 0xffffffffu)
                if (const auto value = values.read<std::uint64_t>()) *wide = *value;
        return;
    }
}

} // namespace

Result<ArchiveDirectory> readDirectory(int file, std::uint64_t fileBytes, const std::string& where, const Limits& limits) {
    MATOU_TRY(end, findEnd(file, fileBytes, where));
    if (end.directoryBytes > kDirectoryLimit) return fail("E_FILE_LIMIT", at(where, end.place), {std::to_string(end.directoryBytes), std::to_string(kDirectoryLimit)});
    if (end.directoryOffset > end.place || end.directoryBytes > end.place - end.directoryOffset)
        return fail("E_ARCHIVE_DIRECTORY", at(where, end.place), {std::to_string(end.directoryOffset)});
    MATOU_TRY(bytes, bytesAt(file, end.directoryOffset, end.directoryBytes, where));
    core::BoundedReader reader(bytes);
    ArchiveDirectory out;
    for (std::uint64_t i = 0; i < end.count; ++i) {
        const auto here = end.directoryOffset + reader.offset();
        const auto header = reader.take(46);
        core::BoundedReader fields(header.value_or(std::span<const std::byte>()));
        if (!header || *fields.read<std::uint32_t>() != kCentral) return fail("E_ARCHIVE_DIRECTORY", at(where, here), {std::to_string(i)});
        fields.skip(4);
        ArchiveEntry entry;
        const auto flags = *fields.read<std::uint16_t>();
        entry.method = *fields.read<std::uint16_t>();
        fields.skip(4);
        entry.crc = *fields.read<std::uint32_t>();
        const auto packed = *fields.read<std::uint32_t>(), whole = *fields.read<std::uint32_t>();
        const auto nameBytes = *fields.read<std::uint16_t>(), extraBytes = *fields.read<std::uint16_t>(), commentBytes = *fields.read<std::uint16_t>();
        fields.skip(8);
        const auto offset = *fields.read<std::uint32_t>();
        const auto name = reader.take(nameBytes), extra = reader.take(extraBytes);
        if (!name || !extra || !reader.skip(commentBytes)) return fail("E_ARCHIVE_DIRECTORY", at(where, here), {std::to_string(i)});
        entry.packedBytes = packed;
        entry.bytes = whole;
        entry.headerOffset = offset;
        widen(*extra, entry, whole, packed, offset);
        const std::string text(reinterpret_cast<const char*>(name->data()), name->size());
        if (!nameIsSafe(text)) return fail("E_ARCHIVE_NAME", at(where, here + 46), {text.substr(0, 80)});
        if (text.ends_with('/')) continue; // a folder
        if ((flags & 1) != 0 || (entry.method != 0 && entry.method != 8)) return fail("E_ARCHIVE_METHOD", at(where, here + 8), {text, (flags & 1) != 0 ? "encrypted" : std::to_string(entry.method)});
        if (entry.headerOffset > end.directoryOffset || entry.packedBytes > end.directoryOffset - entry.headerOffset || (entry.method == 0 && entry.packedBytes != entry.bytes))
            return fail("E_ARCHIVE_RANGE", at(where, here + 20), {text});
        if (entry.bytes > limits.fileBytes) return fail("E_FILE_LIMIT", at(where, here + 24), {std::to_string(entry.bytes), std::to_string(limits.fileBytes)});
        if (entry.bytes > (1u << 20) && entry.bytes / limits.unpackRatio > entry.packedBytes)
            return fail("E_ARCHIVE_RATIO", at(where, here + 24), {text, std::to_string(entry.bytes), std::to_string(entry.packedBytes)});
        if (!out.entries.emplace(text, entry).second) return fail("E_ARCHIVE_NAME", at(where, here + 46), {text});
    }
    return out;
}

Result<Bytes> readEntry(int file, std::uint64_t fileBytes, const ArchiveEntry& entry, const std::string& where, const Limits& limits) {
    if (fileBytes < 30 || entry.headerOffset > fileBytes - 30) return fail("E_ARCHIVE_HEADER", at(where, entry.headerOffset), {});
    MATOU_TRY(header, bytesAt(file, entry.headerOffset, 30, where));
    core::BoundedReader fields(header);
    if (*fields.read<std::uint32_t>() != kLocal) return fail("E_ARCHIVE_HEADER", at(where, entry.headerOffset), {});
    fields.skip(22);
    const std::uint64_t nameBytes = *fields.read<std::uint16_t>(), extraBytes = *fields.read<std::uint16_t>();
    const auto start = entry.headerOffset + 30 + nameBytes + extraBytes;
    if (start > fileBytes || entry.packedBytes > fileBytes - start) return fail("E_ARCHIVE_RANGE", at(where, start), {std::to_string(entry.packedBytes)});
    MATOU_TRY(packed, bytesAt(file, start, entry.packedBytes, where));
    Bytes out;
    if (entry.method == 0) {
        out = std::move(packed);
    } else {
        if (entry.bytes > limits.fileBytes) return fail("E_FILE_LIMIT", at(where, start), {std::to_string(entry.bytes), std::to_string(limits.fileBytes)});
        out.resize(entry.bytes + 1); // one more, to see a stream that goes on
        z_stream stream{};
        stream.next_in = reinterpret_cast<Bytef*>(packed.data());
        stream.avail_in = static_cast<uInt>(packed.size());
        stream.next_out = reinterpret_cast<Bytef*>(out.data());
        stream.avail_out = static_cast<uInt>(out.size());
        if (inflateInit2(&stream, -MAX_WBITS) != Z_OK) return fail("E_ARCHIVE_BODY", at(where, start), {"zlib"});
        const int status = inflate(&stream, Z_FINISH);
        const auto got = out.size() - stream.avail_out;
        inflateEnd(&stream);
        if (status != Z_STREAM_END || got != entry.bytes) return fail("E_ARCHIVE_BODY", at(where, start), {std::to_string(got) + " / " + std::to_string(entry.bytes)});
        out.resize(entry.bytes);
    }
    const auto crc = ::crc32(0, reinterpret_cast<const Bytef*>(out.data()), static_cast<uInt>(out.size()));
    if (crc != entry.crc) return fail("E_ARCHIVE_BODY", at(where, start), {"CRC-32"});
    return out;
}

std::shared_ptr<const ArchiveDirectory> ArchiveCache::find(const Stamp& stamp) const {
    std::lock_guard lock(_mutex);
    const auto found = _directories.find(stamp);
    return found == _directories.end() ? nullptr : found->second;
}

void ArchiveCache::keep(const Stamp& stamp, std::shared_ptr<const ArchiveDirectory> directory) {
    std::lock_guard lock(_mutex);
    if (_directories.size() >= kMost) _directories.clear();
    _directories[stamp] = std::move(directory);
}

} // namespace matou::io
