#pragma once
// Certificates for a test, made with OpenSSL: an authority, what it signs, and its list of what it takes back.

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <cstdio>
#include <filesystem>
#include <string>

namespace matou::support {

class Certificate {
public:
    /// Signed by `issuer`; null: by itself. `names`: subjectAltName as OpenSSL writes it, "IP:127.0.0.1,DNS:localhost"; empty:
    /// none. `authority`: may sign. Valid from `fromDays` to `toDays` days from now.
    Certificate(const std::string& commonName, const Certificate* issuer, const std::string& names, bool authority = false,
                long fromDays = -1, long toDays = 30) {
        static long serial = 100;
        _key = EVP_EC_gen("P-256");
        _certificate = X509_new();
        X509_set_version(_certificate, 2);
        ASN1_INTEGER_set(X509_get_serialNumber(_certificate), ++serial);
        X509_gmtime_adj(X509_getm_notBefore(_certificate), fromDays * 86400);
        X509_gmtime_adj(X509_getm_notAfter(_certificate), toDays * 86400);
        X509_set_pubkey(_certificate, _key);
        X509_NAME_add_entry_by_txt(X509_get_subject_name(_certificate), "CN", MBSTRING_UTF8,
                                   reinterpret_cast<const unsigned char*>(commonName.c_str()), -1, -1, 0);
        X509* signer = issuer ? issuer->_certificate : _certificate;
        X509_set_issuer_name(_certificate, X509_get_subject_name(signer));
        extend(signer, NID_basic_constraints, authority ? "critical,CA:TRUE" : "CA:FALSE");
        if (authority) extend(signer, NID_key_usage, "critical,keyCertSign,cRLSign,digitalSignature");
        if (!names.empty()) extend(signer, NID_subject_alt_name, names.c_str());
        X509_sign(_certificate, issuer ? issuer->_key : _key, EVP_sha256());
    }
    ~Certificate() {
        X509_free(_certificate);
        EVP_PKEY_free(_key);
    }
    Certificate(const Certificate&) = delete;
    Certificate& operator=(const Certificate&) = delete;

    void write(const std::filesystem::path& certificate, const std::filesystem::path& key) const {
        std::FILE* file = std::fopen(certificate.c_str(), "w");
        PEM_write_X509(file, _certificate);
        std::fclose(file);
        file = std::fopen(key.c_str(), "w");
        PEM_write_PrivateKey(file, _key, nullptr, nullptr, 0, nullptr, nullptr);
        std::fclose(file);
    }
    /// The list of what this authority has taken back: one certificate, or none.
    void writeRevoked(const std::filesystem::path& path, const Certificate* revoked) const {
        X509_CRL* list = X509_CRL_new();
        X509_CRL_set_version(list, 1);
        X509_CRL_set_issuer_name(list, X509_get_subject_name(_certificate));
        ASN1_TIME* time = X509_gmtime_adj(nullptr, -3600);
        X509_CRL_set1_lastUpdate(list, time);
        X509_gmtime_adj(time, 86400);
        X509_CRL_set1_nextUpdate(list, time);
        if (revoked) {
            X509_REVOKED* entry = X509_REVOKED_new();
            X509_REVOKED_set_serialNumber(entry, X509_get_serialNumber(revoked->_certificate));
            X509_gmtime_adj(time, -1800);
            X509_REVOKED_set_revocationDate(entry, time);
            X509_CRL_add0_revoked(list, entry);
        }
        ASN1_TIME_free(time);
        X509_CRL_sort(list);
        X509_CRL_sign(list, _key, EVP_sha256());
        std::FILE* file = std::fopen(path.c_str(), "w");
        PEM_write_X509_CRL(file, list);
        std::fclose(file);
        X509_CRL_free(list);
    }

private:
    void extend(X509* signer, int id, const char* value) {
        X509V3_CTX context;
        X509V3_set_ctx_nodb(&context);
        X509V3_set_ctx(&context, signer, _certificate, nullptr, nullptr, 0);
        if (X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, id, value)) {
            X509_add_ext(_certificate, extension, -1);
            X509_EXTENSION_free(extension);
        }
    }
    X509* _certificate = nullptr;
    EVP_PKEY* _key = nullptr;
};

} // namespace matou::support
