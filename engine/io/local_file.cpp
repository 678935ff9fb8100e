#include <cerrno>
#include <cstring>
#include <filesystem>
#include <system_error>

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "io/archive.h"
#include "io/byte_source.h"
#include "io/gzip.h"

namespace matou::io {

using core::fail;
using core::Result;

namespace {

class Descriptor {
public:
    explicit Descriptor(int value) : _value(value) {}
    ~Descriptor() {
        if (_value >= 0) ::close(_value);
    }
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    int get() const { return _value; }

private:
    int _value;
};

constexpr int kOpenFlags = O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY; // a FIFO without a writer must not hang the lane

int openBeneath(int root, const char* path) {
    open_how how{};
    how.flags = kOpenFlags;
    how.resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS;
    return static_cast<int>(::syscall(SYS_openat2, root, path, &how, sizeof how));
}

/// For kernels without openat2: the canonical path must lie inside the canonical root. Leaves a window between check and
/// open to somebody who can change the folder meanwhile, which openat2 does not.
int openChecked(const Location& location, bool& outside) {
    std::error_code error;
    const auto root = std::filesystem::canonical(location.root, error);
    if (error) return -1;
    const auto file = std::filesystem::canonical(std::filesystem::path(location.root) / location.path, error);
    if (error) {
        errno = ENOENT;
        return -1;
    }
    const auto relative = file.lexically_relative(root);
    if (relative.empty() || *relative.begin() == "..") {
        outside = true;
        return -1;
    }
    return ::open(file.c_str(), kOpenFlags | O_NOFOLLOW);
}

} // namespace

namespace {

Result<Bytes> readPackaged(int file, const struct stat& status, const Location& location, const Limits& limits, ArchiveCache* cache) {
    const auto where = (std::filesystem::path(location.root) / location.path).string();
    const auto size = static_cast<std::uint64_t>(status.st_size);
    const ArchiveCache::Stamp stamp{status.st_dev, status.st_ino, size, status.st_mtim.tv_sec, status.st_mtim.tv_nsec};
    auto directory = cache ? cache->find(stamp) : nullptr;
    if (!directory) {
        MATOU_TRY(read, readDirectory(file, size, where, limits));
        directory = std::make_shared<const ArchiveDirectory>(std::move(read));
        if (cache) cache->keep(stamp, directory);
    }
    const auto entry = directory->entries.find(location.inside);
    if (entry == directory->entries.end()) return fail("E_FILE_MISSING", location.text());
    MATOU_TRY(bytes, readEntry(file, size, entry->second, where, limits));
    return unpackedGzip(std::move(bytes), location.text(), limits);
}

} // namespace

Result<Bytes> readLocal(const Location& location, std::uint64_t limitBytes, ArchiveCache* cache) {
    const auto where = location.text();
    if (location.path.empty() || location.path.find('\0') != std::string::npos) return fail("E_URI_SYNTAX", where, {location.path});
    const Descriptor root(::open(location.root.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
    if (root.get() < 0) return fail("E_FILE_MISSING", where);
    bool outside = false;
    int opened = openBeneath(root.get(), location.path.c_str());
    if (opened < 0 && (errno == ENOSYS || errno == EPERM || errno == E2BIG)) opened = openChecked(location, outside);
    else if (opened < 0 && errno == EXDEV) outside = true;
    const int reason = errno;
    const Descriptor file(opened);
    if (outside) return fail("E_URI_OUTSIDE", where, {location.root});
    if (file.get() < 0) {
        if (reason == ENOENT || reason == ENOTDIR) return fail("E_FILE_MISSING", where);
        return fail("E_FILE_READ", where, {std::strerror(reason)});
    }
    struct stat status{};
    if (::fstat(file.get(), &status) != 0) return fail("E_FILE_READ", where, {std::strerror(errno)});
    if (!S_ISREG(status.st_mode)) return fail("E_FILE_KIND", where);
    const auto size = static_cast<std::uint64_t>(status.st_size);
    Limits limits;
    limits.fileBytes = limitBytes;
    if (!location.inside.empty()) return readPackaged(file.get(), status, location, limits, cache);
    if (size > limitBytes) return fail("E_FILE_LIMIT", where, {std::to_string(size), std::to_string(limitBytes)});
    Bytes bytes;
    bytes.reserve(size + kReadableBeyond);
    bytes.resize(size);
    std::size_t done = 0;
    while (done < bytes.size()) {
        const auto got = ::read(file.get(), bytes.data() + done, bytes.size() - done);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return fail("E_FILE_READ", where, {std::strerror(errno)});
        if (got == 0) break; // it shrank meanwhile
        done += static_cast<std::size_t>(got);
    }
    bytes.resize(done);
    return unpackedGzip(std::move(bytes), where, limits);
}

} // namespace matou::io
