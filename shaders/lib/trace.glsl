// Rays against the triangles of the placed contents: by the device's own means (RAY_QUERY), or trees of boxes that are walked here.

layout(buffer_reference, scalar, buffer_reference_align = 8) readonly buffer TraceRef { GpuTrace at; };
layout(buffer_reference, scalar, buffer_reference_align = 8) readonly buffer TraceContentRef { GpuTraceContent at[]; };
layout(buffer_reference, scalar, buffer_reference_align = 4) readonly buffer NodeRef { GpuTraceNode at[]; };
layout(buffer_reference, scalar, buffer_reference_align = 4) readonly buffer CornerRef { vec3 at[]; };
layout(buffer_reference, scalar, buffer_reference_align = 4) readonly buffer BitsRef { uint at[]; };
layout(buffer_reference, scalar, buffer_reference_align = 4) writeonly buffer MaskRef { uint at[]; };

layout(push_constant, scalar) uniform Push {
    TraceRef trace;
    uint firstRow;
} push;
#define trace push.trace.at

struct Seen {
    bool hit;
    float meters;
    vec3 normal; // unit, of the triangle's front
};

// A corner may fall on the eye's side or the other: the normal goes by the inverse transpose of eyeFromLocal.
vec3 normalOf(uint content, uint triangle, vec3 facing) {
    TraceContentRef contents = TraceContentRef(trace.contents);
    CornerRef corners = CornerRef(contents.at[content].corners);
    vec3 a = corners.at[3u * triangle], b = corners.at[3u * triangle + 1u], c = corners.at[3u * triangle + 2u];
    vec3 n = cross(b - a, c - a);
    n = n.x * contents.at[content].localFromEye[0].xyz + n.y * contents.at[content].localFromEye[1].xyz +
        n.z * contents.at[content].localFromEye[2].xyz;
    float square = dot(n, n);
    return square > 0 ? n * inversesqrt(square) : facing; // too small for floats
}

bool isHidden(uint64_t hidden, uint triangle) {
    return hidden != 0ul && (BitsRef(hidden).at[triangle >> 5] >> (triangle & 31u) & 1u) != 0u;
}

struct Found {
    float meters; // the bound where nothing was found
    uint content, triangle;
    bool hit;
};

#ifdef RAY_QUERY

Found castRay(vec3 origin, vec3 direction, float most, uint kinds, bool any) {
    rayQueryEXT query;
    rayQueryInitializeEXT(query, accelerationStructureEXT(trace.scene), any ? gl_RayFlagsTerminateOnFirstHitEXT : gl_RayFlagsNoneEXT, kinds,
                          origin, 0, direction, most);
    while (rayQueryProceedEXT(query)) { // stops at contents only of which something is hidden
        uint content = rayQueryGetIntersectionInstanceCustomIndexEXT(query, false), triangle = rayQueryGetIntersectionPrimitiveIndexEXT(query, false);
        if (!isHidden(TraceContentRef(trace.contents).at[content].hidden, triangle)) rayQueryConfirmIntersectionEXT(query);
    }
    if (rayQueryGetIntersectionTypeEXT(query, true) == gl_RayQueryCommittedIntersectionNoneEXT) return Found(most, 0u, 0u, false);
    return Found(rayQueryGetIntersectionTEXT(query, true), rayQueryGetIntersectionInstanceCustomIndexEXT(query, true),
                 rayQueryGetIntersectionPrimitiveIndexEXT(query, true), true);
}

#else

// A ray in a content's frame. Its direction is not normalised there, so distances along it stay metres. The last two
// turn and shear space so that the ray runs along z: Woop, Benthin, Wald, "Watertight Ray/Triangle Intersection", 2013.
struct LocalRay {
    vec3 origin, inverse;
    ivec3 axes;
    vec3 shear;
};

LocalRay localRay(vec3 origin, vec3 direction) {
    LocalRay ray;
    ray.origin = origin;
    // No axis is quite parallel: 0 * infinity would be no number.
    vec3 d = mix(direction, vec3(1e-20), lessThan(abs(direction), vec3(1e-20)));
    ray.inverse = 1 / d;
    vec3 size = abs(d);
    ray.axes.z = size.x > size.y ? (size.x > size.z ? 0 : 2) : (size.y > size.z ? 1 : 2);
    ray.axes.x = (ray.axes.z + 1) % 3;
    ray.axes.y = (ray.axes.z + 2) % 3;
    ray.shear = vec3(d[ray.axes.x], d[ray.axes.y], 1) / d[ray.axes.z];
    return ray;
}

// Distance to the near side of the box, or -1. What the roundings of the three slabs may take is given back (Ize, "Robust
// BVH Ray Traversal", 2013), so that no box that holds a hit is missed.
float meetsBox(LocalRay ray, vec3 minimum, vec3 maximum, float most) {
    vec3 a = (minimum - ray.origin) * ray.inverse, b = (maximum - ray.origin) * ray.inverse;
    vec3 low = min(a, b), high = max(a, b);
    float near = max(max(low.x, low.y), max(low.z, 0)), far = min(min(high.x, high.y), min(high.z, most)) * 1.0000006;
    return near <= far ? near : -1;
}

