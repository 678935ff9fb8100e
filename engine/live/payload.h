#pragma once
// Reads members of one canonical payload; errors carry the topic. Private to this module.

#include <algorithm>
#include <cmath>
#include <string>

#include "core/clock.h"
#include "core/json.h"
#include "core/result.h"
#include "live/charset.h"

namespace matou::live {

inline constexpr std::size_t kIdentityBytes = 1024; // of ids and classes, which are shown and stored whole

/// Ids and classes are stored, shown and put into addresses.
inline bool isPlain(const std::string& text) {
    return isUtf8(text) && std::none_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
}

class Payload {
public:
    Payload(const core::Json& json, std::string where) : _json(json), _where(std::move(where)) {}

    core::Error wrong(const char* member, const char* expected) const {
        return core::Error{"E_PAYLOAD_MEMBER", {member, expected}, _where, nullptr};
    }
    const core::Json* find(const char* member) const {
        const auto found = _json.find(member);
        return found == _json.end() || found->is_null() ? nullptr : &*found;
    }
    core::Result<std::string> text(const char* member, bool required) const {
        const core::Json* found = find(member);
        if (!found && !required) return std::string();
        if (!found || !found->is_string()) return tl::unexpected(wrong(member, "string"));
        auto value = found->get<std::string>();
        if (required && value.empty()) return tl::unexpected(wrong(member, "text that is not empty"));
        if (required && value.size() > kIdentityBytes) return tl::unexpected(wrong(member, "text of at most 1,024 bytes"));
        // Required texts are identities and classes: they end in logs, keys and addresses.
        if (required && !isPlain(value)) return tl::unexpected(wrong(member, "text without control characters"));
        return value;
    }
    core::Result<double> number(const char* member, double fallback, double minimum, double maximum, const char* expected) const {
        const core::Json* found = find(member);
        if (!found) return fallback;
        if (!found->is_number()) return tl::unexpected(wrong(member, expected));
        const double value = found->get<double>();
        if (!(value >= minimum && value <= maximum)) return tl::unexpected(wrong(member, expected));
        return value;
    }
    core::Result<bool> flag(const char* member) const {
        const core::Json* found = find(member);
        if (!found) return false;
        if (!found->is_boolean()) return tl::unexpected(wrong(member, "true or false"));
        return found->get<bool>();
    }
    core::Result<core::Instant> stamp() const {
        MATOU_TRY(written, text("ts", true));
        const auto parsed = core::parseInstant(written);
        if (!parsed) return tl::unexpected(wrong("ts", "RFC 3339 time in UTC"));
        return *parsed;
    }

private:
    const core::Json& _json;
    std::string _where;
};

} // namespace matou::live
