// Fetching a vertex of a draw: place, feature, style.
#extension GL_EXT_buffer_reference : require
#extension GL_EXT_buffer_reference2 : require

layout(buffer_reference, scalar, buffer_reference_align = 8) readonly buffer DrawRef { GpuDraw at[]; };
layout(buffer_reference, scalar, buffer_reference_align = 16) readonly buffer InstanceRef { GpuInstance at[]; };
layout(buffer_reference, scalar, buffer_reference_align = 16) readonly buffer MaterialRef { GpuMaterial at; };
layout(buffer_reference, scalar, buffer_reference_align = 8) readonly buffer FeatureRef { GpuFeatureRow at[]; };
layout(buffer_reference, scalar, buffer_reference_align = 8) readonly buffer StyleRef { GpuStyle at[]; };

layout(push_constant, scalar) uniform Push {
    DrawRef draws;
    StyleRef styles;
    uint styleCount;
    uint cascade;
} push;

layout(location = 0) in vec3 inPosition;
layout(location = 1) in vec4 inNormal;
layout(location = 2) in vec2 inUv;
layout(location = 3) in vec4 inColor;
layout(location = 4) in uint inFeature;

const uint kNoFeature = 0xffffffffu;
const uint kStyleHidden = 1u, kStyleSelected = 2u, kStyleGhosted = 4u;

GpuFeatureRow featureOf(GpuDraw draw, GpuInstance instance) {
    uint row = instance.feature != kNoFeature ? instance.feature : inFeature;
    if (row >= draw.featureRows) return GpuFeatureRow(0u, 0u);
    return draw.features == 0ul ? GpuFeatureRow(0u, 0u) : FeatureRef(draw.features).at[row];
}
GpuStyle styleOf(uint number) {
    if (number == 0u || number >= push.styleCount) return GpuStyle(0u, 0u);
    return push.styles.at[number];
}
vec3 eyePosition(GpuDraw draw, GpuInstance instance) {
    vec4 p = vec4(inPosition, 1);
    vec3 inContent = vec3(dot(instance.row0, p), dot(instance.row1, p), dot(instance.row2, p));
    return (draw.eyeFromContent * vec4(inContent, 1)).xyz;
}
// All corners of a hidden feature's triangles fall together outside of the picture.
const vec4 kOutside = vec4(2, 2, 2, 1);
