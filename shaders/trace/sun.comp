// How much of the sun's disc each pixel sees: a ray from the eye finds the place, rays from there find what stands between.
#version 460
#extension GL_GOOGLE_include_directive : require
#extension GL_EXT_scalar_block_layout : require
#extension GL_EXT_shader_explicit_arithmetic_types_int64 : require
#extension GL_EXT_buffer_reference : require
#extension GL_EXT_buffer_reference2 : require
#extension GL_EXT_buffer_reference_uvec2 : require
#ifdef RAY_QUERY
#extension GL_EXT_ray_query : require
#endif
#include "shared/gpu_types.h"
#include "lib/trace.glsl"

layout(local_size_x = 8, local_size_y = 8) in;

shared uint shares[64];

uint open(vec3 from, uint begin, uint end) {
    uint count = 0;
    for (uint i = begin; i < end; ++i)
        if (!blocked(from, trace.disc[i].xyz, trace.shadeMeters)) ++count;
    return count;
}

uint shareOfSun(uvec2 pixel) {
    vec3 ray = normalize(trace.firstPixel.xyz + float(pixel.x) * trace.right.xyz + float(pixel.y) * trace.down.xyz);
    Seen seen = nearest(ray, trace.seenMeters);
    if (!seen.hit) return 255u; // sky
    vec3 normal = dot(seen.normal, ray) > 0 ? -seen.normal : seen.normal;
    if (dot(normal, trace.light.xyz) <= 0) return 0u;
    // Off the surface: a place in the distance is known to a millionth of it.
    vec3 from = ray * seen.meters + normal * max(trace.liftMeters, 1e-6 * seen.meters);
    uint first = open(from, 0u, MATOU_DISC_RIM);
    if (first == 0u) return 0u;
    if (first == MATOU_DISC_RIM) return 255u;
    return (open(from, MATOU_DISC_RIM, MATOU_DISC_RIM + MATOU_DISC_ALL) * 510u + MATOU_DISC_ALL) / (2u * MATOU_DISC_ALL); // rounded
}

void main() {
    uvec2 pixel = gl_GlobalInvocationID.xy + uvec2(0u, push.firstRow);
    bool inside = pixel.x < trace.width && pixel.y < trace.height;
    shares[gl_LocalInvocationIndex] = inside ? shareOfSun(pixel) : 0u;
    barrier();
    uint word = pixel.x / 4u;
    if ((gl_LocalInvocationID.x & 3u) != 0u || pixel.y >= trace.height || word >= trace.wordsPerRow) return;
    uint first = gl_LocalInvocationIndex;
    MaskRef(trace.mask).at[pixel.y * trace.wordsPerRow + word] =
        shares[first] | shares[first + 1u] << 8 | shares[first + 2u] << 16 | shares[first + 3u] << 24;
}
