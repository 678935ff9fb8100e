#version 460
#extension GL_GOOGLE_include_directive : require
#include "lib/frame.glsl"
#include "lib/geometry.glsl"

layout(location = 0) out vec3 outPosition;
layout(location = 1) out vec3 outNormal;
layout(location = 2) out vec2 outUv;
layout(location = 3) out vec4 outColor;
layout(location = 4) flat out vec4 outSurface;  // metallic, roughness, alpha cutoff, 1 where the mesh has no normals
layout(location = 5) flat out vec3 outEmissive;
layout(location = 6) flat out uvec4 outIds;     // seed, base | metallic-roughness, normal | emissive, occlusion | flags << 24
layout(location = 7) flat out vec4 outTint;     // linear; w: strength

void main() {
    GpuDraw draw = push.draws.at[gl_BaseInstance];
    GpuInstance instance = InstanceRef(draw.instances).at[gl_InstanceIndex - gl_BaseInstance];
    GpuMaterial material = MaterialRef(draw.material).at;
    GpuFeatureRow feature = featureOf(draw, instance);
    GpuStyle style = styleOf(feature.number);
    vec3 p = eyePosition(draw, instance);
    vec3 n = vec3(dot(instance.row0.xyz, inNormal.xyz), dot(instance.row1.xyz, inNormal.xyz), dot(instance.row2.xyz, inNormal.xyz));
    outNormal = mat3(draw.eyeFromContent) * n;
    outPosition = p;
    outUv = inUv;
    outColor = material.baseColor * inColor;
    outSurface = vec4(material.metallic, material.roughness, material.alphaCutoff, dot(inNormal.xyz, inNormal.xyz) < 0.01 ? 1 : 0);
    outEmissive = material.emissive;
    outIds = uvec4(feature.seed, material.baseColorTexture | material.metallicRoughnessTexture << 16,
                   material.normalTexture | material.emissiveTexture << 16, material.occlusionTexture | style.flags << 24);
    vec4 tint = unpackUnorm4x8(style.tint);
    outTint = vec4(linearFromSrgb(tint.rgb), tint.a);
    if ((style.flags & kStyleHidden) != 0u) {
        gl_Position = kOutside;
        return;
    }
    vec4 clip = view.clipFromEye * vec4(p, 1);
    clip.z *= 1 + min(draw.depthPull, draw.pullLimitMeters / max(clip.w, 1e-3));
    gl_Position = clip;
    gl_PointSize = 2;
}
