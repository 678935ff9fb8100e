// The strict pass over a glTF's JSON: whatever the conversion relies on is checked here, once, with a pointer to the culprit.

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <set>

#include "core/bounded_reader.h"
#include "decode/accessor.h"
#include "decode/gltf_document.h"

namespace matou::decode {

namespace {

/// What may stand in extensionsRequired: read, or without effect on geometry and identity.
const std::set<std::string, std::less<>>& supportedExtensions() {
    static const std::set<std::string, std::less<>> names{
        "CESIUM_primitive_outline", "CESIUM_RTC", "EXT_instance_features", "EXT_mesh_features", "EXT_mesh_gpu_instancing", "EXT_meshopt_compression", "EXT_structural_metadata",
        "EXT_texture_webp", "KHR_draco_mesh_compression", "KHR_meshopt_compression", "KHR_texture_basisu",
        "KHR_lights_punctual", "KHR_materials_anisotropy", "KHR_materials_clearcoat", "KHR_materials_dispersion",
        "KHR_materials_emissive_strength", "KHR_materials_ior", "KHR_materials_iridescence", "KHR_materials_sheen", "KHR_materials_specular",
        "KHR_materials_transmission", "KHR_materials_unlit", "KHR_materials_variants", "KHR_materials_volume", "KHR_mesh_quantization",
        "KHR_texture_transform", "KHR_xmp", "KHR_xmp_json_ld"};
    return names;
}

class Inspector {
public:
    Inspector(Document& document, const GltfOptions& options, core::Diagnostics& problems)
        : _d(document), _options(options), _problems(problems) {}

    void run() {
        if (!_d.json.is_object()) return problem("E_GLTF_TYPE", "", {"glTF", "object"});
        checkAsset();
        checkExtensions();
        for (const char* name : {"accessors", "animations", "buffers", "bufferViews", "cameras", "images", "materials", "meshes", "nodes",
                                 "samplers", "scenes", "skins", "textures"})
            checkCollection(name);
        if (!_problems.empty()) return; // what follows walks these collections
        readBuffers();
        boundDecodedBytes();
        readViews();
        if (!_problems.empty()) return;
        readAccessors();
        checkImages();
        checkMaterials();
        checkMeshes();
        checkNodes();
        checkSkinsAndAnimations();
        checkMetadata();
        if (_problems.empty()) expand(_d, _problems);
        if (_problems.empty()) checkFloats();
    }

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

    void checkAsset() {
        const auto asset = _d.json.find("asset");
        if (asset == _d.json.end()) return problem("E_GLTF_MISSING", "/", {"asset"});
        if (!asset->is_object()) return problem("E_GLTF_TYPE", "/asset", {"asset", "object"});
        const auto version = asset->find("version");
        if (version == asset->end()) return problem("E_GLTF_MISSING", "/asset", {"version"});
        if (!version->is_string()) return problem("E_GLTF_TYPE", "/asset/version", {"version", "string"});
        const auto& text = version->get_ref<const std::string&>();
        if (!text.starts_with("2.") || text.size() < 3) problem("E_GLTF_VERSION", "/asset/version", {text});
        const auto least = asset->find("minVersion");
        if (least != asset->end() && (!least->is_string() || *least != "2.0")) problem("E_GLTF_VERSION", "/asset/minVersion", {least->dump()});
    }

    void checkExtensions() {
        for (const char* name : {"extensionsUsed", "extensionsRequired"}) {
            const auto list = _d.json.find(name);
            if (list == _d.json.end()) continue;
            const std::string pointer = std::string("/") + name;
            if (!list->is_array()) {
                problem("E_GLTF_TYPE", pointer, {name, "array"});
                continue;
            }
            for (std::size_t i = 0; i < list->size(); ++i) {
                if (!(*list)[i].is_string()) problem("E_GLTF_TYPE", sub(pointer, i), {name, "string"});
                else if (name == std::string_view("extensionsRequired") && !supportedExtensions().contains((*list)[i].get_ref<const std::string&>()))
                    problem("E_GLTF_EXTENSION", sub(pointer, i), {(*list)[i].get<std::string>()});
                else if (name == std::string_view("extensionsUsed") && !supportedExtensions().contains((*list)[i].get_ref<const std::string&>()))
                    _d.remarks.push_back({"W_GLTF_EXTENSION", {(*list)[i].get<std::string>()}, _d.at(sub(pointer, i)), {}});
            }
        }
    }

    void checkCollection(const char* name) {
        const auto found = _d.json.find(name);
        if (found == _d.json.end()) return;
        const std::string pointer = std::string("/") + name;
        if (!found->is_array()) return problem("E_GLTF_TYPE", pointer, {name, "array"});
        for (std::size_t i = 0; i < found->size(); ++i)
            if (!(*found)[i].is_object()) problem("E_GLTF_TYPE", sub(pointer, i), {name, "object"});
    }

