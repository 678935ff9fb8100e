#include "text/text_shaper.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <list>
#include <unordered_map>

#include <ft2build.h>
#include FT_FREETYPE_H
#include FT_OUTLINE_H

#include <hb-ft.h>
#include <hb.h>

#include "text/glyph_cells.h"
#include "text/signed_distance.h"

namespace matou::text {

namespace {

/// A shaped string in em pixels (kSdfEmTexels per em), independent of the size that it is drawn at.
struct Run {
    struct Glyph {
        GlyphId id = 0;
        glm::vec2 origin{0.0f}; // y down
    };
    std::vector<Glyph> glyphs;
    float width = 0;
    int lines = 1;
    std::uint32_t missing = 0;
};

struct Face {
    FT_Face face = nullptr;
    hb_font_t* shaped = nullptr;
};

constexpr std::size_t kMaximumRuns = 8192;
constexpr std::size_t kMaximumTextBytes = 4096; // of one text; longer ones are cut: nothing on a map needs more
constexpr float kLineHeightEm = 1.32f;
/// Of the ideographic em box, not of the font's tall line box, so that plates hug Chinese text.
constexpr float kAscentEm = 0.88f, kDescentEm = 0.12f;

struct Buffer {
    hb_buffer_t* handle = hb_buffer_create();
    ~Buffer() { hb_buffer_destroy(handle); }
};

} // namespace

struct TextShaper::Impl {
    FT_Library library = nullptr;
    std::array<Face, 2> faces;
    GlyphCells cells;
    DistanceScratch scratch;
    Buffer buffer;
    std::unordered_map<std::string, Run> runs;
    std::list<std::string> runOrder; // oldest first; the cache is dropped by halves
    std::size_t runBytes = 0;
    TextCounters counters;

    explicit Impl(std::uint32_t maximumSide) : cells(maximumSide) {}
    Impl(const Impl&) = delete;
    Impl& operator=(const Impl&) = delete;
    ~Impl() {
        for (auto& face : faces) {
            if (face.shaped != nullptr) hb_font_destroy(face.shaped);
            if (face.face != nullptr) FT_Done_Face(face.face);
        }
        if (library != nullptr) FT_Done_FreeType(library);
    }

    core::Result<void> open(std::size_t slot, const FontFile& file) {
        Face& face = faces[slot];
        if (FT_New_Face(library, file.path.c_str(), file.face, &face.face) != 0)
            return core::fail("E_FONT_OPEN", file.path.string(), {std::to_string(file.face)});
        // Twice the em of the atlas: distances are taken on the finer picture. HarfBuzz reads the same size.
        FT_Set_Pixel_Sizes(face.face, 0, static_cast<FT_UInt>(2 * kSdfEmTexels));
        face.shaped = hb_ft_font_create_referenced(face.face);
        hb_ft_font_set_load_flags(face.shaped, FT_LOAD_NO_HINTING | FT_LOAD_NO_BITMAP);
        return {};
    }

    void shapeLine(Run& run, std::size_t slot, std::string_view line, float baseline) {
        hb_buffer_t* hb = buffer.handle;
        hb_buffer_clear_contents(hb);
        hb_buffer_add_utf8(hb, line.data(), static_cast<int>(line.size()), 0, static_cast<int>(line.size()));
        hb_buffer_set_direction(hb, HB_DIRECTION_LTR);
        hb_buffer_set_script(hb, HB_SCRIPT_HAN);
        hb_buffer_set_language(hb, hb_language_from_string("zh-Hans", -1));
        hb_shape(faces[slot].shaped, hb, nullptr, 0);
        unsigned count = 0;
        const hb_glyph_info_t* info = hb_buffer_get_glyph_infos(hb, &count);
        const hb_glyph_position_t* position = hb_buffer_get_glyph_positions(hb, &count);
        constexpr float kUnit = 1.0f / 64.0f / 2.0f; // 26.6 at the doubled size
        float x = 0;
        for (unsigned i = 0; i < count; ++i) {
            if (info[i].codepoint == 0) ++run.missing;
            const glm::vec2 offset(static_cast<float>(position[i].x_offset), -static_cast<float>(position[i].y_offset));
            run.glyphs.push_back({(GlyphId{slot} << 32) | info[i].codepoint, glm::vec2(x, baseline) + offset * kUnit});
            x += static_cast<float>(position[i].x_advance) * kUnit;
        }
        run.width = std::max(run.width, x);
    }

