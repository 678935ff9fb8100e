#include "common/tile_content.h"

#include <cmath>
#include <limits>
#include <map>
#include <unordered_map>

#include "common/glb_builder.h"

namespace matou::importers {
namespace {

using core::Json;

/// One material's triangles in one tile.
struct Batch {
    std::vector<glm::vec3> positions, normals;
    std::vector<glm::u8vec4> colors;
    std::vector<glm::vec2> uvs;
    std::vector<float> features;
    std::vector<std::uint32_t> indices;
    bool anyColor = false, anyUv = false;
};

/// District frame -> tangent frame of the tile.
class TileFrame {
public:
    TileFrame(const geo::DistrictFrame& frame, const glm::dvec3& middle) : _frame(frame) {
        ecefFromTile = geo::ecefFromEnu(frame.toEcef(geo::DistrictPosition::from(middle)));
        _tileFromEcef = glm::inverse(glm::dmat3(ecefFromTile));
        _origin = glm::dvec3(ecefFromTile[3]);
        // The grid's own directions here, made orthonormal: turns normals by the convergence.
        const glm::dvec3 here = local(middle);
        const glm::dvec3 up = glm::normalize(local(middle + glm::dvec3(0, 0, 1)) - here);
        glm::dvec3 east = local(middle + glm::dvec3(1, 0, 0)) - here;
        east = glm::normalize(east - up * glm::dot(east, up));
        turn = glm::dmat3(east, glm::cross(up, east), up);
    }
    glm::dvec3 ecef(const glm::dvec3& p) const { return _frame.toEcef(geo::DistrictPosition::from(p)).meters; }
    glm::dvec3 fromEcef(const glm::dvec3& p) const { return _tileFromEcef * (p - _origin); }
    glm::dvec3 local(const glm::dvec3& p) const { return fromEcef(ecef(p)); }

