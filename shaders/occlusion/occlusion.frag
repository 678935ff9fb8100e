#version 460
#extension GL_GOOGLE_include_directive : require
#include "lib/frame.glsl"

// Ground-truth ambient occlusion: Jimenez, Wu, Pesce, Jarabo (2016), "Practical real-time strategies for accurate indirect
// occlusion": for some directions of the picture, the share of the cosine-weighted half circle between the two horizons.
layout(constant_id = 0) const uint kSlices = 2;
layout(constant_id = 1) const uint kSteps = 3;
layout(constant_id = 2) const uint kContactSteps = 0; // 0: no contact shadows
layout(set = 0, binding = 9) uniform sampler2D depthMap;
layout(location = 0) in vec2 ndc;
layout(location = 0) out vec4 outOcclusion; // visible share, distance along the view, share of the sun that is held back close by

float distanceAt(ivec2 p) {
    p = clamp(p, ivec2(0), ivec2(view.target.zw) - 1);
    return view.clipFromEye[3].z / max(texelFetch(depthMap, p, 0).r, 1e-9);
}
vec3 placeAt(ivec2 p, float along) {
    vec2 n = (vec2(p) + 0.5) / view.target.zw * 2 - 1;
    return (view.eyeFromClipFar * vec4(n, 1, 0)).xyz * along;
}
vec3 placeAt(ivec2 p) { return placeAt(p, distanceAt(p)); }

// The nearer neighbour on each axis tells the surface: at an edge the other one lies on something else.
vec3 normalAt(ivec2 p, vec3 here, float along) {
    float l = distanceAt(p - ivec2(1, 0)), r = distanceAt(p + ivec2(1, 0));
    float u = distanceAt(p - ivec2(0, 1)), d = distanceAt(p + ivec2(0, 1));
    vec3 dx = abs(1 / r - 1 / along) < abs(1 / along - 1 / l) ? placeAt(p + ivec2(1, 0), r) - here : here - placeAt(p - ivec2(1, 0), l);
    vec3 dy = abs(1 / d - 1 / along) < abs(1 / along - 1 / u) ? placeAt(p + ivec2(0, 1), d) - here : here - placeAt(p - ivec2(0, 1), u);
    vec3 n = cross(dx, dy);
    n *= inversesqrt(max(dot(n, n), 1e-20));
    return dot(n, here) > 0 ? -n : n;
}

// The same for where layers lie close over each other: 1 / distance is linear on a plane, so the side that goes on as it begins is the surface.
vec3 planeAt(ivec2 p, vec3 here, float along) {
    vec3 away[2];
    for (int axis = 0; axis < 2; ++axis) {
        ivec2 o = axis == 0 ? ivec2(1, 0) : ivec2(0, 1);
        float before = distanceAt(p - o), after = distanceAt(p + o);
        float offBefore = abs(2 / before - 1 / distanceAt(p - 2 * o) - 1 / along), offAfter = abs(2 / after - 1 / distanceAt(p + 2 * o) - 1 / along);
        away[axis] = offAfter < offBefore ? placeAt(p + o, after) - here : here - placeAt(p - o, before);
    }
    vec3 n = cross(away[0], away[1]);
    n *= inversesqrt(max(dot(n, n), 1e-20));
    return dot(n, here) > 0 ? -n : n;
}

