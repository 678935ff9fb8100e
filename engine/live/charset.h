#pragma once
// Bytes of an old system → UTF-8.

#include <string>
#include <string_view>

namespace matou::live {

struct DecodedText {
    std::string utf8;
    std::string charset; // that it was taken for: utf-8, gb18030, latin… as given
    bool marked = false; // some bytes belong to no such text and stand as U+FFFD
};

bool isUtf8(std::string_view bytes);
/// At most so many bytes of UTF-8, never a part of a letter.
std::string firstBytes(std::string_view utf8, std::size_t count);

/// Senders lie: what is valid UTF-8 is UTF-8 whatever is declared; else `declared` (an iconv name); GB2312 and GBK are read as their
/// superset GB18030, and so is what nothing is known of. Never fails: what remains unreadable is marked. Cost: linear.
DecodedText toUtf8(std::string_view bytes, std::string_view declared);

} // namespace matou::live
