#include "control/openapi.h"

#include <nlohmann/json.hpp>

namespace matou::control {
namespace {

using Ordered = nlohmann::ordered_json;

Ordered answers(std::initializer_list<std::pair<const char*, const char*>> list) {
    Ordered result = Ordered::object();
    for (const auto& [status, text] : list)
        result[status] = {{"description", text}};
    return result;
}
Ordered parameter(const char* name, const char* in, const char* type, const char* text) {
    return {{"name", name},
            {"in", in},
            {"required", std::string(in) == "path"},
            {"schema", {{"type", type}}},
            {"description", text}};
}
Ordered get(const char* summary, Ordered responses, Ordered parameters = Ordered::array()) {
    Ordered operation = {{"summary", summary}, {"responses", std::move(responses)}};
    if (!parameters.empty()) operation["parameters"] = std::move(parameters);
    return {{"get", std::move(operation)}};
}
Ordered post(const char* summary, Ordered responses, Ordered parameters = Ordered::array(),
             const char* body = nullptr) {
    responses["401"] = {{"description", "no or wrong bearer token"}};
    responses["403"] = {{"description", "foreign Host or Origin, or the role may not do this"}};
    Ordered operation = {
        {"summary", summary}, {"security", {{{"token", Ordered::array()}}}}, {"responses", std::move(responses)}};
    if (!parameters.empty()) operation["parameters"] = std::move(parameters);
    if (body)
        operation["requestBody"] = {
            {"content", {{"application/json", {{"schema", {{"type", "object"}, {"description", body}}}}}}}};
    return {{"post", std::move(operation)}};
}

} // namespace

std::string openapiJson() {
    Ordered paths;
    const Ordered at = parameter("at", "query", "string", "RFC 3339: as it was known then (mode `replay`); default now");
    paths["/healthz"] = get("Is the state lane advancing?", answers({{"200", "yes"}, {"503", "no"}}));
    paths["/metrics"] = get("Figures as Prometheus text", answers({{"200", "text/plain; version=0.0.4"}}));
    paths["/api/v1/state"] =
        get("The newest snapshot: feeds, sensors, projects, counts of alarms", answers({{"200", "snapshot"}, {"400", "`at` is wrong"}}), {at});
    paths["/api/v1/alarms"] =
        get("Open alarms, by severity, then newest first", answers({{"200", "alarms"}, {"400", "`at` is wrong"}}), {at});
    paths["/api/v1/projects"] =
        get("Projects as registry and ledger have them: milestones with slip in days, money, shares of a renewal", answers({{"200", "projects"}, {"400", "`at` is wrong"}}), {at, parameter("on", "query", "string", "RFC 3339: how that day stands by what is known")});
    paths["/api/v1/cases"] = get("Cases of the city's systems (12345, grid): number, class, state, place", answers({{"200", "cases"}, {"400", "`at` is wrong"}}), {at});
    paths["/api/v1/flood"] = get("Flood season: warning signals in force, response level, ponding, pumps, gates, shelters", answers({{"200", "flood season"}, {"400", "`at` is wrong"}}), {at});
    paths["/api/v1/events"] = get("Durably stored events in order of storing",
                                  answers({{"200", "{events, next}"}, {"400", "a parameter is wrong"}}),
                                  {parameter("source", "query", "string", "only events of this source"),
                                   parameter("since", "query", "string", "event time, RFC 3339"),
                                   parameter("after", "query", "integer", "`next` of an earlier answer"),
                                   parameter("limit", "query", "integer", "1 to 1,000,000; default 1,000")});
    paths["/api/v1/sensors/{id}/observations"] =
        get("Stored values of a sensor, as they came or in equal spans of time",
            answers({{"200", "{sensor, since, until, values | buckets}"}, {"400", "a parameter is wrong"}, {"404", "no such sensor"}}),
            {parameter("id", "path", "string", "sensor id"),
             parameter("since", "query", "string", "event time, RFC 3339; default 24 h before `until`"),
             parameter("until", "query", "string", "event time, RFC 3339; default now"),
             parameter("points", "query", "integer", "1 to 10,000 spans with count, bad, min, max, mean; 0: every value"),
             parameter("limit", "query", "integer", "1 to 100,000 values; default 10,000")});
    paths["/api/v1/alarms/{id}/{verb}"] =
        post("Act on an alarm",
             answers({{"200", "done"}, {"404", "no such open alarm"}, {"409", "not possible in its state"}}),
             {parameter("id", "path", "string", "alarm id"),
              parameter("verb", "path", "string", "ack reject dispatch start return verify close shelve unshelve comment join leave; for candidates (C-…) "
                        "confirm dismiss")},
             "{text, actor, reason, minutes}, all optional; comment needs text, shelve a reason (nuisance maintenance "
             "known test other) or text; join: text is an incident's id, or nothing for a new one");
    paths["/api/v1/suppressions"] =
        post("Take alarms off the list by a rule", answers({{"200", "in force"}, {"400", "something is missing"}}),
             Ordered::array(),
             "{kind: state|maintenance|out_of_service, source, zone, class, reason, minutes, actor}; out_of_service is the "
             "duty lead's");
    paths["/api/v1/suppressions/{id}/end"] =
        post("End such a rule", answers({{"200", "ended"}, {"404", "no such rule of an operator"}}),
             {parameter("id", "path", "string", "rule id, from GET /api/v1/state")});
    paths["/api/v1/drill/{verb}"] = post("Begin or end an exercise", answers({{"200", "done"}}),
                                         {parameter("verb", "path", "string", "start stop")});
    paths["/api/v1/attach"] = get("The snapshot, then what changes, one JSON text a line, as long as one listens; for matou --attach",
                                  answers({{"200", "application/x-ndjson"}, {"503", "too many listen already"}}));
    paths["/api/v1/whoami"] = get("Role and name of the bearer token", answers({{"200", "{role, name}"}}));
    paths["/api/v1/scene/{id}"] =
        post("Show a scene", answers({{"202", "queued for the picture"}, {"404", "no such scene"}}),
             {parameter("id", "path", "string", "scene id")});
    paths["/api/v1/camera"] = post("Move the camera", answers({{"202", "queued for the picture"}, {"400", "no pose"}}),
                                   Ordered::array(), "{lat, lon, height, heading, pitch, roll, seconds}");
    paths["/api/v1/look/{look}"] = post("Change the look", answers({{"202", "queued for the picture"}}),
                                        {parameter("look", "path", "string", "natural monitor plan night")});
    paths["/api/v1/quality/{quality}"] = post("Change what a frame may cost", answers({{"202", "queued for the picture"}}),
                                              {parameter("quality", "path", "string", "low medium high ultra")});
    paths["/api/v1/aids"] = post("What helps to read the picture", answers({{"202", "queued for the picture"}, {"400", "a value is wrong"}}),
                                 Ordered::array(),
                                 "{xray, ghost, height_tint: true or false; contours: metres between them, 0 for none}; what is not given stays");
    paths["/api/v1/select/{key}"] = post("Select a feature, as LAYER/ID; none selects nothing", answers({{"202", "queued for the picture"}}),
                                         {parameter("key", "path", "string", "buildings/NM-00424, alarms/A-000001, …")});
    paths["/api/v1/replay/start"] = post("The picture looks back; the live state goes on", answers({{"202", "queued for the picture"}, {"400", "the body is wrong"}}),
                                         Ordered::array(), "at (RFC 3339), speed (0 to 60, default 1)");
    paths["/api/v1/replay/stop"] = post("Back to the present", answers({{"202", "queued for the picture"}}));
    paths["/api/v1/tour/{verb}"] = post("Control the tour", answers({{"202", "queued for the picture"}}),
                                        {parameter("verb", "path", "string", "start pause stop next previous")});
    paths["/api/v1/screenshot.png"] =
        get("The picture as it is", answers({{"200", "image/png"}, {"503", "there is no picture"}}));
    paths["/"] = get("A page for a tablet", answers({{"200", "text/html"}}));
    const Ordered root = {{"openapi", "3.0.3"},
                          {"info", {{"title", "Matou control API"}, {"version", "1"}}},
                          {"paths", paths},
                          {"components", {{"securitySchemes", {{"token", {{"type", "http"}, {"scheme", "bearer"}}}}}}}};
    return root.dump(1);
}

} // namespace matou::control
