#include "text/font.h"

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <ft2build.h>
#include FT_FREETYPE_H

namespace matou::text {

namespace {

namespace fs = std::filesystem;

struct Library {
    FT_Library handle = nullptr;
    Library() { FT_Init_FreeType(&handle); }
    ~Library() {
        if (handle != nullptr) FT_Done_FreeType(handle);
    }
};

/// Simplified Chinese faces first: the other faces of the same collection draw the same characters in other regions' forms.
constexpr std::string_view kFamilies[] = {"Noto Sans CJK SC", "Noto Sans SC", "Source Han Sans SC", "Source Han Sans CN"};
constexpr char32_t kProbe[] = U"南码头路街道世博滨江白莲泾";

bool hasProbe(FT_Face face) {
    return std::all_of(std::begin(kProbe), std::end(kProbe) - 1,
                       [face](char32_t c) { return FT_Get_Char_Index(face, c) != 0; });
}

struct Candidate {
    FontFile file;
    bool bold = false;
    std::size_t familyRank = 0;
};

std::optional<Candidate> candidateIn(FT_Library library, const fs::path& path) {
    std::optional<Candidate> best;
    FT_Long faces = 1;
    for (FT_Long index = 0; index < faces && index < 64; ++index) {
        FT_Face face = nullptr;
        if (FT_New_Face(library, path.c_str(), index, &face) != 0) break;
        faces = face->num_faces;
        const std::string_view family = face->family_name != nullptr ? face->family_name : "";
        const std::string_view style = face->style_name != nullptr ? face->style_name : "";
        const auto found = std::find(std::begin(kFamilies), std::end(kFamilies), family);
        const auto rank = static_cast<std::size_t>(found - std::begin(kFamilies));
        const bool usable = style == "Regular" || style == "Medium" || style == "Bold" || style == "Normal";
        if (found != std::end(kFamilies) && usable && hasProbe(face) && (!best || rank < best->familyRank))
            best = Candidate{{path, static_cast<int>(index)}, style == "Bold", rank};
        FT_Done_Face(face);
    }
    return best;
}

bool isFontName(const fs::path& path) {
    const std::string name = path.filename().string();
    const bool family = name.starts_with("NotoSansCJK") || name.starts_with("NotoSansSC") || name.starts_with("SourceHanSans");
    const std::string extension = path.extension().string();
    return family && (extension == ".ttc" || extension == ".otf" || extension == ".ttf");
}

std::vector<fs::path> fontFolders(const std::vector<fs::path>& extra) {
    std::vector<fs::path> folders = extra;
    for (const char* folder : {"/usr/share/fonts/opentype/noto", "/usr/share/fonts/noto-cjk", "/usr/share/fonts", "/usr/local/share/fonts"})
        folders.emplace_back(folder);
    if (const char* data = std::getenv("XDG_DATA_HOME"); data != nullptr && *data != 0) folders.push_back(fs::path(data) / "fonts");
    if (const char* home = std::getenv("HOME"); home != nullptr && *home != 0) {
        folders.push_back(fs::path(home) / ".local/share/fonts");
        folders.push_back(fs::path(home) / ".fonts");
    }
    return folders;
}

/// Font files below a folder in a fixed order; at most 4 levels and 20,000 entries, so a huge tree costs no start-up.
std::vector<fs::path> fontFilesBelow(const fs::path& folder) {
    std::vector<fs::path> files;
    std::error_code error;
    if (fs::is_regular_file(folder, error)) return {folder};
    fs::recursive_directory_iterator entry(folder, fs::directory_options::skip_permission_denied, error), end;
    for (int seen = 0; !error && entry != end && seen < 20000; entry.increment(error), ++seen) {
        if (entry.depth() >= 4) entry.disable_recursion_pending();
        std::error_code ignored;
        if (isFontName(entry->path()) && entry->is_regular_file(ignored)) files.push_back(entry->path());
    }
    std::sort(files.begin(), files.end());
    return files;
}

} // namespace

core::Result<FontPair> findCjkFonts(const std::vector<fs::path>& extra) {
    const Library library;
    const auto folders = fontFolders(extra);
    for (const auto& folder : folders) {
        std::optional<Candidate> regular, bold;
        for (const auto& path : fontFilesBelow(folder)) {
            const auto candidate = candidateIn(library.handle, path);
            if (!candidate) continue;
            auto& slot = candidate->bold ? bold : regular;
            if (!slot || candidate->familyRank < slot->familyRank) slot = candidate;
        }
        if (!regular) regular = bold;
        if (regular) return FontPair{regular->file, bold ? bold->file : regular->file};
    }
    std::string searched;
    for (const auto& folder : folders) searched += (searched.empty() ? "" : ":") + folder.string();
    return core::fail("E_NO_CJK_FONT", searched);
}

} // namespace matou::text
