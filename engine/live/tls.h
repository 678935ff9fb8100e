#pragma once
// TLS 1.2 or newer over a socket that is already connected, without blocking (OpenSSL). Private to this module.

#include <memory>
#include <string>

#include "core/result.h"

struct ssl_st;
struct ssl_ctx_st;

namespace matou::live {

/// PEM files. Nothing is trusted that they, or without `authorities` the system, do not vouch for.
struct TlsOptions {
    std::string authorities;  // of the peer; empty: the system's
    std::string revoked;      // list of revoked certificates (CRL); empty: not looked at
    std::string certificate;  // our own, with its chain; empty: none
    std::string key;          // of `certificate`
};

/// One connection. Not thread-safe.
class TlsStream {
public:
    enum class Wants { nothing, read, write };
    struct Moved {
        std::ptrdiff_t bytes = 0; // 0: nothing now; < 0: the connection is over
        Wants wants = Wants::nothing;
        std::string reason; // where bytes < 0; empty: closed in order
    };

    /// `host` is a name or an address; the peer's certificate must be for it. E_TLS_FILE {reason} at the file.
    static core::Result<TlsStream> open(int socket, const std::string& host, const TlsOptions& options);
    /// Call until it says done; a failed handshake says why ("certificate has expired").
    struct Shake {
        bool done = false, failed = false;
        Wants wants = Wants::nothing;
        std::string reason;
    };
    Shake shake();
    Moved read(char* data, std::size_t size);
    Moved write(const char* data, std::size_t size);
    /// "TLSv1.3 TLS_AES_256_GCM_SHA384"
    std::string described() const;

private:
    struct Free {
        void operator()(ssl_st* connection) const;
        void operator()(ssl_ctx_st* context) const;
    };
    std::unique_ptr<ssl_ctx_st, Free> _context;
    std::unique_ptr<ssl_st, Free> _connection;
    Moved outcome(int returned);
};

} // namespace matou::live
