// Fetching a vertex of a draw: place, feature, style.
#include "lib/records.glsl"

layout(location = 0) in vec3 inPosition;
#ifndef MATOU_POSITIONS_ONLY
layout(location = 1) in vec4 inNormal;
#endif
#if !defined(MATOU_POSITIONS_ONLY) || defined(MATOU_MASKED)
layout(location = 2) in vec2 inUv;
layout(location = 3) in vec4 inColor;
#endif
layout(location = 4) in uint inFeature;

const uint kNoFeature = 0xffffffffu;
const uint kStyleHidden = 1u, kStyleSelected = 2u, kStyleGhosted = 4u, kStyleMarkShift = 3u, kStyleMarkMask = 7u << 3u;
bool leftOut(uint flags) { return (flags & kStyleHidden) != 0u || (push.onlyFlags != 0u && (flags & push.onlyFlags) == 0u); }

// Members one by one: glslang 12 copies whole structs out of buffer references with a type that validation refuses.
GpuFeatureRow featureOf(GpuDraw draw, GpuInstance instance) {
    uint row = instance.feature != kNoFeature ? instance.feature : inFeature;
    GpuFeatureRow feature = GpuFeatureRow(0u, 0u, 0u);
    if (row < draw.featureRows) {
        feature.number = FeatureRef(draw.features).at[row].number;
        feature.seed = FeatureRef(draw.features).at[row].seed;
        feature.dress = FeatureRef(draw.features).at[row].dress;
    }
    return feature;
}
GpuStyle styleOf(uint number) {
    GpuStyle style = GpuStyle(0u, 0u);
    if (number != 0u && number < push.styleCount) {
        style.tint = push.styles.at[number].tint;
        style.flags = push.styles.at[number].flags;
    }
    return style;
}

vec3 rowsTimes(vec4 a, vec4 b, vec4 c, vec4 v) { return vec3(dot(a, v), dot(b, v), dot(c, v)); }

// Moves a vertex as its morph targets and joints say (glTF 2.0, 3.7.2.2 and 3.7.3). Directions are turned alike; joints that
// scale unevenly would need the inverse transpose, and the error is a tilt of the normal only.
void deform(GpuDraw draw, inout vec3 position, inout vec3 normal, inout vec3 tangent) {
    DeformRef d = DeformRef(draw.deform);
    uint vertex = uint(gl_VertexIndex) - draw.firstVertex;
    if (d.at.morph != 0ul) {
        for (uint t = 0; t < d.at.targets; ++t) {
            float weight = FloatRef(d.at.weights).at[t];
            if (weight == 0) continue;
            uint first = (t * d.at.vertices + vertex) * 6u;
            FloatRef delta = FloatRef(d.at.morph);
            position += weight * vec3(delta.at[first], delta.at[first + 1], delta.at[first + 2]);
            normal += weight * vec3(delta.at[first + 3], delta.at[first + 4], delta.at[first + 5]);
        }
    }
    if (d.at.joints == 0ul) return;
    JointsRef j = JointsRef(d.at.joints);
    uint a = j.at[vertex].joints01, b = j.at[vertex].joints23;
    vec4 w = j.at[vertex].weights;
    uint joints[4] = uint[](a & 0xffffu, a >> 16, b & 0xffffu, b >> 16);
    vec4 row0 = vec4(0), row1 = vec4(0), row2 = vec4(0);
    RowRef rows = RowRef(d.at.matrices);
    for (int i = 0; i < 4; ++i) {
        if (w[i] == 0) continue;
        row0 += w[i] * rows.at[joints[i] * 3u];
        row1 += w[i] * rows.at[joints[i] * 3u + 1u];
        row2 += w[i] * rows.at[joints[i] * 3u + 2u];
    }
    position = rowsTimes(row0, row1, row2, vec4(position, 1));
    normal = rowsTimes(row0, row1, row2, vec4(normal, 0));
    tangent = rowsTimes(row0, row1, row2, vec4(tangent, 0));
}

vec3 placed(GpuDraw draw, GpuInstance instance, vec3 position) {
    vec3 inContent = rowsTimes(instance.row0, instance.row1, instance.row2, vec4(position, 1));
    return (draw.eyeFromContent * vec4(inContent, 1)).xyz;
}
vec3 eyePosition(GpuDraw draw, GpuInstance instance) {
    vec3 p = inPosition, n = vec3(0), t = vec3(0);
    if (draw.deform != 0ul) deform(draw, p, n, t);
    return placed(draw, instance, p);
}
// Octahedral direction in two times 16 bits.
vec3 directionFrom(uint bits) {
    vec2 e = unpackSnorm2x16(bits);
    vec3 v = vec3(e, 1 - abs(e.x) - abs(e.y));
    if (v.z < 0) v.xy = (1 - abs(v.yx)) * vec2(v.x >= 0 ? 1 : -1, v.y >= 0 ? 1 : -1);
    return normalize(v);
}
#ifndef MATOU_POSITIONS_ONLY
vec4 instanceColor(GpuInstance instance) {
    return unpackUnorm4x8(inNormal.z > 0.7 ? instance.topColor : instance.color);
}
/// Metres on a unit box that the instance makes a building of: along the wall and up.
vec2 instanceUv(GpuInstance instance) {
    if (instance.uvFollowsScale == 0u) return inUv;
    vec3 x = vec3(instance.row0.x, instance.row1.x, instance.row2.x), y = vec3(instance.row0.y, instance.row1.y, instance.row2.y),
         z = vec3(instance.row0.z, instance.row1.z, instance.row2.z);
    return inUv * vec2(length(abs(inNormal.x) > 0.7 ? y : x), length(z));
}
#endif
// All corners of a hidden feature's triangles fall together outside of the picture.
const vec4 kOutside = vec4(2, 2, 2, 1);

#ifdef MATOU_MASKED
// What passes without shading need to cut the holes of a mask.
layout(location = 2) out vec2 outMaskUv;
layout(location = 3) out float outMaskAlpha;
layout(location = 4) flat out uint outMaskTexture;
layout(location = 5) flat out float outMaskCutoff;
void maskFrom(GpuDraw draw) {
    MaterialRef m = MaterialRef(draw.material);
    uint number = m.at.texture[MATOU_SLOT_BASE];
    if (draw.role == MATOU_ROLE_VEGETATION && (number & 0x7fffffffu) == 0u) { // no texture: sprays of leaves
        outMaskUv = inUv;
        outMaskAlpha = 1;
        outMaskTexture = 0x80000000u | uint(inColor.w * 255 + 0.5);
        outMaskCutoff = 0.5;
        return;
    }
    vec2 at = inUv;
    if ((number & 0x80000000u) != 0u && draw.extras != 0ul) at = ExtraRef(draw.extras).at[uint(gl_VertexIndex) - draw.firstVertex].uv;
    vec4 k = m.at.textureMatrix[MATOU_SLOT_BASE];
    outMaskUv = mat2(k.xy, k.zw) * at + m.at.textureOffset[MATOU_SLOT_BASE];
    outMaskAlpha = m.at.baseColor.a * inColor.a;
    outMaskTexture = number & 0x7fffffffu;
    outMaskCutoff = m.at.alphaCutoff;
}
#endif
