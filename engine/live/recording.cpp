#include "live/recording.h"

#include <cerrno>
#include <cstring>

#include "core/json.h"
#include "live/line_file.h"

namespace matou::live {
namespace fs = std::filesystem;
using core::fail;
namespace {

constexpr char kDigits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

std::string toBase64(const std::string& bytes) {
    std::string out;
    for (std::size_t i = 0; i < bytes.size(); i += 3) {
        std::uint32_t group = 0;
        const std::size_t count = std::min<std::size_t>(3, bytes.size() - i);
        for (std::size_t k = 0; k < 3; ++k)
            group = group << 8 | (k < count ? static_cast<unsigned char>(bytes[i + k]) : 0u);
        for (std::size_t k = 0; k < 4; ++k)
            out += k <= count ? kDigits[group >> (18 - 6 * k) & 63] : '=';
    }
    return out;
}

std::optional<std::string> fromBase64(const std::string& text) {
    std::string out;
    std::uint32_t bits = 0;
    int have = 0;
    for (const char c : text) {
        if (c == '=') break;
        const char* found = std::strchr(kDigits, c);
        if (!found || !c) return std::nullopt;
        bits = bits << 6 | static_cast<std::uint32_t>(found - kDigits);
        if ((have += 6) >= 8) out += static_cast<char>(bits >> (have -= 8) & 255);
    }
    return out;
}

} // namespace

core::Result<RecordingWriter> RecordingWriter::open(const fs::path& path) {
    std::error_code ignored;
    if (path.has_parent_path()) fs::create_directories(path.parent_path(), ignored);
    RecordingWriter writer;
    writer._path = path;
    MATOU_CHECK(cutUnfinishedLine(path));
    writer._file.reset(std::fopen(path.c_str(), "ae"));
    if (!writer._file) return fail("E_FILE_WRITE", path.string(), {std::strerror(errno)});
    return writer;
}

core::Result<void> RecordingWriter::write(const Message& message) {
    nlohmann::ordered_json line;
    line["t"] = core::formatInstant(message.received);
    line["topic"] = message.topic;
    if (message.life > core::Duration{}) line["life_ms"] = message.life.count();
    if (message.cut) line["cut"] = true;
    line["payload"] = message.payload;
    std::string text;
    try {
        text = line.dump();
    } catch (const nlohmann::json::exception&) { // not UTF-8
        line.erase("payload");
        line["base64"] = toBase64(message.payload);
        text = line.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
    }
    text += '\n';
    if (std::fwrite(text.data(), 1, text.size(), _file.get()) != text.size())
        return fail("E_FILE_WRITE", _path.string(), {std::strerror(errno)});
    return {};
}

core::Result<void> RecordingWriter::flush() {
    if (std::fflush(_file.get()) != 0) return fail("E_FILE_WRITE", _path.string(), {std::strerror(errno)});
    return {};
}

core::Result<RecordingReader> RecordingReader::open(const fs::path& path) {
    RecordingReader reader;
    reader._path = path;
    std::error_code code;
    if (!fs::exists(path, code)) return fail("E_FILE_MISSING", path.string());
    reader._stream = std::make_unique<std::ifstream>(path, std::ios::binary);
    if (!*reader._stream || fs::is_directory(path, code))
        return fail("E_FILE_READ", path.string(), {std::strerror(errno)});
    return reader;
}

core::Result<std::optional<Message>> RecordingReader::next() {
    std::string text;
    if (!std::getline(*_stream, text)) return std::optional<Message>();
    ++_line;
    const std::string where = _path.string() + ":" + std::to_string(_line) + ":1";
    // A line without its end is what a kill leaves: what was before it is whole.
    const bool cut = _stream->eof();
    auto parsed = core::parseJson(text, where, {.depth = 8, .bytes = 4 * kMaximumPayload});
    const auto member = [&](const char* name) -> const std::string* {
        const auto found = parsed->find(name);
        return found == parsed->end() || !found->is_string() ? nullptr : found->get_ptr<const std::string*>();
    };
    if (parsed && parsed->is_object() && member("t") && member("topic")) {
        const auto received = core::parseInstant(*member("t"));
        std::optional<std::string> payload;
        if (member("payload"))
            payload = *member("payload");
        else if (member("base64"))
            payload = fromBase64(*member("base64"));
        if (received && payload) {
            Message message;
            message.topic = *member("topic");
            message.payload = std::move(*payload);
            message.received = *received;
            if (const auto life = parsed->find("life_ms"); life != parsed->end() && life->is_number_unsigned())
                message.life = core::Duration(static_cast<std::int64_t>(std::min<std::uint64_t>(life->get<std::uint64_t>(), 1ull << 40)));
            if (const auto cut = parsed->find("cut"); cut != parsed->end()) message.cut = *cut == true;
            return std::optional(std::move(message));
        }
    }
    if (cut) return std::optional<Message>();
    return fail("E_RECORDING_LINE", where);
}

} // namespace matou::live