    glm::dmat4 ecefFromTile{1.0};
    glm::dmat3 turn{1.0};

private:
    const geo::DistrictFrame& _frame;
    glm::dmat3 _tileFromEcef{1.0};
    glm::dvec3 _origin{0.0};
};

glm::vec3 unit(const glm::dvec3& v) {
    const double length = glm::length(v);
    return length > 0 ? glm::vec3(v / length) : glm::vec3(0, 0, 1);
}

void addMesh(Batch& batch, const Mesh& mesh, const std::vector<glm::vec3>& local, const glm::dmat3& turn, float feature) {
    batch.anyColor = batch.anyColor || !mesh.colors.empty();
    batch.anyUv = batch.anyUv || !mesh.uvs.empty();
    const auto put = [&](std::uint32_t i, const glm::vec3& normal) {
        batch.positions.push_back(local[i]);
        batch.normals.push_back(normal);
        batch.colors.push_back(mesh.colors.empty() ? glm::u8vec4(255) : mesh.colors[i]);
        batch.uvs.push_back(mesh.uvs.empty() ? glm::vec2(0) : mesh.uvs[i]);
        batch.features.push_back(feature);
    };
    const auto base = static_cast<std::uint32_t>(batch.positions.size());
    if (!mesh.normals.empty()) {
        for (std::uint32_t i = 0; i < local.size(); ++i) put(i, unit(turn * glm::dvec3(mesh.normals[i])));
        for (const auto index : mesh.indices) batch.indices.push_back(base + index);
        return;
    }
    for (std::size_t t = 0; t + 2 < mesh.indices.size(); t += 3) { // flat: each triangle has its own corners
        const glm::dvec3 a(mesh.positions[mesh.indices[t]]), b(mesh.positions[mesh.indices[t + 1]]), c(mesh.positions[mesh.indices[t + 2]]);
        const glm::vec3 normal = unit(turn * glm::cross(b - a, c - a));
        for (std::size_t k = 0; k < 3; ++k) {
            batch.indices.push_back(static_cast<std::uint32_t>(batch.positions.size()));
            put(mesh.indices[t + k], normal);
        }
    }
}

Json primitiveOf(GlbBuilder& glb, const Batch& batch, std::size_t material) {
    Json attributes = {{"POSITION", glb.addVec3(batch.positions, true)}, {"NORMAL", glb.addVec3(batch.normals, false)}};
    if (batch.anyUv) attributes["TEXCOORD_0"] = glb.addVec2(batch.uvs);
    if (batch.anyColor) attributes["COLOR_0"] = glb.addColors(batch.colors);
    return {{"attributes", std::move(attributes)}, {"indices", glb.addIndices(batch.indices)}, {"material", material}};
}

/// Boxes of one material: instances of a unit box. The mesh has the brightest colour of each channel and the instances the
/// rest, so that a reader which knows no colours of instances still shows the tile's own tone.
class Boxes {
public:
    void add(const BoxShape& box, const TileFrame& tile, float feature) {
        _boxes.push_back(box);
        _translations.push_back(glm::vec3(tile.local(box.foot)));
        const glm::dvec3 along = tile.turn * glm::dvec3(std::cos(box.angleRadians), std::sin(box.angleRadians), 0);
        const double angle = std::atan2(along.y, along.x);
        _rotations.push_back(glm::vec4(0, 0, std::sin(0.5 * angle), std::cos(0.5 * angle)));
        _scales.push_back(glm::vec3(box.size));
        _features.push_back(feature);
    }
    Json mesh(GlbBuilder& glb, std::size_t material) const {
        Batch batch;
        BoxShape unit;
        unit.wall = brightest(&BoxShape::wall);
        unit.roof = brightest(&BoxShape::roof);
        const Mesh box = meshOf(unit);
        addMesh(batch, box, std::vector<glm::vec3>(box.positions.begin(), box.positions.end()), glm::dmat3(1.0), 0);
        Json primitive = primitiveOf(glb, batch, material);
        primitive["extras"] = {{"uvFollowsScale", true}};
        return {{"primitives", Json::array({std::move(primitive)})}};
    }
    Json instancing(GlbBuilder& glb) const {
        constexpr auto kNone = GlbBuilder::Target::none;
        return {{"attributes",
                 {{"TRANSLATION", glb.addVec3(_translations, false, kNone)},
                  {"ROTATION", glb.addVec4(_rotations, kNone)},
                  {"SCALE", glb.addVec3(_scales, false, kNone)},
                  {"_FEATURE_ID_0", glb.addScalars(_features, kNone)},
                  {"_COLOR_0", glb.addColors(factors(&BoxShape::wall), kNone)},
                  {"_COLOR_1", glb.addColors(factors(&BoxShape::roof), kNone)}}}};
    }

private:
    using Colour = glm::u8vec4 BoxShape::*;
    glm::u8vec4 brightest(Colour colour) const {
        glm::u8vec4 out(0);
        for (const auto& box : _boxes) out = glm::max(out, box.*colour);
        return out;
    }
    std::vector<glm::u8vec4> factors(Colour colour) const {
        const glm::vec4 whole = glm::max(glm::vec4(brightest(colour)), 1.0f);
        std::vector<glm::u8vec4> out;
        for (const auto& box : _boxes) out.push_back(glm::u8vec4(glm::round(255.0f * glm::vec4(box.*colour) / whole)));
        return out;
    }
    std::vector<BoxShape> _boxes;
    std::vector<glm::vec3> _translations, _scales;
    std::vector<glm::vec4> _rotations;
    std::vector<float> _features;
};

Json materialOf(const MaterialSpec& material) {
    const auto& c = material.baseColor;
    Json out = {{"name", material.name},
                {"pbrMetallicRoughness",
                 {{"baseColorFactor", {c.x, c.y, c.z, c.w}},
                  {"metallicFactor", material.metallic},
                  {"roughnessFactor", material.roughness}}}};
    if (material.emissive != glm::vec3(0)) out["emissiveFactor"] = {material.emissive.x, material.emissive.y, material.emissive.z};
    if (material.doubleSided) out["doubleSided"] = true;
    if (material.blend) out["alphaMode"] = "BLEND";
    else if (material.mask) out["alphaMode"] = "MASK";
    return out;
}

/// The rows of the tile's property table: one per distinct id.
struct Rows {
    std::vector<std::string> ids;
    std::vector<const Properties*> properties; // null for instances
    std::unordered_map<std::string, std::uint32_t> byId;

