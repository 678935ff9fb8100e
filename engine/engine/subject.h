#pragma once
// What a program was asked to show, resolved: a district, a tileset or one model, as layers and placed models.

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <glm/glm.hpp>

#include "core/ids.h"
#include "core/result.h"
#include "district/district.h"
#include "scene/frame_snapshot.h"

namespace matou {

/// Where a model or a tileset without georeference stands: its frame is only a frame, so the district's own place will do.
inline constexpr geo::Geodetic kModelPlace{31.1946, 121.5096, 0.0};

struct SubjectLayer {
    std::string id;
    twin::Name name;
    scene::LayerRole role = scene::LayerRole::buildings;
    std::uint8_t order = 0;
    std::string tileset; // path or URL
    bool visible = true;
};

/// A glTF that stands somewhere on its own: the subject itself, or what a proposal adds.
struct PlacedModel {
    core::FeatureKey feature;
    std::string path;
    glm::dmat4 ecefFromModel{1.0}; // from the content frame (z up)
    std::string proposal;          // shown only with it; empty: always
};

struct Subject {
    std::shared_ptr<const district::District> district; // null for a plain tileset or model
    std::vector<SubjectLayer> layers;
    std::vector<PlacedModel> models;
    /// A model without a place of its own stands upright here; a district's centre; a tileset's is found when it is open.
    geo::Ecef anchor;
    bool anchorKnown = false;
};

/// A `.glb`/`.gltf`, a tileset (`….json`, `http(s)://…`), a district folder or bundled name. E_SUBJECT_KIND says what was
/// expected; the errors of district and file otherwise.
core::Result<Subject> openSubject(const std::string& text);

scene::LayerRole layerRoleFrom(const std::string& role);

} // namespace matou
