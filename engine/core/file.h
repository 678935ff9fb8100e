#pragma once
// Whole files, in and out. Writing is aside-then-rename, so that a half-written result never has the final name.

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"

namespace matou::core {

/// Regular files only. Errors: E_FILE_MISSING, E_FILE_KIND, E_FILE_LIMIT, E_FILE_READ; `where` is the path.
Result<std::vector<std::byte>> readFile(const std::filesystem::path& path, std::uint64_t limitBytes = std::uint64_t{1} << 30);
Result<std::string> readTextFile(const std::filesystem::path& path, std::uint64_t limitBytes = std::uint64_t{1} << 28);

/// Where a result asked for at `path` is to be written: a link's target, so that the link stays one. E_FILE_WRITE where
/// something stands there that is no regular file (a device, a pipe, a folder), which a rename would replace.
Result<std::filesystem::path> outputPath(const std::filesystem::path& path);

/// Writes `path` whole or not at all: to "<path>.part", fsync, rename. Makes missing parent folders. Errors: E_FILE_WRITE
/// (disk full, read-only, no right), with the system's reason.
Result<void> writeFile(const std::filesystem::path& path, std::span<const std::byte> bytes);
Result<void> writeFile(const std::filesystem::path& path, std::string_view text);

/// Fills a folder whole or not at all: `fill` writes into a sibling folder that takes `path`'s place when it succeeds.
/// An existing `path` is replaced only if it is empty or holds `marker` (a file that says "we made this").
Result<void> writeFolder(const std::filesystem::path& path, std::string_view marker,
                         const std::function<Result<void>(const std::filesystem::path& aside)>& fill);

} // namespace matou::core
