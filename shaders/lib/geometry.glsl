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
#ifndef MATOU_POSITIONS_ONLY
layout(location = 1) in vec4 inNormal;
layout(location = 2) in vec2 inUv;
layout(location = 3) in vec4 inColor;
#endif
layout(location = 4) in uint inFeature;

const uint kNoFeature = 0xffffffffu;
const uint kStyleHidden = 1u, kStyleSelected = 2u, kStyleGhosted = 4u;

// Members one by one: glslang 12 copies whole structs out of buffer references with a type that validation refuses.
GpuFeatureRow featureOf(GpuDraw draw, GpuInstance instance) {
    uint row = instance.feature != kNoFeature ? instance.feature : inFeature;
    GpuFeatureRow feature = GpuFeatureRow(0u, 0u);
    if (row < draw.featureRows) {
        feature.number = FeatureRef(draw.features).at[row].number;
        feature.seed = FeatureRef(draw.features).at[row].seed;
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
vec3 eyePosition(GpuDraw draw, GpuInstance instance) {
    vec4 p = vec4(inPosition, 1);
    vec3 inContent = vec3(dot(instance.row0, p), dot(instance.row1, p), dot(instance.row2, p));
    return (draw.eyeFromContent * vec4(inContent, 1)).xyz;
}
// All corners of a hidden feature's triangles fall together outside of the picture.
const vec4 kOutside = vec4(2, 2, 2, 1);
