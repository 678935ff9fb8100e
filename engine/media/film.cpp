#include "media/film.h"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <system_error>
#include <thread>
#include <unistd.h>
#include <vector>

#include "core/file.h"

extern char** environ;

namespace matou::media {

namespace {

using Steady = std::chrono::steady_clock; // waiting for a child is about this machine's time
constexpr std::size_t kLastWords = 2000;

std::string reason(int error) { return std::error_code(error, std::generic_category()).message(); }

/// A file descriptor that closes itself.
class Descriptor {
public:
    explicit Descriptor(int value = -1) : _value(value) {}
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    ~Descriptor() { reset(); }
    int get() const { return _value; }
    bool open() const { return _value >= 0; }
    void reset(int value = -1) {
        if (_value >= 0) ::close(_value);
        _value = value;
    }

private:
    int _value;
};

std::vector<std::string> commandLine(const FilmOptions& options, const std::string& output) {
    const std::string size = std::to_string(options.width) + "x" + std::to_string(options.height);
    const std::string rate = std::to_string(options.framesPerSecond);
    // One thread and bit-exact everything: two films of the same frames are equal. BT.709, as HD screens expect; full to
    // video range by swscale with accurate rounding.
    return {options.program, "-hide_banner", "-loglevel", "error", "-nostdin", "-y", "-f", "rawvideo", "-pixel_format", "rgba",
            "-video_size", size, "-framerate", rate, "-i", "pipe:0", "-an", "-vf",
            "scale=in_range=full:out_range=tv:out_color_matrix=bt709:flags=bicubic+accurate_rnd+full_chroma_int+bitexact,format=yuv420p",
            "-c:v", "libx264", "-preset", "medium", "-crf", std::to_string(options.crf), "-pix_fmt", "yuv420p", "-colorspace", "bt709",
            "-color_primaries", "bt709", "-color_trc", "bt709", "-color_range", "tv", "-threads", "1", "-filter_threads", "1",
            "-flags", "+bitexact", "-fflags", "+bitexact", "-map_metadata", "-1", "-movflags", "+faststart", "-f", "mp4", output};
}

} // namespace

struct Film::Impl {
    std::filesystem::path path, aside;
    FilmOptions options;
    pid_t child = -1;
    Descriptor frames, words; // to the child's stdin, from its stderr
    std::string lastWords;
    std::uint64_t count = 0;
    bool broken = false;

    ~Impl() {
        if (child > 0) {
            frames.reset();
            ::kill(child, SIGKILL);
            int status = 0;
            while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {}
        }
        removeAside();
    }

    void removeAside() {
        std::error_code ignored;
        if (!aside.empty()) std::filesystem::remove(aside, ignored);
    }

    void readWords() {
        char buffer[512];
        while (words.open()) {
            const ssize_t got = ::read(words.get(), buffer, sizeof(buffer));
            if (got < 0 && errno == EINTR) continue;
            if (got == 0) words.reset();
            if (got <= 0) return;
            lastWords.append(buffer, static_cast<std::size_t>(got));
            if (lastWords.size() > kLastWords) lastWords.erase(0, lastWords.size() - kLastWords);
        }
    }

    /// Waits for the child to end; false where it has not by then.
    bool waitEnd(double seconds, int& status) {
        const auto end = Steady::now() + std::chrono::duration<double>(seconds);
        for (;;) {
            readWords();
            const pid_t ended = ::waitpid(child, &status, WNOHANG);
            if (ended == child || (ended < 0 && errno == ECHILD)) {
                child = -1;
                readWords();
                return true;
            }
            if (Steady::now() >= end) return false;
            std::this_thread::sleep_for(std::chrono::milliseconds(5));
        }
    }

