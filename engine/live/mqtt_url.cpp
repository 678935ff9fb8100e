#include "live/mqtt_url.h"

#include <charconv>
#include <cstdlib>
#include <optional>

#include "core/file.h"

namespace matou::live::mqtt {
namespace {

std::string decoded(const std::string& text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        unsigned value = 0;
        if (text[i] == '%' && i + 2 < text.size() &&
            std::from_chars(text.data() + i + 1, text.data() + i + 3, value, 16).ptr == text.data() + i + 3) {
            out += static_cast<char>(value);
            i += 2;
        } else {
            out += text[i];
        }
    }
    return out;
}

} // namespace

namespace {

/// A secret by its place: @FILE or env:NAME; anything else is the secret itself.
std::optional<std::string> secret(const std::string& given) {
    std::string text;
    if (given.starts_with('@')) {
        const auto read = core::readTextFile(given.substr(1), 4096);
        if (!read) return std::nullopt;
        text = *read;
    } else if (given.starts_with("env:")) {
        const char* value = std::getenv(given.c_str() + 4);
        if (!value) return std::nullopt;
        text = value;
    } else {
        return given;
    }
    while (!text.empty() && (text.back() == '\n' || text.back() == '\r'))
        text.pop_back();
    return text;
}

/// "a=b&c=d" into the address; false: a key that is not known.
core::Result<bool> readOptions(const std::string& text, Address& address) {
    std::size_t at = 0;
    while (at < text.size()) {
        const std::size_t end = std::min(text.find('&', at), text.size());
        const std::string pair = text.substr(at, end - at);
        at = end + 1;
        const auto equals = pair.find('=');
        if (equals == std::string::npos) return false;
        const std::string key = pair.substr(0, equals), value = decoded(pair.substr(equals + 1));
        if (key == "ca")
            address.certificates.authorities = value;
        else if (key == "crl")
            address.certificates.revoked = value;
        else if (key == "cert")
            address.certificates.certificate = value;
        else if (key == "key")
            address.certificates.key = value;
        else if (key == "share" && !value.empty() && value.find_first_of("/+#") == std::string::npos)
            address.share = value;
        else if (key == "version" && (value == "5" || value == "3.1.1"))
            address.version = value;
        else if (key == "password") {
            const auto read = secret(value);
            if (!read) return core::fail("E_MQTT_PASSWORD", value);
            address.password = *read;
        } else
            return false;
    }
    return true;
}

} // namespace

std::string Address::shown() const {
    const bool six = host.find(':') != std::string::npos;
    return (tls ? "mqtts://" : "mqtt://") + (six ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

core::Result<Address> parseAddress(const std::string& url) {
    Address address;
    std::string rest = url;
    const auto options = rest.find('?');
    const auto at = rest.substr(0, options).rfind('@');
    // What is said about a wrong address must not hold its password.
    const std::string shown =
        (at == std::string::npos ? url.substr(0, options) : "mqtt://…" + url.substr(at, options - at)) +
        (options == std::string::npos ? "" : "?…");
    const auto refuse = [&] { return core::fail("E_MQTT_URL", shown); };
    if (options != std::string::npos) {
        MATOU_TRY(known, readOptions(rest.substr(options + 1), address));
        if (!known) return refuse();
        rest.erase(options);
    }
    address.tls = rest.starts_with("mqtts://");
    if (!address.tls && !rest.starts_with("mqtt://")) return refuse();
    const auto& files = address.certificates;
    if (!address.tls && !(files.authorities + files.revoked + files.certificate + files.key).empty()) return refuse();
    if (address.tls) address.port = 8883;
    rest.erase(0, address.tls ? 8 : 7);
    if (const auto credentials = rest.rfind('@'); credentials != std::string::npos) {
        const std::string both = rest.substr(0, credentials);
        const auto colon = both.find(':');
        address.user = decoded(both.substr(0, colon));
        if (colon != std::string::npos) address.password = decoded(both.substr(colon + 1));
        rest.erase(0, credentials + 1);
    }
    while (!rest.empty() && rest.back() == '/')
        rest.pop_back();
    std::string port;
    if (rest.starts_with('[')) {
        const auto close = rest.find(']');
        if (close == std::string::npos) return refuse();
        address.host = rest.substr(1, close - 1);
        port = rest.substr(close + 1);
    } else {
        const auto colon = rest.find(':');
        address.host = rest.substr(0, colon);
        port = colon == std::string::npos ? "" : rest.substr(colon);
    }
    if (!port.empty()) {
        if (port[0] != ':') return refuse();
        const auto parsed = std::from_chars(port.data() + 1, port.data() + port.size(), address.port);
        if (parsed.ec != std::errc() || parsed.ptr != port.data() + port.size() || address.port == 0) return refuse();
    }
    if (address.host.empty() || address.host.find('/') != std::string::npos) return refuse();
    return address;
}

} // namespace matou::live::mqtt