    /// Member as index into `size` elements. Nothing where it is absent; a bad one is a problem.
    std::optional<std::uint64_t> reference(const Json& object, const char* member, const std::string& pointer, std::size_t size, bool required = false) {
        const auto found = object.find(member);
        if (found == object.end()) {
            if (required) problem("E_GLTF_MISSING", pointer, {member});
            return std::nullopt;
        }
        return referenceValue(*found, pointer + "/" + member, size);
    }
    std::optional<std::uint64_t> referenceValue(const Json& value, const std::string& pointer, std::size_t size) {
        const auto index = asIndex(value);
        if (!index) {
            problem("E_GLTF_TYPE", pointer, {"index", "integer"});
            return std::nullopt;
        }
        if (*index < size) return index;
        problem("E_GLTF_REFERENCE", pointer, {std::to_string(*index), std::to_string(size)});
        return std::nullopt;
    }
    std::uint64_t size(const Json& object, const char* member, const std::string& pointer, std::uint64_t fallback, bool required = false) {
        const auto found = object.find(member);
        if (found == object.end()) {
            if (required) problem("E_GLTF_MISSING", pointer, {member});
            return fallback;
        }
        const auto value = asIndex(*found);
        if (!value) problem("E_GLTF_TYPE", pointer + "/" + member, {member, "integer"});
        return value.value_or(fallback);
    }

    void readBuffers() {
        const auto& list = collection("buffers");
        _d.owned.resize(list.size());
        _d.buffers.resize(list.size());
        for (std::size_t i = 0; i < list.size(); ++i) {
            const auto pointer = sub("/buffers", i);
            const auto length = size(list[i], "byteLength", pointer, 0, true);
            const auto uri = list[i].find("uri");
            if (fallbackOnly(i)) continue; // all of it comes out of compressed views: not even fetched
            if (uri == list[i].end()) {
                if (i != 0 || !_d.parts.hasBinary) {
                    // Allowed: an extension may bring the bytes. Nothing here reads such a buffer.
                    if (i == 0 && _d.parts.glb) problem("E_GLTF_BUFFER", pointer, {std::to_string(length), "0"});
                    continue;
                }
                _d.buffers[i] = _d.parts.binary;
                if (_d.parts.binary.size() < length)
                    problem("E_GLTF_BUFFER", pointer + "/byteLength", {std::to_string(length), std::to_string(_d.parts.binary.size())});
                continue;
            }
            if (!uri->is_string()) {
                problem("E_GLTF_TYPE", pointer + "/uri", {"uri", "string"});
                continue;
            }
            const auto& text = uri->get_ref<const std::string&>();
            if (isDataUri(text)) {
                auto bytes = decodeDataUri(text, _options.decodedBytesLimit);
                if (!bytes) {
                    problem("E_GLTF_DATA_URI", pointer + "/uri");
                    continue;
                }
                if (bytes->size() != length) problem("E_GLTF_BUFFER", pointer + "/byteLength", {std::to_string(length), std::to_string(bytes->size())});
                _d.owned[i] = std::move(*bytes);
            } else if (!_options.resolve) {
                if (usedBuffer(i)) problem("E_GLTF_EXTERNAL", pointer + "/uri", {text.substr(0, 80)});
                continue;
            } else {
                auto bytes = _options.resolve(text);
                if (!bytes) {
                    // An address that we do not follow is no fault while nothing refers to the buffer.
                    if (usedBuffer(i) || !bytes.error().code.starts_with("E_URI"))
                        _problems.push_back({"E_GLTF_EXTERNAL", {text.substr(0, 80)}, _d.at(pointer + "/uri"), std::make_shared<core::Error>(bytes.error())});
                    continue;
                }
                if (bytes->size() < length) problem("E_GLTF_BUFFER", pointer + "/byteLength", {std::to_string(length), std::to_string(bytes->size())});
                _d.owned[i] = std::move(*bytes);
            }
            _d.buffers[i] = _d.owned[i];
        }
    }

    /// A small file must not become large by naming the same bytes a thousand times, or none: what may come of it grows with
    /// the bytes that are there. Images of their own files are not among those yet, so then the whole limit holds.
    void boundDecodedBytes() {
        constexpr std::uint64_t kLeast = std::uint64_t{384} << 20, kPerByte = 64;
        _d.decodedBytesLimit = _options.decodedBytesLimit;
        for (const auto& image : collection("images"))
            if (const auto uri = image.find("uri"); uri != image.end() && uri->is_string() && !isDataUri(uri->get_ref<const std::string&>())) return;
        std::uint64_t bytes = _d.parts.json.size();
        for (const auto& buffer : _d.buffers) bytes += buffer.size();
        _d.decodedBytesLimit = std::min(_d.decodedBytesLimit, std::max(kLeast, bytes * kPerByte));
    }

    /// Marked as a fallback, and no view of it is without a compressed stream.
    bool fallbackOnly(std::size_t buffer) const {
        const auto marked = [&](const char* name) {
            const auto* extension = Inspector::extension(collection("buffers")[buffer], name);
            return extension && extension->value("fallback", Json(false)) == true;
        };
        if (!marked("EXT_meshopt_compression") && !marked("KHR_meshopt_compression")) return false;
        for (const auto& view : collection("bufferViews")) {
            const auto found = view.find("buffer");
            if (found != view.end() && asIndex(*found) == buffer && !extension(view, "EXT_meshopt_compression") && !extension(view, "KHR_meshopt_compression"))
                return false;
        }
        return true;
    }

