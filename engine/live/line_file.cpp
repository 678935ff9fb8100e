#include "live/line_file.h"

#include <algorithm>
#include <fstream>
#include <string>

namespace matou::live {
namespace fs = std::filesystem;

core::Result<void> cutUnfinishedLine(const fs::path& path) {
    std::error_code code;
    if (!fs::is_regular_file(path, code)) return {}; // none yet, or a pipe
    const std::uintmax_t size = fs::file_size(path, code);
    std::ifstream in(path, std::ios::binary);
    // Backwards, a piece at a time.
    std::uintmax_t end = size;
    std::string piece;
    while (end > 0) {
        const std::uintmax_t begin = end - std::min<std::uintmax_t>(end, 65536);
        piece.resize(static_cast<std::size_t>(end - begin));
        in.seekg(static_cast<std::streamoff>(begin));
        if (!in.read(piece.data(), static_cast<std::streamsize>(piece.size()))) return {}; // whoever writes will say what is wrong
        if (const auto found = piece.rfind('\n'); found != std::string::npos) {
            end = begin + found + 1;
            break;
        }
        end = begin;
    }
    if (end < size) fs::resize_file(path, end, code);
    if (code) return core::fail("E_FILE_WRITE", path.string(), {code.message()});
    return {};
}

} // namespace matou::live
