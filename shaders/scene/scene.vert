#version 460
#extension GL_GOOGLE_include_directive : require
#include "lib/frame.glsl"
#include "lib/geometry.glsl"
#include "lib/wind.glsl"

layout(constant_id = 0) const uint kMaterial = 0; // MATOU_USES_*
layout(constant_id = 2) const uint kMask = 0;

#define MATOU_CARRIES out
#include "lib/carried.glsl"

// The same places in both, to the bit: depth drawn ahead hides nothing that is seen (hidden_pass.h).
invariant gl_Position;

void main() {
    GpuDraw draw = push.draws.at[gl_BaseInstance];
    GpuInstance instance = InstanceRef(draw.instances).at[gl_InstanceIndex - gl_BaseInstance];
    MaterialRef material = MaterialRef(draw.material);
    GpuFeatureRow feature = featureOf(draw, instance);
    GpuStyle style = styleOf(feature.number);
    vec3 p = inPosition, n = inNormal.xyz, t = vec3(0);
    float turned = 1;
    vec2 uv = instanceUv(instance), uv1 = vec2(0);
    if ((kMaterial & MATOU_USES_EXTRAS) != 0u) {
        ExtraRef extra = ExtraRef(draw.extras);
        uint vertex = uint(gl_VertexIndex) - draw.firstVertex;
        n = directionFrom(extra.at[vertex].normal);
        uint bits = extra.at[vertex].tangent;
        t = directionFrom(bits & ~0x10000u);
        turned = (bits & 0x10000u) != 0u ? -1 : 1;
        uv1 = extra.at[vertex].uv;
    }
    if (draw.deform != 0ul) deform(draw, p, n, t);
    // Rows' cofactors: normals stay across the surface where an instance is scaled unevenly.
    vec3 c0 = cross(instance.row1.xyz, instance.row2.xyz), c1 = cross(instance.row2.xyz, instance.row0.xyz), c2 = cross(instance.row0.xyz, instance.row1.xyz);
    float mirrored = dot(instance.row0.xyz, c0) < 0 ? -1 : 1;
    vec3 normal = mat3(draw.eyeFromContent) * (vec3(dot(c0, n), dot(c1, n), dot(c2, n)) * mirrored);
    float size = length(normal);
    normal = size > 1e-30 ? normal / size : vec3(0);
    vec3 position = placed(draw, instance, p);
    vec4 color = material.at.baseColor * inColor * instanceColor(instance);
    vec4 surface = vec4(material.at.metallic, material.at.roughness, material.at.alphaCutoff, dot(inNormal.xyz, inNormal.xyz) < 0.01 ? 1 : 0);
    vec3 emissive = material.at.emissive;
    if (draw.role == MATOU_ROLE_PROP) emissive *= view.skyAmbient.w; // street lamps burn at night
    if (draw.role == MATOU_ROLE_VEGETATION && (kMaterial & 31u) == 0u) {
        // Leaves are drawn in the plant's own frame; see foliage.glsl.
        uv = inPosition.xy;
        color.w = inPosition.z;
        surface.x = inUv.x;
        if (kMask == 1u) { // sprays of leaves, cut by their own coordinates alone; see spray.glsl
            uv = uv1 = inUv;
            surface.x = inColor.w * 255;
        }
        position += windSway(position, inPosition.z, feature.seed);
    }
    carriedColor = color;
    carriedSurface = surface;
    carriedEmissive = emissive;
#ifdef MATOU_BARE
    carriedPlace = vec4(position, uv.x);
    carriedNormal = vec4(normal, uv.y);
    carriedIds = uvec4(feature.seed, feature.dress, style.tint, (draw.role & 0xffu) | style.flags << 24);
#else
    carriedPlace = position;
    carriedNormal = normal;
    carriedUv = uv;
    carriedUv1 = uv1;
    carriedTangent = vec4(mat3(draw.eyeFromContent) * rowsTimes(instance.row0, instance.row1, instance.row2, vec4(t, 0)), turned * mirrored);
    carriedIds = uvec4(feature.seed, (material.at.texture[MATOU_SLOT_BASE] & 0xffffu) | material.at.texture[MATOU_SLOT_METALLIC_ROUGHNESS] << 16,
                       (material.at.texture[MATOU_SLOT_NORMAL] & 0xffffu) | material.at.texture[MATOU_SLOT_EMISSIVE] << 16,
                       (material.at.texture[MATOU_SLOT_OCCLUSION] & 0xffffffu) | style.flags << 24);
    carriedRefs = uvec3(unpackUint2x32(draw.material), uint(gl_BaseInstance));
    carriedDress = feature.dress;
    carriedTint = tintFrom(style.tint);
#endif
    if (leftOut(style.flags)) {
        gl_Position = kOutside;
        return;
    }
    vec4 clip = view.clipFromEye * vec4(position, 1);
    clip.z *= 1 + min(draw.depthPull, draw.pullLimitMeters / max(clip.w, 1e-3));
    gl_Position = clip;
    gl_PointSize = 2;
}
