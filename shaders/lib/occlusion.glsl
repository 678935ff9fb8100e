// Light that something close by holds back at a pixel of the scene: what the occlusion pass found around, on the same surface.
layout(set = 0, binding = 11) uniform sampler2D occlusionMap;

// x: share of the light from all around that comes; y: share of the sun's that contact shadows keep out, 0 exactly where there is none.
vec2 occlusionAt(vec3 p) {
    if (view.occlusion.w == 0) return vec2(1, 0);
    float along = dot(p, view.forward.xyz);
    vec2 at = (gl_FragCoord.xy + view.occlusion.xy) * view.occlusion.w - 0.5, base = floor(at), part = at - base, sum = vec2(0);
    float slack = 1 / (0.02 * along + 0.05 + 2 * fwidth(along)), weights = 0;
    for (int i = 0; i < 4; ++i) {
        ivec2 o = ivec2(i & 1, i >> 1);
        vec3 there = texelFetch(occlusionMap, ivec2(base) + o, 0).xyz;
        float w = (o.x == 1 ? part.x : 1 - part.x) * (o.y == 1 ? part.y : 1 - part.y);
        w = w * max(1 - abs(there.y - along) * slack, 0.0) + 1e-4;
        sum += there.xz * w;
        weights += w;
    }
    return sum / weights;
}