    bool usedBuffer(std::size_t buffer) const {
        for (const auto& view : collection("bufferViews")) {
            const auto found = view.find("buffer");
            if (found != view.end() && asIndex(*found) == buffer) return true;
        }
        return false;
    }

    void readViews() {
        const auto& list = collection("bufferViews");
        _d.views.resize(list.size());
        for (std::size_t i = 0; i < list.size(); ++i) {
            const auto pointer = sub("/bufferViews", i);
            auto& view = _d.views[i];
            const auto buffer = reference(list[i], "buffer", pointer, _d.buffers.size(), true);
            view.offset = size(list[i], "byteOffset", pointer, 0);
            view.length = size(list[i], "byteLength", pointer, 0, true);
            view.stride = size(list[i], "byteStride", pointer, 0);
            if (view.stride != 0 && (view.stride < 4 || view.stride > 252 || view.stride % 4 != 0))
                problem("E_GLTF_VALUE", pointer + "/byteStride", {"byteStride", "a multiple of 4 from 4 to 252"});
            if (!buffer) continue;
            view.buffer = *buffer;
            if (const auto target = list[i].find("target"); target != list[i].end() && !asIndex(*target))
                problem("E_GLTF_TYPE", pointer + "/target", {"target", "integer"});
            for (const char* name : {"EXT_meshopt_compression", "KHR_meshopt_compression"})
                if (const auto* stream = extension(list[i], name)) readMeshopt(*stream, name, pointer + "/extensions/" + name, view);
            if (!view.compressed && !collection("buffers")[*buffer].contains("uri") && _d.buffers[*buffer].empty()) {
                view.absent = true;
            }
            const auto end = core::checkedAdd(view.offset, view.length);
            // The declared length binds as well as the bytes that are there.
            const auto declared = asIndex(collection("buffers")[*buffer].value("byteLength", Json(0))).value_or(0);
            const auto there = view.absent || view.compressed ? declared : std::min<std::uint64_t>(declared, _d.buffers[*buffer].size());
            if (!end || *end > there)
                problem("E_GLTF_VIEW", pointer, {std::to_string(view.offset), std::to_string(view.length), std::to_string(there)});
        }
    }

    /// EXT_meshopt_compression: the stream's own place and the numbers that must agree with the view.
    void readMeshopt(const Json& json, const char* name, const std::string& pointer, ViewInfo& view) {
        MeshoptStream stream;
        stream.extension = name;
        const auto buffer = reference(json, "buffer", pointer, _d.buffers.size(), true);
        stream.offset = size(json, "byteOffset", pointer, 0);
        stream.length = size(json, "byteLength", pointer, 0, true);
        stream.stride = size(json, "byteStride", pointer, 0, true);
        stream.count = size(json, "count", pointer, 0, true);
        const auto word = [&](const char* member, const char* fallback) {
            const auto found = json.find(member);
            if (found == json.end()) return std::string(fallback);
            return found->is_string() ? found->get<std::string>() : std::string("?");
        };
        using Mode = MeshoptStream::Mode;
        using Filter = MeshoptStream::Filter;
        const auto mode = word("mode", "?"), filter = word("filter", "NONE");
        stream.mode = mode == "TRIANGLES" ? Mode::triangles : mode == "INDICES" ? Mode::indices : Mode::attributes;
        if (stream.mode == Mode::attributes && mode != "ATTRIBUTES") return problem("E_GLTF_VALUE", pointer + "/mode", {"mode", "ATTRIBUTES, TRIANGLES or INDICES"});
        if (filter == "OCTAHEDRAL") stream.filter = Filter::octahedral;
        else if (filter == "QUATERNION") stream.filter = Filter::quaternion;
        else if (filter == "EXPONENTIAL") stream.filter = Filter::exponential;
        else if (filter == "COLOR" && name == std::string_view("KHR_meshopt_compression")) stream.filter = Filter::color;
        else if (filter != "NONE") return problem("E_GLTF_VALUE", pointer + "/filter", {"filter", "NONE, OCTAHEDRAL, QUATERNION or EXPONENTIAL"});
        const bool indices = stream.mode != Mode::attributes;
        if (indices ? stream.stride != 2 && stream.stride != 4 : stream.stride % 4 != 0 || stream.stride == 0 || stream.stride > 256)
            problem("E_GLTF_VALUE", pointer + "/byteStride", {"byteStride", indices ? "2 or 4" : "a multiple of 4 up to 256"});
        const bool fits = stream.filter == Filter::octahedral || stream.filter == Filter::color ? stream.stride == 4 || stream.stride == 8
                          : stream.filter == Filter::quaternion                                 ? stream.stride == 8
                                                                                                : true;
        if (!fits || (indices && stream.filter != Filter::none)) problem("E_GLTF_VALUE", pointer + "/filter", {"filter", "one that suits the mode and stride"});
        if (stream.mode == Mode::triangles && stream.count % 3 != 0) problem("E_GLTF_VALUE", pointer + "/count", {"count", "a multiple of 3"});
        if (core::checkedMultiply(stream.count, stream.stride) != view.length)
            problem("E_GLTF_VIEW", pointer, {"0", std::to_string(stream.count) + " x " + std::to_string(stream.stride), std::to_string(view.length)});
        if (!buffer) return;
        stream.buffer = *buffer;
        const auto end = core::checkedAdd(stream.offset, stream.length);
        if (!end || *end > _d.buffers[*buffer].size())
            problem("E_GLTF_VIEW", pointer, {std::to_string(stream.offset), std::to_string(stream.length), std::to_string(_d.buffers[*buffer].size())});
        view.compressed = stream;
    }

