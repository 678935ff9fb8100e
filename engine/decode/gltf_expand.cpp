// Compressed geometry of an inspected glTF becomes plain buffers, so that nothing behind it knows of compression:
// a meshopt buffer view gets its bytes, a Draco primitive gets accessors of its own.

#include <cstring>

#include "core/bounded_reader.h"
#include "decode/draco_geometry.h"
#include "decode/gltf_document.h"
#include "decode/meshopt_stream.h"

namespace matou::decode {

using core::fail;
using core::Result;

namespace {

class Expansion {
public:
    Expansion(Document& document, core::Diagnostics& problems) : _d(document), _limit(document.decodedBytesLimit), _problems(problems) {}

    void run() {
        for (std::size_t i = 0; i < _d.views.size(); ++i)
            if (_d.views[i].compressed)
                if (auto done = expandView(i); !done) _problems.push_back(done.error());
        if (!_problems.empty()) return; // Draco streams may lie in such views
        const auto meshes = _d.json.find("meshes");
        if (meshes == _d.json.end()) return;
        for (std::size_t m = 0; m < meshes->size(); ++m) {
            auto& primitives = (*meshes)[m]["primitives"];
            for (std::size_t p = 0; p < primitives.size(); ++p) {
                const auto pointer = "/meshes/" + std::to_string(m) + "/primitives/" + std::to_string(p);
                if (auto done = expandPrimitive(primitives[p], pointer); !done) _problems.push_back(done.error());
            }
        }
    }

private:
    Result<void> take(std::uint64_t bytes, const std::string& pointer) {
        if (bytes > _limit - std::min(_limit, _d.expandedBytes)) return fail("E_GLTF_LIMIT", _d.at(pointer), {std::to_string(_limit)});
        _d.expandedBytes += bytes;
        return {};
    }

    std::uint64_t newBuffer(std::vector<std::byte> bytes) {
        _d.owned.push_back(std::move(bytes));
        _d.buffers.push_back(_d.owned.back());
        return _d.buffers.size() - 1;
    }

    Result<void> expandView(std::size_t index) {
        auto& view = _d.views[index];
        const auto& stream = *view.compressed;
        const auto pointer = "/bufferViews/" + std::to_string(index) + "/extensions/" + stream.extension;
        MATOU_CHECK(take(view.length, pointer));
        const auto source = _d.buffers[stream.buffer].subspan(stream.offset, stream.length);
        MATOU_TRY(bytes, decodeMeshopt(source, stream, _d.at(pointer)));
        view.buffer = newBuffer(std::move(bytes));
        view.offset = 0;
        view.compressed.reset();
        return {};
    }

    Result<void> expandPrimitive(Json& primitive, const std::string& pointer) {
        const auto extensions = primitive.find("extensions");
        if (extensions == primitive.end() || !extensions->is_object() || !extensions->contains("KHR_draco_mesh_compression")) return {};
        const auto& draco = (*extensions)["KHR_draco_mesh_compression"]; // the strict pass looked at its members
        const auto here = pointer + "/extensions/KHR_draco_mesh_compression";
        const auto mode = indexMember(primitive, "mode").value_or(4);
        if (mode != 4 && mode != 5) return fail("E_GLTF_VALUE", _d.at(pointer + "/mode"), {"mode", "4 or 5 with Draco"});
        if (!primitive.contains("indices")) return fail("E_GLTF_MISSING", _d.at(pointer), {"indices"});
        const auto indices = _d.accessors[*indexMember(primitive, "indices")]; // a copy: accessors are added below, which moves the others
        DracoDeclared declared{.indices = indices.count, .bytesLimit = _limit - std::min(_limit, _d.expandedBytes)};
        std::vector<DracoWanted> wanted;
        std::vector<std::string> names;
        for (const auto& [name, id] : draco["attributes"].items()) {
            const auto accessor = indexMember(primitive["attributes"], name.c_str());
            if (!accessor) return fail("E_GLTF_MISSING", _d.at(pointer + "/attributes"), {name});
            const auto& info = _d.accessors[*accessor];
            const auto unique = *asIndex(id);
            if (info.components == 0 || unique > UINT32_MAX) return fail("E_GLTF_ATTRIBUTE", _d.at(here + "/attributes/" + name), {name});
            declared.points = info.count;
            wanted.push_back({static_cast<std::uint32_t>(unique), info.componentType, info.components});
            names.push_back(name);
        }
        if (wanted.empty()) return fail("E_GLTF_MISSING", _d.at(here), {"attributes"});
        std::uint64_t each = 0;
        for (const auto& one : wanted) each += static_cast<std::uint64_t>(one.components) * 4;
        const auto attributeBytes = core::checkedMultiply(each, declared.points), indexBytes = core::checkedMultiply(declared.indices, 4);
        if (!attributeBytes || !indexBytes || !core::checkedAdd(*attributeBytes, *indexBytes)) return fail("E_GLTF_LIMIT", _d.at(here), {std::to_string(_limit)});
        MATOU_CHECK(take(*attributeBytes + *indexBytes, here));
        MATOU_TRY(geometry, decodeDracoMesh(_d.viewBytes(*indexMember(draco, "bufferView")), _d.at(here), declared, wanted));
        if (geometry.points != declared.points) {
            if (primitive["attributes"].size() != wanted.size()) // the others have as many elements as declared
                return fail("E_GLTF_COUNTS", _d.at(here), {std::to_string(geometry.points), std::to_string(declared.points)});
            _d.remarks.push_back({"W_DRACO_POINTS", {std::to_string(geometry.points), std::to_string(declared.points)}, _d.at(here), {}});
        }
        for (std::size_t i = 0; i < wanted.size(); ++i) {
            auto info = _d.accessors[*indexMember(primitive["attributes"], names[i].c_str())];
            info.count = geometry.points;
            primitive["attributes"][names[i]] = newAccessor(std::move(info), std::move(geometry.attributes[i]));
        }
        std::vector<std::byte> flat(geometry.indices.size() * 4);
        std::memcpy(flat.data(), geometry.indices.data(), flat.size());
        auto info = indices;
        info.componentType = 5125;
        primitive["indices"] = newAccessor(std::move(info), std::move(flat));
        primitive["mode"] = 4; // strips come out as triangles
        return {};
    }

    std::uint64_t newAccessor(AccessorInfo info, std::vector<std::byte> bytes) {
        const auto length = static_cast<std::uint64_t>(bytes.size());
        _d.views.push_back({.buffer = newBuffer(std::move(bytes)), .length = length});
        info.view = _d.views.size() - 1;
        info.offset = 0;
        info.sparse.reset();
        _d.accessors.push_back(std::move(info));
        return _d.accessors.size() - 1;
    }

    Document& _d;
    std::uint64_t _limit;
    core::Diagnostics& _problems;
};

} // namespace

void expand(Document& document, core::Diagnostics& problems) { Expansion(document, problems).run(); }

} // namespace matou::decode
