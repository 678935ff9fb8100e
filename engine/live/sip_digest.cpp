#include "live/sip_digest.h"

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <map>
#include <optional>

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>

#include "core/expect.h"

namespace matou::live::sip {
namespace {

std::string hex(const unsigned char* bytes, std::size_t size) {
    std::string result;
    for (std::size_t i = 0; i < size; ++i) {
        result += "0123456789abcdef"[bytes[i] >> 4];
        result += "0123456789abcdef"[bytes[i] & 15];
    }
    return result;
}

std::string hashed(DigestHash hash, const std::string& text) {
    unsigned char bytes[EVP_MAX_MD_SIZE];
    unsigned int size = 0;
    const int done = EVP_Digest(text.data(), text.size(), bytes, &size, hash == DigestHash::sha256 ? EVP_sha256() : EVP_md5(), nullptr);
    return done == 1 ? hex(bytes, size) : std::string(); // a machine whose policy forbids MD5: nothing matches
}

bool same(std::string_view a, std::string_view b) { return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0; }

std::string lower(std::string text) {
    for (char& c : text)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
    return text;
}

/// name=value or name="value", separated by commas; nothing where it is not that.
std::optional<std::map<std::string, std::string>> fieldsOf(std::string_view text) {
    std::map<std::string, std::string> result;
    std::size_t at = 0;
    const auto skip = [&](std::string_view these) { at = std::min(text.find_first_not_of(these, at), text.size()); };
    for (skip(" \t,"); at < text.size(); skip(" \t,")) {
        const auto equals = text.find('=', at);
        if (equals == std::string_view::npos || result.size() >= 32) return std::nullopt;
        std::string name = lower(std::string(text.substr(at, equals - at)));
        while (!name.empty() && name.back() == ' ') name.pop_back();
        at = equals + 1;
        skip(" \t");
        std::string value;
        if (at < text.size() && text[at] == '"') {
            for (++at; at < text.size() && text[at] != '"'; ++at) {
                if (text[at] == '\\' && at + 1 < text.size()) ++at;
                value += text[at];
            }
            if (at++ >= text.size()) return std::nullopt;
        } else {
            const auto end = std::min(text.find_first_of(", \t", at), text.size());
            value = text.substr(at, end - at);
            at = end;
        }
        if (!result.emplace(std::move(name), std::move(value)).second) return std::nullopt;
    }
    return result;
}

tl::unexpected<core::Error> wrong(const std::string& what) { return core::fail("E_SIP_AUTHORIZATION", "", {what}); }

} // namespace

core::Result<DigestCredentials> parseAuthorization(std::string_view value) {
    if (value.size() < 7 || lower(std::string(value.substr(0, 7))) != "digest ") return wrong("Digest");
    auto fields = fieldsOf(value.substr(7));
    if (!fields) return wrong("name=\"value\", …");
    DigestCredentials result;
    const std::string algorithm = lower((*fields)["algorithm"]);
    if (algorithm == "sha-256") result.hash = DigestHash::sha256;
    else if (!algorithm.empty() && algorithm != "md5") return wrong("algorithm MD5 or SHA-256");
    const std::pair<const char*, std::string DigestCredentials::*> members[] = {
        {"username", &DigestCredentials::username}, {"realm", &DigestCredentials::realm}, {"nonce", &DigestCredentials::nonce}, {"uri", &DigestCredentials::uri},
        {"response", &DigestCredentials::response}, {"cnonce", &DigestCredentials::cnonce}, {"nc", &DigestCredentials::nc}, {"qop", &DigestCredentials::qop}, {"opaque", &DigestCredentials::opaque}};
    for (const auto& [name, member] : members)
        result.*member = (*fields)[name];
    for (const char* needed : {"username", "realm", "nonce", "uri", "response"})
        if ((*fields)[needed].empty()) return wrong(needed);
    if (!result.qop.empty() && result.qop != "auth") return wrong("qop auth");
    if (!result.qop.empty() && (result.cnonce.empty() || result.nc.empty())) return wrong("cnonce and nc");
    result.response = lower(result.response);
    return result;
}

std::string digestResponse(const DigestCredentials& c, std::string_view method, std::string_view password) {
    const std::string who = hashed(c.hash, c.username + ":" + c.realm + ":" + std::string(password));
    const std::string what = hashed(c.hash, std::string(method) + ":" + c.uri);
    const std::string more = c.qop.empty() ? std::string() : c.nc + ":" + c.cnonce + ":" + c.qop + ":";
    return hashed(c.hash, who + ":" + c.nonce + ":" + more + what);
}

bool digestHolds(const DigestCredentials& credentials, std::string_view method, std::string_view password) {
    const std::string wanted = digestResponse(credentials, method, password);
    return !wanted.empty() && same(wanted, credentials.response);
}

Challenger::Challenger() : _key(32, '\0') {
    MATOU_EXPECT(RAND_bytes(reinterpret_cast<unsigned char*>(_key.data()), static_cast<int>(_key.size())) == 1);
}

std::string Challenger::proof(std::string_view stamp) const {
    unsigned char bytes[EVP_MAX_MD_SIZE];
    unsigned int size = 0;
    HMAC(EVP_sha256(), _key.data(), static_cast<int>(_key.size()), reinterpret_cast<const unsigned char*>(stamp.data()), stamp.size(), bytes, &size);
    return hex(bytes, 16);
}

std::string Challenger::challenge(const std::string& realm, DigestHash hash, core::Duration now, bool stale) const {
    char stamp[32];
    std::snprintf(stamp, sizeof stamp, "%012llx%08llx", static_cast<unsigned long long>(now.count()) & 0xffffffffffffull, static_cast<unsigned long long>(++_made) & 0xffffffffull);
    return "Digest realm=\"" + realm + "\", nonce=\"" + stamp + proof(stamp) + "\", algorithm=" + (hash == DigestHash::sha256 ? "SHA-256" : "MD5") + (stale ? ", stale=true" : "");
}

Challenger::Nonce Challenger::check(std::string_view given, core::Duration now) const {
    long long stamp = 0;
    if (given.size() != kSize || !same(proof(given.substr(0, 20)), given.substr(20))) return Nonce::foreign;
    std::from_chars(given.data(), given.data() + 12, stamp, 16); // ours, so it is one
    const core::Duration age = now - core::Duration(stamp);
    return age >= core::Duration{} && age <= kLife ? Nonce::good : Nonce::stale;
}

} // namespace matou::live::sip