    static int componentsOf(std::string_view type) {
        static constexpr std::array<std::pair<std::string_view, int>, 7> table{
            {{"SCALAR", 1}, {"VEC2", 2}, {"VEC3", 3}, {"VEC4", 4}, {"MAT2", 4}, {"MAT3", 9}, {"MAT4", 16}}};
        for (const auto& [name, count] : table)
            if (name == type) return count;
        return 0;
    }

    void readAccessors() {
        const auto& list = collection("accessors");
        _d.accessors.resize(list.size());
        for (std::size_t i = 0; i < list.size(); ++i) readAccessor(list[i], sub("/accessors", i), _d.accessors[i]);
    }

    void readAccessor(const Json& json, const std::string& pointer, AccessorInfo& out) {
        out.count = size(json, "count", pointer, 0, true);
        out.offset = size(json, "byteOffset", pointer, 0);
        out.componentType = static_cast<int>(size(json, "componentType", pointer, 0, true) & 0xffff);
        const auto type = json.find("type");
        if (type == json.end() || !type->is_string()) return problem(type == json.end() ? "E_GLTF_MISSING" : "E_GLTF_TYPE", pointer, {"type", "string"});
        out.components = componentsOf(type->get_ref<const std::string&>());
        const auto normalized = json.find("normalized");
        out.normalized = normalized != json.end() && normalized->is_boolean() && normalized->get<bool>();
        if (out.componentBytes() == 0) out.components = 0;
        out.view = reference(json, "bufferView", pointer, _d.views.size());
        // An unknown type may belong to an extension that nothing here reads: it is an error only where it is used.
        if (out.components == 0) return;
        if (out.count == 0) return problem("E_GLTF_VALUE", pointer + "/count", {"count", "1 or more"});
        for (const char* bound : {"min", "max"}) {
            const auto values = json.find(bound);
            if (values == json.end()) continue;
            const bool integers = out.componentType != 5126 && !out.normalized;
            const bool numbers = values->is_array() && std::all_of(values->begin(), values->end(), [&](const Json& v) {
                return v.is_number() && (!integers || v.get<double>() == std::floor(v.get<double>()));
            });
            if (!numbers) problem("E_GLTF_VALUE", pointer + "/" + bound, {bound, std::to_string(out.components) + " numbers"});
        }
        // Columns of byte and short matrices start at multiples of four.
        const bool paddedMatrix = type->get_ref<const std::string&>().starts_with("MAT") && out.componentBytes() < 4 &&
                                  type->get_ref<const std::string&>() != "MAT4" && !(type->get_ref<const std::string&>() == "MAT2" && out.componentBytes() == 2);
        if (paddedMatrix) {
            checkPaddedMatrix(pointer, out, type->get_ref<const std::string&>());
            out.components = 0; // nothing that we draw uses them
            return;
        }
        if (out.view) checkRange(pointer, out.offset, out.count, out.elementBytes(), out.componentBytes(), *out.view, true);
        if (const auto sparse = json.find("sparse"); sparse != json.end()) readSparse(*sparse, pointer + "/sparse", out);
        // Nothing can be read from a buffer without bytes; its ranges were looked at all the same.
        const auto absent = [&](std::uint64_t view) { return _d.views[view].absent; };
        if ((out.view && absent(*out.view)) || (out.sparse && (absent(out.sparse->indexView) || absent(out.sparse->valueView)))) out.components = 0;
    }

    void checkPaddedMatrix(const std::string& pointer, const AccessorInfo& info, std::string_view type) {
        const std::uint64_t columns = type == "MAT2" ? 2 : 3;
        const std::uint64_t column = (columns * info.componentBytes() + 3) / 4 * 4;
        // The last column of the last matrix is not padded.
        const auto padding = column - columns * info.componentBytes();
        if (!info.view) return;
        auto& view = _d.views[*info.view];
        view.length += padding;
        if (info.offset % 4 != 0) problem("E_GLTF_ALIGNMENT", pointer + "/byteOffset", {std::to_string(info.offset), "4"});
        checkRange(pointer, info.offset, info.count, columns * column, info.componentBytes(), *info.view, true);
        view.length -= padding;
    }

