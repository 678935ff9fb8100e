// Herds: what the host writes for a draw by itself is made here for each object, at the object's own place, so the order is
// that of the tables, whatever runs first. MATOU_EXPAND: the GpuDraw; else the command, of no instances where the object's box
// lies wholly outside.
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

void writeFor(uint herd, uint i) {
    HerdRef herds = HerdRef(push.cull.at.herds);
    ObjectRef objects = ObjectRef(herds.at[herd].objects);
    CommandRef commands = CommandRef(herds.at[herd].commands);
    bool seen = touches(PatternRef(herds.at[herd].pattern).at.eyeFromContent, objects.at[i].minimum, objects.at[i].maximum);
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
