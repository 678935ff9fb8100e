#pragma once
// What sip_message.cpp and sip_values.cpp share. Private to this module.

#include <algorithm>
#include <charconv>
#include <optional>
#include <string>
#include <string_view>

#include "core/result.h"

namespace matou::live::sip {

inline bool isTokenCharacter(char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c != 0 && std::string_view("-.!%*_+`'~").find(c) != std::string_view::npos);
}
inline bool isToken(std::string_view text) { return !text.empty() && std::all_of(text.begin(), text.end(), isTokenCharacter); }
inline bool isSpace(char c) { return c == ' ' || c == '\t'; }

inline std::string lower(std::string_view text) {
    std::string result(text);
    for (char& c : result)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
    return result;
}
inline std::string_view trim(std::string_view text) {
    while (!text.empty() && isSpace(text.front())) text.remove_prefix(1);
    while (!text.empty() && isSpace(text.back())) text.remove_suffix(1);
    return text;
}

/// Digits only, `most` at most.
template <typename Number>
std::optional<Number> numberOf(std::string_view text, Number most) {
    Number number = 0;
    const auto parsed = std::from_chars(text.data(), text.data() + text.size(), number);
    if (text.empty() || text[0] == '-' || parsed.ec != std::errc() || parsed.ptr != text.data() + text.size() || number > most) return std::nullopt;
    return number;
}

inline tl::unexpected<core::Error> wrong(const char* what) { return core::fail("E_SIP_SYNTAX", "", {what}); }

/// Index of the first `stop` outside of quotation marks and angle brackets, from `at` on; npos without one, kUnbalanced where one is not closed.
inline constexpr std::size_t kUnbalanced = static_cast<std::size_t>(-2);
std::size_t findOutside(std::string_view text, std::size_t at, char stop);
/// No spaces and controls; of a sip URI no header part ("?…", which would become headers of what is made of it) unless allowed.
core::Result<void> checkUri(std::string_view uri, bool headersAllowed);

} // namespace matou::live::sip