    /// offset + stride * (count - 1) + element within the view, aligned.
    void checkRange(const std::string& pointer, std::uint64_t offset, std::uint64_t count, std::uint64_t element, std::uint64_t alignment,
                    std::uint64_t viewIndex, bool strided) {
        const auto& view = _d.views[viewIndex];
        if (strided && view.stride != 0 && view.stride < element)
            return problem("E_GLTF_STRIDE", pointer, {std::to_string(view.stride), std::to_string(element)});
        const auto stride = strided && view.stride != 0 ? view.stride : element;
        if (offset % alignment != 0 || (view.offset + offset) % alignment != 0)
            problem("E_GLTF_ALIGNMENT", pointer + "/byteOffset", {std::to_string(offset), std::to_string(alignment)});
        const auto spread = core::checkedMultiply(stride, count - 1);
        const auto last = spread ? core::checkedAdd(*spread, offset) : std::nullopt;
        const auto end = last ? core::checkedAdd(*last, element) : std::nullopt;
        if (!end || *end > view.length)
            problem("E_GLTF_ACCESSOR", pointer, {std::to_string(count), std::to_string(element), std::to_string(view.length)});
    }

    void readSparse(const Json& json, const std::string& pointer, AccessorInfo& accessor) {
        if (!json.is_object()) return problem("E_GLTF_TYPE", pointer, {"sparse", "object"});
        SparseInfo sparse;
        sparse.count = size(json, "count", pointer, 0, true);
        if (sparse.count == 0 || sparse.count > accessor.count)
            return problem("E_GLTF_VALUE", pointer + "/count", {"count", "1.." + std::to_string(accessor.count)});
        const auto indices = json.find("indices"), values = json.find("values");
        if (indices == json.end() || values == json.end() || !indices->is_object() || !values->is_object())
            return problem("E_GLTF_MISSING", pointer, {"indices, values"});
        const auto indexView = reference(*indices, "bufferView", pointer + "/indices", _d.views.size(), true);
        const auto valueView = reference(*values, "bufferView", pointer + "/values", _d.views.size(), true);
        sparse.indexType = static_cast<int>(size(*indices, "componentType", pointer + "/indices", 0, true) & 0xffff);
        sparse.indexOffset = size(*indices, "byteOffset", pointer + "/indices", 0);
        sparse.valueOffset = size(*values, "byteOffset", pointer + "/values", 0);
        if (!indexView || !valueView) return;
        if (sparse.indexType != 5121 && sparse.indexType != 5123 && sparse.indexType != 5125)
            return problem("E_GLTF_VALUE", pointer + "/indices/componentType", {"componentType", "5121, 5123 or 5125"});
        sparse.indexView = *indexView;
        sparse.valueView = *valueView;
        const std::uint64_t indexBytes = sparse.indexType == 5121 ? 1 : sparse.indexType == 5123 ? 2 : 4;
        checkRange(pointer + "/indices", sparse.indexOffset, sparse.count, indexBytes, indexBytes, sparse.indexView, false);
        checkRange(pointer + "/values", sparse.valueOffset, sparse.count, accessor.elementBytes(), accessor.componentBytes(), sparse.valueView, false);
        accessor.sparse = sparse;
    }

    void checkImages() {
        const auto& images = collection("images");
        for (std::size_t i = 0; i < images.size(); ++i) {
            reference(images[i], "bufferView", sub("/images", i), _d.views.size());
            const auto uri = images[i].find("uri");
            if (uri != images[i].end() && !uri->is_string()) problem("E_GLTF_TYPE", sub("/images", i) + "/uri", {"uri", "string"});
        }
        const auto& textures = collection("textures");
        for (std::size_t i = 0; i < textures.size(); ++i) {
            reference(textures[i], "source", sub("/textures", i), images.size());
            reference(textures[i], "sampler", sub("/textures", i), collection("samplers").size());
            for (const char* name : {"EXT_texture_webp", "KHR_texture_basisu"})
                if (const auto* holder = extension(textures[i], name)) reference(*holder, "source", sub("/textures", i) + "/extensions/" + name, images.size());
        }
    }

    static const Json* extension(const Json& object, const char* name) {
        const auto all = object.find("extensions");
        if (all == object.end() || !all->is_object()) return nullptr;
        const auto one = all->find(name);
        return one == all->end() || !one->is_object() ? nullptr : &*one;
    }

    void checkMaterials() {
        const auto& list = collection("materials");
        const auto textureCount = collection("textures").size();
        const auto texture = [&](const Json& holder, const char* member, const std::string& pointer) {
            const auto info = holder.find(member);
            if (info == holder.end()) return;
            if (!info->is_object()) return problem("E_GLTF_TYPE", pointer + "/" + member, {member, "object"});
            reference(*info, "index", pointer + "/" + member, textureCount, true);
        };
        for (std::size_t i = 0; i < list.size(); ++i) {
            const auto pointer = sub("/materials", i);
            for (const char* member : {"normalTexture", "occlusionTexture", "emissiveTexture"}) texture(list[i], member, pointer);
            const auto pbr = list[i].find("pbrMetallicRoughness");
            if (pbr == list[i].end()) continue;
            if (!pbr->is_object()) {
                problem("E_GLTF_TYPE", pointer + "/pbrMetallicRoughness", {"pbrMetallicRoughness", "object"});
                continue;
            }
            for (const char* member : {"baseColorTexture", "metallicRoughnessTexture"}) texture(*pbr, member, pointer + "/pbrMetallicRoughness");
        }
    }

