#pragma once
// A film, frame by frame, through an ffmpeg child process: H.264 in MP4, yuv420p, constant rate.

#include <filesystem>
#include <memory>
#include <span>
#include <string>

#include "core/result.h"

namespace matou::media {

struct FilmOptions {
    std::uint32_t width = 1920, height = 1080; // both even
    std::uint32_t framesPerSecond = 30;
    std::uint32_t crf = 18; // x264's constant quality, lower is better
    std::string program = "ffmpeg";
    double stallSeconds = 30; // a child that takes no byte for so long is given up
};

/// One encoder thread and bit-exact flags: two films of the same frames are the same bytes. A child that dies or hangs
/// costs this film (E_FILM_CHILD) and nothing else: no signal, no wait without end. Thread: one.
class Film {
public:
    /// Starts the child, which writes "<path>.part.mp4". E_FILM_SIZE (odd, zero or over 8,192), E_FILM_PROGRAM (no such
    /// program), E_FILE_WRITE.
    static core::Result<Film> start(const std::filesystem::path& path, const FilmOptions& options);
    Film(Film&&) noexcept;
    Film& operator=(Film&&) noexcept;
    /// Unfinished: ends the child and removes what it wrote.
    ~Film();

    /// width * height * 4 bytes, rows from the top. Blocks while the encoder is behind. E_FILM_CHILD with the child's last
    /// words; E_FILM_FRAME where the size is wrong.
    core::Result<void> addFrame(std::span<const std::uint8_t> rgba);
    std::uint64_t frames() const;
    /// Waits for the encoder, then gives the film its name. E_FILM_CHILD, E_FILM_EMPTY, E_FILE_WRITE.
    core::Result<void> finish();

private:
    struct Impl;
    explicit Film(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> _impl;
};

} // namespace matou::media
