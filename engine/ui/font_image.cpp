#include "ui/font_image.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <ft2build.h>
#include FT_FREETYPE_H

#include <imgui.h>
#include <imgui_freetype.h>

#include "text/text_shaper.h"

namespace matou::ui {

namespace {
// ImGui takes the height of the font's line box; the type scale is in ems. Noto Sans CJK: 1.16 above, 0.288 below.
constexpr float kLineBoxPerEm = 1.448f;

std::vector<std::uint16_t> rangesOf(const std::set<char32_t>& characters) {
    std::vector<std::uint16_t> ranges;
    for (const char32_t c : characters) {
        if (c == 0 || c > 0xFFFF) continue;
        const auto value = static_cast<std::uint16_t>(c);
        if (!ranges.empty() && ranges.back() + 1 == value)
            ranges.back() = value;
        else
            ranges.insert(ranges.end(), {value, value});
    }
    ranges.push_back(0);
    return ranges;
}

/// ImGui's builder rounds every advance up, which sets Latin text too wide; to the nearest pixel it keeps its rhythm.
void tightenAdvances(ImFont& font, const MappedFile& file, int face, float em) {
    FT_Library library = nullptr;
    FT_Face handle = nullptr;
    if (FT_Init_FreeType(&library) != 0) return;
    if (FT_New_Memory_Face(library, static_cast<const FT_Byte*>(file.data()), static_cast<FT_Long>(file.size()), face, &handle) == 0) {
        for (auto& glyph : font.Glyphs) {
            if (glyph.Codepoint >= 0x2E80) continue; // ideographs are whole ems already
            if (FT_Load_Char(handle, glyph.Codepoint, FT_LOAD_NO_SCALE) != 0) continue;
            glyph.AdvanceX = std::round(static_cast<float>(handle->glyph->metrics.horiAdvance) * em / static_cast<float>(handle->units_per_EM));
            if (static_cast<int>(glyph.Codepoint) < font.IndexAdvanceX.Size) font.IndexAdvanceX[static_cast<int>(glyph.Codepoint)] = glyph.AdvanceX;
        }
        FT_Done_Face(handle);
    }
    FT_Done_FreeType(library);
}
} // namespace

core::Result<std::shared_ptr<const MappedFile>> MappedFile::open(const std::filesystem::path& path) {
    const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (file < 0) return core::fail("E_FONT_OPEN", path.string(), {std::strerror(errno)});
    struct stat status {};
    void* data = MAP_FAILED;
    if (::fstat(file, &status) == 0 && status.st_size > 0)
        data = ::mmap(nullptr, static_cast<std::size_t>(status.st_size), PROT_READ, MAP_PRIVATE, file, 0);
    ::close(file);
    if (data == MAP_FAILED) return core::fail("E_FONT_OPEN", path.string(), {"mmap"});
    std::shared_ptr<MappedFile> mapped(new MappedFile);
    mapped->_data = data;
    mapped->_size = static_cast<std::size_t>(status.st_size);
    return std::shared_ptr<const MappedFile>(std::move(mapped));
}

MappedFile::~MappedFile() {
    if (_data != nullptr) ::munmap(_data, _size);
}

core::Result<FontSet> FontSet::open(const text::FontPair& fonts) {
    FontSet set;
    MATOU_TRY(regular, MappedFile::open(fonts.regular.path));
    MATOU_TRY(bold, MappedFile::open(fonts.bold.path));
    set._regular = regular;
    set._bold = bold;
    set._regularFace = fonts.regular.face;
    set._boldFace = fonts.bold.face;
    for (char32_t c = 0x20; c < 0x7F; ++c) {
        set._characters.insert(c);
        set._largeCharacters.insert(c);
    }
    return set;
}

void FontSet::want(std::string_view utf8, bool large) {
    for (const char32_t c : text::codePoints(utf8)) {
        if (c < 0x20) continue;
        _dirty = _characters.insert(c).second || _dirty;
        if (large) _dirty = _largeCharacters.insert(c).second || _dirty;
    }
}

void FontSet::rebuild(ImFontAtlas& atlas, float scale) {
    atlas.Clear();
    atlas.FontBuilderIO = ImGuiFreeType::GetBuilderForFreeType();
    atlas.Flags |= ImFontAtlasFlags_NoPowerOfTwoHeight | ImFontAtlasFlags_NoMouseCursors;
    _ranges = rangesOf(_characters);
    _largeRanges = rangesOf(_largeCharacters);
    const std::size_t glyphs = _characters.size() * 4 + _largeCharacters.size() * 4;
    atlas.TexDesiredWidth = glyphs * static_cast<std::size_t>(scale * scale * 400) > 2048u * 2048u ? 4096 : 2048;
    for (std::size_t i = 0; i < _fonts.size(); ++i) {
        const bool bold = i >= static_cast<std::size_t>(Type::strong);
        const bool large = i >= static_cast<std::size_t>(Type::heading);
        const auto& file = bold ? _bold : _regular;
        ImFontConfig config;
        config.FontDataOwnedByAtlas = false;
        config.FontNo = bold ? _boldFace : _regularFace;
        config.FontBuilderFlags = ImGuiFreeTypeBuilderFlags_NoHinting;
        config.OversampleH = 1;
        _fonts[i] = atlas.AddFontFromMemoryTTF(file->data(), static_cast<int>(file->size()), std::round(kTypePixels[i] * scale) * kLineBoxPerEm,
                                               &config, large ? _largeRanges.data() : _ranges.data());
    }
    atlas.Build();
    for (std::size_t i = 0; i < _fonts.size(); ++i) {
        const bool bold = i >= static_cast<std::size_t>(Type::strong);
        tightenAdvances(*_fonts[i], *(bold ? _bold : _regular), bold ? _boldFace : _regularFace, std::round(kTypePixels[i] * scale));
    }
    unsigned char* pixels = nullptr;
    int width = 0, height = 0;
    atlas.GetTexDataAsAlpha8(&pixels, &width, &height);
    auto image = std::make_shared<FontImage>();
    image->version = ++_version;
    image->width = static_cast<std::uint32_t>(width);
    image->height = static_cast<std::uint32_t>(height);
    image->alpha.assign(pixels, pixels + static_cast<std::size_t>(width) * static_cast<std::size_t>(height));
    _image = std::move(image);
    atlas.SetTexID(reinterpret_cast<ImTextureID>(std::uintptr_t{1}));
    atlas.ClearInputData();
    _missing = static_cast<std::size_t>(std::count_if(_characters.begin(), _characters.end(), [this](char32_t c) {
        return c > 0xFFFF || _fonts[1]->FindGlyphNoFallback(static_cast<ImWchar>(c)) == nullptr;
    }));
    _scale = scale;
    _dirty = false;
}

} // namespace matou::ui
