#include "text/text_shaper.h"

namespace matou::text {

std::vector<char32_t> codePoints(std::string_view utf8) {
    std::vector<char32_t> result;
    result.reserve(utf8.size());
    constexpr char32_t kReplacement = 0xFFFD;
    constexpr char32_t kSmallest[] = {0, 0, 0x80, 0x800, 0x10000}; // below: an overlong form
    for (std::size_t i = 0; i < utf8.size();) {
        const auto lead = static_cast<unsigned char>(utf8[i]);
        const int length = lead < 0x80 ? 1 : (lead >> 5) == 6 ? 2 : (lead >> 4) == 14 ? 3 : (lead >> 3) == 30 ? 4 : 0;
        if (length == 1) {
            result.push_back(lead);
            ++i;
            continue;
        }
        char32_t value = length == 0 ? 0 : lead & (0x7Fu >> length);
        bool good = length != 0 && i + static_cast<std::size_t>(length) <= utf8.size();
        for (int k = 1; good && k < length; ++k) {
            const auto next = static_cast<unsigned char>(utf8[i + static_cast<std::size_t>(k)]);
            good = (next & 0xC0) == 0x80;
            value = (value << 6) | (next & 0x3F);
        }
        good = good && value >= kSmallest[length] && value <= 0x10FFFF && (value < 0xD800 || value > 0xDFFF);
        result.push_back(good ? value : kReplacement);
        i += good ? static_cast<std::size_t>(length) : 1;
    }
    return result;
}

} // namespace matou::text
