#include "live/charset.h"

#include <algorithm>
#include <cerrno>
#include <cctype>

#include <iconv.h>

namespace matou::live {

bool isUtf8(std::string_view bytes) {
    for (std::size_t i = 0; i < bytes.size();) {
        const auto lead = static_cast<unsigned char>(bytes[i]);
        const int more = lead < 0x80 ? 0 : lead >= 0xC2 && lead <= 0xDF ? 1 : (lead & 0xF0) == 0xE0 ? 2 : lead >= 0xF0 && lead <= 0xF4 ? 3 : -1;
        if (more < 0 || i + static_cast<std::size_t>(more) >= bytes.size()) return false;
        for (int k = 1; k <= more; ++k) {
            const auto next = static_cast<unsigned char>(bytes[i + static_cast<std::size_t>(k)]);
            if ((next & 0xC0) != 0x80) return false;
            if (k == 1 && ((lead == 0xE0 && next < 0xA0) || (lead == 0xED && next > 0x9F) || (lead == 0xF0 && next < 0x90) || (lead == 0xF4 && next > 0x8F)))
                return false; // over-long, surrogate, beyond U+10FFFF
        }
        i += static_cast<std::size_t>(more) + 1;
    }
    return true;
}

std::string firstBytes(std::string_view utf8, std::size_t count) {
    if (utf8.size() <= count) return std::string(utf8);
    while (count > 0 && (static_cast<unsigned char>(utf8[count]) & 0xc0) == 0x80) --count;
    return std::string(utf8.substr(0, count));
}

DecodedText toUtf8(std::string_view bytes, std::string_view declared) {
    if (isUtf8(bytes)) return {std::string(bytes), "utf-8", false};
    std::string charset;
    std::transform(declared.begin(), declared.end(), std::back_inserter(charset), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    // Not valid UTF-8, so it is not what it says.
    if (charset.empty() || charset == "utf-8" || charset == "utf8" || charset == "gb2312" || charset == "gbk" || charset.size() > 32) charset = "gb18030";
    iconv_t converter = ::iconv_open("UTF-8", charset.c_str());
    if (converter == reinterpret_cast<iconv_t>(-1)) {
        charset = "gb18030";
        converter = ::iconv_open("UTF-8", charset.c_str());
    }
    DecodedText result{{}, charset, false};
    if (converter == reinterpret_cast<iconv_t>(-1)) { // a libc without its conversions
        for (const char c : bytes)
            result.utf8 += static_cast<unsigned char>(c) < 0x80 ? std::string(1, c) : std::string("\xEF\xBF\xBD");
        result.marked = true;
        return result;
    }
    std::string in(bytes);
    char* from = in.data();
    std::size_t left = in.size();
    char buffer[4096];
    while (left > 0) {
        char* to = buffer;
        std::size_t room = sizeof buffer;
        const auto done = ::iconv(converter, &from, &left, &to, &room);
        result.utf8.append(buffer, sizeof buffer - room);
        if (done != static_cast<std::size_t>(-1) || errno == E2BIG) continue;
        // A byte that begins nothing, or the end of the text within a character.
        result.utf8 += "\xEF\xBF\xBD";
        result.marked = true;
        ++from;
        --left;
    }
    ::iconv_close(converter);
    return result;
}

} // namespace matou::live
