#pragma once
// HTTP digest as SIP uses it (RFC 3261 22, RFC 7616, RFC 8760): the side that asks. MD5 is what GB/T 28181-2016 knows; SHA-256 is
// offered besides to devices that can (X-GB-Ver 3.0). Pure but for the secret that nonces are made with.

#include <cstdint>
#include <string>
#include <string_view>

#include "core/clock.h"
#include "core/result.h"

namespace matou::live::sip {

enum class DigestHash : std::uint8_t { md5, sha256 };

struct DigestCredentials {
    std::string username, realm, nonce, uri, response, cnonce, nc, qop, opaque;
    DigestHash hash = DigestHash::md5;
};

/// The value of an Authorization header. E_SIP_AUTHORIZATION {what} without a place: another scheme or algorithm, something missing.
core::Result<DigestCredentials> parseAuthorization(std::string_view value);

/// The hex that proves `password` for this request. `method` is the request's.
std::string digestResponse(const DigestCredentials& credentials, std::string_view method, std::string_view password);
/// In constant time.
bool digestHolds(const DigestCredentials& credentials, std::string_view method, std::string_view password);

/// Not thread-safe. Makes nonces that prove their own age, so that asking a stranger costs no memory here. A key of its own per object: nonces of
/// another run are stale, which costs their devices one more round.
class Challenger {
public:
    Challenger();
    /// The value of a WWW-Authenticate header.
    std::string challenge(const std::string& realm, DigestHash hash, core::Duration now, bool stale) const;
    enum class Nonce : std::uint8_t { good, stale, foreign };
    Nonce check(std::string_view nonce, core::Duration now) const;

    static constexpr core::Duration kLife{120000};
    static constexpr std::size_t kSize = 52;

private:
    std::string proof(std::string_view stamp) const;
    std::string _key;
    mutable std::uint64_t _made = 0; // no two are alike, though asked for in the same millisecond
};

} // namespace matou::live::sip
