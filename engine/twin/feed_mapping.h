#pragma once
// How a source's own payload becomes canonical messages: plain values, as a district's configuration gives them. Module live applies
// them (live/mapping.h), engine/district/README.md is the contract of the file.

#include <map>
#include <string>
#include <utility>
#include <vector>

namespace matou::twin {

/// The first rule whose conditions all hold decides class and severity. A condition is an expression and what its text must be:
/// equal, or with "~a|b" contain one of these. (No regular expressions: a hostile text must not choose how long they run.)
struct MappingRule {
    std::vector<std::pair<std::string, std::string>> when;
    std::string eventClass;
    int severity = 0; // 0: what the item says
};

/// Expressions: "/a/0/b" a JSON pointer into the item, "{/a}-pm25" a text with such pointers in it, anything else itself.
struct FeedMapping {
    std::string where;        // FILE:LINE:COL, for errors
    std::string topic;        // of a feed with several: only what comes on this one; empty: all
    std::string kind = "obs"; // obs event project camera case flood
    std::string items;        // JSON pointer to the list of items; empty: the payload is the list, or the one item
    std::map<std::string, std::string> fields;        // member of the canonical payload → expression
    std::map<std::string, std::string> ids;           // the source's id of a thing → ours; others stay
    std::map<std::string, std::string> classes;       // code → class; one that is not here is shown as unclassified, with its code
    std::map<std::string, std::string> qualities;     // code → good, uncertain, bad; one that is not here is uncertain
    std::map<std::string, std::string> states;        // of cases and flood season: code → state; one that is not here stands with its code
    std::map<std::string, std::string> units;         // the source's word → UCUM code
    std::map<std::string, int> severities;            // code → 1..4
    int severityOtherwise = 3;                        // of a code that is not there
    std::vector<MappingRule> rules;
    bool pulled = false;       // values are fetched, not sent (twin::Observation)
    std::string crs = "wgs84"; // of lon, lat (geo::SourceCrs); lon is what points east
    int zoneMinutes = 480;     // of times without a zone
};

} // namespace matou::twin
