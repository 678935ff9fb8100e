// The bindless table (resident/texture_table.h) and the slots that always exist.
#extension GL_EXT_nonuniform_qualifier : require
layout(set = 1, binding = 0) uniform sampler2D textures[];
const uint kWhiteTexture = 0u, kMissingTexture = 1u, kFlatNormalTexture = 2u, kSplitSumTexture = 3u;
