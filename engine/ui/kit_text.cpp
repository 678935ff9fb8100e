#include <algorithm>
#include <array>
#include <cmath>

#include <imgui.h>

#include "text/text_shaper.h"
#include "ui/kit.h"

namespace matou::ui {

namespace {

/// The em box begins this far below the top of the line box (ems): 1.16 - 0.88.
constexpr float kEmTop = 0.28f;

/// Byte length of the code point at the start of valid UTF-8.
std::size_t stepOf(std::string_view text) {
    const auto lead = static_cast<unsigned char>(text[0]);
    const std::size_t length = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
    return std::min(length, text.size());
}

bool isClosing(std::string_view character) {
    static constexpr std::array<std::string_view, 16> kClosing{"，", "。", "、", "；", "：", "！", "？", "）", "”", "》", "」", "%", ",", ".", ";", ")"};
    return std::find(kClosing.begin(), kClosing.end(), character) != kClosing.end();
}

} // namespace

float Kit::width(Type type, std::string_view text) const {
    ImFont* font = _fonts.font(type);
    return font->CalcTextSizeA(font->FontSize, 1e9f, 0.0f, text.data(), text.data() + text.size()).x;
}

void Kit::text(float x, float y, Type type, Color color, std::string_view text) const {
    if (text.empty()) return;
    // What the model's scan did not foresee is there from the next frame on.
    _fonts.want(text, type >= Type::heading);
    ImFont* font = _fonts.font(type);
    const ImVec2 position(std::round(x), std::round(y - kEmTop * em(type)));
    _draw->AddText(font, font->FontSize, position, color, text.data(), text.data() + text.size());
}

void Kit::textIn(const Rect& rect, Type type, Color color, std::string_view label, Align align) const {
    const float used = align == Align::left ? 0 : width(type, label);
    const float x = align == Align::left ? rect.x : align == Align::center ? rect.x + (rect.w - used) * 0.5f : rect.right() - used;
    text(x, rect.y + (rect.h - em(type)) * 0.5f, type, color, label);
}

float Kit::textCut(float x, float y, float maximum, Type type, Color color, std::string_view label) const {
    const float whole = width(type, label);
    if (whole <= maximum) {
        text(x, y, type, color, label);
        return whole;
    }
    const float dots = width(type, "…");
    std::size_t end = 0;
    float used = 0;
    while (end < label.size()) {
        const std::size_t step = stepOf(label.substr(end));
        const float next = width(type, label.substr(end, step));
        if (used + next + dots > maximum) break;
        used += next;
        end += step;
    }
    const std::string cut = std::string(label.substr(0, end)) + "…";
    text(x, y, type, color, cut);
    return used + dots;
}

std::vector<std::string> Kit::wrap(Type type, float maximum, std::string_view label) const {
    std::vector<std::string> lines;
    std::string line;
    float used = 0;
    std::size_t i = 0;
    const auto flush = [&] {
        while (!line.empty() && line.back() == ' ') line.pop_back();
        lines.push_back(line);
        line.clear();
        used = 0;
    };
    while (i < label.size()) {
        if (label[i] == '\n') {
            flush();
            ++i;
            continue;
        }
        // A word of Latin letters and digits stays whole; every other character may begin a line.
        std::size_t length = stepOf(label.substr(i));
        if (length == 1 && label[i] != ' ')
            while (i + length < label.size() && static_cast<unsigned char>(label[i + length]) < 0x80 && label[i + length] != ' ' &&
                   label[i + length] != '\n')
                ++length;
        const std::string_view piece = label.substr(i, length);
        const float pieceWidth = width(type, piece);
        if (used + pieceWidth > maximum && !line.empty() && !isClosing(piece)) {
            flush();
            if (piece == " ") {
                i += length;
                continue;
            }
        }
        line += piece;
        used += pieceWidth;
        i += length;
    }
    if (!line.empty() || lines.empty()) flush();
    return lines;
}

} // namespace matou::ui
