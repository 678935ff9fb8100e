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
        // Half floats end at 65504, and a picture has no use for brighter: absurd values stay finite.
        if (const auto strength = in.extensions.find("KHR_materials_emissive_strength"); strength != in.extensions.end())
            out.emissive *= std::clamp(number(strength->second, "emissiveStrength", 1.0f), 0.0f, 6e4f);
        out.normalScale = clamped(in.normalTexture.scale, -16, 16);
        out.occlusionStrength = clamped(in.occlusionTexture.strength, 0, 1);
        _sets.clear();
        MATOU_CHECK(slot(pbr.baseColorTexture, true, pointer, out.baseColorTexture));
        MATOU_CHECK(slot(pbr.metallicRoughnessTexture, false, pointer, out.metallicRoughnessTexture));
        MATOU_CHECK(slot(in.normalTexture, false, pointer, out.normalTexture));
        MATOU_CHECK(slot(in.occlusionTexture, false, pointer, out.occlusionTexture));
        MATOU_CHECK(slot(in.emissiveTexture, true, pointer, out.emissiveTexture));
        if (!out.unlit) MATOU_CHECK(lobes(in.extensions, pointer, out));
        const auto uv = settleUvs(out, pointer);
        _content.materials.push_back(std::move(out));
        return uv;
    }

    /// A texture as the glTF refers to it, with the set that it asks for remembered in `_sets`.
    template <typename Info>
    Result<void> slot(const Info& info, bool srgb, const std::string& pointer, model::TextureRef& out) {
        const auto found = info.extensions.find("KHR_texture_transform");
        return slot(info.index, info.texCoord, found == info.extensions.end() ? nullptr : &found->second, srgb, pointer, out);
    }
    Result<void> slot(int index, int set, const tinygltf::Value* transform, bool srgb, const std::string& pointer, model::TextureRef& out) {
        MATOU_TRY(made, texture(index, srgb, pointer));
        out = made;
        if (out.image < 0) return {};
        if (transform != nullptr && transform->IsObject()) {
            const auto offset = numbers<2>(*transform, "offset", glm::vec2(0.0f)), scale = numbers<2>(*transform, "scale", glm::vec2(1.0f));
            const float angle = number(*transform, "rotation", 0.0f), c = std::cos(angle), s = std::sin(angle);
            out.matrix = glm::mat2(c, -s, s, c) * glm::mat2(scale.x, 0, 0, scale.y); // rotation × scale, by columns
            out.offset = offset;
            if (transform->Has("texCoord") && transform->Get("texCoord").IsInt()) set = transform->Get("texCoord").GetNumberAsInt();
        }
        _sets.push_back(std::clamp(set, 0, 15));
        return {};
    }
    /// The same where the reference is inside of an extension.
    Result<void> slot(const tinygltf::Value& extension, const char* name, bool srgb, const std::string& pointer, model::TextureRef& out) {
        if (!extension.Has(name) || !extension.Get(name).IsObject()) return {};
        const auto& info = extension.Get(name);
        const tinygltf::Value* transform = nullptr;
        if (info.Has("extensions") && info.Get("extensions").IsObject() && info.Get("extensions").Has("KHR_texture_transform"))
            transform = &info.Get("extensions").Get("KHR_texture_transform");
        const int index = info.Has("index") && info.Get("index").IsInt() ? info.Get("index").GetNumberAsInt() : -1;
        const int set = info.Has("texCoord") && info.Get("texCoord").IsInt() ? info.Get("texCoord").GetNumberAsInt() : 0;
        return slot(index, set, transform, srgb, pointer, out);
    }

    template <int N>
    static glm::vec<N, float> numbers(const tinygltf::Value& object, const char* name, glm::vec<N, float> fallback) {
        if (!object.IsObject() || !object.Has(name) || !object.Get(name).IsArray() || object.Get(name).ArrayLen() != N) return fallback;
        glm::vec<N, float> out = fallback;
        for (int i = 0; i < N; ++i) {
            const auto& value = object.Get(name).Get(i);
            if (value.IsNumber() && std::isfinite(value.GetNumberAsDouble())) out[i] = static_cast<float>(value.GetNumberAsDouble());
        }
        return out;
    }

    Result<void> lobes(const tinygltf::ExtensionMap& extensions, const std::string& pointer, model::Material& material) {
        model::MaterialLobes out;
        bool any = false;
        const auto extension = [&](const char* name) -> const tinygltf::Value* {
            const auto found = extensions.find(name);
            if (found == extensions.end() || !found->second.IsObject()) return nullptr;
            any = true;
            return &found->second;
        };
        const auto share = [](const tinygltf::Value& from, const char* name, float fallback) { return std::clamp(number(from, name, fallback), 0.0f, 1.0f); };
        if (const auto* e = extension("KHR_materials_ior")) {
            const float ior = number(*e, "ior", 1.5f);
            out.ior = ior == 0.0f ? 1e3f : std::clamp(ior, 1.0f, 1e3f); // 0 stands for infinite: for converted materials
        }
        if (const auto* e = extension("KHR_materials_specular")) {
            out.specular = share(*e, "specularFactor", 1.0f);
            out.specularColor = glm::clamp(numbers<3>(*e, "specularColorFactor", glm::vec3(1.0f)), 0.0f, 1e3f);
            MATOU_CHECK(slot(*e, "specularTexture", false, pointer, out.specularTexture));
            MATOU_CHECK(slot(*e, "specularColorTexture", true, pointer, out.specularColorTexture));
        }
        if (const auto* e = extension("KHR_materials_transmission")) {
            out.transmission = share(*e, "transmissionFactor", 0.0f);
            MATOU_CHECK(slot(*e, "transmissionTexture", false, pointer, out.transmissionTexture));
        }
        if (const auto* e = extension("KHR_materials_volume")) {
            out.thickness = std::clamp(number(*e, "thicknessFactor", 0.0f), 0.0f, 1e6f);
            out.attenuationDistance = std::clamp(number(*e, "attenuationDistance", 0.0f), 0.0f, 1e6f);
            out.attenuationColor = glm::clamp(numbers<3>(*e, "attenuationColor", glm::vec3(1.0f)), 0.0f, 1.0f);
            MATOU_CHECK(slot(*e, "thicknessTexture", false, pointer, out.thicknessTexture));
        }
        if (const auto* e = extension("KHR_materials_dispersion")) out.dispersion = std::clamp(number(*e, "dispersion", 0.0f), 0.0f, 20.0f);
        if (const auto* e = extension("KHR_materials_clearcoat")) {
            out.clearcoat = share(*e, "clearcoatFactor", 0.0f);
            out.clearcoatRoughness = share(*e, "clearcoatRoughnessFactor", 0.0f);
            if (e->Has("clearcoatNormalTexture")) out.clearcoatNormalScale = number(e->Get("clearcoatNormalTexture"), "scale", 1.0f);
            MATOU_CHECK(slot(*e, "clearcoatTexture", false, pointer, out.clearcoatTexture));
            MATOU_CHECK(slot(*e, "clearcoatRoughnessTexture", false, pointer, out.clearcoatRoughnessTexture));
            MATOU_CHECK(slot(*e, "clearcoatNormalTexture", false, pointer, out.clearcoatNormalTexture));
        }
        if (const auto* e = extension("KHR_materials_sheen")) {
            out.sheenColor = glm::clamp(numbers<3>(*e, "sheenColorFactor", glm::vec3(0.0f)), 0.0f, 1.0f);
            out.sheenRoughness = share(*e, "sheenRoughnessFactor", 0.0f);
            MATOU_CHECK(slot(*e, "sheenColorTexture", true, pointer, out.sheenColorTexture));
            MATOU_CHECK(slot(*e, "sheenRoughnessTexture", false, pointer, out.sheenRoughnessTexture));
        }
        if (const auto* e = extension("KHR_materials_anisotropy")) {
            out.anisotropy = share(*e, "anisotropyStrength", 0.0f);
            out.anisotropyRotation = number(*e, "anisotropyRotation", 0.0f);
            MATOU_CHECK(slot(*e, "anisotropyTexture", false, pointer, out.anisotropyTexture));
        }
        if (const auto* e = extension("KHR_materials_iridescence")) {
            out.iridescence = share(*e, "iridescenceFactor", 0.0f);
            out.iridescenceIor = std::clamp(number(*e, "iridescenceIor", 1.3f), 1.0f, 5.0f);
            out.iridescenceThicknessMinimum = std::clamp(number(*e, "iridescenceThicknessMinimum", 100.0f), 0.0f, 1e5f);
            out.iridescenceThicknessMaximum = std::clamp(number(*e, "iridescenceThicknessMaximum", 400.0f), 0.0f, 1e5f);
            MATOU_CHECK(slot(*e, "iridescenceTexture", false, pointer, out.iridescenceTexture));
            MATOU_CHECK(slot(*e, "iridescenceThicknessTexture", false, pointer, out.iridescenceThicknessTexture));
        }
        if (any) material.lobes = std::move(out);
        return {};
    }

    /// Vertices have two pairs of coordinates at most. Which sets they are, and whether one transform serves all textures.
    UvSource settleUvs(model::Material& material, const std::string& pointer) {
        UvSource uv;
        std::vector<model::TextureRef*> refs; // as `_sets` was filled
        for (auto* ref : material.textures())
            if (ref->image >= 0) refs.push_back(ref);
        if (material.lobes)
            for (auto* ref : material.lobes->textures())
                if (ref->image >= 0) refs.push_back(ref);
        uv.tangents = material.normalTexture.image >= 0 ||
                      (material.lobes && (material.lobes->clearcoatNormalTexture.image >= 0 || material.lobes->anisotropy > 0));
        uv.fineNormals = !material.unlit && (material.roughness < 0.5f || material.metallicRoughnessTexture.image >= 0 || material.lobes);
        if (refs.empty()) return uv;
        uv.set = _sets.front();
        bool alike = true, third = false;
        for (std::size_t i = 0; i < refs.size(); ++i) {
            alike = alike && _sets[i] == uv.set && refs[i]->matrix == refs[0]->matrix && refs[i]->offset == refs[0]->offset;
            if (_sets[i] == uv.set) continue;
            if (uv.second < 0) uv.second = _sets[i];
            if (_sets[i] == uv.second) refs[i]->secondUv = true;
            else third = true;
        }
        if (third) _content.diagnostics.push_back({"W_GLTF_UV_SETS", {}, _document.at(pointer), {}});
        if (alike && refs[0]->placed()) {
            uv.moved = true;
            uv.matrix = refs[0]->matrix;
            uv.offset = refs[0]->offset;
            for (auto* ref : refs) {
                ref->matrix = glm::mat2(1.0f);
                ref->offset = glm::vec2(0.0f);
            }
        }
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
            out.sampler = samplerOf(sampler);
        }
        if (source < 0) {
            // No source at all is allowed and means no image; an extension's image is one that we cannot read.
            if (!texture.extensions.empty()) _content.diagnostics.push_back({"W_GLTF_TEXTURE", {std::to_string(index)}, _document.at(pointer), {}});
            return out;
        }
        MATOU_TRY(image, imageNumber(static_cast<std::size_t>(source), srgb, texture.source));
        out.image = image;
        return out;
    }

    static model::Sampler samplerOf(const tinygltf::Sampler& in) {
        const auto wrap = [](int mode) {
            return mode == TINYGLTF_TEXTURE_WRAP_CLAMP_TO_EDGE     ? model::Wrap::clamp
                   : mode == TINYGLTF_TEXTURE_WRAP_MIRRORED_REPEAT ? model::Wrap::mirror
                                                                   : model::Wrap::repeat;
        };
        model::Sampler out{.wrapU = wrap(in.wrapS), .wrapV = wrap(in.wrapT)};
        out.magnifyLinear = in.magFilter != TINYGLTF_TEXTURE_FILTER_NEAREST;
        switch (in.minFilter) {
        case TINYGLTF_TEXTURE_FILTER_NEAREST: out.minifyLinear = false; [[fallthrough]];
        case TINYGLTF_TEXTURE_FILTER_LINEAR: out.mip = model::MipFilter::none; break;
        case TINYGLTF_TEXTURE_FILTER_NEAREST_MIPMAP_NEAREST: out.minifyLinear = false; [[fallthrough]];
        case TINYGLTF_TEXTURE_FILTER_LINEAR_MIPMAP_NEAREST: out.mip = model::MipFilter::nearest; break;
        case TINYGLTF_TEXTURE_FILTER_NEAREST_MIPMAP_LINEAR: out.minifyLinear = false; break;
        default: break;
        }
        return out;
    }

    /// `fallback`: the plain image that stands beside an extension's, for readers without the extension; -1: none. Where the first
    /// cannot be used it serves as well.
    Result<std::int32_t> imageNumber(std::size_t source, bool srgb, int fallback = -1) {
        if (const auto known = _images.find({source, srgb}); known != _images.end()) return known->second;
        auto decoded = decodeOne(source);
        const auto pointer = "/images/" + std::to_string(source);
        if (!decoded && fallback >= 0 && static_cast<std::size_t>(fallback) != source) {
            _content.diagnostics.push_back({"W_GLTF_IMAGE_FALLBACK", {std::to_string(fallback)}, _document.at(pointer), std::make_shared<core::Error>(decoded.error())});
            MATOU_TRY(number, imageNumber(static_cast<std::size_t>(fallback), srgb));
            _images[{source, srgb}] = number;
            return number;
        }
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
    std::vector<int> _sets; // texture coordinates that the material at hand asks for, in the order of its slots
};

} // namespace

Result<std::vector<UvSource>> convertMaterials(const Document& document, const tinygltf::Model& gltf, const GltfOptions& options,
                                               model::Content& content, std::uint64_t& remaining) {
    return Converter(document, gltf, options, content, remaining).run();
}

} // namespace matou::decode
