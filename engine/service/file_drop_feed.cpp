#include "service/file_drop_feed.h"

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstring>
#include <map>
#include <set>

#include <sys/inotify.h>
#include <unistd.h>

#include "core/file.h"
#include "core/log.h"
#include "core/messages.h"
#include "service/feed_thread.h"
#include "service/intake.h"

namespace matou::service {
namespace fs = std::filesystem;
namespace {

constexpr core::Duration kLook{200};
constexpr std::size_t kReasons = 20, kNames = 10000;

bool leftAlone(const std::string& name) {
    return name.starts_with(".") || name.ends_with(".part") || name.ends_with(".tmp") || name.ends_with(".reason.txt");
}

/// 2025-06-15; nothing else in there is ours to take away.
bool isDay(const std::string& name) {
    constexpr std::string_view shape = "0000-00-00";
    return name.size() == shape.size() && std::equal(name.begin(), name.end(), shape.begin(), [](unsigned char c, char like) {
        return like == '-' ? c == '-' : c >= '0' && c <= '9';
    });
}

class FileDropFeed final : public FeedAdapter {
public:
    FileDropFeed(FeedContext context, Intake intake)
        : _context(std::move(context)), _intake(std::move(intake)), _folder(_context.config.folder), _watch(::inotify_init1(IN_NONBLOCK | IN_CLOEXEC)),
          _thread(*_context.inbox, _context.index) {
        _thread.begin([this] { run(); });
    }
    ~FileDropFeed() override {
        _thread.end();
        if (_watch >= 0) ::close(_watch);
    }
    void acknowledge(std::uint64_t token) override { _thread.acknowledge(token); }

private:
    struct Seen {
        std::uintmax_t bytes = 0;
        fs::file_time_type written{};
        core::Instant since{};
    };

    void run() {
        if (_watch >= 0) ::inotify_add_watch(_watch, _folder.c_str(), IN_MOVED_TO);
        while (_thread.wait(kLook))
            for (const auto& name : whole())
                if (!_thread.waitForRoom() || !take(name)) return;
    }

    /// Renamed into the folder since the last look: whole at once.
    std::set<std::string> renamed() {
        std::set<std::string> names;
        alignas(inotify_event) char bytes[16384];
        for (ssize_t got; _watch >= 0 && (got = ::read(_watch, bytes, sizeof bytes)) > 0;)
            for (ssize_t at = 0; at < got;) {
                const auto* event = reinterpret_cast<const inotify_event*>(bytes + at);
                if (event->len > 0) names.insert(event->name);
                at += static_cast<ssize_t>(sizeof(inotify_event) + event->len);
            }
        return names;
    }

    std::vector<std::string> whole() {
        const auto moved = renamed();
        std::error_code failed;
        std::map<std::string, Seen> there;
        std::vector<std::pair<fs::file_time_type, std::string>> ready;
        const core::Instant now = _context.clock->now();
        fs::directory_iterator entries(_folder, failed);
        if (failed) {
            _thread.troubled({"E_FILE_DROP", {failed.message()}, _folder.string(), nullptr});
            return {};
        }
        _thread.connected();
        for (; entries != fs::directory_iterator() && there.size() < kNames; entries.increment(failed)) {
            if (failed) break;
            const std::string name = entries->path().filename().string();
            std::error_code gone;
            if (leftAlone(name) || (entries->is_directory(gone) && !entries->is_symlink(gone))) continue;
            Seen seen{entries->is_regular_file(gone) ? entries->file_size(gone) : 0, entries->last_write_time(gone), now};
            const auto before = _seen.find(name);
            if (before != _seen.end() && before->second.bytes == seen.bytes && before->second.written == seen.written) seen.since = before->second.since;
            if (moved.contains(name) || now - seen.since >= kFileDropQuiet) ready.emplace_back(seen.written, name);
            there.emplace(name, seen);
        }
        _seen = std::move(there);
        std::sort(ready.begin(), ready.end()); // the oldest first
        std::vector<std::string> names;
        for (auto& [written, name] : ready) names.push_back(std::move(name));
        return names;
    }