    const Run& runOf(std::string_view utf8, Weight weight) {
        utf8 = utf8.substr(0, kMaximumTextBytes);
        std::string key(1, weight == Weight::bold ? 'B' : 'R');
        key.append(utf8);
        if (const auto found = runs.find(key); found != runs.end()) return found->second;
        while (runs.size() >= kMaximumRuns) {
            const auto oldest = runs.find(runOrder.front());
            runBytes -= sizeOf(oldest->first, oldest->second);
            runs.erase(oldest);
            runOrder.pop_front();
        }
        Run run;
        float baseline = 0;
        std::size_t start = 0;
        for (run.lines = 0; start <= utf8.size(); ++run.lines) {
            const std::size_t end = std::min(utf8.find('\n', start), utf8.size());
            shapeLine(run, weight == Weight::bold ? 1 : 0, utf8.substr(start, end - start), baseline);
            baseline += kLineHeightEm * kSdfEmTexels;
            start = end + 1;
        }
        runBytes += sizeOf(key, run);
        runOrder.push_back(key);
        return runs.emplace(std::move(key), std::move(run)).first->second;
    }

    static std::size_t sizeOf(const std::string& key, const Run& run) {
        return 2 * key.size() + sizeof(Run) + run.glyphs.capacity() * sizeof(Run::Glyph) + 96;
    }

