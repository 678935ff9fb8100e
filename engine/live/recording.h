#pragma once
// What a feed received, line by line: {"t": receive time, "topic": …, "payload": …} (payload as text, or "base64" where
// it is not UTF-8). A recording of any feed replays as any other.

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <memory>
#include <optional>
#include <string>

#include "core/result.h"
#include "live/message.h"

namespace matou::live {

/// Appends. Lines are flushed whole, so a killed run leaves at most one cut line at the end, which the reader skips and the next
/// writer takes away.
class RecordingWriter {
public:
    /// E_FILE_WRITE.
    static core::Result<RecordingWriter> open(const std::filesystem::path& path);
    core::Result<void> write(const Message& message);
    core::Result<void> flush();

private:
    struct Closer {
        void operator()(std::FILE* file) const { std::fclose(file); }
    };
    std::unique_ptr<std::FILE, Closer> _file;
    std::filesystem::path _path;
};

class RecordingReader {
public:
    /// E_FILE_MISSING, E_FILE_READ.
    static core::Result<RecordingReader> open(const std::filesystem::path& path);
    /// The next message; nothing at the end. E_RECORDING_LINE at `FILE:LINE:1`.
    core::Result<std::optional<Message>> next();

private:
    std::unique_ptr<std::ifstream> _stream;
    std::filesystem::path _path;
    std::uint64_t _line = 0;
};

} // namespace matou::live
