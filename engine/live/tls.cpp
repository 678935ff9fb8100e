#include "live/tls.h"

#include <arpa/inet.h>

#include <cerrno>
#include <climits>
#include <cstring>

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>

namespace matou::live {
namespace {

std::string lastError() {
    std::string reason;
    while (const unsigned long code = ERR_get_error())
        if (const char* text = ERR_reason_error_string(code)) reason = text;
    return reason.empty() ? "unknown" : reason;
}

bool isAddress(const std::string& host) {
    unsigned char bytes[16];
    return ::inet_pton(AF_INET, host.c_str(), bytes) == 1 || ::inet_pton(AF_INET6, host.c_str(), bytes) == 1;
}

} // namespace

void TlsStream::Free::operator()(ssl_st* connection) const {
    SSL_free(connection);
}
void TlsStream::Free::operator()(ssl_ctx_st* context) const {
    SSL_CTX_free(context);
}

core::Result<TlsStream> TlsStream::open(int socket, const std::string& host, const TlsOptions& options) {
    ERR_clear_error();
    const auto refuse = [](const std::string& file) { return core::fail("E_TLS_FILE", file, {lastError()}); };
    TlsStream stream;
    stream._context.reset(SSL_CTX_new(TLS_client_method()));
    SSL_CTX* context = stream._context.get();
    if (!context || SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION) != 1) return refuse("TLS");
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
    SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    if (options.authorities.empty() ? SSL_CTX_set_default_verify_paths(context) != 1
                                    : SSL_CTX_load_verify_file(context, options.authorities.c_str()) != 1)
        return refuse(options.authorities.empty() ? "system certificates" : options.authorities);
    if (!options.revoked.empty()) {
        X509_STORE* store = SSL_CTX_get_cert_store(context);
        X509_LOOKUP* lookup = X509_STORE_add_lookup(store, X509_LOOKUP_file());
        if (!lookup || X509_load_crl_file(lookup, options.revoked.c_str(), X509_FILETYPE_PEM) < 1)
            return refuse(options.revoked);
        X509_STORE_set_flags(store, X509_V_FLAG_CRL_CHECK);
    }
    if (!options.certificate.empty()) {
        const std::string& key = options.key.empty() ? options.certificate : options.key;
        if (SSL_CTX_use_certificate_chain_file(context, options.certificate.c_str()) != 1) return refuse(options.certificate);
        if (SSL_CTX_use_PrivateKey_file(context, key.c_str(), SSL_FILETYPE_PEM) != 1) return refuse(key);
    }
    stream._connection.reset(SSL_new(context));
    SSL* connection = stream._connection.get();
    if (!connection || SSL_set_fd(connection, socket) != 1) return refuse("TLS");
    const bool named = isAddress(host)
                           ? X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(connection), host.c_str()) == 1
                           : SSL_set1_host(connection, host.c_str()) == 1 && SSL_set_tlsext_host_name(connection, host.c_str()) == 1;
    if (!named) return refuse("TLS " + host);
    SSL_set_connect_state(connection);
    return stream;
}

TlsStream::Moved TlsStream::outcome(int returned) {
    if (returned > 0) return {returned, Wants::nothing, {}};
    const int saved = errno;
    switch (SSL_get_error(_connection.get(), returned)) {
    case SSL_ERROR_WANT_READ:
        return {0, Wants::read, {}};
    case SSL_ERROR_WANT_WRITE:
        return {0, Wants::write, {}};
    case SSL_ERROR_ZERO_RETURN:
        return {-1, Wants::nothing, {}};
    case SSL_ERROR_SYSCALL:
        return {-1, Wants::nothing, saved ? std::strerror(saved) : "closed without a word"};
    default: {
        const long verdict = SSL_get_verify_result(_connection.get());
        const std::string reason = lastError();
        return {-1, Wants::nothing, verdict == X509_V_OK ? reason : X509_verify_cert_error_string(verdict)};
    }
    }
}

TlsStream::Shake TlsStream::shake() {
    ERR_clear_error();
    errno = 0;
    const int returned = SSL_do_handshake(_connection.get());
    if (returned == 1) return {true, false, Wants::nothing, {}};
    const Moved moved = outcome(returned);
    return {false, moved.bytes < 0, moved.wants, moved.bytes < 0 && moved.reason.empty() ? "closed" : moved.reason};
}

TlsStream::Moved TlsStream::read(char* data, std::size_t size) {
    ERR_clear_error();
    errno = 0;
    return outcome(SSL_read(_connection.get(), data, static_cast<int>(std::min<std::size_t>(size, INT_MAX))));
}

TlsStream::Moved TlsStream::write(const char* data, std::size_t size) {
    ERR_clear_error();
    errno = 0;
    return outcome(SSL_write(_connection.get(), data, static_cast<int>(std::min<std::size_t>(size, INT_MAX))));
}

std::string TlsStream::described() const {
    return std::string(SSL_get_version(_connection.get())) + " " + SSL_get_cipher_name(_connection.get());
}

} // namespace matou::live
