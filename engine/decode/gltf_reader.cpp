#include "decode/gltf_reader.h"

#include <algorithm>

#include <tiny_gltf.h>

namespace matou::decode {

using core::Result;

namespace {

constexpr std::string_view kOurs[] = {"accessors", "animations", "buffers", "bufferViews",
                                      "cameras",   "images",     "meshes",  "skins"};

/// The document as text without what we read ourselves.
std::string reduced(const Json& document) {
    std::string text = "{";
    for (const auto& [name, value] : document.get_ref<const Json::object_t&>()) {
        if (std::find(std::begin(kOurs), std::end(kOurs), name) != std::end(kOurs)) continue;
        const auto add = [&text](const Json& json) {
            text += json.dump(-1, ' ', false, Json::error_handler_t::replace);
        };
        if (text.size() > 1) text += ',';
        add(name);
        text += ':';
        add(value);
    }
    return text += '}';
}

Result<std::shared_ptr<const tinygltf::Model>> parsed(const std::string& text, const Document& document) {
    tinygltf::TinyGLTF reader;
    reader.SetImageLoader([](tinygltf::Image*, int, std::string*, std::string*, int, int, const unsigned char*, int,
                             void*) { return false; },
                          nullptr);
    tinygltf::FsCallbacks nothing{};
    nothing.FileExists = [](const std::string&, void*) { return false; };
    nothing.ExpandFilePath = [](const std::string& path, void*) { return path; };
    nothing.ReadWholeFile = [](std::vector<unsigned char>*, std::string*, const std::string&, void*) { return false; };
    nothing.WriteWholeFile = [](std::string*, const std::string&, const std::vector<unsigned char>&, void*) {
        return false;
    };
    reader.SetFsCallbacks(nothing);
    auto gltf = std::make_shared<tinygltf::Model>();
    std::string error, warning;
    bool done = false;
    try {
        done = reader.LoadASCIIFromString(gltf.get(), &error, &warning, text.data(), static_cast<unsigned>(text.size()),
                                          "", tinygltf::NO_REQUIRE);
    } catch (const std::exception& e) { // its JSON reader throws on values that it does not expect
        error = e.what();
    }
    if (done) return gltf;
    std::replace(error.begin(), error.end(), '\n', ' ');
    return core::fail("E_GLTF_READER", document.at("/"), {error});
}

} // namespace

Result<std::shared_ptr<const tinygltf::Model>> readWithTinygltf(const Document& document) {
    constexpr std::size_t kKeptBytes = 16384; // of the text: what a thread holds on to stays small
    struct Last {
        std::string text;
        std::shared_ptr<const tinygltf::Model> model;
    };
    thread_local Last last;
    auto text = reduced(document.json);
    if (last.model && text == last.text) return last.model;
    MATOU_TRY(model, parsed(text, document));
    if (text.size() <= kKeptBytes) last = {std::move(text), model};
    return model;
}

} // namespace matou::decode
