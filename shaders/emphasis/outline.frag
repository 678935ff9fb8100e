#version 460
#extension GL_GOOGLE_include_directive : require
#include "lib/frame.glsl"
#include "lib/emphasis.glsl"

layout(set = 0, binding = 14) uniform sampler2D spread;
layout(location = 0) out vec4 outColor; // sRGB bytes, straight alpha

// `over` on top of `under`, both with straight alpha.
vec4 over(vec4 top, vec4 under) {
    float a = top.a + under.a * (1 - top.a);
    return vec4((top.rgb * top.a + under.rgb * under.a * (1 - top.a)) / max(a, 1e-4), a);
}
// Of a line of so many pixels along the edge of the mask, `d` from the middle of its nearest pixel.
float lineAt(float d, float width) { return clamp(width + 1 - d, 0.0, 1.0); }

void main() {
    ivec2 p = ivec2(gl_FragCoord.xy);
    int reach = reachPixels();
    float toSelected = 1e9, toMarked = 1e9, selectedValue = 0, markedValue = 0;
    for (int dy = -reach; dy <= reach; ++dy) {
        ivec2 q = p + ivec2(0, dy);
        if (!inPart(q)) continue;
        vec4 s = texelFetch(spread, q, 0);
        float dx = (1 - s.x) * 16, dm = (1 - s.z) * 16;
        if (s.x > 0 && dx * dx + float(dy * dy) < toSelected) {
            toSelected = dx * dx + float(dy * dy);
            selectedValue = s.y;
        }
        if (s.z > 0 && dm * dm + float(dy * dy) < toMarked) {
            toMarked = dm * dm + float(dy * dy);
            markedValue = s.w;
        }
    }
    toSelected = sqrt(toSelected);
    toMarked = sqrt(toMarked);
    const float width = view.aids.w, px = max(width / 2.5, 0.4);
    vec4 color = vec4(0);
    if (markedValue > 0 && push.marksOn != 0u) {
        int code = int(markedValue * 16 + 0.5);
        bool hidden = (code & 1) == 0;
        vec3 own = unpackUnorm4x8(push.mark[clamp(code / 2, 1, 4) - 1]).rgb;
        if (toMarked < 0.5) { // inside: hatched where something stands in front, a breath of colour where nothing does
            float stripe = abs(fract((gl_FragCoord.x + gl_FragCoord.y) / (9 * px)) - 0.5) * 9 * px; // pixels from a gap's middle
            color = hidden ? vec4(own, mix(0.14, 1.0, clamp(stripe - 2.9 * px + 0.5, 0.0, 1.0))) : vec4(own, 0.16);
        } else {
            color = over(vec4(own, lineAt(toMarked, width * 0.8)), vec4(unpackUnorm4x8(push.casing).rgb, 0.6 * lineAt(toMarked, width * 0.8 + px)));
        }
    }
    if (selectedValue > 0 && toSelected >= 0.5) {
        bool hidden = selectedValue < 0.75;
        vec4 line = unpackUnorm4x8(push.outline), casing = unpackUnorm4x8(push.casing);
        // What stands in front keeps the upper hand: there the line is thin and lets it shine through.
        if (hidden) color = over(vec4(line.rgb, line.a * 0.5 * lineAt(toSelected, width * 0.5)), color);
        else color = over(vec4(line.rgb, line.a * lineAt(toSelected, width)), over(vec4(casing.rgb, casing.a * lineAt(toSelected, width + 1.2 * px)), color));
    }
    if (color.a <= 0) discard;
    outColor = color;
}