    /// false: told to end before it was stored; the file stays.
    bool take(const std::string& name) {
        const fs::path path = _folder / name;
        std::error_code gone;
        Intake::Taken taken;
        if (fs::is_symlink(path, gone) || !fs::is_regular_file(path, gone)) {
            core::Error error{"E_FILE_KIND", {}, path.string(), nullptr};
            _intake.refuse(error);
            taken.errors.push_back(std::move(error));
        } else if (auto bytes = core::readTextFile(path, kFileDropLargest)) {
            const std::uint64_t token = ++_lastToken;
            taken = _intake.take(*bytes, path.string(), token);
            if (taken.messages > 0 && !_thread.waitStored(token)) return false;
        } else {
            _intake.refuse(bytes.error());
            taken.errors.push_back(std::move(bytes).error());
        }
        const bool bad = taken.messages == 0 && !taken.errors.empty();
        put(name, bad ? "bad" : "done", taken);
        _seen.erase(name);
        return true;
    }

    /// A folder a day, so that none grows without end; the first file of a day takes the days away that are over.
    fs::path folderOf(const char* where) {
        const std::string day = core::formatInstant(_context.clock->now()).substr(0, 10);
        std::error_code failed;
        fs::create_directories(_folder / where / day, failed);
        if (day == std::exchange(_day, day) || _context.config.keepDays == 0) return _folder / where / day;
        const std::string last = core::formatInstant(_context.clock->now() - std::chrono::hours(24) * _context.config.keepDays).substr(0, 10);
        for (const char* kept : {"done", "bad"})
            for (fs::directory_iterator each(_folder / kept, failed); !failed && each != fs::directory_iterator(); each.increment(failed))
                if (const std::string name = each->path().filename().string(); isDay(name) && name < last && each->is_directory(failed) && !each->is_symlink(failed))
                    fs::remove_all(each->path(), failed);
        return _folder / where / day;
    }

    void put(const std::string& name, const char* where, const Intake::Taken& taken) {
        std::error_code failed;
        fs::path target = folderOf(where) / name;
        // Names come again; nothing of what came before is overwritten.
        if (fs::exists(fs::symlink_status(target, failed)))
            target += "." + std::to_string(_context.clock->now().time_since_epoch().count());
        fs::rename(_folder / name, target, failed);
        if (failed) return _thread.troubled({"E_FILE_DROP", {failed.message()}, target.string(), nullptr});
        if (taken.errors.empty()) return;
        std::string reasons;
        for (std::size_t i = 0; i < std::min(taken.errors.size(), kReasons); ++i)
            reasons += core::describe(taken.errors[i], core::Language::zh) + "\n" + core::describe(taken.errors[i], core::Language::en) + "\n";
        if (const auto written = core::writeFile(fs::path(target.string() + ".reason.txt"), reasons); !written) core::logError(written.error());
    }

    FeedContext _context;
    Intake _intake;
    fs::path _folder;
    int _watch;
    std::map<std::string, Seen> _seen;
    std::uint64_t _lastToken = 0;
    std::string _day; // of the last file
    FeedThread _thread;
};

} // namespace

core::Result<std::unique_ptr<FeedAdapter>> openFileDrop(FeedContext context) {
    MATOU_TRY(intake, Intake::create(context));
    std::error_code failed;
    if (!fs::path(context.config.folder).is_absolute()) context.config.folder = (context.district->folder / context.config.folder).string();
    fs::create_directories(context.config.folder, failed);
    if (!fs::is_directory(context.config.folder, failed) || ::access(context.config.folder.c_str(), R_OK | W_OK | X_OK) != 0)
        return core::fail("E_FILE_DROP", context.config.folder, {std::strerror(errno)});
    return std::unique_ptr<FeedAdapter>(std::make_unique<FileDropFeed>(std::move(context), std::move(intake)));
}

} // namespace matou::service
