#include "district/documents.h"

#include "district/toml_section.h"

namespace matou::district {
namespace fs = std::filesystem;

core::Result<Proposal> readProposal(const fs::path& path, const fs::path& folder, core::Diagnostics& warnings) {
    MATOU_TRY(file, readToml(path, folder, warnings));
    TomlSection root(file, file.root, "");
    Proposal result;
    result.id = root.text("id");
    result.name = root.name("name");
    result.scene = root.textOr("scene", "");
    for (const auto& key : root.texts("hide"))
        result.hide.push_back(core::featureKeyFrom(key));
    for (auto& add : root.tables("add")) {
        ProposalModel model;
        model.feature = {result.id, add.text("id")};
        model.model = add.path("model");
        if (auto place = add.table("place", true)) {
            model.place = {place->number("lon", -180, 180), place->number("lat", -90, 90),
                           place->numberOr("height", 0, -1000, 10000)};
            model.headingDegrees = place->numberOr("heading", 0, -360, 720);
            place->finish();
        }
        add.finish();
        result.add.push_back(std::move(model));
    }
    root.finish();
    if (file.error) return tl::unexpected<core::Error>(*file.error);
    return result;
}

core::Result<Storyboard> readStoryboard(const fs::path& path, const fs::path& folder, core::Diagnostics& warnings) {
    MATOU_TRY(file, readToml(path, folder, warnings));
    TomlSection root(file, file.root, "");
    Storyboard result;
    result.id = root.text("id");
    result.name = root.name("name");
    for (auto& section : root.tables("step")) {
        StoryStep step;
        step.scene = section.textOr("scene", "");
        step.camera = section.pose("camera");
        if (section.has("end_camera")) step.endCamera = section.pose("end_camera");
        step.caption = section.name("caption", false);
        step.seconds = section.numberOr("seconds", 8, 0.1, 3600);
        step.transitionSeconds = section.numberOr("transition_s", 3, 0, 3600);
        step.date = section.textOr("date", "");
        if (!step.date.empty() && !core::parseInstant(step.date + "T00:00:00+08:00"))
            section.refuse("date", "a date YYYY-MM-DD");
        step.layers = section.texts("layers");
        step.look = section.wordOr("look", "", {"", "natural", "monitor", "plan", "night"});
        step.time = section.instantOr("time");
        step.proposal = section.textOr("proposal", "");
        section.finish();
        result.steps.push_back(std::move(step));
    }
    root.finish();
    if (file.error) return tl::unexpected<core::Error>(*file.error);
    return result;
}

} // namespace matou::district
