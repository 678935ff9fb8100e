#pragma once
// Entries of a zip archive (.3tz: a tileset in one file). Bytes may be hostile: names, offsets and sizes of all entries are
// checked when the directory is read, before anything is unpacked.

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "core/result.h"
#include "io/byte_source.h"
#include "io/limits.h"

namespace matou::io {

struct ArchiveEntry {
    std::uint64_t headerOffset = 0, packedBytes = 0, bytes = 0;
    std::uint32_t crc = 0;
    std::uint16_t method = 0; // 0 stored, 8 deflated
};

struct ArchiveDirectory {
    std::map<std::string, ArchiveEntry, std::less<>> entries;
};

/// The central directory (also of zip64) of an open regular file. Errors `WHERE:byte N`: E_ARCHIVE_END, E_ARCHIVE_DIRECTORY,
/// E_ARCHIVE_NAME (it leads out, or is there twice), E_ARCHIVE_RANGE, E_ARCHIVE_RATIO, E_ARCHIVE_METHOD, E_FILE_LIMIT.
core::Result<ArchiveDirectory> readDirectory(int file, std::uint64_t fileBytes, const std::string& where, const Limits& limits);
/// One entry unpacked; its length and CRC must be what the directory says. E_ARCHIVE_HEADER, E_ARCHIVE_BODY.
core::Result<Bytes> readEntry(int file, std::uint64_t fileBytes, const ArchiveEntry& entry, const std::string& where, const Limits& limits);

/// Directories of archives that were read lately. Thread-safe.
class ArchiveCache {
public:
    struct Stamp {
        std::uint64_t device = 0, inode = 0, bytes = 0;
        std::int64_t seconds = 0, nanoseconds = 0;
        auto operator<=>(const Stamp&) const = default;
    };
    std::shared_ptr<const ArchiveDirectory> find(const Stamp& stamp) const;
    void keep(const Stamp& stamp, std::shared_ptr<const ArchiveDirectory> directory);

private:
    static constexpr std::size_t kMost = 8;
    mutable std::mutex _mutex;
    std::map<Stamp, std::shared_ptr<const ArchiveDirectory>> _directories;
};

} // namespace matou::io
