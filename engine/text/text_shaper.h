#pragma once
// Text to glyph quads over one signed-distance atlas: FreeType outlines, HarfBuzz shaping, glyphs made when first needed.

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <glm/glm.hpp>

#include "core/result.h"
#include "text/atlas_image.h"
#include "text/font.h"

namespace matou::text {

enum class Weight : std::uint8_t { regular, bold };

struct ShapedText {
    std::vector<Quad> quads;
    float width = 0;             // advance of the longest line
    float ascent = 0, descent = 0; // of the font at this size, both positive
    float lineHeight = 0;
    int lines = 1;
};

struct TextCounters {
    std::uint64_t glyphsMade = 0, glyphsEvicted = 0, tofu = 0; // tofu: no such glyph in the font, or no room
    std::size_t bytes = 0;                                     // atlas and cached runs
};

/// Owner: one lane (main). Memory: the atlas grows to `maximumSide`² bytes and then reuses the cells used longest ago;
/// shaped runs are cached up to 8,192. Quads are valid for the atlas image taken after they were shaped and before the
/// next beginFrame() but one.
class TextShaper {
public:
    /// E_NO_CJK_FONT, E_FONT_OPEN.
    static core::Result<std::unique_ptr<TextShaper>> create(const FontPair& fonts, std::uint32_t maximumSide = 2048);
    ~TextShaper();

    /// Cells that are used from now on are not reused until the next call.
    void beginFrame();
    /// UTF-8; '\n' breaks lines; invalid bytes become U+FFFD. `pixelSize`: em, 6..256.
    ShapedText shape(std::string_view utf8, float pixelSize, Weight weight = Weight::regular);
    /// Extent without making glyphs: width, height.
    glm::vec2 measure(std::string_view utf8, float pixelSize, Weight weight = Weight::regular);
    /// A new image only when a glyph was made since the last call.
    std::shared_ptr<const AtlasImage> image();
    TextCounters counters() const;

private:
    struct Impl;
    explicit TextShaper(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> _impl;
};

/// Code points of UTF-8 text; invalid sequences give U+FFFD.
std::vector<char32_t> codePoints(std::string_view utf8);

} // namespace matou::text
