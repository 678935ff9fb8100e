#include "core/messages.h"

#include <cstdlib>
#include <map>
#include <mutex>

#define TOML_HEADER_ONLY 1
#include <toml++/toml.h>

#include "core/embedded.h"
#include "core/expect.h"

namespace matou::assets {
extern const std::span<const EmbeddedFile> kMessages;
}

namespace matou::core {
namespace {

struct Entry {
    std::string zh, en;
};

const std::map<std::string, Entry, std::less<>>& catalogue() {
    static const std::map<std::string, Entry, std::less<>> entries = [] {
        std::map<std::string, Entry, std::less<>> result;
        for (const auto& file : assets::kMessages) {
            const std::string_view content(reinterpret_cast<const char*>(file.bytes.data()), file.bytes.size());
            const toml::table table = toml::parse(content, file.name);
            for (const auto& [key, value] : table) {
                const auto* entry = value.as_table();
                MATOU_EXPECT(entry && !result.contains(std::string_view(key.str())));
                result[std::string(key.str())] = {(*entry)["zh"].value_or(std::string()), (*entry)["en"].value_or(std::string())};
            }
        }
        return result;
    }();
    return entries;
}

void appendEscaped(std::string& out, std::string_view text) {
    for (const char c : text) {
        if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) {
            static constexpr char hex[] = "0123456789abcdef";
            out += {'\\', 'x', hex[(c >> 4) & 15], hex[c & 15]};
        } else {
            out += c;
        }
    }
}

} // namespace

Language languageOfEnvironment(Language fallback) {
    for (const char* name : {"LC_ALL", "LC_MESSAGES", "LANG"}) {
        const char* value = std::getenv(name);
        if (!value || !*value) continue;
        const std::string_view locale(value);
        if (locale.starts_with("zh")) return Language::zh;
        if (locale == "C" || locale == "POSIX" || locale.starts_with("C.")) return fallback;
        return Language::en;
    }
    return fallback;
}

std::string text(Language language, std::string_view key, std::span<const std::string> arguments) {
    const auto found = catalogue().find(key);
    if (found == catalogue().end()) {
        std::string result(key);
        for (const auto& argument : arguments) result += " " + argument;
        return result;
    }
    const std::string& pattern = language == Language::zh ? found->second.zh : found->second.en;
    std::string result;
    for (std::size_t i = 0; i < pattern.size(); ++i) {
        if (pattern[i] == '{' && i + 2 < pattern.size() && pattern[i + 1] >= '0' && pattern[i + 1] <= '9' && pattern[i + 2] == '}') {
            const std::size_t index = pattern[i + 1] - '0';
            if (index < arguments.size()) result += arguments[index];
            i += 2;
        } else {
            result += pattern[i];
        }
    }
    return result;
}

std::string describe(const Error& error, Language language) {
    std::string line;
    const Error* current = &error;
    for (int depth = 0; current && depth < 8; ++depth, current = current->cause.get()) {
        if (depth) line += " <- ";
        appendEscaped(line, current->where.empty() ? "matou" : current->where);
        line += ": " + current->code + ": ";
        appendEscaped(line, text(language, current->code, current->arguments));
    }
    return line;
}

std::vector<std::string> incompleteMessages() {
    std::vector<std::string> result;
    for (const auto& [key, entry] : catalogue())
        if (entry.zh.empty() || entry.en.empty()) result.push_back(key);
    return result;
}

} // namespace matou::core
