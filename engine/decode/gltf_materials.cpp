#include "decode/gltf_materials.h"

#include <algorithm>
#include <cmath>
#include <map>

#include <tiny_gltf.h>

#include "decode/image.h"

namespace matou::decode {

using core::Result;

namespace {

float number(const tinygltf::Value& object, const char* name, float fallback) {
    if (!object.IsObject() || !object.Has(name) || !object.Get(name).IsNumber()) return fallback;
    const double value = object.Get(name).GetNumberAsDouble();
    return std::isfinite(value) ? static_cast<float>(value) : fallback;
}

float clamped(double value, float low, float high) { return std::isfinite(value) ? std::clamp(static_cast<float>(value), low, high) : high; }

class Converter {
public:
    Converter(const Document& document, const tinygltf::Model& gltf, const GltfOptions& options, model::Content& content, std::uint64_t& remaining)
        : _document(document), _gltf(gltf), _options(options), _content(content), _remaining(remaining) {}

    Result<std::vector<UvSource>> run() {
        std::vector<UvSource> uvs;
        for (std::size_t i = 0; i < _gltf.materials.size(); ++i) {
            MATOU_TRY(uv, material(_gltf.materials[i], "/materials/" + std::to_string(i)));
            uvs.push_back(uv);
        }
        _content.materials.push_back({});
        uvs.push_back({});
        if (_options.everyImage) lookAtEveryImage();
        return uvs;
    }

private:
    Result<UvSource> material(const tinygltf::Material& in, const std::string& pointer) {
        model::Material out;
        out.name = in.name;
        const auto& pbr = in.pbrMetallicRoughness;
        for (std::size_t c = 0; c < 4 && c < pbr.baseColorFactor.size(); ++c) out.baseColor[static_cast<int>(c)] = clamped(pbr.baseColorFactor[c], 0, 1);
        out.metallic = clamped(pbr.metallicFactor, 0, 1);
        out.roughness = clamped(pbr.roughnessFactor, 0, 1);
        for (std::size_t c = 0; c < 3 && c < in.emissiveFactor.size(); ++c) out.emissive[static_cast<int>(c)] = clamped(in.emissiveFactor[c], 0, 1);
        out.alphaCutoff = clamped(in.alphaCutoff, 0, 1);
        out.alphaMode = in.alphaMode == "MASK" ? model::AlphaMode::mask : in.alphaMode == "BLEND" ? model::AlphaMode::blend : model::AlphaMode::opaque;
        out.doubleSided = in.doubleSided;
        out.unlit = in.extensions.contains("KHR_materials_unlit");
        if (const auto strength = in.extensions.find("KHR_materials_emissive_strength"); strength != in.extensions.end())
            out.emissive *= std::clamp(number(strength->second, "emissiveStrength", 1.0f), 0.0f, 1e5f);
        MATOU_TRY(base, texture(pbr.baseColorTexture.index, true, pointer));
        MATOU_TRY(rough, texture(pbr.metallicRoughnessTexture.index, false, pointer));
        MATOU_TRY(normal, texture(in.normalTexture.index, false, pointer));
        MATOU_TRY(occlusion, texture(in.occlusionTexture.index, false, pointer));
        MATOU_TRY(emissive, texture(in.emissiveTexture.index, true, pointer));
        out.baseColorTexture = base;
        out.metallicRoughnessTexture = rough;
        out.normalTexture = normal;
        out.occlusionTexture = occlusion;
        out.emissiveTexture = emissive;
        _content.materials.push_back(out);
        return uvOf(in);
    }

    /// A vertex has one pair of coordinates; the colour texture decides which.
    static UvSource uvOf(const tinygltf::Material& in) {
        const auto& pbr = in.pbrMetallicRoughness;
        if (pbr.baseColorTexture.index >= 0) return uvOf(pbr.baseColorTexture.texCoord, pbr.baseColorTexture.extensions);
        if (in.emissiveTexture.index >= 0) return uvOf(in.emissiveTexture.texCoord, in.emissiveTexture.extensions);
        if (in.normalTexture.index >= 0) return uvOf(in.normalTexture.texCoord, in.normalTexture.extensions);
        if (pbr.metallicRoughnessTexture.index >= 0) return uvOf(pbr.metallicRoughnessTexture.texCoord, pbr.metallicRoughnessTexture.extensions);
        return {};
    }
    static UvSource uvOf(int set, const tinygltf::ExtensionMap& extensions) {
        UvSource uv{.set = std::clamp(set, 0, 15)};
        const auto found = extensions.find("KHR_texture_transform");
        if (found == extensions.end()) return uv;
        const auto& transform = found->second;
        const auto pair = [&](const char* name, glm::vec2 fallback) {
            if (!transform.Has(name) || !transform.Get(name).IsArray() || transform.Get(name).ArrayLen() != 2) return fallback;
            glm::vec2 out = fallback;
            for (int i = 0; i < 2; ++i)
                if (transform.Get(name).Get(i).IsNumber()) out[i] = static_cast<float>(transform.Get(name).Get(i).GetNumberAsDouble());
            return out;
        };
        const auto offset = pair("offset", {0, 0}), scale = pair("scale", {1, 1});
        const float angle = number(transform, "rotation", 0.0f);
        const float c = std::cos(angle), s = std::sin(angle);
        uv.moved = true;
        // KHR_texture_transform: translation × rotation × scale, by columns.
        uv.matrix = glm::mat3(1, 0, 0, 0, 1, 0, offset.x, offset.y, 1) * glm::mat3(c, -s, 0, s, c, 0, 0, 0, 1) * glm::mat3(scale.x, 0, 0, 0, scale.y, 0, 0, 0, 1);
        if (transform.Has("texCoord") && transform.Get("texCoord").IsInt()) uv.set = std::clamp(transform.Get("texCoord").GetNumberAsInt(), 0, 15);
        return uv;
    }

