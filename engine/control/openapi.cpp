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
    paths["/healthz"] = get("Is the state lane advancing?", answers({{"200", "yes"}, {"503", "no"}}));
    paths["/metrics"] = get("Figures as Prometheus text", answers({{"200", "text/plain; version=0.0.4"}}));
    paths["/api/v1/state"] =
        get("The newest snapshot: feeds, sensors, projects, counts of alarms", answers({{"200", "snapshot"}}));
    paths["/api/v1/alarms"] = get("Open alarms, by severity, then newest first", answers({{"200", "alarms"}}));
    paths["/api/v1/events"] = get("Durably stored events in order of storing",
                                  answers({{"200", "{events, next}"}, {"400", "a parameter is wrong"}}),
                                  {parameter("source", "query", "string", "only events of this source"),
                                   parameter("since", "query", "string", "event time, RFC 3339"),
                                   parameter("after", "query", "integer", "`next` of an earlier answer"),
                                   parameter("limit", "query", "integer", "1 to 1,000,000; default 1,000")});
    paths["/api/v1/alarms/{id}/{verb}"] =
        post("Act on an alarm",
             answers({{"200", "done"}, {"404", "no such open alarm"}, {"409", "not possible in its state"}}),
             {parameter("id", "path", "string", "alarm id"),
              parameter("verb", "path", "string", "ack reject dispatch start return verify close shelve comment")},
             "{text, actor}, both optional; shelve and comment need text");
    paths["/api/v1/scene/{id}"] =
        post("Show a scene", answers({{"202", "queued for the picture"}, {"404", "no such scene"}}),
             {parameter("id", "path", "string", "scene id")});
    paths["/api/v1/camera"] = post("Move the camera", answers({{"202", "queued for the picture"}, {"400", "no pose"}}),
                                   Ordered::array(), "{lat, lon, height, heading, pitch, roll, seconds}");
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
