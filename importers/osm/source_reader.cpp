#include "osm/source_reader.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <memory>

#include <cpl_error.h>
#include <ogr_spatialref.h>
#include <ogrsf_frmts.h>

#include "core/file.h"
#include "core/json.h"

namespace matou::importers {
namespace {

using core::fail;

struct CloseDataset {
    void operator()(GDALDataset* dataset) const { GDALClose(dataset); }
};
struct DestroyTransform {
    void operator()(OGRCoordinateTransformation* transform) const { OGRCoordinateTransformation::DestroyCT(transform); }
};
struct DestroyFeature {
    void operator()(OGRFeature* feature) const { OGRFeature::DestroyFeature(feature); }
};

/// OGR's own words, on one line; it prints nothing itself.
std::string lastReason() {
    std::string reason = CPLGetLastErrorMsg();
    std::replace(reason.begin(), reason.end(), '\n', ' ');
    return reason.empty() ? "?" : reason;
}

Ring ringOf(const OGRLineString& line) {
    Ring out;
    for (int i = 0; i < line.getNumPoints(); ++i) out.push_back({line.getX(i), line.getY(i)});
    return out;
}

Polygon polygonOf(const OGRPolygon& polygon) {
    Polygon out;
    if (const auto* shell = polygon.getExteriorRing()) out.outer = ringOf(*shell);
    for (int i = 0; i < polygon.getNumInteriorRings(); ++i) out.holes.push_back(ringOf(*polygon.getInteriorRing(i)));
    const auto open = [](Ring& ring) {
        if (ring.size() > 1 && ring.front() == ring.back()) ring.pop_back();
    };
    open(out.outer);
    for (auto& hole : out.holes) open(hole);
    return out;
}

/// Curves are made linear first; collections are walked without recursion.
void collect(const OGRGeometry& geometry, SourceFeature& feature) {
    std::vector<const OGRGeometry*> todo{&geometry};
    while (!todo.empty()) {
        const OGRGeometry* one = todo.back();
        todo.pop_back();
        switch (wkbFlatten(one->getGeometryType())) {
        case wkbPolygon: feature.polygons.push_back(polygonOf(*one->toPolygon())); break;
        case wkbLineString: feature.lines.push_back(ringOf(*one->toLineString())); break;
        case wkbPoint:
            if (!one->IsEmpty()) feature.points.push_back({one->toPoint()->getX(), one->toPoint()->getY()});
            break;
        default:
            if (OGR_GT_IsSubClassOf(one->getGeometryType(), wkbGeometryCollection)) {
                const auto* many = one->toGeometryCollection();
                for (int i = many->getNumGeometries(); i-- > 0;) todo.push_back(many->getGeometryRef(i));
            }
        }
    }
}

bool inRange(const SourceFeature& feature) {
    const auto good = [](const glm::dvec2& p) {
        return std::isfinite(p.x) && std::isfinite(p.y) && std::abs(p.x) <= 180.0 && std::abs(p.y) <= 90.0;
    };
    for (const auto& polygon : feature.polygons) {
        if (!std::all_of(polygon.outer.begin(), polygon.outer.end(), good)) return false;
        for (const auto& hole : polygon.holes)
            if (!std::all_of(hole.begin(), hole.end(), good)) return false;
    }
    for (const auto& line : feature.lines)
        if (!std::all_of(line.begin(), line.end(), good)) return false;
    return std::all_of(feature.points.begin(), feature.points.end(), good);
}

void readFields(const OGRFeature& feature, const OGRFeatureDefn& definition, SourceFeature& out) {
    for (int i = 0; i < definition.GetFieldCount(); ++i) {
        if (!feature.IsFieldSetAndNotNull(i)) continue;
        const auto* field = definition.GetFieldDefn(i);
        switch (field->GetType()) {
        case OFTInteger: // booleans too
        case OFTInteger64: out.fields[field->GetNameRef()] = static_cast<std::int64_t>(feature.GetFieldAsInteger64(i)); break;
        case OFTReal: out.fields[field->GetNameRef()] = feature.GetFieldAsDouble(i); break;
        default: out.fields[field->GetNameRef()] = std::string(feature.GetFieldAsString(i));
        }
    }
}

std::string idOf(const SourceFeature& feature, const std::string& layer, std::size_t number) {
    for (const char* name : {"id", "ID", "osm_id", "@id", "fid", "gml_id", "identifier"}) {
        const auto at = feature.fields.find(name);
        if (at == feature.fields.end()) continue;
        const std::string id = feature.text(name);
        if (!id.empty()) return id;
    }
    return layer + "-" + std::to_string(number);
}

std::string crsName(const OGRSpatialReference& crs) {
    const char* authority = crs.GetAuthorityName(nullptr);
    const char* code = crs.GetAuthorityCode(nullptr);
    const std::string name = crs.GetName() ? crs.GetName() : "?";
    return authority && code ? std::string(authority) + ":" + code + " " + name : name;
}

core::Result<SourceLayer> readLayer(OGRLayer& layer, const std::filesystem::path& path, const std::string& fallbackCrs) {
    SourceLayer out;
    out.name = layer.GetName();
    out.path = path;
    OGRSpatialReference wgs84, source;
    wgs84.SetWellKnownGeogCS("WGS84");
    wgs84.SetAxisMappingStrategy(OAMS_TRADITIONAL_GIS_ORDER);
    if (const auto* stated = layer.GetSpatialRef()) {
        source = *stated;
    } else {
        if (fallbackCrs.empty()) return fail("E_CRS_MISSING", path.string(), {out.name});
        if (source.SetFromUserInput(fallbackCrs.c_str()) != OGRERR_NONE) return fail("E_CRS_UNKNOWN", path.string(), {fallbackCrs});
    }
    source.SetAxisMappingStrategy(OAMS_TRADITIONAL_GIS_ORDER);
    out.crs = crsName(source);
    const std::unique_ptr<OGRCoordinateTransformation, DestroyTransform> transform(OGRCreateCoordinateTransformation(&source, &wgs84));
    if (!transform) return fail("E_CRS_UNKNOWN", path.string(), {out.crs});
    const bool same = source.IsSame(&wgs84);
    out.crsOperation = same ? "-" : "PROJ";
    out.accuracyMeters = same ? 0.0 : -1.0;

    layer.ResetReading();
    CPLErrorReset();
    std::size_t number = 0;
    while (const std::unique_ptr<OGRFeature, DestroyFeature> read{layer.GetNextFeature()}) {
        SourceFeature feature;
        ++number;
        readFields(*read, *layer.GetLayerDefn(), feature);
        feature.id = idOf(feature, out.name, number);
        const OGRGeometry* geometry = read->GetGeometryRef();
        if (!geometry || geometry->IsEmpty()) {
            ++out.withoutGeometry;
            continue;
        }
        const std::unique_ptr<OGRGeometry> linear(geometry->hasCurveGeometry() ? geometry->getLinearGeometry() : geometry->clone());
        feature.geometryType = OGRGeometryTypeToName(wkbFlatten(linear->getGeometryType()));
        if (!same && linear->transform(transform.get()) != OGRERR_NONE) {
            ++out.outOfRange;
            continue;
        }
        collect(*linear, feature);
        if (!inRange(feature)) {
            ++out.outOfRange;
            continue;
        }
        if (feature.polygons.empty() && feature.lines.empty() && feature.points.empty()) {
            ++out.unusable;
            continue;
        }
        out.features.push_back(std::move(feature));
    }
    if (CPLGetLastErrorType() >= CE_Failure) return fail("E_IMPORT_UNREADABLE", path.string(), {lastReason()});
    return out;
}

} // namespace

std::string SourceFeature::text(const std::string& field) const {
    const auto at = fields.find(field);
    if (at == fields.end()) return {};
    if (const auto* text = std::get_if<std::string>(&at->second)) return *text;
    if (const auto* integer = std::get_if<std::int64_t>(&at->second)) return std::to_string(*integer);
    const double value = std::get<double>(at->second);
    // Ids that a format stores as reals (Shapefile's wide numbers) stay whole numbers.
    if (value == std::floor(value) && std::abs(value) < 9e15) return std::to_string(static_cast<std::int64_t>(value));
    return core::Json(value).dump();
}

bool SourceFeature::number(const std::string& field, double& value) const {
    const auto at = fields.find(field);
    if (at == fields.end()) return false;
    if (const auto* real = std::get_if<double>(&at->second)) value = *real;
    if (const auto* integer = std::get_if<std::int64_t>(&at->second)) value = static_cast<double>(*integer);
    if (const auto* text = std::get_if<std::string>(&at->second)) {
        char* end = nullptr;
        value = std::strtod(text->c_str(), &end);
        if (end == text->c_str()) return false;
    }
    return std::isfinite(value);
}

bool SourceFeature::flag(const std::string& field) const {
    const std::string value = text(field);
    return value == "1" || value == "true" || value == "True" || value == "yes";
}

core::Result<std::vector<SourceLayer>> readSource(const std::filesystem::path& path, const std::string& fallbackCrs) {
    std::error_code ignored;
    if (!std::filesystem::exists(path, ignored)) return fail("E_FILE_MISSING", path.string());
    const std::string extension = path.extension().string();
    if (extension == ".geojson" || extension == ".json") { // OGR does not say where the JSON breaks
        MATOU_TRY(text, core::readTextFile(path));
        MATOU_TRY(json, core::parseJson(text, path.string()));
    }
    GDALAllRegister();
    CPLPushErrorHandler(CPLQuietErrorHandler);
    struct PopHandler {
        ~PopHandler() { CPLPopErrorHandler(); }
    } const pop;
    CPLErrorReset();
    const std::unique_ptr<GDALDataset, CloseDataset> dataset(
        GDALDataset::Open(path.c_str(), GDAL_OF_VECTOR | GDAL_OF_READONLY | GDAL_OF_VERBOSE_ERROR));
    if (!dataset) return fail("E_IMPORT_UNREADABLE", path.string(), {lastReason()});
    std::vector<SourceLayer> out;
    for (int i = 0; i < dataset->GetLayerCount(); ++i) {
        MATOU_TRY(layer, readLayer(*dataset->GetLayer(i), path, fallbackCrs));
        layer.driver = dataset->GetDriverName();
        if (dataset->GetLayerCount() == 1) layer.name = path.stem().string();
        out.push_back(std::move(layer));
    }
    if (out.empty()) return fail("E_IMPORT_UNREADABLE", path.string(), {"no layer"});
    return out;
}

} // namespace matou::importers