    /// Null: no room, or nothing to see (a space).
    const Cell* cellOf(GlyphId id) {
        if (const Cell* cell = cells.find(id)) return cell->atlasTexels.z > 0 ? cell : nullptr;
        Cell* cell = cells.allocate(id);
        if (cell == nullptr) {
            ++counters.tofu;
            return nullptr;
        }
        ++counters.glyphsMade;
        FT_Face face = faces[static_cast<std::size_t>(id >> 32)].face;
        if (FT_Load_Glyph(face, static_cast<FT_UInt>(id & 0xffffffffu), FT_LOAD_NO_HINTING | FT_LOAD_NO_BITMAP) != 0) return nullptr;
        // A glyph wider than its cell (long dashes, ornaments) is made smaller: softer, never cut.
        const auto& metrics = face->glyph->metrics;
        const float room = 2.0f * (static_cast<float>(kSdfCellTexels) - 2.0f * kSdfSpreadTexels - 1.0f);
        const float longest = static_cast<float>(std::max(metrics.width, metrics.height)) / 64.0f;
        const float shrink = longest > room ? room / longest : 1.0f;
        if (shrink < 1.0f) {
            FT_Matrix matrix{static_cast<FT_Fixed>(shrink * 65536.0f), 0, 0, static_cast<FT_Fixed>(shrink * 65536.0f)};
            FT_Outline_Transform(&face->glyph->outline, &matrix);
        }
        if (FT_Render_Glyph(face->glyph, FT_RENDER_MODE_NORMAL) != 0) return nullptr;
        const FT_Bitmap& bitmap = face->glyph->bitmap;
        if (bitmap.width == 0 || bitmap.rows == 0) return nullptr;
        const int pad = static_cast<int>(2 * kSdfSpreadTexels);
        // Even origin, so that halving keeps the glyph where it is.
        const int left = (face->glyph->bitmap_left - pad) & ~1, top = (-face->glyph->bitmap_top - pad) & ~1;
        const int offsetX = face->glyph->bitmap_left - left, offsetY = -face->glyph->bitmap_top - top;
        const int limit = static_cast<int>(2 * kSdfCellTexels);
        const int width = std::min((offsetX + static_cast<int>(bitmap.width) + pad + 1) & ~1, limit);
        const int height = std::min((offsetY + static_cast<int>(bitmap.rows) + pad + 1) & ~1, limit);
        std::vector<std::uint8_t> coverage(static_cast<std::size_t>(width * height), 0);
        for (int y = 0; y < static_cast<int>(bitmap.rows) && y + offsetY < height; ++y) {
            const unsigned char* row = bitmap.buffer + static_cast<std::ptrdiff_t>(y) * bitmap.pitch;
            const int columns = std::min(static_cast<int>(bitmap.width), width - offsetX);
            std::copy(row, row + columns, coverage.begin() + (y + offsetY) * width + offsetX);
        }
        const auto texels = signedDistance(coverage, width, height, kSdfSpreadTexels, scratch);
        cells.write(*cell, texels, static_cast<std::uint32_t>(width / 2), static_cast<std::uint32_t>(height / 2));
        cell->rectEm = glm::vec4(static_cast<float>(left), static_cast<float>(top), static_cast<float>(width), static_cast<float>(height)) *
                       (0.5f / shrink);
        return cell;
    }
};

TextShaper::TextShaper(std::unique_ptr<Impl> impl) : _impl(std::move(impl)) {}
TextShaper::~TextShaper() = default;

core::Result<std::unique_ptr<TextShaper>> TextShaper::create(const FontPair& fonts, std::uint32_t maximumSide) {
    auto impl = std::make_unique<Impl>(maximumSide);
    if (FT_Init_FreeType(&impl->library) != 0) return core::fail("E_FONT_OPEN", fonts.regular.path.string(), {"FreeType"});
    MATOU_CHECK(impl->open(0, fonts.regular));
    MATOU_CHECK(impl->open(1, fonts.bold));
    return std::unique_ptr<TextShaper>(new TextShaper(std::move(impl)));
}

void TextShaper::beginFrame() { _impl->cells.beginFrame(); }

ShapedText TextShaper::shape(std::string_view utf8, float pixelSize, Weight weight) {
    const float size = std::clamp(pixelSize, 6.0f, 256.0f);
    const float scale = size / kSdfEmTexels;
    const Run& run = _impl->runOf(utf8, weight);
    _impl->counters.tofu += run.missing;
    ShapedText result;
    result.width = run.width * scale;
    result.lines = run.lines;
    result.ascent = kAscentEm * size;
    result.descent = kDescentEm * size;
    result.lineHeight = kLineHeightEm * size;
    result.quads.reserve(run.glyphs.size());
    for (const auto& glyph : run.glyphs) {
        const Cell* cell = _impl->cellOf(glyph.id);
        if (cell == nullptr) continue;
        const glm::vec4 em(glyph.origin.x + cell->rectEm.x, glyph.origin.y + cell->rectEm.y, cell->rectEm.z, cell->rectEm.w);
        result.quads.push_back({em * scale, cell->atlasTexels});
    }
    return result;
}

glm::vec2 TextShaper::measure(std::string_view utf8, float pixelSize, Weight weight) {
    const float size = std::clamp(pixelSize, 6.0f, 256.0f);
    const Run& run = _impl->runOf(utf8, weight);
    return {run.width * size / kSdfEmTexels, size * (1.0f + kLineHeightEm * static_cast<float>(run.lines - 1))};
}

std::shared_ptr<const AtlasImage> TextShaper::image() { return _impl->cells.image(); }

TextCounters TextShaper::counters() const {
    TextCounters counters = _impl->counters;
    counters.glyphsEvicted = _impl->cells.evicted();
    counters.bytes = _impl->cells.bytes() + _impl->runBytes;
    return counters;
}

} // namespace matou::text