// Contact shadows: what the maps are too coarse for at the foot of things. A walk over the picture towards the sun, 1 / distance
// linear along it, against surfaces taken to be of some thickness: McGuire, Mara (2014), "Efficient GPU screen-space ray
// tracing". What holds light back must stand above the plane of what is lit, so that flat ground never shades itself.
const float kContactMeters = 0.75, kContactThickness = 0.15, kContactLook = 2;
const float kContactFades = 45, kContactEnds = 60; // metres from the eye
float heldBackFromSun(ivec2 p, vec3 here, float along) {
    float near = 1 - smoothstep(kContactFades, kContactEnds, length(here));
    if (near <= 0) return 0;
    vec3 light = view.sun.xyz, normal = planeAt(p, here, along);
    if (dot(normal, light) <= 0) return 0;
    float size = min(kContactMeters, 0.5 * along / max(-dot(light, view.forward.xyz), 1e-4)); // never past the eye
    vec4 end = view.clipFromEye * vec4(here + light * size, 1);
    vec2 from = vec2(p) + 0.5, way = (end.xy / end.w * 0.5 + 0.5) * view.target.zw - from;
    float texels = length(way), reach = min(texels, view.occlusion.z), held = 0;
    if (reach < 1.5) return 0;
    float start = float(2 * (p.x & 1) ^ 3 * (p.y & 1)) * 0.25 + 0.125; // 2 x 2 starts, as above anchored and drawn together
    // Paint and greens lie up to 3 cm over what they lie on, and layers are drawn nearer than that.
    float rise = 0.035 + 0.001 * along * abs(dot(normal, here)) / length(here);
    for (uint i = 0; i < kContactSteps; ++i) {
        float gone = max((float(i) + start) / float(kContactSteps) * reach, 1.0);
        ivec2 q = ivec2(floor(from + way * (gone / texels)));
        float there = distanceAt(q), behind = 1 / mix(1 / along, 1 / end.w, gone / texels) - there;
        if (behind < 0.01 || behind > kContactLook) continue;
        vec3 holder = placeAt(q, there);
        if (dot(holder - here, normal) < rise) continue;
        // Behind what stands: no deeper than a post is thick. Below what lies, seen at a slant: not deeper than that straight in.
        if (behind > kContactThickness) {
            vec3 face = normalAt(q, holder, there);
            if (dot(face, normal) < 0.7 || -dot(face, holder) * behind > kContactThickness * there) continue;
        }
        held = max(held, 1 - smoothstep(0.6, 1.0, gone / reach));
    }
    return held * near;
}

void main() {
    ivec2 p = ivec2(gl_FragCoord.xy);
    float along = distanceAt(p);
    outOcclusion = vec4(1, min(along, 6e4), 0, 0);
    if (along > 4000) return;
    vec3 here = placeAt(p, along), toEye = normalize(-here), normal = normalAt(p, here, along);
    // A 4 x 4 pattern of directions and starts, anchored to the image plane; the next pass draws each 4 x 4 together.
    uint cell = uint(p.x & 3) + 4u * uint(p.y & 3);
    float turn = float(cell * 5u % 16u) / 16, start = float(cell * 11u % 16u + 1u) / 17;
    if (kContactSteps > 0u && view.effects.w > 0) outOcclusion.z = heldBackFromSun(p, here, along);
    vec3 right = normalize(view.eyeFromClipFar[0].xyz), down = normalize(view.eyeFromClipFar[1].xyz);
    // Rooms and yards near by, streets from afar; never more than the margin around the picture holds.
    float perMeter = view.target.z / (2 * length(view.eyeFromClipFar[0].xyz) * along);
    float radius = clamp(0.04 * along, 1.5, 14.0);
    float reach = min(radius * perMeter, view.occlusion.z);
    if (reach < 1.5) return;
    radius = reach / perMeter;
    float visible = 0;
    for (uint s = 0; s < kSlices; ++s) {
        float phi = (float(s) + turn) * kPi / float(kSlices);
        vec2 omega = vec2(cos(phi), sin(phi));
        vec3 direction = right * omega.x + down * omega.y;
        vec3 flatDirection = direction - toEye * dot(direction, toEye);
        vec3 axis = normalize(cross(flatDirection, toEye));
        vec3 projected = normal - axis * dot(normal, axis);
        float size = length(projected);
        float cosine = clamp(dot(projected, toEye) / max(size, 1e-5), 0.0, 1.0);
        float n = sign(dot(flatDirection, projected)) * acos(cosine);
        vec2 low = vec2(cos(n + 0.5 * kPi), cos(n - 0.5 * kPi)), high = low;
        for (uint i = 0; i < kSteps; ++i) {
            float t = (float(i) + start) / float(kSteps);
            ivec2 step = ivec2(round(omega * max(t * t * reach, float(i) + 1.0)));
            for (int side = 0; side < 2; ++side) {
                vec3 to = placeAt(side == 0 ? p + step : p - step) - here;
                float far = length(to);
                float horizon = dot(to, toEye) / max(far, 1e-4);
                horizon = mix(horizon, low[side], smoothstep(0.5, 1.0, far / radius));
                high[side] = max(high[side], horizon);
            }
        }
        float h0 = acos(clamp(high.x, -1.0, 1.0)), h1 = -acos(clamp(high.y, -1.0, 1.0));
        float arc = 2 * cosine + 2 * (h0 + h1) * sin(n) - cos(2 * h0 - n) - cos(2 * h1 - n);
        visible += size * arc * 0.25;
    }
    outOcclusion.x = clamp(visible / float(kSlices), 0.0, 1.0);
}
