#pragma once
// OGC SensorThings API 1.1 (18-088): what its answers and deltas say, as items that a mapping can read. Pure.

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/json.h"
#include "core/result.h"

namespace matou::live::sta {

struct Datastream {
    std::string key;  // as addresses have it: 7, 'abc'
    std::string id;   // 7, abc
    std::string unit; // UCUM, as far as it can be told: "ucum:…" definitions, then the symbol; else the symbol as written
    core::Json json;  // name, description, properties, thing, observedProperty
};

struct Page {
    struct Entry {
        Datastream datastream;
        std::vector<core::Json> observations;
        std::string more; // @iot.nextLink of its observations
    };
    std::vector<Entry> entries;
    std::string next; // @iot.nextLink; empty: the last page
    std::vector<core::Error> refused;
};

/// The answer to Datastreams?$expand=…. An entry without a usable @iot.id is refused, the others stand. E_STA_ANSWER where it is no such answer.
core::Result<Page> readDatastreams(core::Json body, const std::string& where);
/// The answer to Datastreams(7)/Observations, or a page behind an entry's `more`.
struct Observations {
    std::vector<core::Json> list;
    std::string next;
};
core::Result<Observations> readObservations(core::Json body, const std::string& where);

/// {sensor, time, result, unit, quality, datastream, observation}: `time` is phenomenonTime (of an interval its end), else resultTime, else
/// missing, which a mapping refuses.
core::Json itemOf(const Datastream& datastream, core::Json observation, const std::string& sensor);
/// What makes an observation the same one in the answer and in the delta: its @iot.id, else its phenomenonTime. 0: neither.
std::uint64_t identityOf(const core::Json& observation);

/// "v1.1/Datastreams(7)/Observations" → "7"; nothing for other topics.
std::optional<std::string> datastreamOfTopic(const std::string& topic);
/// A nextLink below `root` (…/v1.1): as it is, or with the part that names the server replaced – servers behind a gateway name themselves
/// by a name that only they know, and our token must not go there. E_STA_LINK where nothing below the root can be seen in it.
core::Result<std::string> linkBelow(const std::string& root, const std::string& link);
/// Percent-encoded where a query must be.
std::string queryEncoded(const std::string& text);

} // namespace matou::live::sta
