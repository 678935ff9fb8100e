#version 460
#extension GL_GOOGLE_include_directive : require
#include "lib/frame.glsl"
#include "lib/geometry.glsl"
#include "lib/wind.glsl"

layout(constant_id = 0) const uint kMaterial = 0; // MATOU_USES_*
layout(constant_id = 2) const uint kMask = 0;

layout(location = 0) out vec3 outPosition;
layout(location = 1) out vec3 outNormal;
layout(location = 2) out vec2 outUv;
layout(location = 3) out vec4 outColor;
layout(location = 4) flat out vec4 outSurface;  // metallic, roughness, alpha cutoff, 1 where the mesh has no normals
layout(location = 5) flat out vec3 outEmissive;
layout(location = 6) flat out uvec4 outIds;     // seed, base | metallic-roughness, normal | emissive, occlusion | flags << 24
layout(location = 7) flat out vec4 outTint;     // linear; w: strength
layout(location = 8) out vec2 outUv1;
layout(location = 9) out vec4 outTangent;
layout(location = 10) flat out uvec3 outRefs;   // material's address, draw

layout(location = 11) flat out uint outDress;  // GpuFeatureRow::dress

void main() {
    GpuDraw draw = push.draws.at[gl_BaseInstance];
    GpuInstance instance = InstanceRef(draw.instances).at[gl_InstanceIndex - gl_BaseInstance];
    MaterialRef material = MaterialRef(draw.material);
    GpuFeatureRow feature = featureOf(draw, instance);
    GpuStyle style = styleOf(feature.number);
    vec3 p = inPosition, n = inNormal.xyz, t = vec3(0);
    float turned = 1;
    outUv1 = vec2(0);
    if ((kMaterial & MATOU_USES_EXTRAS) != 0u) {
        ExtraRef extra = ExtraRef(draw.extras);
        uint vertex = uint(gl_VertexIndex) - draw.firstVertex;
        n = directionFrom(extra.at[vertex].normal);
        uint bits = extra.at[vertex].tangent;
        t = directionFrom(bits & ~0x10000u);
        turned = (bits & 0x10000u) != 0u ? -1 : 1;
        outUv1 = extra.at[vertex].uv;
    }
    if (draw.deform != 0ul) deform(draw, p, n, t);
    // Rows' cofactors: normals stay across the surface where an instance is scaled unevenly.
    vec3 c0 = cross(instance.row1.xyz, instance.row2.xyz), c1 = cross(instance.row2.xyz, instance.row0.xyz), c2 = cross(instance.row0.xyz, instance.row1.xyz);
    float mirrored = dot(instance.row0.xyz, c0) < 0 ? -1 : 1;
    outNormal = mat3(draw.eyeFromContent) * (vec3(dot(c0, n), dot(c1, n), dot(c2, n)) * mirrored);
    float size = length(outNormal);
    outNormal = size > 1e-30 ? outNormal / size : vec3(0);
    outTangent = vec4(mat3(draw.eyeFromContent) * rowsTimes(instance.row0, instance.row1, instance.row2, vec4(t, 0)), turned * mirrored);
    outPosition = placed(draw, instance, p);
    outUv = instanceUv(instance);
    outColor = material.at.baseColor * inColor * instanceColor(instance);
    outSurface = vec4(material.at.metallic, material.at.roughness, material.at.alphaCutoff, dot(inNormal.xyz, inNormal.xyz) < 0.01 ? 1 : 0);
    outEmissive = material.at.emissive;
    outIds = uvec4(feature.seed, (material.at.texture[MATOU_SLOT_BASE] & 0xffffu) | material.at.texture[MATOU_SLOT_METALLIC_ROUGHNESS] << 16,
                   (material.at.texture[MATOU_SLOT_NORMAL] & 0xffffu) | material.at.texture[MATOU_SLOT_EMISSIVE] << 16,
                   (material.at.texture[MATOU_SLOT_OCCLUSION] & 0xffffffu) | style.flags << 24);
    outRefs = uvec3(unpackUint2x32(draw.material), uint(gl_BaseInstance));
    outDress = feature.dress;
    if (draw.role == MATOU_ROLE_PROP) outEmissive *= view.skyAmbient.w; // street lamps burn at night
    if (draw.role == MATOU_ROLE_VEGETATION && (kMaterial & 31u) == 0u) {
        // Leaves are drawn in the plant's own frame; see foliage.glsl.
        outUv = inPosition.xy;
        outColor.w = inPosition.z;
        outSurface.x = inUv.x;
        if (kMask == 1u) { // sprays of leaves; see spray.glsl
            outUv1 = inUv;
            outSurface.x = inColor.w * 255;
        }
        outPosition += windSway(outPosition, inPosition.z, feature.seed);
    }
    vec4 tint = unpackUnorm4x8(style.tint);
    outTint = vec4(linearFromSrgb(tint.rgb), tint.a);
    if (leftOut(style.flags)) {
        gl_Position = kOutside;
        return;
    }
    vec4 clip = view.clipFromEye * vec4(outPosition, 1);
    clip.z *= 1 + min(draw.depthPull, draw.pullLimitMeters / max(clip.w, 1e-3));
    gl_Position = clip;
    gl_PointSize = 2;
}