    Result<model::TextureRef> texture(int index, bool srgb, const std::string& pointer) {
        model::TextureRef out;
        if (index < 0 || static_cast<std::size_t>(index) >= _gltf.textures.size()) return out;
        const auto& texture = _gltf.textures[static_cast<std::size_t>(index)];
        int source = texture.source;
        for (const char* name : {"EXT_texture_webp", "KHR_texture_basisu"})
            if (const auto holder = texture.extensions.find(name); holder != texture.extensions.end() && holder->second.Has("source"))
                source = holder->second.Get("source").GetNumberAsInt();
        if (texture.sampler >= 0 && static_cast<std::size_t>(texture.sampler) < _gltf.samplers.size()) {
            const auto& sampler = _gltf.samplers[static_cast<std::size_t>(texture.sampler)];
            out.repeat = sampler.wrapS != TINYGLTF_TEXTURE_WRAP_CLAMP_TO_EDGE;
            out.linearFilter = sampler.magFilter != TINYGLTF_TEXTURE_FILTER_NEAREST;
        }
        if (source < 0) {
            // No source at all is allowed and means no image; an extension's image is one that we cannot read.
            if (!texture.extensions.empty()) _content.diagnostics.push_back({"W_GLTF_TEXTURE", {std::to_string(index)}, _document.at(pointer), {}});
            return out;
        }
        MATOU_TRY(image, imageNumber(static_cast<std::size_t>(source), srgb));
        out.image = image;
        return out;
    }

    Result<std::int32_t> imageNumber(std::size_t source, bool srgb) {
        if (const auto known = _images.find({source, srgb}); known != _images.end()) return known->second;
        auto decoded = decodeOne(source);
        const auto pointer = "/images/" + std::to_string(source);
        if (!decoded) {
            _content.diagnostics.push_back({"E_GLTF_IMAGE", {}, _document.at(pointer), std::make_shared<core::Error>(decoded.error())});
            decoded = model::Image{.width = 1, .height = 1, .rgba = {255, 0, 255, 255}};
        }
        if (decoded->rgba.size() > _remaining) return core::fail("E_GLTF_LIMIT", _document.at(pointer), {std::to_string(_options.decodedBytesLimit)});
        _remaining -= decoded->rgba.size();
        decoded->srgb = srgb;
        _content.images.push_back(std::move(*decoded));
        const auto number = static_cast<std::int32_t>(_content.images.size() - 1);
        _images[{source, srgb}] = number;
        return number;
    }

    void lookAtEveryImage() {
        const auto* images = _document.array("images");
        for (std::size_t i = 0; images && i < images->size(); ++i) {
            const auto where = _document.at("/images/" + std::to_string(i));
            if (!_images.contains({i, true}) && !_images.contains({i, false})) {
                const auto decoded = decodeOne(i);
                if (!decoded) _content.diagnostics.push_back({"E_GLTF_IMAGE", {}, where, std::make_shared<core::Error>(decoded.error())});
            }
            const auto& image = (*images)[i];
            const auto uri = image.value("uri", Json(""));
            const auto declared = image.value("mimeType", Json(""));
            const auto text = uri.is_string() ? uri.get<std::string>() : std::string();
            if (!isDataUri(text)) continue;
            const auto inUri = text.substr(5, text.find_first_of(";,") - 5);
            if (inUri != "image/png" && inUri != "image/jpeg" && inUri != "image/webp" && inUri != "image/ktx2" && inUri != "application/octet-stream")
                _content.diagnostics.push_back({"E_GLTF_VALUE", {"uri", "image/png, image/jpeg, image/webp, image/ktx2"}, where + "/uri", {}});
            else if (declared.is_string() && !declared.get_ref<const std::string&>().empty() && declared != inUri && inUri != "application/octet-stream")
                _content.diagnostics.push_back({"E_GLTF_VALUE", {"mimeType", inUri}, where + "/mimeType", {}});
        }
    }

    Result<model::Image> decodeOne(std::size_t source) {
        const auto pointer = "/images/" + std::to_string(source);
        const auto where = _document.at(pointer);
        const auto& image = (*_document.array("images"))[source]; // `source` was checked by the strict pass
        const auto limit = std::min<std::uint64_t>(_options.imagePixelsLimit, _remaining / 4);
        if (const auto view = image.find("bufferView"); view != image.end()) return decodeImage(_document.viewBytes(*asIndex(*view)), where, limit);
        const auto uri = image.find("uri");
        if (uri == image.end()) return core::fail("E_GLTF_MISSING", where, {"uri"});
        const auto& text = uri->get_ref<const std::string&>();
        if (isDataUri(text)) {
            const auto bytes = decodeDataUri(text, _options.decodedBytesLimit);
            if (!bytes) return core::fail("E_GLTF_DATA_URI", where + "/uri");
            return decodeImage(*bytes, where, limit);
        }
        if (!_options.resolve) return core::fail("E_GLTF_EXTERNAL", where + "/uri", {text.substr(0, 80)});
        MATOU_TRY(bytes, _options.resolve(text));
        return decodeImage(bytes, where, limit);
    }

    const Document& _document;
    const tinygltf::Model& _gltf;
    const GltfOptions& _options;
    model::Content& _content;
    std::uint64_t& _remaining;
    std::map<std::pair<std::size_t, bool>, std::int32_t> _images;
};

} // namespace

Result<std::vector<UvSource>> convertMaterials(const Document& document, const tinygltf::Model& gltf, const GltfOptions& options,
                                               model::Content& content, std::uint64_t& remaining) {
    return Converter(document, gltf, options, content, remaining).run();
}

} // namespace matou::decode
