#include "live/gb_xml.h"

#include <memory>

#include <expat.h>

#include "live/charset.h"

namespace matou::live::gb {
using core::Json;
namespace {

std::string trimmed(const std::string& text) {
    constexpr const char* kSpace = " \t\r\n";
    const auto first = text.find_first_not_of(kSpace);
    return first == std::string::npos ? std::string() : text.substr(first, text.find_last_not_of(kSpace) - first + 1);
}

/// What the declaration says: encoding="GB2312".
std::string declaredCharset(std::string_view bytes) {
    const std::string_view head = bytes.substr(0, std::min<std::size_t>(bytes.size(), 200));
    const auto end = head.find("?>");
    auto at = head.find("encoding");
    if (end == std::string_view::npos || at == std::string_view::npos || at > end) return {};
    at = head.find_first_of("\"'", at);
    if (at == std::string_view::npos) return {};
    const auto close = head.find(head[at], at + 1);
    return close == std::string_view::npos || close > end ? std::string() : std::string(head.substr(at + 1, close - at - 1));
}

struct Builder {
    struct Open {
        std::string name, text;
        Json children = Json::object();
    };
    XML_Parser parser = nullptr;
    std::vector<Open> open;
    std::string root;
    Json result;
    std::size_t elements = 0;
    core::Error trouble; // code empty: none

    void stop(core::Error error) {
        if (trouble.code.empty()) trouble = std::move(error);
        XML_StopParser(parser, XML_FALSE);
    }
    static void begin(void* self, const XML_Char* name, const XML_Char**) {
        auto& b = *static_cast<Builder*>(self);
        if (++b.elements > kMaximumElements) return b.stop({"E_GB_LIMIT", {"elements", std::to_string(kMaximumElements)}, "", nullptr});
        if (b.open.size() >= static_cast<std::size_t>(kMaximumDepth)) return b.stop({"E_GB_LIMIT", {"depth", std::to_string(kMaximumDepth)}, "", nullptr});
        b.open.push_back({name, {}, Json::object()});
    }
    static void text(void* self, const XML_Char* characters, int size) {
        auto& b = *static_cast<Builder*>(self);
        if (!b.open.empty()) b.open.back().text.append(characters, static_cast<std::size_t>(size));
    }
    static void end(void* self, const XML_Char*) {
        auto& b = *static_cast<Builder*>(self);
        if (b.open.empty()) return;
        Open done = std::move(b.open.back());
        b.open.pop_back();
        if (b.open.empty()) {
            b.root = done.name;
            b.result = std::move(done.children);
            return;
        }
        if (done.name == "Password") return;
        Json value = done.children.empty() ? Json(trimmed(done.text)) : std::move(done.children);
        Json& siblings = b.open.back().children;
        const auto [there, fresh] = siblings.emplace(done.name, value);
        if (fresh) return;
        if (!there->is_array()) *there = Json::array({*there});
        there->push_back(std::move(value));
    }
    static void doctype(void* self, const XML_Char*, const XML_Char*, const XML_Char*, int) {
        static_cast<Builder*>(self)->stop({"E_GB_DTD", {}, "", nullptr});
    }
};

} // namespace

core::Result<Body> parseBody(std::string_view bytes, const std::string& where) {
    const auto text = toUtf8(bytes, declaredCharset(bytes));
    // The name given here rules over the declaration's.
    const std::unique_ptr<XML_ParserStruct, void (*)(XML_Parser)> parser(XML_ParserCreate("UTF-8"), XML_ParserFree);
    if (!parser) return core::fail("E_GB_XML", where, {"out of memory"});
    Builder builder;
    builder.parser = parser.get();
    XML_SetUserData(parser.get(), &builder);
    XML_SetElementHandler(parser.get(), Builder::begin, Builder::end);
    XML_SetCharacterDataHandler(parser.get(), Builder::text);
    XML_SetStartDoctypeDeclHandler(parser.get(), Builder::doctype);
    const auto place = [&] { return where + ":byte " + std::to_string(std::max<XML_Index>(0, XML_GetCurrentByteIndex(parser.get()))); };
    if (XML_Parse(parser.get(), text.utf8.data(), static_cast<int>(std::min<std::size_t>(text.utf8.size(), 1u << 30)), 1) != XML_STATUS_OK) {
        if (builder.trouble.code.empty()) builder.trouble = {"E_GB_XML", {XML_ErrorString(XML_GetErrorCode(parser.get()))}, "", nullptr};
        builder.trouble.where = place();
        return tl::unexpected(std::move(builder.trouble));
    }
    return Body{std::move(builder.root), std::move(builder.result), text.charset, text.marked};
}

std::string textAt(const Json& members, const char* pointer) {
    const Json::json_pointer to(pointer);
    if (!members.contains(to)) return {};
    const Json& found = members.at(to);
    return found.is_string() ? found.get<std::string>() : std::string();
}

std::vector<Json> listAt(const Json& members, const char* pointer) {
    const Json::json_pointer to(pointer);
    if (!members.contains(to)) return {};
    const Json& found = members.at(to);
    if (found.is_array()) return found.get<std::vector<Json>>();
    if (found.is_object() || (found.is_string() && !found.get_ref<const std::string&>().empty())) return {found};
    return {};
}

std::string escaped(std::string_view text) {
    std::string result;
    for (const char c : text)
        switch (c) {
        case '&': result += "&amp;"; break;
        case '<': result += "&lt;"; break;
        case '>': result += "&gt;"; break;
        case '"': result += "&quot;"; break;
        default:
            if (static_cast<unsigned char>(c) >= 0x20) result += c;
        }
    return result;
}

} // namespace matou::live::gb
