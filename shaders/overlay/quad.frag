#version 460
#extension GL_GOOGLE_include_directive : require
#include "lib/frame.glsl"

layout(set = 0, binding = 5) uniform sampler2D glyphAtlas;
layout(constant_id = 0) const float kSpreadTexels = 8;

layout(location = 0) in vec2 pixel;
layout(location = 1) flat in uvec4 style;
layout(location = 2) flat in vec4 shape;
layout(location = 3) flat in vec4 texels;
layout(location = 0) out vec4 outColor; // sRGB bytes as they are: nothing may change an alarm's colour

float box(vec2 p, vec2 half_, float round_) {
    vec2 q = abs(p) - half_ + round_;
    return length(max(q, 0)) + min(max(q.x, q.y), 0) - round_;
}

// Distance in pixels to the edge of an icon of radius r about the origin, y down; negative inside.
float icon(uint kind, vec2 p, float r) {
    if (kind == 0u) return length(p) - r;
    if (kind == 1u) { // triangle, point up
        const vec2 n = vec2(0.8944, -0.4472);
        return max(dot(vec2(abs(p.x), p.y), n) - r * 0.4472, p.y - r * 0.86) ;
    }
    if (kind == 2u) return (abs(p.x) + abs(p.y) - r) * 0.7071;
    if (kind == 3u) { // octagon
        p = abs(p);
        return max(max(p.x, p.y) - r * 0.94, (p.x + p.y) * 0.7071 - r * 0.94);
    }
    if (kind == 4u) return box(p, vec2(r * 0.86), r * 0.16);
    if (kind == 5u) { // camera: a body and a lens hood
        float body = box(p - vec2(-0.22 * r, 0.05 * r), vec2(0.70 * r, 0.50 * r), 0.14 * r);
        vec2 q = p - vec2(0.34 * r, 0.05 * r);
        float hood = max(max(-q.x, q.x - 0.60 * r), abs(q.y) - 0.12 * r - 0.52 * max(q.x, 0.0));
        return min(body, hood);
    }
    if (kind == 6u) return abs(length(p) - r * 0.80) - r * 0.18; // ring
    // drop: a round head whose tangents meet in a point below
    vec2 c = vec2(0, -0.28 * r);
    float head = length(p - c) - 0.70 * r;
    vec2 q = vec2(abs(p.x), p.y);
    const vec2 n = vec2(0.8377, 0.5461);
    float tail = max(dot(q - vec2(0, r), n), -(q.y - (c.y + 0.70 * r * 0.5461)));
    return min(head, tail);
}

void main() {
    vec4 fill = unpackUnorm4x8(style.y), edge = unpackUnorm4x8(style.z);
    vec4 color;
    if (style.x < MATOU_QUAD_PLATE) {
        vec2 p = pixel - 0.5 * shape.xy;
        float r = 0.5 * shape.x;
        float d = icon(style.x, p, r);
        float inside = clamp(0.5 - d, 0.0, 1.0);
        float inner = clamp(0.5 - (d + (style.w != 0u ? max(shape.z, 2.2) : shape.z)), 0.0, 1.0);
        if (style.w == 1u || (style.w == 2u && r < 7.0)) {
            float dash = fract(atan(p.y, p.x) / (2 * kPi) * 8);
            float band = (inside - inner) * clamp((abs(dash - 0.5) - 0.17) * r * 0.8 + 0.5, 0.0, 1.0);
            vec4 rim = style.w == 2u && fill.a > 0.5 ? fill : edge; // small marks have their colour in the filling
            color = vec4(rim.rgb, rim.a * band);
        } else {
            float coverage = inside * mix(edge.a, fill.a, inner);
            color = vec4(mix(edge.rgb, fill.rgb, shape.z > 0 ? inner : 1), coverage);
            if (shape.z <= 0) color.a = fill.a * inside;
            // Its place is hidden: hatched like the silhouettes behind, but for the disc that the numeral stands on.
            if (style.w == 2u) {
                float period = max(r * 0.30, 5.0), gap = (abs(fract((p.x + p.y) / period) - 0.5) - 0.29) * period * 0.7071;
                float cut = clamp(gap + 0.5, 0.0, 1.0) * clamp(length(p) - 0.5 * r + 0.5, 0.0, 1.0);
                color.rgb = mix(color.rgb, vec3(0.06, 0.09, 0.12), cut); // dark, not clear: what lies below is no part of it
            }
        }
    } else if (style.x == MATOU_QUAD_PLATE) {
        float d = box(pixel - 0.5 * shape.xy, 0.5 * shape.xy, min(4.0, 0.5 * shape.y));
        color = vec4(fill.rgb, fill.a * clamp(0.5 - d, 0.0, 1.0));
    } else {
        vec2 uv = texels.xy + pixel / max(shape.xy, vec2(1e-3)) * texels.zw;
        float perPixel = texels.z / max(shape.x, 1e-3);
        float distance = (textureLod(glyphAtlas, uv / vec2(textureSize(glyphAtlas, 0)), 0).r - 128.0 / 255.0) * 2 * kSpreadTexels / perPixel;
        if (style.x == MATOU_QUAD_HALO) color = vec4(edge.rgb, edge.a * clamp(distance + shape.z + 0.5, 0.0, 1.0));
        else color = vec4(fill.rgb, fill.a * clamp(distance + 0.5, 0.0, 1.0));
    }
    color.a *= shape.w;
    if (color.a <= 0) discard;
    outColor = color;
}