    std::uint32_t row(const std::string& id, const Properties* values) {
        const auto [at, isNew] = byId.try_emplace(id, static_cast<std::uint32_t>(ids.size()));
        if (isNew) {
            ids.push_back(id);
            properties.push_back(values);
        }
        return at->second;
    }
};

Json stringColumn(GlbBuilder& glb, const std::vector<std::string>& values) {
    std::vector<std::uint32_t> offsets{0};
    std::vector<char> bytes;
    for (const auto& value : values) {
        bytes.insert(bytes.end(), value.begin(), value.end());
        offsets.push_back(static_cast<std::uint32_t>(bytes.size()));
    }
    if (bytes.empty()) bytes.push_back(0); // a buffer view has at least one byte
    return {{"values", glb.addView(bytes)}, {"stringOffsets", glb.addView(offsets)}, {"stringOffsetType", "UINT32"}};
}

const PropertyValue* find(const Properties* properties, const std::string& name) {
    if (!properties) return nullptr;
    for (const auto& [key, value] : *properties)
        if (key == name) return &value;
    return nullptr;
}

double asReal(const PropertyValue* value) {
    if (!value) return 0;
    if (const auto* real = std::get_if<double>(value)) return *real;
    if (const auto* integer = std::get_if<std::int64_t>(value)) return static_cast<double>(*integer);
    return 0;
}

std::string asText(const PropertyValue* value) {
    if (!value) return {};
    if (const auto* text = std::get_if<std::string>(value)) return *text;
    if (const auto* integer = std::get_if<std::int64_t>(value)) return std::to_string(*integer);
    return Json(std::get<double>(*value)).dump();
}

template <typename T>
Json numberColumn(GlbBuilder& glb, const Rows& rows, const std::string& name) {
    std::vector<T> values;
    for (const auto* properties : rows.properties) {
        const auto* value = find(properties, name);
        const auto* integer = value ? std::get_if<std::int64_t>(value) : nullptr;
        values.push_back(integer ? static_cast<T>(*integer) : static_cast<T>(asReal(value)));
    }
    return {{"values", glb.addView(values)}};
}

void addMetadata(GlbBuilder& glb, const LayerSchema& schema, const Rows& rows) {
    Json properties = {{"id", {{"type", "STRING"}}}};
    Json columns = {{"id", stringColumn(glb, rows.ids)}};
    for (std::size_t c = 0; c < schema.names.size(); ++c) {
        const std::string& name = schema.names[c];
        switch (schema.types[c]) {
        case ColumnType::integer32:
            properties[name] = {{"type", "SCALAR"}, {"componentType", "INT32"}};
            columns[name] = numberColumn<std::int32_t>(glb, rows, name);
            break;
        case ColumnType::integer64:
            properties[name] = {{"type", "SCALAR"}, {"componentType", "INT64"}};
            columns[name] = numberColumn<std::int64_t>(glb, rows, name);
            break;
        case ColumnType::real:
            properties[name] = {{"type", "SCALAR"}, {"componentType", "FLOAT64"}};
            columns[name] = numberColumn<double>(glb, rows, name);
            break;
        case ColumnType::text: {
            std::vector<std::string> values;
            for (const auto* row : rows.properties) values.push_back(asText(find(row, name)));
            properties[name] = {{"type", "STRING"}};
            columns[name] = stringColumn(glb, values);
            break;
        }
        }
    }
    glb.json()["extensions"]["EXT_structural_metadata"] = {
        {"schema", {{"id", "matou"}, {"classes", {{"feature", {{"name", schema.layer}, {"properties", std::move(properties)}}}}}}},
        {"propertyTables", Json::array({{{"class", "feature"}, {"count", rows.ids.size()}, {"properties", std::move(columns)}}})}};
}

Json featureIdsOf(const Rows& rows) {
    return {{"featureIds", Json::array({{{"featureCount", rows.ids.size()}, {"attribute", 0}, {"propertyTable", 0}}})}};
}

glm::dvec3 middleOf(const TilesetSpec& spec, const TileCell& cell) {
    glm::dvec3 low(std::numeric_limits<double>::max()), high(-std::numeric_limits<double>::max());
    const auto see = [&](const glm::dvec3& p) {
        low = glm::min(low, p);
        high = glm::max(high, p);
    };
    for (const auto index : cell.features)
        if (const Mesh* mesh = meshAt(spec.features[index].lods, cell.level))
            for (const auto& p : mesh->positions) see(p);
    for (const auto index : cell.instances) see(spec.instances[index].position);
    // Whole metres: a small change of one building leaves the other bytes as they are.
    return low.x > high.x ? glm::dvec3(0) : glm::dvec3(glm::round(0.5 * (glm::dvec2(low) + glm::dvec2(high))), std::floor(low.z));
}

} // namespace

LayerSchema schemaOf(const TilesetSpec& spec) {
    LayerSchema schema;
    schema.layer = spec.layer;
    std::map<std::string, std::size_t> byName;
    for (const auto& feature : spec.features)
        for (const auto& [name, value] : feature.properties) {
            if (name == "id") continue;
            const auto [at, isNew] = byName.try_emplace(name, schema.names.size());
            if (isNew) {
                schema.names.push_back(name);
                schema.types.push_back(ColumnType::integer32);
            }
            ColumnType needed = ColumnType::text;
            if (std::holds_alternative<double>(value)) needed = ColumnType::real;
            if (const auto* integer = std::get_if<std::int64_t>(&value))
                needed = *integer >= std::numeric_limits<std::int32_t>::min() && *integer <= std::numeric_limits<std::int32_t>::max()
                             ? ColumnType::integer32
                             : ColumnType::integer64;
            schema.types[at->second] = std::max(schema.types[at->second], needed);
        }
    return schema;
}

TileContent buildTile(const TilesetSpec& spec, const LayerSchema& schema, const TileCell& cell, const geo::DistrictFrame& frame) {
    TileContent content;
    const TileFrame tile(frame, middleOf(spec, cell));
    content.ecefFromTile = tile.ecefFromTile;

    Rows rows;
    std::map<std::uint32_t, Batch> batches; // by material
    std::map<std::uint32_t, Boxes> boxes;   // by material
    std::vector<glm::vec3> local;
    for (const auto index : cell.features) {
        const LodFeature& feature = spec.features[index];
        const Mesh* mesh = meshAt(feature.lods, cell.level);
        if (!mesh) continue;
        local.clear();
        for (const auto& position : mesh->positions) {
            content.pointsEcef.push_back(tile.ecef(position));
            local.push_back(glm::vec3(tile.fromEcef(content.pointsEcef.back())));
        }
        const auto row = static_cast<float>(rows.row(feature.id, &feature.properties));
        if (feature.box && static_cast<std::size_t>(cell.level) >= feature.boxLevel) boxes[feature.material].add(*feature.box, tile, row);
        else addMesh(batches[feature.material], *mesh, local, tile.turn, row);
        content.triangles += mesh->triangleCount();
    }

    struct Group {
        std::vector<glm::vec3> translations, scales;
        std::vector<glm::vec4> rotations;
        std::vector<float> features;
        std::vector<glm::u8vec4> colors;
        bool anyColor = false;
    };
    std::map<std::uint32_t, Group> groups; // by prototype; those that look the same at this level share one mesh
    const auto sameAs = [&](std::uint32_t prototype, const Mesh& mesh) {
        for (std::uint32_t other = 0; other < prototype; ++other) {
            const Mesh* earlier = meshAt(spec.prototypes[other].lods, cell.level);
            if (earlier && spec.prototypes[other].material == spec.prototypes[prototype].material && earlier->positions == mesh.positions &&
                earlier->indices == mesh.indices && earlier->colors == mesh.colors && earlier->uvs == mesh.uvs && earlier->normals == mesh.normals)
                return other;
        }
        return prototype;
    };
    std::map<std::uint32_t, std::uint32_t> shared;
    for (const auto index : cell.instances) {
        const InstancedThing& thing = spec.instances[index];
        const Mesh* mesh = meshAt(spec.prototypes[thing.prototype].lods, cell.level);
        if (!mesh) continue;
        const auto [known, isNewPrototype] = shared.try_emplace(thing.prototype, thing.prototype);
        if (isNewPrototype) known->second = sameAs(thing.prototype, *mesh);
        Group& group = groups[known->second];
        group.translations.push_back(glm::vec3(tile.local(thing.position)));
        group.scales.push_back(glm::vec3(static_cast<float>(thing.scale)));
        const glm::dvec3 north = tile.turn * glm::dvec3(std::sin(glm::radians(thing.headingDegrees)), std::cos(glm::radians(thing.headingDegrees)), 0);
        const double angle = std::atan2(-north.x, north.y); // about up, from the tile's north
        group.rotations.push_back(glm::vec4(0, 0, std::sin(0.5 * angle), std::cos(0.5 * angle)));
        group.features.push_back(static_cast<float>(rows.row(thing.id, nullptr)));
        group.colors.push_back(thing.color);
        group.anyColor = group.anyColor || thing.color != glm::u8vec4(255);
        double reach = 0, top = 0, foot = 0;
        for (const auto& p : mesh->positions) {
            reach = std::max(reach, glm::length(glm::dvec2(p)) * thing.scale);
            top = std::max(top, p.z * thing.scale);
            foot = std::min(foot, p.z * thing.scale);
        }
        for (const glm::dvec2 corner : {glm::dvec2(-1, -1), {1, -1}, {1, 1}, {-1, 1}})
            for (const double z : {foot, top}) content.pointsEcef.push_back(tile.ecef(thing.position + glm::dvec3(corner * reach, z)));
        content.triangles += mesh->triangleCount();
    }
    if (batches.empty() && groups.empty() && boxes.empty()) return content;
    content.features = rows.ids.size();

    GlbBuilder glb;
    Json& json = glb.json();
    Json meshes = Json::array(), children = Json::array(), nodes = Json::array(), materials = Json::array();
    // z-up content under a y-up root, as a matrix: exact, where a quaternion of 45° halves is not.
    nodes.push_back({{"matrix", {1, 0, 0, 0, 0, 0, -1, 0, 0, 1, 0, 0, 0, 0, 0, 1}}});
    std::map<std::uint32_t, std::size_t> materialIndex;
    const auto materialFor = [&](std::uint32_t index) {
        const auto [at, isNew] = materialIndex.try_emplace(index, materials.size());
        if (isNew) materials.push_back(materialOf(spec.materials[index]));
        return at->second;
    };

    if (!batches.empty()) {
        Json primitives = Json::array();
        for (const auto& [material, batch] : batches) {
            Json primitive = primitiveOf(glb, batch, materialFor(material));
            primitive["attributes"]["_FEATURE_ID_0"] = glb.addScalars(batch.features);
            primitive["extensions"]["EXT_mesh_features"] = featureIdsOf(rows);
            primitives.push_back(std::move(primitive));
        }
        meshes.push_back({{"primitives", std::move(primitives)}});
        children.push_back(nodes.size());
        nodes.push_back({{"mesh", 0}});
    }
    const auto addInstances = [&](Json instancing) {
        children.push_back(nodes.size());
        nodes.push_back({{"mesh", meshes.size() - 1},
                         {"extensions", {{"EXT_mesh_gpu_instancing", std::move(instancing)}, {"EXT_instance_features", featureIdsOf(rows)}}}});
    };
    for (const auto& [material, some] : boxes) {
        meshes.push_back(some.mesh(glb, materialFor(material)));
        addInstances(some.instancing(glb));
    }
    for (const auto& [number, group] : groups) {
        const Prototype& prototype = spec.prototypes[number];
        const Mesh* mesh = meshAt(prototype.lods, cell.level);
        Batch batch;
        local.clear();
        for (const auto& position : mesh->positions) local.push_back(glm::vec3(position));
        addMesh(batch, *mesh, local, glm::dmat3(1.0), 0);
        meshes.push_back({{"primitives", Json::array({primitiveOf(glb, batch, materialFor(prototype.material))})}});
        Json attributes = {{"TRANSLATION", glb.addVec3(group.translations, false, GlbBuilder::Target::none)},
                           {"ROTATION", glb.addVec4(group.rotations, GlbBuilder::Target::none)},
                           {"SCALE", glb.addVec3(group.scales, false, GlbBuilder::Target::none)},
                           {"_FEATURE_ID_0", glb.addScalars(group.features, GlbBuilder::Target::none)}};
        if (group.anyColor) attributes["_COLOR_0"] = glb.addColors(group.colors, GlbBuilder::Target::none);
        addInstances({{"attributes", std::move(attributes)}});
    }
    nodes[0]["children"] = std::move(children);
    addMetadata(glb, schema, rows);

    Json used = {"EXT_structural_metadata"};
    if (!batches.empty()) used.push_back("EXT_mesh_features");
    if (!groups.empty() || !boxes.empty()) {
        used.push_back("EXT_instance_features");
        used.push_back("EXT_mesh_gpu_instancing");
        json["extensionsRequired"] = {"EXT_mesh_gpu_instancing"};
    }
    json["asset"] = {{"version", "2.0"}, {"generator", "matou"}};
    json["extensionsUsed"] = std::move(used);
    json["scene"] = 0;
    json["scenes"] = Json::array({{{"nodes", {0}}}});
    json["nodes"] = std::move(nodes);
    json["meshes"] = std::move(meshes);
    json["materials"] = std::move(materials);
    content.glb = glb.finish();
    return content;
}

} // namespace matou::importers