    void checkMeshes() {
        const auto& list = collection("meshes");
        for (std::size_t m = 0; m < list.size(); ++m) {
            const auto pointer = sub("/meshes", m);
            const auto primitives = list[m].find("primitives");
            if (primitives == list[m].end()) {
                problem("E_GLTF_MISSING", pointer, {"primitives"});
                continue;
            }
            if (!primitives->is_array()) {
                problem("E_GLTF_TYPE", pointer + "/primitives", {"primitives", "array"});
                continue;
            }
            for (std::size_t p = 0; p < primitives->size(); ++p) checkPrimitive((*primitives)[p], sub(pointer + "/primitives", p));
        }
    }

    void checkPrimitive(const Json& primitive, const std::string& pointer) {
        if (!primitive.is_object()) return problem("E_GLTF_TYPE", pointer, {"primitive", "object"});
        const auto attributes = primitive.find("attributes");
        if (attributes == primitive.end()) return problem("E_GLTF_MISSING", pointer, {"attributes"});
        if (!attributes->is_object()) return problem("E_GLTF_TYPE", pointer + "/attributes", {"attributes", "object"});
        std::optional<std::uint64_t> vertexCount;
        for (const auto& [name, value] : attributes->items()) {
            const auto here = pointer + "/attributes/" + name;
            const auto accessor = referenceValue(value, here, _d.accessors.size());
            if (!accessor) continue;
            const auto& info = _d.accessors[*accessor];
            if (!vertexCount) vertexCount = info.count;
            if (info.count != *vertexCount) problem("E_GLTF_COUNTS", here, {std::to_string(info.count), std::to_string(*vertexCount)});
            // Integers are taken as KHR_mesh_quantization means them, declared or not: many writers forget to.
            if (name == "POSITION" && (info.components != 3 || info.componentType == 5125)) problem("E_GLTF_ATTRIBUTE", here, {name});
            if (name == "NORMAL" && info.components != 3) problem("E_GLTF_ATTRIBUTE", here, {name});
            if (name.starts_with("TEXCOORD_") && info.components != 2) problem("E_GLTF_ATTRIBUTE", here, {name});
            if (name.starts_with("COLOR_") && info.components != 3 && info.components != 4) problem("E_GLTF_ATTRIBUTE", here, {name});
            if (name.starts_with("_FEATURE_ID_") && info.components != 1) problem("E_GLTF_ATTRIBUTE", here, {name});
        }
        if (const auto indices = reference(primitive, "indices", pointer, _d.accessors.size())) {
            const auto& info = _d.accessors[*indices];
            if (info.components != 1 || (info.componentType != 5121 && info.componentType != 5123 && info.componentType != 5125))
                problem("E_GLTF_ATTRIBUTE", pointer + "/indices", {"indices"});
        }
        if (const auto* outline = extension(primitive, "CESIUM_primitive_outline")) {
            const auto here = pointer + "/extensions/CESIUM_primitive_outline";
            if (const auto edges = reference(*outline, "indices", here, _d.accessors.size())) {
                const auto& info = _d.accessors[*edges];
                if (info.components != 1 || (info.componentType != 5121 && info.componentType != 5123 && info.componentType != 5125) || info.count % 2 != 0)
                    problem("E_GLTF_ATTRIBUTE", here + "/indices", {"indices"});
            }
        }
        if (const auto* draco = extension(primitive, "KHR_draco_mesh_compression")) {
            const auto here = pointer + "/extensions/KHR_draco_mesh_compression";
            reference(*draco, "bufferView", here, _d.views.size(), true);
            const auto ids = draco->find("attributes");
            if (ids == draco->end() || !ids->is_object()) problem("E_GLTF_MISSING", here, {"attributes"});
            else
                for (const auto& [name, id] : ids->items())
                    if (!asIndex(id)) problem("E_GLTF_TYPE", here + "/attributes/" + name, {name, "integer"});
        }
        reference(primitive, "material", pointer, collection("materials").size());
        const auto mode = size(primitive, "mode", pointer, 4);
        if (mode > 6) problem("E_GLTF_VALUE", pointer + "/mode", {"mode", "0..6"});
        if (const auto targets = primitive.find("targets"); targets != primitive.end() && targets->is_array())
            for (std::size_t t = 0; t < targets->size(); ++t)
                if ((*targets)[t].is_object())
                    for (const auto& [name, value] : (*targets)[t].items()) referenceValue(value, sub(pointer + "/targets", t) + "/" + name, _d.accessors.size());
    }

