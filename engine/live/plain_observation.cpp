#include "live/plain_observation.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "live/charset.h"

namespace matou::live {
namespace {

constexpr std::size_t kLongest = 1024;

/// A value as it stands: a text without its quotes, a number or a word.
struct Token {
    enum class Kind { text, number, word } kind = Kind::word;
    std::string_view bytes;
    bool integer = false;
};

class Scanner {
public:
    explicit Scanner(std::string_view text) : _at(text.data()), _end(text.data() + text.size()) {}

    bool take(char c) {
        space();
        if (_at == _end || *_at != c) return false;
        ++_at;
        return true;
    }
    bool ended() {
        space();
        return _at == _end;
    }
    /// Quotes are taken; false for an escape or a control character.
    bool text(std::string_view& into) {
        if (!take('"')) return false;
        const char* first = _at;
        while (_at != _end && *_at != '"' && *_at != '\\' && static_cast<unsigned char>(*_at) >= 0x20)
            ++_at;
        if (_at == _end || *_at != '"') return false;
        into = {first, static_cast<std::size_t>(_at++ - first)};
        return true;
    }
    bool value(Token& into) {
        space();
        if (_at == _end) return false;
        if (*_at == '"') {
            into.kind = Token::Kind::text;
            return text(into.bytes);
        }
        const char* first = _at;
        if (*_at == '-' || isDigit(*_at)) {
            into.kind = Token::Kind::number;
            if (!number(into.integer)) return false;
        } else {
            into.kind = Token::Kind::word;
            while (_at != _end && *_at >= 'a' && *_at <= 'z')
                ++_at;
        }
        into.bytes = {first, static_cast<std::size_t>(_at - first)};
        return into.kind == Token::Kind::number || into.bytes == "true" || into.bytes == "false";
    }

private:
    static bool isDigit(char c) { return c >= '0' && c <= '9'; }
    bool digits() {
        const char* first = _at;
        while (_at != _end && isDigit(*_at))
            ++_at;
        return _at != first;
    }
    /// RFC 8259, 6.
    bool number(bool& integer) {
        integer = true;
        if (*_at == '-') ++_at;
        const char* first = _at;
        if (!digits() || (*first == '0' && _at - first > 1)) return false;
        if (_at != _end && *_at == '.') {
            integer = false;
            ++_at;
            if (!digits()) return false;
        }
        if (_at != _end && (*_at == 'e' || *_at == 'E')) {
            integer = false;
            ++_at;
            if (_at != _end && (*_at == '+' || *_at == '-')) ++_at;
            if (!digits()) return false;
        }
        return true;
    }
    void space() {
        while (_at != _end && (*_at == ' ' || *_at == '\t' || *_at == '\n' || *_at == '\r'))
            ++_at;
    }

    const char *_at, *_end;
};

bool toDouble(const Token& token, double& into) {
    if (token.kind != Token::Kind::number) return false;
    const char* end = token.bytes.data() + token.bytes.size();
    const auto read = std::from_chars(token.bytes.data(), end, into);
    if (read.ec != std::errc() || read.ptr != end) return false;
    if (token.integer) into += 0.0; // -0 is no negative zero
    return true;
}

bool toInteger(const Token& token, std::int64_t& into) {
    if (token.kind != Token::Kind::number || !token.integer) return false;
    const char* end = token.bytes.data() + token.bytes.size();
    const auto read = std::from_chars(token.bytes.data(), end, into);
    return read.ec == std::errc() && read.ptr == end;
}

bool toQuality(std::string_view word, twin::Quality& into) {
    if (word == "uncertain" || word == "sim")
        into = twin::Quality::uncertain;
    else if (word == "bad")
        into = twin::Quality::bad;
    else
        return word.empty() || word == "good";
    return true;
}

constexpr std::array<std::string_view, 9> kMembers = {"id",   "ts",  "value",  "q",    "seq",
                                                      "unit", "exp", "pulled", "drill"};
enum Member : unsigned { kId, kTs, kValue, kQuality, kSequence, kUnit, kExpires, kPulled, kDrill };

/// false: not what is expected there.
bool put(Member member, const Token& token, twin::Observation& into) {
    const bool text = token.kind == Token::Kind::text, word = token.kind == Token::Kind::word;
    switch (member) {
    case kId:
        return text && !token.bytes.empty() && token.bytes.find('\x7f') == std::string_view::npos;
    case kTs: {
        if (!text || token.bytes.find('\x7f') != std::string_view::npos) return false;
        const auto at = core::parseInstant(token.bytes);
        if (at) into.eventTime = *at;
        return at.has_value();
    }
    case kValue:
        if (!word) return toDouble(token, into.value);
        into.value = token.bytes == "true" ? 1 : 0;
        return true;
    case kQuality:
        return text && toQuality(token.bytes, into.quality);
    case kSequence: {
        std::int64_t sequence = 0;
        if (!toInteger(token, sequence)) return false;
        into.sequence = sequence;
        return true;
    }
    case kUnit:
        if (text) into.unit = token.bytes;
        return text;
    case kExpires: {
        double seconds = 0;
        if (!toDouble(token, seconds) || !(seconds >= 0 && seconds <= 1e9)) return false;
        into.life = core::Duration(static_cast<std::int64_t>(seconds * 1000));
        return true;
    }
    case kPulled:
        into.pulled = word && token.bytes == "true";
        return word;
    case kDrill:
        return word && token.bytes == "false";
    }
    return false;
}

} // namespace

std::optional<twin::Observation> plainObservation(std::string_view payload) {
    if (payload.size() > kLongest) return std::nullopt;
    std::optional<twin::Observation> result(std::in_place);
    Scanner scanner(payload);
    unsigned seen = 0;
    if (!scanner.take('{')) return std::nullopt;
    do {
        std::string_view name;
        Token token;
        if (!scanner.text(name) || !scanner.take(':') || !scanner.value(token)) return std::nullopt;
        const auto known = static_cast<unsigned>(std::find(kMembers.begin(), kMembers.end(), name) - kMembers.begin());
        if (known == kMembers.size()) {
            // Several values, and numbers that nobody could read, are for the long way.
            double ignored = 0;
            if (name == "values" || (token.kind == Token::Kind::number && !toDouble(token, ignored)))
                return std::nullopt;
            continue;
        }
        if ((seen & 1u << known) || !put(static_cast<Member>(known), token, *result)) return std::nullopt;
        seen |= 1u << known;
    } while (scanner.take(','));
    constexpr unsigned kRequired = 1u << kId | 1u << kTs | 1u << kValue;
    if (!scanner.take('}') || !scanner.ended() || (seen & kRequired) != kRequired) return std::nullopt;
    const bool ascii =
        std::all_of(payload.begin(), payload.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; });
    if (!ascii && !isUtf8(payload)) return std::nullopt;
    return result;
}

} // namespace matou::live
