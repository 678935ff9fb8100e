#include "live/kafka_url.h"

#include <algorithm>
#include <cctype>
#include <charconv>

namespace matou::live::kafka {
namespace {

std::string decoded(const std::string& text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        unsigned value = 0;
        if (text[i] == '%' && i + 2 < text.size() && std::from_chars(text.data() + i + 1, text.data() + i + 3, value, 16).ptr == text.data() + i + 3) {
            out += static_cast<char>(value);
            i += 2;
        } else {
            out += text[i];
        }
    }
    return out;
}

std::vector<std::string> split(const std::string& text, char by) {
    std::vector<std::string> parts;
    for (std::size_t at = 0; at <= text.size();) {
        const auto end = std::min(text.find(by, at), text.size());
        parts.push_back(text.substr(at, end - at));
        at = end + 1;
    }
    return parts;
}

/// Kafka's own rule for names of topics and groups that cause no trouble. (A topic that begins with ^ would be a pattern.)
bool isName(const std::string& text) {
    return !text.empty() && text.size() <= 249 &&
           std::all_of(text.begin(), text.end(), [](unsigned char c) { return std::isalnum(c) || c == '.' || c == '_' || c == '-'; });
}

bool isBroker(const std::string& text) {
    const auto colon = text.rfind(':');
    const bool bare = colon == std::string::npos || text.find(']', colon) != std::string::npos;
    if (text.empty() || colon == 0 || text.find_first_of(" @\\\"'") != std::string::npos) return false;
    if (bare) return true;
    unsigned port = 0;
    const auto parsed = std::from_chars(text.data() + colon + 1, text.data() + text.size(), port);
    return parsed.ec == std::errc() && parsed.ptr == text.data() + text.size() && port > 0 && port < 65536;
}

bool readOption(const std::string& key, const std::string& value, Address& address) {
    if (key == "ca") address.certificates.authorities = value;
    else if (key == "crl") address.certificates.revoked = value;
    else if (key == "cert") address.certificates.certificate = value;
    else if (key == "key") address.certificates.key = value;
    else if (key == "user" && !value.empty()) address.user = value;
    else if (key == "sasl" && (value == "plain" || value == "scram-sha-256" || value == "scram-sha-512")) address.mechanism = value;
    else if (key == "group" && isName(value)) address.group = value;
    else if (key == "from" && (value == "earliest" || value == "latest")) address.fromLatest = value == "latest";
    else if (key == "session") {
        const auto parsed = std::from_chars(value.data(), value.data() + value.size(), address.sessionSeconds);
        return parsed.ec == std::errc() && parsed.ptr == value.data() + value.size() && address.sessionSeconds >= 1 && address.sessionSeconds <= 300;
    } else return false;
    return true;
}

} // namespace

core::Result<Address> parseAddress(const std::string& url) {
    Address address;
    const auto question = url.find('?');
    const std::string whole = url.substr(0, question);
    // What is said about a wrong address must not hold what somebody took for a place of a password.
    const auto refuse = [&] { return core::fail("E_KAFKA_URL", whole.find('@') == std::string::npos ? whole : "kafka://…" + whole.substr(whole.rfind('@'))); };
    address.tls = whole.starts_with("kafkas://");
    if (!address.tls && !whole.starts_with("kafka://")) return refuse();
    const std::string rest = whole.substr(address.tls ? 9 : 8);
    const auto slash = rest.find('/');
    if (slash == std::string::npos) return refuse();
    address.brokers = rest.substr(0, slash);
    for (const auto& broker : split(address.brokers, ','))
        if (!isBroker(broker)) return refuse();
    address.topics = split(rest.substr(slash + 1), ',');
    for (const auto& topic : address.topics)
        if (!isName(topic)) return refuse();
    if (question != std::string::npos)
        for (const auto& pair : split(url.substr(question + 1), '&')) {
            const auto equals = pair.find('=');
            if (equals == std::string::npos || !readOption(pair.substr(0, equals), decoded(pair.substr(equals + 1)), address)) return refuse();
        }
    const auto& files = address.certificates;
    if (!address.tls && !(files.authorities + files.revoked + files.certificate + files.key).empty()) return refuse();
    // In the clear "plain" shows the password to whoever listens.
    if (!address.tls && !address.user.empty() && address.mechanism == "plain") return refuse();
    return address;
}

} // namespace matou::live::kafka