    void checkNodes() {
        const auto& nodes = collection("nodes");
        std::vector<std::int64_t> parent(nodes.size(), -1);
        for (std::size_t i = 0; i < nodes.size(); ++i) {
            const auto pointer = sub("/nodes", i);
            reference(nodes[i], "mesh", pointer, collection("meshes").size());
            reference(nodes[i], "camera", pointer, collection("cameras").size());
            reference(nodes[i], "skin", pointer, collection("skins").size());
            for (const auto& [member, count] : {std::pair{"matrix", 16u}, {"translation", 3u}, {"rotation", 4u}, {"scale", 3u}}) checkNumbers(nodes[i], member, count, pointer);
            const auto children = nodes[i].find("children");
            if (children == nodes[i].end()) continue;
            if (!children->is_array()) {
                problem("E_GLTF_TYPE", pointer + "/children", {"children", "array"});
                continue;
            }
            for (std::size_t c = 0; c < children->size(); ++c) {
                const auto here = sub(pointer + "/children", c);
                const auto child = referenceValue((*children)[c], here, nodes.size());
                if (!child) continue;
                if (parent[*child] >= 0 || *child == i) problem("E_GLTF_NODE_LOOP", here, {std::to_string(*child)});
                else parent[*child] = static_cast<std::int64_t>(i);
            }
        }
        // With one parent each, what does not lead up to a root is a circle. Every node is walked once.
        std::vector<std::uint8_t> known(nodes.size(), 0); // 1: on this walk, 2: leads to a root
        std::vector<std::size_t> walk;
        for (std::size_t i = 0; i < nodes.size(); ++i) {
            walk.clear();
            auto at = static_cast<std::int64_t>(i);
            while (at >= 0 && known[static_cast<std::size_t>(at)] == 0) {
                known[static_cast<std::size_t>(at)] = 1;
                walk.push_back(static_cast<std::size_t>(at));
                at = parent[static_cast<std::size_t>(at)];
            }
            if (at >= 0 && known[static_cast<std::size_t>(at)] == 1) problem("E_GLTF_NODE_LOOP", sub("/nodes", static_cast<std::size_t>(at)), {std::to_string(at)});
            for (const auto node : walk) known[node] = 2;
        }
        const auto& scenes = collection("scenes");
        reference(_d.json, "scene", "", scenes.size());
        for (std::size_t s = 0; s < scenes.size(); ++s) {
            const auto list = scenes[s].find("nodes");
            if (list == scenes[s].end()) continue;
            const auto pointer = sub("/scenes", s) + "/nodes";
            if (!list->is_array()) problem("E_GLTF_TYPE", pointer, {"nodes", "array"});
            else
                for (std::size_t n = 0; n < list->size(); ++n) referenceValue((*list)[n], sub(pointer, n), nodes.size());
        }
    }

    void checkNumbers(const Json& object, const char* member, std::size_t count, const std::string& pointer) {
        const auto found = object.find(member);
        if (found == object.end()) return;
        const auto here = pointer + "/" + member;
        if (!found->is_array() || found->size() != count) return problem("E_GLTF_VALUE", here, {member, std::to_string(count) + " numbers"});
        for (const auto& value : *found)
            if (!value.is_number() || !std::isfinite(value.get<double>())) return problem("E_GLTF_VALUE", here, {member, std::to_string(count) + " numbers"});
    }

    void checkSkinsAndAnimations() {
        const auto nodes = collection("nodes").size();
        const auto& skins = collection("skins");
        for (std::size_t i = 0; i < skins.size(); ++i) {
            const auto pointer = sub("/skins", i);
            reference(skins[i], "inverseBindMatrices", pointer, _d.accessors.size());
            reference(skins[i], "skeleton", pointer, nodes);
            const auto joints = skins[i].find("joints");
            if (joints == skins[i].end() || !joints->is_array()) continue;
            for (std::size_t j = 0; j < joints->size(); ++j) referenceValue((*joints)[j], sub(pointer + "/joints", j), nodes);
        }
        const auto& animations = collection("animations");
        for (std::size_t i = 0; i < animations.size(); ++i) {
            const auto pointer = sub("/animations", i);
            const auto samplers = animations[i].find("samplers"), channels = animations[i].find("channels");
            const bool hasSamplers = samplers != animations[i].end() && samplers->is_array();
            if (hasSamplers)
                for (std::size_t s = 0; s < samplers->size(); ++s) {
                    if (!(*samplers)[s].is_object()) continue;
                    reference((*samplers)[s], "input", sub(pointer + "/samplers", s), _d.accessors.size());
                    reference((*samplers)[s], "output", sub(pointer + "/samplers", s), _d.accessors.size());
                }
            if (channels == animations[i].end() || !channels->is_array()) continue;
            for (std::size_t c = 0; c < channels->size(); ++c) {
                if (!(*channels)[c].is_object()) continue;
                const auto here = sub(pointer + "/channels", c);
                reference((*channels)[c], "sampler", here, hasSamplers ? samplers->size() : 0);
                const auto target = (*channels)[c].find("target");
                if (target != (*channels)[c].end() && target->is_object()) reference(*target, "node", here + "/target", nodes);
            }
        }
    }