// Either side; -1 where it is missed. Edges belong to both neighbours, and no ray slips through between them.
float meetsTriangle(LocalRay ray, vec3 a, vec3 b, vec3 c) {
    a -= ray.origin;
    b -= ray.origin;
    c -= ray.origin;
    vec3 z = vec3(a[ray.axes.z], b[ray.axes.z], c[ray.axes.z]);
    precise vec3 x = vec3(a[ray.axes.x], b[ray.axes.x], c[ray.axes.x]) - ray.shear.x * z;
    precise vec3 y = vec3(a[ray.axes.y], b[ray.axes.y], c[ray.axes.y]) - ray.shear.y * z;
    precise vec3 edge = x.zxy * y.yzx - y.zxy * x.yzx; // of the edges bc, ca, ab; without fused products, so that both sides agree
    if (any(lessThan(edge, vec3(0))) && any(greaterThan(edge, vec3(0)))) return -1;
    float area = edge.x + edge.y + edge.z;
    if (area == 0) return -1;
    float meters = dot(edge, z) * ray.shear.z / area;
    return meters >= 0 ? meters : -1;
}

// The builders' trees are at most 48 deep; each level leaves one box for later.
const uint kStack = 64u;

// One content's tree. `any`: the first triangle that is met will do.
void walkContent(uint content, vec3 origin, vec3 direction, bool any, inout Found best) {
    TraceContentRef contents = TraceContentRef(trace.contents);
    NodeRef nodes = NodeRef(contents.at[content].nodes);
    CornerRef corners = CornerRef(contents.at[content].corners);
    uint64_t hidden = contents.at[content].hidden;
    vec4 e0 = contents.at[content].eyeFromLocal[0], e1 = contents.at[content].eyeFromLocal[1], e2 = contents.at[content].eyeFromLocal[2];
    vec4 l0 = contents.at[content].localFromEye[0], l1 = contents.at[content].localFromEye[1], l2 = contents.at[content].localFromEye[2];
    vec3 from = origin - vec3(e0.w, e1.w, e2.w); // taken off before turning, so nothing cancels
    LocalRay ray = localRay(vec3(dot(l0.xyz, from), dot(l1.xyz, from), dot(l2.xyz, from)),
                            vec3(dot(l0.xyz, direction), dot(l1.xyz, direction), dot(l2.xyz, direction)));
    uint laterNode[kStack];
    float laterMeters[kStack];
    uint top = 0u, node = 0u;
    if (meetsBox(ray, nodes.at[0].minimum, nodes.at[0].maximum, best.meters) < 0) return;
    while (true) {
        uint first = nodes.at[node].first, count = nodes.at[node].count;
        if (count == 0u) {
            float left = meetsBox(ray, nodes.at[first].minimum, nodes.at[first].maximum, best.meters);
            float right = meetsBox(ray, nodes.at[first + 1u].minimum, nodes.at[first + 1u].maximum, best.meters);
            if (left >= 0 || right >= 0) {
                bool leftFirst = left >= 0 && (right < 0 || left <= right);
                node = leftFirst ? first : first + 1u;
                if (left >= 0 && right >= 0 && top < kStack) {
                    laterNode[top] = leftFirst ? first + 1u : first;
                    laterMeters[top] = leftFirst ? right : left;
                    ++top;
                }
                continue;
            }
        } else {
            for (uint i = first; i < first + count; ++i) {
                float meters = meetsTriangle(ray, corners.at[3u * i], corners.at[3u * i + 1u], corners.at[3u * i + 2u]);
                if (meters < 0 || meters > best.meters || isHidden(hidden, i)) continue;
                best = Found(meters, content, i, true);
                if (any) return;
            }
        }
        do {
            if (top == 0u) return;
            --top;
        } while (laterMeters[top] > best.meters);
        node = laterNode[top];
    }
}

// The tree over the contents, whose leaves are one content each.
Found castRay(vec3 origin, vec3 direction, float most, uint kinds, bool any) {
    Found best = Found(most, 0u, 0u, false);
    NodeRef nodes = NodeRef(trace.top);
    LocalRay ray = localRay(origin, direction);
    uint later[kStack];
    uint top = 0u;
    later[top++] = 0u;
    while (top > 0u) {
        uint node = later[--top];
        if (meetsBox(ray, nodes.at[node].minimum, nodes.at[node].maximum, best.meters) < 0) continue;
        uint first = nodes.at[node].first;
        if (nodes.at[node].count == 0u) {
            if (top + 2u > kStack) continue;
            later[top++] = first + 1u;
            later[top++] = first;
        } else if ((TraceContentRef(trace.contents).at[first].kinds & kinds) != 0u) {
            walkContent(first, origin, direction, any, best);
            if (any && best.hit) break;
        }
    }
    return best;
}

#endif

Seen nearest(vec3 direction, float most) {
    Found found = castRay(vec3(0), direction, most, MATOU_TRACE_SHOWS, false);
    if (!found.hit) return Seen(false, most, -direction);
    return Seen(true, found.meters, normalOf(found.content, found.triangle, -direction));
}

bool blocked(vec3 origin, vec3 direction, float most) { return castRay(origin, direction, most, MATOU_TRACE_SHADES, true).hit; }
