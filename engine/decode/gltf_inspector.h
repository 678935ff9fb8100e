#pragma once
// The strict pass as one class, its steps in three files: the document's frame (gltf_inspect.cpp), what lies in bytes
// (gltf_inspect_bytes.cpp), and what refers to it (gltf_inspect_scene.cpp). Internal to decode.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "decode/gltf_document.h"

namespace matou::decode {

class Inspector {
public:
    Inspector(Document& document, const GltfOptions& options, core::Diagnostics& problems)
        : _d(document), _options(options), _problems(problems) {}

    void run();

private:
    static constexpr std::size_t kProblemsMost = 100;
    void problem(std::string code, const std::string& pointer, std::vector<std::string> arguments = {}) {
        if (_problems.size() < kProblemsMost) _problems.push_back({std::move(code), std::move(arguments), _d.at(pointer.empty() ? "/" : pointer), {}});
    }
    static std::string sub(const std::string& pointer, std::size_t index) { return pointer + "/" + std::to_string(index); }
    const Json& collection(const char* name) const {
        static const Json none = Json::array();
        const auto* array = _d.array(name);
        return array ? *array : none;
    }
    static const Json* extension(const Json& object, const char* name) {
        const auto all = object.find("extensions");
        if (all == object.end() || !all->is_object()) return nullptr;
        const auto one = all->find(name);
        return one == all->end() || !one->is_object() ? nullptr : &*one;
    }

    // The document's frame.
    void checkAsset();
    void checkExtensions();
    void checkCollection(const char* name);
    std::optional<std::uint64_t> reference(const Json& object, const char* member, const std::string& pointer, std::size_t size, bool required = false);
    std::optional<std::uint64_t> referenceValue(const Json& value, const std::string& pointer, std::size_t size);
    std::uint64_t size(const Json& object, const char* member, const std::string& pointer, std::uint64_t fallback, bool required = false);

    // What lies in bytes.
    void readBuffers();
    void boundDecodedBytes();
    bool fallbackOnly(std::size_t buffer) const;
    bool usedBuffer(std::size_t buffer) const;
    void readViews();
    void readMeshopt(const Json& json, const char* name, const std::string& pointer, ViewInfo& view);
    static int componentsOf(std::string_view type);
    void readAccessors();
    void readAccessor(const Json& json, const std::string& pointer, AccessorInfo& out);
    void checkPaddedMatrix(const std::string& pointer, const AccessorInfo& info, std::string_view type);
    void checkRange(const std::string& pointer, std::uint64_t offset, std::uint64_t count, std::uint64_t element, std::uint64_t alignment,
                    std::uint64_t viewIndex, bool strided);
    void readSparse(const Json& json, const std::string& pointer, AccessorInfo& accessor);
    void checkFloats();

    // What refers to it.
    void checkImages();
    void checkMaterials();
    void checkMeshes();
    void checkPrimitive(const Json& primitive, const std::string& pointer);
    void checkNodes();
    void checkNumbers(const Json& object, const char* member, std::size_t count, const std::string& pointer);
    void checkSkinsAndAnimations();
    void checkMetadata();
    void checkPropertyTexture(const Json& texture, const std::string& pointer);

    Document& _d;
    const GltfOptions& _options;
    core::Diagnostics& _problems;
};

} // namespace matou::decode