    /// Types only: what a column says is read, and judged, where it is decoded.
    void checkMetadata() {
        const auto expect = [&](const Json& holder, const char* member, const std::string& pointer, bool array) -> const Json* {
            const auto found = holder.find(member);
            if (found == holder.end()) return nullptr;
            if (array ? found->is_array() : found->is_object()) return &*found;
            problem("E_GLTF_TYPE", pointer + "/" + member, {member, array ? "array" : "object"});
            return nullptr;
        };
        const auto integers = [&](const Json& array, const std::string& pointer, std::size_t size) {
            for (std::size_t i = 0; i < array.size(); ++i) referenceValue(array[i], sub(pointer, i), size);
        };
        std::size_t textures = 0, attributes = 0;
        if (const auto* metadata = extension(_d.json, "EXT_structural_metadata")) {
            const std::string pointer = "/extensions/EXT_structural_metadata";
            const auto* schema = expect(*metadata, "schema", pointer, false);
            if (!schema && !metadata->contains("schemaUri")) problem("E_GLTF_MISSING", pointer, {"schema"});
            expect(*metadata, "propertyTables", pointer, true);
            if (const auto* list = expect(*metadata, "propertyTextures", pointer, true)) {
                textures = list->size();
                for (std::size_t i = 0; i < list->size(); ++i) checkPropertyTexture((*list)[i], sub(pointer + "/propertyTextures", i));
            }
            if (const auto* list = expect(*metadata, "propertyAttributes", pointer, true)) attributes = list->size();
        }
        const auto& meshes = collection("meshes");
        for (std::size_t m = 0; m < meshes.size(); ++m) {
            const auto primitives = meshes[m].find("primitives");
            if (primitives == meshes[m].end() || !primitives->is_array()) continue;
            for (std::size_t p = 0; p < primitives->size(); ++p) {
                const auto* metadata = extension((*primitives)[p], "EXT_structural_metadata");
                if (!metadata) continue;
                const auto pointer = sub(sub("/meshes", m) + "/primitives", p) + "/extensions/EXT_structural_metadata";
                if (const auto* list = expect(*metadata, "propertyTextures", pointer, true)) integers(*list, pointer + "/propertyTextures", textures);
                if (const auto* list = expect(*metadata, "propertyAttributes", pointer, true)) integers(*list, pointer + "/propertyAttributes", attributes);
            }
        }
    }

    void checkPropertyTexture(const Json& texture, const std::string& pointer) {
        if (!texture.is_object()) return problem("E_GLTF_TYPE", pointer, {"propertyTexture", "object"});
        const auto properties = texture.find("properties");
        if (properties == texture.end() || !properties->is_object()) return;
        for (const auto& [name, property] : properties->items())
            if (property.is_object()) reference(property, "index", pointer + "/properties/" + name, collection("textures").size(), true);
    }

    /// No accessor of floats may hold NaN or infinity: one such position would spoil every bound that it is in.
    void checkFloats() {
        for (std::size_t i = 0; i < _d.accessors.size(); ++i) {
            const auto& info = _d.accessors[i];
            if (info.components == 0 || info.componentType != 5126) continue;
            if (info.view && !allFinite(_d, *info.view, info.offset, info.count, info.components, true)) problem("E_GLTF_FLOAT", sub("/accessors", i));
            if (info.sparse && !allFinite(_d, info.sparse->valueView, info.sparse->valueOffset, info.sparse->count, info.components, false))
                problem("E_GLTF_FLOAT", sub("/accessors", i) + "/sparse/values");
        }
    }

    Document& _d;
    const GltfOptions& _options;
    core::Diagnostics& _problems;
};

/// "WHERE:byte N" of the JSON chunk as a byte of the file.
core::Error shifted(core::Error error, const std::string& where, std::uint64_t offset) {
    const auto mark = where + ":byte ";
    if (offset == 0 || !error.where.starts_with(mark)) return error;
    std::uint64_t byte = 0;
    for (const char c : error.where.substr(mark.size()))
        if (c >= '0' && c <= '9') byte = byte * 10 + static_cast<std::uint64_t>(c - '0');
    error.where = mark + std::to_string(byte + offset);
    return error;
}

} // namespace

std::uint64_t AccessorInfo::componentBytes() const {
    switch (componentType) {
    case 5120:
    case 5121: return 1;
    case 5122:
    case 5123: return 2;
    case 5125:
    case 5126: return 4;
    default: return 0;
    }
}

std::optional<std::uint64_t> asIndex(const Json& value) {
    if (value.is_number_unsigned()) return value.get<std::uint64_t>();
    if (value.is_number_float()) {
        const double number = value.get<double>();
        if (number >= 0 && number <= 9007199254740992.0 && number == std::floor(number)) return static_cast<std::uint64_t>(number);
    }
    return std::nullopt;
}

std::optional<std::uint64_t> indexMember(const Json& object, const char* name) {
    const auto found = object.find(name);
    if (found == object.end()) return std::nullopt;
    return asIndex(*found);
}

void inspect(Document& document, std::span<const std::byte> bytes, const GltfOptions& options, core::Diagnostics& problems) {
    auto parts = splitContainer(bytes, document.where);
    if (!parts) {
        problems.push_back(parts.error());
        return;
    }
    document.parts = *parts;
    if (parts->json.starts_with("\xEF\xBB\xBF")) {
        problems.push_back({"E_GLTF_JSON", {"byte order mark"}, document.where + ":byte " + std::to_string(parts->jsonOffset), {}});
        return;
    }
    auto json = core::parseJson(parts->json, document.where, {.depth = 64, .bytes = std::size_t{256} << 20});
    if (!json) {
        problems.push_back(shifted(json.error(), document.where, parts->jsonOffset));
        return;
    }
    document.json = std::move(*json);
    Inspector(document, options, problems).run();
}

} // namespace matou::decode