    /// Ends the child and says why the film is lost.
    tl::unexpected<core::Error> lost(const std::string& why) {
        broken = true;
        frames.reset();
        int status = 0;
        std::string how = why;
        if (child > 0 && !waitEnd(0.5, status)) {
            ::kill(child, SIGKILL);
            waitEnd(5.0, status);
        } else if (WIFSIGNALED(status)) {
            how += ", signal " + std::to_string(WTERMSIG(status));
        } else if (WIFEXITED(status)) {
            how += ", status " + std::to_string(WEXITSTATUS(status));
        }
        removeAside();
        const auto end = lastWords.find_last_not_of(" \r\n");
        std::string said = end == std::string::npos ? "" : lastWords.substr(0, end + 1);
        std::replace(said.begin(), said.end(), '\n', ';');
        return core::fail("E_FILM_CHILD", path.string(), {options.program, how, said});
    }
};

Film::Film(std::unique_ptr<Impl> impl) : _impl(std::move(impl)) {}
Film::Film(Film&&) noexcept = default;
Film& Film::operator=(Film&&) noexcept = default;
Film::~Film() = default;

core::Result<Film> Film::start(const std::filesystem::path& asked, const FilmOptions& options) {
    MATOU_TRY(path, core::outputPath(asked));
    const auto wrong = [](std::uint32_t side) { return side == 0 || side > 8192 || side % 2 != 0; };
    if (wrong(options.width) || wrong(options.height) || options.framesPerSecond == 0 || options.framesPerSecond > 1000)
        return core::fail("E_FILM_SIZE", path.string(),
                          {std::to_string(options.width) + "x" + std::to_string(options.height), std::to_string(options.framesPerSecond)});
    auto impl = std::make_unique<Impl>();
    impl->path = path;
    impl->options = options;
    std::error_code error;
    if (path.has_parent_path()) std::filesystem::create_directories(path.parent_path(), error);
    if (!error && std::filesystem::is_directory(path)) error = std::make_error_code(std::errc::is_a_directory);
    if (error) return core::fail("E_FILE_WRITE", path.string(), {error.message()});
    const std::filesystem::path aside = path.string() + ".part.mp4";
    // The child would find out only with the first frame; whoever cannot write is told at once.
    const Descriptor probe(::open(aside.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0644));
    if (!probe.open()) return core::fail("E_FILE_WRITE", path.string(), {reason(errno)});
    impl->aside = aside;

    // A socket pair rather than a pipe: MSG_NOSIGNAL keeps a dead child from raising SIGPIPE in this process.
    int pair[2], words[2];
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0) return core::fail("E_FILM_CHILD", path.string(), {options.program, reason(errno), ""});
    impl->frames.reset(pair[0]);
    Descriptor childInput(pair[1]);
    if (::pipe2(words, O_CLOEXEC) != 0) return core::fail("E_FILM_CHILD", path.string(), {options.program, reason(errno), ""});
    impl->words.reset(words[0]);
    Descriptor childWords(words[1]);
    ::fcntl(impl->words.get(), F_SETFL, O_NONBLOCK);
    ::fcntl(impl->frames.get(), F_SETFL, O_NONBLOCK);

    // An absolute path: one that begins with "-" or holds ":" would be read as an option or a protocol.
    auto line = commandLine(options, "file:" + std::filesystem::absolute(aside).string());
    std::vector<char*> arguments;
    for (auto& word : line) arguments.push_back(word.data());
    arguments.push_back(nullptr);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, childInput.get(), 0);
    posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
    posix_spawn_file_actions_adddup2(&actions, childWords.get(), 2);
    // Ctrl-C in the terminal reaches the whole group: the film must outlive it long enough to be finished.
    posix_spawnattr_t attributes;
    posix_spawnattr_init(&attributes);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP);
    posix_spawnattr_setpgroup(&attributes, 0);
    const int spawned = ::posix_spawnp(&impl->child, arguments[0], &actions, &attributes, arguments.data(), environ);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    if (spawned != 0) {
        impl->child = -1;
        return core::fail("E_FILM_PROGRAM", path.string(), {options.program, reason(spawned)});
    }
    return Film(std::move(impl));
}

core::Result<void> Film::addFrame(std::span<const std::uint8_t> rgba) {
    Impl& self = *_impl;
    if (self.broken || !self.frames.open()) return core::fail("E_FILM_CHILD", self.path.string(), {self.options.program, "ended", ""});
    const std::uint64_t expected = std::uint64_t{self.options.width} * self.options.height * 4;
    if (rgba.size() != expected)
        return core::fail("E_FILM_FRAME", self.path.string(), {std::to_string(rgba.size()), std::to_string(expected)});
    auto lastProgress = Steady::now();
    while (!rgba.empty()) {
        const ssize_t sent = ::send(self.frames.get(), rgba.data(), rgba.size(), MSG_NOSIGNAL);
        if (sent > 0) {
            rgba = rgba.subspan(static_cast<std::size_t>(sent));
            lastProgress = Steady::now();
            continue;
        }
        if (sent < 0 && errno == EINTR) continue;
        if (sent < 0 && errno != EAGAIN) return self.lost(reason(errno));
        if (Steady::now() - lastProgress > std::chrono::duration<double>(self.options.stallSeconds)) return self.lost("takes no frames");
        self.readWords(); // a child that talks much must not stop on a full pipe
        pollfd waiting{self.frames.get(), POLLOUT, 0};
        ::poll(&waiting, 1, 50);
    }
    ++self.count;
    return {};
}

std::uint64_t Film::frames() const { return _impl->count; }

core::Result<void> Film::finish() {
    Impl& self = *_impl;
    if (self.broken || !self.frames.open()) return core::fail("E_FILM_CHILD", self.path.string(), {self.options.program, "ended", ""});
    self.frames.reset();
    if (self.count == 0) {
        static_cast<void>(self.lost("no frame"));
        return core::fail("E_FILM_EMPTY", self.path.string());
    }
    int status = 0;
    if (!self.waitEnd(self.options.stallSeconds + 60.0, status)) return self.lost("does not end");
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
        return self.lost(WIFSIGNALED(status) ? "signal " + std::to_string(WTERMSIG(status)) : "status " + std::to_string(WEXITSTATUS(status)));
    const Descriptor written(::open(self.aside.c_str(), O_RDONLY | O_CLOEXEC));
    if (!written.open() || ::fsync(written.get()) != 0 || ::rename(self.aside.c_str(), self.path.c_str()) != 0) {
        const std::string why = reason(errno);
        self.removeAside();
        return core::fail("E_FILE_WRITE", self.path.string(), {why});
    }
    self.aside.clear();
    return {};
}

} // namespace matou::media
