#pragma once
// PNG files in and out (libpng).

#include <filesystem>
#include <span>
#include <string>

#include "core/result.h"
#include "media/picture.h"

namespace matou::media {

enum class PngChannels : std::uint8_t { rgb, rgba };

/// The file's bytes. Same picture, same bytes. `rgb` leaves alpha out: what a screen shows. E_PNG_SIZE (0 or over 32,768 a
/// side, or pixels that do not fit the size).
core::Result<std::vector<std::byte>> encodePng(std::uint32_t width, std::uint32_t height, std::span<const std::uint8_t> rgba,
                                               PngChannels channels = PngChannels::rgb);
/// Writes aside, then renames. E_PNG_SIZE, E_FILE_WRITE.
core::Result<void> writePng(const std::filesystem::path& path, const Picture& picture, PngChannels channels = PngChannels::rgb);
core::Result<void> writePng(const std::filesystem::path& path, std::uint32_t width, std::uint32_t height,
                            std::span<const std::uint8_t> rgba, PngChannels channels = PngChannels::rgb);

/// Any PNG, as RGBA8. E_PNG_READ with libpng's reason, E_PNG_SIZE (over 16,384 a side).
core::Result<Picture> decodePng(std::span<const std::byte> bytes, const std::string& where);
/// Also E_FILE_….
core::Result<Picture> readPng(const std::filesystem::path& path);

} // namespace matou::media
