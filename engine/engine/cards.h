#pragma once
// What is said of a picked or selected thing: the card on screen and the JSON of --pick.

#include <optional>
#include <string>

#include "core/messages.h"
#include "engine/contents.h"
#include "render/renderer.h"
#include "twin/state_snapshot.h"
#include "ui/ui_model.h"

namespace matou {

/// Card of a feature of a tile layer; overlay things (sensors/…, alarms/…) get only their key: the ui reads the snapshot.
ui::Selection selectionCard(const core::FeatureKey& key, const Contents& contents, core::Language language);

/// One JSON object: {"feature","layer","id","name","properties":{…},"position":{"lon","lat","height"},"distance"}, or
/// {"feature":null} where nothing is.
std::string pickJson(const render::PickHit& hit, const scene::FeatureRegistry& registry, const Contents& contents,
                     const twin::StateSnapshot* state);

} // namespace matou
