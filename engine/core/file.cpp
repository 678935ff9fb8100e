#include "core/file.h"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace matou::core {
namespace fs = std::filesystem;
namespace {

struct Descriptor {
    int fd = -1;
    ~Descriptor() {
        if (fd >= 0) ::close(fd);
    }
};

std::string reason() { return std::strerror(errno); }

} // namespace

Result<std::vector<std::byte>> readFile(const fs::path& path, std::uint64_t limitBytes) {
    const Descriptor file{::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)};
    if (file.fd < 0) return fail(errno == ENOENT ? "E_FILE_MISSING" : "E_FILE_READ", path.string(), {reason()});
    struct stat status {};
    if (::fstat(file.fd, &status) != 0) return fail("E_FILE_READ", path.string(), {reason()});
    if (!S_ISREG(status.st_mode)) return fail("E_FILE_KIND", path.string());
    const auto size = static_cast<std::uint64_t>(status.st_size);
    if (size > limitBytes) return fail("E_FILE_LIMIT", path.string(), {std::to_string(size), std::to_string(limitBytes)});
    std::vector<std::byte> bytes(size);
    std::uint64_t done = 0;
    while (done < size) {
        const auto got = ::read(file.fd, bytes.data() + done, size - done);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return fail("E_FILE_READ", path.string(), {reason()});
        if (got == 0) break;
        done += static_cast<std::uint64_t>(got);
    }
    bytes.resize(done);
    return bytes;
}

Result<std::string> readTextFile(const fs::path& path, std::uint64_t limitBytes) {
    MATOU_TRY(bytes, readFile(path, limitBytes));
    return std::string(reinterpret_cast<const char*>(bytes.data()), bytes.size());
}

Result<fs::path> outputPath(const fs::path& path) {
    std::error_code code;
    const auto status = fs::status(path, code);
    if (!fs::exists(status) && !fs::is_symlink(fs::symlink_status(path, code))) return path;
    if (fs::exists(status) && !fs::is_regular_file(status)) return fail("E_FILE_WRITE", path.string(), {"not a regular file"});
    auto target = fs::weakly_canonical(path, code);
    if (code) return fail("E_FILE_WRITE", path.string(), {code.message()});
    return target;
}

Result<void> writeFile(const fs::path& asked, std::span<const std::byte> bytes) {
    MATOU_TRY(path, outputPath(asked));
    const auto refuse = [&] { return fail("E_FILE_WRITE", path.string(), {reason()}); };
    std::error_code ignored;
    if (path.has_parent_path()) fs::create_directories(path.parent_path(), ignored);
    const fs::path aside = path.string() + ".part";
    {
        const Descriptor file{::open(aside.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644)};
        if (file.fd < 0) return refuse();
        std::size_t done = 0;
        bool ok = true;
        while (ok && done < bytes.size()) {
            const auto put = ::write(file.fd, bytes.data() + done, bytes.size() - done);
            if (put < 0 && errno == EINTR) continue;
            ok = put > 0;
            if (ok) done += static_cast<std::size_t>(put);
        }
        ok = ok && ::fsync(file.fd) == 0;
        if (!ok) {
            const auto error = refuse();
            ::unlink(aside.c_str());
            return error;
        }
    }
    if (::rename(aside.c_str(), path.c_str()) != 0) {
        const auto error = refuse();
        ::unlink(aside.c_str());
        return error;
    }
    return {};
}

Result<void> writeFile(const fs::path& path, std::string_view text) {
    return writeFile(path, std::as_bytes(std::span(text.data(), text.size())));
}

Result<void> writeFolder(const fs::path& path, std::string_view marker, const std::function<Result<void>(const fs::path&)>& fill) {
    std::error_code code;
    fs::path target = path.lexically_normal();
    if (!target.has_filename()) target = target.parent_path();
    if (fs::exists(target, code) && !(fs::is_directory(target, code) && (fs::is_empty(target, code) || fs::exists(target / marker, code))))
        return fail("E_FOLDER_TAKEN", target.string(), {std::string(marker)});
    // Its own name for each process: somebody's "<name>.part" is not ours to remove.
    const fs::path aside = target.string() + ".part-" + std::to_string(::getpid());
    fs::remove_all(aside, code);
    fs::create_directories(aside, code);
    if (code) return fail("E_FILE_WRITE", aside.string(), {code.message()});
    if (auto filled = fill(aside); !filled) {
        fs::remove_all(aside, code);
        return filled;
    }
    fs::remove_all(target, code);
    fs::rename(aside, target, code);
    if (code) {
        std::error_code ignored;
        fs::remove_all(aside, ignored);
        return fail("E_FILE_WRITE", target.string(), {code.message()});
    }
    return {};
}

} // namespace matou::core
