#include "live/mqtt_url.h"

#include <charconv>

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

std::string Address::shown() const {
    const bool six = host.find(':') != std::string::npos;
    return "mqtt://" + (six ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

core::Result<Address> parseAddress(const std::string& url) {
    Address address;
    std::string rest = url;
    const auto at = rest.rfind('@');
    // What is said about a wrong address must not hold its password.
    const std::string shown = at == std::string::npos ? url : "mqtt://…" + url.substr(at);
    const auto refuse = [&] { return core::fail("E_MQTT_URL", shown); };
    if (!rest.starts_with("mqtt://")) return refuse();
    rest.erase(0, 7);
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
