#include "io/gzip.h"

#include <algorithm>
#include <span>

#include <zlib.h>

namespace matou::io {

namespace {

bool isGzip(std::span<const std::byte> bytes) { return bytes.size() >= 2 && bytes[0] == std::byte{0x1f} && bytes[1] == std::byte{0x8b}; }

class Inflater {
public:
    Inflater() : _ready(inflateInit2(&stream, MAX_WBITS + 16) == Z_OK) {}
    ~Inflater() { inflateEnd(&stream); }
    Inflater(const Inflater&) = delete;
    Inflater& operator=(const Inflater&) = delete;
    bool ready() const { return _ready; }
    z_stream stream{};

private:
    bool _ready;
};

} // namespace

core::Result<Bytes> unpackedGzip(Bytes bytes, const std::string& where, const Limits& limits) {
    if (!isGzip(bytes)) return bytes;
    const auto at = [&](std::size_t byte) { return where + ":byte " + std::to_string(byte); };
    Bytes out;
    std::size_t done = 0;
    while (done < bytes.size() && isGzip(std::span(bytes).subspan(done))) {
        Inflater inflater;
        auto& stream = inflater.stream;
        if (!inflater.ready()) return core::fail("E_GZIP_BROKEN", at(done), {"zlib"});
        stream.next_in = reinterpret_cast<Bytef*>(bytes.data() + done);
        stream.avail_in = static_cast<uInt>(bytes.size() - done);
        int status = Z_OK;
        while (status != Z_STREAM_END) {
            const auto had = out.size();
            const std::size_t step = std::clamp<std::size_t>(had, 64 << 10, 4 << 20);
            out.resize(had + step);
            stream.next_out = reinterpret_cast<Bytef*>(out.data() + had);
            stream.avail_out = static_cast<uInt>(step);
            status = inflate(&stream, Z_NO_FLUSH);
            out.resize(had + step - stream.avail_out);
            const auto consumed = bytes.size() - stream.avail_in;
            if (out.size() > limits.fileBytes) return core::fail("E_FILE_LIMIT", at(consumed), {std::to_string(out.size()), std::to_string(limits.fileBytes)});
            if (out.size() > (1u << 20) && out.size() / limits.unpackRatio > bytes.size())
                return core::fail("E_GZIP_RATIO", at(consumed), {std::to_string(out.size()), std::to_string(bytes.size())});
            if (status != Z_OK && status != Z_STREAM_END)
                return core::fail("E_GZIP_BROKEN", at(consumed), {stream.msg ? stream.msg : stream.avail_in == 0 ? "cut" : "?"});
        }
        done = bytes.size() - stream.avail_in;
    }
    return out;
}

} // namespace matou::io
