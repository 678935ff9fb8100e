#include "decode/draco_geometry.h"

#include <cstring>
#include <exception>

// The library's own headers do not pass our warnings.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wall"
#pragma GCC diagnostic ignored "-Wextra"
#pragma GCC diagnostic ignored "-Wpedantic"
#pragma GCC diagnostic ignored "-Wunused-parameter"
#include <draco/compression/decode.h>
#include <draco/compression/mesh/mesh_edgebreaker_decoder.h>
#include <draco/compression/mesh/mesh_sequential_decoder.h>
#include <draco/compression/point_cloud/point_cloud_kd_tree_decoder.h>
#include <draco/compression/point_cloud/point_cloud_sequential_decoder.h>
#include <draco/core/varint_decoding.h>
#pragma GCC diagnostic pop

#include "core/bounded_reader.h"

namespace matou::decode {

using core::fail;
using core::Result;

namespace {

constexpr std::uint16_t kMetadataFlag = 0x8000;

/// Why a decoder of ours refused, since the library's own answer is only "failed".
struct Guard {
    DracoDeclared declared;
    bool mesh = false;
    std::string reason;

    /// A mesh may hold more points than declared (see DracoGeometry), one per corner at most; never fewer.
    bool plausible(std::uint64_t points) const { return points == declared.points || (mesh && points > declared.points && points <= declared.indices); }
    bool refuse(std::string why) {
        reason = std::move(why);
        return false;
    }
    /// The attributes are known by kind here, and none of them has its values yet.
    bool attributesFit(draco::PointCloud& cloud) {
        if (!plausible(cloud.num_points()))
            return refuse(std::to_string(cloud.num_points()) + " points where " + std::to_string(declared.points) + " are declared");
        std::uint64_t each = 0;
        for (int i = 0; i < cloud.num_attributes(); ++i) {
            const auto* attribute = cloud.attribute(i);
            // Values, their integer form, and the map from points to values.
            each += static_cast<std::uint64_t>(std::max<std::int64_t>(attribute->byte_stride(), 1)) + attribute->num_components() * std::uint64_t{4} + 8;
        }
        const auto bytes = core::checkedMultiply(each, cloud.num_points());
        return bytes && *bytes <= declared.bytesLimit ? true : refuse("more than " + std::to_string(declared.bytesLimit) + " bytes");
    }
};

/// The library's decoders with a look at the counts before arrays of their size are made.
class SequentialMesh : public draco::MeshSequentialDecoder {
public:
    explicit SequentialMesh(Guard& guard) : _guard(guard) {}

protected:
    bool DecodeConnectivity() override {
        draco::DecoderBuffer peek = *buffer();
        std::uint32_t faces = 0, points = 0;
        if (!draco::DecodeVarint(&faces, &peek) || !draco::DecodeVarint(&points, &peek)) return _guard.refuse("cut within its counts");
        if (std::uint64_t{faces} * 3 != _guard.declared.indices || !_guard.plausible(points))
            return _guard.refuse(std::to_string(faces) + " triangles of " + std::to_string(points) + " points where " + std::to_string(_guard.declared.indices / 3) +
                                 " of " + std::to_string(_guard.declared.points) + " are declared");
        return MeshSequentialDecoder::DecodeConnectivity();
    }
    bool DecodeAllAttributes() override { return _guard.attributesFit(*point_cloud()) && MeshSequentialDecoder::DecodeAllAttributes(); }

private:
    Guard& _guard;
};

class EdgebreakerMesh : public draco::MeshEdgebreakerDecoder {
public:
    explicit EdgebreakerMesh(Guard& guard) : _guard(guard) {}

protected:
    bool DecodeConnectivity() override {
        draco::DecoderBuffer peek = *buffer();
        std::uint32_t vertices = 0, faces = 0;
        if (!draco::DecodeVarint(&vertices, &peek) || !draco::DecodeVarint(&faces, &peek)) return _guard.refuse("cut within its counts");
        // Seams split vertices into points, so there are at most as many vertices as points; points are counted afterwards.
        if (std::uint64_t{faces} * 3 != _guard.declared.indices || vertices > std::uint64_t{faces} * 3)
            return _guard.refuse(std::to_string(faces) + " triangles where " + std::to_string(_guard.declared.indices / 3) + " are declared");
        return MeshEdgebreakerDecoder::DecodeConnectivity();
    }
    bool DecodeAllAttributes() override { return _guard.attributesFit(*point_cloud()) && MeshEdgebreakerDecoder::DecodeAllAttributes(); }

private:
    Guard& _guard;
};

template <typename Base>
class Points : public Base {
public:
    explicit Points(Guard& guard) : _guard(guard) {}

protected:
    bool DecodeGeometryData() override {
        draco::DecoderBuffer peek = *this->buffer();
        std::int32_t points = 0;
        if (!peek.Decode(&points)) return _guard.refuse("cut within its counts");
        if (points < 0 || static_cast<std::uint64_t>(points) != _guard.declared.points)
            return _guard.refuse(std::to_string(points) + " points where " + std::to_string(_guard.declared.points) + " are declared");
        return Base::DecodeGeometryData();
    }
    bool DecodeAllAttributes() override { return _guard.attributesFit(*this->point_cloud()) && Base::DecodeAllAttributes(); }

private:
    Guard& _guard;
};

template <typename T>
bool convert(const draco::PointAttribute& attribute, std::uint64_t points, int components, std::vector<std::byte>& out) {
    std::vector<T> one(static_cast<std::size_t>(components));
    const std::size_t size = one.size() * sizeof(T);
    for (std::uint64_t p = 0; p < points; ++p) {
        const auto value = attribute.mapped_index(draco::PointIndex(static_cast<std::uint32_t>(p)));
        if (value.value() >= attribute.size() || !attribute.ConvertValue<T>(value, static_cast<std::int8_t>(components), one.data())) return false;
        std::memcpy(out.data() + p * size, one.data(), size);
    }
    return true;
}

Result<std::vector<std::byte>> valuesOf(const draco::PointCloud& cloud, const DracoWanted& wanted, std::uint64_t points, const std::string& where) {
    const auto name = "attribute " + std::to_string(wanted.uniqueId);
    const auto* attribute = cloud.GetAttributeByUniqueId(wanted.uniqueId);
    if (!attribute) return fail("E_DRACO", where, {name + " is not in the stream"});
    if (attribute->num_components() != wanted.components)
        return fail("E_DRACO", where, {name + " has " + std::to_string(attribute->num_components()) + " components where " + std::to_string(wanted.components) + " are declared"});
    const std::size_t width = wanted.componentType <= 5121 ? 1 : wanted.componentType <= 5123 ? 2 : 4;
    std::vector<std::byte> out(points * static_cast<std::size_t>(wanted.components) * width);
    bool done = false;
    switch (wanted.componentType) {
    case 5120: done = convert<std::int8_t>(*attribute, points, wanted.components, out); break;
    case 5121: done = convert<std::uint8_t>(*attribute, points, wanted.components, out); break;
    case 5122: done = convert<std::int16_t>(*attribute, points, wanted.components, out); break;
    case 5123: done = convert<std::uint16_t>(*attribute, points, wanted.components, out); break;
    case 5125: done = convert<std::uint32_t>(*attribute, points, wanted.components, out); break;
    case 5126: done = convert<float>(*attribute, points, wanted.components, out); break;
    default: break;
    }
    if (!done) return fail("E_DRACO", where, {name + " has values that its declared type cannot hold"});
    return out;
}

Result<DracoGeometry> gather(const draco::PointCloud& cloud, const Guard& guard, std::span<const DracoWanted> wanted, const std::string& where) {
    DracoGeometry out{.points = cloud.num_points()};
    if (!guard.plausible(out.points))
        return fail("E_DRACO", where, {std::to_string(out.points) + " points where " + std::to_string(guard.declared.points) + " are declared"});
    for (const auto& one : wanted) {
        MATOU_TRY(values, valuesOf(cloud, one, out.points, where));
        out.attributes.push_back(std::move(values));
    }
    return out;
}

Result<draco::DracoHeader> headerOf(std::span<const std::byte> bytes, const std::string& where) {
    draco::DecoderBuffer buffer;
    buffer.Init(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    draco::DracoHeader header;
    if (!draco::PointCloudDecoder::DecodeHeader(&buffer, &header).ok()) return fail("E_DRACO", where, {"no Draco header"});
    if (header.version_major != 2 || header.version_minor < 2)
        return fail("E_DRACO", where, {"bitstream " + std::to_string(header.version_major) + "." + std::to_string(header.version_minor) + "; 2.2 is read"});
    // Metadata has lengths of its own that nothing here needs; no glTF or tile writer is known to store any.
    if (header.flags & kMetadataFlag) return fail("E_DRACO", where, {"metadata within the stream"});
    return header;
}

/// Runs a decoder; whatever the library throws (it allocates by what it reads) is a refusal.
template <typename Decoder, typename Geometry>
Result<void> run(Decoder& decoder, Guard& guard, std::span<const std::byte> bytes, Geometry& geometry, const std::string& where) {
    draco::DecoderBuffer buffer;
    buffer.Init(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    const draco::DecoderOptions options;
    try {
        const auto status = decoder.Decode(options, &buffer, &geometry);
        if (status.ok()) return {};
        return fail("E_DRACO", where, {!guard.reason.empty() ? guard.reason : status.error_msg_string().empty() ? "damaged stream" : status.error_msg_string()});
    } catch (const std::exception& e) {
        return fail("E_DRACO", where, {e.what()});
    }
}

} // namespace

Result<DracoGeometry> decodeDracoMesh(std::span<const std::byte> bytes, const std::string& where, const DracoDeclared& declared, std::span<const DracoWanted> wanted) {
    MATOU_TRY(header, headerOf(bytes, where));
    if (header.encoder_type != draco::TRIANGULAR_MESH) return fail("E_DRACO", where, {"not a mesh"});
    // Corner tables and point maps take about this much per corner.
    if (declared.indices % 3 != 0 || declared.indices > declared.bytesLimit / 24) return fail("E_DRACO", where, {std::to_string(declared.indices) + " indices"});
    Guard guard{.declared = declared, .mesh = true};
    draco::Mesh mesh;
    if (header.encoder_method == draco::MESH_SEQUENTIAL_ENCODING) {
        SequentialMesh decoder(guard);
        MATOU_CHECK(run(decoder, guard, bytes, mesh, where));
    } else if (header.encoder_method == draco::MESH_EDGEBREAKER_ENCODING) {
        EdgebreakerMesh decoder(guard);
        MATOU_CHECK(run(decoder, guard, bytes, mesh, where));
    } else {
        return fail("E_DRACO", where, {"unknown encoding"});
    }
    if (mesh.num_faces() * std::uint64_t{3} != declared.indices)
        return fail("E_DRACO", where, {std::to_string(mesh.num_faces()) + " triangles where " + std::to_string(declared.indices / 3) + " are declared"});
    MATOU_TRY(out, gather(mesh, guard, wanted, where));
    out.indices.reserve(declared.indices);
    for (std::uint32_t f = 0; f < mesh.num_faces(); ++f)
        for (const auto& corner : mesh.face(draco::FaceIndex(f))) {
            if (corner.value() >= out.points) return fail("E_DRACO", where, {"index " + std::to_string(corner.value()) + " of " + std::to_string(out.points) + " points"});
            out.indices.push_back(corner.value());
        }
    return out;
}

Result<DracoGeometry> decodeDracoPoints(std::span<const std::byte> bytes, const std::string& where, const DracoDeclared& declared, std::span<const DracoWanted> wanted) {
    MATOU_TRY(header, headerOf(bytes, where));
    if (header.encoder_type != draco::POINT_CLOUD) return fail("E_DRACO", where, {"not a point cloud"});
    if (declared.points > declared.bytesLimit / 12) return fail("E_DRACO", where, {std::to_string(declared.points) + " points"});
    Guard guard{.declared = declared};
    draco::PointCloud cloud;
    if (header.encoder_method == draco::POINT_CLOUD_SEQUENTIAL_ENCODING) {
        Points<draco::PointCloudSequentialDecoder> decoder(guard);
        MATOU_CHECK(run(decoder, guard, bytes, cloud, where));
    } else if (header.encoder_method == draco::POINT_CLOUD_KD_TREE_ENCODING) {
        Points<draco::PointCloudKdTreeDecoder> decoder(guard);
        MATOU_CHECK(run(decoder, guard, bytes, cloud, where));
    } else {
        return fail("E_DRACO", where, {"unknown encoding"});
    }
    return gather(cloud, guard, wanted, where);
}

} // namespace matou::decode
