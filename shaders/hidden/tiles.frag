// The farthest depth of each tile of the picture, over all samples: what lies behind it is hidden in all of the tile.
#version 460
#extension GL_GOOGLE_include_directive : require
#include "lib/frame.glsl"

layout(constant_id = 0) const int kSamples = 1;
#ifdef MULTISAMPLED
layout(set = 0, binding = 4) uniform sampler2DMS depth;
#else
layout(set = 0, binding = 4) uniform sampler2D depth;
#endif
layout(location = 0) out float outFarthest;

void main() {
    ivec2 first = ivec2(view.target.xy) + ivec2(gl_FragCoord.xy) * MATOU_HIDDEN_TILE;
    ivec2 end = min(first + MATOU_HIDDEN_TILE, ivec2(view.target.xy + view.target.zw));
    float farthest = 1; // reversed: the least
    for (int y = first.y; y < end.y; ++y)
        for (int x = first.x; x < end.x; ++x)
#ifdef MULTISAMPLED
            for (int s = 0; s < kSamples; ++s) farthest = min(farthest, texelFetch(depth, ivec2(x, y), s).r);
#else
            farthest = min(farthest, texelFetch(depth, ivec2(x, y), 0).r);
#endif
    outFarthest = farthest;
}
