// Herds: what the host writes for a draw by itself is made here for each object, at the object's own place, so the order is
// that of the tables, whatever runs first. MATOU_EXPAND: the GpuDraw; else the command, of no instances where the object's box
// lies wholly outside of what the pass shows, or behind what hides it (render/passes/hidden_pass.h).
#version 460
#extension GL_GOOGLE_include_directive : require
#extension GL_EXT_scalar_block_layout : require
#extension GL_EXT_shader_explicit_arithmetic_types_int64 : require
#extension GL_EXT_buffer_reference : require
#extension GL_EXT_buffer_reference2 : require
#include "shared/gpu_types.h"

layout(local_size_x = MATOU_HERD_GROUP) in;

layout(buffer_reference, scalar, buffer_reference_align = 8) readonly buffer HerdRef { GpuHerd at[]; };
layout(buffer_reference, scalar, buffer_reference_align = 8) readonly buffer ObjectRef { GpuObject at[]; };
layout(buffer_reference, scalar, buffer_reference_align = 8) readonly buffer PatternRef { GpuDraw at; };
layout(buffer_reference, scalar, buffer_reference_align = 8) writeonly buffer DrawRef { GpuDraw at[]; };
layout(buffer_reference, scalar, buffer_reference_align = 4) writeonly buffer CommandRef { uint at[]; };
layout(buffer_reference, scalar, buffer_reference_align = 4) buffer WordRef { uint at[]; };
layout(buffer_reference, scalar, buffer_reference_align = 8) readonly buffer CullRef { GpuCull at; };
layout(buffer_reference, scalar, buffer_reference_align = 4) readonly buffer DepthRef { float at[]; };
layout(push_constant, scalar) uniform Push { CullRef cull; } push;

/// The herd that this work group belongs to: the last one that begins at it or before.
uint herdOf(uint group) {
    uint low = 0u, high = push.cull.at.herdCount;
    while (high - low > 1u) {
        uint middle = (low + high) / 2u;
        if (HerdRef(push.cull.at.herds).at[middle].firstGroup <= group) low = middle;
        else high = middle;
    }
    return low;
}

#ifdef MATOU_EXPAND
void writeFor(uint herd, uint i) {
    HerdRef herds = HerdRef(push.cull.at.herds);
    ObjectRef objects = ObjectRef(herds.at[herd].objects);
    DrawRef draws = DrawRef(herds.at[herd].draws);
    // By words: whatever else a draw has is the herd's.
    WordRef from = WordRef(herds.at[herd].pattern), to = WordRef(herds.at[herd].draws);
    for (uint w = 0u; w < MATOU_DRAW_WORDS; ++w) to.at[i * MATOU_DRAW_WORDS + w] = from.at[w];
    draws.at[i].instances = objects.at[i].instances;
    draws.at[i].material = objects.at[i].material;
    draws.at[i].extras = objects.at[i].extras;
    draws.at[i].firstVertex = objects.at[i].vertexOffset;
}
#else
/// False only where the box lies wholly outside; roundings keep it in.
bool touches(mat4 m, vec3 minimum, vec3 maximum) {
    vec3 center = (m * vec4((minimum + maximum) * 0.5, 1)).xyz, extent = (maximum - minimum) * 0.5;
    for (uint p = 0u; p < push.cull.at.planeCount; ++p) {
        vec4 plane = push.cull.at.planes[p];
        float reach = dot(abs(plane.xyz * mat3(m)), extent);
        float slack = 1e-5 * (dot(abs(plane.xyz), abs(center)) + abs(plane.w) + reach);
        if (dot(plane.xyz, center) + plane.w < -reach - slack) return false;
    }
    return true;
}

/// Pixels that the box may cover and the depth of its nearest corner; false where a corner is nearer than the picture begins.
bool boundsOf(mat4 clipFromContent, vec3 minimum, vec3 maximum, out vec4 rect, out float nearest) {
    rect = vec4(1e9, 1e9, -1e9, -1e9);
    nearest = 0;
    for (int corner = 0; corner < 8; ++corner) {
        vec3 p = mix(minimum, maximum, vec3(corner & 1, corner >> 1 & 1, corner >> 2));
        vec4 clip = clipFromContent * vec4(p, 1);
        if (clip.w <= clip.z * 1.001) return false;
        vec2 at = (clip.xy / clip.w * 0.5 + 0.5) * push.cull.at.pixels;
        rect = vec4(min(rect.xy, at), max(rect.zw, at));
        nearest = max(nearest, clip.z / clip.w);
    }
    return true;
}

/// Behind all tiles that it may cover; a line or a point is a pixel wider than its box.
bool hidden(vec4 rect, float nearest) {
    ivec2 count = (ivec2(push.cull.at.pixels) + MATOU_HIDDEN_TILE - 1) / MATOU_HIDDEN_TILE;
    ivec2 first = clamp(ivec2(floor((rect.xy - 2) / MATOU_HIDDEN_TILE)), ivec2(0), count - 1);
    ivec2 last = clamp(ivec2(floor((rect.zw + 2) / MATOU_HIDDEN_TILE)), ivec2(0), count - 1);
    ivec2 span = last - first + 1;
    if (span.x * span.y > 256) return false; // what is as large is sooner drawn than looked for
    float least = nearest * 1.0001;
    for (int y = first.y; y <= last.y; ++y)
        for (int x = first.x; x <= last.x; ++x)
            if (least >= DepthRef(push.cull.at.tiles).at[y * count.x + x]) return false;
    return true;
}

/// Neither too small nor hidden, as far as that is asked for. What the wind sways or the depth pull moves is where its box is not.
bool counts(PatternRef pattern, vec3 minimum, vec3 maximum) {
    if (push.cull.at.leastPixels == 0 && push.cull.at.tiles == 0ul) return true;
    if (pattern.at.role == MATOU_ROLE_VEGETATION || pattern.at.depthPull != 0) return true;
    vec4 rect;
    float nearest;
    if (!boundsOf(push.cull.at.clipFromEye * pattern.at.eyeFromContent, minimum, maximum, rect, nearest)) return true;
    if (max(rect.z - rect.x, rect.w - rect.y) < push.cull.at.leastPixels) return false;
    return push.cull.at.tiles == 0ul || !hidden(rect, nearest);
}

void writeFor(uint herd, uint i) {
    HerdRef herds = HerdRef(push.cull.at.herds);
    ObjectRef objects = ObjectRef(herds.at[herd].objects);
    PatternRef pattern = PatternRef(herds.at[herd].pattern);
    CommandRef commands = CommandRef(herds.at[herd].commands);
    bool seen = touches(pattern.at.eyeFromContent, objects.at[i].minimum, objects.at[i].maximum) &&
                counts(pattern, objects.at[i].minimum, objects.at[i].maximum);
    uint word = i * 5u;
    commands.at[word] = objects.at[i].indexCount;
    commands.at[word + 1u] = seen ? objects.at[i].instanceCount : 0u;
    commands.at[word + 2u] = objects.at[i].firstIndex;
    commands.at[word + 3u] = objects.at[i].vertexOffset;
    commands.at[word + 4u] = herds.at[herd].firstDraw + i;
}
#endif

void main() {
    uint group = gl_WorkGroupID.x + gl_WorkGroupID.y * gl_NumWorkGroups.x;
    uint herd = herdOf(group);
    uint i = (group - HerdRef(push.cull.at.herds).at[herd].firstGroup) * MATOU_HERD_GROUP + gl_LocalInvocationID.x;
    if (i < HerdRef(push.cull.at.herds).at[herd].count) writeFor(herd, i);
}
