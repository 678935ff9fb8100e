// Buffers, views, accessors: every range within the bytes that are there, before anything reads them.

#include "decode/gltf_inspector.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "core/bounded_reader.h"
#include "decode/accessor.h"

namespace matou::decode {

void Inspector::readBuffers() {
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
void Inspector::boundDecodedBytes() {
    constexpr std::uint64_t kLeast = std::uint64_t{384} << 20, kPerByte = 64;
    _d.decodedBytesLimit = _options.decodedBytesLimit;
    for (const auto& image : collection("images"))
        if (const auto uri = image.find("uri"); uri != image.end() && uri->is_string() && !isDataUri(uri->get_ref<const std::string&>())) return;
    std::uint64_t bytes = _d.parts.json.size();
    for (const auto& buffer : _d.buffers) bytes += buffer.size();
    _d.decodedBytesLimit = std::min(_d.decodedBytesLimit, std::max(kLeast, bytes * kPerByte));
}

/// Marked as a fallback, and no view of it is without a compressed stream.
bool Inspector::fallbackOnly(std::size_t buffer) const {
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

bool Inspector::usedBuffer(std::size_t buffer) const {
    for (const auto& view : collection("bufferViews")) {
        const auto found = view.find("buffer");
        if (found != view.end() && asIndex(*found) == buffer) return true;
    }
    return false;
}

void Inspector::readViews() {
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
void Inspector::readMeshopt(const Json& json, const char* name, const std::string& pointer, ViewInfo& view) {
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

int Inspector::componentsOf(std::string_view type) {
    static constexpr std::array<std::pair<std::string_view, int>, 7> table{
        {{"SCALAR", 1}, {"VEC2", 2}, {"VEC3", 3}, {"VEC4", 4}, {"MAT2", 4}, {"MAT3", 9}, {"MAT4", 16}}};
    for (const auto& [name, count] : table)
        if (name == type) return count;
    return 0;
}

void Inspector::readAccessors() {
    const auto& list = collection("accessors");
    _d.accessors.resize(list.size());
    for (std::size_t i = 0; i < list.size(); ++i) readAccessor(list[i], sub("/accessors", i), _d.accessors[i]);
}

void Inspector::readAccessor(const Json& json, const std::string& pointer, AccessorInfo& out) {
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

void Inspector::checkPaddedMatrix(const std::string& pointer, const AccessorInfo& info, std::string_view type) {
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
void Inspector::checkRange(const std::string& pointer, std::uint64_t offset, std::uint64_t count, std::uint64_t element, std::uint64_t alignment,
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

void Inspector::readSparse(const Json& json, const std::string& pointer, AccessorInfo& accessor) {
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

/// No accessor of floats may hold NaN or infinity: one such position would spoil every bound that it is in.
void Inspector::checkFloats() {
    for (std::size_t i = 0; i < _d.accessors.size(); ++i) {
        const auto& info = _d.accessors[i];
        if (info.components == 0 || info.componentType != 5126) continue;
        if (info.view && !allFinite(_d, *info.view, info.offset, info.count, info.components, true)) problem("E_GLTF_FLOAT", sub("/accessors", i));
        if (info.sparse && !allFinite(_d, info.sparse->valueView, info.sparse->valueOffset, info.sparse->count, info.components, false))
            problem("E_GLTF_FLOAT", sub("/accessors", i) + "/sparse/values");
    }
}

} // namespace matou::decode
