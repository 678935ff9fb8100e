#pragma once
// The message catalogue: every text that a person reads, Chinese and English, from assets/messages/<module>.toml.
// An entry is
//     [E_GLB_TRUNCATED]
//     zh = "文件在 {0} 字节处中断，应有 {1} 字节；请重新获取该文件"
//     en = "the file ends at byte {0} of {1}; get it again"
// Keys that start with E_ are errors, W_ warnings, UI_ words on screen.

#include <initializer_list>
#include <span>
#include <string>
#include <string_view>

#include "core/result.h"

namespace matou::core {

enum class Language { zh, en };

/// zh or en by LC_ALL, LC_MESSAGES, LANG; `fallback` where they are C, POSIX or unset.
Language languageOfEnvironment(Language fallback);

/// The catalogue's text with {0}… replaced. An unknown key gives the key itself, so that it is seen. Thread: any.
std::string text(Language language, std::string_view key, std::span<const std::string> arguments = {});
inline std::string text(Language language, std::string_view key, std::initializer_list<std::string> arguments) {
    return text(language, key, std::span<const std::string>(arguments.begin(), arguments.size()));
}

/// One line `WHERE: CODE: text`, causes appended after " <- ". Control characters are shown escaped.
std::string describe(const Error& error, Language language);

/// Every key of the catalogue that lacks one of the two languages; a test keeps this empty.
std::vector<std::string> incompleteMessages();

} // namespace matou::core
