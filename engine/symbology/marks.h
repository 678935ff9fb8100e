#pragma once
// The kinds of marks, each in its own file. All write to one Canvas.

#include "symbology/canvas.h"
#include "symbology/site_places.h"
#include "twin/state_snapshot.h"

namespace matou::symbology {

struct MarkInput {
    const Site& site;
    const SitePlaces& places;
    const twin::StateSnapshot& state;
    scene::FeatureRegistry& registry;
};

/// Never fewer than the open alarms: each is a pin in the view or counted in a marker at its edge.
void drawAlarms(Canvas& canvas, const MarkInput& input);
void drawSensors(Canvas& canvas, const MarkInput& input);
void drawCameras(Canvas& canvas, const MarkInput& input);
void drawZones(Canvas& canvas, const MarkInput& input);
void drawProjects(Canvas& canvas, const MarkInput& input);
/// Cases that are open, and the places of flood season.
void drawCases(Canvas& canvas, const MarkInput& input);
void drawFloodSeason(Canvas& canvas, const MarkInput& input);
void drawMapNames(Canvas& canvas, const MarkInput& input);

} // namespace matou::symbology
