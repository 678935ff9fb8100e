#pragma once
// The panels' fonts: one type scale, made for the characters that are needed.

#include <array>
#include <memory>
#include <set>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "text/font.h"
#include "ui/ui.h"

struct ImFont;
struct ImFontAtlas;

namespace matou::ui {

/// The type scale; em pixels at scale 1.
enum class Type : std::uint8_t { caption, body, strong, title, heading, display, count };
inline constexpr std::array<float, 6> kTypePixels{13.0f, 15.0f, 15.0f, 18.0f, 25.0f, 34.0f};

/// A file's bytes while it lives; pages shared with other users of the font.
class MappedFile {
public:
    static core::Result<std::shared_ptr<const MappedFile>> open(const std::filesystem::path& path);
    MappedFile(const MappedFile&) = delete;
    MappedFile& operator=(const MappedFile&) = delete;
    ~MappedFile();
    void* data() const { return _data; }
    std::size_t size() const { return _size; }

private:
    MappedFile() = default;
    void* _data = nullptr;
    std::size_t _size = 0;
};

class FontSet {
public:
    static core::Result<FontSet> open(const text::FontPair& fonts);

    /// Characters of the text are wanted from the next rebuild on. The two largest sizes are made for `large` texts only.
    void want(std::string_view utf8, bool large = false);
    bool stale(float scale) const { return _dirty || scale != _scale; }
    /// Fills the atlas of the current ImGui context. Cost: some tens of milliseconds.
    void rebuild(ImFontAtlas& atlas, float scale);

    ImFont* font(Type type) const { return _fonts[static_cast<std::size_t>(type)]; }
    float pixels(Type type) const { return kTypePixels[static_cast<std::size_t>(type)] * _scale; }
    const std::shared_ptr<const FontImage>& image() const { return _image; }
    std::size_t missing() const { return _missing; }

private:
    std::shared_ptr<const MappedFile> _regular, _bold;
    int _regularFace = 0, _boldFace = 0;
    std::set<char32_t> _characters, _largeCharacters;
    std::vector<std::uint16_t> _ranges, _largeRanges; // ImGui reads them while it builds
    std::array<ImFont*, 6> _fonts{};
    std::shared_ptr<const FontImage> _image;
    float _scale = 0;
    bool _dirty = true;
    std::size_t _missing = 0;
    std::uint64_t _version = 0;
};

} // namespace matou::ui
