#pragma once
// Bodies that are stored gzipped (as tile servers keep them, with or without saying so in a header).

#include "core/result.h"
#include "io/byte_source.h"

namespace matou::io {

/// The bytes themselves, unless they begin as gzip does: then what is in it, all members, once (no gzip within). Bytes behind the
/// last member are ignored. Errors `WHERE:byte N`: E_GZIP_BROKEN, E_GZIP_RATIO, E_FILE_LIMIT.
core::Result<Bytes> unpackedGzip(Bytes bytes, const std::string& where, const Limits& limits);

} // namespace matou::io
