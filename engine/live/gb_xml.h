#pragma once
// Bodies of GB/T 28181 (MANSCDP+xml) → JSON, and texts for such bodies. libexpat; no DTD, no entity of the sender's, nothing fetched.

#include <string>
#include <string_view>

#include "core/json.h"
#include "core/result.h"

namespace matou::live::gb {

inline constexpr int kMaximumDepth = 12;
inline constexpr std::size_t kMaximumElements = 20000;

struct Body {
    std::string root;    // Notify, Response, Query, Control
    core::Json members;  // object: a leaf is its text, trimmed; an element with children an object; one that comes again an array
    std::string charset; // that it was read as
    bool marked = false; // bytes that belong to no text stand as U+FFFD
};

/// The declared charset is the sender's word, and senders lie (live/charset.h). Elements called Password are left out: nobody here may
/// keep them. E_GB_XML {reason}, E_GB_DTD, E_GB_LIMIT {what, limit} at `WHERE:byte N` (of the text as UTF-8). Thread: any.
core::Result<Body> parseBody(std::string_view bytes, const std::string& where);

/// The text of a leaf: textAt(json, "/Info/AlarmType"); empty where there is none.
std::string textAt(const core::Json& members, const char* pointer);
/// The list below `pointer`, though it be one object or none at all.
std::vector<core::Json> listAt(const core::Json& members, const char* pointer);

std::string escaped(std::string_view text);

} // namespace matou::live::gb
